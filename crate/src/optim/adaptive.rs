//! Optimizers with a rate of its own for each parameter.

use super::{Optimizer, add_scaled, decayed};
use crate::error::Result;
use crate::tensor::{Tensor, no_grad};

/// The arguments of `torch.optim.Adam` and `AdamW`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamOptions {
    /// Learning rate
    pub lr: f64,
    /// Decay of the running averages of the gradient and of its square
    pub betas: (f64, f64),
    /// Keeps the division finite
    pub eps: f64,
    /// L2 penalty, or decay of the weights themselves when `decoupled`
    pub weight_decay: f64,
    /// Divides by the largest average so far
    pub amsgrad: bool,
    /// AdamW's weight decay
    pub decoupled: bool,
}

impl Default for AdamOptions {
    fn default() -> Self {
        AdamOptions {
            lr: 1e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            decoupled: false,
        }
    }
}

/// p ← p − lr · m̂ / (√v̂ + ε) (Kingma and Ba, 2015; Loshchilov and Hutter, 2019, when decoupled).
pub struct Adam {
    /// May change between steps
    pub options: AdamOptions,
    parameters: Vec<Tensor>,
    state: Vec<Option<AdamState>>,
}

struct AdamState {
    step: i32,
    mean: Tensor,
    square: Tensor,
    largest_square: Tensor,
}

impl Adam {
    /// An optimizer of these parameters.
    pub fn new(parameters: Vec<Tensor>, options: AdamOptions) -> Adam {
        let state = parameters.iter().map(|_| None).collect();
        Adam { options, parameters, state }
    }
}

impl Optimizer for Adam {
    fn step(&mut self) -> Result<()> {
        let o = self.options;
        no_grad(|| {
            for (p, state) in self.parameters.iter().zip(&mut self.state) {
                let Some(grad) = p.grad() else { continue };
                let s = state.get_or_insert_with(|| AdamState {
                    step: 0,
                    mean: p.zeros_like(),
                    square: p.zeros_like(),
                    largest_square: p.zeros_like(),
                });
                s.step += 1;
                let grad = if o.decoupled {
                    p.mul_(1.0 - o.lr * o.weight_decay)?;
                    grad
                } else {
                    decayed(p, grad, o.weight_decay)?
                };
                s.mean.lerp_(&grad, 1.0 - o.betas.0)?;
                s.square.mul_(o.betas.1)?;
                s.square.addcmul_(&grad, &grad, 1.0 - o.betas.1)?;
                let correction = |beta: f64| 1.0 - libm::pow(beta, f64::from(s.step));
                let root = correction(o.betas.1).sqrt();
                let square = if o.amsgrad {
                    s.largest_square = s.largest_square.maximum(&s.square)?;
                    &s.largest_square
                } else {
                    &s.square
                };
                let denominator = square.sqrt()?.div(root)?.add(o.eps)?;
                p.addcdiv_(&s.mean, &denominator, -(o.lr / correction(o.betas.0)))?;
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
}

impl Default for RMSpropOptions {
    fn default() -> Self {
        RMSpropOptions { lr: 1e-2, alpha: 0.99, eps: 1e-8, weight_decay: 0.0, momentum: 0.0, centered: false }
    }
}

/// p ← p − lr · g / (√(average of g²) + ε) (Hinton's lecture 6e; centred as Graves, 2013).
pub struct RMSprop {
    /// May change between steps
    pub options: RMSpropOptions,
    parameters: Vec<Tensor>,
    state: Vec<Option<RMSpropState>>,
}

struct RMSpropState {
    square: Tensor,
    mean: Tensor,
    velocity: Tensor,
}

impl RMSprop {
    /// An optimizer of these parameters.
    pub fn new(parameters: Vec<Tensor>, options: RMSpropOptions) -> RMSprop {
        let state = parameters.iter().map(|_| None).collect();
        RMSprop { options, parameters, state }
    }
}

impl Optimizer for RMSprop {
    fn step(&mut self) -> Result<()> {
        let o = self.options;
        no_grad(|| {
            for (p, state) in self.parameters.iter().zip(&mut self.state) {
                let Some(grad) = p.grad() else { continue };
                let s = state.get_or_insert_with(|| RMSpropState {
                    square: p.zeros_like(),
                    mean: p.zeros_like(),
                    velocity: p.zeros_like(),
                });
                let grad = decayed(p, grad, o.weight_decay)?;
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
                    p.add_(&s.velocity, -o.lr)?;
                } else {
                    p.addcdiv_(&grad, &average, -o.lr)?;
                }
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

/// The arguments of `torch.optim.Adagrad`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdagradOptions {
    /// Learning rate
    pub lr: f64,
    /// How fast the rate itself falls
    pub lr_decay: f64,
    /// L2 penalty
    pub weight_decay: f64,
    /// Where the sum of squares starts
    pub initial_accumulator_value: f64,
    /// Keeps the division finite
    pub eps: f64,
}

impl Default for AdagradOptions {
    fn default() -> Self {
        AdagradOptions {
            lr: 1e-2,
            lr_decay: 0.0,
            weight_decay: 0.0,
            initial_accumulator_value: 0.0,
            eps: 1e-10,
        }
    }
}

/// p ← p − lr · g / (√(sum of g²) + ε) (Duchi et al., 2011).
pub struct Adagrad {
    /// May change between steps
    pub options: AdagradOptions,
    parameters: Vec<Tensor>,
    sums: Vec<Tensor>,
    steps: u64,
}

impl Adagrad {
    /// An optimizer of these parameters.
    pub fn new(parameters: Vec<Tensor>, options: AdagradOptions) -> Adagrad {
        let start = options.initial_accumulator_value;
        let sums = parameters.iter().map(|p| Tensor::full(p.dims(), start, p.dtype())).collect();
        Adagrad { options, parameters, sums, steps: 0 }
    }
}

impl Optimizer for Adagrad {
    fn step(&mut self) -> Result<()> {
        let o = self.options;
        let rate = o.lr / (1.0 + self.steps as f64 * o.lr_decay);
        self.steps += 1;
        no_grad(|| {
            for (p, sum) in self.parameters.iter().zip(&self.sums) {
                let Some(grad) = p.grad() else { continue };
                let grad = decayed(p, grad, o.weight_decay)?;
                sum.addcmul_(&grad, &grad, 1.0)?;
                p.addcdiv_(&grad, &sum.sqrt()?.add(o.eps)?, -rate)?;
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
