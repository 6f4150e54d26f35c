//! Tensors for scripts: the class `Tensor`.

use super::convert::{js_error, run_error};
use crate::backend::Device;
use crate::error;
use crate::tensor::Tensor;
use js_sys::{Array, Float32Array};
use wasm_bindgen::prelude::*;

/// A tensor of float32. Every method gives a new one and leaves its operands as they are; sizes
/// broadcast as PyTorch's do. What is wrong is an `Error` with PyTorch's words.
///
/// The elements lie in the module's memory until `dispose()`, or until the browser collects the
/// object: whoever makes many should dispose them.
#[wasm_bindgen(js_name = Tensor)]
pub struct JsTensor(Option<Tensor>);

#[wasm_bindgen(js_class = Tensor)]
impl JsTensor {
    /// A copy of the elements, row-major. Without a shape it has one dimension; `[]` is a scalar.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Float32Array | number[]")] elements: Vec<f32>,
        #[wasm_bindgen(unchecked_optional_param_type = "number[]")] shape: Option<Vec<u32>>,
    ) -> Result<JsTensor, JsValue> {
        let dims = match shape {
            Some(shape) => shape.into_iter().map(|size| size as usize).collect(),
            None => vec![elements.len()],
        };
        // Sizes whose product overflows must not pass for the few elements that it wraps to.
        if dims.iter().try_fold(1usize, |n, &size| n.checked_mul(size)).is_none() {
            let message = format!("shape '{dims:?}' is invalid for input of size {}", elements.len());
            return Err(js_error(&message));
        }
        made(Tensor::from_vec(elements, &dims))
    }

    /// The sizes of the dimensions.
    #[wasm_bindgen(getter, unchecked_return_type = "number[]")]
    pub fn shape(&self) -> Result<Array, JsValue> {
        Ok(self.get()?.dims().iter().map(|&size| JsValue::from(size as f64)).collect())
    }

    /// A copy of the elements, row-major.
    #[wasm_bindgen(js_name = toArray)]
    pub fn to_array(&self) -> Result<Float32Array, JsValue> {
        let tensor = self.get()?;
        if tensor.device() != Device::Cpu {
            let message = "can't convert webgpu device type tensor to an array. Use Tensor.cpu() to copy the tensor to \
                           host memory first.";
            return Err(js_error(message));
        }
        let elements = tensor.to_vec::<f32>().map_err(|e| run_error(&e))?;
        Ok(Float32Array::from(elements.as_slice()))
    }

    /// The matrix product, as `torch.matmul`: of matrices, vectors, or batches of matrices.
    pub fn matmul(&self, other: &JsTensor) -> Result<JsTensor, JsValue> {
        made(self.get()?.matmul(other.get()?))
    }

    /// `this + other`
    pub fn add(&self, other: &JsTensor) -> Result<JsTensor, JsValue> {
        made(self.get()?.add(other.get()?))
    }

    /// `this - other`
    pub fn sub(&self, other: &JsTensor) -> Result<JsTensor, JsValue> {
        made(self.get()?.sub(other.get()?))
    }

    /// `this * other`, element by element
    pub fn mul(&self, other: &JsTensor) -> Result<JsTensor, JsValue> {
        made(self.get()?.mul(other.get()?))
    }

    /// `max(this, 0)`
    pub fn relu(&self) -> Result<JsTensor, JsValue> {
        made(self.get()?.relu())
    }

    /// The sum of all elements, as a scalar.
    pub fn sum(&self) -> Result<JsTensor, JsValue> {
        made(self.get()?.sum())
    }

    /// The same elements in another shape; one size may be -1 and is worked out.
    pub fn reshape(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number[]")] shape: Vec<i32>,
    ) -> Result<JsTensor, JsValue> {
        let sizes: Vec<isize> = shape.into_iter().map(|size| size as isize).collect();
        made(self.get()?.reshape(&sizes))
    }

    /// Two dimensions exchanged; negative ones count from the last.
    pub fn transpose(&self, dim0: i32, dim1: i32) -> Result<JsTensor, JsValue> {
        made(self.get()?.transpose(dim0 as isize, dim1 as isize))
    }

    /// Gives the elements' memory back at once. The tensor cannot be used after that.
    pub fn dispose(&mut self) -> Result<(), JsValue> {
        self.0.take().map(drop).ok_or_else(disposed)
    }
}

impl JsTensor {
    pub(super) fn get(&self) -> Result<&Tensor, JsValue> {
        self.0.as_ref().ok_or_else(disposed)
    }
}

fn disposed() -> JsValue {
    js_error("this tensor was disposed")
}

pub(super) fn made(result: error::Result<Tensor>) -> Result<JsTensor, JsValue> {
    result.map(|tensor| JsTensor(Some(tensor))).map_err(|e| run_error(&e))
}
