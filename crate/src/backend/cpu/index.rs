//! Reading and adding at given indices.

use super::View;
use super::operand::dense;
use super::storage::{Element, Number};
use crate::error::{Error, Result};
use crate::shape::Layout;

/// Calls `f` with the row-major position in `index` and the place in a tensor with the layout `of` that
/// the element's index along `dim` points to.
#[inline(never)]
fn for_each(index: View<'_>, dim: usize, of: &Layout, f: &mut dyn FnMut(usize, usize)) -> Result<()> {
    if index.layout.numel() == 0 {
        return Ok(());
    }
    let (size, step) = (of.dims()[dim], of.strides()[dim]);
    // Where the elements would be if all indices were 0, in the index's dimensions.
    let mut places = *of;
    for (d, &n) in index.layout.dims().iter().enumerate() {
        places = places.slice(d, 0, if d == dim { size.min(1) } else { n }, 1)?;
    }
    if size > 0 {
        places = places.expand(index.layout.dims())?;
    }
    let (n, stride) = (index.layout.row().0, places.row().1);
    dense::<i64, _>(index, |flat| {
        let mut i = 0;
        let mut wrong = (size == 0).then(|| flat[0]);
        places.for_each_row(|start| {
            for (j, &at) in flat[i..i + n].iter().enumerate() {
                if at < 0 || at as usize >= size {
                    wrong = wrong.or(Some(at));
                } else {
                    f(i + j, start.wrapping_add_signed(at as isize * step + j as isize * stride));
                }
            }
            i += n;
        });
        wrong.map_or(Ok(()), |at| {
            Err(Error::Index(format!("index {at} is out of bounds for dimension {dim} with size {size}")))
        })
    })
}

pub(super) fn gather<T: Element>(x: View<'_>, index: View<'_>, dim: usize, out: &mut [T]) -> Result<()> {
    let source = T::of(x.storage);
    for_each(index, dim, x.layout, &mut |i, at| out[i] = source[at])
}

pub(super) fn scatter_add<T: Number>(
    x: View<'_>,
    index: View<'_>,
    dim: usize,
    dims: &[usize],
    out: &mut [T],
) -> Result<()> {
    out.fill(T::default());
    dense::<T, _>(x, |source| {
        for_each(index, dim, &Layout::contiguous(dims), &mut |i, at| out[at] = out[at].plus(source[i]))
    })
}

/// Tensors one after the other along a dimension.
pub(super) fn cat<T: Element>(inputs: &[View<'_>], dim: usize, dims: &[usize], out: &mut [T]) -> Result<()> {
    let inner: usize = dims[dim + 1..].iter().product();
    let block = dims[dim] * inner;
    let mut start = 0;
    for &x in inputs {
        let run = x.layout.dims()[dim] * inner;
        if run > 0 {
            dense::<T, _>(x, |values| {
                for (to, from) in out.chunks_exact_mut(block).zip(values.chunks_exact(run)) {
                    to[start..start + run].copy_from_slice(from);
                }
            });
        }
        start += run;
    }
    Ok(())
}
