//! Optimizers and learning-rate schedules, as `torch.optim`: the same names, defaults and order of
//! operations.

mod adaptive;
mod schedule;
mod sgd;

pub use adaptive::{Adagrad, AdagradOptions, Adam, AdamOptions, RMSprop, RMSpropOptions};
pub use schedule::Schedule;
pub use sgd::{SGD, SgdOptions};

use crate::error::Result;
use crate::tensor::Tensor;

/// Changes parameters by their gradients.
pub trait Optimizer {
    /// One update. Parameters without a gradient stay as they are.
    ///
    /// # Errors
    /// Never for the parameters that it was made with.
    fn step(&mut self) -> Result<()>;

    /// The parameters.
    fn parameters(&self) -> &[Tensor];

    /// The learning rate.
    fn lr(&self) -> f64;

    /// Another learning rate from the next step on.
    fn set_lr(&mut self, lr: f64);

    /// Forgets the gradients (to None, PyTorch's default).
    fn zero_grad(&self) {
        self.parameters().iter().for_each(|p| p.set_grad(None));
    }
}

/// `a + alpha · b` in a new tensor.
fn add_scaled(a: &Tensor, b: &Tensor, alpha: f64) -> Result<Tensor> {
    let out = a.zeros_like();
    out.copy_(a)?;
    out.add_(b, alpha)?;
    Ok(out)
}

/// The gradient with weight decay (an L2 penalty) added.
fn decayed(parameter: &Tensor, grad: Tensor, weight_decay: f64) -> Result<Tensor> {
    if weight_decay == 0.0 { Ok(grad) } else { add_scaled(&grad, parameter, weight_decay) }
}
