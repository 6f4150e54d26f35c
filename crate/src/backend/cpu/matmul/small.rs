//! Small products: the operands are read where they lie. Tiles of up to four rows and eight columns stay
//! in registers while k runs.

use super::turn::turn;
use super::{Job, Shape};
use crate::backend::cpu::f32x4::F32x4;
use std::mem::MaybeUninit;
use std::ops::Range;

const LANES: usize = F32x4::LANES;

/// Elements of either operand up to which this beats copying into blocks, measured in V8: what is read
/// again and again stays in the first cache.
const LARGEST: usize = 10 << 10;

/// Room on the stack for a right operand that has to be turned.
const ROOM: usize = 1 << 10;

/// Aligned, so that no vector lies across two cache lines.
#[repr(align(64))]
struct Buffer([MaybeUninit<f32>; ROOM]);

/// Rows of the result are vectors, so the right operand's columns must be neighbours, four or more;
/// otherwise it is copied.
fn copies(shape: &Shape) -> bool {
    shape.b.column != 1 || shape.n < LANES
}

pub(super) fn can(shape: &Shape) -> bool {
    !copies(shape) || shape.k.saturating_mul(shape.n.next_multiple_of(LANES)) <= ROOM
}

pub(super) fn suits(shape: &Shape) -> bool {
    let largest = shape.m.max(shape.n).saturating_mul(shape.k);
    can(shape) && (shape.m > 1 || shape.n > 1) && largest <= LARGEST
}

/// About how many vector operations it takes.
pub(super) fn cost(shape: &Shape) -> usize {
    let columns = shape.n.div_ceil(LANES);
    let sums = shape.m.saturating_mul(columns).saturating_mul(2 * shape.k + 2);
    match copies(shape) {
        false => sums,
        true if can(shape) => sums.saturating_add(shape.k * columns * 4),
        true => usize::MAX,
    }
}

/// # Safety
/// The job's pointers are to matrices of its sizes and strides, none of which is 0; `can` holds.
pub(super) unsafe fn run(job: &Job<'_>) {
    let mut buffer = Buffer([const { MaybeUninit::uninit() }; ROOM]);
    let Shape { k, n, b, .. } = *job.shape;
    // SAFETY: the caller's; the buffer has room for the copy, as `can` has seen.
    unsafe {
        if !copies(job.shape) {
            return all(job, Right { first: job.b, row: b.row });
        }
        let wide = n.next_multiple_of(LANES);
        let copy = buffer.0.as_mut_ptr().cast::<f32>();
        for j in (0..n).step_by(LANES) {
            turn::<1>(job.b.add(j * b.column), b.transposed(), (n - j, k), copy.add(j), wide);
        }
        all(job, Right { first: copy, row: wide });
    }
}

/// A right operand of which the columns are neighbours.
#[derive(Clone, Copy)]
struct Right {
    first: *const f32,
    row: usize,
}

/// All tiles, four rows high, and two and one at the end.
///
/// # Safety
/// As [`run`], and the right operand has four columns at least, whatever n is.
#[inline(never)]
unsafe fn all(job: &Job<'_>, right: Right) {
    let m = job.shape.m;
    let mut i = 0;
    // SAFETY: the rows i, i + 1, … are below m.
    unsafe {
        while m - i >= 4 {
            rows::<4>(job, right, i);
            i += 4;
        }
        if m - i >= 2 {
            rows::<2>(job, right, i);
            i += 2;
        }
        if m > i {
            rows::<1>(job, right, i);
        }
    }
}

/// R rows, in tiles of eight columns, then four. Where fewer are left, the tile reaches back over columns
/// that are done, and finds the same again; if that cannot be, only the missing ones are stored.
///
/// # Safety
/// As [`all`], and i + R ≤ m.
#[inline(always)]
unsafe fn rows<const R: usize>(job: &Job<'_>, right: Right, i: usize) {
    let n = job.shape.n;
    // SAFETY: the tiles' columns are below n, but for an edge of fewer than four.
    unsafe {
        let rows = Rows::<R> {
            job,
            right,
            left: std::array::from_fn(|r| job.a.add((i + r) * job.shape.a.row)),
            start: std::array::from_fn(|r| job.start.add((i + r) * job.start_strides.row)),
            out: std::array::from_fn(|r| job.out.add((i + r) * job.out_strides.row)),
        };
        let mut j = 0;
        while n - j >= 2 * LANES {
            rows.tile::<2>(j);
            j += 2 * LANES;
        }
        while j < n {
            if n - j >= LANES {
                rows.tile::<1>(j);
            } else if n > LANES && !std::ptr::eq(job.start, job.out) {
                j = n - LANES;
                continue;
            } else {
                rows.edge(j);
            }
            j += LANES;
        }
    }
}

