//! Reductions, and the softmaxes, which are made of them.

use super::elementwise::{greater, less};
use super::operand::{copy, dense, whole};
use super::storage::{Element, Float, Number, with_element, with_float, with_number};
use super::{Out, View};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{DimList, Reduce};

/// Calls `f` with each group of elements that are reduced together, one after the other as their
/// results lie, and the place for the result.
fn for_each_group<T: Element, U>(
    x: View<'_>,
    over: &[usize],
    out: &mut [U],
    mut f: impl FnMut(&[T], &mut U),
) {
    // Kept dimensions first.
    let all = 0..x.layout.dims().len();
    let order: DimList = all.filter(|d| !over.contains(d)).chain(over.iter().copied()).collect();
    let layout = match x.layout.dims() {
        [] => *x.layout,
        _ => x.layout.permute(&order).expect("an order of all dims"),
    };
    let n = group(x, over);
    dense::<T, _>(View { storage: x.storage, layout: &layout }, |sorted| {
        for (i, o) in out.iter_mut().enumerate() {
            f(&sorted[i * n..][..n], o);
        }
    });
}

/// How many elements are reduced together.
fn group(x: View<'_>, over: &[usize]) -> usize {
    over.iter().map(|&d| x.layout.dims().get(d).copied().unwrap_or(1)).product()
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

pub(super) fn reduce(f: Reduce, x: View<'_>, over: &[usize], out: Out<'_>) -> Result<()> {
    let dtype = x.storage.dtype();
    match f {
        Reduce::Sum if dtype == DType::I64 => {
            for_each_group::<i64, i64>(x, over, out.of(), |g, o| *o = fold(g, 0, i64::plus));
            Ok(())
        }
        Reduce::Sum => with_float!(dtype, "sum", T => {
            sum_groups::<T>(x, over, out.of());
            Ok(())
        }),
        Reduce::Prod => with_number!(dtype, "prod", T => {
            for_each_group::<T, T>(x, over, out.of(), |g, o| *o = fold(g, T::ONE, T::times));
            Ok(())
        }),
        Reduce::Amax | Reduce::Amin => with_element!(dtype, T => {
            if group(x, over) == 0 && out.layout.numel() > 0 {
                return Err(Error::Index("amax(): Expected reduction dim to have non-zero size.".into()));
            }
            let better: fn(T, T) -> bool = if f == Reduce::Amax { greater } else { less };
            for_each_group::<T, T>(x, over, out.of(), |g, o| *o = extreme(g, better).1);
            Ok(())
        }),
    }
}

fn fold<T: Element>(group: &[T], start: T, f: impl Fn(T, T) -> T) -> T {
    group.iter().fold(start, |sum, &v| f(sum, v))
}

/// Running sums along a dimension.
pub(super) fn cumsum(x: View<'_>, dim: usize, reverse: bool, out: Out<'_>) -> Result<()> {
    let n = x.layout.dims().get(dim).copied().unwrap_or(1);
    let inner: usize = x.layout.dims().iter().skip(dim + 1).product();
    with_number!(x.storage.dtype(), "cumsum", T => {
        let out = out.of::<T>();
        copy(x, out);
        for block in out.chunks_exact_mut((n * inner).max(1)) {
            for i in 1..n {
                let (from, to) = if reverse { (n - i, n - i - 1) } else { (i - 1, i) };
                for j in 0..inner {
                    block[to * inner + j] = block[to * inner + j].plus(block[from * inner + j]);
                }
            }
        }
        Ok(())
    })
}

fn sum_groups<T: Float>(x: View<'_>, over: &[usize], out: &mut [T]) {
    // Over rows of a matrix (a bias's gradient): add row to row instead of gathering columns.
    if let (&[_, columns], &[0], Some(values)) = (x.layout.dims(), over, whole::<T>(x)) {
        out.fill(T::default());
        if columns > 0 {
            for row in values.chunks_exact(columns) {
                for (o, &v) in out.iter_mut().zip(row) {
                    *o += v;
                }
            }
        }
        return;
    }
    for_each_group(x, over, out, |g, o| *o = sum(g));
}

pub(super) fn argmax(x: View<'_>, dim: usize, out: &mut [i64]) -> Result<()> {
    with_element!(x.storage.dtype(), T => {
        if group(x, &[dim]) == 0 && !out.is_empty() {
            return Err(Error::Index("argmax(): Expected reduction dim to have non-zero size.".into()));
        }
        for_each_group::<T, i64>(x, &[dim], out, |g, o| *o = extreme(g, greater).0 as i64);
        Ok(())
    })
}

/// softmax or its logarithm along `dim`. The largest element is taken away first, so that exp does
/// not overflow.
pub(super) fn softmax<T: Float>(x: View<'_>, dim: usize, log: bool, out: &mut [T]) {
    let dims = x.layout.dims();
    let n = dims.get(dim).copied().unwrap_or(1);
    let inner: usize = dims.iter().skip(dim + 1).product();
    if n == 0 {
        return;
    }
    copy(x, out);
    T::with_scratch(2 * n, |scratch| {
        let (group, exps) = scratch.split_at_mut(n);
        for start in (0..out.len()).step_by(n * inner.max(1)).flat_map(|o| o..o + inner) {
            for (g, v) in group.iter_mut().zip(out[start..].iter().step_by(inner)) {
                *g = *v;
            }
            let (_, max) = extreme(group, greater);
            for (e, &v) in exps.iter_mut().zip(&*group) {
                *e = (v - max).exp();
            }
            let total = sum(exps);
            let ln_total = total.ln();
            for (i, (&v, &e)) in group.iter().zip(&*exps).enumerate() {
                out[start + i * inner] = if log { v - max - ln_total } else { e / total };
            }
        }
    });
}
