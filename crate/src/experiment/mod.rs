//! The Experiment document: what a link carries, a file saves, the page edits and the trainer runs.
//!
//! [`Experiment`] is plain data. [`read`] makes it from JSON and says, with a path, everything that
//! is wrong with a document that cannot be one; [`write`] is its inverse. [`shapes`] infers what the
//! layers take and give, [`link`] packs a document into a URL fragment, [`presets`] has some to
//! start from.

pub mod document;

pub use document::{
    Comparison, Data, Device, Experiment, Gradient, Init, Layer, Loss, Optimizer, Rows, Schedule,
};
