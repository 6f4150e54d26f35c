//! One row times a matrix: every element of the matrix is used once, so what counts is to read it in the
//! order in which it lies.

use super::{Job, Shape};
use crate::backend::cpu::f32x4::F32x4;

const LANES: usize = F32x4::LANES;

/// One row on the left, and a right operand with neighbours along rows or columns.
pub(super) fn can(shape: &Shape) -> bool {
    shape.m == 1 && shape.n > 1 && (shape.b.column == 1 || shape.b.row == 1)
}

/// # Safety
/// The job's pointers are to matrices of its sizes and strides, `can` holds.
pub(super) unsafe fn run(job: &Job) {
    // SAFETY: the caller's.
    unsafe { if job.shape.b.column == 1 { along_rows(job) } else { down_columns(job) } }
}

/// The matrix's rows, several at a time, added to the result.
unsafe fn along_rows(job: &Job) {
    let Shape { k, .. } = job.shape;
    let mut job = *job;
    let relu = std::mem::take(&mut job.relu);
    let mut p = 0;
    // SAFETY: rows p, p + 1, … are below k.
    unsafe {
        while p < k {
            let step = if k - p >= 8 {
                8
            } else if k - p >= 4 {
                4
            } else {
                1
            };
            job.relu = relu && p + step == k;
            match step {
                8 => add_rows::<8>(&job, p),
                4 => add_rows::<4>(&job, p),
                _ => add_rows::<1>(&job, p),
            }
            job.start = job.out.cast_const();
            job.start_strides = job.out_strides;
            p += step;
        }
    }
}

/// `out = start + Σ a[p] b[p]` over R rows p of the matrix.
///
/// # Safety
/// As [`run`], with out's columns one apart and the start's one or none; p + R ≤ k.
#[inline(always)]
unsafe fn add_rows<const R: usize>(job: &Job, p: usize) {
    let Shape { n, a, b, .. } = job.shape;
    let step = job.start_strides.column;
    let whole = n - n % (2 * LANES);
    // SAFETY: columns are below n.
    unsafe {
        let x: [F32x4; R] = std::array::from_fn(|r| F32x4::splat_at(job.a.add((p + r) * a.column)));
        let rows: [*const f32; R] = std::array::from_fn(|r| job.b.add((p + r) * b.row));
        for j in (0..whole).step_by(2 * LANES) {
            let mut sums = match step {
                0 => [F32x4::splat_at(job.start); 2],
                _ => [F32x4::read(job.start.add(j)), F32x4::read(job.start.add(j + LANES))],
            };
            for r in 0..R {
                sums[0] = sums[0] + x[r] * F32x4::read(rows[r].add(j));
                sums[1] = sums[1] + x[r] * F32x4::read(rows[r].add(j + LANES));
            }
            if job.relu {
                sums = sums.map(F32x4::relu);
            }
            sums[0].write(job.out.add(j));
            sums[1].write(job.out.add(j + LANES));
        }
        for j in whole..n {
            let mut sum = *job.start.add(j * step);
            for r in 0..R {
                sum += *job.a.add((p + r) * a.column) * *rows[r].add(j);
            }
            *job.out.add(j) = if job.relu && sum < 0.0 { 0.0 } else { sum };
        }
    }
}

/// The matrix's columns lie as rows of memory: four or sixteen of them at a time, turned in registers.
unsafe fn down_columns(job: &Job) {
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
/// As [`run`], with b's rows one apart; all columns but those of the last four are below n.
#[inline(always)]
unsafe fn columns<const G: usize>(job: &Job, j: usize) {
    let Shape { k, n, a, b, .. } = job.shape;
    let last = n - 1;
    // SAFETY: no column past the last is read or written.
    unsafe {
        let place = |g: usize, c: usize| job.b.add((j + g * LANES + c).min(last) * b.column);
        let from: [[*const f32; 4]; G] = std::array::from_fn(|g| std::array::from_fn(|c| place(g, c)));
        let mut sums: [F32x4; G] = std::array::from_fn(|g| {
            let at = |c: usize| *job.start.add((j + g * LANES + c).min(last) * job.start_strides.column);
            F32x4::read([at(0), at(1), at(2), at(3)].as_ptr())
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
                let lanes = from[g].map(|from| *from.add(p));
                sums[g] = sums[g] + x * F32x4::read(lanes.as_ptr());
            }
            p += 1;
        }
        for g in 0..G {
            let sum = if job.relu { sums[g].relu() } else { sums[g] };
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
