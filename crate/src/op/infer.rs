//! The shapes and dtypes of results, with PyTorch's errors.

use super::{Op, View};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Dims, Layout, broadcast};

impl Op {
    /// The shape and dtype of the result.
    ///
    /// # Errors
    /// PyTorch's, when the operands do not fit.
    pub fn infer(&self, inputs: &[(&[usize], DType)]) -> Result<(Dims, DType)> {
        let (dims, dtype) = inputs[0];
        let same = || (Dims::from(dims), dtype);
        Ok(match self {
            Op::Unary(_)
            | Op::Scalar(..)
            | Op::Contiguous
            | Op::Softmax(_)
            | Op::LogSoftmax(_)
            | Op::Cumsum { .. } => same(),
            Op::Cat(dim) => (infer_cat(inputs, *dim)?, dtype),
            Op::Binary(_) => (broadcast(dims, inputs[1].0)?, dtype),
            Op::Compare(_) => (broadcast(dims, inputs[1].0)?, DType::Bool),
            Op::Where => (broadcast(&broadcast(dims, inputs[1].0)?, inputs[2].0)?, inputs[1].1),
            Op::Cast(to) => (dims.into(), *to),
            Op::View(view) => (view.apply(&Layout::contiguous(dims))?.dims().into(), dtype),
            Op::Matmul => (infer_matmul(dims, inputs[1].0)?, dtype),
            Op::Linear => (infer_linear(dims, inputs[1].0, inputs.get(2).map(|b| b.0))?, dtype),
            Op::LinearWeight => (Dims::from([dims[1], inputs[1].0[1]].as_slice()), dtype),
            Op::Reduce(_, over, keepdim) => (reduced(dims, over, *keepdim), dtype),
            Op::Argmax(dim) => (reduced(dims, &[*dim], false), DType::I64),
            Op::Gather(dim) => {
                let index = inputs[1].0;
                let fits = index.len() == dims.len()
                    && index.iter().zip(dims).enumerate().all(|(d, (i, x))| d == *dim || i <= x);
                if !fits {
                    return Err(Error::Shape(format!(
                        "Size does not match at dimension {dim}: expected index {index:?} to be no larger than self {dims:?} apart from dimension {dim}"
                    )));
                }
                (index.into(), dtype)
            }
            Op::ScatterAdd { dim, size } => {
                let mut out = Dims::from(dims);
                out[*dim] = *size;
                (out, dtype)
            }
            Op::Nll(nll) if nll.mean => (Dims::new(), dtype),
            Op::Nll(_) => (inputs[1].0.into(), dtype),
            Op::MseLoss => (Dims::new(), dtype),
            Op::MseLossGrad => (inputs[1].0.into(), dtype),
            Op::NllGrad(_, classes) => (Dims::from([inputs[1].0[0], *classes].as_slice()), dtype),
            Op::Conv2d(conv) => {
                let (&[n, _, h, w], &[out, ..]) = (dims, inputs[1].0) else {
                    return Err(Error::Shape(format!(
                        "conv2d expects [N, C, H, W] and a weight, got {dims:?} and {:?}",
                        inputs[1].0
                    )));
                };
                let (rows, columns) = conv.window.fit(h, w)?;
                (Dims::from([n, out, rows, columns].as_slice()), dtype)
            }
            Op::Conv2dInput(conv, (h, w)) => {
                (Dims::from([dims[0], inputs[1].0[1] * conv.groups, *h, *w].as_slice()), dtype)
            }
            Op::Conv2dWeight(conv) => {
                let (kh, kw) = conv.window.kernel;
                (Dims::from([dims[1], inputs[1].0[1] / conv.groups, kh, kw].as_slice()), dtype)
            }
            Op::MaxPool2d(pool) | Op::AvgPool2d(pool, _) => (pool.infer(dims)?, dtype),
            Op::MaxPool2dIndex(pool) => (pool.infer(dims)?, DType::I64),
            Op::MaxPool2dGrad(_) => same(),
            Op::AvgPool2dGrad(_, _, (h, w)) => (Dims::from([dims[0], dims[1], *h, *w].as_slice()), dtype),
            Op::Unfold(window) => {
                let &[n, c, h, w] = dims else {
                    return Err(Error::Shape(format!("unfold expects [N, C, H, W], got {dims:?}")));
                };
                let (rows, columns) = window.fit(h, w)?;
                (Dims::from([n, c * window.kernel.0 * window.kernel.1, rows * columns].as_slice()), dtype)
            }
            Op::Fold(window, (h, w)) => {
                let c = dims[1] / (window.kernel.0 * window.kernel.1);
                (Dims::from([dims[0], c, *h, *w].as_slice()), dtype)
            }
        })
    }
}