/// Where rows of the left operand, the start and the result begin.
struct Rows<'a, const R: usize> {
    job: &'a Job<'a>,
    right: Right,
    left: [*const f32; R],
    start: [*const f32; R],
    out: [*mut f32; R],
}

impl<const R: usize> Rows<'_, R> {
    /// Four times V columns from j on.
    ///
    /// # Safety
    /// They are there.
    #[inline(always)]
    unsafe fn tile<const V: usize>(&self, j: usize) {
        let (step, apart) = (self.job.start_strides.column, self.job.out_strides.column);
        // SAFETY: as this function's.
        unsafe {
            let begin = match step {
                0 => self.start.map(|start| [F32x4::splat_at(start); V]),
                1 => self.start.map(|start| std::array::from_fn(|v| F32x4::read(start.add(j + v * LANES)))),
                _ => self.start.map(|start| {
                    std::array::from_fn(|v| some(start.add((j + v * LANES) * step), step, 0..LANES))
                }),
            };
            let sums = self.sum::<V>(j, begin);
            for (out, row) in self.out.into_iter().zip(sums) {
                for (v, sum) in row.into_iter().enumerate() {
                    let to = out.add((j + v * LANES) * apart);
                    if apart == 1 {
                        sum.write(to);
                    } else {
                        let [x, y, z, w] = sum.array();
                        *to = x;
                        *to.add(apart) = y;
                        *to.add(2 * apart) = z;
                        *to.add(3 * apart) = w;
                    }
                }
            }
        }
    }

    /// The one to three last columns, from j on.
    ///
    /// # Safety
    /// j is below n, by no more than three.
    #[inline(always)]
    unsafe fn edge(&self, j: usize) {
        let n = self.job.shape.n;
        let (step, apart) = (self.job.start_strides.column, self.job.out_strides.column);
        // The right operand has columns for four lanes, if need be some before j.
        let back = if n > LANES { j + LANES - n } else { 0 };
        let lanes = back..back + n - j;
        // SAFETY: only columns below n are read and written in the result.
        unsafe {
            let begin = self.start.map(|start| [some(start.add(j * step), step, lanes.clone())]);
            let sums = self.sum(j - back, begin);
            for (out, [sum]) in self.out.into_iter().zip(sums) {
                let all = sum.array();
                for c in lanes.clone() {
                    *out.add((j + c - back) * apart) = all[c];
                }
            }
        }
    }

    /// `begin + Σ a[k] b[k][j + c]` for each row, and the epilogue.
    ///
    /// # Safety
    /// The right operand has 4·V columns from j on.
    #[inline(always)]
    unsafe fn sum<const V: usize>(&self, j: usize, begin: [[F32x4; V]; R]) -> [[F32x4; V]; R] {
        let &Shape { k, a, .. } = self.job.shape;
        let mut sums = begin;
        let mut left = self.left;
        // SAFETY: as this function's.
        unsafe {
            let mut right = self.right.first.add(j);
            for _ in 0..k {
                let columns: [F32x4; V] = std::array::from_fn(|v| F32x4::read(right.add(v * LANES)));
                for r in 0..R {
                    let x = F32x4::splat_at(left[r]);
                    for v in 0..V {
                        sums[r][v] = sums[r][v] + x * columns[v];
                    }
                    left[r] = left[r].wrapping_add(a.column);
                }
                right = right.wrapping_add(self.right.row);
            }
        }
        if self.job.relu { sums.map(|row| row.map(F32x4::relu)) } else { sums }
    }
}

/// Some lanes of a vector, from places that lie `step` apart; zeros else.
///
/// # Safety
/// They can be read.
#[inline(never)]
unsafe fn some(from: *const f32, step: usize, lanes: Range<usize>) -> F32x4 {
    let mut all = [0.0; LANES];
    for (i, lane) in all[lanes].iter_mut().enumerate() {
        // SAFETY: the caller's.
        *lane = unsafe { *from.add(i * step) };
    }
    // SAFETY: there are four.
    unsafe { F32x4::read(all.as_ptr()) }
}
