//! Training on WebGPU from JavaScript.

use super::convert::{js_error, object, run_error};
use super::tensor::{JsTensor, made};
use super::trainer::{JsTrainer, now};
use crate::backend::Device;
use crate::backend::gpu::{self, Gpu};
use crate::tensor::Tensor;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A graphics processor.
#[wasm_bindgen(js_name = Device)]
pub struct JsDevice {
    gpu: Rc<Gpu>,
}

#[wasm_bindgen(js_class = Device)]
impl JsDevice {
    /// The fastest one. Ask `navigator.gpu.requestAdapter()` first: where that gives none this fails in ways that
    /// cannot be caught. Rejects where it has less than every WebGPU device has.
    pub async fn request() -> Result<JsDevice, JsValue> {
        let gpu = Gpu::request().await.map_err(|e| run_error(&e))?;
        Ok(JsDevice { gpu })
    }

    /// Its name, as far as browsers tell it.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.gpu.name().to_string()
    }

    /// Waits until all that it was given to do is done, as `torch.cuda.synchronize()`. Rejects when it is lost, or
    /// could not do something: an index that does not exist.
    pub async fn synchronize(&self) -> Result<(), JsValue> {
        self.gpu.read(&[]).wait().await.map(drop).map_err(|e| run_error(&e))
    }

    /// What has become of it, if it cannot be worked with any more.
    #[wasm_bindgen(getter)]
    pub fn trouble(&self) -> Option<String> {
        let health = self.gpu.health();
        health.lost.or(health.error)
    }

    /// Gives it up, as if it were lost.
    pub fn destroy(&self) {
        self.gpu.destroy();
    }
}

#[wasm_bindgen(js_class = Tensor)]
impl JsTensor {
    /// The same elements on a device, as `tensor.to(device)` in PyTorch: what is computed from them is computed, and
    /// stays, there. The other operands have to be there, too, except for scalars.
    pub fn to(&self, device: &JsDevice) -> Result<JsTensor, JsValue> {
        gpu::install(Some(device.gpu.clone()));
        made(self.get()?.to_device(Device::Gpu))
    }

    /// The same elements in memory, as `tensor.cpu()` in PyTorch: `toArray` gives those. Rejects as
    /// `Device.synchronize`.
    pub async fn cpu(&self) -> Result<JsTensor, JsValue> {
        let tensor = self.get()?;
        let elements = tensor.to_vec_async::<f32>().await.map_err(|e| run_error(&e))?;
        made(Tensor::from_vec(elements, tensor.dims()))
    }

    /// Where the elements are: `cpu` or `webgpu`.
    #[wasm_bindgen(getter, unchecked_return_type = "'cpu' | 'webgpu'")]
    pub fn device(&self) -> Result<String, JsValue> {
        Ok(self.get()?.device().to_string())
    }
}

/// A slice grows at most so much from one to the next: kernels are compiled in the first.
const GROWTH: f64 = 4.0;

#[wasm_bindgen(js_class = Trainer)]
impl JsTrainer {
    /// As `trainFor`, on a device, in one submission where epochs do not have to be looked at one by one. Rejects
    /// when the device is lost or refuses something; the run is then where its `position` says, and `trainFor` goes
    /// on from there. Nothing else may be called before the promise is settled.
    #[wasm_bindgen(js_name = trainOn, unchecked_return_type = "Slice")]
    pub async fn train_on(
        &mut self,
        device: &JsDevice,
        milliseconds: f64,
        max_steps: f64,
    ) -> Result<JsValue, JsValue> {
        let gpu = device.gpu.clone();
        if let Some(why) = device.trouble() {
            return Err(js_error(&format!("WebGPU: {why}")));
        }
        let start = now();
        let validates = !self.trainer.validation_rows().is_empty();
        let wanted = (self.device_pace * milliseconds).clamp(1.0, max_steps.max(1.0)) as u64;
        let mut made = 0;
        let (mut loss, mut diverged) = (f32::NAN, false);
        while made < wanted && !diverged && !self.trainer.position().finished {
            let stops = self.before_steps(validates);
            let left = (wanted - made) as usize;
            let result = self.trainer.run_on(&gpu, left, stops, &mut self.losses).await;
            made += self.losses.len() as u64;
            loss = self.after_steps(result.map_err(|e| run_error(&e)), validates)?;
            diverged = !loss.is_finite();
            if now() - start >= milliseconds {
                break;
            }
        }
        let pace = made as f64 / (now() - start).max(0.1);
        self.device_pace = pace.min(GROWTH * self.device_pace.max(1.0 / milliseconds.max(1.0)));
        Ok(object([("loss", loss.into()), ("diverged", diverged.into())]))
    }
}
