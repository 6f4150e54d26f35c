//! What an optimizer keeps from step to step, for parameters in one block.

use crate::backend::cpu;
use crate::op::{Penalty, Update};

/// An optimizer's state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Updates so far; those of plain SGD, which has no state, may be left out
    pub updates: u64,
    /// Whether there is momentum
    pub begun: bool,
    /// Blocks as long as all parameters: momentum; Adam's first and second moments; …
    pub moments: Vec<Vec<f32>>,
}

impl State {
    /// One update: `rule` gives its numbers, see [`super::Rule::rule`], and new blocks start with `initial`.
    pub fn update(
        &mut self,
        rule: impl FnOnce(u64, bool) -> (Update, Penalty),
        initial: f32,
        parameters: &mut [f32],
        gradients: &[f32],
    ) {
        self.updates += 1;
        let (update, penalty) = rule(self.updates, self.begun);
        self.begun |= update.blocks() > 0;
        if self.moments.len() < update.blocks() {
            self.moments.resize_with(update.blocks(), || vec![initial; gradients.len()]);
        }
        cpu::update(&update, penalty, parameters, gradients, &mut self.moments);
    }

    /// The numbers of the update that comes after `later` others.
    #[cfg(feature = "webgpu")]
    pub fn numbers(&self, later: u64, rule: impl Fn(u64, bool) -> (Update, Penalty)) -> (Update, Penalty) {
        let (update, penalty) = rule(self.updates + later + 1, self.begun);
        match later > 0 && !self.begun && update.blocks() > 0 {
            true => rule(self.updates + later + 1, true),
            false => (update, penalty),
        }
    }

    /// So many updates were made elsewhere, to this state.
    #[cfg(feature = "webgpu")]
    pub fn take_over(&mut self, updates: u64, moments: Vec<Vec<f32>>) {
        self.updates += updates;
        self.begun |= !moments.is_empty();
        // Blocks that the rule has no use for now stay.
        let rest = self.moments.split_off(moments.len().min(self.moments.len()));
        self.moments = moments;
        self.moments.extend(rest);
    }

    /// The same for parameters that lie otherwise: `place` gives the new block for one of the old.
    pub fn placed(&self, place: impl Fn(&[f32]) -> Vec<f32>) -> State {
        let moments = self.moments.iter().map(|moment| place(moment)).collect();
        State { updates: self.updates, begun: self.begun, moments }
    }
}
