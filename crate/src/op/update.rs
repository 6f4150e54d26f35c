//! Steps of optimizers as plain data.

/// One step of an optimizer on a block of parameters, with its numbers of that step. The fields are the
/// optimizer's arguments, or made of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Update {
    /// p − lr v, v = momentum v + (1 − dampening) g
    Sgd {
        /// Learning rate
        lr: f64,
        /// How much of v is kept; 0: v is g
        momentum: f64,
        /// How much of g is left out
        dampening: f64,
        /// g + momentum v instead of v
        nesterov: bool,
        /// Whether v begins here: it is g
        first: bool,
    },
    /// p − rate m / (√s / root + eps), m and s running averages of g and g²
    Adam {
        /// β₁ and β₂: how much of m and s is kept
        betas: (f64, f64),
        /// The learning rate over 1 − β₁ᵗ
        rate: f64,
        /// √(1 − β₂ᵗ)
        root: f64,
        /// Keeps the division finite
        eps: f64,
        /// What the parameters are multiplied by first: decoupled weight decay
        shrink: f64,
        /// The largest s so far instead of s
        amsgrad: bool,
    },
    /// p − lr g / (√s + eps), s a running average of g²
    RmsProp {
        /// Learning rate
        lr: f64,
        /// How much of s is kept
        alpha: f64,
        /// Keeps the division finite
        eps: f64,
        /// How much of the update before is kept
        momentum: f64,
        /// The square of the running average of g taken from s
        centered: bool,
    },
    /// p − rate g / (√s + eps), s the sum of all g²
    Adagrad {
        /// The learning rate of this step
        rate: f64,
        /// Keeps the division finite
        eps: f64,
    },
}

/// What is done to gradients before an [`Update`] uses them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Penalty {
    /// Their sign is changed: uphill
    pub maximize: bool,
    /// This times the parameters is added
    pub weight_decay: f64,
}

impl Update {
    /// The blocks of state that the rule keeps, each as long as the parameters.
    pub fn blocks(&self) -> usize {
        match self {
            Update::Sgd { momentum, .. } => usize::from(*momentum != 0.0),
            Update::Adam { amsgrad, .. } => 2 + usize::from(*amsgrad),
            Update::RmsProp { momentum, centered, .. } => match (*momentum > 0.0, *centered) {
                (false, false) => 1,
                (false, true) => 2,
                (true, _) => 3,
            },
            Update::Adagrad { .. } => 1,
        }
    }
}
