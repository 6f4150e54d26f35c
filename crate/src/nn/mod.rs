//! Layers, losses and initialisation, under the names of `torch.nn`.

mod activation;
mod conv;
pub mod functional;
pub mod init;
mod linear;
mod norm;
mod regularize;

pub use activation::{ELU, Flatten, GELU, LeakyReLU, ReLU, SiLU, Sigmoid, Softmax, Softplus, Tanh};
pub use conv::{Conv2d, MaxPool2d};
pub use linear::Linear;
pub use norm::{BatchNorm, LayerNorm};
pub use regularize::Dropout;

use crate::error::Result;
use crate::rng::Generator;
use crate::tensor::Tensor;
use std::cell::RefCell;
use std::rc::Rc;

/// A random number generator that layers share, so that they draw in the order that PyTorch's
/// default generator would.
pub type SharedGenerator = Rc<RefCell<Generator>>;

/// A layer, as `torch.nn.Module`.
pub trait Module {
    /// The layer's output. The first dimension is the batch.
    ///
    /// # Errors
    /// When the input does not fit the layer.
    fn forward(&self, input: &Tensor) -> Result<Tensor>;

    /// What is trained, by name.
    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }

    /// What is kept but not trained, by name.
    fn named_buffers(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }

    /// Training or evaluation: dropout and batch norm differ.
    fn train(&self, _mode: bool) {}
}

/// Layers one after the other. Parameters are named `0.weight`, `0.bias`, `2.weight`, …
#[derive(Default)]
pub struct Sequential {
    layers: Vec<Box<dyn Module>>,
}

impl Sequential {
    /// The given layers.
    pub fn new(layers: Vec<Box<dyn Module>>) -> Sequential {
        Sequential { layers }
    }

    /// The layers in order.
    pub fn layers(&self) -> impl Iterator<Item = &dyn Module> {
        self.layers.iter().map(|layer| &**layer)
    }

    fn named(&self, of: impl Fn(&dyn Module) -> Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
        self.layers()
            .enumerate()
            .flat_map(|(i, layer)| of(layer).into_iter().map(move |(name, t)| (format!("{i}.{name}"), t)))
            .collect()
    }
}

impl Module for Sequential {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        self.layers.iter().try_fold(input.clone(), |x, layer| layer.forward(&x))
    }

    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        self.named(|layer| layer.named_parameters())
    }

    fn named_buffers(&self) -> Vec<(String, Tensor)> {
        self.named(|layer| layer.named_buffers())
    }

    fn train(&self, mode: bool) {
        self.layers.iter().for_each(|layer| layer.train(mode));
    }
}

/// A new parameter: a leaf that requires a gradient.
fn parameter(values: Tensor) -> Tensor {
    values.requires_grad_(true).expect("a new f32 tensor is a floating-point leaf")
}
