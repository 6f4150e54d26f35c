//! One row times a matrix: every element of the matrix is used once, so what counts is to read it in the
//! order in which it lies.

use super::{Job, Shape};
use crate::backend::cpu::f32x4::F32x4;

const LANES: usize = F32x4::LANES;
/// Elements of a matrix up to which tiles of the small kernel are faster than going along its rows.
const FEW: usize = 512;
/// Rows that are added at a time: so many streams the processor fetches ahead.
const MANY: usize = 8;

/// One row on the left, and a right operand with neighbours along rows or columns.
pub(super) fn can(shape: &Shape) -> bool {
    shape.m == 1 && shape.n > 1 && (shape.b.column == 1 || shape.b.row == 1)
}

pub(super) fn suits(shape: &Shape) -> bool {
    shape.b.column != 1 || shape.n < LANES || shape.k.saturating_mul(shape.n) > FEW
}

/// # Safety
/// The job's pointers are to matrices of its sizes and strides, `can` holds.
pub(super) unsafe fn run(job: &Job<'_>) {
    // SAFETY: the caller's.
    unsafe { if job.shape.b.column == 1 { along_rows(job) } else { down_columns(job) } }
}

/// The matrix's rows, several at a time, added to the result.
///
/// # Safety
/// As [`run`], with b's columns one apart.
#[inline(never)]
unsafe fn along_rows(job: &Job<'_>) {
    let Shape { k, n, .. } = *job.shape;
    // SAFETY: columns are below n and rows below k; the result's columns are one apart, as those of any
    // result with one row are.
    unsafe {
        if !std::ptr::eq(job.start, job.out) {
            for j in 0..n {
                *job.out.add(j) = *job.start.add(j * job.start_strides.column);
            }
        }
        let mut p = 0;
        while k - p >= MANY {
            add_many(job, p);
            p += MANY;
        }
        while p < k {
            add_one(job, p);
            p += 1;
        }
        if job.relu {
            for j in 0..n {
                if *job.out.add(j) < 0.0 {
                    *job.out.add(j) = 0.0;
                }
            }
        }
    }
}

/// `out += Σ a[p] b[p]` over the rows p of the matrix from the given one on. (Spelt out, since small builds
/// unroll no loops over arrays.)
macro_rules! add_rows {
    ($($name:ident: $($x:ident $row:ident $r:literal),+;)+) => {
        $(/// # Safety
        /// As [`along_rows`], with so many rows from p on.
        #[inline(always)]
        unsafe fn $name(job: &Job<'_>, p: usize) {
            let Shape { n, a, b, .. } = *job.shape;
            // SAFETY: columns are below n.
            unsafe {
                $(let $x = F32x4::splat_at(job.a.add((p + $r) * a.column));
                let $row = job.b.add((p + $r) * b.row);)+
                let mut j = 0;
                while n - j >= LANES {
                    let mut sum = F32x4::read(job.out.add(j));
                    $(sum = sum + $x * F32x4::read($row.add(j));)+
                    sum.write(job.out.add(j));
                    j += LANES;
                }
                while j < n {
                    let mut sum = *job.out.add(j);
                    $(sum += *job.a.add((p + $r) * a.column) * *$row.add(j);)+
                    *job.out.add(j) = sum;
                    j += 1;
                }
            }
        })+
    };
}

add_rows! {
    add_one: x row 0;
    add_many: x0 row0 0, x1 row1 1, x2 row2 2, x3 row3 3, x4 row4 4, x5 row5 5, x6 row6 6, x7 row7 7;
}

/// The matrix's columns lie as rows of memory: four or sixteen of them at a time, turned in registers.
///
/// # Safety
/// As [`run`], with b's rows one apart.
#[inline(never)]
unsafe fn down_columns(job: &Job<'_>) {
    let n = job.shape.n;
    let mut j = 0;
    // SAFETY: columns are below n, or repeat the last one.
    unsafe {
        while n - j >= 4 * LANES {
            columns::<4>(job, j);
            j += 4 * LANES;
        }
        while j < n {
            columns::<1>(job, j);
            j += LANES;
        }
    }
}

/// Four times G columns from j on, of which those below n are stored.
///
/// # Safety
/// As [`down_columns`]; all columns but those of the last four are below n.
#[inline(always)]
unsafe fn columns<const G: usize>(job: &Job<'_>, j: usize) {
    let Shape { k, n, a, b, .. } = *job.shape;
    let last = n - 1;
    // SAFETY: no column past the last is read or written.
    unsafe {
        let place = |g: usize, c: usize| job.b.add((j + g * LANES + c).min(last) * b.column);
        let from: [[*const f32; 4]; G] = std::array::from_fn(|g| std::array::from_fn(|c| place(g, c)));
        let mut sums: [F32x4; G] = std::array::from_fn(|g| {
            let at = |c: usize| job.start.add((j + g * LANES + c).min(last) * job.start_strides.column);
            F32x4::collect([at(0), at(1), at(2), at(3)])
        });
        let mut p = 0;
        while p + 4 <= k {
            let x: [F32x4; 4] = std::array::from_fn(|q| F32x4::splat_at(job.a.add((p + q) * a.column)));
            for g in 0..G {
                let turned = F32x4::transpose(from[g].map(|from| F32x4::read(from.add(p))));
                for q in 0..4 {
                    sums[g] = sums[g] + x[q] * turned[q];
                }
            }
            p += 4;
        }
        while p < k {
            let x = F32x4::splat_at(job.a.add(p * a.column));
            for g in 0..G {
                sums[g] = sums[g] + x * F32x4::collect(from[g].map(|from| from.add(p)));
            }
            p += 1;
        }
        for (g, sum) in sums.into_iter().enumerate() {
            let sum = if job.relu { sum.relu() } else { sum };
            let first = j + g * LANES;
            if first + LANES <= n {
                sum.write(job.out.add(first));
            } else {
                let lanes = sum.array();
                for c in first..n {
                    *job.out.add(c) = lanes[c - first];
                }
            }
        }
    }
}
