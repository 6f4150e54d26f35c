//! Views and other changes of shape.

use super::{Tensor, dispatch};
use crate::error::{Error, Result};
use crate::op::{DimList, Op, View, Window};
use crate::shape::{Dims, infer_reshape, normalize_dim};

impl Tensor {
    /// The elements in row-major order without gaps; itself when they are.
    ///
    /// # Errors
    /// Never.
    pub fn contiguous(&self) -> Result<Tensor> {
        if self.is_contiguous() { Ok(self.clone()) } else { dispatch(Op::Contiguous, &[self]) }
    }

    /// The same elements with other sizes, one of which may be -1; a view where possible.
    ///
    /// # Errors
    /// When the sizes hold another number of elements.
    pub fn reshape(&self, sizes: &[isize]) -> Result<Tensor> {
        let dims = infer_reshape(sizes, self.numel())?;
        self.view_as(&dims).or_else(|_| dispatch(Op::Contiguous, &[self])?.view_as(&dims))
    }

    /// As [`Tensor::reshape`], never copying.
    ///
    /// # Errors
    /// When the elements would have to move.
    pub fn view(&self, sizes: &[isize]) -> Result<Tensor> {
        self.view_as(&infer_reshape(sizes, self.numel())?)
    }

    pub(crate) fn view_as(&self, dims: &[usize]) -> Result<Tensor> {
        dispatch(Op::View(View::Reshape(Dims::from(dims))), &[self])
    }

    /// Dimensions `start..=end` as one.
    ///
    /// # Errors
    /// When a dimension does not exist.
    pub fn flatten(&self, start: isize, end: isize) -> Result<Tensor> {
        let (s, e) = (normalize_dim(start, self.ndim())?, normalize_dim(end, self.ndim())?);
        if s > e {
            return Err(Error::Value(
                "flatten() has invalid args: start_dim cannot come after end_dim".into(),
            ));
        }
        let merged = self.dims().get(s..=e).map_or(1, |d| d.iter().product());
        let mut dims: Vec<isize> = self.dims()[..s.min(self.ndim())].iter().map(|&n| n as isize).collect();
        dims.push(merged as isize);
        dims.extend(self.dims().iter().skip(e + 1).map(|&n| n as isize));
        self.reshape(&dims)
    }

    /// Broadcast to `dims`.
    ///
    /// # Errors
    /// When a size other than 1 would have to change.
    pub fn expand(&self, dims: &[usize]) -> Result<Tensor> {
        dispatch(Op::View(View::Expand(Dims::from(dims))), &[self])
    }

    /// The dimensions in another order.
    ///
    /// # Errors
    /// When `order` is not one.
    pub fn permute(&self, order: &[isize]) -> Result<Tensor> {
        let order: DimList = order.iter().map(|&d| normalize_dim(d, self.ndim())).collect::<Result<_>>()?;
        dispatch(Op::View(View::Permute(order)), &[self])
    }

    /// Two dimensions swapped.
    ///
    /// # Errors
    /// When one does not exist.
    pub fn transpose(&self, a: isize, b: isize) -> Result<Tensor> {
        let mut order: DimList = (0..self.ndim()).collect();
        if !order.is_empty() {
            order.swap(normalize_dim(a, self.ndim())?, normalize_dim(b, self.ndim())?);
        }
        dispatch(Op::View(View::Permute(order)), &[self])
    }

    /// The transpose of a matrix; vectors and scalars as they are.
    ///
    /// # Errors
    /// For more than two dimensions.
    pub fn t(&self) -> Result<Tensor> {
        match self.ndim() {
            0 | 1 => Ok(self.clone()),
            2 => self.transpose(0, 1),
            n => Err(Error::Shape(format!("t() expects a tensor with <= 2 dimensions, but self is {n}D"))),
        }
    }

    /// A new dimension of size 1 before `dim`.
    ///
    /// # Errors
    /// When there is no such place.
    pub fn unsqueeze(&self, dim: isize) -> Result<Tensor> {
        let mut dims = Dims::from(self.dims());
        dims.insert(normalize_dim(dim, self.ndim() + 1)?, 1);
        self.view_as(&dims)
    }

    /// Without dimension `dim` if its size is 1; else itself.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn squeeze(&self, dim: isize) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        if self.dims().get(d) != Some(&1) {
            return Ok(self.clone());
        }
        let mut dims = Dims::from(self.dims());
        dims.remove(d);
        self.view_as(&dims)
    }

    /// Elements `start..end` along `dim`, as `torch.narrow` with an end.
    ///
    /// # Errors
    /// When the range is not within the size.
    pub fn slice(&self, dim: isize, start: usize, end: usize, step: usize) -> Result<Tensor> {
        let dim = normalize_dim(dim, self.ndim())?;
        if self.ndim() == 0 {
            return Err(Error::Index("slice() cannot be applied to a 0-dim tensor.".into()));
        }
        dispatch(Op::View(View::Slice { dim, start, end, step }), &[self])
    }

    /// The windows of `[n, c, h, w]` as columns: `[n, c · kh · kw, windows]`.
    ///
    /// # Errors
    /// When the window is larger than the padded plane.
    pub fn unfold(&self, window: Window) -> Result<Tensor> {
        dispatch(Op::Unfold(window), &[self])
    }
}
