//! Stochastic gradient descent.

use super::{Optimizer, add_scaled, decayed};
use crate::error::Result;
use crate::tensor::{Tensor, no_grad};

/// The arguments of `torch.optim.SGD`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdOptions {
    /// Learning rate
    pub lr: f64,
    /// How much of the previous update is kept
    pub momentum: f64,
    /// How much of the gradient is left out of the momentum
    pub dampening: f64,
    /// Nesterov's variant
    pub nesterov: bool,
    /// L2 penalty
    pub weight_decay: f64,
}

impl Default for SgdOptions {
    fn default() -> Self {
        SgdOptions { lr: 1e-3, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0 }
    }
}

/// p ← p − lr · v, v ← momentum · v + (1 − dampening) · g (Sutskever et al., 2013, as PyTorch has it).
pub struct SGD {
    /// May change between steps
    pub options: SgdOptions,
    parameters: Vec<Tensor>,
    velocity: Vec<Option<Tensor>>,
}

impl SGD {
    /// An optimizer of these parameters.
    pub fn new(parameters: Vec<Tensor>, options: SgdOptions) -> SGD {
        let velocity = vec![None; parameters.len()];
        SGD { options, parameters, velocity }
    }
}

impl Optimizer for SGD {
    fn step(&mut self) -> Result<()> {
        let o = self.options;
        no_grad(|| {
            for (p, velocity) in self.parameters.iter().zip(&mut self.velocity) {
                let Some(grad) = p.grad() else { continue };
                let mut grad = decayed(p, grad, o.weight_decay)?;
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
                p.add_(&grad, -o.lr)?;
            }
            Ok(())
        })
    }

    fn parameters(&self) -> &[Tensor] {
        &self.parameters
    }

    fn lr(&self) -> f64 {
        self.options.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.options.lr = lr;
    }
}
