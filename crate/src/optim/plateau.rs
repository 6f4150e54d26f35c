//! `torch.optim.lr_scheduler.ReduceLROnPlateau`.

use super::Optimizer;

/// Whether smaller or larger is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlateauMode {
    /// Smaller
    #[default]
    Min,
    /// Larger
    Max,
}

/// What an improvement is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThresholdMode {
    /// A share of the best
    #[default]
    Rel,
    /// A distance from the best
    Abs,
}

/// The arguments, with PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateauOptions {
    /// Smaller is better
    pub mode: PlateauMode,
    /// What a rate is multiplied by; 0.1
    pub factor: f64,
    /// Epochs without an improvement that are borne; 10
    pub patience: u32,
    /// What counts as an improvement; 1e-4
    pub threshold: f64,
    /// A share of the best
    pub threshold_mode: ThresholdMode,
    /// Epochs after a reduction in which bad ones do not count; 0
    pub cooldown: u32,
    /// The lowest rate; 0
    pub min_lr: f64,
    /// Smaller changes of the rate are not made; 1e-8
    pub eps: f64,
}

impl Default for PlateauOptions {
    fn default() -> Self {
        PlateauOptions {
            mode: PlateauMode::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Rel,
            cooldown: 0,
            min_lr: 0.0,
            eps: 1e-8,
        }
    }
}

/// Reduces the learning rates when a metric has stopped improving.
pub struct ReduceLROnPlateau {
    options: PlateauOptions,
    state: PlateauState,
}

/// Where it is: what PyTorch's `state_dict()` has beside the arguments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlateauState {
    /// The best metric so far
    pub best: f64,
    /// Epochs without an improvement
    pub num_bad_epochs: u32,
    /// Epochs in which bad ones do not count yet
    pub cooldown_counter: u32,
    /// Epochs so far
    pub last_epoch: u32,
}

impl ReduceLROnPlateau {
    /// Before the first epoch.
    pub fn new(options: PlateauOptions) -> ReduceLROnPlateau {
        let best = if options.mode == PlateauMode::Min { f64::INFINITY } else { f64::NEG_INFINITY };
        let state = PlateauState { best, num_bad_epochs: 0, cooldown_counter: 0, last_epoch: 0 };
        ReduceLROnPlateau { options, state }
    }

    /// The metric of the epoch that has ended.
    pub fn step(&mut self, metric: f64, optimizer: &mut dyn Optimizer) {
        let o = self.options;
        let better = self.is_better(metric);
        let s = &mut self.state;
        s.last_epoch += 1;
        if better {
            s.best = metric;
            s.num_bad_epochs = 0;
        } else {
            s.num_bad_epochs += 1;
        }
        if s.cooldown_counter > 0 {
            s.cooldown_counter -= 1;
            s.num_bad_epochs = 0;
        }
        if s.num_bad_epochs > o.patience {
            let reduced = |lr: f64| {
                let new = (lr * o.factor).max(o.min_lr);
                if lr - new > o.eps { new } else { lr }
            };
            let lrs: Vec<f64> = optimizer.lrs().into_iter().map(reduced).collect();
            optimizer.set_lrs(&lrs);
            s.cooldown_counter = o.cooldown;
            s.num_bad_epochs = 0;
        }
    }

    /// Where it is.
    pub fn state_dict(&self) -> PlateauState {
        self.state
    }

    /// Goes on from there.
    pub fn load_state_dict(&mut self, state: &PlateauState) {
        self.state = *state;
    }

    fn is_better(&self, metric: f64) -> bool {
        let PlateauOptions { threshold, .. } = self.options;
        match (self.options.mode, self.options.threshold_mode) {
            (PlateauMode::Min, ThresholdMode::Rel) => metric < self.state.best * (1.0 - threshold),
            (PlateauMode::Min, ThresholdMode::Abs) => metric < self.state.best - threshold,
            (PlateauMode::Max, ThresholdMode::Rel) => metric > self.state.best * (threshold + 1.0),
            (PlateauMode::Max, ThresholdMode::Abs) => metric > self.state.best + threshold,
        }
    }
}
