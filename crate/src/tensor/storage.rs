//! The storage under a tensor, for what reads and writes files: which tensors share one, and how each
//! sees it.

use super::Tensor;
use crate::backend::Storage;
use crate::backend::cpu::CpuStorage;
use crate::error::Result;
use crate::shape::Layout;
use std::rc::Rc;

impl Tensor {
    /// The same for all tensors that share a storage, as `tensor.untyped_storage().data_ptr()`.
    pub(crate) fn storage_id(&self) -> usize {
        Rc::as_ptr(&self.0.buffer) as usize
    }

    /// How the elements lie in the storage.
    pub(crate) fn layout(&self) -> &Layout {
        &self.0.layout
    }

    /// All elements of the storage in their order, without history.
    pub(crate) fn whole_storage(&self) -> Tensor {
        let len = match &*self.0.buffer.storage.borrow() {
            Storage::Cpu(CpuStorage::F32(v)) => v.len(),
            Storage::Cpu(CpuStorage::F64(v)) => v.len(),
            Storage::Cpu(CpuStorage::I64(v)) => v.len(),
            Storage::Cpu(CpuStorage::Bool(v)) => v.len(),
        };
        Tensor::from_parts(self.0.buffer.clone(), Layout::contiguous(&[len]), self.dtype(), None)
    }

    /// The same storage seen otherwise, without history.
    ///
    /// # Errors
    /// Those of [`Layout::strided`].
    pub(crate) fn strided(&self, dims: &[usize], strides: &[usize], offset: usize) -> Result<Tensor> {
        let layout = Layout::strided(dims, strides, offset, self.whole_storage().numel())?;
        Ok(Tensor::from_parts(self.0.buffer.clone(), layout, self.dtype(), None))
    }
}
