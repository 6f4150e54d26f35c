//! What arithmetic takes on its right: a tensor or a number.

use super::Tensor;
use crate::dtype::DType;
use crate::error::Result;

/// A tensor or a number. A number has no dtype of its own: an integer keeps the tensor's, a fraction
/// makes integers floating-point, as in PyTorch.
#[derive(Clone, Copy)]
pub enum Operand<'a> {
    /// A tensor
    Tensor(&'a Tensor),
    /// A Python int
    Int(i64),
    /// A Python float
    Float(f64),
}

impl Operand<'_> {
    /// A number as a zero-dim tensor of a dtype; None for a tensor.
    pub(super) fn number(self, dtype: DType) -> Result<Option<Tensor>> {
        match self {
            Operand::Tensor(_) => Ok(None),
            Operand::Int(number) => Tensor::scalar(number).to(dtype).map(Some),
            Operand::Float(number) => Ok(Some(Tensor::full(&[], number, dtype))),
        }
    }
}

impl<'a> From<&'a Tensor> for Operand<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Operand::Tensor(tensor)
    }
}

impl From<i64> for Operand<'_> {
    fn from(number: i64) -> Self {
        Operand::Int(number)
    }
}

impl From<f64> for Operand<'_> {
    fn from(number: f64) -> Self {
        Operand::Float(number)
    }
}
