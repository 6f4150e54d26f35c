//! Reductions, and the softmaxes, which are made of them. The order is that of [`super::fold`].

use super::elementary::{self, map};
use super::elementwise::{greater, less};
use super::f32x4::{F32x4, Real};
use super::fold::{fold_by, fold_columns, fold_portions, fold_row};
use super::operand::{Cursor, copy, dense, joined, whole};
use super::storage::{Element, Float, Number, with_element, with_number};
use super::{Out, View, unsupported};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{DimList, Reduce};

/// Calls `f` with the number of each result and the elements that are reduced to it, one after the other
/// as the results lie.
fn for_each_group<T: Element>(x: View<'_>, over: &[usize], f: &mut dyn FnMut(usize, &[T])) {
    // Kept dimensions first.
    let all = 0..x.layout.dims().len();
    let order: DimList = all.filter(|d| !over.contains(d)).chain(over.iter().copied()).collect();
    let layout = match x.layout.dims() {
        [] => *x.layout,
        _ => x.layout.permute(&order).expect("an order of all dims"),
    };
    let n = group(x, over);
    let groups = layout.dims()[..layout.dims().len() - over.len().min(layout.dims().len())].iter().product();
    dense::<T, _>(View { storage: x.storage, layout: &layout }, |sorted| {
        for i in 0..groups {
            f(i, &sorted[i * n..][..n]);
        }
    });
}

/// How many elements are reduced together.
fn group(x: View<'_>, over: &[usize]) -> usize {
    over.iter().map(|&d| x.layout.dims().get(d).copied().unwrap_or(1)).product()
}

/// The reductions of f32, where the elements lie.
#[inline(always)]
fn reduce_f32(
    x: View<'_>,
    over: &[usize],
    out: &mut [f32],
    start: f32,
    f: impl Fn(F32x4, F32x4) -> F32x4 + Copy,
) {
    let n = group(x, over);
    if n == 0 {
        out.fill(start);
        return;
    }
    if let (Some(values), [o]) = (whole(x), &mut *out) {
        *o = fold_row(values, start, f);
        return;
    }
    let values = <f32 as Element>::of(x.storage);
    let together = joined(x.layout, |d| over.contains(&d));
    let simple = (together.0.len() == 1).then(|| together.1[0]);
    let mut groups = Cursor::over(joined(x.layout, |d| !over.contains(&d)), x.layout.offset() as isize);
    let mut rest = out;
    while !rest.is_empty() {
        let (at, run, apart) = groups.place();
        let (now, after) = rest.split_at_mut(run);
        let mut done = 0;
        if let Some(stride) = simple
            && stride != 1
        {
            // Groups side by side: sixteen at a time (a line of the cache), then four.
            while apart == 1 && done + 16 <= run {
                let first = at + done as isize;
                let result = fold_columns(n, start, f, |i| {
                    let at = (first + i as isize * stride) as usize;
                    values[at..at + 16].as_chunks::<4>().0
                });
                now[done..done + 16].copy_from_slice(result.as_flattened());
                done += 16;
            }
            while done < run {
                // Where fewer are left, the last one again.
                let left = (run - done).min(4);
                let [a, b, c, d] = [0, 1, 2, 3].map(|i: usize| i.min(left - 1) as isize * apart);
                let first = at + done as isize * apart;
                let four = |i: usize| {
                    let at = first + i as isize * stride;
                    let value = |by: isize| values[(at + by) as usize];
                    F32x4::from_array([value(a), value(b), value(c), value(d)])
                };
                let result = fold_by(n, F32x4::splat(start), f, four).array();
                now[done..done + left].copy_from_slice(&result[..left]);
                done += left;
            }
        }
        for (i, o) in now.iter_mut().enumerate().skip(done) {
            let first = at + i as isize * apart;
            *o = match simple {
                Some(_) => fold_row(&values[first as usize..][..n], start, f),
                None => {
                    let mut cursor = Cursor::over(together, first);
                    fold_portions(n, start, f, |to| cursor.copy(values, to))
                }
            };
        }
        groups.advance(run);
        rest = after;
    }
}

#[inline(never)]
fn sum_f32(x: View<'_>, over: &[usize], out: &mut [f32]) {
    reduce_f32(x, over, out, 0.0, |a, b| a + b);
}

/// The smallest is what is the largest with other signs: one copy of the loops serves both.
#[inline(never)]
fn extreme_f32(x: View<'_>, over: &[usize], out: &mut [f32], smallest: bool) {
    let sign = F32x4::splat(if smallest { -0.0 } else { 0.0 });
    let start = if smallest { f32::INFINITY } else { f32::NEG_INFINITY };
    // As `Real::larger` and `Real::smaller`: a NaN wins.
    reduce_f32(x, over, out, start, |a, b| b.flip(sign).if_less(a.flip(sign), a, a.if_equal(a, b, a)));
}

