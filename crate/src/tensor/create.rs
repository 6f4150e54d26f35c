//! New tensors.

use super::Tensor;
use crate::backend::Storage;
use crate::backend::cpu::{CpuStorage, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::shape::{allocatable, checked_dims, checked_numel};

impl Tensor {
    /// A tensor of these elements in row-major order.
    ///
    /// # Errors
    /// When the sizes hold another number of elements.
    pub fn from_vec<T: Element>(values: Vec<T>, dims: &[usize]) -> Result<Tensor> {
        if checked_dims(dims).and_then(|dims| checked_numel(&dims))? != values.len() {
            return Err(Error::Shape(format!(
                "shape '{dims:?}' is invalid for input of size {}",
                values.len()
            )));
        }
        Ok(Tensor::from_storage(Storage::Cpu(T::store(values)), dims))
    }

    /// A zero-dim tensor.
    pub fn scalar<T: Element>(value: T) -> Tensor {
        Tensor::from_storage(Storage::Cpu(T::store(vec![value])), &[])
    }

    /// Every element the same, as `torch.full` with a dtype.
    ///
    /// # Panics
    /// When the elements take more than [`crate::shape::MAX_BYTES`]; so for all here that take sizes. Sizes
    /// from outside go to [`super::creation`], which gives an error.
    pub fn full(dims: &[usize], value: f64, dtype: DType) -> Tensor {
        fn filled<T: Element>(n: usize, value: f64) -> CpuStorage {
            T::store(vec![T::from_f64(value); n])
        }
        let n = allowed(dims, dtype);
        let storage = match dtype {
            DType::F32 => filled::<f32>(n, value),
            DType::F64 => filled::<f64>(n, value),
            DType::I64 => filled::<i64>(n, value),
            DType::Bool => filled::<bool>(n, value),
        };
        Tensor::from_storage(Storage::Cpu(storage), dims)
    }

    /// Zeros, as `torch.zeros`: f32.
    pub fn zeros(dims: &[usize]) -> Tensor {
        Tensor::full(dims, 0.0, DType::F32)
    }

    /// Ones, as `torch.ones`: f32.
    pub fn ones(dims: &[usize]) -> Tensor {
        Tensor::full(dims, 1.0, DType::F32)
    }

    /// Zeros of the same shape and dtype.
    pub fn zeros_like(&self) -> Tensor {
        self.filled_like(0.0)
    }

    /// Ones of the same shape and dtype.
    pub fn ones_like(&self) -> Tensor {
        self.filled_like(1.0)
    }

    /// `0, 1, … n − 1`, as `torch.arange(n)`: i64.
    pub fn arange(n: i64) -> Tensor {
        allowed(&[n.max(0) as usize], DType::I64);
        let values: Vec<i64> = (0..n).collect();
        let dims = [values.len()];
        Tensor::from_storage(Storage::Cpu(i64::store(values)), &dims)
    }

    /// Uniform on [0, 1), as `torch.rand`: f32.
    pub fn rand(dims: &[usize], generator: &mut Generator) -> Tensor {
        Tensor::uniform(dims, 0.0, 1.0, generator)
    }

    /// Uniform on [low, high), as `torch.empty(dims).uniform_(low, high)`: f32.
    pub fn uniform(dims: &[usize], low: f64, high: f64, generator: &mut Generator) -> Tensor {
        let values = generator.uniform(allowed(dims, DType::F32), low, high);
        Tensor::from_storage(Storage::Cpu(f32::store(values)), dims)
    }

    /// Standard normal, as `torch.randn`: f32.
    pub fn randn(dims: &[usize], generator: &mut Generator) -> Tensor {
        let values = generator.normal(allowed(dims, DType::F32));
        Tensor::from_storage(Storage::Cpu(f32::store(values)), dims)
    }
}

/// The number of elements of a new tensor.
fn allowed(dims: &[usize], dtype: DType) -> usize {
    match allocatable(dims, dtype) {
        Ok(numel) => numel,
        Err(error) => panic!("{error}"),
    }
}
