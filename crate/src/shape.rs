//! Shapes, strides and views: how the elements of a tensor lie in its storage.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::list::{List, MAX_DIMS};

/// The sizes of a tensor's dimensions; empty for a scalar.
pub type Dims = List<usize>;

/// How many elements to move in the storage for one step along each dimension; 0 where a
/// dimension was broadcast.
pub type Strides = List<isize>;

/// A size as PyTorch's functions take them: any integer, where -1 may have a meaning of its own.
pub trait Size: Copy {
    /// The size.
    fn size(self) -> isize;
}

macro_rules! size {
    ($($t:ty),+) => {
        $(impl Size for $t {
            fn size(self) -> isize {
                self as isize
            }
        })+
    };
}
size!(usize, isize, i32);

/// Sizes as a list.
///
/// # Errors
/// For more than [`MAX_DIMS`].
pub fn checked_dims(dims: &[usize]) -> Result<Dims> {
    if dims.len() > MAX_DIMS {
        return Err(Error::Shape(format!("a tensor has at most {MAX_DIMS} dimensions, got {}", dims.len())));
    }
    Ok(dims.into())
}

/// Whether both are the same sizes. Layouts are shared, so that these are often the very same list; and a loop
/// over two or three is less than the call that comparing memory is.
#[inline]
pub fn same_dims(a: &[usize], b: &[usize]) -> bool {
    std::ptr::eq(a, b) || (a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b))
}

/// The number of elements.
pub fn numel(dims: &[usize]) -> usize {
    dims.iter().product()
}

/// The most memory that the elements of one tensor may take: 1 GiB. What needs more is refused before it is
/// tried, the same everywhere; a browser has no more than 4 GiB for all.
pub const MAX_BYTES: usize = 1 << 30;

/// The number of elements, which can be counted.
///
/// # Errors
/// When it is too large a number.
pub fn checked_numel(dims: &[usize]) -> Result<usize> {
    // The strides, too, of which no size 0 makes an end.
    let product = dims.iter().try_fold(1usize, |n, &size| n.checked_mul(size.max(1)));
    if product.is_none_or(|n| n > isize::MAX as usize) {
        return Err(Error::Memory("numel: integer multiplication overflow".into()));
    }
    Ok(numel(dims))
}

/// The number of elements of a new tensor.
///
/// # Errors
/// When they take more than [`MAX_BYTES`].
pub fn allocatable(dims: &[usize], dtype: DType) -> Result<usize> {
    let numel = checked_numel(dims)?;
    let bytes = (numel as u64).saturating_mul(dtype.itemsize() as u64);
    if bytes > MAX_BYTES as u64 {
        return Err(Error::Memory(format!(
            "can't allocate memory: you tried to allocate {bytes} bytes, and a tensor may have {MAX_BYTES}"
        )));
    }
    Ok(numel)
}

/// A dimension counted from either end, as an index.
///
/// # Errors
/// PyTorch's "Dimension out of range" when it is not in `[-ndim, ndim - 1]`. A scalar has, as in
/// PyTorch, the dimensions 0 and -1.
pub fn normalize_dim(dim: isize, ndim: usize) -> Result<usize> {
    let n = ndim.max(1) as isize;
    if (-n..n).contains(&dim) {
        Ok(if dim < 0 { dim + n } else { dim } as usize)
    } else {
        Err(Error::Index(format!(
            "Dimension out of range (expected to be in range of [{}, {}], but got {dim})",
            -n,
            n - 1
        )))
    }
}

/// The shape that both broadcast to: sizes are compared from the last, and 1 stretches.
///
/// # Errors
/// When two sizes differ and neither is 1.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Dims> {
    let n = a.len().max(b.len());
    let size = |dims: &[usize], i: usize| {
        (i + dims.len()).checked_sub(n).map_or(1, |k| dims[k]) // missing leading dimensions are 1
    };
    (0..n)
        .map(|i| match (size(a, i), size(b, i)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            (x, y) => Err(Error::Shape(format!(
                "The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {i}"
            ))),
        })
        .collect()
}

/// The sizes of a reshape with at most one -1 worked out.
///
/// # Errors
/// When the sizes do not hold `numel` elements.
pub fn infer_reshape(sizes: &[isize], numel: usize) -> Result<Dims> {
    let invalid = || Error::Shape(format!("shape '{sizes:?}' is invalid for input of size {numel}"));
    if sizes.iter().filter(|&&s| s == -1).count() > 1 {
        return Err(Error::Shape("only one dimension can be inferred".into()));
    }
    if let Some(s) = sizes.iter().find(|&&s| s < -1) {
        return Err(Error::Shape(format!("invalid shape dimension {s}")));
    }
    if sizes.len() > MAX_DIMS {
        return Err(Error::Shape(format!("a tensor has at most {MAX_DIMS} dimensions, got {}", sizes.len())));
    }
    let given: Dims = sizes.iter().filter(|&&s| s >= 0).map(|&s| s as usize).collect();
    let known = checked_numel(&given)?;
    let dims = sizes
        .iter()
        .map(|&s| match s {
            -1 if known == 0 => Err(Error::Shape(format!(
                "cannot reshape tensor of {numel} elements into shape {sizes:?} because the unspecified dimension size -1 can be any value and is ambiguous"
            ))),
            -1 => Ok(numel / known),
            s => Ok(s as usize),
        })
        .collect::<Result<Dims>>()?;
    if self::numel(&dims) == numel { Ok(dims) } else { Err(invalid()) }
}

