//! The Experiment document: what a link carries, a file saves, the page edits and the trainer runs.
//!
//! [`Experiment`] is plain data. [`read`] makes it from JSON and says, with a path, everything that
//! is wrong with a document that cannot be one; [`mod@write`] is its inverse. [`shapes`] infers what the
//! layers take and give, [`check`] whether the whole fits together, [`compare`] makes the runs to
//! compare with, [`model`] builds the layers and [`trainer`]
//! runs them, [`stop`] ends them early, [`history`] keeps their losses, [`inspect`] looks into them, [`nudge`] does so
//! without derivatives, [`link`] packs a document into a URL fragment,
//! [`presets`] has some to start from.

pub mod document;
pub mod limits;
pub mod problem;

mod cursor;
mod decimal;
mod json;
mod node;
mod read_data;
mod read_model;

mod captured;
pub mod check;
pub mod compare;
pub mod history;
pub mod inspect;
pub mod link;
mod live;
pub mod model;
pub mod nudge;
pub mod presets;
pub mod read;
pub mod shapes;
pub mod stop;
pub mod trainer;
pub mod write;

pub use document::{
    Comparison, Data, Device, Experiment, Gradient, Init, Layer, Loss, Optimizer, Rows, Schedule,
};
pub use problem::{Problem, Problems};
pub use read::{ReadOptions, from_text, from_value};
pub use shapes::{LayerSummary, Summary, summary};
pub use stop::Stop;
