//! Large products: blocks of both operands are copied into the order in which they are read, so that the
//! innermost loop reads two arrays from front to back. (Goto and van de Geijn, "Anatomy of
//! high-performance matrix multiplication", 2008.)

use super::turn::turn;
use super::{Job, Shape, Strides};
use crate::backend::cpu::f32x4::F32x4;
use std::cell::RefCell;

const LANES: usize = F32x4::LANES;
/// Rows of the tile in registers.
const ROWS: usize = 4;
/// Its columns, two vectors: eight sums, two columns, a splat and a product fit the 15 vector registers
/// that V8 has for them on x86-64.
const COLUMNS: usize = 2 * LANES;
/// A right panel of K·COLUMNS and a left one of K·ROWS floats stay in the first cache: 12 kB.
const K_BLOCK: usize = 256;
/// Left panels of one block stay in the second cache: 128 kB.
const M_BLOCK: usize = 128;
/// Right panels of one block stay in the second or third: 512 kB.
const N_BLOCK: usize = 512;

/// About how many sums there are, those of the edges' missing rows and columns too.
pub(super) fn cost(shape: &Shape) -> usize {
    shape.m.next_multiple_of(ROWS).saturating_mul(shape.n.next_multiple_of(COLUMNS))
}

/// A cache line, so that a panel begins with one.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[expect(dead_code, reason = "read and written through pointers")] [f32; 16]);

