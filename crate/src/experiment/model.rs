//! The document's layers, loss and optimizer as the library's.

use super::document::{Init, Layer, Loss, Optimizer};
use crate::dtype::DType;
use crate::error::Result;
use crate::nn::{self, Module, Sequential, SharedGenerator, functional, init};
use crate::op::Window;
use crate::optim;
use crate::tensor::{Tensor, no_grad};

/// The layers for inputs of the given shape (without the batch), initialised in order from the
/// generator.
///
/// # Errors
/// When a layer does not fit the one before; a document that was read has been checked for that.
pub fn build(layers: &[Layer], input: &[usize], generator: &SharedGenerator) -> Result<Sequential> {
    let mut shape: Vec<usize> = input.to_vec();
    let mut built: Vec<Box<dyn Module>> = Vec::with_capacity(layers.len());
    for layer in layers {
        let built_layer = build_layer(layer, &shape, generator)?;
        // The shapes of a module's outputs are whatever it gives: asked with one row of zeros, in
        // evaluation so that nothing is drawn.
        built_layer.train(false);
        let mut row = vec![1];
        row.extend(&shape);
        shape = no_grad(|| built_layer.forward(&Tensor::zeros(&row)))?.dims()[1..].to_vec();
        built_layer.train(true);
        built.push(built_layer);
    }
    Ok(Sequential::new(built))
}

fn build_layer(layer: &Layer, shape: &[usize], generator: &SharedGenerator) -> Result<Box<dyn Module>> {
    let first = shape.first().copied().unwrap_or(1);
    let last = shape.last().copied().unwrap_or(1);
    Ok(match layer {
        Layer::Linear { out, bias, init } => {
            let linear = nn::Linear::new(last, *out as usize, *bias, &mut generator.borrow_mut());
            initialise(init, &linear.weight, linear.bias.as_ref(), generator)?;
            Box::new(linear)
        }
        Layer::Conv2d { out, kernel, stride, padding, init } => {
            let square = |n: &u32| (*n as usize, *n as usize);
            let window = Window {
                kernel: square(kernel),
                stride: square(stride),
                padding: square(padding),
                dilation: (1, 1),
            };
            let conv = nn::Conv2d::new(first, *out as usize, window, true, &mut generator.borrow_mut());
            initialise(init, &conv.weight, conv.bias.as_ref(), generator)?;
            Box::new(conv)
        }
        Layer::MaxPool2d { kernel, stride } => {
            Box::new(nn::MaxPool2d::new(*kernel as usize, *stride as usize))
        }
        Layer::Relu => Box::new(nn::ReLU),
        Layer::Sigmoid => Box::new(nn::Sigmoid),
        Layer::Tanh => Box::new(nn::Tanh),
        Layer::LeakyRelu { negative_slope } => Box::new(nn::LeakyReLU { negative_slope: *negative_slope }),
        Layer::Elu { alpha } => Box::new(nn::ELU { alpha: *alpha }),
        Layer::Gelu => Box::new(nn::GELU),
        Layer::Silu => Box::new(nn::SiLU),
        Layer::Softplus => Box::new(nn::Softplus),
        Layer::Softmax => Box::new(nn::Softmax),
        Layer::Dropout { p } => Box::new(nn::Dropout::new(*p, generator.clone())),
        Layer::BatchNorm => Box::new(nn::BatchNorm::new(first)),
        Layer::LayerNorm => Box::new(nn::LayerNorm::new(last)),
        Layer::Flatten => Box::new(nn::Flatten),
    })
}

/// A named initialisation over the default one, which has consumed the generator already.
fn initialise(how: &Init, weight: &Tensor, bias: Option<&Tensor>, generator: &SharedGenerator) -> Result<()> {
    let mut generator = generator.borrow_mut();
    match how {
        Init::Default => return Ok(()),
        Init::Zeros => init::zeros_(weight)?,
        Init::XavierUniform => init::xavier_uniform_(weight, &mut generator)?,
        Init::XavierNormal => init::xavier_normal_(weight, &mut generator)?,
        Init::KaimingUniform => init::kaiming_uniform_(weight, 0.0, &mut generator)?,
        Init::KaimingNormal => init::kaiming_normal_(weight, 0.0, &mut generator)?,
        Init::Given { weight: values, bias: given, .. } => {
            let single = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<f32>>();
            no_grad(|| weight.copy_(&Tensor::from_vec(single(values), weight.dims())?))?;
            if let (Some(bias), Some(given)) = (bias, given) {
                return no_grad(|| bias.copy_(&Tensor::from_vec(single(given), bias.dims())?));
            }
        }
    }
    bias.map_or(Ok(()), init::zeros_)
}

