//! The CPU: one source for every processor. Sums have a fixed order and exp, log and their kin are our
//! own (f64: `libm`'s) instead of the platform's, so results are the same bits natively and in every browser.

mod conv;
mod elementary;
mod elementwise;
mod f32x4;
mod fold;
mod index;
pub mod matmul;
mod mse;
mod nll;
mod operand;
mod pool;
mod recycle;
mod reduce;
mod single;
mod storage;
mod update;
mod window;

pub use recycle::give_back;
pub use storage::{CpuStorage, Element, Float, Number};
pub use update::update;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Binary, InPlace, Op};
use crate::shape::Layout;
use operand::dense;
use pool::Windows;
use storage::{with_element, with_float, with_number};

/// An operand in memory.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// All elements
    pub storage: &'a CpuStorage,
    /// Which of them, in which order
    pub layout: &'a Layout,
}

/// Where a result goes.
pub struct Out<'a> {
    /// All elements
    pub storage: &'a mut CpuStorage,
    /// Which of them, in which order
    pub layout: &'a Layout,
}

impl<'a> Out<'a> {
    /// The elements, which lie in row-major order without gaps.
    #[inline]
    fn of<T: Element>(self) -> &'a mut [T] {
        let n = self.layout.numel();
        let start = if n == 0 { 0 } else { self.layout.offset() };
        &mut T::of_mut(self.storage)[start..][..n]
    }
}

