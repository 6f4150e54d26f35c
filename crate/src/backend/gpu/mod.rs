//! The graphics processor, through WebGPU. Kernels are data ([`kernel`]) made from operations by [`lower`]; a
//! [`Gpu`] runs them in the order in which they are given, many in one submission.
//!
//! Elements have 32 bits: integers are i32, bools are u32, and there is no f64. What a kernel cannot do (an index
//! that does not exist) is told when elements are read back, as on PyTorch's devices.

mod buffer;
mod device;
pub mod kernel;
pub mod lower;
pub mod merge;
mod pipeline;
mod readback;
mod source;
mod stream;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use buffer::Block;
#[cfg(not(target_arch = "wasm32"))]
pub use device::block_on;
pub use device::{Gpu, Health};
pub use pipeline::{Bound, Prepared};
pub use readback::{Part, Reading};

use crate::backend::cpu::CpuStorage;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::Layout;
use lower::{Lowering, word_type};
use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

thread_local! {
    // Left to the operating system where the thread ends: what a device lets go of itself is gone before.
    static CURRENT: RefCell<ManuallyDrop<Option<Rc<Gpu>>>> = const { RefCell::new(ManuallyDrop::new(None)) };
}

/// The device that tensors go to, if one was installed.
pub fn current() -> Option<Rc<Gpu>> {
    CURRENT.with_borrow(|current| Option::clone(current))
}

/// Makes a device the one that tensors of this thread go to, or takes it away.
pub fn install(gpu: Option<Rc<Gpu>>) {
    drop(ManuallyDrop::into_inner(CURRENT.replace(ManuallyDrop::new(gpu))));
}

/// Elements on a device.
#[derive(Debug)]
pub struct GpuStorage {
    gpu: Rc<Gpu>,
    block: Rc<Block>,
    dtype: DType,
    len: usize,
}

impl Clone for GpuStorage {
    /// The elements once more.
    fn clone(&self) -> GpuStorage {
        let layout = Layout::contiguous(&[self.len]);
        let copy = execute(&Op::Contiguous, &[View { storage: self, layout: &layout }], &layout, self.dtype);
        // Where there is no memory for it the device says so.
        copy.unwrap_or_else(|error| {
            self.gpu.fail(error.to_string());
            GpuStorage { gpu: self.gpu.clone(), block: self.block.clone(), ..*self }
        })
    }
}

/// An operand on a device.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// All elements
    pub storage: &'a GpuStorage,
    /// Which of them, in which order
    pub layout: &'a Layout,
}

impl<'a> View<'a> {
    fn lowered(&self) -> lower::View<'a, Rc<Block>> {
        lower::View { buffer: &self.storage.block, layout: self.layout, dtype: self.storage.dtype }
    }
}

impl GpuStorage {
    /// Elements from memory.
    ///
    /// # Errors
    /// For f64, for integers of more than 32 bits, and where the device has no room.
    pub fn upload(gpu: &Rc<Gpu>, storage: &CpuStorage) -> Result<GpuStorage> {
        let words = to_words(storage)?;
        let block = gpu.upload(&words)?;
        Ok(GpuStorage { gpu: gpu.clone(), block, dtype: storage.dtype(), len: words.len() })
    }

    /// So many equal elements.
    ///
    /// # Errors
    /// As [`GpuStorage::upload`].
    pub fn filled(gpu: &Rc<Gpu>, dtype: DType, len: usize, value: f64) -> Result<GpuStorage> {
        word_type(dtype)?;
        let filled = GpuStorage { gpu: gpu.clone(), block: gpu.alloc(len)?, dtype, len };
        execute_in_place(InPlace::Fill(value), (&filled, &Layout::contiguous(&[len])), &[])?;
        Ok(filled)
    }

    /// Their type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where they are.
    pub fn gpu(&self) -> &Rc<Gpu> {
        &self.gpu
    }

    /// Starts to read all of them.
    pub fn read(&self) -> Reading {
        self.gpu.read(&[Part { block: &self.block, start: 0, len: self.len }])
    }
}

