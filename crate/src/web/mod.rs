//! The crate for JavaScript. The only place that knows JavaScript's types.

pub mod charts;
mod convert;
pub mod document;
pub mod engine;
pub mod trainer;
