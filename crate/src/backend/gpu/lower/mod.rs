//! Operations as kernels: which sources with which numbers compute an [`Op`]. It works on names of buffers of any
//! kind, so that eager operations and captured steps share it, and it can be tested without a device.

mod elementwise;
mod index;
mod product;
mod reduce;
mod window;

pub(super) use index::complaint;

use super::kernel::{Kernel, WORDS};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::Layout;

/// A tensor's elements in a buffer.
#[derive(Debug)]
pub struct View<'a, B> {
    /// The buffer
    pub buffer: &'a B,
    /// Which elements, in which order
    pub layout: &'a Layout,
    /// Their type
    pub dtype: DType,
}

impl<B> Clone for View<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for View<'_, B> {}

impl<B> View<'_, B> {
    fn dims(&self) -> &[usize] {
        self.layout.dims()
    }
}

/// Operations on their way to kernels.
pub struct Lowering<'s, B> {
    /// In order
    pub kernels: Vec<Kernel<B>>,
    /// Whether one group of threads runs everything
    pub single: bool,
    /// Whether the device is [`Gpu::narrow`](super::Gpu::narrow)
    pub narrow: bool,
    /// A new buffer of so many elements
    scratch: &'s mut dyn FnMut(usize) -> B,
}

/// Elements that lie row-major, from an offset on.
struct Dense<B> {
    buffer: B,
    offset: usize,
}

impl<'s, B: Clone> Lowering<'s, B> {
    /// `scratch` gives buffers for so many elements; `narrow` as [`Gpu::narrow`](super::Gpu::narrow).
    pub fn new(narrow: bool, scratch: &'s mut dyn FnMut(usize) -> B) -> Self {
        Lowering { kernels: Vec::new(), single: false, narrow, scratch }
    }

    /// The kernels of an operation, whose result is row-major.
    ///
    /// # Errors
    /// When there is no kernel for the dtypes.
    pub fn op(&mut self, op: &Op, inputs: &[View<'_, B>], out: View<'_, B>) -> Result<()> {
        for view in inputs.iter().chain([&out]) {
            word_type(view.dtype)?;
            fits(view.layout)?;
        }
        if out.layout.numel() == 0 {
            return Ok(());
        }
        let x = inputs[0];
        match op {
            Op::Unary(f) => self.unary(*f, x, out),
            Op::Binary(f) => self.binary(*f, x, inputs[1], out),
            Op::Scalar(f, number) => self.scalar(*f, x, *number, out),
            Op::Compare(f) => self.compare(*f, x, inputs[1], out),
            Op::Where => self.select(inputs, out),
            Op::Cast(_) | Op::Contiguous => self.cast(x, out),
            Op::View(_) => unreachable!("views share storage and never reach a backend"),
            Op::Matmul => self.matmul(x, inputs[1], out),
            Op::Linear => self.linear(x, inputs[1], inputs.get(2).copied(), out),
            Op::LinearWeight => self.linear_weight(x, inputs[1], out),
            Op::Reduce(f, over, _) => self.reduce(*f, x, over, out),
            Op::Cumsum { dim, reverse } => self.cumsum(x, *dim, *reverse, out),
            Op::Cat(dim) => self.cat(inputs, *dim, out),
            Op::Argmax(dim) => self.argmax(x, *dim, out),
            Op::Softmax(dim) => self.softmax(x, *dim, "exp_(v - most) / total", out),
            Op::LogSoftmax(dim) => self.softmax(x, *dim, "v - most - log_(total)", out),
            Op::Gather(dim) => self.gather(x, inputs[1], *dim, out),
            Op::ScatterAdd { dim, .. } => self.scatter_add(x, inputs[1], *dim, out),
            Op::Nll(options) => self.nll(*options, x, inputs[1], out),
            Op::NllGrad(options, classes) => self.nll_grad(*options, *classes, x, inputs[1], out),
            Op::MseLoss => self.mse(x, inputs[1], out),
            Op::MseLossGrad => self.mse_grad(inputs, out),
            Op::Conv2d(conv) => self.conv(conv, inputs, out),
            Op::Conv2dInput(conv, _) => self.conv_input(conv, x, inputs[1], out),
            Op::Conv2dWeight(conv) => self.conv_weight(conv, x, inputs[1], out),
            Op::MaxPool2d(pool) => self.max_pool(pool, x, false, out),
            Op::MaxPool2dIndex(pool) => self.max_pool(pool, x, true, out),
            Op::MaxPool2dGrad(pool) => self.max_pool_grad(pool, x, inputs[1], out),
            Op::AvgPool2d(pool, by) => self.mean_pool(pool, *by, x, out),
            Op::AvgPool2dGrad(pool, by, _) => self.mean_pool_grad(pool, *by, x, out),
            Op::Unfold(window) => self.unfold(window, x, out),
            Op::Fold(window, _) => self.fold(window, x, out),
        }
    }

    /// The kernels of an operation that changes `out`, which can lie in any way.
    ///
    /// # Errors
    /// When there is no kernel for the dtypes.
    pub fn in_place(&mut self, op: InPlace, out: View<'_, B>, inputs: &[View<'_, B>]) -> Result<()> {
        for view in inputs.iter().chain([&out]) {
            word_type(view.dtype)?;
            fits(view.layout)?;
        }
        if out.layout.numel() == 0 {
            return Ok(());
        }
        self.write(op, out, inputs)
    }

