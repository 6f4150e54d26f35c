//! The document's layers, loss and optimizer as the library's.

use super::document::{Init, Layer, Loss, Optimizer};
use crate::capture::Rule;
use crate::dtype::DType;
use crate::error::Result;
use crate::nn::{self, Loss as _, Module, Sequential, SharedGenerator, init};
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
            let options =
                nn::Conv2dOptions::new(*kernel as usize).stride(*stride as usize).padding(*padding as usize);
            let conv = nn::Conv2d::new(first, *out as usize, options, &mut generator.borrow_mut())?;
            initialise(init, &conv.weight, conv.bias.as_ref(), generator)?;
            Box::new(conv)
        }
        Layer::MaxPool2d { kernel, stride } => {
            Box::new(nn::MaxPool2d::new(nn::PoolOptions::new(*kernel as usize).stride(*stride as usize)))
        }
        Layer::Relu => Box::new(nn::ReLU),
        Layer::Sigmoid => Box::new(nn::Sigmoid),
        Layer::Tanh => Box::new(nn::Tanh),
        Layer::LeakyRelu { negative_slope } => Box::new(nn::LeakyReLU { negative_slope: *negative_slope }),
        Layer::Elu { alpha } => Box::new(nn::ELU { alpha: *alpha }),
        Layer::Gelu => Box::new(nn::GELU::default()),
        Layer::Silu => Box::new(nn::SiLU),
        Layer::Softplus => Box::new(nn::Softplus::default()),
        Layer::Softmax => Box::new(nn::Softmax::default()),
        Layer::Dropout { p } => Box::new(nn::Dropout::new(*p, generator.clone())),
        Layer::BatchNorm if shape.len() > 2 => Box::new(nn::BatchNorm2d::new(first, Default::default())),
        Layer::BatchNorm => Box::new(nn::BatchNorm1d::new(first, Default::default())),
        Layer::LayerNorm => Box::new(nn::LayerNorm::new(&[last])),
        Layer::Flatten => Box::new(nn::Flatten::default()),
    })
}

/// A named initialisation over the default one, which has consumed the generator already.
fn initialise(how: &Init, weight: &Tensor, bias: Option<&Tensor>, generator: &SharedGenerator) -> Result<()> {
    let mut generator = generator.borrow_mut();
    match how {
        Init::Default => return Ok(()),
        Init::Zeros => init::zeros_(weight)?,
        Init::XavierUniform => init::xavier_uniform_(weight, 1.0, &mut generator)?,
        Init::XavierNormal => init::xavier_normal_(weight, 1.0, &mut generator)?,
        Init::KaimingUniform => init::kaiming_uniform_(weight, Default::default(), &mut generator)?,
        Init::KaimingNormal => init::kaiming_normal_(weight, Default::default(), &mut generator)?,
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
        Loss::Mse => nn::MSELoss::default().forward(prediction, target),
        Loss::L1 => nn::L1Loss::default().forward(prediction, target),
        Loss::SmoothL1 => nn::SmoothL1Loss::default().forward(prediction, target),
        Loss::Huber => nn::HuberLoss::default().forward(prediction, target),
        Loss::Bce => nn::BCELoss::default().forward(prediction, target),
        Loss::BceWithLogits => nn::BCEWithLogitsLoss::default().forward(prediction, target),
        Loss::CrossEntropy => nn::CrossEntropyLoss::default().forward(prediction, target),
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
    ///
    /// # Errors
    /// When an option is out of its range; a document that was read has been checked for that.
    pub fn new(optimizer: &Optimizer, parameters: Vec<Tensor>) -> Result<AnyOptimizer> {
        Ok(match Options::from(optimizer) {
            Options::Sgd(options) => AnyOptimizer::Sgd(optim::SGD::new(parameters, options)?),
            Options::Adam(options) => AnyOptimizer::Adam(optim::Adam::new(parameters, options)?),
            Options::RmsProp(options) => AnyOptimizer::RmsProp(optim::RMSprop::new(parameters, options)?),
            Options::Adagrad(options) => AnyOptimizer::Adagrad(optim::Adagrad::new(parameters, options)?),
        })
    }

    /// Takes the options of a document's optimizer of the same type; the state stays.
    pub fn configure(&mut self, optimizer: &Optimizer) {
        match (self, Options::from(optimizer)) {
            (AnyOptimizer::Sgd(sgd), Options::Sgd(options)) => *sgd.options_mut(0) = options,
            (AnyOptimizer::Adam(adam), Options::Adam(options)) => *adam.options_mut(0) = options,
            (AnyOptimizer::RmsProp(rmsprop), Options::RmsProp(options)) => *rmsprop.options_mut(0) = options,
            (AnyOptimizer::Adagrad(adagrad), Options::Adagrad(options)) => *adagrad.options_mut(0) = options,
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

    /// Its step as plain data, with the options that it has now.
    pub fn rule(&self) -> &dyn Rule {
        match self {
            AnyOptimizer::Sgd(o) => &o.groups()[0].options,
            AnyOptimizer::Adam(o) => &o.groups()[0].options,
            AnyOptimizer::RmsProp(o) => &o.groups()[0].options,
            AnyOptimizer::Adagrad(o) => &o.groups()[0].options,
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

/// A document's options as the library's.
enum Options {
    Sgd(optim::SgdOptions),
    Adam(optim::AdamOptions),
    RmsProp(optim::RMSpropOptions),
    Adagrad(optim::AdagradOptions),
}

impl From<&Optimizer> for Options {
    fn from(optimizer: &Optimizer) -> Options {
        let maximize = false;
        let adam = |lr, betas: [f64; 2], eps, weight_decay, amsgrad, decoupled| {
            let betas = (betas[0], betas[1]);
            Options::Adam(optim::AdamOptions { lr, betas, eps, weight_decay, amsgrad, maximize, decoupled })
        };
        match *optimizer {
            Optimizer::Sgd { lr, momentum, dampening, nesterov, weight_decay } => {
                let options = optim::SgdOptions { lr, momentum, dampening, weight_decay, nesterov, maximize };
                Options::Sgd(options)
            }
            Optimizer::Adam { lr, betas, eps, weight_decay, amsgrad } => {
                adam(lr, betas, eps, weight_decay, amsgrad, false)
            }
            Optimizer::AdamW { lr, betas, eps, weight_decay, amsgrad } => {
                adam(lr, betas, eps, weight_decay, amsgrad, true)
            }
            Optimizer::RmsProp { lr, alpha, eps, weight_decay, momentum, centered } => {
                Options::RmsProp(optim::RMSpropOptions {
                    lr,
                    alpha,
                    eps,
                    weight_decay,
                    momentum,
                    centered,
                    maximize,
                })
            }
            Optimizer::Adagrad { lr, lr_decay, weight_decay, initial_accumulator_value, eps } => {
                Options::Adagrad(optim::AdagradOptions {
                    lr,
                    lr_decay,
                    weight_decay,
                    initial_accumulator_value,
                    eps,
                    maximize,
                })
            }
        }
    }
}
