//! Small products: the operands are read where they lie. Tiles of up to four rows and eight columns stay
//! in registers while k runs.

use super::{Job, Shape, Strides};
use crate::backend::cpu::f32x4::F32x4;
use std::mem::MaybeUninit;

/// Multiplications up to which this beats copying into blocks, measured in V8.
pub(super) const LARGEST: usize = 8 << 10;

/// Room on the stack for a right operand that has to be turned.
const ROOM: usize = 2048;

/// A row's vectors.
const LANES: usize = F32x4::LANES;

/// Rows of the result are vectors, so the right operand's columns must be neighbours, four or more;
/// otherwise it is copied.
fn copies(shape: &Shape) -> bool {
    shape.b.column != 1 || shape.n < LANES
}

pub(super) fn can(shape: &Shape) -> bool {
    !copies(shape) || shape.k.saturating_mul(shape.n.next_multiple_of(LANES)) <= ROOM
}

/// About how many vector operations it takes.
pub(super) fn cost(shape: &Shape) -> usize {
    let columns = shape.n.div_ceil(LANES);
    let sums = shape.m.saturating_mul(columns).saturating_mul(2 * shape.k + 2);
    match copies(shape) {
        false => sums,
        true => sums.saturating_add(shape.k.saturating_mul(columns).saturating_mul(4)),
    }
}

/// # Safety
/// The job's pointers are to matrices of its sizes and strides, `can` holds.
pub(super) unsafe fn run(job: &Job) {
    let mut buffer = [const { MaybeUninit::<f32>::uninit() }; ROOM];
    // SAFETY: the caller's; the buffer has room for the copy, as `can` has seen.
    unsafe {
        if !copies(&job.shape) {
            return blocks(job, job.shape.n);
        }
        let wide = job.shape.n.next_multiple_of(LANES);
        let packed = buffer.as_mut_ptr().cast::<f32>();
        turn(&job.shape, job.b, packed, wide);
        let shape = Shape { b: Strides::row_major(wide), ..job.shape };
        blocks(&Job { shape, b: packed, ..*job }, wide);
    }
}

/// Copies the right operand to rows of `wide` elements, with zeros after its last column.
///
/// # Safety
/// `b` is a matrix of the shape's right operand, `to` has room for `k · wide`.
unsafe fn turn(shape: &Shape, b: *const f32, to: *mut f32, wide: usize) {
    let &Shape { k, n, b: strides, .. } = shape;
    let whole = if strides.row == 1 { (n - n % LANES, k - k % LANES) } else { (0, 0) };
    // SAFETY: every place read is at a row below k and a column below n.
    unsafe {
        for j in (0..whole.0).step_by(LANES) {
            for p in (0..whole.1).step_by(LANES) {
                let from = b.add(j * strides.column + p);
                let at = |i: usize| F32x4::read(from.add(i * strides.column));
                let [x, y, z, w] = F32x4::transpose([at(0), at(1), at(2), at(3)]);
                let to = to.add(p * wide + j);
                x.write(to);
                y.write(to.add(wide));
                z.write(to.add(2 * wide));
                w.write(to.add(3 * wide));
            }
        }
        for p in 0..k {
            let first = if p < whole.1 { whole.0 } else { 0 };
            for j in first..n {
                *to.add(p * wide + j) = *b.add(p * strides.row + j * strides.column);
            }
            for j in n..wide {
                *to.add(p * wide + j) = 0.0;
            }
        }
    }
}

/// All tiles. Of a right operand with `wide` columns, those past the result's are zeros.
///
/// # Safety
/// As [`run`], and `b` is row-major with `wide` columns.
unsafe fn blocks(job: &Job, wide: usize) {
    let m = job.shape.m;
    let mut i = 0;
    // SAFETY: the rows i, i + 1, … are below m.
    unsafe {
        while i + 4 <= m {
            rows::<4>(job, i, wide);
            i += 4;
        }
        match m - i {
            3 => rows::<3>(job, i, wide),
            2 => rows::<2>(job, i, wide),
            1 => rows::<1>(job, i, wide),
            _ => {}
        }
    }
}

/// R rows, in tiles of eight columns, then four; the last tile may reach back over columns that are done,
/// and stores only those that are not.
///
/// # Safety
/// As [`blocks`], and i + R ≤ m.
#[inline(always)]
unsafe fn rows<const R: usize>(job: &Job, i: usize, wide: usize) {
    let n = job.shape.n;
    let mut j = 0;
    // SAFETY: the tiles' columns are below `wide`, and those that are stored below n.
    unsafe {
        while j + 2 * LANES <= n {
            tile::<R, 2>(job, (i, j), 0..2 * LANES);
            j += 2 * LANES;
        }
        if j + LANES <= n {
            tile::<R, 1>(job, (i, j), 0..LANES);
            j += LANES;
        }
        if j < n {
            let back = (j + LANES).saturating_sub(wide);
            tile::<R, 1>(job, (i, j - back), back..n - j + back);
        }
    }
}

/// R rows and four times V columns from (i, j); the columns `keep` are stored.
///
/// # Safety
/// As [`blocks`], i + R ≤ m, the right operand has all the columns, and the result those of `keep`.
#[inline(always)]
unsafe fn tile<const R: usize, const V: usize>(
    job: &Job,
    (i, j): (usize, usize),
    keep: std::ops::Range<usize>,
) {
    let Shape { k, a, b, .. } = job.shape;
    let all = keep.len() == V * LANES;
    // SAFETY: as this function's.
    unsafe {
        let mut sums = [[F32x4::splat(0.0); V]; R];
        let s = job.start_strides;
        for r in 0..R {
            let from = job.start.add((i + r) * s.row);
            if s.column == 0 {
                sums[r] = [F32x4::splat_at(from); V];
            } else if all && s.column == 1 {
                sums[r] = std::array::from_fn(|v| F32x4::read(from.add(j + v * LANES)));
            } else {
                let mut lanes = [[0.0; LANES]; V];
                for c in keep.clone() {
                    lanes[c / LANES][c % LANES] = *from.add((j + c) * s.column);
                }
                sums[r] = std::array::from_fn(|v| F32x4::read(lanes[v].as_ptr()));
            }
        }
        let mut left: [*const f32; R] = std::array::from_fn(|r| job.a.add((i + r) * a.row));
        let mut right = job.b.add(j);
        for _ in 0..k {
            let columns: [F32x4; V] = std::array::from_fn(|v| F32x4::read(right.add(v * LANES)));
            for r in 0..R {
                let x = F32x4::splat_at(left[r]);
                for v in 0..V {
                    sums[r][v] = sums[r][v] + x * columns[v];
                }
                left[r] = left[r].wrapping_add(a.column);
            }
            right = right.wrapping_add(b.row);
        }
        let o = job.out_strides;
        for r in 0..R {
            let to = job.out.add((i + r) * o.row);
            let row = if job.relu { sums[r].map(F32x4::relu) } else { sums[r] };
            if all && o.column == 1 {
                for v in 0..V {
                    row[v].write(to.add(j + v * LANES));
                }
            } else {
                let lanes = row.map(F32x4::array);
                for c in keep.clone() {
                    *to.add((j + c) * o.column) = lanes[c / LANES][c % LANES];
                }
            }
        }
    }
}