/// Elements as words of 32 bits.
///
/// # Errors
/// As [`GpuStorage::upload`].
pub fn to_words(storage: &CpuStorage) -> Result<Vec<u32>> {
    Ok(match storage {
        CpuStorage::F32(values) => values.iter().map(|v| v.to_bits()).collect(),
        CpuStorage::Bool(values) => values.iter().map(|&v| u32::from(v)).collect(),
        CpuStorage::I64(values) => {
            let word = |&v: &i64| {
                i32::try_from(v).map(|v| v as u32).map_err(|_| {
                    Error::Value(format!("{v} is beyond the integers of WebGPU, which have 32 bits"))
                })
            };
            values.iter().map(word).collect::<Result<_>>()?
        }
        CpuStorage::F64(_) => {
            return Err(word_type(DType::F64).err().unwrap_or_else(|| Error::DType(String::new())));
        }
    })
}

/// Words as elements.
pub fn from_words(dtype: DType, words: &[u32]) -> CpuStorage {
    match dtype {
        DType::I64 => CpuStorage::I64(words.iter().map(|&w| i64::from(w as i32)).collect()),
        DType::Bool => CpuStorage::Bool(words.iter().map(|&w| w != 0).collect()),
        DType::F32 | DType::F64 => CpuStorage::F32(words.iter().map(|&w| f32::from_bits(w)).collect()),
    }
}

/// Computes `op` into a new storage, row-major with the dimensions and the dtype that [`Op::infer`] gave.
///
/// # Errors
/// When there is no kernel for the dtypes, the device has no room, or is lost.
pub fn execute(op: &Op, inputs: &[View<'_>], layout: &Layout, dtype: DType) -> Result<GpuStorage> {
    word_type(dtype)?;
    let gpu = &inputs[0].storage.gpu;
    same_device(gpu, inputs)?;
    let block = gpu.alloc(layout.numel())?;
    let out = lower::View { buffer: &block, layout, dtype };
    run(gpu, |lowering| {
        let inputs: Vec<_> = inputs.iter().map(View::lowered).collect();
        lowering.op(op, &inputs, out)
    })?;
    Ok(GpuStorage { gpu: gpu.clone(), block, dtype, len: layout.numel() })
}

/// Computes `op` into an existing storage.
///
/// # Errors
/// As [`execute`].
pub fn execute_in_place(
    op: InPlace,
    (into, layout): (&GpuStorage, &Layout),
    inputs: &[View<'_>],
) -> Result<()> {
    same_device(&into.gpu, inputs)?;
    let out = lower::View { buffer: &into.block, layout, dtype: into.dtype };
    run(&into.gpu, |lowering| {
        let inputs: Vec<_> = inputs.iter().map(View::lowered).collect();
        lowering.in_place(op, out, &inputs)
    })
}

/// A program may have asked for several devices.
fn same_device(gpu: &Rc<Gpu>, inputs: &[View<'_>]) -> Result<()> {
    if inputs.iter().all(|view| Rc::ptr_eq(gpu, &view.storage.gpu)) {
        return Ok(());
    }
    Err(Error::Value(
        "Expected all tensors to be on the same device, but found at least two WebGPU devices!".into(),
    ))
}

/// Runs the kernels of an operation.
fn run(gpu: &Rc<Gpu>, lower: impl FnOnce(&mut Lowering<'_, Rc<Block>>) -> Result<()>) -> Result<()> {
    gpu.check()?;
    let mut failed = None;
    let mut scratch = |len: usize| match gpu.alloc(len) {
        Ok(block) => block,
        Err(error) => {
            failed = Some(error);
            gpu.nothing()
        }
    };
    let mut lowering = Lowering::new(gpu.narrow(), &mut scratch);
    lower(&mut lowering)?;
    let kernels = lowering.kernels;
    if let Some(error) = failed {
        return Err(error);
    }
    kernels.iter().for_each(|kernel| gpu.dispatch(kernel));
    Ok(())
}
