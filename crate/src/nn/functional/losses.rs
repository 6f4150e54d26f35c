//! Losses that compare numbers with numbers. Predictions come first.

use super::Reduction;
use crate::error::{Error, Result};
use crate::shape::broadcast;
use crate::tensor::{Called, Tensor};

/// (p − y)²
///
/// # Errors
/// When the shapes do not broadcast; so for all losses here.
pub fn mse_loss(input: &Tensor, target: &Tensor, reduction: Reduction) -> Result<Tensor> {
    reduction.of(difference(input, target)?.square()?).called("MseLossBackward0")
}

/// p − y, broadcast before their dtypes meet, so that a scalar's counts.
fn difference(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    let dims = broadcast(input.dims(), target.dims())?;
    input.expand(&dims)?.sub(&target.expand(&dims)?)
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
    reduction.of(difference(input, target)?.abs()?)
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
    let (near, far) = near_and_far(input, target, beta)?;
    reduction.of(near.square()?.mul(0.5 / beta)?.add(&far)?).called("SmoothL1LossBackward0")
}

/// d² / 2 where d = |p − y| ≤ δ, else δ (d − δ / 2)
///
/// # Errors
/// See [`mse_loss`]; also for δ ≤ 0.
pub fn huber_loss(input: &Tensor, target: &Tensor, delta: f64, reduction: Reduction) -> Result<Tensor> {
    if delta <= 0.0 {
        return Err(Error::Value("huber_loss does not support non-positive values for delta.".into()));
    }
    let (near, far) = near_and_far(input, target, delta)?;
    reduction.of(near.square()?.mul(0.5)?.add(&far.mul(delta)?)?).called("HuberLossBackward0")
}

/// |p − y| up to a limit, and what is above it: two terms whose gradients stay finite where the distance
/// does not, unlike those of a choice between two formulas.
fn near_and_far(input: &Tensor, target: &Tensor, limit: f64) -> Result<(Tensor, Tensor)> {
    let d = difference(input, target)?.abs()?;
    let near = Tensor::full(&[], limit, d.dtype()).where_(&d.ge(limit)?, &d)?;
    let far = d.sub(&near)?;
    Ok((near, far))
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