    /// The elements row-major without gaps: copied, where they lie otherwise.
    fn dense(&mut self, x: View<'_, B>) -> Result<Dense<B>> {
        if x.layout.is_contiguous() {
            return Ok(Dense {
                buffer: x.buffer.clone(),
                offset: if x.layout.numel() == 0 { 0 } else { x.layout.offset() },
            });
        }
        let buffer = (self.scratch)(x.layout.numel());
        let layout = Layout::contiguous(x.dims());
        self.cast(x, View { buffer: &buffer, layout: &layout, dtype: x.dtype })?;
        Ok(Dense { buffer, offset: 0 })
    }
}

/// The WGSL type of elements: integers have 32 bits there, bools are 0 and 1.
///
/// # Errors
/// For f64, which WGSL does not have.
pub fn word_type(dtype: DType) -> Result<&'static str> {
    match dtype {
        DType::F32 => Ok("f32"),
        DType::I64 => Ok("i32"),
        DType::Bool => Ok("u32"),
        DType::F64 => Err(Error::DType("WebGPU has no float64: use float32 there, or the CPU".into())),
    }
}

/// Whether all places can be counted in 32 bits.
fn fits(layout: &Layout) -> Result<()> {
    let most = i32::MAX as usize;
    let last: usize =
        layout.dims().iter().zip(layout.strides()).map(|(&n, &s)| n.saturating_mul(s.unsigned_abs())).sum();
    if layout.numel() > 0 && layout.offset().saturating_add(last) > most {
        return Err(Error::Memory("a tensor is too large for WebGPU".into()));
    }
    Ok(())
}

fn unsupported(what: &str, dtype: DType) -> Error {
    Error::DType(format!("\"{what}\" not implemented for '{}' on WebGPU", dtype.scalar_type()))
}

/// One dimension of several operands: its size and each one's stride.
type Dim<const N: usize> = (usize, [isize; N]);

/// The fewest dimensions that describe how operands lie: those of size 1 are left out, neighbours joined where
/// all operands allow it.
fn joined<const N: usize>(dims: impl Iterator<Item = Dim<N>>) -> Vec<Dim<N>> {
    let mut out: Vec<Dim<N>> = Vec::new();
    for (size, strides) in dims.filter(|(size, _)| *size != 1) {
        match out.last_mut() {
            Some(last) if (0..N).all(|i| last.1[i] == strides[i] * size as isize) => {
                *last = (last.0 * size, strides);
            }
            _ => out.push((size, strides)),
        }
    }
    out
}

/// Writes dimensions into a kernel: sizes at `at`, then the strides of each operand, eight places each.
fn put_dims<B, const N: usize>(kernel: &mut Kernel<B>, at: usize, dims: &[Dim<N>]) {
    debug_assert!(at + 8 * (N + 1) <= WORDS - 2);
    for (d, (size, strides)) in dims.iter().enumerate() {
        kernel.words[at + d] = *size as u32;
        for (i, &stride) in strides.iter().enumerate() {
            kernel.words[at + 8 * (i + 1) + d] = stride as i32 as u32;
        }
    }
}