/// Where the elements of a tensor lie in its storage: element `i` is at
/// `offset + Σ i[d] * strides[d]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    dims: Dims,
    strides: Strides,
    offset: usize,
    /// What follows from the others is asked for at every operation.
    numel: usize,
    contiguous: bool,
}

impl Layout {
    fn new(dims: Dims, strides: Strides, offset: usize) -> Layout {
        let numel = numel(&dims);
        let mut expected = 1;
        let mut contiguous = true;
        for (&size, &stride) in dims.iter().zip(strides.iter()).rev() {
            contiguous &= size == 1 || stride == expected;
            expected = expected.wrapping_mul(size as isize);
        }
        Layout { dims, strides, offset, numel, contiguous: contiguous || numel == 0 }
    }

    /// Row-major from the start of the storage.
    pub fn contiguous(dims: &[usize]) -> Layout {
        let dims = Dims::from(dims);
        let mut strides = Strides::repeat(1, dims.len());
        let mut step = 1isize;
        for (stride, &size) in strides.iter_mut().zip(dims.iter()).rev() {
            *stride = step;
            step = step.wrapping_mul(size.max(1) as isize);
        }
        Layout { dims, strides, offset: 0, numel: numel(&dims), contiguous: true }
    }

    /// Any sizes and strides over a storage of `len` elements, as `torch.as_strided`.
    ///
    /// # Errors
    /// For more than [`MAX_DIMS`] dimensions, other numbers of sizes and strides, or elements outside
    /// the storage. Any numbers may be given: none overflows.
    pub fn strided(dims: &[usize], strides: &[usize], offset: usize, len: usize) -> Result<Layout> {
        let outside = || {
            Error::Shape(format!(
                "setStorage: sizes {dims:?}, strides {strides:?}, storage offset {offset} are out of bounds for \
                 storage of size {len}"
            ))
        };
        checked_dims(dims)?;
        if dims.len() != strides.len() {
            return Err(Error::Shape(format!(
                "mismatch in length of strides and shape: {strides:?} for {dims:?}"
            )));
        }
        // Room for 8-byte elements, without wrapping, whatever dimension is 0.
        let product = dims.iter().try_fold(8usize, |n, &size| n.checked_mul(size.max(1)));
        if product.is_none_or(|n| n > isize::MAX as usize) {
            return Err(outside());
        }
        let Layout { dims: sizes, strides: mut steps, numel, .. } = Layout::contiguous(dims);
        if numel == 0 {
            return Ok(Layout::contiguous(dims));
        }
        let mut last = offset;
        for (d, (&size, &stride)) in dims.iter().zip(strides).enumerate() {
            // The stride of a dimension of size 1 is never used: contiguous' own stays.
            if size > 1 {
                let span = stride.checked_mul(size - 1).and_then(|span| last.checked_add(span));
                last = span.ok_or_else(outside)?;
                steps[d] = isize::try_from(stride).map_err(|_| outside())?;
            }
        }
        if last < len { Ok(Layout::new(sizes, steps, offset)) } else { Err(outside()) }
    }

