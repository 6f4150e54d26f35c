//! `Op::Matmul` and `Op::Linear`: views of storages as matrices, without a copy however they lie.

use super::{Epilogue, Product, Start, Strides};
use crate::backend::cpu::View;
use crate::backend::cpu::storage::Number;
use crate::shape::Layout;
use std::borrow::Cow;
use std::ops::Range;

/// Is given a product, where its operands begin and what of the result it is. Not a type parameter: one copy
/// of finding them serves all types.
type Run<'f, P> = &'f mut dyn FnMut(&Product, P, Range<usize>);

/// `[m, k] @ [k, n]` into `out`, or that for every matrix of a batch; `dims` are the result's.
pub(in crate::backend::cpu) fn matmul<T: Number>(a: View<'_>, b: View<'_>, dims: &[usize], out: &mut [T]) {
    let (left, right) = (elements::<T>(a), elements::<T>(b));
    for_each_matrix(a.layout, b.layout, dims, &mut |product, [a, b], part| {
        T::product(product, from(left, a), from(right, b), Start::Zero, Epilogue::None, &mut out[part]);
    });
}

/// Calls `f` with each product of [`matmul`].
fn for_each_matrix(a: &Layout, b: &Layout, dims: &[usize], f: Run<'_, [usize; 2]>) {
    let (m, n) = (dims[dims.len() - 2], dims[dims.len() - 1]);
    let batches = if m * n == 0 { 0 } else { dims[..dims.len() - 2].iter().product() };
    let k = *a.dims().last().expect("a matrix has dimensions");
    let product = Product::new((m, k, n), strides(a), strides(b));
    // From one matrix of the batch to the next
    let step = |layout: &Layout| match layout.strides() {
        &[step, _, _] => step.unsigned_abs(),
        _ => 0,
    };
    for batch in 0..batches {
        f(&product, [batch * step(a), batch * step(b)], batch * m * n..(batch + 1) * m * n);
    }
}

/// x Wᵀ + b into `out`, for x `[.., in]`, W `[out, in]`, b `[out]`.
pub(in crate::backend::cpu) fn linear<T: Number>(
    x: View<'_>,
    weight: View<'_>,
    bias: Option<View<'_>>,
    out: &mut [T],
) {
    let bias = bias.map(vector::<T>);
    let start = bias.as_deref().map_or(Start::Zero, Start::Bias);
    let (left, right) = (elements::<T>(x), elements::<T>(weight));
    for_each_block(x.layout, weight.layout, out.len(), &mut |product, x, part| {
        T::product(product, from(left, x), right, start, Epilogue::None, &mut out[part]);
    });
}

/// Calls `f` with each product of [`linear`], and where its rows of x begin.
fn for_each_block(x: &Layout, weight: &Layout, out: usize, f: Run<'_, usize>) {
    if out == 0 {
        return;
    }
    let &[n, k] = weight.dims() else { unreachable!("Op::infer has checked the weight") };
    let turned = strides(weight).transposed();
    let column = x.row().1.unsigned_abs();
    if let Some(row) = joined_rows(x) {
        let product = Product::new((out / n, k, n), Strides { row, column }, turned);
        f(&product, 0, 0..out);
        return;
    }
    // Rows that do not lie evenly: one product for each run of the last but one dimension that does.
    let last = x.dims().len() - 1;
    let first_column = x.slice(last, 0, 1, 1).expect("x has columns, or its rows would be joined");
    let order: Vec<usize> = [last].into_iter().chain(0..last).collect();
    let rows = first_column.permute(&order).expect("an order of its dimensions");
    let (m, row) = rows.row();
    let product = Product::new((m, k, n), Strides { row: row.unsigned_abs(), column }, turned);
    let mut done = 0;
    rows.for_each_row(|at| {
        f(&product, at - x.offset(), done..done + m * n);
        done += m * n;
    });
}

/// gᵀ x into `out`, for g `[m, out]` and x `[m, in]`.
pub(in crate::backend::cpu) fn linear_weight<T: Number>(g: View<'_>, x: View<'_>, out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (&[m, n], Some(&k)) = (g.layout.dims(), x.layout.dims().last()) else {
        unreachable!("Linear's gradient and operand are matrices here")
    };
    let product = Product::new((n, m, k), strides(g.layout).transposed(), strides(x.layout));
    T::product(&product, elements(g), elements(x), Start::Zero, Epilogue::None, out);
}

/// The strides of the last two dimensions. (None is negative: slices go forward.)
#[inline]
fn strides(layout: &Layout) -> Strides {
    let stride = |d: usize| layout.strides()[d].unsigned_abs();
    let n = layout.dims().len();
    Strides { row: stride(n - 2), column: stride(n - 1) }
}

/// The elements from the first one on; none of an empty view, which may begin anywhere.
#[inline]
fn elements<T: Number>(view: View<'_>) -> &[T] {
    match view.layout.numel() {
        0 => &[],
        _ => &T::of(view.storage)[view.layout.offset()..],
    }
}

/// The elements from a place on; none of an empty view.
fn from<T>(elements: &[T], place: usize) -> &[T] {
    if elements.is_empty() { elements } else { &elements[place..] }
}

/// A vector's elements as neighbours; as good as always they are.
fn vector<T: Number>(view: View<'_>) -> Cow<'_, [T]> {
    let (n, stride) = view.layout.row();
    let all = elements::<T>(view);
    match stride {
        1 => Cow::Borrowed(&all[..n.min(all.len())]),
        _ => Cow::Owned((0..n).map(|i| all[i * stride.unsigned_abs()]).collect()),
    }
}

/// The distance of rows when all dimensions but the last are counted as one, where that is even.
fn joined_rows(layout: &Layout) -> Option<usize> {
    let (mut row, mut next) = (None, None);
    if layout.numel() == 0 {
        return Some(0);
    }
    let lead = layout.dims().len() - 1;
    for (&size, &stride) in layout.dims()[..lead].iter().zip(layout.strides()).rev() {
        if size != 1 {
            if next.is_some_and(|next| next != stride) {
                return None;
            }
            row = row.or(Some(stride));
            next = Some(stride * size as isize);
        }
    }
    Some(row.unwrap_or(0).unsigned_abs())
}
