//! RMSprop.

use super::group::{Grouped, Options, Update};
use super::state::{Entries, named_options, step_tensor};
use super::{add_scaled, decayed, not_negative};
use crate::error::Result;
use crate::tensor::Tensor;

/// The arguments of `torch.optim.RMSprop`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RMSpropOptions {
    /// Learning rate
    pub lr: f64,
    /// Decay of the running average of squares
    pub alpha: f64,
    /// Keeps the division finite
    pub eps: f64,
    /// L2 penalty
    pub weight_decay: f64,
    /// How much of the previous update is kept
    pub momentum: f64,
    /// Divides by the deviation instead of the root mean square
    pub centered: bool,
    /// Uphill instead of downhill
    pub maximize: bool,
}

impl Default for RMSpropOptions {
    fn default() -> Self {
        RMSpropOptions {
            lr: 1e-2,
            alpha: 0.99,
            eps: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            maximize: false,
        }
    }
}

impl Options for RMSpropOptions {
    named_options! {
        lr = "lr",
        momentum = "momentum",
        alpha = "alpha",
        eps = "eps",
        centered = "centered",
        weight_decay = "weight_decay",
        maximize = "maximize",
    }

    fn check(&self) -> Result<()> {
        not_negative("learning rate", self.lr)?;
        not_negative("epsilon value", self.eps)?;
        not_negative("momentum value", self.momentum)?;
        not_negative("weight_decay value", self.weight_decay)?;
        not_negative("alpha value", self.alpha)
    }
}

/// p ← p − lr · g / (√(average of g²) + ε) (Hinton's lecture 6e; centred as Graves, 2013).
pub type RMSprop = Grouped<RMSpropUpdate>;

/// The rule of [`RMSprop`].
pub struct RMSpropUpdate;

/// The running averages of a parameter.
pub struct RMSpropState {
    step: u32,
    square: Tensor,
    mean: Tensor,
    velocity: Tensor,
}

impl Update for RMSpropUpdate {
    type Options = RMSpropOptions;
    type State = RMSpropState;

    fn update(o: &RMSpropOptions, p: &Tensor, grad: Tensor, state: &mut Option<RMSpropState>) -> Result<()> {
        let s = state.get_or_insert_with(|| RMSpropState {
            step: 0,
            square: p.zeros_like(),
            mean: p.zeros_like(),
            velocity: p.zeros_like(),
        });
        s.step += 1;
        let grad = decayed(p, grad, o.maximize, o.weight_decay)?;
        s.square.mul_(o.alpha)?;
        s.square.addcmul_(&grad, &grad, 1.0 - o.alpha)?;
        let average = if o.centered {
            s.mean.lerp_(&grad, 1.0 - o.alpha)?;
            let variance = add_scaled(&s.square, &s.mean.zeros_like(), 1.0)?;
            variance.addcmul_(&s.mean, &s.mean, -1.0)?;
            variance.sqrt()?
        } else {
            s.square.sqrt()?
        };
        let average = average.add(o.eps)?;
        if o.momentum > 0.0 {
            s.velocity.mul_(o.momentum)?;
            s.velocity.addcdiv_(&grad, &average, 1.0)?;
            p.add_(&s.velocity, -o.lr)
        } else {
            p.addcdiv_(&grad, &average, -o.lr)
        }
    }

    fn entries(o: &RMSpropOptions, s: &RMSpropState) -> Vec<(&'static str, Tensor)> {
        let mut all = vec![("step", step_tensor(s.step)), ("square_avg", s.square.clone())];
        if o.momentum > 0.0 {
            all.push(("momentum_buffer", s.velocity.clone()));
        }
        if o.centered {
            all.push(("grad_avg", s.mean.clone()));
        }
        all
    }

    fn restore(_: &Tensor, saved: &Entries<'_>) -> Result<Option<RMSpropState>> {
        Ok(Some(RMSpropState {
            step: saved.step()?,
            square: saved.tensor_or_zeros("square_avg")?,
            mean: saved.tensor_or_zeros("grad_avg")?,
            velocity: saved.tensor_or_zeros("momentum_buffer")?,
        }))
    }
}
