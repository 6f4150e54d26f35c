//! Captured training: the first step of each batch size runs eagerly and is recorded, all others are
//! replayed.

use super::model::AnyOptimizer;
use crate::capture::compile::Words;
use crate::capture::{PlanId, Session, State};
use crate::error::Result;
use crate::tensor::Tensor;

/// The recorded steps of a run.
pub struct Captured {
    session: Session,
    /// Training steps by their number of rows
    steps: Vec<(usize, PlanId)>,
    /// The loss over the validation rows
    validation: Option<PlanId>,
}

/// Rows of data, for the inputs of a step: which, and of what.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// The model's inputs and the targets, all rows
    pub sources: [&'a Tensor; 2],
    /// Which rows
    pub rows: &'a [usize],
}

impl Batch<'_> {
    /// The rows as tensors.
    ///
    /// # Errors
    /// When a row does not exist.
    pub fn tensors(&self) -> Result<[Tensor; 2]> {
        let index = Tensor::from_vec(self.rows.iter().map(|&i| i as i64).collect(), &[self.rows.len()])?;
        let [inputs, targets] = self.sources;
        Ok([inputs.index_select(0, &index)?, targets.index_select(0, &index)?])
    }
}

impl Captured {
    /// Nothing recorded yet.
    ///
    /// # Errors
    /// When a parameter cannot be captured.
    pub fn new(parameters: Vec<Tensor>) -> Result<Captured> {
        let session = Session::new(parameters)?;
        Ok(Captured { session, steps: Vec::new(), validation: None })
    }

    /// One update from a batch: its loss before it. `eager` computes the loss from inputs and targets,
    /// for recording.
    ///
    /// # Errors
    /// When a layer or the loss cannot take the batch.
    pub fn step(
        &mut self,
        batch: Batch<'_>,
        optimizer: &AnyOptimizer,
        eager: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<f32> {
        let loss = match self.plan(batch.rows.len()) {
            Some(plan) => {
                self.fill(plan, batch)?;
                self.session.replay(plan)?
            }
            None => {
                let inputs = batch.tensors()?;
                let (plan, loss) = self.session.record(&inputs, || {
                    let loss = eager(&inputs[0], &inputs[1])?;
                    loss.backward()?;
                    Ok(loss)
                })?;
                self.steps.push((batch.rows.len(), plan));
                loss
            }
        };
        self.session.update(optimizer.rule());
        Ok(loss)
    }

    /// Whether the last updates were compiled ones.
    pub fn is_compiled(&self) -> bool {
        self.session.is_compiled()
    }

    /// Whether a batch of so many rows has been recorded, and has not turned out to be left to replay.
    pub fn may_compile(&self, batch_size: usize) -> bool {
        self.plan(batch_size).is_some_and(|plan| self.session.may_compile(plan))
    }

    /// Several updates at once, if a batch of so many rows has been recorded and can be compiled: as many
    /// as `losses` has elements, or up to the first loss that is not finite. Returns how many. `rows` lists
    /// the rows of each batch, one batch after the other; for training on all rows it is empty.
    pub fn steps(
        &mut self,
        batch_size: usize,
        rows: &[u32],
        data: impl FnOnce() -> Option<[Words; 2]>,
        optimizer: &AnyOptimizer,
        losses: &mut [f32],
    ) -> Option<usize> {
        let plan = self.plan(batch_size)?;
        self.session.run_compiled(plan, optimizer.rule(), rows, data, losses)
    }

    /// The session, and the recorded step for so many rows.
    #[cfg(feature = "webgpu")]
    pub(super) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The recorded step for so many rows.
    pub(super) fn plan(&self, rows: usize) -> Option<PlanId> {
        self.steps.iter().find(|(known, _)| *known == rows).map(|(_, plan)| *plan)
    }

    fn fill(&mut self, plan: PlanId, batch: Batch<'_>) -> Result<()> {
        for (i, source) in batch.sources.into_iter().enumerate() {
            self.session.set_input(plan, i, source, batch.rows)?;
        }
        Ok(())
    }

    /// The loss over rows that do not train; always the same ones.
    ///
    /// # Errors
    /// When the model or the loss cannot take them.
    pub fn validation_loss(
        &mut self,
        batch: Batch<'_>,
        eager: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<f32> {
        if let Some(plan) = self.validation {
            return self.session.replay(plan);
        }
        let inputs = batch.tensors()?;
        let (plan, loss) = self.session.record(&inputs, || eager(&inputs[0], &inputs[1]))?;
        self.fill(plan, batch)?;
        self.validation = Some(plan);
        Ok(loss)
    }

    /// The optimizer's state after the last update.
    pub fn optimizer_state(&mut self) -> &State {
        self.session.optimizer_state()
    }

    /// Goes on from another state: see [`Session::set_optimizer_state`].
    ///
    /// # Errors
    /// When it is of other parameters.
    pub fn set_optimizer_state(&mut self, state: State) -> Result<()> {
        self.session.set_optimizer_state(state)
    }

    /// Begins a run from what the model's tensors hold now; what was recorded stays.
    ///
    /// # Errors
    /// Never: they are of the types that they had.
    pub fn begin(&mut self) -> Result<()> {
        self.session.begin()
    }

    /// Takes values of parameters that were changed in the model's tensors.
    ///
    /// # Errors
    /// Never: they are f32.
    pub fn read_parameters(&mut self) -> Result<()> {
        self.session.read_parameters()
    }

    /// Brings the model's tensors up to date.
    pub fn write_back(&mut self) {
        self.session.write_back();
    }
}
