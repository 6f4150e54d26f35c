//! What stands between brackets: `x[0, 1:3, None, ..., mask, rows]`, read and assigned to.

use super::{Called, Operand, Tensor, no_grad};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::DimList;
use crate::shape::{Dims, broadcast};
use std::ops::{Range, RangeFrom, RangeFull, RangeTo};

/// One of the indices between brackets. Numbers, Rust's ranges, bools and tensors become one by `into()`, and
/// [`crate::index!`] does that for a list.
#[derive(Clone, Copy)]
pub enum Index<'a> {
    /// `x[3]`: one element along a dimension, which is dropped; negative numbers count from the end
    At(isize),
    /// `x[start:end:step]`: negative bounds count from the end, those beyond the ends are cut off
    Slice {
        /// The first; None: from the beginning
        start: Option<isize>,
        /// One past the last; None: to the end
        end: Option<isize>,
        /// The distance
        step: isize,
    },
    /// `x[None]`: a new dimension of size 1
    NewAxis,
    /// `x[...]`: as many whole dimensions as the others leave
    Ellipsis,
    /// `x[True]`: a new dimension of size 1, or for False 0
    Bool(bool),
    /// `x[index]`, whole numbers for the elements along a dimension, or `x[mask]`, the elements where a mask
    /// over one or more dimensions holds
    Tensor(&'a Tensor),
}

impl From<isize> for Index<'_> {
    fn from(at: isize) -> Self {
        Index::At(at)
    }
}

impl From<bool> for Index<'_> {
    fn from(keep: bool) -> Self {
        Index::Bool(keep)
    }
}

impl<'a> From<&'a Tensor> for Index<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Index::Tensor(tensor)
    }
}

impl From<Range<isize>> for Index<'_> {
    fn from(range: Range<isize>) -> Self {
        Index::Slice { start: Some(range.start), end: Some(range.end), step: 1 }
    }
}

impl From<RangeFrom<isize>> for Index<'_> {
    fn from(range: RangeFrom<isize>) -> Self {
        Index::Slice { start: Some(range.start), end: None, step: 1 }
    }
}

impl From<RangeTo<isize>> for Index<'_> {
    fn from(range: RangeTo<isize>) -> Self {
        Index::Slice { start: None, end: Some(range.end), step: 1 }
    }
}

impl From<RangeFull> for Index<'_> {
    fn from(_: RangeFull) -> Self {
        Index::Slice { start: None, end: None, step: 1 }
    }
}

/// The indices of [`Tensor::at`] and [`Tensor::set`]: `index![0, 1..3, .., &mask]` is Python's
/// `[0, 1:3, :, mask]`. `None` and `...` are [`Index::NewAxis`] and [`Index::Ellipsis`].
///
/// ```
/// use gradus::{index, tensor::Tensor};
/// let x = Tensor::arange(12).reshape(&[3, 4])?;
/// assert_eq!(x.at(index![1, 1..3])?.to_f64_vec(), [5., 6.]);
/// x.set(index![.., 0], -1)?;
/// assert_eq!(x.at(index![2])?.to_f64_vec(), [-1., 9., 10., 11.]);
/// # Ok::<(), gradus::error::Error>(())
/// ```
#[macro_export]
macro_rules! index {
    ($($index:expr),* $(,)?) => { &[$($crate::tensor::Index::from($index)),*] };
}

