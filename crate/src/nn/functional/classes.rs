//! Losses over classes and distributions.

use super::Reduction;
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::nn::{CrossEntropyLoss, NLLLoss};
use crate::op::{Nll, Op};
use crate::tensor::{Called, Tensor, dispatch};

/// −ln softmax(x)\[y\] for logits `[C]`, `[N, C]` or `[N, C, d₁, …]` and classes y (i64, without the C), or
/// for probabilities y of the logits' shape.
///
/// With label smoothing ε, y is (1 − ε) y + ε / C. With weights, the mean is a weighted one.
///
/// # Errors
/// When a class is not in `0..C`, or the shapes do not fit.
pub fn cross_entropy(input: &Tensor, target: &Tensor, options: &CrossEntropyLoss) -> Result<Tensor> {
    let e = options.label_smoothing;
    if !(0.0..=1.0).contains(&e) {
        return Err(Error::Value(format!("label_smoothing must be between 0.0 and 1.0. Got: {e}")));
    }
    let dim = if input.ndim() == 1 { 0 } else { 1 };
    let log = input.log_softmax(dim)?;
    if target.dtype().is_floating_point() && target.dims() == input.dims() {
        return with_probabilities(&log, target, options);
    }
    if e == 0.0 && options.weight.is_none() {
        return unweighted(&log, target, options.ignore_index, options.reduction);
    }
    let picked = Picked::new(&log, target, options.weight.as_ref(), options.ignore_index)?;
    if e == 0.0 {
        return picked.reduce(&picked.losses, options.reduction).called(picked.name);
    }
    // −Σ over classes, weighted, without the ignored rows
    let all = options.weight.as_ref().map_or(Ok(picked.rows.clone()), |w| picked.rows.mul(w))?;
    let mut spread = all.neg()?.sum_dim(&[-1], false)?;
    if let Some(kept) = &picked.kept {
        spread = spread.where_(kept, 0.0)?;
    }
    let classes = picked.rows.dims()[1] as f64;
    let mixed = picked.losses.mul(1.0 - e)?.add(&spread.mul(e / classes)?)?;
    picked.reduce(&mixed, options.reduction).called("AddBackward0")
}

fn with_probabilities(log: &Tensor, target: &Tensor, options: &CrossEntropyLoss) -> Result<Tensor> {
    let (rows, dims) = classes_last(log)?;
    let (mut target, _) = classes_last(target)?;
    let classes = rows.dims()[1] as f64;
    if options.label_smoothing > 0.0 {
        let e = options.label_smoothing;
        target = target.mul(1.0 - e)?.add(e / classes)?;
    }
    let mut products = rows.mul(&target)?;
    if let Some(weight) = &options.weight {
        products = products.mul(weight)?;
    }
    let losses = products.sum_dim(&[1], false)?.neg()?;
    match options.reduction {
        Reduction::None => losses.reshape(&dims).called("NegBackward0"),
        Reduction::Mean | Reduction::BatchMean => {
            losses.sum()?.div(losses.numel() as f64).called("DivBackward1")
        }
        Reduction::Sum => losses.sum().called("NegBackward0"),
    }
}

/// −x\[y\] for logarithms of probabilities `[C]`, `[N, C]` or `[N, C, d₁, …]` and classes y (i64, without the
/// C).
///
/// # Errors
/// When a class is not in `0..C`, or the shapes do not fit.
pub fn nll_loss(input: &Tensor, target: &Tensor, options: &NLLLoss) -> Result<Tensor> {
    if options.weight.is_none() {
        return unweighted(input, target, options.ignore_index, options.reduction);
    }
    let picked = Picked::new(input, target, options.weight.as_ref(), options.ignore_index)?;
    picked.reduce(&picked.losses, options.reduction).called(picked.name)
}

/// t (ln t − x) for logarithms x of probabilities and probabilities t, or their logarithms.
///
/// # Errors
/// When the shapes do not broadcast.
pub fn kl_div(input: &Tensor, target: &Tensor, log_target: bool, reduction: Reduction) -> Result<Tensor> {
    let losses = if log_target {
        target.exp()?.mul(&target.sub(input)?)?
    } else {
        // 0 ln 0 is 0, though its gradient is NaN, as in PyTorch.
        let entropy = target.mul(&target.log()?)?;
        let entropy = Tensor::full(&[], 0.0, entropy.dtype()).where_(&target.eq(0.0)?, &entropy)?;
        entropy.sub(&target.mul(input)?)?
    };
    match reduction {
        // The rows are the input's, not those of a target that broadcasts it.
        Reduction::BatchMean => losses.sum()?.div(input.dims().first().copied().unwrap_or(1) as f64),
        reduction => reduction.of(losses),
    }
}

/// The classes as the last of two dimensions, and the sizes of a result without reduction.
fn classes_last(input: &Tensor) -> Result<(Tensor, Vec<isize>)> {
    let signed = |dims: &[usize]| dims.iter().map(|&n| n as isize).collect::<Vec<isize>>();
    match input.dims() {
        [] => Err(Error::Shape("input tensor should be 1D or 2D".into())),
        [classes] => Ok((input.reshape(&[1, *classes as isize])?, Vec::new())),
        [n, _] => Ok((input.clone(), vec![*n as isize])),
        [n, classes, rest @ ..] => {
            let order: Vec<isize> =
                std::iter::once(0).chain(2..input.ndim() as isize).chain(std::iter::once(1)).collect();
            let rows = input.permute(&order)?.reshape(&[-1, *classes as isize])?;
            Ok((rows, signed(&[&[*n], rest].concat())))
        }
    }
}

