//! Elements at indices, and where masks hold.

use super::{Operand, Tensor, creation, dispatch};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::shape::{broadcast, normalize_dim};

impl Tensor {
    /// The elements at `index` along a dimension, as `torch.gather`.
    ///
    /// # Errors
    /// When an index is out of range or the shapes do not fit.
    pub fn gather(&self, dim: isize, index: &Tensor) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        if index.dtype() != DType::I64 {
            return Err(Error::DType("gather(): Expected dtype int32/int64 for index".into()));
        }
        if self.ndim() > 0 && index.ndim() > 0 {
            return dispatch(Op::Gather(d), &[self, index]);
        }
        // A scalar counts as a vector of one.
        if self.ndim() > 1 || index.ndim() > 1 {
            return Err(Error::Shape(
                "Index tensor must have the same number of dimensions as input tensor".into(),
            ));
        }
        dispatch(Op::Gather(0), &[&self.reshape(&[-1])?, &index.reshape(&[-1])?])?.view_as(index.dims())
    }

    /// Whole slices at `index` (one-dimensional, i64) along a dimension.
    ///
    /// # Errors
    /// When an index is out of range or there is more than one dimension of them.
    pub fn index_select(&self, dim: isize, index: &Tensor) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        if index.ndim() > 1 {
            return Err(Error::Index("index_select(): Index is supposed to be a vector".into()));
        }
        if index.dtype() != DType::I64 {
            return Err(Error::DType("index_select(): Expected dtype int32 or int64 for index".into()));
        }
        if self.ndim() == 0 {
            if index.numel() != 1 {
                return Err(Error::Index(format!(
                    "index_select(): Index to scalar can have only 1 value, got {} value(s)",
                    index.numel()
                )));
            }
            return self.reshape(&[1])?.index_select(0, index)?.reshape(&[]);
        }
        let mut column = vec![1; self.ndim()];
        column[d] = index.numel() as isize;
        let mut full = self.dims().to_vec();
        full[d] = index.numel();
        self.gather(dim, &index.reshape(&column)?.expand(&full)?)
    }

    /// Element `index` along a dimension, which is dropped: `x[index]` for dimension 0. A view.
    ///
    /// # Errors
    /// When there is no such element; negative ones count from the end.
    pub fn select(&self, dim: isize, index: isize) -> Result<Tensor> {
        if self.ndim() == 0 {
            return Err(Error::Index("select() cannot be applied to a 0-dim tensor.".into()));
        }
        let d = normalize_dim(dim, self.ndim())?;
        let size = self.dims()[d] as isize;
        let at = if index < 0 { index + size } else { index };
        if !(0..size).contains(&at) {
            return Err(Error::Index(format!(
                "select(): index {index} out of range for tensor of size {:?} at dimension {d}",
                self.dims()
            )));
        }
        self.slice(dim, at as usize, at as usize + 1, 1)?.squeeze(dim)
    }

    /// Elements from `start` to `end` along a dimension, as Python's `x[start:end:step]`: negative
    /// bounds count from the end, bounds beyond the ends are cut off. A view.
    ///
    /// # Errors
    /// When the dimension does not exist or the step is not positive.
    pub fn slice_python(
        &self,
        dim: isize,
        start: Option<isize>,
        end: Option<isize>,
        step: usize,
    ) -> Result<Tensor> {
        let size = self.dims().get(normalize_dim(dim, self.ndim())?).copied().unwrap_or(0) as isize;
        let place = |at: isize| (if at < 0 { at + size } else { at }).clamp(0, size) as usize;
        let start = place(start.unwrap_or(0));
        let end = place(end.unwrap_or(size)).max(start);
        self.slice(dim, start, end, step)
    }

    /// `x[index]` for an index tensor of any shape: the slices along dimension 0 at its elements. The
    /// result has the index's shape followed by the slices'; negative indices count from the end.
    ///
    /// # Errors
    /// When an index is out of range.
    pub fn index(&self, index: &Tensor) -> Result<Tensor> {
        if index.dtype() == DType::Bool {
            return self.masked_index(index);
        }
        let size = self.dims().first().copied().ok_or_else(too_many_indices)?;
        let index = index.to(DType::I64)?;
        let index = index.add(size as i64)?.where_(&index.lt(0)?, &index)?;
        let flat = self.index_select(0, &index.reshape(&[-1])?)?;
        let dims: Vec<isize> = index.dims().iter().chain(&self.dims()[1..]).map(|&n| n as isize).collect();
        flat.reshape(&dims)
    }

    /// `x[mask]`: the elements (or slices, when the mask has fewer dimensions) where it holds.
    fn masked_index(&self, mask: &Tensor) -> Result<Tensor> {
        let lead = mask.ndim();
        if lead > self.ndim() {
            return Err(too_many_indices());
        }
        if mask.dims() != &self.dims()[..lead] {
            return Err(Error::Index(format!(
                "The shape of the mask {:?} does not match the shape of the indexed tensor {:?}",
                mask.dims(),
                self.dims()
            )));
        }
        let places: Vec<i64> =
            mask.to_vec::<bool>()?.iter().enumerate().filter(|(_, m)| **m).map(|(i, _)| i as i64).collect();
        let rest = self.dims()[lead..].iter().map(|&n| n as isize);
        let flat: Vec<isize> = std::iter::once(mask.numel() as isize).chain(rest).collect();
        let n = places.len();
        self.reshape(&flat)?.index_select(0, &Tensor::from_vec(places, &[n])?)
    }

    /// `x[mask] = value`, for a mask that broadcasts to x.
    ///
    /// # Errors
    /// When a graph with gradients on needs the old values.
    pub fn masked_fill_(&self, mask: &Tensor, value: f64) -> Result<()> {
        let filled = super::no_grad(|| self.masked_fill(mask, value))?;
        self.copy_(&filled)
    }

    /// `x[index] = values` for a vector of indices along dimension 0; values broadcast. Of equal
    /// indices the last one's values stay.
    ///
    /// # Errors
    /// When an index is out of range, or a graph with gradients on needs the old values.
    pub fn index_put_(&self, index: &Tensor, values: &Tensor) -> Result<()> {
        let index = index.to(DType::I64)?.to_vec::<i64>()?;
        let slice: Vec<usize> =
            std::iter::once(index.len()).chain(self.dims().iter().skip(1).copied()).collect();
        let values = values.detach().expand(&slice)?;
        for (i, at) in index.into_iter().enumerate() {
            self.select(0, at as isize)?.copy_(&values.select(0, i as isize)?)?;
        }
        Ok(())
    }

    /// `value`, a number or a zero-dim tensor, where the mask holds, else self.
    ///
    /// # Errors
    /// When the mask is not bool or does not broadcast, or the value is of a higher kind (a fraction for
    /// integers).
    pub fn masked_fill<'a>(&self, mask: &Tensor, value: impl Into<Operand<'a>>) -> Result<Tensor> {
        let value = value.into();
        let dtype = self.dtype();
        let value = match value {
            Operand::Tensor(t) if t.ndim() > 0 => {
                return Err(Error::Shape(format!(
                    "masked_fill only supports a 0-dimensional value tensor, but got tensor with {} dimension(s).",
                    t.ndim()
                )));
            }
            Operand::Tensor(t) => t.clone(),
            number => number.number(self.common_dtype(number))?.expect("it is a number"),
        };
        if DType::result_type([(dtype, false), (value.dtype(), true)]) != dtype && dtype != DType::Bool {
            return Err(Error::DType(format!(
                "value cannot be converted to type {} without overflow",
                if dtype == DType::I64 { "int64_t" } else { "bool" }
            )));
        }
        let dims = broadcast(self.dims(), mask.dims())?;
        value.to(dtype)?.where_(mask, &self.expand(&dims)?)
    }

    /// A new last dimension with 1 at the place that each element names and 0 elsewhere: i64, as
    /// `F.one_hot`. Without `classes`, one more than the largest element.
    ///
    /// # Errors
    /// When an element is not in `0..classes`.
    pub fn one_hot(&self, classes: Option<usize>) -> Result<Tensor> {
        if self.dtype() != DType::I64 {
            return Err(Error::DType(
                "one_hot is only applicable to index tensor of type LongTensor.".into(),
            ));
        }
        let values = self.to_vec::<i64>()?;
        let largest = values.iter().copied().max().unwrap_or(-1);
        if values.iter().any(|&v| v < 0) {
            return Err(Error::Value("Class values must be non-negative.".into()));
        }
        let classes = match classes {
            Some(n) if largest >= n as i64 => {
                return Err(Error::Value("Class values must be smaller than num_classes.".into()));
            }
            Some(n) => n,
            None if values.is_empty() => {
                return Err(Error::Value("Can not infer total number of classes from empty tensor.".into()));
            }
            None => (largest as usize).saturating_add(1),
        };
        let columns = creation::arange(0, i64::try_from(classes).unwrap_or(i64::MAX), 1, None)?;
        self.unsqueeze(-1)?.eq(&columns)?.to(DType::I64)
    }
}

fn too_many_indices() -> Error {
    Error::Index("too many indices for tensor".into())
}
