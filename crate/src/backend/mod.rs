//! Where tensors live and operations run. The one place that knows how an [`Op`] is computed.

pub mod cpu;

use crate::dtype::DType;
use crate::error::Result;
use crate::op::{InPlace, Op};
use crate::shape::{Dims, Layout};
use cpu::CpuStorage;

/// Where a tensor's elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The processor
    #[default]
    Cpu,
}

/// The elements of a tensor and of all its views.
#[derive(Debug, Clone)]
pub enum Storage {
    /// In memory
    Cpu(CpuStorage),
}

impl Storage {
    /// Where the elements are.
    pub fn device(&self) -> Device {
        match self {
            Storage::Cpu(_) => Device::Cpu,
        }
    }

    /// Their type.
    pub fn dtype(&self) -> DType {
        match self {
            Storage::Cpu(s) => s.dtype(),
        }
    }
}

/// An operand: a storage and how it is seen.
pub type Operand<'a> = (&'a Storage, &'a Layout);

/// Computes `op` into a new row-major storage of `dims` and `dtype`, which [`Op::infer`] gave.
///
/// # Errors
/// When the op does not exist for the dtype, or an index is out of range.
pub fn execute(op: &Op, inputs: &[Operand<'_>], dims: &Dims, dtype: DType) -> Result<Storage> {
    let inputs: smallvec::SmallVec<[cpu::View<'_>; 3]> = inputs.iter().map(cpu_view).collect();
    cpu::execute(op, &inputs, dims, dtype).map(Storage::Cpu)
}

/// Computes `op` into an existing storage.
///
/// # Errors
/// When the op does not exist for the dtype.
pub fn execute_in_place(op: InPlace, into: (&mut Storage, &Layout), inputs: &[Operand<'_>]) -> Result<()> {
    let inputs: smallvec::SmallVec<[cpu::View<'_>; 2]> = inputs.iter().map(cpu_view).collect();
    let Storage::Cpu(storage) = into.0;
    cpu::execute_in_place(op, storage, into.1, &inputs)
}

fn cpu_view<'a>(&(storage, layout): &Operand<'a>) -> cpu::View<'a> {
    let Storage::Cpu(storage) = storage;
    cpu::View { storage, layout }
}
