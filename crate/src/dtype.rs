//! Element types and how they mix.

use std::fmt;

/// The type of a tensor's elements. Prints as PyTorch's (`torch.float32`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// `torch.bool`
    Bool,
    /// `torch.int64`
    I64,
    /// `torch.float32`, the default of floating-point tensors
    F32,
    /// `torch.float64`
    F64,
}

impl DType {
    /// Whether values are fractions: only such tensors can require gradients.
    pub fn is_floating_point(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    /// The size of an element in bytes, as `dtype.itemsize`.
    pub fn itemsize(self) -> usize {
        match self {
            DType::Bool => 1,
            DType::F32 => 4,
            DType::I64 | DType::F64 => 8,
        }
    }

    /// PyTorch's other name of it, which its errors use: Bool, Long, Float or Double.
    pub fn scalar_type(self) -> &'static str {
        match self {
            DType::Bool => "Bool",
            DType::I64 => "Long",
            DType::F32 => "Float",
            DType::F64 => "Double",
        }
    }

    /// The type that holds both, as `torch.promote_types`. The variants are declared in that order.
    pub fn promote(self, other: DType) -> DType {
        self.max(other)
    }

    /// PyTorch's order of kinds: bool, then integers, then floating point.
    fn category(self) -> u8 {
        match self {
            DType::Bool => 0,
            DType::I64 => 1,
            DType::F32 | DType::F64 => 2,
        }
    }

    /// The name of a tensor's type, as `tensor.type()`: torch.FloatTensor.
    pub fn tensor_type(self) -> String {
        format!("torch.{}Tensor", self.scalar_type())
    }

    /// Whether a result of this type can be written into a tensor of type `to`, as `torch.can_cast`.
    pub fn can_cast(self, to: DType) -> bool {
        self.category() <= to.category()
    }

    /// The dtype of an operation on these operands, as `torch.result_type`: a zero-dim operand
    /// decides only when its kind (bool, integer, floating point) is higher than that of every
    /// operand with dimensions.
    pub fn result_type(operands: impl IntoIterator<Item = (DType, bool)> + Clone) -> DType {
        let join = |zero_dim: bool| {
            operands
                .clone()
                .into_iter()
                .filter(|&(_, zero)| zero == zero_dim)
                .map(|(dtype, _)| dtype)
                .reduce(DType::promote)
        };
        match (join(false), join(true)) {
            (Some(dims), Some(zero)) if zero.category() > dims.category() => zero,
            (Some(dims), _) => dims,
            (None, zero) => zero.unwrap_or(DType::F32),
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DType::Bool => "torch.bool",
            DType::I64 => "torch.int64",
            DType::F32 => "torch.float32",
            DType::F64 => "torch.float64",
        })
    }
}