thread_local! {
    static BLOCKS: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// # Safety
/// The job's pointers are to matrices of its sizes and strides, none of which is 0.
pub(super) unsafe fn run(job: &Job<'_>) {
    let Shape { m, k, n, .. } = *job.shape;
    let k_block = k.min(K_BLOCK);
    let left = m.min(M_BLOCK).next_multiple_of(ROWS) * k_block;
    let right = n.min(N_BLOCK).next_multiple_of(COLUMNS) * k_block;
    BLOCKS.with_borrow_mut(|blocks| {
        let room = left.div_ceil(16) + right.div_ceil(16);
        if blocks.len() < room {
            blocks.resize(room, Line([0.0; 16]));
        }
        let (left_blocks, right_blocks) = blocks.split_at_mut(left.div_ceil(16));
        // SAFETY: the caller's; there is room for both blocks.
        unsafe { all_blocks(job, left_blocks.as_mut_ptr().cast(), right_blocks.as_mut_ptr().cast()) };
    });
}

#[inline(never)]
unsafe fn all_blocks(job: &Job<'_>, left: *mut f32, right: *mut f32) {
    let Shape { m, k, n, a, b } = *job.shape;
    // SAFETY: each block lies within its matrix.
    unsafe {
        for j in (0..n).step_by(N_BLOCK) {
            let columns = (n - j).min(N_BLOCK);
            for p in (0..k).step_by(K_BLOCK) {
                let depth = (k - p).min(K_BLOCK);
                let from = job.b.add(p * b.row + j * b.column);
                pack::<2>(from, b.transposed(), (columns, depth), right);
                let mut block = *job;
                block.relu = job.relu && p + depth == k;
                if p > 0 {
                    block.start = job.out.cast_const();
                    block.start_strides = job.out_strides;
                }
                for i in (0..m).step_by(M_BLOCK) {
                    let rows = (m - i).min(M_BLOCK);
                    pack::<1>(job.a.add(i * a.row + p * a.column), a, (rows, depth), left);
                    one_block(&block, (i, j), (rows, depth, columns), (left, right));
                }
            }
        }
    }
}

/// Copies `(width, depth)` of a matrix, of which a row is an index of the result, to panels of V·4 rows:
/// first all rows' elements 0, then all elements 1, and so on. Rows that the last panel lacks repeat
/// another; their sums are never stored.
///
/// # Safety
/// `from` is a matrix of that size, `to` has room for all panels.
#[inline(never)]
unsafe fn pack<const V: usize>(
    from: *const f32,
    strides: Strides,
    (width, depth): (usize, usize),
    to: *mut f32,
) {
    let wide = V * LANES;
    // SAFETY: places read are at rows below `width` and columns below `depth`.
    unsafe {
        for i in (0..width).step_by(wide) {
            let (from, to) = (from.add(i * strides.row), to.add(i * depth));
            if strides.row == 1 && i + wide <= width {
                for p in 0..depth {
                    for v in 0..V {
                        let (from, to) = (from.add(p * strides.column), to.add(p * wide));
                        F32x4::read(from.add(v * LANES)).write(to.add(v * LANES));
                    }
                }
                continue;
            }
            turn::<V>(from, strides, (width - i, depth), to, wide);
        }
    }
}

/// All tiles of a block of the result that begins at (i, j).
unsafe fn one_block(
    job: &Job<'_>,
    (i, j): (usize, usize),
    (rows, depth, columns): (usize, usize, usize),
    (left, right): (*const f32, *const f32),
) {
    // SAFETY: the panels are whole, and as long as the depth.
    unsafe {
        for c in (0..columns).step_by(COLUMNS) {
            for r in (0..rows).step_by(ROWS) {
                let sizes = ((rows - r).min(ROWS), (columns - c).min(COLUMNS));
                tile(job, (i + r, j + c), sizes, depth, left.add(r * depth), right.add(c * depth));
            }
        }
    }
}

/// A tile of the result: its start, `depth` steps of k, its end.
///
/// # Safety
/// The panels are `depth` long, which is not 0, and the result has the tile's rows and columns.
#[inline(never)]
unsafe fn tile(
    job: &Job<'_>,
    (i, j): (usize, usize),
    (rows, columns): (usize, usize),
    depth: usize,
    left: *const f32,
    right: *const f32,
) {
    let s = job.start_strides;
    let o = job.out_strides;
    let whole = rows == ROWS && columns == COLUMNS;
    let mut edge = [0f32; ROWS * COLUMNS];
    // SAFETY: only rows and columns of the result are read and written in it.
    unsafe {
        let start = job.start.add(i * s.row + j * s.column);
        let (from, next, splat) = if s.column == 0 && (whole || s.row == 0) {
            (start, s.row, true)
        } else if whole && s.column == 1 {
            (start, s.row, false)
        } else {
            for r in 0..rows {
                for c in 0..columns {
                    edge[r * COLUMNS + c] = *start.add(r * s.row + c * s.column);
                }
            }
            (edge.as_ptr(), COLUMNS, false)
        };
        let row = |r: usize| {
            let from = from.add(r * next);
            if splat { [F32x4::splat_at(from); 2] } else { [F32x4::read(from), F32x4::read(from.add(LANES))] }
        };
        let mut sums = sum(depth, left, right, [row(0), row(1), row(2), row(3)]);
        if job.relu {
            sums = sums.map(|[x, y]| [x.relu(), y.relu()]);
        }
        let out = job.out.add(i * o.row + j * o.column);
        let [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = sums;
        if whole && o.row == 1 {
            // The result's columns are neighbours.
            for (at, part) in [(0, [x0, x1, x2, x3]), (LANES, [y0, y1, y2, y3])] {
                let [x, y, z, w] = F32x4::transpose(part);
                x.write(out.add(at * o.column));
                y.write(out.add((at + 1) * o.column));
                z.write(out.add((at + 2) * o.column));
                w.write(out.add((at + 3) * o.column));
            }
            return;
        }
        let direct = whole && o.column == 1;
        let (to, next) = if direct { (out, o.row) } else { (edge.as_mut_ptr(), COLUMNS) };
        x0.write(to);
        y0.write(to.add(LANES));
        x1.write(to.add(next));
        y1.write(to.add(next + LANES));
        x2.write(to.add(2 * next));
        y2.write(to.add(2 * next + LANES));
        x3.write(to.add(3 * next));
        y3.write(to.add(3 * next + LANES));
        if !direct {
            for r in 0..rows {
                for c in 0..columns {
                    *out.add(r * o.row + c * o.column) = edge[r * COLUMNS + c];
                }
            }
        }
    }
}

/// The innermost loop: `sums[r] += left[k][r] · right[k]` for all k in order. The sums are spelt out, so
/// that they are registers at every level of optimisation.
///
/// Four steps are written one after the other, and between them stands the question whether k has ended.
/// It costs next to nothing, and without it the compiler would order the four steps' operations by sum
/// instead of by step, which needs three times the registers.
///
/// # Safety
/// The panels are `depth` long, which is not 0.
#[inline(always)]
unsafe fn sum(depth: usize, left: *const f32, right: *const f32, start: [[F32x4; 2]; 4]) -> [[F32x4; 2]; 4] {
    let [[mut x0, mut y0], [mut x1, mut y1], [mut x2, mut y2], [mut x3, mut y3]] = start;
    let (mut left, mut right, mut rest) = (left, right, depth);
    macro_rules! step {
        ($u:literal) => {
            let (x, y) = (F32x4::read(right.add($u * COLUMNS)), F32x4::read(right.add($u * COLUMNS + LANES)));
            let a = F32x4::splat_at(left.add($u * ROWS));
            x0 = x0 + a * x;
            y0 = y0 + a * y;
            let a = F32x4::splat_at(left.add($u * ROWS + 1));
            x1 = x1 + a * x;
            y1 = y1 + a * y;
            let a = F32x4::splat_at(left.add($u * ROWS + 2));
            x2 = x2 + a * x;
            y2 = y2 + a * y;
            let a = F32x4::splat_at(left.add($u * ROWS + 3));
            x3 = x3 + a * x;
            y3 = y3 + a * y;
            if rest == $u + 1 {
                break;
            }
        };
    }
    // SAFETY: as this function's: `rest` steps are left.
    unsafe {
        loop {
            step!(0);
            step!(1);
            step!(2);
            step!(3);
            rest -= 4;
            left = left.add(4 * ROWS);
            right = right.add(4 * COLUMNS);
        }
    }
    [[x0, y0], [x1, y1], [x2, y2], [x3, y3]]
}
