//! Elements at indices, and where masks hold.

use super::{Operand, Tensor, creation, dispatch};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::shape::{Dims, broadcast, normalize_dim};

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
        dispatch(Op::Gather(0), &[&self.reshape(&[-1])?, &index.reshape(&[-1])?])?.view_dims(index.dims())
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
        self.select_at(d, index, d).map_err(|_| {
            Error::Index(format!(
                "select(): index {index} out of range for tensor of size {:?} at dimension {d}",
                self.dims()
            ))
        })
    }

    /// [`Tensor::select`] along a dimension that exists, with the error that brackets give: it counts the
    /// indices, not the dimensions.
    pub(super) fn select_at(&self, d: usize, index: isize, named: usize) -> Result<Tensor> {
        let size = self.dims()[d] as isize;
        if !(-size..size).contains(&index) {
            return Err(Error::Index(format!(
                "index {index} is out of bounds for dimension {named} with size {size}"
            )));
        }
        let at = (if index < 0 { index + size } else { index }) as usize;
        let mut dims = Dims::from(self.dims());
        dims.remove(d);
        self.slice(d as isize, at, at + 1, 1)?.view_dims(&dims)
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

    /// `x[mask] = value`, for a mask that broadcasts to x.
    ///
    /// # Errors
    /// When a graph with gradients on needs the old values.
    pub fn masked_fill_(&self, mask: &Tensor, value: f64) -> Result<()> {
        let filled = super::no_grad(|| self.masked_fill(mask, value))?;
        self.copy_(&filled)
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
