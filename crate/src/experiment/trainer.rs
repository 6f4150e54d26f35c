//! Runs an experiment, one step at a time.

mod checkpoint;
#[cfg(feature = "webgpu")]
mod gpu;
mod rows;

pub use checkpoint::Checkpoint;
pub use rows::Arrays;

use super::captured::{Batch, Captured};
use super::document::{Experiment, Gradient, Schedule};
use super::live::Loader;
use super::model::{self, AnyOptimizer};
use super::nudge::Twin;
use super::problem::Problems;
use super::stop::{Over, Watch};
use crate::data::loader_order;
use crate::error::{Error, Result};
use crate::nn::{Module, ModuleExt, Sequential};
use crate::optim;
use crate::rng::Generator;
use crate::tensor::{Tensor, no_grad};
use rows::{Rows, picked, words};
use serde::Serialize;
use std::cell::RefCell;
use std::rc::Rc;

/// Why an experiment cannot run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The document asks for something that cannot be.
    #[error("{0}")]
    Document(#[from] Problems),
    /// A step failed.
    #[error("{0}")]
    Run(#[from] Error),
}

/// What ends [`Trainer::run`] early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stops {
    /// The end of a pass over the training rows
    pub after_epoch: bool,
    /// A loss that is not finite
    pub when_diverged: bool,
}

/// Where a training run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// Updates done
    pub step: u64,
    /// Whole passes over the training rows
    pub epoch: u64,
    /// Updates done in the current pass
    pub batch: usize,
    /// Updates a pass
    pub batches_per_epoch: usize,
    /// Updates in all
    pub total_steps: u64,
    /// Whether nothing is left to do
    pub finished: bool,
    /// Why, where it is not because all epochs are done
    pub over: Option<Over>,
}

/// A training run: the model, its optimizer and the place in the data. The same document gives the
/// same numbers every time.
pub struct Trainer {
    pub(super) experiment: Experiment,
    pub(super) data: Rows,
    generator: Rc<RefCell<Generator>>,
    pub(super) model: Sequential,
    /// Where gradients are finite differences: what is nudged, and what the optimizer changes
    pub(super) twin: Option<Twin>,
    pub(super) optimizer: AnyOptimizer,
    /// None: every step runs eagerly
    pub(super) captured: Option<Captured>,
    /// Inputs and targets of eager steps, where all of them take the same rows
    whole: Option<[Tensor; 2]>,
    initial: Vec<(String, Vec<f32>)>,
    order: Vec<usize>,
    /// Rows of batches, in a list that is used again
    list: Vec<u32>,
    /// How the rows of the current pass become batches
    pub(super) loader: Loader,
    /// What the document's stops have seen of the run
    pub(super) watch: Watch,
    /// The last loss over the validation rows, with its step
    pub(super) validated: Option<(u64, f32)>,
    step: u64,
    epoch: u64,
    pub(super) batch: usize,
}

impl Trainer {
    /// A run of a document that was read, from its first step. `arrays` replace the rows of a table or of a
    /// bundled data set.
    ///
    /// # Errors
    /// When the document needs something that this version cannot do, or the arrays do not fit it.
    pub fn new(experiment: Experiment, arrays: Option<Arrays>) -> Result<Trainer, Failure> {
        Trainer::eager(experiment, arrays)?.with_capture()
    }

    fn with_capture(mut self) -> Result<Trainer, Failure> {
        // Finite differences are for looking at, not for speed.
        if self.twin.is_none() {
            self.captured = Some(Captured::new(self.model.parameters())?);
        }
        Ok(self)
    }

