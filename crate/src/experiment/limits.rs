//! Every bound of the document, in one place. A document is untrusted: these are checked before
//! anything is allocated for it, and a message names the bound.

use super::problem::Range;

/// The longest title, in characters.
pub const TITLE: usize = 200;
/// The longest column name or comparison label, in characters.
pub const NAME: usize = 64;
/// The largest integer that JavaScript holds: seeds go up to it.
pub const SEED: u64 = (1 << 53) - 1;
/// Rows times columns of a table.
pub const CELLS: usize = 2_000_000;
/// Columns of a table.
pub const COLUMNS: usize = 10_000;
/// Classes of a table with a name: as many as a linear layer can tell apart.
pub const CLASSES: usize = WIDTH as usize;
/// Points of a generated data set.
pub const POINTS: u64 = 100_000;
/// Layers of a model.
pub const LAYERS: usize = 64;
/// Output features of a linear layer, channels of a convolution.
pub const WIDTH: u64 = 4096;
/// Kernel sizes, strides and paddings.
pub const KERNEL: u64 = 256;
/// Dimensions of an input shape.
pub const DIMENSIONS: usize = 4;
/// Parameters of a model.
pub const PARAMETERS: u64 = 10_000_000;
/// Values that one batch makes on its way through all layers.
pub const ACTIVATIONS: u64 = 64_000_000;
/// Parameters that are nudged one by one for a finite difference.
pub const NUDGED_PARAMETERS: u64 = 10_000;
/// Epochs times batches of an epoch: a day of the fastest training. Nothing is kept for each step, so this
/// bounds no memory; step numbers stay whole in a double, and on the axis of a chart, which ends at 1e15.
pub const STEPS: u64 = 1_000_000_000_000;
/// Epochs: each has a step at least.
pub const EPOCHS: u64 = STEPS;
/// Epochs that a schedule counts: `step_size`, `T_max`. As good as never, and 32 bits.
pub const PERIOD: u64 = 4_000_000_000;
/// Rows of a batch.
pub const BATCH: u64 = 1_000_000;
/// Comparisons.
pub const COMPARISONS: usize = 16;
/// Fields that one comparison sets.
pub const SETTINGS: usize = 16;
/// Values of all `predict` rows together.
pub const PREDICT_CELLS: usize = 100_000;
/// Problems that are reported at once.
pub const PROBLEMS: usize = 20;
/// How deeply arrays and objects may nest in JSON text.
pub const DEPTH: usize = 32;
/// The longest JSON text, in bytes: room for [`CELLS`] with all their digits.
pub const TEXT: usize = 64 << 20;
/// The longest link, and the most that one may inflate to, in bytes.
pub const LINK: usize = 16 << 20;

/// The share of rows held out.
pub const VALIDATION: Range = Range::Closed(0.0, 0.9);
/// Noise of a generated data set.
pub const NOISE: Range = Range::Closed(0.0, 10.0);
/// The step of a finite difference.
pub const NUDGE: Range = Range::Closed(1e-12, 1.0);
/// A number of a table: what float32 can hold.
pub const CELL: Range = Range::Closed(-(f32::MAX as f64), f32::MAX as f64);
