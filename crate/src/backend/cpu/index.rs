//! Reading and adding at given indices.

use super::View;
use super::elementwise::dense;
use super::storage::{CpuStorage, Element, Number};
use crate::error::{Error, Result};
use crate::shape::Layout;

/// Calls `f` with the row-major position in `index` and the row-major position in a tensor of `sizes`
/// that the element's index along `dim` points to.
fn for_each(index: View<'_>, dim: usize, sizes: &[usize], mut f: impl FnMut(usize, usize)) -> Result<()> {
    let flat = dense::<i64>(index);
    let target = Layout::contiguous(sizes);
    let places = Layout::contiguous(index.layout.dims());
    for (i, &at) in flat.iter().enumerate() {
        if at < 0 || at as usize >= sizes[dim] {
            return Err(Error::Index(format!(
                "index {at} is out of bounds for dimension {dim} with size {}",
                sizes[dim]
            )));
        }
        let mut rest = i;
        let mut position = 0;
        for d in 0..sizes.len() {
            let stride = places.strides()[d] as usize;
            let along = if d == dim { at as usize } else { rest / stride };
            rest %= stride;
            position += along * target.strides()[d] as usize;
        }
        f(i, position);
    }
    Ok(())
}

pub(super) fn gather<T: Element>(x: View<'_>, index: View<'_>, dim: usize) -> Result<CpuStorage> {
    let source = dense::<T>(x);
    let mut out = vec![T::default(); index.layout.numel()];
    for_each(index, dim, x.layout.dims(), |i, at| out[i] = source[at])?;
    Ok(T::store(out))
}

pub(super) fn scatter_add<T: Number>(
    x: View<'_>,
    index: View<'_>,
    dim: usize,
    dims: &[usize],
) -> Result<CpuStorage> {
    let source = dense::<T>(x);
    let mut out = vec![T::default(); dims.iter().product()];
    for_each(index, dim, dims, |i, at| out[at] = out[at].plus(source[i]))?;
    Ok(T::store(out))
}

/// Tensors one after the other along a dimension.
pub(super) fn cat<T: Element>(inputs: &[View<'_>], dim: usize, dims: &[usize]) -> CpuStorage {
    let inner: usize = dims[dim + 1..].iter().product();
    let outer: usize = dims[..dim].iter().product();
    let parts: Vec<_> = inputs.iter().map(|&x| (dense::<T>(x), x.layout.dims()[dim] * inner)).collect();
    let mut out = Vec::with_capacity(dims.iter().product());
    for o in 0..outer {
        for (values, run) in &parts {
            out.extend_from_slice(&values[o * run..][..*run]);
        }
    }
    T::store(out)
}