impl Tensor {
    /// `x[index, …]`. A view where numbers, slices, new dimensions and `...` suffice; bools and tensors make a
    /// copy. Index tensors broadcast; their dimensions take the place of those that they index, or come first
    /// when others stand between them, as in PyTorch.
    ///
    /// # Errors
    /// When there is no such element, there are more indices than dimensions, a mask has another shape than
    /// what it masks, index tensors do not broadcast or are of fractions, or a step is not positive.
    pub fn at(&self, index: &[Index<'_>]) -> Result<Tensor> {
        let chosen = Chosen::new(self, index)?;
        match chosen.places()? {
            None => Ok(chosen.view),
            Some(places) => places.take(&chosen.view),
        }
    }

    /// `x[index, …] = value`, for a number or a tensor that broadcasts to what [`Tensor::at`] gives. Where an
    /// element is named more than once, the last value stays.
    ///
    /// # Errors
    /// As [`Tensor::at`]; also when the value does not broadcast, or, for index tensors, is of another dtype.
    pub fn set<'a>(&self, index: &[Index<'_>], value: impl Into<Operand<'a>>) -> Result<()> {
        self.assign(index, value.into())
    }

    fn assign(&self, index: &[Index<'_>], value: Operand<'_>) -> Result<()> {
        // A bool alone is all or nothing.
        let index = match index {
            [Index::Bool(false)] => return Ok(()),
            [Index::Bool(true)] => &[Index::NewAxis],
            index => index,
        };
        let chosen = Chosen::new(self, index)?;
        let places = chosen.places()?;
        let value = match value {
            Operand::Tensor(tensor) => without_leading_ones(tensor)?,
            number => number.number(self.dtype())?.expect("it is a number"),
        };
        let Some(places) = places else {
            return chosen.view.copy_(&value.expand(chosen.view.dims())?);
        };
        // One number is as good as a tensor of it, where there is only a mask.
        let number =
            value.numel() == 1 && matches!(&chosen.tensors[..], [(_, t)] if t.dtype() == DType::Bool);
        if value.dtype() != self.dtype() && !number {
            return Err(Error::DType(format!(
                "Index put requires the source and destination dtypes match, got {} for the destination and {} \
                 for the source.",
                self.dtype().scalar_type(),
                value.dtype().scalar_type()
            )));
        }
        places.put(&chosen.view, &value.to(self.dtype())?)
    }

    /// `x[index]` for an index tensor of any shape: the slices along dimension 0 at its elements, or those
    /// where a mask holds.
    ///
    /// # Errors
    /// See [`Tensor::at`].
    pub fn index(&self, index: &Tensor) -> Result<Tensor> {
        self.at(&[Index::Tensor(index)]).called("IndexBackward0")
    }
}

/// As assignment takes a value that has more dimensions, but of size 1.
fn without_leading_ones(tensor: &Tensor) -> Result<Tensor> {
    let ones = tensor.dims().iter().take_while(|&&n| n == 1).count();
    tensor.view_dims(&tensor.dims()[ones..])
}

fn number_of_dims(index: &Index<'_>) -> usize {
    match index {
        Index::At(_) | Index::Slice { .. } => 1,
        Index::Tensor(t) if t.dtype() == DType::Bool => t.ndim(),
        Index::Tensor(_) => 1,
        Index::NewAxis | Index::Ellipsis | Index::Bool(_) => 0,
    }
}

/// A view after all indices that give one, and which of its dimensions tensors index.
struct Chosen {
    view: Tensor,
    /// From the dimension on
    tensors: Vec<(usize, Tensor)>,
}