/// Σ of a group of any type.
fn sum<T: Float>(group: &[T]) -> T {
    fold_by(group.len(), T::default(), |a, b| a + b, |i| group[i])
}

/// The first extreme element and its index; a NaN is more extreme than any number.
#[inline(never)]
fn extreme<T: Element>(group: &[T], better: fn(T, T) -> bool) -> (usize, T) {
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
    if matches!(f, Reduce::Amax | Reduce::Amin | Reduce::Max | Reduce::Min)
        && group(x, over) == 0
        && out.layout.numel() > 0
    {
        return Err(Error::Index("amax(): Expected reduction dim to have non-zero size.".into()));
    }
    let largest = matches!(f, Reduce::Amax | Reduce::Max);
    match (f, dtype) {
        (Reduce::Sum, DType::F32) => sum_f32(x, over, out.of()),
        (Reduce::Sum, DType::F64) => each_group::<f64>(x, over, out, sum),
        (Reduce::Sum, DType::I64) => each_group::<i64>(x, over, out, |g| fold(g, 0, i64::plus)),
        (Reduce::Prod, _) => with_number!(dtype, "prod", T => {
            each_group::<T>(x, over, out, |g| fold(g, T::ONE, T::times));
            Ok(())
        })?,
        (Reduce::Sum, DType::Bool) => return Err(unsupported("sum", dtype)),
        (_, DType::F32) => extreme_f32(x, over, out.of(), !largest),
        _ => with_element!(dtype, T => {
            let better: fn(T, T) -> bool = if largest { greater } else { less };
            each_group::<T>(x, over, out, |g| extreme(g, better).1);
        }),
    }
    Ok(())
}

/// Each result from its group, one after the other.
fn each_group<T: Element>(x: View<'_>, over: &[usize], out: Out<'_>, f: impl Fn(&[T]) -> T) {
    let out = out.of::<T>();
    for_each_group::<T>(x, over, &mut |i, group| out[i] = f(group));
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

pub(super) fn argmax(x: View<'_>, dim: usize, out: &mut [i64]) -> Result<()> {
    if group(x, &[dim]) == 0 && !out.is_empty() {
        return Err(Error::Index("argmax(): Expected reduction dim to have non-zero size.".into()));
    }
    with_element!(x.storage.dtype(), T => {
        let better: fn(T, T) -> bool = greater;
        for_each_group::<T>(x, &[dim], &mut |i, group| out[i] = extreme(group, better).0 as i64);
    });
    Ok(())
}

/// softmax or its logarithm along `dim`. The largest element is taken away first, so that exp does
/// not overflow.
pub(super) fn softmax<T: Float>(x: View<'_>, dim: usize, log: bool, out: &mut [T]) {
    let dims = x.layout.dims();
    let n = dims.get(dim).copied().unwrap_or(1);
    let inner: usize = dims.iter().skip(dim + 1).product();
    if n == 0 || inner == 0 {
        return;
    }
    if let (Some(x), 1) = (whole::<T>(x), inner) {
        for (x, out) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
            T::softmax(x, out, log);
        }
        return;
    }
    copy(x, out);
    T::with_scratch(2 * n, |scratch| {
        let (group, result) = scratch.split_at_mut(n);
        for start in (0..out.len()).step_by(n * inner).flat_map(|o| o..o + inner) {
            for (g, v) in group.iter_mut().zip(out[start..].iter().step_by(inner)) {
                *g = *v;
            }
            T::softmax(group, result, log);
            for (o, v) in out[start..].iter_mut().step_by(inner).zip(&*result) {
                *o = *v;
            }
        }
    });
}

/// softmax of neighbours in any type, one element at a time: for f64.
pub(super) fn softmax_of<T: Float>(x: &[T], out: &mut [T], log: bool) {
    let (_, max) = extreme(x, greater);
    for (o, &v) in out.iter_mut().zip(x) {
        *o = (v - max).exp();
    }
    let total = sum(out);
    let ln_total = total.ln();
    for (o, &v) in out.iter_mut().zip(x) {
        *o = if log { v - max - ln_total } else { *o / total };
    }
}

/// The same for f32.
pub(super) fn softmax_f32(x: &[f32], out: &mut [f32], log: bool) {
    let max = fold_row(x, f32::NEG_INFINITY, |a, b| a.larger(b));
    let shift = F32x4::splat(max);
    map(x, out, |v| elementary::exp(v - shift));
    let total = fold_row(out, 0.0, |a, b| a + b);
    let totals = F32x4::splat(total);
    if log {
        let ln_total = elementary::log(totals);
        map(x, out, |v| v - shift - ln_total);
    } else {
        let (chunks, rest) = out.as_chunks_mut::<4>();
        for chunk in chunks {
            *chunk = (F32x4::from_array(*chunk) / totals).array();
        }
        rest.iter_mut().for_each(|v| *v /= total);
    }
}
