//! Matrix products. Each element is summed over k from first to last, starting at the bias or at 0,
//! so the result does not depend on how the operands lie in memory or on how the work is tiled.

use super::View;
use super::elementwise::dense;
use super::f32x4::F32x4;
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
        if rows * columns == 0 {
            return Cow::Borrowed(&[]);
        }
        if self.column_stride == 1 && self.row_stride == columns as isize {
            return Cow::Borrowed(&self.values[self.offset..][..rows * columns]);
        }
        Cow::Owned((0..rows).flat_map(|i| (0..columns).map(move |j| self.at(i, j))).collect())
    }
}

/// `out[i][j] = start[j] + Σ_k a[i][k] b[k][j]`, all row-major, one element at a time: what the fast one
/// must give, bit for bit.
pub(super) fn product_scalar<T: Float>(
    a: &[T],
    b: &[T],
    start: Option<&[T]>,
    out: &mut [T],
    (m, k, n): (usize, usize, usize),
) {
    for i in 0..m {
        for j in 0..n {
            out[i * n + j] = element(a, b, start, (i, j), (k, n));
        }
    }
}

fn element<T: Float>(
    a: &[T],
    b: &[T],
    start: Option<&[T]>,
    (i, j): (usize, usize),
    (k, n): (usize, usize),
) -> T {
    let mut sum = start.map_or(T::default(), |s| s[j]);
    for p in 0..k {
        sum += a[i * k + p] * b[p * n + j];
    }
    sum
}

/// The same in register tiles of four rows and eight columns.
pub(super) fn product_f32(
    a: &[f32],
    b: &[f32],
    start: Option<&[f32]>,
    out: &mut [f32],
    (m, k, n): (usize, usize, usize),
) {
    // An empty sum has no row of b to start at.
    let tiled = if k == 0 { 0 } else { n - n % COLUMNS };
    for j in (0..tiled).step_by(COLUMNS) {
        let first = start.map_or([F32x4::splat(0.0); 2], |s| pair(&s[j..]));
        let mut i = 0;
        while i + ROWS <= m {
            tile::<ROWS>(&a[i * k..], &b[j..], first, &mut out[i * n + j..], (k, n));
            i += ROWS;
        }
        for i in i..m {
            tile::<1>(&a[i * k..], &b[j..], first, &mut out[i * n + j..], (k, n));
        }
    }
    for (i, j) in (0..m).flat_map(|i| (tiled..n).map(move |j| (i, j))) {
        out[i * n + j] = element(a, b, start, (i, j), (k, n));
    }
}

#[inline(always)]
fn pair(values: &[f32]) -> [F32x4; 2] {
    [F32x4::load(values), F32x4::load(&values[F32x4::LANES..])]
}

/// R rows and eight columns from the start of each slice.
#[inline(always)]
fn tile<const R: usize>(a: &[f32], b: &[f32], first: [F32x4; 2], out: &mut [f32], (k, n): (usize, usize)) {
    let rows: [&[f32]; R] = std::array::from_fn(|r| &a[r * k..][..k]);
    let mut sums = [first; R];
    for p in 0..k {
        let [left, right] = pair(&b[p * n..]);
        for r in 0..R {
            let x = F32x4::splat(rows[r][p]);
            sums[r] = [sums[r][0] + x * left, sums[r][1] + x * right];
        }
    }
    for (r, [left, right]) in sums.into_iter().enumerate() {
        left.store(&mut out[r * n..]);
        right.store(&mut out[r * n + F32x4::LANES..]);
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
            T::product(&a, &b, None, out, (m, k, n));
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
    T::product(&dense::<T>(x), &transposed.rows(k, n), bias.as_deref(), &mut out, (m, k, n));
    T::store(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_tiled_product_is_the_scalar_one_bit_for_bit(
            (m, k, n) in (0usize..10, 0usize..10, 0usize..20),
            seed in any::<u64>(),
            biased in any::<bool>(),
        ) {
            let mut generator = crate::rng::Generator::new(seed);
            let mut random = |n| generator.uniform(n, -1.0, 1.0);
            let (a, b, bias) = (random(m * k), random(k * n), random(n));
            let start = biased.then_some(bias.as_slice());
            let (mut fast, mut slow) = (vec![0.0; m * n], vec![0.0; m * n]);
            product_f32(&a, &b, start, &mut fast, (m, k, n));
            product_scalar(&a, &b, start, &mut slow, (m, k, n));
            prop_assert_eq!(fast, slow);
        }
    }
}
