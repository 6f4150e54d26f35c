//! When a run ends before its epochs are done.

use serde::{Deserialize, Serialize};

/// What a document stops at. Both are looked at after every epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// A mean loss of an epoch's batches that is low enough
    pub loss: Option<f64>,
    /// So many epochs in a row after which the loss over the validation rows has not been below its lowest:
    /// the rule of Keras' `EarlyStopping`. Without validation rows it never holds.
    pub patience: Option<u32>,
}

/// Why a run ended before its epochs were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// The loss was low enough.
    Loss,
    /// The loss over the validation rows stopped falling.
    Patience,
}

/// What is known of a run, for its stop.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Watch {
    /// Of the losses of the current epoch's batches
    sum: f64,
    /// How many these are
    count: u64,
    /// The lowest loss over the validation rows
    lowest: Option<f32>,
    /// Epochs since
    waited: u32,
    over: Option<Over>,
}

impl Watch {
    pub(super) fn over(&self) -> Option<Over> {
        self.over
    }

    /// Losses of batches of the current epoch.
    pub(super) fn add(&mut self, losses: &[f32]) {
        self.sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
        self.count += losses.len() as u64;
    }

    /// At the end of an epoch. `validation` is the loss over the validation rows then.
    pub(super) fn end_epoch(&mut self, stop: &Stop, validation: Option<f32>) {
        let mean = self.sum / self.count as f64;
        (self.sum, self.count) = (0.0, 0);
        if let Some(loss) = validation {
            let better = !loss.is_nan() && self.lowest.is_none_or(|lowest| loss < lowest);
            self.waited = if better { 0 } else { self.waited + 1 };
            self.lowest = if better { Some(loss) } else { self.lowest };
        }
        self.over = if stop.loss.is_some_and(|enough| mean <= enough) {
            Some(Over::Loss)
        } else if validation.is_some() && stop.patience.is_some_and(|patience| self.waited >= patience) {
            Some(Over::Patience)
        } else {
            None
        };
    }

    /// Another stop than before: what has been seen stays, and nothing is over.
    pub(super) fn go_on(&mut self) {
        self.over = None;
        self.waited = 0;
    }
}
