//! Views and other changes of shape.

use super::{Called, Tensor, dispatch};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{DimList, Op, View, Window};
use crate::shape::{Dims, Size, allocatable, checked_dims, infer_reshape, normalize_dim};

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
        let copied = |_| dispatch(Op::Contiguous, &[self])?.view_dims(&dims).called("UnsafeViewBackward0");
        self.view_dims(&dims).or_else(copied)
    }

    /// As [`Tensor::reshape`], never copying.
    ///
    /// # Errors
    /// When the elements would have to move.
    pub fn view(&self, sizes: &[isize]) -> Result<Tensor> {
        self.view_dims(&infer_reshape(sizes, self.numel())?)
    }

    pub(crate) fn view_dims(&self, dims: &[usize]) -> Result<Tensor> {
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

    /// Broadcast to these sizes, of which -1 keeps the tensor's own.
    ///
    /// # Errors
    /// When a size other than 1 would have to change.
    pub fn expand<S: Size>(&self, sizes: &[S]) -> Result<Tensor> {
        let sizes: Vec<isize> = sizes.iter().map(|size| size.size()).collect();
        let Some(lead) = sizes.len().checked_sub(self.ndim()) else {
            return Err(Error::Shape(format!(
                "expand(torch.{}Tensor{{{:?}}}, size={sizes:?}): the number of sizes provided ({}) must be greater \
                 or equal to the number of dimensions in the tensor ({})",
                self.dtype().scalar_type(),
                self.dims(),
                sizes.len(),
                self.ndim()
            )));
        };
        let size = |(d, size): (usize, &isize)| match (*size, d.checked_sub(lead)) {
            (-1, Some(own)) => Ok(self.dims()[own]),
            (n @ ..0, place) => Err(Error::Shape(match place {
                Some(own) => format!(
                    "The expanded size of the tensor ({n}) must match the existing size ({}) at non-singleton \
                     dimension {d}.  Target sizes: {sizes:?}.  Tensor sizes: {:?}",
                    self.dims()[own],
                    self.dims()
                ),
                None => format!(
                    "The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {d}"
                ),
            })),
            (n, _) => Ok(n as usize),
        };
        let dims = sizes.iter().enumerate().map(size).collect::<Result<Vec<usize>>>()?;
        dispatch(Op::View(View::Expand(checked_dims(&dims)?)), &[self])
    }

    /// The dimensions in another order.
    ///
    /// # Errors
    /// When `order` is not one.
    pub fn permute(&self, order: &[isize]) -> Result<Tensor> {
        let order: DimList = order.iter().map(|&d| normalize_dim(d, self.ndim())).collect::<Result<_>>()?;
        dispatch(Op::View(View::Permute(order)), &[self])
    }

    /// A view of all of it.
    fn alias(&self) -> Result<Tensor> {
        dispatch(Op::View(View::Permute((0..self.ndim()).collect())), &[self])
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
        dispatch(Op::View(View::Permute(order)), &[self]).called("TransposeBackward0")
    }

    /// The transpose of a matrix, a view; of vectors and scalars a view of all of it.
    ///
    /// # Errors
    /// For more than two dimensions.
    pub fn t(&self) -> Result<Tensor> {
        match self.ndim() {
            0 | 1 => self.alias().called("TBackward0"),
            2 => self.transpose(0, 1).called("TBackward0"),
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
        self.view_dims(&dims).called("UnsqueezeBackward0")
    }

    /// Without dimension `dim` if its size is 1.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn squeeze(&self, dim: isize) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        if self.dims().get(d) != Some(&1) {
            return self.alias().called("SqueezeBackward1");
        }
        let mut dims = Dims::from(self.dims());
        dims.remove(d);
        self.view_dims(&dims).called("SqueezeBackward1")
    }

    /// Without those of the given dimensions whose size is 1, as `tensor.squeeze((0, 2))`.
    ///
    /// # Errors
    /// When one does not exist or is named twice.
    pub fn squeeze_dims(&self, dims: &[isize]) -> Result<Tensor> {
        let mut gone = DimList::new();
        for &dim in dims {
            let d = normalize_dim(dim, self.ndim())?;
            if gone.contains(&d) {
                return Err(Error::Value(format!("dim {d} appears multiple times in the list of dims")));
            }
            gone.push(d);
        }
        let kept = self.dims().iter().enumerate().filter(|&(d, &n)| n != 1 || !gone.contains(&d));
        self.view_dims(&kept.map(|(_, &n)| n).collect::<Dims>()).called("SqueezeBackward2")
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

    /// Without all dimensions of size 1.
    ///
    /// # Errors
    /// Never.
    pub fn squeeze_all(&self) -> Result<Tensor> {
        let dims: Dims = self.dims().iter().copied().filter(|&n| n != 1).collect();
        self.view_dims(&dims).called("SqueezeBackward0")
    }

    /// One after the other along a dimension. Empty one-dimensional tensors fit everywhere, as in PyTorch.
    ///
    /// # Errors
    /// When there are none, or other sizes differ.
    pub fn cat(tensors: &[Tensor], dim: isize) -> Result<Tensor> {
        let Some(first) = tensors.iter().find(|t| t.dims() != [0]).or(tensors.first()) else {
            return Err(Error::Value("torch.cat(): expected a non-empty list of Tensors".into()));
        };
        if let Some(at) = tensors.iter().position(|t| t.ndim() == 0) {
            return Err(Error::Shape(format!(
                "zero-dimensional tensor (at position {at}) cannot be concatenated"
            )));
        }
        let d = normalize_dim(dim, first.ndim())?;
        let dtype = DType::result_type(tensors.iter().map(|t| (t.dtype(), false)));
        let mut nothing = Dims::from(first.dims());
        nothing[d] = 0;
        let part = |t: &Tensor| if t.dims() == [0] { t.view_dims(&nothing)?.to(dtype) } else { t.to(dtype) };
        let parts = tensors.iter().map(part).collect::<Result<Vec<_>>>()?;
        let parts: Vec<&Tensor> = parts.iter().collect();
        dispatch(Op::Cat(d), &parts)
    }

    /// One after the other along a new dimension.
    ///
    /// # Errors
    /// When there are none or their shapes differ.
    pub fn stack(tensors: &[Tensor], dim: isize) -> Result<Tensor> {
        let Some(first) = tensors.first() else {
            return Err(Error::Value("stack expects a non-empty TensorList".into()));
        };
        if let Some((i, other)) = tensors.iter().enumerate().find(|(_, t)| t.dims() != first.dims()) {
            return Err(Error::Shape(format!(
                "stack expects each tensor to be equal size, but got {:?} at entry 0 and {:?} at entry {i}",
                first.dims(),
                other.dims()
            )));
        }
        let parts = tensors.iter().map(|t| t.unsqueeze(dim)).collect::<Result<Vec<_>>>()?;
        let dim = normalize_dim(dim, first.ndim() + 1)?;
        Tensor::cat(&parts, dim as isize).called("StackBackward0")
    }

    /// Copies along each dimension, as `tensor.repeat`: more numbers than dimensions add dimensions in
    /// front.
    ///
    /// # Errors
    /// When there are fewer numbers than dimensions.
    pub fn repeat(&self, repeats: &[usize]) -> Result<Tensor> {
        let Some(lead) = repeats.len().checked_sub(self.ndim()) else {
            return Err(Error::Shape(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
                    .into(),
            ));
        };
        let own = std::iter::repeat_n(1, lead).chain(self.dims().iter().copied());
        let full = own.zip(repeats).map(|(n, &times)| n.saturating_mul(times)).collect::<Vec<usize>>();
        allocatable(&checked_dims(&full)?, self.dtype())?;
        let sizes: Vec<isize> =
            std::iter::repeat_n(1, lead).chain(self.dims().iter().map(|&n| n as isize)).collect();
        let mut out = self.reshape(&sizes)?;
        for (d, &n) in repeats.iter().enumerate() {
            out = match n {
                0 => out.slice(d as isize, 0, 0, 1)?,
                1 => out,
                n => Tensor::cat(&vec![out; n], d as isize)?,
            };
        }
        Ok(out.called("RepeatBackward0"))
    }

    /// The elements in reverse order along the given dimensions.
    ///
    /// # Errors
    /// When one does not exist.
    pub fn flip(&self, dims: &[isize]) -> Result<Tensor> {
        let mut out = self.clone();
        for &dim in dims {
            let n = self.dims().get(normalize_dim(dim, self.ndim())?).copied().unwrap_or(1);
            let order: Vec<i64> = (0..n as i64).rev().collect();
            out = out.index_select(dim, &Tensor::from_vec(order, &[n])?)?;
        }
        Ok(out.called("FlipBackward0"))
    }

    /// The elements on and below a diagonal of the last two dimensions, zeros above it.
    ///
    /// # Errors
    /// For fewer than two dimensions.
    pub fn tril(&self, diagonal: isize) -> Result<Tensor> {
        self.triangle(|row, column| column <= row + diagonal).called("TrilBackward0")
    }

    /// The elements on and above a diagonal of the last two dimensions, zeros below it.
    ///
    /// # Errors
    /// For fewer than two dimensions.
    pub fn triu(&self, diagonal: isize) -> Result<Tensor> {
        self.triangle(|row, column| column >= row + diagonal).called("TriuBackward0")
    }

    fn triangle(&self, keep: impl Fn(isize, isize) -> bool) -> Result<Tensor> {
        let &[.., rows, columns] = self.dims() else {
            return Err(Error::Shape("tril, triu: input tensor must have at least 2 dimensions".into()));
        };
        let mask = (0..rows as isize).flat_map(|r| (0..columns as isize).map(move |c| (r, c)));
        let mask = Tensor::from_vec(mask.map(|(r, c)| keep(r, c)).collect(), &[rows, columns])?;
        self.where_(&mask, &Tensor::full(&[], 0.0, self.dtype()))
    }
}
