//! Reductions, and the softmaxes, which are made of them.

use super::View;
use super::elementwise::{dense, greater, less};
use super::storage::{CpuStorage, Element, Float, Number, with_element, with_float, with_number};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Reduce;

/// The elements in an order where those that are reduced together are neighbours: kept dimensions
/// first. Returns them with the length of a group.
fn grouped<T: Element>(x: View<'_>, over: &[usize]) -> (Vec<T>, usize) {
    let n = x.layout.dims().len();
    let order: Vec<usize> = (0..n).filter(|d| !over.contains(d)).chain(over.iter().copied()).collect();
    let layout = if n == 0 { *x.layout } else { x.layout.permute(&order).expect("an order of all dims") };
    let sorted = dense(View { storage: x.storage, layout: &layout }).into_owned();
    (sorted, over.iter().map(|&d| x.layout.dims().get(d).copied().unwrap_or(1)).product())
}

/// Σ of a group: eight running sums, added in a fixed order. They keep the rounding error small and
/// let the loop use vectors.
fn sum<T: Float>(group: &[T]) -> T {
    let mut lanes = [T::default(); 8];
    let chunks = group.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane += v;
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane += v;
    }
    let pair = |i: usize| lanes[i] + lanes[i + 4];
    (pair(0) + pair(2)) + (pair(1) + pair(3))
}

/// The first extreme element and its index; a NaN is more extreme than any number.
fn extreme<T: Element>(group: &[T], better: impl Fn(T, T) -> bool) -> (usize, T) {
    #[expect(clippy::eq_op, reason = "only a NaN differs from itself")]
    let nan = |v: T| v != v;
    let mut best = (0, group[0]);
    for (i, &v) in group.iter().enumerate().skip(1) {
        if !nan(best.1) && (nan(v) || better(v, best.1)) {
            best = (i, v);
        }
    }
    best
}

pub(super) fn reduce(f: Reduce, x: View<'_>, over: &[usize]) -> Result<CpuStorage> {
    let dtype = x.storage.dtype();
    let groups = kept(x, over);
    match f {
        Reduce::Sum if dtype == DType::I64 => {
            let (values, n) = grouped::<i64>(x, over);
            Ok(CpuStorage::I64((0..groups).map(|g| fold(&values[g * n..][..n], 0, i64::plus)).collect()))
        }
        Reduce::Sum => with_float!(dtype, "sum", T => Ok(T::store(sum_groups::<T>(x, over)))),
        Reduce::Prod => with_number!(dtype, "prod", T => {
            let (values, n) = grouped::<T>(x, over);
            Ok(T::store((0..groups).map(|g| fold(&values[g * n..][..n], T::ONE, T::times)).collect()))
        }),
        Reduce::Amax | Reduce::Amin | Reduce::Max | Reduce::Min => with_element!(dtype, T => {
            let (values, n) = grouped::<T>(x, over);
            if n == 0 && groups > 0 {
                return Err(Error::Index(
                    "amax(): Expected reduction dim to have non-zero size.".into(),
                ));
            }
            let better: fn(T, T) -> bool = if matches!(f, Reduce::Amax | Reduce::Max) { greater } else { less };
            Ok(T::store((0..groups).map(|g| extreme(&values[g * n..][..n], better).1).collect()))
        }),
    }
}

fn fold<T: Element>(group: &[T], start: T, f: impl Fn(T, T) -> T) -> T {
    group.iter().fold(start, |sum, &v| f(sum, v))
}

/// Running sums along a dimension.
pub(super) fn cumsum(x: View<'_>, dim: usize, reverse: bool) -> Result<CpuStorage> {
    let n = x.layout.dims().get(dim).copied().unwrap_or(1);
    let inner: usize = x.layout.dims().iter().skip(dim + 1).product();
    with_number!(x.storage.dtype(), "cumsum", T => {
        let mut out = dense::<T>(x).into_owned();
        for block in out.chunks_exact_mut((n * inner).max(1)) {
            for i in 1..n {
                let (from, to) = if reverse { (n - i, n - i - 1) } else { (i - 1, i) };
                for j in 0..inner {
                    block[to * inner + j] = block[to * inner + j].plus(block[from * inner + j]);
                }
            }
        }
        Ok(T::store(out))
    })
}

/// The number of results.
fn kept(x: View<'_>, over: &[usize]) -> usize {
    x.layout.dims().iter().enumerate().filter(|(d, _)| !over.contains(d)).map(|(_, n)| n).product()
}

fn sum_groups<T: Float>(x: View<'_>, over: &[usize]) -> Vec<T> {
    let dims = x.layout.dims();
    // Over rows of a matrix (a bias's gradient): add row to row instead of gathering columns.
    if let (&[_, columns], &[0], true) = (dims, over, x.layout.is_contiguous()) {
        let mut out = vec![T::default(); columns];
        if columns > 0 {
            for row in T::of(x.storage)[x.layout.offset()..][..x.layout.numel()].chunks_exact(columns) {
                for (o, &v) in out.iter_mut().zip(row) {
                    *o += v;
                }
            }
        }
        return out;
    }
    let (values, n) = grouped::<T>(x, over);
    (0..kept(x, over)).map(|g| sum(&values[g * n..][..n])).collect()
}

pub(super) fn argmax(x: View<'_>, dim: usize) -> Result<CpuStorage> {
    with_element!(x.storage.dtype(), T => {
        let (values, n) = grouped::<T>(x, &[dim]);
        let groups = kept(x, &[dim]);
        if n == 0 && groups > 0 {
            return Err(Error::Index("argmax(): Expected reduction dim to have non-zero size.".into()));
        }
        Ok(CpuStorage::I64(
            (0..groups).map(|g| extreme(&values[g * n..][..n], greater).0 as i64).collect(),
        ))
    })
}

/// softmax or its logarithm along `dim`. The largest element is taken away first, so that exp does
/// not overflow.
pub(super) fn softmax<T: Float>(x: View<'_>, dim: usize, log: bool) -> CpuStorage {
    let dims = x.layout.dims();
    let n = dims.get(dim).copied().unwrap_or(1);
    let inner: usize = dims.iter().skip(dim + 1).product();
    let mut out = dense::<T>(x).into_owned();
    if n == 0 {
        return T::store(out);
    }
    let mut group = vec![T::default(); n];
    for start in (0..out.len()).step_by(n * inner.max(1)).flat_map(|o| o..o + inner) {
        for (g, v) in group.iter_mut().zip(out[start..].iter().step_by(inner)) {
            *g = *v;
        }
        let (_, max) = extreme(&group, greater);
        let exps: Vec<T> = group.iter().map(|&v| (v - max).exp()).collect();
        let total = sum(&exps);
        let ln_total = total.ln();
        for (i, (&v, &e)) in group.iter().zip(&exps).enumerate() {
            out[start + i * inner] = if log { v - max - ln_total } else { e / total };
        }
    }
    T::store(out)
}
