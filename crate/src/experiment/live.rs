//! What can change while a run goes on.

use super::document::{Experiment, Optimizer};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::nn::ModuleExt;
use crate::tensor::{Tensor, no_grad};
use serde::{Deserialize, Serialize};

/// How the training rows become batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loader {
    /// None: all at once, without a loader
    pub size: Option<u32>,
    /// Whether every pass has an order of its own
    pub shuffle: bool,
}

impl Loader {
    /// The one that a document asks for.
    pub fn of(experiment: &Experiment) -> Loader {
        Loader { size: experiment.batch_size, shuffle: experiment.shuffle }
    }

    /// Batches that so many rows make.
    pub fn batches(self, rows: usize) -> usize {
        self.size.map_or(1, |size| rows.div_ceil(size as usize))
    }
}

impl Trainer {
    /// Takes over what can change during a run: the optimizer's options, the schedule, the number of
    /// epochs, when it stops, batch size and shuffling, the title and the inputs to predict for. Returns
    /// false, and changes nothing, when anything else differs: that needs a new trainer.
    ///
    /// Another batch size and shuffling begin with the next epoch, as if it had a `DataLoader` of its own.
    /// Options that say what an optimizer keeps from step to step cannot change: `amsgrad`, `centered`,
    /// `initial_accumulator_value`, and whether RMSprop has a momentum.
    pub fn update(&mut self, experiment: Experiment) -> bool {
        let now = &self.experiment;
        let unchanged = Experiment {
            title: now.title.clone(),
            optimizer: now.optimizer,
            schedule: now.schedule,
            epochs: now.epochs,
            stop: now.stop,
            batch_size: now.batch_size,
            shuffle: now.shuffle,
            predict: now.predict.clone(),
            compare: now.compare.clone(),
            device: now.device,
            ..experiment.clone()
        };
        if unchanged != *now || !keeps_the_same(&experiment.optimizer, &now.optimizer) {
            return false;
        }
        if experiment.stop != now.stop {
            self.watch.go_on();
        }
        self.optimizer.configure(&experiment.optimizer);
        self.experiment = experiment;
        true
    }

    /// How the rows of the next update's pass become batches: another one waits for the next epoch.
    pub(super) fn loader(&self) -> Loader {
        if self.batch == 0 { Loader::of(&self.experiment) } else { self.loader }
    }

    /// Whether the next epoch has other batches than this one.
    pub fn changes_batches(&self) -> bool {
        self.loader() != Loader::of(&self.experiment)
    }

    /// After updates with these losses, all of one epoch where the document stops at something.
    pub(super) fn watch_losses(&mut self, losses: &[f32]) -> Result<()> {
        let Some(stop) = self.experiment.stop else { return Ok(()) };
        self.watch.add(losses);
        if self.batch == 0 {
            let validation = if stop.patience.is_some() { self.validation_loss()? } else { None };
            self.watch.end_epoch(&stop, validation);
        }
        Ok(())
    }

    /// Sets one element of a parameter, as `p.data.view(-1)[index] = value` does: the run goes on from
    /// there, with the optimizer's state as it is.
    ///
    /// # Errors
    /// When there is no such parameter or element.
    pub fn set_parameter(&mut self, name: &str, index: usize, value: f32) -> Result<()> {
        let named = self.model.named_parameters();
        let place = named.iter().position(|(known, _)| known == name);
        let place = place.ok_or_else(|| Error::Value(format!("there is no parameter {name}")))?;
        let parameter = &named[place].1;
        if index >= parameter.numel() {
            return Err(Error::Index(format!(
                "index {index} is out of bounds for {name} with {} elements",
                parameter.numel()
            )));
        }
        let fill = |tensor: &Tensor| {
            no_grad(|| tensor.detach().reshape(&[-1])?.slice(0, index, index + 1, 1)?.fill_(f64::from(value)))
                .map(drop)
        };
        fill(parameter)?;
        if let Some(twin) = &self.twin {
            fill(&twin.parameters()[place])?;
        }
        self.validated = None;
        self.captured.as_mut().map_or(Ok(()), |captured| captured.read_parameters())
    }
}

/// Whether both keep the same from step to step.
fn keeps_the_same(one: &Optimizer, other: &Optimizer) -> bool {
    let kept = |optimizer: &Optimizer| match *optimizer {
        Optimizer::Sgd { .. } => (false, 0.0),
        Optimizer::Adam { amsgrad, .. } | Optimizer::AdamW { amsgrad, .. } => (amsgrad, 0.0),
        Optimizer::RmsProp { centered, momentum, .. } => (centered, f64::from(u8::from(momentum > 0.0))),
        Optimizer::Adagrad { initial_accumulator_value, .. } => (false, initial_accumulator_value),
    };
    one.kind() == other.kind() && kept(one) == kept(other)
}
