//! Each optimizer's step as plain data, for steps that are captured: the numbers that the eager rule
//! computes with, at a certain step.

use super::{AdagradOptions, AdamOptions, RMSpropOptions, SgdOptions};
use crate::capture::Rule;
use crate::capture::compile::RuleOf;
use crate::op::{Penalty, Update};

impl Rule for SgdOptions {
    fn boxed(&self) -> RuleOf {
        keep(*self)
    }

    fn rule(&self, _: u64, begun: bool) -> (Update, Penalty) {
        let SgdOptions { lr, momentum, dampening, weight_decay, nesterov, maximize } = *self;
        let update = Update::Sgd { lr, momentum, dampening, nesterov, first: !begun };
        (update, Penalty { maximize, weight_decay })
    }
}

impl Rule for AdamOptions {
    fn boxed(&self) -> RuleOf {
        keep(*self)
    }

    fn rule(&self, step: u64, _: bool) -> (Update, Penalty) {
        let AdamOptions { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled } = *self;
        let correction = |beta: f64| 1.0 - libm::pow(beta, step as f64);
        let (rate, root) = (lr / correction(betas.0), correction(betas.1).sqrt());
        let (shrink, weight_decay) =
            if decoupled { (1.0 - lr * weight_decay, 0.0) } else { (1.0, weight_decay) };
        let update = Update::Adam { betas, rate, root, eps, shrink, amsgrad };
        (update, Penalty { maximize, weight_decay })
    }
}

impl Rule for RMSpropOptions {
    fn boxed(&self) -> RuleOf {
        keep(*self)
    }

    fn rule(&self, _: u64, _: bool) -> (Update, Penalty) {
        let RMSpropOptions { lr, alpha, eps, weight_decay, momentum, centered, maximize } = *self;
        (Update::RmsProp { lr, alpha, eps, momentum, centered }, Penalty { maximize, weight_decay })
    }
}

impl Rule for AdagradOptions {
    fn boxed(&self) -> RuleOf {
        keep(*self)
    }

    fn rule(&self, step: u64, _: bool) -> (Update, Penalty) {
        let AdagradOptions { lr, lr_decay, weight_decay, eps, maximize, .. } = *self;
        let rate = lr / (1.0 + step.saturating_sub(1) as f64 * lr_decay);
        (Update::Adagrad { rate, eps }, Penalty { maximize, weight_decay })
    }

    fn initial_state(&self) -> f32 {
        self.initial_accumulator_value as f32
    }
}

fn keep(options: impl Rule + 'static) -> RuleOf {
    Box::new(move |step, begun| options.rule(step, begun))
}