/// PyTorch's name of the derivative.
fn derivative(log: &Tensor) -> &'static str {
    if log.ndim() > 2 { "NllLoss2DBackward0" } else { "NllLossBackward0" }
}

/// −x\[y\] without weights: one operation.
fn unweighted(log: &Tensor, target: &Tensor, ignore_index: i64, reduction: Reduction) -> Result<Tensor> {
    let (rows, target, dims) = rows_and_targets(log, target)?;
    let mean = matches!(reduction, Reduction::Mean | Reduction::BatchMean);
    let losses = dispatch(Op::Nll(Nll { ignore_index, mean }), &[&rows, &target])?;
    let reduced = match reduction {
        Reduction::None => losses.reshape(&dims),
        Reduction::Sum => losses.sum(),
        Reduction::Mean | Reduction::BatchMean => Ok(losses),
    };
    reduced.called(derivative(log))
}

/// Logarithms as `[M, C]` and classes as `[M]`, i64, with the sizes of a result without reduction.
fn rows_and_targets(log: &Tensor, target: &Tensor) -> Result<(Tensor, Tensor, Vec<isize>)> {
    let (rows, dims) = classes_last(log)?;
    let sizes: Vec<isize> = target.dims().iter().map(|&n| n as isize).collect();
    if sizes != dims {
        return Err(Error::Shape(match (log.dims(), target.dims()) {
            ([n, _], [m]) | ([n, _, ..], [m, ..]) if n != m => {
                format!("Expected input batch_size ({n}) to match target batch_size ({m}).")
            }
            (input, target) => {
                format!("Expected target size {dims:?}, got {target:?} for input {input:?}")
            }
        }));
    }
    Ok((rows, target.to(DType::I64)?.reshape(&[-1])?, dims))
}

/// The losses of single rows, and what a weighted mean divides by.
struct Picked {
    /// `[M, C]`
    rows: Tensor,
    /// `[M]`, zero for ignored rows
    losses: Tensor,
    /// `[M]`, where some row is ignored
    kept: Option<Tensor>,
    /// Σ of the weights of the rows' classes; None: all are 1
    divisor: Option<Tensor>,
    dims: Vec<isize>,
    /// PyTorch has another operation for rows that lie in planes
    name: &'static str,
}

impl Picked {
    fn new(log: &Tensor, target: &Tensor, weight: Option<&Tensor>, ignore_index: i64) -> Result<Picked> {
        let (rows, target, dims) = rows_and_targets(log, target)?;
        let classes = rows.dims()[1];
        if let Some(weight) = weight.filter(|w| w.dims() != [classes]) {
            return Err(Error::Shape(format!(
                "weight tensor should be defined either for all {classes} classes or no classes but got weight \
                 tensor of shape: {:?}",
                weight.dims()
            )));
        }
        // What is ignored still needs a place to be picked from.
        let (index, kept) = if target.device() == Device::Cpu {
            let mut values = target.to_vec::<i64>()?;
            let ignored = values.iter().filter(|&&t| t == ignore_index).count();
            if let Some(out) = values.iter().find(|&&t| t != ignore_index && (t < 0 || t as usize >= classes))
            {
                return Err(Error::Index(format!("Target {out} is out of bounds.")));
            }
            values.iter_mut().filter(|t| **t == ignore_index).for_each(|t| *t = 0);
            let kept = (ignored > 0).then(|| target.ne(ignore_index)).transpose()?;
            let n = values.len();
            (if ignored > 0 { Tensor::from_vec(values, &[n])? } else { target }, kept)
        } else {
            // Without looking: the device complains about classes that do not exist.
            let kept = target.ne(ignore_index)?;
            (target.where_(&kept, 0)?, Some(kept))
        };
        let weights = weight.map(|w| w.index_select(0, &index)).transpose()?;
        let mut losses = rows.gather(1, &index.unsqueeze(1)?)?.neg()?.squeeze(1)?;
        if let Some(w) = &weights {
            losses = losses.mul(w)?;
        }
        let mut divisor = weights;
        if let Some(kept) = &kept {
            losses = losses.where_(kept, 0.0)?;
            let ones = divisor.map_or_else(|| Ok(losses.detach().ones_like()), Ok::<_, Error>)?;
            divisor = Some(ones.where_(kept, 0.0)?);
        }
        let divisor = divisor.map(|d| d.sum()).transpose()?;
        let name = derivative(log);
        Ok(Picked { rows, losses, kept, divisor, dims, name })
    }

    fn reduce(&self, losses: &Tensor, reduction: Reduction) -> Result<Tensor> {
        match (reduction, &self.divisor) {
            (Reduction::None, _) => losses.reshape(&self.dims),
            (Reduction::Sum, _) => losses.sum(),
            (Reduction::Mean | Reduction::BatchMean, Some(divisor)) => losses.sum()?.div(divisor),
            (Reduction::Mean | Reduction::BatchMean, None) => losses.mean(),
        }
    }
}
