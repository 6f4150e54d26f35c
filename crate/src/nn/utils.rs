//! `torch.nn.utils`: gradients kept within bounds.

use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};

/// Scales all gradients together so that their norm is at most `max_norm`; gives the norm before.
///
/// The norm of order `norm_type` (2; infinity takes the largest) is that of each parameter's norms, and
/// the factor is max_norm / (norm + 1e-6), at most 1, as in PyTorch.
///
/// # Errors
/// With `error_if_nonfinite`, when the norm is infinite or not a number.
pub fn clip_grad_norm_(
    parameters: &[Tensor],
    max_norm: f64,
    norm_type: f64,
    error_if_nonfinite: bool,
) -> Result<f64> {
    no_grad(|| {
        let grads: Vec<Tensor> = parameters.iter().filter_map(Tensor::grad).collect();
        let norms: Vec<f32> = grads.iter().map(|g| Ok(norm(g, norm_type)? as f32)).collect::<Result<_>>()?;
        let count = norms.len();
        let total = norm(&Tensor::from_vec(norms, &[count])?, norm_type)?;
        if error_if_nonfinite && !total.is_finite() {
            return Err(Error::Value(format!(
                "The total norm of order {norm_type:?} for gradients from `parameters` is non-finite, so it \
                 cannot be clipped. To disable this error and scale the gradients by the non-finite norm \
                 anyway, set `error_if_nonfinite=False`"
            )));
        }
        // In f32 as PyTorch computes it. NaN stays NaN.
        let factor = max_norm as f32 / (total as f32 + 1e-6);
        let factor = if factor > 1.0 { 1.0 } else { factor };
        grads.iter().try_for_each(|g| g.mul_(f64::from(factor)))?;
        Ok(total)
    })
}

/// (Σ |x|ᵖ)^(1/p)
fn norm(x: &Tensor, p: f64) -> Result<f64> {
    if x.numel() == 0 {
        return Ok(0.0);
    }
    let all: Vec<isize> = (0..x.ndim() as isize).collect();
    if p.is_infinite() {
        x.abs()?.amax(&all, false)?.item()
    } else if p == 2.0 {
        x.square()?.sum()?.sqrt()?.item()
    } else if p == 1.0 {
        x.abs()?.sum()?.item()
    } else {
        x.abs()?.pow(p)?.sum()?.pow(1.0 / p)?.item()
    }
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
