//! What moves an optimizer's learning rates from epoch to epoch.

use super::{Optimizer, Schedule};
use crate::error::{Error, Result};

/// Where a scheduler is: what PyTorch's `state_dict()` has of it beside its own arguments.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SchedulerState {
    /// The rates that the optimizer had, one for each group
    pub base_lrs: Vec<f64>,
    /// The epoch, counted from 0
    pub last_epoch: u32,
}

/// Moves an optimizer's learning rates by a [`Schedule`], group by group.
///
/// ```
/// use gradus::{optim::{LRScheduler, Optimizer, SGD, Schedule, SgdOptions}, tensor::Tensor};
///
/// let w = Tensor::zeros(&[1]).requires_grad_(true)?;
/// let mut optimizer = SGD::new(vec![w], SgdOptions { lr: 0.1, ..Default::default() })?;
/// let warm_up = Schedule::Linear { start_factor: 0.5, end_factor: 1.0, total_iters: 2 };
/// let mut scheduler = LRScheduler::new(warm_up, &mut optimizer);
/// let mut rates = Vec::new();
/// for _epoch in 0..4 {
///     // … the epoch's updates …
///     rates.push(optimizer.lr());
///     scheduler.step(&mut optimizer);
/// }
/// assert!(rates.iter().zip([0.05, 0.075, 0.1, 0.1]).all(|(a, b)| (a - b).abs() < 1e-12));
/// # Ok::<(), gradus::error::Error>(())
/// ```
pub struct LRScheduler {
    schedule: Schedule,
    state: SchedulerState,
}

impl LRScheduler {
    /// Starts at epoch 0, where a warm-up sets the rates at once.
    pub fn new(schedule: Schedule, optimizer: &mut dyn Optimizer) -> LRScheduler {
        let mut new = LRScheduler { schedule, state: start(optimizer) };
        new.restart(optimizer);
        new
    }

    /// The rates of epoch 0.
    fn restart(&mut self, optimizer: &mut dyn Optimizer) {
        self.state.last_epoch = 0;
        let lrs: Vec<f64> = self.state.base_lrs.iter().map(|&base| self.schedule.rate(base, 0)).collect();
        optimizer.set_lrs(&lrs);
    }

    /// The next epoch. Call it after the epoch's updates.
    pub fn step(&mut self, optimizer: &mut dyn Optimizer) {
        self.state.last_epoch += 1;
        let rates = optimizer.lrs().into_iter().zip(&self.state.base_lrs);
        let next = |(lr, &base): (f64, &f64)| self.schedule.next(lr, base, self.state.last_epoch);
        let lrs: Vec<f64> = rates.map(next).collect();
        optimizer.set_lrs(&lrs);
    }

    /// The epoch that it is at, counted from 0.
    pub fn epoch(&self) -> u32 {
        self.state.last_epoch
    }

    /// Where it is. The rates themselves are in the optimizer's own state.
    pub fn state_dict(&self) -> SchedulerState {
        self.state.clone()
    }

    /// Goes on from there.
    pub fn load_state_dict(&mut self, state: &SchedulerState) {
        self.state = state.clone();
    }
}

fn start(optimizer: &dyn Optimizer) -> SchedulerState {
    SchedulerState { base_lrs: optimizer.lrs(), last_epoch: 0 }
}

/// A function of the epoch.
type Factor = Box<dyn Fn(u32) -> f64>;

/// Rates that are those at the beginning times a function of the epoch, one for all groups or one for each.
pub struct LambdaLR {
    factors: Vec<Factor>,
    state: SchedulerState,
}

impl LambdaLR {
    /// Starts at epoch 0.
    ///
    /// # Errors
    /// When there are neither one function nor as many as groups.
    pub fn new(factors: Vec<Factor>, optimizer: &mut dyn Optimizer) -> Result<LambdaLR> {
        check_count(factors.len(), optimizer)?;
        let new = LambdaLR { factors, state: start(optimizer) };
        new.set(optimizer);
        Ok(new)
    }

    fn set(&self, optimizer: &mut dyn Optimizer) {
        let bases = self.state.base_lrs.iter().zip(self.factors.iter().cycle());
        let lrs: Vec<f64> = bases.map(|(base, factor)| base * factor(self.state.last_epoch)).collect();
        optimizer.set_lrs(&lrs);
    }

