//! Gradus: tensors, autograd and training with PyTorch's names and PyTorch's numbers.
//!
//! The modules form layers; each imports only from those above it in this list, and a test
//! (`tests/layers.rs`) keeps it so.

pub mod error;

pub mod dtype;
pub mod list;
pub mod shape;

pub mod rng;

pub mod op;

pub mod backend;

pub mod tensor;

pub mod autograd;

pub mod nn;
pub mod optim;

pub mod data;

pub mod io;

pub mod experiment;
#[cfg(feature = "charts")]
pub mod plot;

#[cfg(target_arch = "wasm32")]
pub mod web;
