//! What arithmetic takes on its right: a tensor or a number.

use super::Tensor;

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
