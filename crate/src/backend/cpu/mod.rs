//! The CPU: one source for every processor. Sums have a fixed order and exp, log and their kin come
//! from `libm` instead of the platform, so results are the same bits natively and in every browser.

mod elementwise;
mod f32x4;
mod index;
mod matmul;
mod reduce;
mod storage;
mod window;

pub use storage::{CpuStorage, Element, Float};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::Dims;
use storage::{with_element, with_float, with_number};

/// An operand in memory.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// All elements
    pub storage: &'a CpuStorage,
    /// Which of them, in which order
    pub layout: &'a crate::shape::Layout,
}

/// Computes `op` into a new row-major storage.
///
/// # Errors
/// When the op does not exist for the dtype, or an index is out of range.
pub fn execute(op: &Op, inputs: &[View<'_>], dims: &Dims, dtype: DType) -> Result<CpuStorage> {
    let first = inputs[0];
    let of = first.storage.dtype();
    match op {
        Op::Unary(f) => elementwise::unary(*f, first),
        Op::Binary(f) => elementwise::binary(*f, first, inputs[1], dims),
        Op::Scalar(f, number) => elementwise::scalar(*f, first, *number),
        Op::Compare(f) => elementwise::compare(*f, first, inputs[1], dims),
        Op::Where => elementwise::select(first, inputs[1], inputs[2], dims),
        Op::Cast(to) => Ok(elementwise::cast(first, *to)),
        Op::Contiguous => Ok(elementwise::cast(first, dtype)),
        Op::View(_) => unreachable!("views share storage and never reach a backend"),
        Op::Matmul => with_float!(of, "matmul", T => Ok(matmul::matmul::<T>(first, inputs[1], dims))),
        Op::Linear => with_float!(of, "linear", T => {
            Ok(matmul::linear::<T>(first, inputs[1], inputs.get(2).copied(), dims))
        }),
        Op::Reduce(f, over, _) => reduce::reduce(*f, first, over),
        Op::Argmax(dim) => reduce::argmax(first, *dim),
        Op::Cumsum { dim, reverse } => reduce::cumsum(first, *dim, *reverse),
        Op::Cat(dim) => with_element!(of, T => Ok(index::cat::<T>(inputs, *dim, dims))),
        Op::Softmax(dim) => with_float!(of, "softmax", T => Ok(reduce::softmax::<T>(first, *dim, false))),
        Op::LogSoftmax(dim) => {
            with_float!(of, "log_softmax", T => Ok(reduce::softmax::<T>(first, *dim, true)))
        }
        Op::Gather(dim) => with_element!(of, T => index::gather::<T>(first, inputs[1], *dim)),
        Op::ScatterAdd { dim, .. } => {
            with_number!(of, "scatter_add", T => index::scatter_add::<T>(first, inputs[1], *dim, dims))
        }
        Op::Unfold(w) => with_float!(of, "unfold", T => Ok(window::unfold::<T>(first, w))),
        Op::Fold(w, plane) => with_float!(of, "fold", T => Ok(window::fold::<T>(first, w, *plane, dims))),
    }
}

/// Computes `op` into an existing storage.
///
/// # Errors
/// When the op does not exist for the dtype.
pub fn execute_in_place(
    op: InPlace,
    storage: &mut CpuStorage,
    layout: &crate::shape::Layout,
    inputs: &[View<'_>],
) -> Result<()> {
    elementwise::in_place(op, storage, layout, inputs)
}

fn unsupported(what: &str, dtype: DType) -> Error {
    Error::DType(format!("\"{what}\" not implemented for '{}'", dtype.scalar_type()))
}
