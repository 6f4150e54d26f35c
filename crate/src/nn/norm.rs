//! Normalisation.

use super::linear::named;
use super::{Module, functional, parameter, repr};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};
use std::cell::Cell;

/// (x − mean) / √(var + ε) · γ + β over the last dimensions.
pub struct LayerNorm {
    /// γ
    pub weight: Option<Tensor>,
    /// β
    pub bias: Option<Tensor>,
    normalized_shape: Vec<usize>,
    eps: f64,
}

impl LayerNorm {
    /// Over the last dimensions, which have these sizes, with PyTorch's defaults: ε = 1e-5, γ and β of
    /// ones and zeros.
    pub fn new(normalized_shape: &[usize]) -> LayerNorm {
        LayerNorm::with(normalized_shape, 1e-5, true, true)
    }

    /// The same with PyTorch's `eps`, `elementwise_affine` and `bias`.
    pub fn with(normalized_shape: &[usize], eps: f64, elementwise_affine: bool, bias: bool) -> LayerNorm {
        LayerNorm {
            weight: elementwise_affine.then(|| parameter(Tensor::ones(normalized_shape))),
            bias: (elementwise_affine && bias).then(|| parameter(Tensor::zeros(normalized_shape))),
            normalized_shape: normalized_shape.to_vec(),
            eps,
        }
    }
}

impl Module for LayerNorm {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let (weight, bias) = (self.weight.as_ref(), self.bias.as_ref());
        functional::layer_norm(input, &self.normalized_shape, weight, bias, self.eps)
    }

    fn extra_repr(&self) -> String {
        let sizes: Vec<String> = self.normalized_shape.iter().map(usize::to_string).collect();
        let comma = if sizes.len() == 1 { "," } else { "" };
        let (affine, bias) = (repr::flag(self.weight.is_some()), repr::flag(self.bias.is_some()));
        let (sizes, eps) = (sizes.join(", "), repr::float(self.eps));
        format!("({sizes}{comma}), eps={eps}, elementwise_affine={affine}, bias={bias}")
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        named(self.weight.as_ref(), self.bias.as_ref())
    }
}

/// The arguments of `nn.BatchNorm1d` and `nn.BatchNorm2d`, with PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormOptions {
    /// Keeps the division finite; 1e-5
    pub eps: f64,
    /// How far the running averages move towards a batch's; None: they are the mean of all batches so
    /// far. 0.1
    pub momentum: Option<f64>,
    /// Whether there are γ and β; true
    pub affine: bool,
    /// Whether there is β with γ; true
    pub bias: bool,
    /// Whether running averages are kept for evaluation; true. Without them evaluation, too, takes the
    /// batch's own
    pub track_running_stats: bool,
}

impl Default for NormOptions {
    fn default() -> Self {
        NormOptions { eps: 1e-5, momentum: Some(0.1), affine: true, bias: true, track_running_stats: true }
    }
}

/// Over everything but the channels (dimension 1). In evaluation the running averages of mean and
/// (unbiased) variance are used. `D` is the number of dimensions of an image: see [`BatchNorm1d`] and
/// [`BatchNorm2d`].
pub struct BatchNorm<const D: usize> {
    /// γ
    pub weight: Option<Tensor>,
    /// β
    pub bias: Option<Tensor>,
    running: Option<Running>,
    channels: usize,
    options: NormOptions,
    training: Cell<bool>,
}

/// `nn.BatchNorm1d`: `[N, C]` or `[N, C, L]`.
pub type BatchNorm1d = BatchNorm<1>;

/// `nn.BatchNorm2d`: `[N, C, H, W]`.
pub type BatchNorm2d = BatchNorm<2>;

struct Running {
    mean: Tensor,
    var: Tensor,
    batches: Tensor,
}

impl<const D: usize> BatchNorm<D> {
    /// For so many channels; γ and β are ones and zeros.
    pub fn new(channels: usize, options: NormOptions) -> Self {
        BatchNorm {
            weight: options.affine.then(|| parameter(Tensor::ones(&[channels]))),
            bias: (options.affine && options.bias).then(|| parameter(Tensor::zeros(&[channels]))),
            running: options.track_running_stats.then(|| Running {
                mean: Tensor::zeros(&[channels]),
                var: Tensor::ones(&[channels]),
                batches: Tensor::full(&[], 0.0, DType::I64),
            }),
            channels,
            options,
            training: Cell::new(true),
        }
    }
}

impl<const D: usize> Module for BatchNorm<D> {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let n = input.ndim();
        let (fits, expected) = if D == 1 { (n == 2 || n == 3, "2D or 3D") } else { (n == D + 2, "4D") };
        if !fits {
            return Err(Error::Value(format!("expected {expected} input (got {n}D input)")));
        }
        let training = self.training.get();
        let mut momentum = self.options.momentum.unwrap_or(0.0);
        if let Some(running) = self.running.as_ref().filter(|_| training) {
            no_grad(|| running.batches.copy_(&running.batches.add(1)?))?;
            if self.options.momentum.is_none() {
                momentum = 1.0 / running.batches.item()?;
            }
        }
        functional::batch_norm(
            input,
            self.running.as_ref().map(|r| (&r.mean, &r.var)),
            self.weight.as_ref(),
            self.bias.as_ref(),
            training,
            momentum,
            self.options.eps,
        )
    }

    fn kind(&self) -> &'static str {
        if D == 1 { "BatchNorm1d" } else { "BatchNorm2d" }
    }

    fn extra_repr(&self) -> String {
        let NormOptions { eps, momentum, track_running_stats, .. } = self.options;
        format!(
            "{}, eps={}, momentum={}, affine={}, bias={}, track_running_stats={}",
            self.channels,
            repr::float(eps),
            momentum.map_or("None".into(), repr::float),
            repr::flag(self.weight.is_some()),
            repr::flag(self.bias.is_some()),
            repr::flag(track_running_stats)
        )
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        named(self.weight.as_ref(), self.bias.as_ref())
    }

    fn own_buffers(&self) -> Vec<(&'static str, Tensor)> {
        self.running.as_ref().map_or(Vec::new(), |r| {
            vec![
                ("running_mean", r.mean.clone()),
                ("running_var", r.var.clone()),
                ("num_batches_tracked", r.batches.clone()),
            ]
        })
    }

    fn training(&self) -> Option<bool> {
        Some(self.training.get())
    }

    fn set_training(&self, mode: bool) {
        self.training.set(mode);
    }
}
