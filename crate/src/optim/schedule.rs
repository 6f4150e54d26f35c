//! The learning rate as a function of the epoch.

use std::f64::consts::PI;

/// A schedule from `torch.optim.lr_scheduler`, stepped once an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// StepLR: times gamma every `step_size` epochs
    Step {
        /// Epochs between changes
        step_size: u32,
        /// The factor
        gamma: f64,
    },
    /// ExponentialLR: times gamma every epoch
    Exponential {
        /// The factor
        gamma: f64,
    },
    /// CosineAnnealingLR with eta_min 0: down half a cosine in `t_max` epochs, then up again
    Cosine {
        /// Epochs from the top to the bottom
        t_max: u32,
    },
}

impl Schedule {
    /// The rate in an epoch, counted from 0.
    pub fn rate(&self, base: f64, epoch: u32) -> f64 {
        match *self {
            Schedule::Step { step_size, gamma } => {
                base * libm::pow(gamma, f64::from(epoch / step_size.max(1)))
            }
            Schedule::Exponential { gamma } => base * libm::pow(gamma, f64::from(epoch)),
            Schedule::Cosine { t_max } => {
                base * (1.0 + libm::cos(PI * f64::from(epoch) / f64::from(t_max.max(1)))) / 2.0
            }
        }
    }
}
