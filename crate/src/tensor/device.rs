//! Moving tensors between devices, and reading them from there.

use super::Tensor;
use crate::backend::Device;
use crate::backend::cpu::Element;
use crate::error::Result;

#[cfg(feature = "webgpu")]
pub(super) use gpu::{compute, to_target, together, write};

impl Tensor {
    /// Whether the elements are not in memory.
    #[inline]
    pub(super) fn is_elsewhere(&self) -> bool {
        #[cfg(feature = "webgpu")]
        return matches!(&*self.storage(), crate::backend::Storage::Gpu(_));
        #[cfg(not(feature = "webgpu"))]
        return false;
    }

    /// The same elements on a device, as `tensor.to(device)`; the tensor itself where they are there already. A
    /// gradient goes the other way. With the feature `webgpu`, `Device::Gpu` is the device that
    /// `backend::gpu::install` was given.
    ///
    /// # Errors
    /// When there is no such device, it is lost, or does not have the dtype; in a browser, when the elements would
    /// come back from a device: see [`Tensor::to_vec_async`].
    pub fn to_device(&self, device: Device) -> Result<Tensor> {
        if self.device() == device {
            return Ok(self.clone());
        }
        #[cfg(feature = "webgpu")]
        return gpu::moved(self, device);
        #[cfg(not(feature = "webgpu"))]
        unreachable!("there is one device only")
    }

    /// As [`Tensor::to_vec`], from any device: it waits for the device without blocking.
    ///
    /// # Errors
    /// When the type is not the tensor's own, the device is lost, or an operation before could not be done: an
    /// index that does not exist.
    pub async fn to_vec_async<T: Element>(&self) -> Result<Vec<T>> {
        #[cfg(feature = "webgpu")]
        if self.is_elsewhere() {
            return gpu::fetched(self).await?.to_vec();
        }
        self.to_vec()
    }

    /// As [`Tensor::item`], from any device.
    ///
    /// # Errors
    /// When there is not exactly one element; as [`Tensor::to_vec_async`].
    pub async fn item_async(&self) -> Result<f64> {
        #[cfg(feature = "webgpu")]
        if self.is_elsewhere() && self.numel() == 1 {
            return gpu::fetched(self).await?.item();
        }
        self.item()
    }

    /// Equal elements of the same shape and dtype, on the same device.
    pub(super) fn filled_like(&self, value: f64) -> Tensor {
        #[cfg(feature = "webgpu")]
        if let Some(filled) = gpu::filled_like(self, value) {
            return filled;
        }
        Tensor::full(self.dims(), value, self.dtype())
    }
}

#[cfg(feature = "webgpu")]
mod gpu {
    use super::super::graph::Function;
    use super::super::{Node, Tensor, dispatch, is_grad_enabled, no_grad, record};
    use crate::backend::gpu::{self, GpuStorage, View};
    use crate::backend::{Device, Storage};
    use crate::dtype::DType;
    use crate::error::{Error, Result};
    use crate::op::{InPlace, Op};
    use crate::shape::Layout;
    use smallvec::SmallVec;

