//! Where tensors live and operations run. The one place that knows how an [`Op`] is computed.

pub mod cpu;
#[cfg(feature = "webgpu")]
pub mod gpu;

use crate::dtype::DType;
use crate::error::Result;
use crate::op::{InPlace, Op};
use crate::shape::Layout;
use cpu::CpuStorage;

/// Where a tensor's elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The processor
    #[default]
    Cpu,
    /// The graphics processor: see `backend::gpu`
    #[cfg(feature = "webgpu")]
    Gpu,
}

/// The elements of a tensor and of all its views.
#[derive(Debug, Clone)]
pub enum Storage {
    /// In memory
    Cpu(CpuStorage),
    /// In a device's buffer
    #[cfg(feature = "webgpu")]
    Gpu(gpu::GpuStorage),
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Device::Cpu => "cpu",
            #[cfg(feature = "webgpu")]
            Device::Gpu => "webgpu",
        })
    }
}

impl Storage {
    /// The memory of a storage that nobody needs any more may be used again.
    pub fn give_back(&mut self) {
        match self {
            Storage::Cpu(storage) => cpu::give_back(storage),
            // Its buffer goes back by itself.
            #[cfg(feature = "webgpu")]
            Storage::Gpu(_) => {}
        }
    }

    /// Where the elements are.
    pub fn device(&self) -> Device {
        match self {
            Storage::Cpu(_) => Device::Cpu,
            #[cfg(feature = "webgpu")]
            Storage::Gpu(_) => Device::Gpu,
        }
    }

    /// Their type.
    #[inline]
    pub fn dtype(&self) -> DType {
        match self {
            Storage::Cpu(s) => s.dtype(),
            #[cfg(feature = "webgpu")]
            Storage::Gpu(s) => s.dtype(),
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        match self {
            Storage::Cpu(CpuStorage::F32(v)) => v.len(),
            Storage::Cpu(CpuStorage::F64(v)) => v.len(),
            Storage::Cpu(CpuStorage::I64(v)) => v.len(),
            Storage::Cpu(CpuStorage::Bool(v)) => v.len(),
            #[cfg(feature = "webgpu")]
            Storage::Gpu(s) => s.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements in memory.
    ///
    /// # Panics
    /// When they are elsewhere; so for all functions here that compute on the CPU. The tensor layer has looked.
    #[inline]
    pub fn cpu(&self) -> &CpuStorage {
        match self {
            Storage::Cpu(storage) => storage,
            #[cfg(feature = "webgpu")]
            Storage::Gpu(_) => panic!("the elements are on the GPU"),
        }
    }

    /// As [`Storage::cpu`], to be written.
    #[inline]
    pub fn cpu_mut(&mut self) -> &mut CpuStorage {
        match self {
            Storage::Cpu(storage) => storage,
            #[cfg(feature = "webgpu")]
            Storage::Gpu(_) => panic!("the elements are on the GPU"),
        }
    }
}

/// An operand: a storage and how it is seen.
pub type Operand<'a> = cpu::View<'a>;

/// A storage as an operand.
#[inline]
pub fn operand<'a>(storage: &'a Storage, layout: &'a Layout) -> Operand<'a> {
    cpu::View { storage: storage.cpu(), layout }
}

/// Computes `op` into a new storage, row-major with the dimensions and the dtype that [`Op::infer`] gave.
///
/// # Errors
/// When the op does not exist for the dtype, or an index is out of range.
#[inline]
pub fn execute(op: &Op, inputs: &[Operand<'_>], layout: &Layout, dtype: DType) -> Result<Storage> {
    let mut out = Storage::Cpu(CpuStorage::for_result(dtype, layout.numel()));
    execute_into(op, inputs, (&mut out, layout))?;
    Ok(out)
}

/// As [`execute`], into a storage that exists: `out` is row-major, at any offset, with the dimensions
/// and the dtype that [`Op::infer`] gives. Nothing is allocated (but for buffers that the backend keeps
/// for the next time), whatever was there before is overwritten.
///
/// # Errors
/// As [`execute`]; part of the result may have been written then.
#[inline]
pub fn execute_into(op: &Op, inputs: &[Operand<'_>], out: (&mut Storage, &Layout)) -> Result<()> {
    debug_assert!(out.1.is_contiguous(), "a result is row-major");
    cpu::execute_into(op, inputs, cpu_out(out))
}

/// Computes `op` into an existing storage.
///
/// # Errors
/// When the op does not exist for the dtype.
#[inline]
pub fn execute_in_place(op: InPlace, into: (&mut Storage, &Layout), inputs: &[Operand<'_>]) -> Result<()> {
    cpu::execute_in_place(op, cpu_out(into), inputs)
}

#[inline]
fn cpu_out<'a>((storage, layout): (&'a mut Storage, &'a Layout)) -> cpu::Out<'a> {
    cpu::Out { storage: storage.cpu_mut(), layout }
}
