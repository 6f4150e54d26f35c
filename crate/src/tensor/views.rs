//! More ways to see the same storage: diagonals, windows, parts, dimensions moved and divided.

use super::{Tensor, dispatch, is_grad_enabled};
use crate::error::{Error, Result};
use crate::op::{DimList, Op, View};
use crate::shape::{Dims, Layout, infer_reshape, normalize_dim};

impl Tensor {
    /// Elements of the storage at any distances, as `torch.as_strided`: a view. A gradient flows where the
    /// tensor lies densely and holds all of the elements.
    ///
    /// # Errors
    /// When sizes and strides differ in number or reach beyond the storage, or a gradient is wanted of
    /// elements that are not the tensor's own.
    pub fn as_strided(&self, dims: &[usize], strides: &[usize], offset: Option<usize>) -> Result<Tensor> {
        let first = self.layout().offset();
        let offset = offset.unwrap_or(first);
        let own = self.whole_storage().numel();
        Layout::strided(dims, strides, offset, own)?;
        let shift = offset as isize - first as isize;
        if self.requires_grad() && is_grad_enabled() {
            let inside = shift >= 0
                && self.is_contiguous()
                && Layout::strided(dims, strides, shift as usize, self.numel()).is_ok();
            if !inside {
                return Err(Error::Autograd(
                    "as_strided: a gradient needs a contiguous tensor that holds all of the elements".into(),
                ));
            }
        }
        let (dims, strides) = (Dims::from(dims), Dims::from(strides));
        dispatch(Op::View(View::Strided { dims, strides, shift }), &[self])
    }

    /// A view with these dims and strides over the tensor's own elements. Where a gradient is wanted of one
    /// that does not lie densely, a view of a copy.
    fn strided_view(&self, make: impl Fn(&Layout) -> (Dims, Dims, usize)) -> Result<Tensor> {
        let dense = self.requires_grad() && is_grad_enabled() && !self.is_contiguous();
        let of = if dense { self.contiguous()? } else { self.clone() };
        let (dims, strides, shift) = make(of.layout());
        let view = View::Strided { dims, strides, shift: shift as isize };
        dispatch(Op::View(view), &[&of])
    }

    /// The diagonal over two dimensions, which are dropped, as the last one: element i is at (i, i + offset),
    /// or (i − offset, i) for a negative one. A view.
    ///
    /// # Errors
    /// When a dimension does not exist or both are the same.
    pub fn diagonal(&self, offset: isize, dim1: isize, dim2: isize) -> Result<Tensor> {
        let (a, b) = (normalize_dim(dim1, self.ndim())?, normalize_dim(dim2, self.ndim())?);
        if a == b {
            return Err(Error::Value(format!("diagonal dimensions cannot be identical {dim1}, {dim2}")));
        }
        let (down, right) = if offset < 0 { (offset.unsigned_abs(), 0) } else { (0, offset as usize) };
        let (rows, columns) = (self.dims()[a].saturating_sub(down), self.dims()[b].saturating_sub(right));
        let n = rows.min(columns);
        self.strided_view(|layout| {
            let stride = |d: usize| layout.strides()[d] as usize;
            let kept = || (0..layout.dims().len()).filter(|&d| d != a && d != b);
            let dims = kept().map(|d| layout.dims()[d]).chain([n]).collect();
            let strides = kept().map(stride).chain([stride(a) + stride(b)]).collect();
            (dims, strides, if n == 0 { 0 } else { down * stride(a) + right * stride(b) })
        })
    }

