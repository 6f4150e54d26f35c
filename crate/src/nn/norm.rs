//! Normalisation.

use super::{Module, linear::named, parameter};
use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};
use std::cell::Cell;

const EPS: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

/// (x − mean) / √(var + ε) · γ + β over the last dimension.
pub struct LayerNorm {
    /// γ
    pub weight: Tensor,
    /// β
    pub bias: Tensor,
}

impl LayerNorm {
    /// Ones and zeros, of the last dimension's size.
    pub fn new(features: usize) -> LayerNorm {
        LayerNorm {
            weight: parameter(Tensor::ones(&[features])),
            bias: parameter(Tensor::zeros(&[features])),
        }
    }
}

impl Module for LayerNorm {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let mean = input.mean_dim(&[-1], true)?;
        let var = input.var_dim(&[-1], 0, true)?;
        let scale = var.add(EPS)?.rsqrt()?;
        input.sub(&mean)?.mul(&scale)?.mul(&self.weight)?.add(&self.bias)
    }

    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        named(&self.weight, Some(&self.bias))
    }
}

/// `nn.BatchNorm1d` for `[N, C]` and `nn.BatchNorm2d` for `[N, C, H, W]`: over everything but C. In
/// evaluation the running averages of mean and (unbiased) variance are used.
pub struct BatchNorm {
    /// γ
    pub weight: Tensor,
    /// β
    pub bias: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: Cell<bool>,
}

impl BatchNorm {
    /// Ones and zeros, one of each a channel.
    pub fn new(channels: usize) -> BatchNorm {
        BatchNorm {
            weight: parameter(Tensor::ones(&[channels])),
            bias: parameter(Tensor::zeros(&[channels])),
            running_mean: Tensor::zeros(&[channels]),
            running_var: Tensor::ones(&[channels]),
            training: Cell::new(true),
        }
    }
}

impl Module for BatchNorm {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let over: Vec<isize> = (0..input.ndim() as isize).filter(|&d| d != 1).collect();
        let channels = self.weight.numel();
        let n = input.numel() / channels.max(1);
        let mut broadcast = vec![1isize; input.ndim()];
        broadcast[1] = channels as isize;
        let (mean, var) = if self.training.get() {
            if n < 2 {
                return Err(Error::Value(format!(
                    "Expected more than 1 value per channel when training, got input size {:?}",
                    input.dims()
                )));
            }
            let mean = input.mean_dim(&over, true)?;
            let var = input.var_dim(&over, 0, true)?;
            no_grad(|| {
                let flat = |t: &Tensor| t.reshape(&[-1]);
                self.running_mean.lerp_(&flat(&mean)?, MOMENTUM)?;
                let unbiased = flat(&var)?.mul(n as f64 / (n - 1) as f64)?;
                self.running_var.lerp_(&unbiased, MOMENTUM)
            })?;
            (mean, var)
        } else {
            (self.running_mean.reshape(&broadcast)?, self.running_var.reshape(&broadcast)?)
        };
        let scale = var.add(EPS)?.rsqrt()?;
        let centred = input.sub(&mean)?.mul(&scale)?;
        centred.mul(&self.weight.reshape(&broadcast)?)?.add(&self.bias.reshape(&broadcast)?)
    }

    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        named(&self.weight, Some(&self.bias))
    }

    fn named_buffers(&self) -> Vec<(String, Tensor)> {
        vec![
            ("running_mean".into(), self.running_mean.clone()),
            ("running_var".into(), self.running_var.clone()),
        ]
    }

    fn train(&self, mode: bool) {
        self.training.set(mode);
    }
}
