//! Losses that compare numbers with numbers. Predictions come first.

use super::Reduction;
use crate::error::{Error, Result};
use crate::tensor::{Called, Tensor};

/// (p − y)²
///
/// # Errors
/// When the shapes do not broadcast; so for all losses here.
pub fn mse_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduction.of(input.sub(target)?.square()?).called("MseLossBackward0")
}

/// Losses of single elements, each times its weight, whose mean is a weighted one: what the `weight` of
/// `F.mse_loss`, `F.l1_loss` and `F.huber_loss` does.
///
/// # Errors
/// When the shapes differ.
pub fn weighted(losses: &Tensor, weight: &Tensor, reduction: Reduction) -> Result<Tensor> {
    if losses.dims() != weight.dims() {
        return Err(Error::Value("Weights and input must have the same size.".into()));
    }
    let losses = losses.mul(weight)?;
    match reduction {
        Reduction::Mean => losses.sum()?.div(&weight.sum()?),
        reduction => reduction.of(losses),
    }
}

/// |p − y|
///
/// # Errors
/// See [`mse_loss`].
pub fn l1_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduction.of(input.sub(target)?.abs()?)
}

/// d² / (2 β) where d = |p − y| < β, else d − β / 2
///
/// # Errors
/// See [`mse_loss`]; also for β < 0.
pub fn smooth_l1_loss(input: &Tensor, target: &Tensor, beta: f64, reduction: Reduction) -> Result<Tensor> {
    if beta < 0.0 {
        return Err(Error::Value("smooth_l1_loss does not support negative values for beta.".into()));
    }
    if beta == 0.0 {
        return l1_loss(input, target, reduction);
    }
    let d = input.sub(target)?.abs()?;
    let near = d.square()?.mul(0.5)?.div(beta)?;
    reduction.of(near.where_(&d.lt(beta)?, &d.sub(0.5 * beta)?)?).called("SmoothL1LossBackward0")
}

/// d² / 2 where d = |p − y| ≤ δ, else δ (d − δ / 2)
///
/// # Errors
/// See [`mse_loss`]; also for δ ≤ 0.
pub fn huber_loss(input: &Tensor, target: &Tensor, delta: f64, reduction: Reduction) -> Result<Tensor> {
    if delta <= 0.0 {
        return Err(Error::Value("huber_loss does not support non-positive values for delta.".into()));
    }
    let d = input.sub(target)?.abs()?;
    let far = d.sub(0.5 * delta)?.mul(delta)?;
    reduction.of(d.square()?.mul(0.5)?.where_(&d.le(delta)?, &far)?).called("HuberLossBackward0")
}

/// −(y ln p + (1 − y) ln(1 − p)) for probabilities p, times the weight; logarithms are kept above −100.
///
/// # Errors
/// When the shapes differ, or a p is not a probability.
pub fn binary_cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    reduction: Reduction,
) -> Result<Tensor> {
    if input.dims() != target.dims() {
        return Err(Error::Shape(format!(
            "Using a target size (torch.Size({:?})) that is different to the input size (torch.Size({:?})) is \
             deprecated. Please ensure they have the same size.",
            target.dims(),
            input.dims()
        )));
    }
    if !input.to_f64_vec().iter().all(|p| (0.0..=1.0).contains(p)) {
        return Err(Error::Value("all elements of input should be between 0 and 1".into()));
    }
    let losses = times(input.bernoulli_nll(target)?, weight)?;
    reduction.of(losses).called("BinaryCrossEntropyBackward0")
}

/// [`binary_cross_entropy`] of sigmoid(x), without its overflow:
/// (1 − y) x − (1 + (pos_weight − 1) y) ln sigmoid(x), times the weight.
///
/// # Errors
/// When the shapes differ.
pub fn binary_cross_entropy_with_logits(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    pos_weight: Option<&Tensor>,
    reduction: Reduction,
) -> Result<Tensor> {
    if input.dims() != target.dims() {
        return Err(Error::Value(format!(
            "Target size (torch.Size({:?})) must be the same as input size (torch.Size({:?}))",
            target.dims(),
            input.dims()
        )));
    }
    let log = input.logsigmoid()?;
    let log = match pos_weight {
        Some(pos_weight) => log.mul(&target.mul(&pos_weight.sub(1.0)?)?.add(1.0)?)?,
        None => log,
    };
    let losses = times(input.mul(&target.rsub(1.0)?)?.sub(&log)?, weight)?;
    reduction.of(losses).called("BinaryCrossEntropyWithLogitsBackward0")
}

fn times(losses: Tensor, weight: Option<&Tensor>) -> Result<Tensor> {
    match weight {
        Some(weight) => losses.mul(weight),
        None => Ok(losses),
    }
}
