//! Training without derivatives: every parameter is nudged in turn, and what that changes of the loss,
//! divided by the nudge, is taken for the gradient. Slow, and clear about what a gradient is.
//!
//! Parameters are f32 and everything else is f64, as in NumPy where weights are f32 arrays: a nudge that
//! f32 cannot hold at a large weight changes nothing.

use super::document::{Layer, Loss};
use super::model;
use crate::dtype::DType;
use crate::error::Result;
use crate::nn::{Module, ModuleExt, Sequential, SharedGenerator};
use crate::tensor::{Tensor, no_grad};

/// The loss, and (loss with the parameter nudged − loss) / nudge for every element of every parameter:
/// forward differences. `loss` is called once, and once more for each element.
///
/// A parameter's value and the nudged one are rounded to f32; its dtype is f64.
///
/// # Errors
/// Those of `loss`.
pub fn differences(
    parameters: &[Tensor],
    nudge: f64,
    mut loss: impl FnMut() -> Result<f64>,
) -> Result<(f64, Vec<Tensor>)> {
    let before = loss()?;
    let mut gradients = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        let elements = parameter.detach().reshape(&[-1])?;
        let mut slopes = Vec::with_capacity(elements.numel());
        for (i, value) in elements.to_f64_vec().into_iter().enumerate() {
            let element = elements.slice(0, i, i + 1, 1)?;
            element.fill_(f64::from(value as f32 + nudge as f32))?;
            slopes.push((loss()? - before) / nudge);
            element.fill_(value)?;
        }
        gradients.push(Tensor::from_vec(slopes, parameter.dims())?);
    }
    Ok((before, gradients))
}

/// The twin in f64 of a model whose parameters are f32.
pub(super) struct Twin {
    model: Sequential,
    nudge: f64,
    /// What dropout draws from
    generator: SharedGenerator,
}

impl Twin {
    /// A twin of `original`, which was made of these layers for inputs of this shape.
    ///
    /// # Errors
    /// Never: the original could be made.
    pub fn new(
        layers: &[Layer],
        input: &[usize],
        nudge: f64,
        original: &Sequential,
        generator: &SharedGenerator,
    ) -> Result<Twin> {
        // The twin's initial values are not used, and must not cost the run any draws.
        let draws = generator.borrow().clone();
        let model = model::build(layers, input, generator)?;
        *generator.borrow_mut() = draws;
        model.to(DType::F64)?;
        copy(original, &model)?;
        Ok(Twin { model, nudge, generator: generator.clone() })
    }

    /// What an optimizer changes.
    pub fn parameters(&self) -> Vec<Tensor> {
        self.model.parameters()
    }

    /// The loss of a batch; each parameter's differences become its gradient. All losses have the same
    /// dropout, and only the first of them moves the running averages of batch norm.
    ///
    /// # Errors
    /// When a layer cannot take the batch.
    pub fn gradients(&self, loss: Loss, inputs: &Tensor, targets: &Tensor) -> Result<f64> {
        let inputs = inputs.to(DType::F64)?;
        let targets =
            if targets.dtype().is_floating_point() { targets.to(DType::F64)? } else { targets.clone() };
        let draws = self.generator.borrow().clone();
        let buffers = self.model.named_buffers();
        let mut after = None;
        let parameters = self.parameters();
        let (value, gradients) = no_grad(|| {
            differences(&parameters, self.nudge, || {
                *self.generator.borrow_mut() = draws.clone();
                let value = model::loss(loss, &self.model.forward(&inputs)?, &targets)?.item()?;
                if after.is_none() {
                    let copies = buffers.iter().map(|(_, b)| Tensor::from_vec(b.to_f64_vec(), b.dims()));
                    let copies = copies.collect::<Result<Vec<_>>>()?;
                    after = Some((copies, self.generator.borrow().clone()));
                }
                Ok(value)
            })
        })?;
        if let Some((copies, draws)) = after {
            buffers.iter().zip(&copies).try_for_each(|((_, buffer), copy)| buffer.copy_(copy))?;
            *self.generator.borrow_mut() = draws;
        }
        parameters.iter().zip(gradients).for_each(|(p, gradient)| p.set_grad(Some(gradient)));
        Ok(value)
    }

    /// Rounds what an update has made to f32, and gives it to the original.
    ///
    /// # Errors
    /// Never for the original that it was made of.
    pub fn round_into(&self, original: &Sequential) -> Result<()> {
        copy(&self.model, original)?;
        copy(original, &self.model)
    }
}

/// Copies parameters and buffers into those of a model of the same layers.
fn copy(from: &Sequential, to: &Sequential) -> Result<()> {
    let all = |model: &Sequential| [model.named_parameters(), model.named_buffers()].concat();
    no_grad(|| all(from).iter().zip(all(to)).try_for_each(|((_, from), (_, to))| to.copy_(from)))
}
