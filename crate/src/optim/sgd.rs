//! Stochastic gradient descent.

use super::group::{Grouped, Options, Update};
use super::state::{Entries, named_options};
use super::{add_scaled, decayed, not_negative};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// The arguments of `torch.optim.SGD`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdOptions {
    /// Learning rate
    pub lr: f64,
    /// How much of the previous update is kept
    pub momentum: f64,
    /// How much of the gradient is left out of the momentum
    pub dampening: f64,
    /// L2 penalty
    pub weight_decay: f64,
    /// Nesterov's variant
    pub nesterov: bool,
    /// Uphill instead of downhill
    pub maximize: bool,
}

impl Default for SgdOptions {
    fn default() -> Self {
        SgdOptions {
            lr: 1e-3,
            momentum: 0.0,
            dampening: 0.0,
            weight_decay: 0.0,
            nesterov: false,
            maximize: false,
        }
    }
}

impl Options for SgdOptions {
    named_options! {
        lr = "lr",
        momentum = "momentum",
        dampening = "dampening",
        weight_decay = "weight_decay",
        nesterov = "nesterov",
        maximize = "maximize",
    }

    fn check(&self) -> Result<()> {
        not_negative("learning rate", self.lr)?;
        not_negative("momentum value", self.momentum)?;
        not_negative("weight_decay value", self.weight_decay)?;
        if self.nesterov && (self.momentum <= 0.0 || self.dampening != 0.0) {
            return Err(Error::Value("Nesterov momentum requires a momentum and zero dampening".into()));
        }
        Ok(())
    }
}

/// p ← p − lr · v, v ← momentum · v + (1 − dampening) · g (Sutskever et al., 2013, as PyTorch has it).
pub type SGD = Grouped<SgdUpdate>;

/// The rule of [`SGD`].
pub struct SgdUpdate;

impl Update for SgdUpdate {
    type Options = SgdOptions;
    type State = Tensor;

    fn update(o: &SgdOptions, p: &Tensor, grad: Tensor, velocity: &mut Option<Tensor>) -> Result<()> {
        let mut grad = decayed(p, grad, o.maximize, o.weight_decay)?;
        if o.momentum != 0.0 {
            let v = match velocity {
                Some(v) => {
                    v.mul_(o.momentum)?;
                    v.add_(&grad, 1.0 - o.dampening)?;
                    v
                }
                None => velocity.insert(add_scaled(&grad.zeros_like(), &grad, 1.0)?),
            };
            grad = if o.nesterov { add_scaled(&grad, v, o.momentum)? } else { v.clone() };
        }
        p.add_(&grad, -o.lr)
    }

    fn entries(_: &SgdOptions, velocity: &Tensor) -> Vec<(&'static str, Tensor)> {
        vec![("momentum_buffer", velocity.clone())]
    }

    fn restore(_: &Tensor, saved: &Entries<'_>) -> Result<Option<Tensor>> {
        saved.tensor("momentum_buffer")
    }
}
