//! Training on the graphics processor: many steps at a time, and the CPU's trainer is as new after each. Whatever
//! happens to the device, the CPU goes on from there.

use super::{Captured, Loader, Stops, Trainer, batch_rows};
use crate::backend::gpu::Gpu;
use crate::capture::{MOST_STEPS, Made, PlanId, Steps};
use crate::error::Result;
use crate::op::{Penalty, Update};
use crate::rng::Generator;
use std::rc::Rc;

/// A run takes at most so many rows, and so many random numbers.
const MOST_ROWS: usize = 1 << 20;
const MOST_DRAWN: usize = 1 << 22;

/// Where a trainer is in its data.
struct Place {
    generator: Generator,
    order: Vec<usize>,
    at: (u64, u64, usize),
    loader: Loader,
}

/// Steps to come.
#[derive(Default)]
struct Prepared {
    plans: Vec<PlanId>,
    numbers: Vec<(Update, Penalty)>,
    rows: Vec<u32>,
    starts: Vec<usize>,
    /// Where all training rows in their order are
    whole: Option<usize>,
    drawn: Vec<f32>,
}

impl Trainer {
    /// As [`Trainer::run`], on a device: the same rows, the same random numbers, and the losses as near as another
    /// order of summation allows. The first step of each batch size runs on the CPU, to be recorded. Between calls
    /// the trainer can run on the CPU as well.
    ///
    /// # Errors
    /// As [`Trainer::step`]; and when the device is lost or cannot do something. The trainer is then at the last
    /// step that is in `losses`, and [`Trainer::run`] goes on from it.
    pub async fn run_on(
        &mut self,
        device: &Rc<Gpu>,
        steps: usize,
        stops: Stops,
        losses: &mut Vec<f32>,
    ) -> Result<()> {
        let before = losses.len();
        let mut result = Ok(());
        while result.is_ok() && losses.len() - before < steps && !self.position().finished {
            let known = losses.len();
            let left = steps - (known - before);
            result = self.some_steps_on(device, left, stops, losses).await;
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

    /// At least one step, if there is no error.
    async fn some_steps_on(
        &mut self,
        device: &Rc<Gpu>,
        left: usize,
        stops: Stops,
        losses: &mut Vec<f32>,
    ) -> Result<()> {
        let rows = self.next_batch_size();
        if self.captured.as_ref().is_none_or(|captured| captured.plan(rows).is_none()) {
            return self.update_once().map(|loss| losses.push(loss));
        }
        let place = self.place();
        let mut most = left.min(MOST_STEPS);
        loop {
            let prepared = self.prepare(most, stops);
            let made = self.run_prepared(device, &prepared, stops).await;
            match made {
                Ok(Made::All(made)) => {
                    losses.extend(made);
                    return Ok(());
                }
                Ok(Made::DivergedAt(step)) => {
                    most = step + 1;
                    self.return_to(&place);
                }
                Err(error) => {
                    self.return_to(&place);
                    return Err(error);
                }
            }
        }
    }

    fn place(&self) -> Place {
        Place {
            generator: self.generator.borrow().clone(),
            order: self.order.clone(),
            at: (self.step, self.epoch, self.batch),
            loader: self.loader,
        }
    }

    fn return_to(&mut self, place: &Place) {
        *self.generator.borrow_mut() = place.generator.clone();
        self.order.clone_from(&place.order);
        (self.step, self.epoch, self.batch) = place.at;
        self.loader = place.loader;
    }

    /// Draws and lists what the next steps need, and counts them.
    fn prepare(&mut self, most: usize, stops: Stops) -> Prepared {
        let mut prepared = Prepared::default();
        let Some(mut captured) = self.captured.take() else { return prepared };
        // What the document stops at is looked at after every pass.
        let one_epoch = stops.after_epoch || self.experiment.stop.is_some();
        while prepared.plans.len() < most && !self.position().finished {
            if !self.prepare_one(&mut captured, &mut prepared) || (one_epoch && self.batch == 0) {
                break;
            }
        }
        self.captured = Some(captured);
        prepared
    }

    /// Whether there may be more.
    fn prepare_one(&mut self, captured: &mut Captured, prepared: &mut Prepared) -> bool {
        let Some(plan) = captured.plan(self.next_batch_size()) else { return false };
        self.begin_epoch();
        let lr = self.learning_rate();
        let size = self.loader.size;
        match prepared.whole.filter(|_| size.is_none()) {
            // All rows, as before.
            Some(start) => prepared.starts.push(start),
            None => {
                let start = prepared.rows.len();
                prepared.whole = size.is_none().then_some(start);
                prepared.starts.push(start);
                let rows = batch_rows(&self.data.train, &self.order, size, self.batch);
                prepared.rows.extend(rows.iter().map(|&row| row as u32));
            }
        }
        self.optimizer.get().set_lr(lr);
        let session = captured.session();
        session.draw(plan, &mut prepared.drawn);
        prepared.numbers.push(session.numbers(prepared.plans.len(), self.optimizer.rule()));
        prepared.plans.push(plan);
        self.count_step();
        prepared.rows.len() < MOST_ROWS && prepared.drawn.len() < MOST_DRAWN
    }

    async fn run_prepared(&mut self, device: &Rc<Gpu>, prepared: &Prepared, stops: Stops) -> Result<Made> {
        let Prepared { plans, numbers, rows, starts, drawn, .. } = prepared;
        let steps = Steps {
            device,
            data: [&self.data.inputs, &self.data.targets],
            plans,
            numbers,
            rows,
            starts,
            drawn,
            initial: self.optimizer.rule().initial_state(),
            stops: stops.when_diverged,
        };
        match &mut self.captured {
            Some(captured) => captured.session().run_on_device(&steps).await,
            None => Ok(Made::All(Vec::new())),
        }
    }
}
