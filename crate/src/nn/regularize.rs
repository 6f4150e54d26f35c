//! Dropout.

use super::{Module, SharedGenerator, functional, repr};
use crate::error::Result;
use crate::tensor::Tensor;
use std::cell::Cell;

/// In training, zeroes each element with probability p and divides the rest by 1 − p.
pub struct Dropout {
    p: f64,
    training: Cell<bool>,
    generator: SharedGenerator,
}

impl Dropout {
    /// Masks are drawn from the given generator, element by element.
    pub fn new(p: f64, generator: SharedGenerator) -> Dropout {
        Dropout { p, training: Cell::new(true), generator }
    }
}

impl Module for Dropout {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        functional::dropout(input, self.p, self.training.get(), &self.generator)
    }

    fn extra_repr(&self) -> String {
        format!("p={}, inplace=False", repr::float(self.p))
    }

    fn training(&self) -> Option<bool> {
        Some(self.training.get())
    }

    fn set_training(&self, mode: bool) {
        self.training.set(mode);
    }
}
