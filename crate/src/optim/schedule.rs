//! The learning rate as a function of the epoch.

use super::Optimizer;
use std::f64::consts::PI;

/// A schedule from `torch.optim.lr_scheduler`, stepped once an epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// StepLR: times gamma every `step_size` epochs
    Step {
        /// Epochs between changes
        step_size: u32,
        /// The factor
        gamma: f64,
    },
    /// MultiStepLR: times gamma at each milestone
    MultiStep {
        /// Epochs; one that is there twice counts twice
        milestones: Vec<u32>,
        /// The factor
        gamma: f64,
    },
    /// ExponentialLR: times gamma every epoch
    Exponential {
        /// The factor
        gamma: f64,
    },
    /// CosineAnnealingLR: down half a cosine in `t_max` epochs, then up again
    Cosine {
        /// Epochs from the top to the bottom
        t_max: u32,
        /// The rate at the bottom
        eta_min: f64,
    },
    /// LinearLR: the factor goes from one to the other in a line. From below 1 up to 1 it is a warm-up;
    /// PyTorch's defaults are 1/3, 1 and 5
    Linear {
        /// The factor at first
        start_factor: f64,
        /// The factor at the end
        end_factor: f64,
        /// Epochs in between
        total_iters: u32,
    },
    /// ConstantLR: a factor for the first epochs; PyTorch's defaults are 1/3 and 5
    Constant {
        /// The factor
        factor: f64,
        /// Epochs
        total_iters: u32,
    },
}

impl Schedule {
    /// The rate in an epoch, counted from 0: PyTorch's closed forms.
    pub fn rate(&self, base: f64, epoch: u32) -> f64 {
        let times = |gamma: f64, n: u32| base * libm::pow(gamma, f64::from(n));
        match self {
            Schedule::Step { step_size, gamma } => times(*gamma, epoch / (*step_size).max(1)),
            Schedule::MultiStep { milestones, gamma } => {
                times(*gamma, milestones.iter().filter(|&&m| m <= epoch).count() as u32)
            }
            Schedule::Exponential { gamma } => times(*gamma, epoch),
            Schedule::Cosine { t_max, eta_min } => {
                let turn = libm::cos(PI * f64::from(epoch) / f64::from((*t_max).max(1)));
                eta_min + (base - eta_min) * (1.0 + turn) / 2.0
            }
            Schedule::Linear { start_factor, end_factor, total_iters } => {
                let done = f64::from(epoch.min(*total_iters)) / f64::from((*total_iters).max(1));
                base * (start_factor + (end_factor - start_factor) * done)
            }
            Schedule::Constant { factor, total_iters } => {
                if epoch < *total_iters {
                    base * factor
                } else {
                    base
                }
            }
        }
    }

    /// The rate of `epoch` (from 1 on) from that of the epoch before: PyTorch's chainable forms, which
    /// work on a rate that something else has changed, too.
    pub fn next(&self, lr: f64, base: f64, epoch: u32) -> f64 {
        let cos = |n: f64, t_max: u32| libm::cos(PI * n / f64::from(t_max.max(1)));
        match self {
            Schedule::Step { step_size, gamma } => {
                if epoch.is_multiple_of((*step_size).max(1)) {
                    lr * gamma
                } else {
                    lr
                }
            }
            Schedule::MultiStep { milestones, gamma } => {
                let count = milestones.iter().filter(|&&m| m == epoch).count();
                if count == 0 { lr } else { lr * libm::pow(*gamma, count as f64) }
            }
            Schedule::Exponential { gamma } => lr * gamma,
            &Schedule::Cosine { t_max, eta_min } => {
                let t = i64::from(t_max.max(1));
                if (i64::from(epoch) - 1 - t).rem_euclid(2 * t) == 0 {
                    // From the bottom, where the quotient below would be 0 / 0
                    return lr + (base - eta_min) * (1.0 - cos(1.0, t_max)) / 2.0;
                }
                let (now, before) = (cos(f64::from(epoch), t_max), cos(f64::from(epoch) - 1.0, t_max));
                (1.0 + now) / (1.0 + before) * (lr - eta_min) + eta_min
            }
            &Schedule::Linear { start_factor, end_factor, total_iters } => {
                if epoch > total_iters {
                    return lr;
                }
                let step = end_factor - start_factor;
                lr * (1.0 + step / (f64::from(total_iters) * start_factor + (f64::from(epoch) - 1.0) * step))
            }
            &Schedule::Constant { factor, total_iters } => {
                if epoch == total_iters {
                    lr * (1.0 / factor)
                } else {
                    lr
                }
            }
        }
    }
}

/// Moves an optimizer's learning rates by a [`Schedule`], group by group.
pub struct LRScheduler {
    schedule: Schedule,
    base: Vec<f64>,
    epoch: u32,
}

impl LRScheduler {
    /// Starts at epoch 0, where a warm-up sets the rates at once.
    pub fn new(schedule: Schedule, optimizer: &mut dyn Optimizer) -> LRScheduler {
        let mut new = LRScheduler { schedule, base: optimizer.lrs(), epoch: 0 };
        new.restart(optimizer);
        new
    }

    /// The rates of epoch 0.
    fn restart(&mut self, optimizer: &mut dyn Optimizer) {
        self.epoch = 0;
        let lrs: Vec<f64> = self.base.iter().map(|&base| self.schedule.rate(base, 0)).collect();
        optimizer.set_lrs(&lrs);
    }

    /// The next epoch. Call it after the epoch's updates.
    pub fn step(&mut self, optimizer: &mut dyn Optimizer) {
        self.epoch += 1;
        let rates = optimizer.lrs().into_iter().zip(&self.base);
        let lrs: Vec<f64> = rates.map(|(lr, &base)| self.schedule.next(lr, base, self.epoch)).collect();
        optimizer.set_lrs(&lrs);
    }

    /// The epoch that it is at, counted from 0.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }
}

/// One schedule after the other: each begins at its milestone, from its own epoch 0.
pub struct SequentialLR {
    schedulers: Vec<LRScheduler>,
    milestones: Vec<u32>,
    epoch: u32,
}

impl SequentialLR {
    /// Schedules and, between each two, the epoch at which the second begins.
    pub fn new(schedules: Vec<Schedule>, milestones: Vec<u32>, optimizer: &mut dyn Optimizer) -> Self {
        let base = optimizer.lrs();
        let schedulers =
            schedules.into_iter().map(|schedule| LRScheduler { schedule, base: base.clone(), epoch: 0 });
        let mut schedulers: Vec<LRScheduler> = schedulers.collect();
        if let Some(first) = schedulers.first_mut() {
            first.restart(optimizer);
        }
        SequentialLR { schedulers, milestones, epoch: 0 }
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
}
