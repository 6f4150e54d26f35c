//! Elements as little-endian bytes.

use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::Tensor;

/// The bytes of one element.
pub(super) fn item_size(dtype: DType) -> usize {
    match dtype {
        DType::Bool => 1,
        DType::F32 => 4,
        DType::F64 | DType::I64 => 8,
    }
}

/// A tensor of these sizes from the bytes of all its elements; a byte that is not 0 is true.
///
/// # Errors
/// When the sizes hold another number of elements.
pub(super) fn decode(dtype: DType, bytes: &[u8], dims: &[usize]) -> Result<Tensor> {
    match dtype {
        DType::Bool => Tensor::from_vec(bytes.iter().map(|&b| b != 0).collect(), dims),
        DType::F32 => Tensor::from_vec(numbers(bytes, f32::from_le_bytes), dims),
        DType::F64 => Tensor::from_vec(numbers(bytes, f64::from_le_bytes), dims),
        DType::I64 => Tensor::from_vec(numbers(bytes, i64::from_le_bytes), dims),
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], number: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|&b| number(b)).collect()
}

/// The bytes of all elements in row-major order.
///
/// # Errors
/// Never: the type asked for is the tensor's own.
pub(super) fn encode(tensor: &Tensor) -> Result<Vec<u8>> {
    Ok(match tensor.dtype() {
        DType::Bool => tensor.to_vec::<bool>()?.into_iter().map(u8::from).collect(),
        DType::F32 => tensor.to_vec::<f32>()?.into_iter().flat_map(f32::to_le_bytes).collect(),
        DType::F64 => tensor.to_vec::<f64>()?.into_iter().flat_map(f64::to_le_bytes).collect(),
        DType::I64 => tensor.to_vec::<i64>()?.into_iter().flat_map(i64::to_le_bytes).collect(),
    })
}
