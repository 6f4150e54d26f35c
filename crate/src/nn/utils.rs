//! `torch.nn.utils`: gradients kept within bounds.

use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};

/// The norm of order `norm_type` (2; infinity takes the largest) of all tensors together: that of each
/// one's norm, as in PyTorch.
///
/// # Errors
/// With `error_if_nonfinite`, when it is infinite or not a number.
pub fn get_total_norm(tensors: &[Tensor], norm_type: f64, error_if_nonfinite: bool) -> Result<Tensor> {
    // A tensor without elements has no norm of infinite order.
    let with_elements = tensors.iter().filter(|t| t.numel() > 0);
    let norms = with_elements.map(|t| t.norm_dim(norm_type, &[], false)).collect::<Result<Vec<_>>>()?;
    let total = match norms.first() {
        None => Tensor::scalar(0f32),
        Some(_) => Tensor::stack(&norms, 0)?.norm_dim(norm_type, &[], false)?,
    };
    if error_if_nonfinite && !total.item()?.is_finite() {
        return Err(Error::Value(format!(
            "The total norm of order {norm_type:?} for gradients from `parameters` is non-finite, so it \
             cannot be clipped. To disable this error and scale the gradients by the non-finite norm \
             anyway, set `error_if_nonfinite=False`"
        )));
    }
    Ok(total)
}

/// Scales all gradients together by max_norm / (total_norm + 1e-6), at most 1.
///
/// # Errors
/// When `total_norm` is not one number.
pub fn clip_grads_with_norm_(parameters: &[Tensor], max_norm: f64, total_norm: &Tensor) -> Result<()> {
    no_grad(|| {
        // In the norm's own precision, as PyTorch computes it. NaN stays NaN.
        let total = total_norm.add(1e-6)?;
        let factor = Tensor::full(&[], max_norm, total.dtype()).div(&total)?.item()?;
        let factor = if factor > 1.0 { 1.0 } else { factor };
        parameters.iter().filter_map(Tensor::grad).try_for_each(|g| g.mul_(factor))
    })
}

/// Scales all gradients together so that their norm ([`get_total_norm`]) is at most `max_norm`; gives the
/// norm before. PyTorch's default is order 2 and no error.
///
/// # Errors
/// With `error_if_nonfinite`, when the norm is infinite or not a number.
pub fn clip_grad_norm_(
    parameters: &[Tensor],
    max_norm: f64,
    norm_type: f64,
    error_if_nonfinite: bool,
) -> Result<f64> {
    let grads: Vec<Tensor> = parameters.iter().filter_map(Tensor::grad).collect();
    let total = no_grad(|| get_total_norm(&grads, norm_type, error_if_nonfinite))?;
    clip_grads_with_norm_(parameters, max_norm, &total)?;
    total.item()
}

/// Keeps every element of the gradients within ±`clip_value`.
///
/// # Errors
/// Never for floating-point gradients.
pub fn clip_grad_value_(parameters: &[Tensor], clip_value: f64) -> Result<()> {
    no_grad(|| {
        parameters
            .iter()
            .filter_map(Tensor::grad)
            .try_for_each(|g| g.copy_(&g.maximum(-clip_value)?.minimum(clip_value)?))
    })
}