impl Chosen {
    fn new(x: &Tensor, index: &[Index<'_>]) -> Result<Chosen> {
        let named: usize = index.iter().map(number_of_dims).sum();
        if x.ndim() == 0 && matches!(index, [Index::At(_)]) {
            return Err(Error::Index(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to \
                 convert a 0-dim tensor to a number"
                    .into(),
            ));
        }
        let Some(rest) = x.ndim().checked_sub(named) else {
            return Err(super::index::too_many_indices(x));
        };
        let (mut view, mut dim) = (x.clone(), 0);
        let mut tensors = Vec::new();
        for (i, index) in index.iter().enumerate() {
            let d = dim as isize;
            match *index {
                Index::At(at) => view = view.select_at(dim, at, i)?,
                Index::Slice { step: 0, .. } => {
                    return Err(Error::Value("slice step cannot be zero".into()));
                }
                Index::Slice { start, end, step } => {
                    let step = usize::try_from(step)
                        .map_err(|_| Error::Value("step must be greater than zero".into()))?;
                    view = view.slice_python(d, start, end, step)?;
                    dim += 1;
                }
                Index::Ellipsis => dim = (dim + rest).min(view.ndim()),
                Index::NewAxis => {
                    view = view.unsqueeze(d)?;
                    dim += 1;
                }
                Index::Bool(keep) => {
                    view = view.unsqueeze(d)?;
                    tensors
                        .push((dim, Tensor::from_vec(vec![0i64; usize::from(keep)], &[usize::from(keep)])?));
                    dim += 1;
                }
                Index::Tensor(t) if t.dtype() == DType::Bool && t.ndim() == 0 => {
                    view = view.unsqueeze(d)?;
                    tensors.push((dim, t.reshape(&[1])?));
                    dim += 1;
                }
                Index::Tensor(t) if t.dtype() == DType::I64 && t.ndim() == 0 => {
                    view = view.select_at(dim, t.item()? as isize, i)?;
                }
                Index::Tensor(t) if t.dtype().is_floating_point() => {
                    return Err(Error::Index(
                        "tensors used as indices must be long, int, byte or bool tensors".into(),
                    ));
                }
                Index::Tensor(t) => {
                    tensors.push((dim, t.clone()));
                    dim += number_of_dims(index);
                }
            }
        }
        Ok(Chosen { view, tensors })
    }

    /// Where the tensors point to; None without tensors.
    fn places(&self) -> Result<Option<Places>> {
        if self.tensors.is_empty() {
            return Ok(None);
        }
        let dims = self.view.dims();
        let mut indexed = Vec::new();
        for (d, tensor) in &self.tensors {
            if tensor.dtype() == DType::Bool {
                let masked = &dims[*d..d + tensor.ndim()];
                if masked != tensor.dims() {
                    let at = masked.iter().zip(tensor.dims()).position(|(a, b)| a != b).unwrap_or(0);
                    return Err(Error::Index(format!(
                        "The shape of the mask {:?} at index {at} does not match the shape of the indexed tensor \
                         {dims:?} at index {}",
                        tensor.dims(),
                        d + at
                    )));
                }
                indexed.extend(nonzero(tensor)?.into_iter().enumerate().map(|(i, index)| (d + i, index)));
            } else {
                indexed.push((*d, tensor.clone()));
            }
        }
        let mut shape = Dims::new();
        for (_, index) in &indexed {
            shape = broadcast(&shape, index.dims()).map_err(|_| {
                let shapes: Vec<String> = indexed.iter().map(|(_, i)| format!("{:?}", i.dims())).collect();
                Error::Index(format!(
                    "shape mismatch: indexing tensors could not be broadcast together with shapes {}",
                    shapes.join(", ")
                ))
            })?;
        }
        let places: DimList = indexed.iter().map(|(d, _)| *d).collect();
        let others: DimList = (0..dims.len()).filter(|d| !places.contains(d)).collect();
        // PyTorch does not look at indices where there is nothing to take.
        let nothing = others.iter().any(|&d| dims[d] == 0);
        let mut flat = vec![0i64; shape.iter().product()];
        if !flat.is_empty() && places.iter().any(|&d| dims[d] == 0) {
            return Err(Error::Index("index is out of bounds for dimension with size 0".into()));
        }
        for (i, (d, index)) in indexed.iter().enumerate() {
            let size = dims[*d] as i64;
            let index = no_grad(|| index.expand(&shape)?.contiguous())?.to_vec::<i64>()?;
            for (place, at) in flat.iter_mut().zip(index) {
                let inside = (-size..size).contains(&at);
                if !inside && !nothing {
                    return Err(Error::Index(format!(
                        "index {at} is out of bounds for dimension {i} with size {size}"
                    )));
                }
                *place = *place * size + if inside { at.rem_euclid(size) } else { 0 };
            }
        }
        let indexed = places;
        // Between others, or in front of them all when they do not stand together.
        let together = indexed.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let front = if together { indexed[0] } else { 0 };
        Ok(Some(Places { shape, flat, indexed, others, front }))
    }
}

/// The indices of the elements that are true, for each dimension.
fn nonzero(mask: &Tensor) -> Result<Vec<Tensor>> {
    let hits: Vec<usize> =
        mask.to_vec::<bool>()?.iter().enumerate().filter(|(_, hit)| **hit).map(|(i, _)| i).collect();
    let mut inner: usize = mask.numel();
    mask.dims()
        .iter()
        .map(|&size| {
            inner /= size.max(1);
            Tensor::from_vec(hits.iter().map(|i| (i / inner % size) as i64).collect(), &[hits.len()])
        })
        .collect()
}

/// Elements of a view: along the indexed dimensions those at `flat`, counted in row-major order over these
/// dimensions; along the others all.
struct Places {
    /// Of the index tensors, broadcast
    shape: Dims,
    flat: Vec<i64>,
    indexed: DimList,
    others: DimList,
    /// How many of the others come before the dimensions of the indices in the result
    front: usize,
}

impl Places {
    /// The view with the indexed dimensions first.
    fn turned(&self, view: &Tensor) -> Result<Tensor> {
        let order: Vec<isize> = self.indexed.iter().chain(self.others.iter()).map(|&d| d as isize).collect();
        view.permute(&order)
    }