    /// All windows of `size` elements along a dimension, `step` apart; their elements become the last
    /// dimension. As `tensor.unfold(dimension, size, step)` (`F.unfold` is [`Tensor::unfold`]): a view.
    ///
    /// # Errors
    /// When the dimension does not exist or is smaller, or the step is 0.
    pub fn unfold_dim(&self, dim: isize, size: usize, step: usize) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        if self.ndim() == 0 {
            return self.view_dims(&[1])?.unfold_dim(0, size, step)?.select(0, 0);
        }
        let all = self.dims()[d];
        if size > all {
            return Err(Error::Value(format!(
                "maximum size for tensor at dimension {d} is {all} but size is {size}"
            )));
        }
        if step == 0 {
            return Err(Error::Value("step is 0 but must be > 0".into()));
        }
        if self.ndim() == crate::list::MAX_DIMS {
            return Err(Error::Shape(format!("a tensor has at most {} dimensions", self.ndim())));
        }
        self.strided_view(|layout| {
            let (mut dims, mut strides) = (Dims::from(layout.dims()), Dims::new());
            layout.strides().iter().for_each(|&stride| strides.push(stride as usize));
            dims[d] = (all - size) / step + 1;
            dims.push(size);
            strides.push(strides[d]);
            strides[d] *= step;
            (dims, strides, 0)
        })
    }

    /// Dimensions moved from places to others, the rest in their order, as `torch.movedim`.
    ///
    /// # Errors
    /// When a dimension does not exist or is named twice, or the lists differ in length.
    pub fn movedim(&self, source: &[isize], destination: &[isize]) -> Result<Tensor> {
        if source.len() != destination.len() {
            return Err(Error::Value(format!(
                "movedim: Invalid source or destination dims: source ({source:?} dims) should contain the same \
                 number of dims as destination ({destination:?} dims)"
            )));
        }
        let places = |name: &str, dims: &[isize]| -> Result<DimList> {
            let mut places = DimList::new();
            for &dim in dims {
                let d = normalize_dim(dim, self.ndim())?;
                if places.contains(&d) {
                    return Err(Error::Value(format!("movedim: repeated dim in `{name}` ({dims:?})")));
                }
                places.push(d);
            }
            Ok(places)
        };
        let (from, to) = (places("source", source)?, places("destination", destination)?);
        let mut rest = (0..self.ndim()).filter(|d| !from.contains(d));
        let moved = |d: usize| to.iter().position(|&place| place == d).map(|i| from[i]);
        let order: Vec<isize> =
            (0..self.ndim()).filter_map(|d| moved(d).or_else(|| rest.next())).map(|d| d as isize).collect();
        self.permute(&order)
    }

    /// [`Tensor::transpose`] by NumPy's name.
    ///
    /// # Errors
    /// When a dimension does not exist.
    pub fn swapaxes(&self, a: isize, b: isize) -> Result<Tensor> {
        self.transpose(a, b)
    }

    /// The transposes of a matrix or of a batch of them, as `tensor.mT`.
    ///
    /// # Errors
    /// For fewer than two dimensions.
    pub fn mt(&self) -> Result<Tensor> {
        if self.ndim() < 2 {
            return Err(Error::Shape(format!(
                "tensor.mT is only supported on matrices or batches of matrices. Got {}-D tensor.",
                self.ndim()
            )));
        }
        self.transpose(-2, -1)
    }

    /// The same elements with the sizes of another tensor: [`Tensor::view`] with its shape.
    ///
    /// # Errors
    /// When they differ in number or would have to move.
    pub fn view_as(&self, other: &Tensor) -> Result<Tensor> {
        self.view(&sizes(other.dims()))
    }

    /// [`Tensor::reshape`] with the shape of another tensor.
    ///
    /// # Errors
    /// When the elements differ in number.
    pub fn reshape_as(&self, other: &Tensor) -> Result<Tensor> {
        self.reshape(&sizes(other.dims()))
    }

    /// [`Tensor::expand`] to the shape of another tensor.
    ///
    /// # Errors
    /// When a size other than 1 would have to change.
    pub fn expand_as(&self, other: &Tensor) -> Result<Tensor> {
        self.expand(other.dims())
    }

    /// One dimension divided into several, one of which may be -1: the reverse of [`Tensor::flatten`].
    ///
    /// # Errors
    /// When the dimension does not exist or the sizes do not multiply to its own.
    pub fn unflatten(&self, dim: isize, into: &[isize]) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        if into.is_empty() {
            return Err(Error::Value("unflatten: sizes must be non-empty".into()));
        }
        let Some(&size) = self.dims().get(d) else {
            return Err(Error::Shape("unflatten: a 0-dim tensor has no dimension to divide".into()));
        };
        let parts = infer_reshape(into, size).map_err(|_| {
            Error::Shape(format!(
                "unflatten: Provided sizes {into:?} don't multiply up to the size of dim {d} ({size}) in the input \
                 tensor"
            ))
        })?;
        let all = [&self.dims()[..d], &parts[..], &self.dims()[d + 1..]].concat();
        self.view(&sizes(&all))
    }

    /// `length` elements from `start` along a dimension, as `torch.narrow`; a negative start counts from the
    /// end. A view.
    ///
    /// # Errors
    /// When the range is not within the size.
    pub fn narrow(&self, dim: isize, start: isize, length: usize) -> Result<Tensor> {
        if self.ndim() == 0 {
            return Err(Error::Index("narrow() cannot be applied to a 0-dim tensor.".into()));
        }
        let size = self.dims()[normalize_dim(dim, self.ndim())?] as isize;
        if !(-size..=size).contains(&start) {
            return Err(Error::Index(format!(
                "start out of range (expected to be in range of [-{size}, {size}], but got {start})"
            )));
        }
        let from = if start < 0 { start + size } else { start };
        if length > (size - from) as usize {
            return Err(Error::Index(format!(
                "start ({from}) + length ({length}) exceeds dimension size ({size})."
            )));
        }
        self.slice(dim, from as usize, from as usize + length, 1)
    }

    /// Views of `size` elements each along a dimension, of which the last may have fewer.
    ///
    /// # Errors
    /// When the dimension does not exist, or the size is 0 and the dimension's is not.
    pub fn split(&self, size: usize, dim: isize) -> Result<Vec<Tensor>> {
        let all = self.size_to_split("split", dim)?;
        if size == 0 && all != 0 {
            return Err(Error::Value(format!(
                "split_size can only be 0 if dimension size is 0, but got dimension size of {all}"
            )));
        }
        let parts = all.div_ceil(size.max(1)).max(1);
        (0..parts).map(|i| self.slice(dim, i * size, ((i + 1).saturating_mul(size)).min(all), 1)).collect()
    }

    /// Views of these sizes one after the other along a dimension, as `torch.split` with a list.
    ///
    /// # Errors
    /// When the dimension does not exist or the sizes do not add up to its own.
    pub fn split_sizes(&self, parts: &[usize], dim: isize) -> Result<Vec<Tensor>> {
        let all = self.size_to_split("split_with_sizes", dim)?;
        if parts.iter().try_fold(0usize, |sum, &n| sum.checked_add(n)) != Some(all) {
            return Err(Error::Value(format!(
                "split_with_sizes expects split_sizes to sum exactly to {all} (input tensor's size at dimension \
                 {dim}), but got split_sizes={parts:?}"
            )));
        }
        let mut start = 0;
        parts
            .iter()
            .map(|&n| {
                start += n;
                self.slice(dim, start - n, start, 1)
            })
            .collect()
    }

    /// At most so many views along a dimension, of equal size but for the last.
    ///
    /// # Errors
    /// When the dimension does not exist or the number is 0.
    pub fn chunk(&self, chunks: usize, dim: isize) -> Result<Vec<Tensor>> {
        let all = self.size_to_split("chunk", dim)?;
        match (chunks, all) {
            (0, _) => Err(Error::Value("chunk expects `chunks` to be greater than 0, got: 0".into())),
            (_, 0) => self.split_sizes(&vec![0; chunks], dim),
            _ => self.split(all.div_ceil(chunks), dim),
        }
    }

    /// The slices along a dimension, which is dropped: views.
    ///
    /// # Errors
    /// When the dimension does not exist.
    pub fn unbind(&self, dim: isize) -> Result<Vec<Tensor>> {
        let d = normalize_dim(dim, self.ndim())?;
        let Some(&n) = self.dims().get(d) else {
            return Err(Error::Index(format!("Dimension specified as {dim} but tensor has no dimensions")));
        };
        (0..n).map(|i| self.select(dim, i as isize)).collect()
    }

    fn size_to_split(&self, what: &str, dim: isize) -> Result<usize> {
        let d = normalize_dim(dim, self.ndim())?;
        let size = self.dims().get(d).copied();
        size.ok_or_else(|| Error::Shape(format!("{what} expects at least a 1-dimensional tensor")))
    }
}

fn sizes(dims: &[usize]) -> Vec<isize> {
    dims.iter().map(|&n| n as isize).collect()
}
