//! Adam and AdamW.

use super::group::{Grouped, Options, Update};
use super::state::{Entries, named_options, step_tensor};
use super::{decayed, not_negative};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// The arguments of `torch.optim.Adam` (the default) and `AdamW` ([`AdamOptions::adamw`]).
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
    /// Uphill instead of downhill
    pub maximize: bool,
    /// AdamW's weight decay; PyTorch's `decoupled_weight_decay`
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
            maximize: false,
            decoupled: false,
        }
    }
}

impl AdamOptions {
    /// The defaults of `torch.optim.AdamW`: decoupled weight decay of 0.01.
    pub fn adamw() -> Self {
        AdamOptions { weight_decay: 1e-2, decoupled: true, ..AdamOptions::default() }
    }
}

impl Options for AdamOptions {
    named_options! {
        lr = "lr",
        betas = "betas",
        eps = "eps",
        weight_decay = "weight_decay",
        amsgrad = "amsgrad",
        maximize = "maximize",
        decoupled = "decoupled_weight_decay",
    }

    fn check(&self) -> Result<()> {
        not_negative("learning rate", self.lr)?;
        not_negative("epsilon value", self.eps)?;
        for (i, beta) in [self.betas.0, self.betas.1].into_iter().enumerate() {
            if !(0.0..1.0).contains(&beta) {
                return Err(Error::Value(format!("Invalid beta parameter at index {i}: {beta:?}")));
            }
        }
        not_negative("weight_decay value", self.weight_decay)
    }
}

/// p ← p − lr · m̂ / (√v̂ + ε) (Kingma and Ba, 2015; Loshchilov and Hutter, 2019, when decoupled).
pub type Adam = Grouped<AdamUpdate>;

/// [`Adam`] with the options that [`AdamOptions::adamw`] has.
pub type AdamW = Adam;

/// The rule of [`Adam`].
pub struct AdamUpdate;

/// The running averages of a parameter.
pub struct AdamState {
    step: i32,
    mean: Tensor,
    square: Tensor,
    largest_square: Tensor,
}

impl Update for AdamUpdate {
    type Options = AdamOptions;
    type State = AdamState;

    fn update(o: &AdamOptions, p: &Tensor, grad: Tensor, state: &mut Option<AdamState>) -> Result<()> {
        let s = state.get_or_insert_with(|| AdamState {
            step: 0,
            mean: p.zeros_like(),
            square: p.zeros_like(),
            largest_square: p.zeros_like(),
        });
        s.step += 1;
        let penalty = if o.decoupled { 0.0 } else { o.weight_decay };
        if o.decoupled && o.weight_decay != 0.0 {
            p.mul_(1.0 - o.lr * o.weight_decay)?;
        }
        let grad = decayed(p, grad, o.maximize, penalty)?;
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
        p.addcdiv_(&s.mean, &denominator, -(o.lr / correction(o.betas.0)))
    }

    fn entries(o: &AdamOptions, s: &AdamState) -> Vec<(&'static str, Tensor)> {
        let mut all = vec![
            ("step", step_tensor(s.step as u32)),
            ("exp_avg", s.mean.clone()),
            ("exp_avg_sq", s.square.clone()),
        ];
        if o.amsgrad {
            all.push(("max_exp_avg_sq", s.largest_square.clone()));
        }
        all
    }

    fn restore(_: &Tensor, saved: &Entries<'_>) -> Result<Option<AdamState>> {
        Ok(Some(AdamState {
            step: saved.step()? as i32,
            mean: saved.tensor_or_zeros("exp_avg")?,
            square: saved.tensor_or_zeros("exp_avg_sq")?,
            largest_square: saved.tensor_or_zeros("max_exp_avg_sq")?,
        }))
    }
}
