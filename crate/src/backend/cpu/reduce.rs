//! Reductions, and the softmaxes, which are made of them. The order is that of [`super::fold`].

use super::elementary::{self, map};
use super::elementwise::{greater, less};
use super::f32x4::{F32x4, Real};
use super::fold::{fold_by, fold_columns, fold_portions, fold_row};
use super::operand::{Cursor, copy, dense, joined, whole};
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

/// The reductions of f32, where the elements lie.
#[inline(always)]
fn reduce_f32(
    x: View<'_>,
    over: &[usize],
    out: &mut [f32],
    start: f32,
    f: impl Fn(F32x4, F32x4) -> F32x4 + Copy,
    one: impl Fn(f32, f32) -> f32 + Copy,
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
        if let (Some(stride), 1) = (simple, apart)
            && stride != 1
        {
            // Groups side by side: sixteen at a time (a line of the cache), then four.
            while done + 16 <= run {
                let first = at + done as isize;
                let result = fold_columns(n, start, f, |i| {
                    let at = (first + i as isize * stride) as usize;
                    values[at..at + 16].as_chunks::<4>().0
                });
                now[done..done + 16].copy_from_slice(result.as_flattened());
                done += 16;
            }
            let four = |at: usize| {
                let [a, b, c, d] = [values[at], values[at + 1], values[at + 2], values[at + 3]];
                F32x4::from_array([a, b, c, d])
            };
            while done + 4 <= run {
                let place = |i: usize| (at + done as isize + i as isize * stride) as usize;
                let result = fold_by(n, F32x4::splat(start), f, |i| four(place(i))).array();
                now[done..done + 4].copy_from_slice(&result);
                done += 4;
            }
        }
        for (i, o) in now.iter_mut().enumerate().skip(done) {
            let first = at + i as isize * apart;
            *o = match simple {
                Some(1) => fold_row(&values[first as usize..][..n], start, f),
                Some(stride) => fold_by(n, start, one, |i| values[(first + i as isize * stride) as usize]),
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

fn sum_f32(x: View<'_>, over: &[usize], out: &mut [f32]) {
    reduce_f32(x, over, out, 0.0, |a, b| a + b, |a, b| a + b);
}

fn max_f32(x: View<'_>, over: &[usize], out: &mut [f32]) {
    reduce_f32(x, over, out, f32::NEG_INFINITY, |a, b| a.larger(b), |a, b| a.larger(b));
}

fn min_f32(x: View<'_>, over: &[usize], out: &mut [f32]) {
    reduce_f32(x, over, out, f32::INFINITY, |a, b| a.smaller(b), |a, b| a.smaller(b));
}

/// Σ of a group of any type.
fn sum<T: Float>(group: &[T]) -> T {
    fold_by(group.len(), T::default(), |a, b| a + b, |i| group[i])
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
    if matches!(f, Reduce::Amax | Reduce::Amin | Reduce::Max | Reduce::Min)
        && group(x, over) == 0
        && out.layout.numel() > 0
    {
        return Err(Error::Index("amax(): Expected reduction dim to have non-zero size.".into()));
    }
    match f {
        Reduce::Sum if dtype == DType::F32 => sum_f32(x, over, out.of()),
        Reduce::Amax | Reduce::Max if dtype == DType::F32 => max_f32(x, over, out.of()),
        Reduce::Amin | Reduce::Min if dtype == DType::F32 => min_f32(x, over, out.of()),
        Reduce::Sum if dtype == DType::I64 => {
            for_each_group::<i64, i64>(x, over, out.of(), |g, o| *o = fold(g, 0, i64::plus));
        }
        Reduce::Sum => with_float!(dtype, "sum", T => {
            for_each_group::<T, T>(x, over, out.of(), |g, o| *o = sum(g));
            Ok(())
        })?,
        Reduce::Prod => with_number!(dtype, "prod", T => {
            for_each_group::<T, T>(x, over, out.of(), |g, o| *o = fold(g, T::ONE, T::times));
            Ok(())
        })?,
        Reduce::Amax | Reduce::Amin | Reduce::Max | Reduce::Min => with_element!(dtype, T => {
            let better: fn(T, T) -> bool = if matches!(f, Reduce::Amax | Reduce::Max) { greater } else { less };
            for_each_group::<T, T>(x, over, out.of(), |g, o| *o = extreme(g, better).1);
        }),
    }
    Ok(())
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
        for_each_group::<T, i64>(x, &[dim], out, |g, o| *o = extreme(g, greater).0 as i64);
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