    /// The next epoch.
    pub fn step(&mut self, optimizer: &mut dyn Optimizer) {
        self.state.last_epoch += 1;
        self.set(optimizer);
    }

    /// Where it is, without the functions.
    pub fn state_dict(&self) -> SchedulerState {
        self.state.clone()
    }

    /// Goes on from there.
    pub fn load_state_dict(&mut self, state: &SchedulerState) {
        self.state = state.clone();
    }
}

/// Rates that are those of the epoch before times a function of the epoch, one for all groups or one for
/// each.
pub struct MultiplicativeLR {
    factors: Vec<Factor>,
    state: SchedulerState,
}

impl MultiplicativeLR {
    /// Starts at epoch 0 and the rates that there are.
    ///
    /// # Errors
    /// When there are neither one function nor as many as groups.
    pub fn new(factors: Vec<Factor>, optimizer: &dyn Optimizer) -> Result<MultiplicativeLR> {
        check_count(factors.len(), optimizer)?;
        Ok(MultiplicativeLR { factors, state: start(optimizer) })
    }

    /// The next epoch.
    pub fn step(&mut self, optimizer: &mut dyn Optimizer) {
        self.state.last_epoch += 1;
        let rates = optimizer.lrs().into_iter().zip(self.factors.iter().cycle());
        let lrs: Vec<f64> = rates.map(|(lr, factor)| lr * factor(self.state.last_epoch)).collect();
        optimizer.set_lrs(&lrs);
    }

    /// Where it is, without the functions.
    pub fn state_dict(&self) -> SchedulerState {
        self.state.clone()
    }

    /// Goes on from there.
    pub fn load_state_dict(&mut self, state: &SchedulerState) {
        self.state = state.clone();
    }
}

fn check_count(functions: usize, optimizer: &dyn Optimizer) -> Result<()> {
    let groups = optimizer.lrs().len();
    if functions == 1 || functions == groups {
        return Ok(());
    }
    Err(Error::Value(format!("Expected {groups} lr_lambdas, but got {functions}")))
}

/// One schedule after the other: each begins at its milestone, from its own epoch 0.
pub struct SequentialLR {
    schedulers: Vec<LRScheduler>,
    milestones: Vec<u32>,
    epoch: u32,
}

impl SequentialLR {
    /// Schedules and, between each two, the epoch at which the second begins.
    ///
    /// # Errors
    /// When the numbers of schedules and milestones do not fit.
    pub fn new(
        schedules: Vec<Schedule>,
        milestones: Vec<u32>,
        optimizer: &mut dyn Optimizer,
    ) -> Result<SequentialLR> {
        if schedules.is_empty() || milestones.len() != schedules.len() - 1 {
            return Err(Error::Value(format!(
                "Sequential Schedulers expects number of schedulers provided to be one more than the number of \
                 milestone points, but got number of schedulers {} and the number of milestones to be equal to {}",
                schedules.len(),
                milestones.len()
            )));
        }
        let state = start(optimizer);
        let schedulers = schedules.into_iter().map(|schedule| LRScheduler { schedule, state: state.clone() });
        let mut schedulers: Vec<LRScheduler> = schedulers.collect();
        schedulers[0].restart(optimizer);
        Ok(SequentialLR { schedulers, milestones, epoch: 0 })
    }

    /// The next epoch.
    pub fn step(&mut self, optimizer: &mut dyn Optimizer) {
        self.epoch += 1;
        let at = self.milestones.partition_point(|&m| m <= self.epoch);
        let begins = at > 0 && self.milestones[at - 1] == self.epoch;
        if let Some(scheduler) = self.schedulers.get_mut(at) {
            if begins { scheduler.restart(optimizer) } else { scheduler.step(optimizer) }
        }
    }

    /// The epoch, and where each schedule is.
    pub fn state_dict(&self) -> (u32, Vec<SchedulerState>) {
        (self.epoch, self.schedulers.iter().map(LRScheduler::state_dict).collect())
    }

    /// Goes on from there.
    pub fn load_state_dict(&mut self, (epoch, states): &(u32, Vec<SchedulerState>)) {
        self.epoch = *epoch;
        self.schedulers
            .iter_mut()
            .zip(states)
            .for_each(|(scheduler, state)| scheduler.load_state_dict(state));
    }
}