    /// As [`Trainer::new`], but every step runs eagerly: slower, to the same numbers.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn eager(experiment: Experiment, arrays: Option<Arrays>) -> Result<Trainer, Failure> {
        let data = Rows::new(&experiment, arrays.as_ref())?;
        Trainer::with_rows(experiment, data)
    }

    fn with_rows(experiment: Experiment, data: Rows) -> Result<Trainer, Failure> {
        let generator = Rc::new(RefCell::new(Generator::new(experiment.seed)));
        let model = model::build(&experiment.model, &data.input_shape, &generator)?;
        let twin = match experiment.gradient {
            Gradient::Autograd => None,
            Gradient::FiniteDifference(nudge) => {
                Some(Twin::new(&experiment.model, &data.input_shape, nudge, &model, &generator)?)
            }
        };
        let parameters = twin.as_ref().map_or_else(|| model.parameters(), Twin::parameters);
        let optimizer = AnyOptimizer::new(&experiment.optimizer, parameters)?;
        let initial = values(model.named_parameters())?;
        Ok(Trainer {
            loader: Loader::of(&experiment),
            watch: Watch::default(),
            validated: None,
            experiment,
            data,
            generator,
            model,
            twin,
            optimizer,
            captured: None,
            whole: None,
            initial,
            order: Vec::new(),
            list: Vec::new(),
            step: 0,
            epoch: 0,
            batch: 0,
        })
    }

    /// Back to the first step and the same initial parameters.
    ///
    /// # Errors
    /// Never: it worked before.
    pub fn reset(&mut self) -> Result<(), Failure> {
        let again = Trainer::with_rows(self.experiment.clone(), self.data.clone())?;
        let Some(mut captured) = self.captured.take() else {
            *self = again;
            return Ok(());
        };
        // What has been recorded and compiled belongs to this model and this generator: they stay, and take the
        // new ones' values.
        for ((_, own), (_, new)) in self.tensors().iter().zip(again.tensors()) {
            no_grad(|| own.copy_(&new))?;
        }
        captured.begin()?;
        let before = std::mem::replace(self, again);
        before.generator.swap(&self.generator);
        (self.model, self.generator, self.captured) = (before.model, before.generator, Some(captured));
        self.optimizer = AnyOptimizer::new(&self.experiment.optimizer, self.model.parameters())?;
        Ok(())
    }

    /// Everything that the model holds: parameters and buffers.
    fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut all = self.model.named_parameters();
        all.extend(self.model.named_buffers());
        all
    }

    /// The document.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    fn batches_per_epoch(&self) -> usize {
        self.loader().batches(self.data.train.len())
    }

    /// Where the run is.
    pub fn position(&self) -> Position {
        let over = self.watch.over();
        Position {
            step: self.step,
            epoch: self.epoch,
            batch: self.batch,
            batches_per_epoch: self.batches_per_epoch(),
            total_steps: self.step + self.steps_left(),
            finished: over.is_some() || self.epoch >= self.experiment.epochs,
            over,
        }
    }

    /// Updates until all epochs are done.
    fn steps_left(&self) -> u64 {
        let begun = u64::from(self.batch > 0);
        let of_this = if self.batch > 0 { self.batches_per_epoch() - self.batch } else { 0 };
        let whole = self.experiment.epochs.saturating_sub(self.epoch + begun);
        let per_epoch = Loader::of(&self.experiment).batches(self.data.train.len());
        of_this as u64 + whole * per_epoch as u64
    }

    /// One update. Returns the batch's loss before it.
    ///
    /// # Errors
    /// When the run is finished, or a layer cannot take the batch.
    pub fn step(&mut self) -> Result<f32> {
        if self.position().finished {
            return Err(Error::Value("the run is finished: all epochs are done".into()));
        }
        let loss = self.update_once()?;
        if let Some(captured) = &mut self.captured {
            captured.write_back();
        }
        self.watch_losses(&[loss])?;
        Ok(loss)
    }

    /// Makes up to `steps` updates, fewer at the end of the run, and adds the loss of each batch before
    /// its update to `losses`. `stops` can end it earlier; what it names is the last thing that happens.
    ///
    /// # Errors
    /// As [`Trainer::step`]; the updates before it have been made.
    pub fn run(&mut self, steps: usize, stops: Stops, losses: &mut Vec<f32>) -> Result<()> {
        let before = losses.len();
        let mut result = Ok(());
        while result.is_ok() && losses.len() - before < steps && !self.position().finished {
            let known = losses.len();
            let left = steps - (known - before);
            if self.update_compiled(left, stops, losses) == 0 {
                result = self.update_once().map(|loss| losses.push(loss));
            }
            if result.is_ok() {
                result = self.watch_losses(&losses[known..]);
            }
            let diverged = losses.last().is_some_and(|loss| !loss.is_finite());
            if (stops.when_diverged && diverged) || (stops.after_epoch && self.batch == 0) {
                break;
            }
        }
        if let Some(captured) = &mut self.captured {
            captured.write_back();
        }
        result
    }

    /// Up to `left` updates at once, where they are compiled: how many. They end at the end of the run,
    /// where the learning rate changes, where a batch has another size, and where `stops` says so.
    fn update_compiled(&mut self, left: usize, stops: Stops, losses: &mut Vec<f32>) -> usize {
        let rows = self.next_batch_size();
        if left < 2 || !self.captured.as_ref().is_some_and(|captured| captured.may_compile(rows)) {
            return 0;
        }
        let loader = self.loader();
        let per_epoch = self.batches_per_epoch();
        let in_epoch = match loader.size {
            Some(size) if rows == size as usize => self.data.train.len() / rows - self.batch,
            // All rows at once, or the last, smaller batch
            _ => 1,
        };
        let whole_epochs = rows * per_epoch == self.data.train.len();
        let one_epoch = stops.after_epoch
            || self.experiment.schedule.is_some()
            || self.experiment.stop.is_some()
            || self.changes_batches()
            || !whole_epochs;
        let most = left.min(LONGEST / rows.max(1)).max(1);
        let to_end = (self.experiment.epochs - self.epoch - 1).saturating_mul(per_epoch as u64);
        // What does not fit an address is more than enough.
        let to_end = usize::try_from(to_end).unwrap_or(usize::MAX).saturating_add(in_epoch);
        let most = most.min(if one_epoch { in_epoch } else { to_end });

        // The order of rows is drawn for all epochs first; if the steps end earlier, it is drawn again.
        let draws = loader.size.is_some();
        let before = draws.then(|| (self.generator.borrow().clone(), self.order.clone()));
        let mut list = std::mem::take(&mut self.list);
        list.clear();
        if draws {
            self.list_rows(most, &mut list);
        }
        let start = losses.len();
        losses.resize(start + most, 0.0);
        let made = self.run_compiled(rows, &list, &mut losses[start..]);
        losses.truncate(start + made);
        self.list = list;
        if let Some((generator, order)) = before.filter(|_| made < most) {
            (*self.generator.borrow_mut(), self.order) = (generator, order);
        }
        for _ in 0..made {
            if made < most {
                self.begin_epoch();
            }
            self.count_step();
        }
        made
    }

    /// The rows of so many batches from the current one on.
    fn list_rows(&mut self, batches: usize, list: &mut Vec<u32>) {
        let at = (self.batch, self.epoch, self.step);
        for _ in 0..batches {
            self.begin_epoch();
            let rows = batch_rows(&self.data.train, &self.order, self.loader.size, self.batch);
            list.extend(rows.iter().map(|&row| self.data.places[row]));
            self.count_step();
        }
        (self.batch, self.epoch, self.step) = at;
    }

    /// Whether the last updates ran as WebAssembly of their own.
    pub fn is_compiled(&self) -> bool {
        self.captured.as_ref().is_some_and(Captured::is_compiled)
    }

    fn run_compiled(&mut self, batch: usize, list: &[u32], losses: &mut [f32]) -> usize {
        let lr = self.learning_rate();
        let Some(captured) = &mut self.captured else { return 0 };
        self.optimizer.get().set_lr(lr);
        let Rows { inputs, targets, train, .. } = &self.data;
        // Only the rows that train: without a list a batch is all rows in their order.
        let data = || Some([picked(&words(inputs)?, train), picked(&words(targets)?, train)]);
        captured.steps(batch, list, data, &self.optimizer, losses).unwrap_or(0)
    }

    /// The rows of the next batch.
    fn next_batch_size(&self) -> usize {
        let n = self.data.train.len();
        self.loader().size.map_or(n, |size| (n - self.batch * size as usize).min(size as usize))
    }

    /// After an update.
    fn count_step(&mut self) {
        self.step += 1;
        self.batch += 1;
        if self.batch == self.batches_per_epoch() {
            self.batch = 0;
            self.epoch += 1;
        }
    }

    fn update_once(&mut self) -> Result<f32> {
        self.begin_epoch();
        let lr = self.learning_rate();
        let rows = batch_rows(&self.data.train, &self.order, self.loader.size, self.batch);
        let batch = Batch { sources: [&self.data.inputs, &self.data.targets], rows };
        let (model, loss) = (&self.model, self.experiment.loss);
        let compute = |inputs: &Tensor, targets: &Tensor| model::loss(loss, &model.forward(inputs)?, targets);
        let loss = match &mut self.captured {
            Some(captured) => {
                self.optimizer.get().set_lr(lr);
                captured.step(batch, &self.optimizer, compute)?
            }
            None => {
                let [inputs, targets] = match &self.whole {
                    Some(whole) if self.loader.size.is_none() => whole.clone(),
                    _ => batch.tensors()?,
                };
                let loss = self.minimise(&inputs, &targets, lr)?;
                self.whole = self.loader.size.is_none().then_some([inputs, targets]);
                loss
            }
        };
        self.count_step();
        Ok(loss)
    }

    /// The loss of a batch, and an update that makes it smaller.
    fn minimise(&mut self, inputs: &Tensor, targets: &Tensor, lr: f64) -> Result<f32> {
        if let Some(twin) = &self.twin {
            let loss = twin.gradients(self.experiment.loss, inputs, targets)?;
            self.optimizer.get().set_lr(lr);
            self.optimizer.get().step()?;
            twin.round_into(&self.model)?;
            return Ok(loss as f32);
        }
        let loss = model::loss(self.experiment.loss, &self.model.forward(inputs)?, targets)?;
        self.optimizer.minimise(&loss, lr)?;
        Ok(loss.item()? as f32)
    }

    /// The learning rate of the next update.
    pub fn learning_rate(&self) -> f64 {
        let base = self.experiment.optimizer.lr();
        let schedule = self.experiment.schedule.map(|schedule| match schedule {
            Schedule::Step { step_size, gamma } => optim::Schedule::Step { step_size, gamma },
            Schedule::Exponential { gamma } => optim::Schedule::Exponential { gamma },
            Schedule::Cosine { t_max } => optim::Schedule::Cosine { t_max, eta_min: 0.0 },
        });
        schedule.map_or(base, |schedule| schedule.rate(base, self.epoch))
    }

    /// At the start of a pass with a loader: the order of its rows.
    fn begin_epoch(&mut self) {
        if self.batch == 0 {
            self.loader = Loader::of(&self.experiment);
        }
        if self.loader.size.is_some() && self.batch == 0 {
            let n = self.data.train.len();
            let order = loader_order(n, self.loader.shuffle, &mut self.generator.borrow_mut());
            self.order = order.into_iter().map(|i| self.data.train[i]).collect();
        }
    }

    /// The rows of the table that the next update will use, when they are known: in the middle of a
    /// pass, or where nothing is shuffled.
    pub fn batch_rows(&self) -> Option<&[usize]> {
        let size = self.loader().size;
        let known = size.is_none() || self.batch > 0;
        known.then(|| batch_rows(&self.data.train, &self.order, size, self.batch))
    }

    /// The loss over the validation rows, if there are any, without dropout and with the running
    /// averages of batch norm.
    ///
    /// # Errors
    /// When the model cannot take the rows.
    pub fn validation_loss(&mut self) -> Result<Option<f32>> {
        if self.data.validation_rows.is_empty() {
            return Ok(None);
        }
        if let Some((_, loss)) = self.validated.filter(|(step, _)| *step == self.step) {
            return Ok(Some(loss));
        }
        let sources = [&self.data.inputs, &self.data.targets];
        let batch = Batch { sources, rows: &self.data.validation_rows };
        let (model, loss) = (&self.model, self.experiment.loss);
        let compute = |inputs: &Tensor, targets: &Tensor| {
            let prediction = evaluate(model, inputs)?;
            no_grad(|| model::loss(loss, &prediction, targets))
        };
        let loss = match &mut self.captured {
            Some(captured) => captured.validation_loss(batch, compute)?,
            None => {
                let [inputs, targets] = batch.tensors()?;
                compute(&inputs, &targets)?.item()? as f32
            }
        };
        self.validated = Some((self.step, loss));
        Ok(Some(loss))
    }

    /// The model's raw outputs for rows of inputs, row-major, in evaluation. The inputs are in the units of
    /// the data: what standardises these, standardises them.
    ///
    /// # Errors
    /// When the values are not whole rows.
    pub fn predict(&self, rows: &[f32]) -> Result<Tensor> {
        evaluate(&self.model, &self.input_tensor(rows)?)
    }

    /// Rows of inputs, row-major, as the model takes them.
    pub(super) fn input_tensor(&self, rows: &[f32]) -> Result<Tensor> {
        let width: usize = self.data.input_shape.iter().product();
        if width == 0 || !rows.len().is_multiple_of(width) {
            return Err(Error::Shape(format!(
                "predict takes rows of {width} inputs, got {} values",
                rows.len()
            )));
        }
        let mut dims = vec![rows.len() / width];
        dims.extend(&self.data.input_shape);
        let mut rows = rows.to_vec();
        if let Some(standardize) = &self.data.standardize {
            standardize.apply(&mut rows);
        }
        Tensor::from_vec(rows, &dims)
    }

    /// What `look` finds in the model without dropout and with the running averages of batch norm.
    pub(super) fn evaluating<T>(&self, look: impl FnOnce(&Sequential) -> Result<T>) -> Result<T> {
        self.model.train(false);
        let found = look(&self.model);
        self.model.train(true);
        found
    }

    /// The model's raw outputs for every row of the data, in its order.
    ///
    /// # Errors
    /// Never for a run that could start.
    pub fn predictions(&self) -> Result<Tensor> {
        evaluate(&self.model, &self.data.inputs)
    }

    /// Which rows of the data validate.
    pub fn validation_rows(&self) -> Vec<usize> {
        let mut rows = self.data.validation_rows.clone();
        rows.sort_unstable();
        rows
    }

    /// Names, shapes and values of the parameters, and of floating-point buffers.
    pub fn parameters(&self) -> Vec<(String, Tensor)> {
        let mut all = self.model.named_parameters();
        let buffers = self.model.named_buffers().into_iter();
        all.extend(buffers.filter(|(_, buffer)| buffer.dtype().is_floating_point()));
        all
    }

    /// The parameters before the first step, row-major.
    pub fn initial_parameters(&self) -> &[(String, Vec<f32>)] {
        &self.initial
    }
}

/// Copies of the values, by name.
///
/// # Errors
/// When a tensor is not f32.
pub fn values(tensors: Vec<(String, Tensor)>) -> Result<Vec<(String, Vec<f32>)>> {
    tensors.into_iter().map(|(name, t)| Ok((name, t.to_vec()?))).collect()
}

/// The model's outputs without dropout and with the running averages of batch norm.
fn evaluate(model: &Sequential, inputs: &Tensor) -> Result<Tensor> {
    model.train(false);
    let output = no_grad(|| model.forward(inputs));
    model.train(true);
    output
}

/// Compiled steps take so many rows at a time.
const LONGEST: usize = 1 << 18;

/// The rows of a batch, counted from the start of the pass.
fn batch_rows<'a>(train: &'a [usize], order: &'a [usize], size: Option<u32>, batch: usize) -> &'a [usize] {
    let Some(size) = size else { return train };
    let start = batch * size as usize;
    &order[start..order.len().min(start + size as usize)]
}
