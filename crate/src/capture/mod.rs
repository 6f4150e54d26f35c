//! Capture: one training step is recorded as it runs eagerly, planned, and then replayed without
//! allocating, without a graph and without looking at shapes again.
//!
//! A [`Session`] holds what lives from step to step: parameters, gradients and the optimizer's state,
//! each in one block, and everything else that a step changes. A plan, named by its [`PlanId`], is one
//! recorded step for inputs of certain sizes. What is not an input, a parameter, a random draw or a tensor
//! from before the recording is baked in; what could not be repeated (reading an element, for one) is
//! refused while recording. A replay gives the bits that the eager step would have given.

pub mod compile;
#[cfg(feature = "webgpu")]
mod gpu;
mod plan;
mod session;
mod state;
mod trace;

#[cfg(feature = "webgpu")]
pub use gpu::{MOST_STEPS, Made, Steps};
pub use session::{PlanId, Rule, Session};
pub use state::State;
