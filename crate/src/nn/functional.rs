//! Losses, as in `torch.nn.functional` with the mean as reduction. Predictions come first.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// mean (p − y)²
///
/// # Errors
/// When the shapes do not broadcast; so for all losses here.
pub fn mse_loss(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    input.sub(target)?.square()?.mean()
}

/// mean |p − y|
///
/// # Errors
/// See [`mse_loss`].
pub fn l1_loss(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    input.sub(target)?.abs()?.mean()
}

/// mean of d² / (2 β) where d = |p − y| < β, else d − β / 2
///
/// # Errors
/// See [`mse_loss`].
pub fn smooth_l1_loss(input: &Tensor, target: &Tensor, beta: f64) -> Result<Tensor> {
    if beta == 0.0 {
        return l1_loss(input, target);
    }
    let d = input.sub(target)?.abs()?;
    let near = d.square()?.mul(0.5)?.div(beta)?;
    near.where_(&d.lt(beta)?, &d.sub(0.5 * beta)?)?.mean()
}

/// mean of d² / 2 where d = |p − y| ≤ δ, else δ (d − δ / 2)
///
/// # Errors
/// See [`mse_loss`].
pub fn huber_loss(input: &Tensor, target: &Tensor, delta: f64) -> Result<Tensor> {
    let d = input.sub(target)?.abs()?;
    let far = d.sub(0.5 * delta)?.mul(delta)?;
    d.square()?.mul(0.5)?.where_(&d.le(delta)?, &far)?.mean()
}

/// mean −(y ln p + (1 − y) ln(1 − p)) for probabilities p; logarithms are kept above −100.
///
/// # Errors
/// See [`mse_loss`].
pub fn binary_cross_entropy(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    let positive = input.log()?.maximum(-100.0)?.mul(target)?;
    let negative = input.neg()?.log1p()?.maximum(-100.0)?.mul(&target.rsub(1.0)?)?;
    positive.add(&negative)?.neg()?.mean()
}

/// [`binary_cross_entropy`] of sigmoid(x), without its overflow: mean (1 − y) x − ln sigmoid(x)
///
/// # Errors
/// See [`mse_loss`].
pub fn binary_cross_entropy_with_logits(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    input.mul(&target.rsub(1.0)?)?.sub(&input.logsigmoid()?)?.mean()
}

/// mean −ln softmax(x)\[y\] for logits `[N, C]` and classes y `[N]` (i64)
///
/// # Errors
/// When a class is not in `0..C`, or the shapes do not fit.
pub fn cross_entropy(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    nll_loss(&input.log_softmax(1)?, target)
}

/// mean −x\[y\] for logarithms of probabilities `[N, C]` and classes y `[N]` (i64)
///
/// # Errors
/// When a class is not in `0..C`, or the shapes do not fit.
pub fn nll_loss(input: &Tensor, target: &Tensor) -> Result<Tensor> {
    let (&[n, classes], &[m]) = (input.dims(), target.dims()) else {
        return Err(Error::Shape(format!(
            "cross_entropy expects [N, C] and [N], got {:?} and {:?}",
            input.dims(),
            target.dims()
        )));
    };
    if n != m {
        return Err(Error::Shape(format!(
            "Expected input batch_size ({n}) to match target batch_size ({m})."
        )));
    }
    let target = target.to(DType::I64)?;
    if let Some(out) = target.to_vec::<i64>()?.iter().find(|&&t| t < 0 || t as usize >= classes) {
        return Err(Error::Index(format!("Target {out} is out of bounds.")));
    }
    input.gather(1, &target.unsqueeze(1)?)?.neg()?.mean()
}