    /// The indexed dimensions of a turned view as one.
    fn merged(&self, turned: &Tensor) -> Result<Tensor> {
        let (indexed, others) = turned.dims().split_at(self.indexed.len());
        turned.reshape(&signed([indexed.iter().product()].iter().chain(others)))
    }

    /// The order of the dimensions of a result, whose index dimensions come first so far.
    fn order(&self) -> Vec<isize> {
        let n = self.shape.len();
        (n..n + self.front)
            .chain(0..n)
            .chain(n + self.front..n + self.others.len())
            .map(|d| d as isize)
            .collect()
    }

    fn index(&self) -> Result<Tensor> {
        Tensor::from_vec(self.flat.clone(), &[self.flat.len()])
    }

    fn take(&self, view: &Tensor) -> Result<Tensor> {
        let turned = self.turned(view)?;
        let rows = self.merged(&turned)?.index_select(0, &self.index()?)?;
        let others = &turned.dims()[self.indexed.len()..];
        rows.reshape(&signed(self.shape.iter().chain(others)))?.permute(&self.order())
    }

    /// Writes the values through the view: what was there where nothing is named, so that a gradient goes
    /// both to the values and to what stays.
    fn put(&self, view: &Tensor, value: &Tensor) -> Result<()> {
        let turned = self.turned(view)?;
        let before = self.merged(&turned)?;
        let others = &turned.dims()[self.indexed.len()..];
        let full: Dims = self.shape.iter().chain(others).copied().collect();
        let order = self.order();
        let wanted: Vec<usize> = order.iter().map(|&d| full[d as usize]).collect();
        let value = value.expand(&wanted).map_err(|_| {
            Error::Shape(format!(
                "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape \
                 {wanted:?}",
                value.dims()
            ))
        })?;
        if wanted.contains(&0) {
            return Ok(());
        }
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(i, &d)| back[d as usize] = i as isize);
        let rows = [self.flat.len()];
        let value = value.permute(&back)?.reshape(&signed(rows.iter().chain(others)))?;
        // Which of the values each place gets: the last that names it.
        let n = before.dims()[0];
        let (mut from, mut named) = (vec![0i64; n], vec![false; n]);
        for (i, &place) in self.flat.iter().enumerate() {
            (from[place as usize], named[place as usize]) = (i as i64, true);
        }
        let mut column = vec![1; before.ndim()];
        column[0] = n as isize;
        let named = Tensor::from_vec(named, &[n])?.reshape(&column)?;
        let after = value.index_select(0, &Tensor::from_vec(from, &[n])?)?.where_(&named, &before)?;
        turned.copy_(&after.reshape(&signed(turned.dims()))?)
    }
}

fn signed<'a>(dims: impl IntoIterator<Item = &'a usize>) -> Vec<isize> {
    dims.into_iter().map(|&n| n as isize).collect()
}
