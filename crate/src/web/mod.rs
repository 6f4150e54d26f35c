//! The crate for JavaScript. The only place that knows JavaScript's types.

#[cfg(feature = "charts")]
pub mod charts;
mod checkpoint;
mod convert;
#[cfg(feature = "documents")]
pub mod document;
pub mod engine;
#[cfg(feature = "webgpu")]
pub mod gpu;
pub mod inspect;
pub mod tensor;
pub mod trainer;
