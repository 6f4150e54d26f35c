//! Elements added around a tensor, as `F.pad`.

use super::{Called, Tensor, dispatch};
use crate::error::{Error, Result};
use crate::op::Op;
use crate::shape::{Dims, allocatable};

/// What is added around a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PadMode {
    /// A number
    Constant(f64),
    /// The elements mirrored at the outermost, which is not repeated
    Reflect,
    /// The outermost element again and again
    Replicate,
    /// The elements from the other end
    Circular,
}

impl Tensor {
    /// `value` added around the last dimensions, as `F.pad(x, pad, value=value)`: pairs of (before, after),
    /// the last dimension first; negative numbers cut off.
    ///
    /// # Errors
    /// When the pairs are odd in number, more than the dimensions, or cut off more than there is.
    pub fn pad(&self, pad: &[isize], value: f64) -> Result<Tensor> {
        self.pad_dims(pad, |out, d, before, after| out.pad_dim(d, before, after, value))
            .called("ConstantPadNdBackward0")
    }

    /// Elements added around the last dimensions, as `F.pad` with a mode: pairs of (before, after), the last
    /// dimension first; negative numbers cut off.
    ///
    /// # Errors
    /// See [`Tensor::pad`]. Other modes than the constant want a pair for each but the first one or two
    /// dimensions; reflection wants less padding than elements, a circle no more.
    pub fn pad_with(&self, pad: &[isize], mode: PadMode) -> Result<Tensor> {
        let padded = self.padded(pad, mode);
        match (mode, pad.len() / 2) {
            (PadMode::Constant(_), _) => padded.called("ConstantPadNdBackward0"),
            (PadMode::Reflect, 1) => padded.called("ReflectionPad1DBackward0"),
            (PadMode::Reflect, 2) => padded.called("ReflectionPad2DBackward0"),
            (PadMode::Reflect, _) => padded.called("ReflectionPad3DBackward0"),
            (PadMode::Replicate, 1) => padded.called("ReplicationPad1DBackward0"),
            (PadMode::Replicate, 2) => padded.called("ReplicationPad2DBackward0"),
            (PadMode::Replicate, _) => padded.called("ReplicationPad3DBackward0"),
            (PadMode::Circular, _) => padded.called("CopySlices"),
        }
    }

    fn padded(&self, pad: &[isize], mode: PadMode) -> Result<Tensor> {
        if let PadMode::Constant(value) = mode {
            return self.pad(pad, value);
        }
        let pairs = pad.len() / 2;
        if !(1..=3).contains(&pairs) || !(pairs + 1..=pairs + 2).contains(&self.ndim()) {
            return Err(Error::Value(format!(
                "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now, got {}D with {} \
                 numbers",
                self.ndim(),
                pad.len()
            )));
        }
        self.pad_dims(pad, |out, d, before, after| {
            let places = places(mode, out.dims()[d] as isize, before, after)?;
            let n = places.len();
            out.index_select(d as isize, &Tensor::from_vec(places, &[n])?)
        })
    }

    /// Pads one dimension after the other, with what can be padded checked.
    fn pad_dims(
        &self,
        pad: &[isize],
        one: impl Fn(&Tensor, usize, isize, isize) -> Result<Tensor>,
    ) -> Result<Tensor> {
        if !pad.len().is_multiple_of(2) {
            return Err(Error::Value("Padding length must be divisible by 2".into()));
        }
        if pad.len() / 2 > self.ndim() {
            return Err(Error::Value(format!(
                "Padding length should be less than or equal to two times the input dimension but got padding \
                 length {} and input of dimension {}",
                pad.len(),
                self.ndim()
            )));
        }
        let mut out = self.clone();
        for (i, pair) in pad.chunks_exact(2).enumerate() {
            let d = self.ndim() - 1 - i;
            let (before, after) = (pair[0], pair[1]);
            let size = self.dims()[d] as isize;
            let end = before.checked_add(size).and_then(|n| n.checked_add(after)).unwrap_or(-1);
            if end < 0 || -before > size || -after > size {
                return Err(Error::Value(format!(
                    "The input size {size}, plus negative padding {before} and {after}, resulted in a negative \
                     output size, which is invalid. Check dimension {d} of your input."
                )));
            }
            if (before, after) != (0, 0) {
                let mut dims = Dims::from(out.dims());
                dims[d] = end as usize;
                allocatable(&dims, self.dtype())?;
                out = one(&out, d, before, after)?;
            }
        }
        // Never a view: PyTorch copies even where nothing is added.
        if out.storage_id() == self.storage_id() { dispatch(Op::Contiguous, &[&out]) } else { Ok(out) }
    }

    fn pad_dim(&self, d: usize, before: isize, after: isize, value: f64) -> Result<Tensor> {
        let cut = |n: isize| (-n).max(0) as usize;
        let inner = self.slice(d as isize, cut(before), self.dims()[d] - cut(after), 1)?;
        let block = |n: isize| {
            let mut dims = Dims::from(self.dims());
            dims[d] = n as usize;
            self.new_full(&dims, value)
        };
        let before = (before > 0).then(|| block(before)).transpose()?;
        let after = (after > 0).then(|| block(after)).transpose()?;
        if before.is_none() && after.is_none() {
            return Ok(inner);
        }
        let parts: Vec<Tensor> = before.into_iter().chain([inner]).chain(after).collect();
        Tensor::cat(&parts, d as isize)
    }
}

/// Which element stands at each place of a padded dimension.
fn places(mode: PadMode, size: isize, before: isize, after: isize) -> Result<Vec<i64>> {
    // What is cut off takes no part in a circle.
    let (first, left) = ((-before).max(0), size + before.min(0) + after.min(0));
    let most = match mode {
        PadMode::Reflect => size - 1,
        PadMode::Circular => left,
        _ => isize::MAX,
    };
    if before > most || after > most || size == 0 {
        return Err(Error::Value(match mode {
            PadMode::Circular => "Padding value causes wrapping around more than once.".into(),
            _ => format!(
                "Padding size should be less than the corresponding input dimension, but got: padding ({before}, \
                 {after}) at a dimension of size {size}"
            ),
        }));
    }
    let place = |at: isize| match mode {
        PadMode::Reflect if at < 0 => -at,
        PadMode::Reflect if at >= size => 2 * (size - 1) - at,
        PadMode::Circular => first + (at - first).rem_euclid(left.max(1)),
        _ => at.clamp(0, size - 1),
    };
    Ok((-before..size + after).map(|at| place(at) as i64).collect())
}
