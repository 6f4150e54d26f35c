//! Dropout.

use super::{Module, SharedGenerator};
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
        if !self.training.get() || self.p == 0.0 {
            return Ok(input.clone());
        }
        let keep = 1.0 - self.p;
        let mut generator = self.generator.borrow_mut();
        let scale = (1.0 / keep) as f32;
        let mask: Vec<f32> =
            (0..input.numel()).map(|_| if generator.rand_f64() < keep { scale } else { 0.0 }).collect();
        input.mul(&Tensor::from_vec(mask, input.dims())?)
    }

    fn train(&self, mode: bool) {
        self.training.set(mode);
    }
}
