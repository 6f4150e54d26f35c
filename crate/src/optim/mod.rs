//! Optimizers and learning-rate schedules, as `torch.optim`: the same names, defaults and order of
//! operations.

mod adagrad;
mod adam;
mod group;
mod plateau;
mod rmsprop;
mod rule;
mod schedule;
mod scheduler;
mod sgd;
mod state;

pub use adagrad::{Adagrad, AdagradOptions, AdagradUpdate};
pub use adam::{Adam, AdamOptions, AdamUpdate, AdamW};
pub use group::{Grouped, Options, ParamGroup, Update};
pub use plateau::{PlateauMode, PlateauOptions, PlateauState, ReduceLROnPlateau, ThresholdMode};
pub use rmsprop::{RMSprop, RMSpropOptions, RMSpropUpdate};
pub use schedule::Schedule;
pub use scheduler::{LRScheduler, LambdaLR, MultiplicativeLR, SchedulerState, SequentialLR};
pub use sgd::{SGD, SgdOptions, SgdUpdate};
pub use state::{Entries, GroupState, OptimizerState, OptionValue, ParameterState};

use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Changes parameters by their gradients.
pub trait Optimizer {
    /// One update. Parameters without a gradient stay as they are.
    ///
    /// # Errors
    /// Never for the parameters that it was made with.
    fn step(&mut self) -> Result<()>;

    /// The parameters of all groups.
    fn parameters(&self) -> Vec<Tensor>;

    /// The learning rate of every group.
    fn lrs(&self) -> Vec<f64>;

    /// Other learning rates from the next step on, one for each group.
    fn set_lrs(&mut self, lrs: &[f64]);

    /// The learning rate of the first group.
    fn lr(&self) -> f64 {
        self.lrs().first().copied().unwrap_or(0.0)
    }

    /// One learning rate for all groups.
    fn set_lr(&mut self, lr: f64) {
        let lrs = vec![lr; self.lrs().len()];
        self.set_lrs(&lrs);
    }

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

/// The gradient, negated to maximise, with weight decay (an L2 penalty) added.
fn decayed(parameter: &Tensor, grad: Tensor, maximize: bool, weight_decay: f64) -> Result<Tensor> {
    let grad = if maximize { grad.neg()? } else { grad };
    if weight_decay == 0.0 { Ok(grad) } else { add_scaled(&grad, parameter, weight_decay) }
}

/// PyTorch's refusal of an option below zero.
fn not_negative(name: &str, value: f64) -> Result<()> {
    if value >= 0.0 { Ok(()) } else { Err(Error::Value(format!("Invalid {name}: {value:?}"))) }
}
