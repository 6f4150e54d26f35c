//! The learning rate as a function of the epoch.

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
    /// PolynomialLR: down to 0 by a power of what is left; PyTorch's defaults are 5 and 1
    Polynomial {
        /// Epochs until 0
        total_iters: u32,
        /// The exponent
        power: f64,
    },
    /// CosineAnnealingWarmRestarts: down half a cosine, then again from the top; PyTorch's `t_mult` is 1
    CosineRestarts {
        /// Epochs of the first half cosine
        t_0: u32,
        /// How many times longer each is than the one before
        t_mult: u32,
        /// The rate at the bottom
        eta_min: f64,
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
            Schedule::Polynomial { total_iters, power } => {
                let done = f64::from(epoch.min(*total_iters)) / f64::from((*total_iters).max(1));
                base * libm::pow(1.0 - done, *power)
            }
            Schedule::CosineRestarts { t_0, t_mult, eta_min } => {
                let (mut at, mut length) = (u64::from(epoch), u64::from((*t_0).max(1)));
                while at >= length {
                    at -= length;
                    length *= u64::from((*t_mult).max(1));
                }
                let turn = libm::cos(PI * at as f64 / length as f64);
                eta_min + (base - eta_min) * (1.0 + turn) / 2.0
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
            &Schedule::Polynomial { total_iters, power } => {
                if epoch > total_iters {
                    return lr;
                }
                let left = |epoch: f64| 1.0 - epoch / f64::from(total_iters);
                lr * libm::pow(left(f64::from(epoch)) / left(f64::from(epoch) - 1.0), power)
            }
            // PyTorch has no other form of it.
            Schedule::CosineRestarts { .. } => self.rate(base, epoch),
        }
    }
}
