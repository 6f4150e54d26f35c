//! Elements at indices, and where masks hold.

use super::{Called, Operand, Tensor, creation, dispatch};
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
        dispatch(Op::Gather(0), &[&self.reshape(&[-1])?, &index.reshape(&[-1])?])?
            .view_dims(index.dims())
            .called("GatherBackward0")
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
            return self.reshape(&[1])?.index_select(0, index)?.reshape(&[]).called("IndexSelectBackward0");
        }
        let mut column = vec![1; self.ndim()];
        column[d] = index.numel() as isize;
        let mut full = self.dims().to_vec();
        full[d] = index.numel();
        self.gather(dim, &index.reshape(&column)?.expand(&full)?).called("IndexSelectBackward0")
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
        self.slice(d as isize, at, at + 1, 1)?.view_dims(&dims).called("SelectBackward0")
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

    fn must_fit(&self, mask: &Tensor) -> Result<()> {
        if mask.ndim() > self.ndim() {
            return Err(too_many_indices(self));
        }
        if mask.dims() != &self.dims()[..mask.ndim()] {
            return Err(Error::Index(format!(
                "The shape of the mask {:?} does not match the shape of the indexed tensor {:?}",
                mask.dims(),
                self.dims()
            )));
        }
        Ok(())
    }

    /// `x[mask] = value`, for a mask that broadcasts to x.
    ///
    /// # Errors
    /// When it does not; see also [`Tensor::fill_`].
    pub fn masked_fill_(&self, mask: &Tensor, value: f64) -> Result<()> {
        self.update(&[], |x| x.masked_fill(mask, value))
    }

    /// `x[index] = values` for indices along dimension 0, or a mask over the first dimensions; values
    /// broadcast. Of equal indices the last one's values stay.
    ///
    /// # Errors
    /// When an index is out of range, the mask or the values do not fit, or the dtypes differ. See also
    /// [`Tensor::fill_`].
    pub fn index_put_(&self, index: &Tensor, values: &Tensor) -> Result<()> {
        if values.dtype() != self.dtype() {
            return Err(Error::DType(format!(
                "Index put requires the source and destination dtypes match, got {} for the destination and {} \
                 for the source.",
                self.dtype().scalar_type(),
                values.dtype().scalar_type()
            )));
        }
        let (lead, places) = self.places(index)?;
        let (lead, rest) = self.dims().split_at(lead);
        // For each place the number of the row that is written there
        let mut source = vec![0; lead.iter().product()];
        let mut hit = vec![false; source.len()];
        for (row, &place) in places.iter().enumerate() {
            source[place] = row as i64;
            hit[place] = true;
        }
        let masks = index.dtype() == DType::Bool;
        let count = [places.len()];
        let shape: Vec<usize> =
            if masks { &count } else { index.dims() }.iter().chain(rest).copied().collect();
        let rows: Vec<isize> = count.iter().chain(rest).map(|&n| n as isize).collect();
        let values = values.expand(&shape)?.reshape(&rows)?;
        if places.is_empty() {
            return Ok(());
        }
        let ones = vec![1; rest.len()];
        let hit = Tensor::from_vec(hit, &[lead, &ones].concat())?;
        let source = Tensor::from_vec(source, &[hit.numel()])?;
        let all: Vec<isize> = self.dims().iter().map(|&n| n as isize).collect();
        self.update(&[&values], |x| values.index_select(0, &source)?.reshape(&all)?.where_(&hit, x))
    }

    /// How many dimensions an index covers, and which places of these it names, in row-major order.
    fn places(&self, index: &Tensor) -> Result<(usize, Vec<usize>)> {
        if index.dtype() == DType::Bool {
            self.must_fit(index)?;
            let holds = index.to_vec::<bool>()?;
            return Ok((index.ndim(), (0..holds.len()).filter(|&i| holds[i]).collect()));
        }
        let size = self.dims().first().copied().ok_or_else(|| too_many_indices(self))? as i64;
        let place = |at: i64| {
            let fits = (-size..size).contains(&at);
            let error = || format!("index {at} is out of bounds for dimension 0 with size {size}");
            fits.then(|| at.rem_euclid(size) as usize).ok_or_else(|| Error::Index(error()))
        };
        let index = index.to(DType::I64)?.to_vec::<i64>()?;
        Ok((1, index.into_iter().map(place).collect::<Result<_>>()?))
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
        value.to(dtype)?.where_(mask, &self.expand(&dims)?).called("MaskedFillBackward0")
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

pub(super) fn too_many_indices(x: &Tensor) -> Error {
    Error::Index(format!("too many indices for tensor of dimension {}", x.ndim()))
}
