//! The storage under a tensor, for what reads and writes files: which tensors share one, and how each
//! sees it.

use super::{Tensor, no_grad};
use crate::backend::Storage;
use crate::backend::cpu::{CpuStorage, Element};
use crate::dtype::DType;
use crate::error::{Error, Result};
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
        let len = self.storage().len();
        Tensor::from_parts(self.0.buffer.clone(), Rc::new(Layout::contiguous(&[len])), None)
    }

    /// The elements of the storage in another dtype from now on, for all tensors that see it; also those
    /// of the gradient. A graph that has kept the old elements cannot be walked any more.
    ///
    /// # Errors
    /// For a leaf with gradients that would not be floating-point any more.
    pub(crate) fn convert_(&self, dtype: DType) -> Result<()> {
        if dtype == self.dtype() {
            return Ok(());
        }
        if self.requires_grad() && !dtype.is_floating_point() {
            return Err(Error::Autograd("only Tensors of floating point dtype can require gradients".into()));
        }
        let converted = no_grad(|| self.whole_storage().to(dtype))?;
        let buffer = &self.0.buffer;
        buffer.storage.swap(&converted.0.buffer.storage);
        buffer.dtype.set(dtype);
        buffer.version.set(buffer.version.get() + 1);
        self.grad().map_or(Ok(()), |grad| grad.convert_(dtype))
    }

    /// The same storage seen otherwise, without history.
    ///
    /// # Errors
    /// Those of [`Layout::strided`].
    pub(crate) fn strided(&self, dims: &[usize], strides: &[usize], offset: usize) -> Result<Tensor> {
        let layout = Layout::strided(dims, strides, offset, self.whole_storage().numel())?;
        Ok(Tensor::from_parts(self.0.buffer.clone(), Rc::new(layout), None))
    }

    /// Whether both are views of one storage.
    pub(crate) fn shares_storage_with(&self, other: &Tensor) -> bool {
        Rc::ptr_eq(&self.0.buffer, &other.0.buffer)
    }

    /// A copy of the storage.
    pub(crate) fn storage_copy(&self) -> Storage {
        self.0.buffer.storage.borrow().clone()
    }

    /// Replaces the storage's elements; counts as a change in place.
    pub(crate) fn overwrite_storage(&self, change: impl FnOnce(&mut Storage)) {
        let buffer = &self.0.buffer;
        change(&mut buffer.storage.borrow_mut());
        buffer.version.set(buffer.version.get() + 1);
    }

    /// Copies rows (slices along the first dimension) into `out`, one after the other.
    ///
    /// # Panics
    /// When the tensor has gaps, `out` is of another dtype or length, or a row does not exist.
    pub(crate) fn gather_rows(&self, rows: &[usize], out: &mut Storage) {
        fn copy<T: Element>(all: &[T], width: usize, rows: &[usize], out: &mut [T]) {
            for (&row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
                out.copy_from_slice(&all[row * width..][..width]);
            }
        }
        assert!(self.is_contiguous(), "rows are copied as they lie");
        let width = self.dims()[1..].iter().product();
        let start = self.0.layout.offset();
        match (&*self.0.buffer.storage.borrow(), out) {
            (Storage::Cpu(CpuStorage::F32(all)), Storage::Cpu(CpuStorage::F32(out))) => {
                copy(&all[start..], width, rows, out);
            }
            (Storage::Cpu(CpuStorage::I64(all)), Storage::Cpu(CpuStorage::I64(out))) => {
                copy(&all[start..], width, rows, out);
            }
            _ => unreachable!("rows of data are f32 or class indices"),
        }
    }
}
