//! A run as it is after some step, to be gone on from: in another process, on another device, tomorrow.

use super::{Failure, Trainer};
use crate::capture::State;
use crate::error::{Error, Result};
use crate::experiment::live::Loader;
use crate::experiment::stop::Watch;
use crate::rng::Generator;
use crate::tensor::{Tensor, no_grad};
use serde::{Deserialize, Serialize};

/// What a run of a document has become. [`Trainer::resume`] goes on from it to the numbers that the run itself
/// would have given, bit for bit.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Where the run is
    pub place: Place,
    /// Parameters and buffers by PyTorch's names, row-major; counts as floats
    pub tensors: Vec<(String, Vec<f32>)>,
    /// The optimizer's state, in the order of the parameters
    pub optimizer: State,
    /// The generator's state, as `torch.get_rng_state()`
    pub generator: Vec<u8>,
    /// The rows of the current pass in their order; empty where there is no loader
    pub order: Vec<u32>,
}

/// Where a run is, and what it is to end at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Updates done
    pub step: u64,
    /// Whole passes over the training rows
    pub epoch: u64,
    /// Updates done in the current pass
    pub batch: u64,
    /// How the current pass was cut into batches: the document may ask for others by now
    pub loader: Loader,
    /// What the document's stops have seen
    pub watch: Watch,
}

impl Trainer {
    /// What the run has become.
    ///
    /// # Errors
    /// For runs that are not captured: finite differences work in f64.
    pub fn checkpoint(&mut self) -> Result<Checkpoint> {
        let captured = self.captured.as_mut().ok_or_else(not_captured)?;
        captured.write_back();
        let optimizer = captured.optimizer_state().clone();
        let values =
            |(name, tensor): (String, Tensor)| Ok((name, tensor.to(crate::dtype::DType::F32)?.to_vec()?));
        let tensors = no_grad(|| self.tensors().into_iter().map(values).collect::<Result<_>>())?;
        Ok(Checkpoint {
            place: Place {
                step: self.step,
                epoch: self.epoch,
                batch: self.batch as u64,
                loader: self.loader,
                watch: self.watch,
            },
            tensors,
            optimizer,
            generator: self.generator.borrow().get_state(),
            order: self.order.iter().map(|&row| row as u32).collect(),
        })
    }

    /// Goes on from a checkpoint of the same document with the same data. It may come from anywhere: what
    /// does not fit the document is refused, and the run stays as it was.
    ///
    /// # Errors
    /// [`Error::Value`], which names what does not fit.
    pub fn resume(&mut self, from: &Checkpoint) -> Result<(), Failure> {
        if self.captured.is_none() {
            return Err(not_captured().into());
        }
        let again = Trainer::with_rows(self.experiment.clone(), self.data.clone())?;
        *self = again.resumed(from)?;
        Ok(())
    }

    fn resumed(mut self, from: &Checkpoint) -> Result<Trainer, Failure> {
        let place = &from.place;
        let rows = self.data.train.len();
        let sized = place.loader.size != Some(0);
        // Between two passes the order of the last one may still be there.
        let begun = place.loader.size.is_some() && place.batch > 0;
        let ordered = !begun || from.order.len() == rows;
        let known = |row: &u32| {
            self.data.train.get(self.data.places.get(*row as usize).map_or(rows, |&p| p as usize))
                == Some(&(*row as usize))
        };
        if !sized
            || place.batch >= place.loader.batches(rows) as u64
            || !ordered
            || !from.order.iter().all(known)
        {
            return Err(unfit("the place in the data").into());
        }
        // A pass has a step at least.
        if place.step < place.epoch.saturating_add(place.batch) {
            return Err(unfit("the step").into());
        }
        let mut given = from.tensors.iter();
        for (name, tensor) in self.tensors() {
            let values = given.next().filter(|(n, values)| *n == name && values.len() == tensor.numel());
            let (_, values) = values.ok_or_else(|| unfit(&name))?;
            no_grad(|| tensor.copy_(&Tensor::from_vec(values.clone(), tensor.dims())?))?;
        }
        if let Some((name, _)) = given.next() {
            return Err(unfit(name).into());
        }
        let mut generator = Generator::new(0);
        generator.set_state(&from.generator)?;
        *self.generator.borrow_mut() = generator;
        self.order = from.order.iter().map(|&row| row as usize).collect();
        (self.step, self.epoch, self.batch) = (place.step, place.epoch, place.batch as usize);
        (self.loader, self.watch) = (place.loader, place.watch);
        let mut run = self.with_capture()?;
        if let Some(captured) = &mut run.captured {
            captured.set_optimizer_state(from.optimizer.clone())?;
        }
        Ok(run)
    }
}

fn not_captured() -> Error {
    Error::Value("a run by finite differences, or one without capture, has no checkpoint".into())
}

fn unfit(what: &str) -> Error {
    Error::Value(format!("the checkpoint is of another experiment: {what} does not fit"))
}
