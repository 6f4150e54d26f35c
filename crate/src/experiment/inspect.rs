//! Looks into a run without disturbing it: what every layer makes of some rows, the gradient of the loss, and
//! the rows themselves. The run goes on to the same bits afterwards.

use super::captured::Batch;
use super::model;
use super::trainer::Trainer;
use crate::autograd::{GradOptions, grad};
use crate::dtype::DType;
use crate::error::Result;
use crate::nn::{Module, ModuleExt};
use crate::tensor::{Tensor, no_grad};

/// What a layer gives.
#[derive(Debug, Clone)]
pub struct Activation {
    /// The layer's name in the model: `0`, `1`, …
    pub name: String,
    /// Its class: `Linear`, `ReLU`
    pub kind: &'static str,
    /// Its output, `[rows, …]`
    pub output: Tensor,
}

impl Trainer {
    /// The output of every layer for rows of inputs, row-major, in evaluation: without dropout, and with the
    /// running averages of batch norm. The last one's is what [`Trainer::predict`] gives.
    ///
    /// # Errors
    /// When the values are not whole rows.
    pub fn activations(&self, rows: &[f32]) -> Result<Vec<Activation>> {
        self.outputs(self.input_tensor(rows)?)
    }

    /// The same for rows of the data, from one on.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn row_activations(&self, from: usize, count: usize) -> Result<Vec<Activation>> {
        self.outputs(self.data.inputs.narrow(0, from as isize, count)?)
    }

    fn outputs(&self, mut x: Tensor) -> Result<Vec<Activation>> {
        self.evaluating(|model| {
            no_grad(|| {
                let layers = model.children().into_iter();
                let outputs = layers.map(|(name, layer)| {
                    x = layer.forward(&x)?;
                    Ok(Activation { name, kind: layer.kind(), output: x.clone() })
                });
                outputs.collect()
            })
        })
    }

    /// The gradient of the loss over all training rows with the parameters that there are now, by the
    /// parameters' names. In evaluation: nothing is drawn for dropout, and batch norm learns nothing.
    ///
    /// # Errors
    /// When the model cannot take all rows at once.
    pub fn gradients(&self) -> Result<Vec<(String, Tensor)>> {
        let (names, parameters): (Vec<String>, Vec<Tensor>) =
            self.model.named_parameters().into_iter().unzip();
        if parameters.is_empty() {
            return Ok(Vec::new());
        }
        let sources = [&self.data.inputs, &self.data.targets];
        let [inputs, targets] = Batch { sources, rows: &self.data.train }.tensors()?;
        let loss = self.evaluating(|m| model::loss(self.experiment.loss, &m.forward(&inputs)?, &targets))?;
        let by: Vec<&Tensor> = parameters.iter().collect();
        let options = GradOptions { materialize_grads: true, ..GradOptions::default() };
        let found = grad(&[&loss], &by, &options)?;
        Ok(names.into_iter().zip(found.into_iter().flatten()).collect())
    }

    /// How many rows the data have.
    pub fn row_count(&self) -> usize {
        self.data.inputs.dims()[0]
    }

    /// The targets of every row of the data, in its order, as f32.
    ///
    /// # Errors
    /// Never for a run that could start.
    pub fn targets(&self) -> Result<Tensor> {
        self.data.targets.to(DType::F32)
    }
}