/// Computes `op` into `out`, which is row-major and has the dimensions and the dtype that
/// [`Op::infer`] gives. Nothing is allocated, but for buffers that are kept for the next time.
///
/// # Errors
/// When the op does not exist for the dtype, or an index is out of range.
pub fn execute_into(op: &Op, inputs: &[View<'_>], out: Out<'_>) -> Result<()> {
    let first = inputs[0];
    let of = first.storage.dtype();
    let dims = out.layout.dims();
    match op {
        Op::Unary(f) => elementwise::unary(*f, first, out),
        Op::Binary(Binary::CrossEntropy) => {
            elementwise::check_probabilities(first)?;
            elementwise::binary(Binary::CrossEntropy, first, inputs[1], dims, out)
        }
        Op::Binary(f) => elementwise::binary(*f, first, inputs[1], dims, out),
        Op::Scalar(f, number) => elementwise::scalar(*f, first, *number, out),
        Op::Compare(f) => elementwise::compare(*f, first, inputs[1], dims, out),
        Op::Where => elementwise::select(first, inputs[1], inputs[2], dims, out),
        Op::Cast(_) | Op::Contiguous => elementwise::cast(first, out),
        Op::View(_) => unreachable!("views share storage and never reach a backend"),
        Op::Matmul => with_number!(of, "addmm_impl_cpu_", T => {
            matmul::matmul::<T>(first, inputs[1], dims, out.of());
            Ok(())
        }),
        Op::Linear => with_number!(of, "addmm_impl_cpu_", T => {
            matmul::linear::<T>(first, inputs[1], inputs.get(2).copied(), out.of());
            Ok(())
        }),
        Op::LinearWeight => with_number!(of, "addmm_impl_cpu_", T => {
            matmul::linear_weight::<T>(first, inputs[1], out.of());
            Ok(())
        }),
        Op::Reduce(f, over, _) => reduce::reduce(*f, first, over, out),
        Op::Argmax(dim) => reduce::argmax(first, *dim, out.of()),
        Op::Cumsum { dim, reverse } => reduce::cumsum(first, *dim, *reverse, out),
        Op::Cat(dim) => with_element!(of, T => index::cat::<T>(inputs, *dim, dims, out.of())),
        Op::Softmax(dim) | Op::LogSoftmax(dim) => with_float!(of, "softmax", T => {
            reduce::softmax::<T>(first, *dim, matches!(op, Op::LogSoftmax(_)), out.of());
            Ok(())
        }),
        Op::Gather(dim) => with_element!(of, T => index::gather::<T>(first, inputs[1], *dim, out.of())),
        Op::ScatterAdd { dim, .. } => with_number!(of, "scatter_add", T => {
            index::scatter_add::<T>(first, inputs[1], *dim, dims, out.of())
        }),
        Op::MseLoss => with_float!(of, "mse_loss", T => {
            mse::mse::<T>(first, inputs[1], out.of());
            Ok(())
        }),
        Op::MseLossGrad => {
            with_float!(of, "mse_loss", T => mse::adjoint::<T>(first, inputs[1], inputs[2], out))
        }
        Op::Nll(options) => {
            with_float!(of, "nll_loss", T => nll::nll::<T>(*options, first, inputs[1], out.of()))
        }
        Op::NllGrad(options, _) => {
            with_float!(of, "nll_loss", T => nll::adjoint::<T>(*options, first, inputs[1], out.of()))
        }
        Op::Conv2d(c) => conv::forward(c, inputs, out),
        Op::Conv2dInput(c, _) => conv::input(c, inputs, out),
        Op::Conv2dWeight(c) => conv::weight(c, inputs, out),
        Op::MaxPool2d(p) => {
            let windows = Windows::new(p, first.layout.dims());
            match of {
                DType::F32 => dense::<f32, _>(first, |x| pool::max_f32(&windows, x, out.of())),
                _ => with_number!(of, "max_pool2d", T => {
                    dense::<T, _>(first, |x| pool::max(&windows, x, out.of()));
                    Ok(())
                })?,
            }
            Ok(())
        }
        Op::MaxPool2dIndex(p) => with_number!(of, "max_pool2d", T => {
            let windows = Windows::new(p, first.layout.dims());
            dense::<T, _>(first, |x| pool::max_index(&windows, x, out.of()));
            Ok(())
        }),
        Op::MaxPool2dGrad(p) => {
            let windows = Windows::new(p, dims);
            match of {
                DType::F32 => dense::<f32, _>(first, |x| {
                    dense::<f32, _>(inputs[1], |g| pool::max_grad_f32(&windows, x, g, out.of()));
                }),
                _ => with_number!(of, "max_pool2d", T => {
                    dense::<T, _>(first, |x| {
                        dense::<T, _>(inputs[1], |g| pool::max_grad(&windows, x, g, out.of()));
                    });
                    Ok(())
                })?,
            }
            Ok(())
        }
        Op::AvgPool2d(p, by) => with_float!(of, "avg_pool2d", T => {
            let windows = Windows::new(p, first.layout.dims());
            dense::<T, _>(first, |x| pool::mean(&windows, *by, x, out.of()));
            Ok(())
        }),
        Op::AvgPool2dGrad(p, by, _) => with_float!(of, "avg_pool2d", T => {
            let windows = Windows::new(p, dims);
            dense::<T, _>(first, |g| pool::mean_grad(&windows, *by, g, out.of()));
            Ok(())
        }),
        Op::Unfold(w) => with_float!(of, "unfold", T => {
            window::unfold::<T>(first, w, out.of());
            Ok(())
        }),
        Op::Fold(w, plane) => with_float!(of, "fold", T => {
            window::fold::<T>(first, w, *plane, dims, out.of());
            Ok(())
        }),
    }
}

/// Computes `op` into an existing storage.
///
/// # Errors
/// When the op does not exist for the dtype.
pub fn execute_in_place(op: InPlace, into: Out<'_>, inputs: &[View<'_>]) -> Result<()> {
    elementwise::in_place(op, into, inputs)
}

/// A function of each element of a block: one operand, f32, as [`execute_into`] computes it.
///
/// # Panics
/// When the operation is not one.
pub fn elementwise_block(op: &Op, x: &[f32], out: &mut [f32]) {
    match op {
        Op::Unary(f) => single::unary(*f, x, out),
        Op::Scalar(f, number) => single::scalar(*f, x, *number as f32, out),
        other => unreachable!("{other:?} has not one operand, element by element"),
    }
}

fn unsupported(what: &str, dtype: DType) -> Error {
    Error::DType(format!("\"{what}\" not implemented for '{}'", dtype.scalar_type()))
}