/// The loss of predictions, averaged over the batch.
///
/// # Errors
/// When the shapes do not fit.
pub fn loss(loss: Loss, prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
    match loss {
        Loss::Mse => functional::mse_loss(prediction, target),
        Loss::L1 => functional::l1_loss(prediction, target),
        Loss::SmoothL1 => functional::smooth_l1_loss(prediction, target, 1.0),
        Loss::Huber => functional::huber_loss(prediction, target, 1.0),
        Loss::Bce => functional::binary_cross_entropy(prediction, target),
        Loss::BceWithLogits => functional::binary_cross_entropy_with_logits(prediction, target),
        Loss::CrossEntropy => functional::cross_entropy(prediction, target),
    }
}

/// Targets as the loss takes them: class indices `[N]` for cross-entropy, else `[N, columns]`.
///
/// # Errors
/// When there are not `rows · columns` values.
pub fn targets(loss: Loss, values: Vec<f32>, columns: usize) -> Result<Tensor> {
    let rows = values.len() / columns.max(1);
    match loss {
        Loss::CrossEntropy => Tensor::from_vec(values, &[rows * columns])?.to(DType::I64),
        _ => Tensor::from_vec(values, &[rows, columns]),
    }
}

/// The optimizer with the state that it has gathered.
pub enum AnyOptimizer {
    /// SGD
    Sgd(optim::SGD),
    /// Adam and AdamW
    Adam(optim::Adam),
    /// RMSprop
    RmsProp(optim::RMSprop),
    /// Adagrad
    Adagrad(optim::Adagrad),
}

impl AnyOptimizer {
    /// A new one for these parameters.
    pub fn new(optimizer: &Optimizer, parameters: Vec<Tensor>) -> AnyOptimizer {
        let mut new = match optimizer {
            Optimizer::Sgd { .. } => AnyOptimizer::Sgd(optim::SGD::new(parameters, Default::default())),
            Optimizer::Adam { .. } | Optimizer::AdamW { .. } => {
                AnyOptimizer::Adam(optim::Adam::new(parameters, Default::default()))
            }
            Optimizer::RmsProp { .. } => {
                AnyOptimizer::RmsProp(optim::RMSprop::new(parameters, Default::default()))
            }
            Optimizer::Adagrad { initial_accumulator_value, .. } => {
                let options = optim::AdagradOptions {
                    initial_accumulator_value: *initial_accumulator_value,
                    ..Default::default()
                };
                AnyOptimizer::Adagrad(optim::Adagrad::new(parameters, options))
            }
        };
        new.configure(optimizer);
        new
    }

    /// Takes the options of a document's optimizer of the same type; the state stays.
    pub fn configure(&mut self, optimizer: &Optimizer) {
        match (self, *optimizer) {
            (AnyOptimizer::Sgd(sgd), Optimizer::Sgd { lr, momentum, dampening, nesterov, weight_decay }) => {
                sgd.options = optim::SgdOptions { lr, momentum, dampening, nesterov, weight_decay };
            }
            (AnyOptimizer::Adam(adam), Optimizer::Adam { lr, betas, eps, weight_decay, amsgrad }) => {
                let betas = (betas[0], betas[1]);
                adam.options = optim::AdamOptions { lr, betas, eps, weight_decay, amsgrad, decoupled: false };
            }
            (AnyOptimizer::Adam(adam), Optimizer::AdamW { lr, betas, eps, weight_decay, amsgrad }) => {
                let betas = (betas[0], betas[1]);
                adam.options = optim::AdamOptions { lr, betas, eps, weight_decay, amsgrad, decoupled: true };
            }
            (
                AnyOptimizer::RmsProp(rmsprop),
                Optimizer::RmsProp { lr, alpha, eps, weight_decay, momentum, centered },
            ) => {
                rmsprop.options = optim::RMSpropOptions { lr, alpha, eps, weight_decay, momentum, centered };
            }
            (
                AnyOptimizer::Adagrad(adagrad),
                Optimizer::Adagrad { lr, lr_decay, weight_decay, initial_accumulator_value, eps },
            ) => {
                adagrad.options =
                    optim::AdagradOptions { lr, lr_decay, weight_decay, initial_accumulator_value, eps };
            }
            _ => unreachable!("another type of optimizer needs a new trainer: Trainer::update checks it"),
        }
    }

    /// As the library's trait.
    pub fn get(&mut self) -> &mut dyn optim::Optimizer {
        match self {
            AnyOptimizer::Sgd(o) => o,
            AnyOptimizer::Adam(o) => o,
            AnyOptimizer::RmsProp(o) => o,
            AnyOptimizer::Adagrad(o) => o,
        }
    }

    /// One update at the given learning rate, from the gradients of `loss`.
    ///
    /// # Errors
    /// When the loss has no graph.
    pub fn minimise(&mut self, loss: &Tensor, lr: f64) -> Result<()> {
        let optimizer = self.get();
        optimizer.set_lr(lr);
        optimizer.zero_grad();
        loss.backward()?;
        optimizer.step()
    }
}