impl View {
    /// The layout of the view of a tensor with layout `of`.
    ///
    /// # Errors
    /// When the sizes do not fit, or a reshape would have to move elements.
    pub fn apply(&self, of: &Layout) -> Result<Layout> {
        match self {
            View::Reshape(dims) => of.view(dims).ok_or_else(|| {
                Error::Shape(
                    "view size is not compatible with input tensor's size and stride (at least one dimension \
                     spans across two contiguous subspaces). Use .reshape(...) instead."
                        .into(),
                )
            }),
            View::Expand(dims) => of.expand(dims),
            View::Permute(order) => of.permute(order),
            View::Slice { dim, start, end, step } => of.slice(*dim, *start, *end, *step),
            View::Strided { dims, strides, shift } => {
                let first = of.offset().checked_add_signed(*shift).unwrap_or(usize::MAX);
                Layout::strided(dims, strides, first, usize::MAX)
            }
        }
    }
}

fn reduced(dims: &[usize], over: &[usize], keepdim: bool) -> Dims {
    dims.iter()
        .enumerate()
        .filter_map(|(d, &size)| match (over.contains(&d), keepdim) {
            (false, _) => Some(size),
            (true, true) => Some(1),
            (true, false) => None,
        })
        .collect()
}

fn infer_cat(inputs: &[(&[usize], DType)], dim: usize) -> Result<Dims> {
    let mut out = Dims::from(inputs[0].0);
    for &(dims, _) in &inputs[1..] {
        let fits = dims.len() == out.len()
            && dims.iter().zip(out.iter()).enumerate().all(|(d, (a, b))| d == dim || a == b);
        if !fits {
            return Err(Error::Shape(format!(
                "Sizes of tensors must match except in dimension {dim}. Got {:?} and {dims:?}",
                inputs[0].0
            )));
        }
        out[dim] += dims[dim];
    }
    Ok(out)
}

fn infer_matmul(a: &[usize], b: &[usize]) -> Result<Dims> {
    match (a, b) {
        (&[m, k], &[k2, n]) if k == k2 => Ok(Dims::from([m, n].as_slice())),
        (&[batch, m, k], &[batch2, k2, n]) if k == k2 && batch == batch2 => {
            Ok(Dims::from([batch, m, n].as_slice()))
        }
        (&[m, k], &[k2, n]) => Err(cannot_multiply(m, k, k2, n)),
        _ => Err(Error::Shape(format!(
            "batch1 and batch2 must have the same batch size and fitting matrices, got {a:?} and {b:?}"
        ))),
    }
}

fn infer_linear(x: &[usize], weight: &[usize], bias: Option<&[usize]>) -> Result<Dims> {
    let &[out, fan_in] = weight else {
        return Err(Error::Shape(format!("linear: weight must be [out, in], got {weight:?}")));
    };
    let Some((&last, lead)) = x.split_last() else {
        return Err(Error::Shape("linear: both arguments need to be at least 1D".into()));
    };
    if last != fan_in {
        return Err(cannot_multiply(lead.iter().product(), last, fan_in, out));
    }
    if let Some(bias) = bias.filter(|b| *b != [out]) {
        return Err(Error::Shape(format!("linear: bias must be [{out}], got {bias:?}")));
    }
    Ok(lead.iter().copied().chain([out]).collect())
}

fn cannot_multiply(m: usize, k: usize, k2: usize, n: usize) -> Error {
    Error::Shape(format!("mat1 and mat2 shapes cannot be multiplied ({m}x{k} and {k2}x{n})"))
}