    /// Calls `f` with tensors as operands on the device.
    fn read<R>(inputs: &[&Tensor], f: impl FnOnce(&[View<'_>]) -> R) -> R {
        let storages: SmallVec<[_; 3]> = inputs.iter().map(|t| t.storage()).collect();
        let views = inputs.iter().zip(&storages).map(|(t, storage)| match &**storage {
            Storage::Gpu(storage) => View { storage, layout: &t.0.layout },
            Storage::Cpu(_) => unreachable!("operands were moved together"),
        });
        f(&views.collect::<SmallVec<[_; 3]>>())
    }

    /// Operands on the device, where one is there and another is not. As in PyTorch, one element without
    /// dimensions may be anywhere; so may indices and masks. None: they are together.
    pub(in super::super) fn together(inputs: &[&Tensor]) -> Result<Option<Vec<Tensor>>> {
        if inputs.iter().all(|t| !t.is_elsewhere()) {
            return Ok(None);
        }
        // A recording is of the CPU.
        record::refuse("an operation on WebGPU")?;
        if inputs.iter().all(|t| t.is_elsewhere()) {
            return Ok(None);
        }
        let follows = |t: &Tensor| t.is_elsewhere() || t.ndim() == 0 || !t.dtype().is_floating_point();
        if !inputs.iter().all(|t| follows(t)) {
            return Err(Error::Value(
                "Expected all tensors to be on the same device, but found at least two devices, webgpu and cpu!"
                    .into(),
            ));
        }
        inputs.iter().map(|t| t.to_device(Device::Gpu)).collect::<Result<_>>().map(Some)
    }

    /// Operands on the device of what is written; a copy may come from anywhere.
    pub(in super::super) fn to_target(
        op: InPlace,
        into: &Tensor,
        inputs: &[&Tensor],
    ) -> Result<Option<Vec<Tensor>>> {
        let device = into.device();
        if device == Device::Gpu {
            record::refuse("an operation on WebGPU")?;
        }
        if inputs.iter().all(|t| t.device() == device) {
            return Ok(None);
        }
        if op != InPlace::Copy {
            let all: SmallVec<[&Tensor; 3]> = inputs.iter().copied().chain([into]).collect();
            together(&all)?;
        }
        no_grad(|| inputs.iter().map(|t| t.to_device(device)).collect::<Result<_>>()).map(Some)
    }

    pub(in super::super) fn compute(
        op: &Op,
        inputs: &[&Tensor],
        layout: &Layout,
        dtype: DType,
    ) -> Result<Storage> {
        read(inputs, |views| gpu::execute(op, views, layout, dtype)).map(Storage::Gpu)
    }

    pub(in super::super) fn write(op: InPlace, into: &Tensor, inputs: &[&Tensor]) -> Result<()> {
        let buffer = &into.0.buffer;
        read(inputs, |views| match &*buffer.storage.borrow() {
            Storage::Gpu(storage) => gpu::execute_in_place(op, (storage, &into.0.layout), views),
            Storage::Cpu(_) => unreachable!("it is elsewhere"),
        })?;
        buffer.version.set(buffer.version.get() + 1);
        Ok(())
    }

    pub(super) fn filled_like(like: &Tensor, value: f64) -> Option<Tensor> {
        let device = match &*like.storage() {
            Storage::Gpu(storage) => storage.gpu().clone(),
            Storage::Cpu(_) => return None,
        };
        let filled = GpuStorage::filled(&device, like.dtype(), like.numel(), value).ok()?;
        Some(Tensor::unrecorded(Storage::Gpu(filled), like.dims()))
    }

    pub(super) fn moved(tensor: &Tensor, device: Device) -> Result<Tensor> {
        let moved = match device {
            Device::Gpu => sent(tensor)?,
            Device::Cpu => received(tensor)?,
        };
        if is_grad_enabled() && tensor.requires_grad() {
            let node = Node::of_write(Function::To(tensor.device()), &[tensor]);
            let (buffer, layout) = (moved.0.buffer.clone(), moved.0.layout.clone());
            return Ok(Tensor::from_parts(buffer, layout, Some(node)));
        }
        Ok(moved)
    }

    fn sent(tensor: &Tensor) -> Result<Tensor> {
        let none = || {
            Error::Device("there is no WebGPU device: ask for one with backend::gpu, and install it".into())
        };
        let device = gpu::current().ok_or_else(none)?;
        let dense = no_grad(|| tensor.contiguous())?;
        let whole = no_grad(|| match dense.numel() == dense.storage().len() {
            true => Ok(dense.clone()),
            false => dispatch(Op::Contiguous, &[&dense]),
        })?;
        // One element comes as a number, not as a buffer that the device would have to wait for.
        let storage = match whole.numel() {
            1 if whole.dtype() != DType::F64 => GpuStorage::filled(&device, whole.dtype(), 1, whole.item()?),
            _ => GpuStorage::upload(&device, whole.storage().cpu()),
        }?;
        Ok(Tensor::unrecorded(Storage::Gpu(storage), tensor.dims()))
    }

    /// The elements in memory.
    pub(super) async fn fetched(tensor: &Tensor) -> Result<Tensor> {
        record::refuse("reading a tensor's elements")?;
        let dense = no_grad(|| dispatch(Op::Contiguous, &[tensor]))?;
        let reading = match &*dense.storage() {
            Storage::Gpu(storage) => storage.read(),
            Storage::Cpu(_) => return Ok(dense.clone()),
        };
        let words = reading.wait().await?;
        let storage = gpu::from_words(dense.dtype(), &words);
        Ok(Tensor::unrecorded(Storage::Cpu(storage), tensor.dims()))
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn received(tensor: &Tensor) -> Result<Tensor> {
        gpu::block_on(fetched(tensor))
    }

    #[cfg(target_arch = "wasm32")]
    fn received(_: &Tensor) -> Result<Tensor> {
        Err(Error::Device(
            "a browser cannot wait for WebGPU: read elements with to_vec_async or item_async".into(),
        ))
    }
}