    /// The sizes.
    #[inline]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The strides, in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// The place of the first element in the storage.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        self.numel
    }

    /// Whether the elements lie in row-major order without gaps (from any offset).
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.contiguous
    }

    /// The same elements broadcast to `dims`.
    ///
    /// # Errors
    /// When a size other than 1 would have to change.
    pub fn expand(&self, dims: &[usize]) -> Result<Layout> {
        let Some(lead) = dims.len().checked_sub(self.dims.len()) else {
            return Err(Error::Shape(format!(
                "expand({:?}, size={dims:?}): the number of sizes provided ({}) must be greater or equal to the \
                 number of dimensions in the tensor ({})",
                self.dims,
                dims.len(),
                self.dims.len()
            )));
        };
        let mut strides = Strides::repeat(0, dims.len());
        // From the last: where several sizes differ, it is the one that PyTorch names.
        for d in (0..self.dims.len()).rev() {
            let (size, stride, wanted) = (self.dims[d], self.strides[d], dims[lead + d]);
            if size == wanted {
                strides[lead + d] = stride;
            } else if size != 1 {
                return Err(Error::Shape(format!(
                    "The expanded size of the tensor ({wanted}) must match the existing size ({size}) at \
                     non-singleton dimension {}.  Target sizes: {dims:?}.  Tensor sizes: {:?}",
                    lead + d,
                    self.dims
                )));
            }
        }
        checked_numel(dims)?;
        Ok(Layout::new(dims.into(), strides, self.offset))
    }

    /// The dimensions in another order: the new dimension `d` is the old `order[d]`.
    ///
    /// # Errors
    /// When `order` is not a permutation of the dimensions.
    pub fn permute(&self, order: &[usize]) -> Result<Layout> {
        let mut seen = List::repeat(false, self.dims.len());
        let fits = order.len() == self.dims.len()
            && order.iter().all(|&d| d < seen.len() && !std::mem::replace(&mut seen[d], true));
        if !fits {
            return Err(Error::Shape(format!(
                "permute(dims): {order:?} is not an order of the dimensions of a tensor of shape {:?}",
                self.dims
            )));
        }
        let dims = order.iter().map(|&d| self.dims[d]).collect();
        let strides = order.iter().map(|&d| self.strides[d]).collect();
        Ok(Layout::new(dims, strides, self.offset))
    }

    /// Every `step`-th element of `start..end` along `dim`. The range must lie within the size.
    ///
    /// # Errors
    /// When it does not, or `step` is 0.
    pub fn slice(&self, dim: usize, start: usize, end: usize, step: usize) -> Result<Layout> {
        if step == 0 {
            return Err(Error::Value("slice step must be positive".into()));
        }
        if start > end || end > self.dims[dim] {
            return Err(Error::Index(format!(
                "slice {start}..{end} is out of bounds for dimension {dim} with size {}",
                self.dims[dim]
            )));
        }
        let Layout { mut dims, mut strides, offset, .. } = *self;
        dims[dim] = (end - start).div_ceil(step);
        strides[dim] *= step as isize;
        // Where there are no elements, the first would lie outside the storage.
        let skipped = if numel(&dims) > 0 { start as isize * self.strides[dim] } else { 0 };
        Ok(Layout::new(dims, strides, offset.wrapping_add_signed(skipped)))
    }

    /// The same elements of a storage that begins `by` elements earlier.
    pub fn shifted(&self, by: usize) -> Layout {
        Layout { offset: self.offset + by, ..*self }
    }

    /// The elements as `dims` without moving them, where the strides allow it.
    pub fn view(&self, dims: &[usize]) -> Option<Layout> {
        if self.is_contiguous() {
            let mut out = Layout::contiguous(dims);
            out.offset = self.offset;
            return Some(out);
        }
        let numel = self.numel();
        if numel == 0 || numel != self::numel(dims) {
            return None;
        }
        // From the last: dimensions whose elements lie evenly spaced are one block, which new dimensions
        // divide among them (ATen's computeStride).
        let mut strides = Strides::repeat(1, dims.len());
        let mut new = dims.len();
        let (mut block, mut stride) = (1, self.strides.last().copied().unwrap_or(1));
        for d in (0..self.dims.len()).rev() {
            block *= self.dims[d];
            let joins = d > 0 && (self.dims[d - 1] == 1 || self.strides[d - 1] == block as isize * stride);
            if joins {
                continue;
            }
            let mut taken = 1;
            while new > 0 && (taken < block || dims[new - 1] == 1) {
                new -= 1;
                strides[new] = taken as isize * stride;
                taken *= dims[new];
            }
            if taken != block {
                return None;
            }
            if d > 0 {
                (block, stride) = (1, self.strides[d - 1]);
            }
        }
        (new == 0).then(|| Layout::new(dims.into(), strides, self.offset))
    }

    /// Calls `f` with the storage offset of the start of each run along the last dimension, in
    /// row-major order. The run has `dims.last()` elements, `strides.last()` apart (a scalar is one
    /// run of one element).
    pub fn for_each_row(&self, mut f: impl FnMut(usize)) {
        self.for_each_start(&mut f);
    }

    /// The same. Not a type parameter: one copy of the counting serves all.
    fn for_each_start(&self, f: &mut dyn FnMut(usize)) {
        if self.numel() == 0 {
            return;
        }
        let outer = self.dims.len().saturating_sub(1);
        let mut index = Dims::repeat(0, outer);
        let mut at = self.offset as isize;
        loop {
            f(at as usize);
            let mut d = outer;
            loop {
                if d == 0 {
                    return;
                }
                d -= 1;
                index[d] += 1;
                at += self.strides[d];
                if index[d] < self.dims[d] {
                    break;
                }
                at -= self.strides[d] * self.dims[d] as isize;
                index[d] = 0;
            }
        }
    }

    /// The size and stride of a run of [`Layout::for_each_row`].
    #[inline]
    pub fn row(&self) -> (usize, isize) {
        (self.dims.last().copied().unwrap_or(1), self.strides.last().copied().unwrap_or(1))
    }
}
