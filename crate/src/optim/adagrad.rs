//! Adagrad.

use super::group::{Grouped, Options, Update};
use super::state::{Entries, named_options, step_tensor};
use super::{decayed, not_negative};
use crate::error::Result;
use crate::tensor::Tensor;

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
    /// Uphill instead of downhill
    pub maximize: bool,
}

impl Default for AdagradOptions {
    fn default() -> Self {
        AdagradOptions {
            lr: 1e-2,
            lr_decay: 0.0,
            weight_decay: 0.0,
            initial_accumulator_value: 0.0,
            eps: 1e-10,
            maximize: false,
        }
    }
}

impl Options for AdagradOptions {
    named_options! {
        lr = "lr",
        lr_decay = "lr_decay",
        eps = "eps",
        weight_decay = "weight_decay",
        initial_accumulator_value = "initial_accumulator_value",
        maximize = "maximize",
    }

    fn check(&self) -> Result<()> {
        not_negative("learning rate", self.lr)?;
        not_negative("lr_decay value", self.lr_decay)?;
        not_negative("weight_decay value", self.weight_decay)?;
        not_negative("initial_accumulator_value value", self.initial_accumulator_value)?;
        not_negative("epsilon value", self.eps)
    }
}

/// p ← p − lr · g / (√(sum of g²) + ε) (Duchi et al., 2011).
pub type Adagrad = Grouped<AdagradUpdate>;

/// The rule of [`Adagrad`].
pub struct AdagradUpdate;

/// The sum of squares of a parameter's gradients.
pub struct AdagradState {
    step: u32,
    sum: Tensor,
}

impl AdagradState {
    fn new(o: &AdagradOptions, p: &Tensor) -> AdagradState {
        AdagradState { step: 0, sum: Tensor::full(p.dims(), o.initial_accumulator_value, p.dtype()) }
    }
}

impl Update for AdagradUpdate {
    type Options = AdagradOptions;
    type State = AdagradState;

    fn update(o: &AdagradOptions, p: &Tensor, grad: Tensor, state: &mut Option<AdagradState>) -> Result<()> {
        let s = state.get_or_insert_with(|| AdagradState::new(o, p));
        let rate = o.lr / (1.0 + f64::from(s.step) * o.lr_decay);
        s.step += 1;
        let grad = decayed(p, grad, o.maximize, o.weight_decay)?;
        s.sum.addcmul_(&grad, &grad, 1.0)?;
        p.addcdiv_(&grad, &s.sum.sqrt()?.add(o.eps)?, -rate)
    }

    /// PyTorch's is there from the beginning.
    fn unstarted(o: &AdagradOptions, p: &Tensor) -> Option<AdagradState> {
        Some(AdagradState::new(o, p))
    }

    fn entries(_: &AdagradOptions, s: &AdagradState) -> Vec<(&'static str, Tensor)> {
        vec![("step", step_tensor(s.step)), ("sum", s.sum.clone())]
    }

    fn restore(_: &Tensor, saved: &Entries<'_>) -> Result<Option<AdagradState>> {
        Ok(Some(AdagradState { step: saved.step()?, sum: saved.tensor_or_zeros("sum")? }))
    }
}
