//! Matrix products. Each element is summed over k from first to last, starting at the bias or at 0,
//! so the result does not depend on how the operands lie in memory or on how the work is tiled.

use super::View;
use super::elementwise::dense;
use super::storage::{CpuStorage, Float};
use std::borrow::Cow;

/// Columns of a register tile: two vectors of f32x4.
const COLUMNS: usize = 8;
/// Rows of a register tile.
const ROWS: usize = 4;

/// One matrix in a storage.
#[derive(Clone, Copy)]
struct Matrix<'a, T> {
    values: &'a [T],
    offset: usize,
    row_stride: isize,
    column_stride: isize,
}

impl<'a, T: Float> Matrix<'a, T> {
    fn new(view: View<'a>, batch: usize) -> Self {
        let strides = view.layout.strides();
        let n = strides.len();
        let offset = match n {
            3 => view.layout.offset().wrapping_add_signed(batch as isize * strides[0]),
            _ => view.layout.offset(),
        };
        Matrix {
            values: T::of(view.storage),
            offset,
            row_stride: strides[n - 2],
            column_stride: strides[n - 1],
        }
    }

    #[inline]
    fn at(&self, i: usize, j: usize) -> T {
        let steps = i as isize * self.row_stride + j as isize * self.column_stride;
        self.values[self.offset.wrapping_add_signed(steps)]
    }

    /// Row-major elements, copied only where they do not lie so.
    fn rows(&self, rows: usize, columns: usize) -> Cow<'a, [T]> {
        if self.column_stride == 1 && self.row_stride == columns as isize {
            return Cow::Borrowed(&self.values[self.offset..][..rows * columns]);
        }
        Cow::Owned((0..rows).flat_map(|i| (0..columns).map(move |j| self.at(i, j))).collect())
    }
}

/// `out[i][j] = start[j] + Σ_k a[i][k] b[k][j]`, all row-major.
fn product<T: Float>(a: &[T], b: &[T], start: Option<&[T]>, out: &mut [T], (m, k, n): (usize, usize, usize)) {
    let first = |j: usize| start.map_or(T::default(), |s| s[j]);
    let tiled = n - n % COLUMNS;
    for i0 in (0..m).step_by(ROWS) {
        let rows = ROWS.min(m - i0);
        for j0 in (0..tiled).step_by(COLUMNS) {
            let init: [T; COLUMNS] = std::array::from_fn(|j| first(j0 + j));
            let mut acc = [init; ROWS];
            if rows == ROWS {
                for p in 0..k {
                    let line = &b[p * n + j0..][..COLUMNS];
                    for (r, acc) in acc.iter_mut().enumerate() {
                        let x = a[(i0 + r) * k + p];
                        for (acc, &y) in acc.iter_mut().zip(line) {
                            *acc += x * y;
                        }
                    }
                }
            } else {
                for p in 0..k {
                    let line = &b[p * n + j0..][..COLUMNS];
                    for (r, acc) in acc.iter_mut().enumerate().take(rows) {
                        let x = a[(i0 + r) * k + p];
                        for (acc, &y) in acc.iter_mut().zip(line) {
                            *acc += x * y;
                        }
                    }
                }
            }
            for (r, acc) in acc.iter().enumerate().take(rows) {
                out[(i0 + r) * n + j0..][..COLUMNS].copy_from_slice(acc);
            }
        }
        for i in i0..i0 + rows {
            for j in tiled..n {
                let mut acc = first(j);
                for p in 0..k {
                    acc += a[i * k + p] * b[p * n + j];
                }
                out[i * n + j] = acc;
            }
        }
    }
}

/// `[m, k] @ [k, n]`, or that for every matrix of a batch.
pub(super) fn matmul<T: Float>(a: View<'_>, b: View<'_>, dims: &[usize]) -> CpuStorage {
    let (m, n) = (dims[dims.len() - 2], dims[dims.len() - 1]);
    let k = *a.layout.dims().last().expect("a matrix has dimensions");
    let mut out = vec![T::default(); dims.iter().product()];
    if m * n > 0 {
        for (batch, out) in out.chunks_exact_mut(m * n).enumerate() {
            let a = Matrix::<T>::new(a, batch).rows(m, k);
            let b = Matrix::<T>::new(b, batch).rows(k, n);
            product(&a, &b, None, out, (m, k, n));
        }
    }
    T::store(out)
}

/// x Wᵀ + b for x `[.., in]`, W `[out, in]`, b `[out]`.
pub(super) fn linear<T: Float>(
    x: View<'_>,
    weight: View<'_>,
    bias: Option<View<'_>>,
    dims: &[usize],
) -> CpuStorage {
    let &[n, k] = weight.layout.dims() else { unreachable!("Op::infer has checked the weight") };
    let m = dims.iter().rev().skip(1).product();
    let w = Matrix::<T>::new(weight, 0);
    let transposed = Matrix { row_stride: w.column_stride, column_stride: w.row_stride, ..w };
    let bias = bias.map(dense::<T>);
    let mut out = vec![T::default(); m * n];
    product(&dense::<T>(x), &transposed.rows(k, n), bias.as_deref(), &mut out, (m, k, n));
    T::store(out)
}
