//! The types of an Experiment document, version 1. Plain data: [`read`](super::read) checks,
//! [`write`](super::write) prints.
//!
//! Names and defaults are PyTorch's wherever PyTorch has the thing.

use super::stop::Stop;
use serde_json::Value;

/// The version of the format that this crate reads and writes.
pub const VERSION: u32 = 1;

/// A whole experiment: data, model, and how to train it.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// What the experiment is called; may be empty.
    pub title: String,
    /// `manual_seed(seed)` before anything is drawn; at most 2^53 - 1, so that JavaScript can hold it.
    pub seed: u64,
    /// What is learned.
    pub data: Data,
    /// The share of the rows held out for validation, 0 to 0.9. See [`split_rows`].
    pub validation: f64,
    /// Whether inputs are standardised: see [`Standardize`](crate::data::Standardize).
    pub standardize: bool,
    /// The layers, first to last, as in `nn.Sequential`.
    pub model: Vec<Layer>,
    /// What is minimised.
    pub loss: Loss,
    /// What takes the steps.
    pub optimizer: Optimizer,
    /// How the learning rate changes; stepped once an epoch.
    pub schedule: Option<Schedule>,
    /// How often the training rows are gone through.
    pub epochs: u64,
    /// What ends the run before that.
    pub stop: Option<Stop>,
    /// `None`: all rows at once, without a loader. `Some(n)`: through the loader, n rows a step, the
    /// last and smaller batch kept.
    pub batch_size: Option<u32>,
    /// Whether the loader shuffles; without a `batch_size` there is nothing to shuffle.
    pub shuffle: bool,
    /// Where to compute.
    pub device: Device,
    /// Rows of inputs to predict for, each as long as the data has inputs.
    pub predict: Vec<Vec<f64>>,
    /// How the gradient is found.
    pub gradient: Gradient,
    /// More runs from the same initial weights, drawn in the same charts.
    pub compare: Vec<Comparison>,
}

impl Experiment {
    /// An experiment with these data and layers and every other field at its default.
    pub fn new(data: Data, model: Vec<Layer>) -> Self {
        Self {
            title: String::new(),
            seed: 0,
            data,
            validation: 0.0,
            standardize: false,
            model,
            loss: Loss::Mse,
            optimizer: Optimizer::default(),
            schedule: None,
            epochs: 50,
            stop: None,
            batch_size: None,
            shuffle: true,
            device: Device::Auto,
            predict: Vec::new(),
            gradient: Gradient::Autograd,
            compare: Vec::new(),
        }
    }
}

/// How many of `rows` train and how many validate: PyTorch's `random_split(data, [1 - v, v])`, which
/// rounds both down and gives what is left over to the first.
pub fn split_rows(rows: usize, validation: f64) -> (usize, usize) {
    let held_out = (rows as f64 * validation).floor() as usize;
    (rows - held_out.min(rows), held_out.min(rows))
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Rows in the document.
    Table {
        /// The names of the input columns.
        inputs: Vec<String>,
        /// The names of the target columns. For cross-entropy it is one column of class indices.
        targets: Vec<String>,
        /// Inputs, then targets. Empty when the data are given apart from the document.
        rows: Rows,
        /// The shape of one row's inputs, such as `[1, 8, 8]`; `None` is `[inputs.len()]`.
        input_shape: Option<Vec<usize>>,
        /// The names of the target's classes, for people: the first is that of class 0. Classes beyond
        /// the last go by their numbers. Empty where none has a name.
        classes: Vec<String>,
    },
    /// Points made by a formula; `name` is one of [`GENERATORS`].
    Generated {
        /// Which formula.
        name: String,
        /// How many points.
        points: u32,
        /// How far they stray, in the units of the inputs.
        noise: f64,
        /// The generator's own seed.
        seed: u64,
    },
    /// A data set that comes with the program; `name` is one of [`BUNDLED`].
    Bundled {
        /// Which data set.
        name: String,
    },
}

/// The names of [`Data::Generated`]: five classifications, then three regressions.
pub const GENERATORS: [&str; 8] = crate::data::NAMES;

/// The names of [`Data::Bundled`].
pub const BUNDLED: [&str; 2] = ["digits", "iris"];

/// A table of numbers, row-major.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Values in a row.
    pub columns: usize,
    /// All values; a multiple of `columns` of them.
    pub values: Vec<f64>,
}

impl Rows {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Row `index`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// The rows in order.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.columns.max(1))
    }
}

/// One layer. Input sizes are inferred, see [`shapes`](super::shapes).
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// `nn.Linear`, over the last dimension.
    Linear {
        /// Output features.
        out: u32,
        /// Whether a bias is added.
        bias: bool,
        /// How the parameters start.
        init: Init,
    },
    /// `nn.ReLU`
    Relu,
    /// `nn.Sigmoid`
    Sigmoid,
    /// `nn.Tanh`
    Tanh,
    /// `nn.LeakyReLU`
    LeakyRelu {
        /// The slope below zero.
        negative_slope: f64,
    },
    /// `nn.ELU`
    Elu {
        /// The value that is approached far below zero, negated.
        alpha: f64,
    },
    /// `nn.GELU`, the exact one.
    Gelu,
    /// `nn.SiLU`
    Silu,
    /// `nn.Softplus`
    Softplus,
    /// `nn.Softmax(dim=-1)`
    Softmax,
    /// `nn.Dropout`
    Dropout {
        /// The probability of a zero, at least 0 and below 1.
        p: f64,
    },
    /// `nn.BatchNorm1d` or `nn.BatchNorm2d`, by the shape of its input.
    BatchNorm,
    /// `nn.LayerNorm(features)`, over the last dimension.
    LayerNorm,
    /// `nn.Flatten`
    Flatten,
    /// `nn.Conv2d`, with a bias.
    Conv2d {
        /// Output channels.
        out: u32,
        /// Height and width of the kernel.
        kernel: u32,
        /// How far the kernel moves.
        stride: u32,
        /// Zeros put around the image.
        padding: u32,
        /// How the parameters start.
        init: Init,
    },
    /// `nn.MaxPool2d`
    MaxPool2d {
        /// Height and width of the window.
        kernel: u32,
        /// How far the window moves; the kernel's size unless given.
        stride: u32,
    },
}

/// The `type` of every layer, in the order of [`Layer`].
pub const LAYER_TYPES: [&str; 16] = [
    "linear",
    "relu",
    "sigmoid",
    "tanh",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "softplus",
    "softmax",
    "dropout",
    "batch_norm",
    "layer_norm",
    "flatten",
    "conv2d",
    "max_pool2d",
];

impl Layer {
    /// The layer's `type` in the document.
    pub fn kind(&self) -> &'static str {
        LAYER_TYPES[match self {
            Self::Linear { .. } => 0,
            Self::Relu => 1,
            Self::Sigmoid => 2,
            Self::Tanh => 3,
            Self::LeakyRelu { .. } => 4,
            Self::Elu { .. } => 5,
            Self::Gelu => 6,
            Self::Silu => 7,
            Self::Softplus => 8,
            Self::Softmax => 9,
            Self::Dropout { .. } => 10,
            Self::BatchNorm => 11,
            Self::LayerNorm => 12,
            Self::Flatten => 13,
            Self::Conv2d { .. } => 14,
            Self::MaxPool2d { .. } => 15,
        }]
    }

    /// `nn.Linear(…, out)`
    pub fn linear(out: u32) -> Self {
        Self::Linear { out, bias: true, init: Init::Default }
    }
}

/// How a layer's parameters start.
///
/// Whatever the choice, the layer is first built with its default init, which consumes the generator;
/// then, as `nn.init.…_(weight)` does, the choice replaces the weight.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Init {
    /// PyTorch's own.
    #[default]
    Default,
    /// `nn.init.zeros_`, the bias too.
    Zeros,
    /// `nn.init.xavier_uniform_`; the bias is zero.
    XavierUniform,
    /// `nn.init.xavier_normal_`; the bias is zero.
    XavierNormal,
    /// `nn.init.kaiming_uniform_`; the bias is zero.
    KaimingUniform,
    /// `nn.init.kaiming_normal_`; the bias is zero.
    KaimingNormal,
    /// These very numbers.
    Given {
        /// The weight, row-major.
        weight: Vec<f64>,
        /// Its shape: `[out, in]` of a linear layer, `[out, in, kernel, kernel]` of a convolution.
        shape: Vec<usize>,
        /// The bias, `out` values; `None` is zero.
        bias: Option<Vec<f64>>,
    },
}

/// What is minimised, averaged over the batch. Options are at PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// `nn.MSELoss`
    Mse,
    /// `nn.L1Loss`
    L1,
    /// `nn.SmoothL1Loss`
    SmoothL1,
    /// `nn.HuberLoss`
    Huber,
    /// `nn.BCELoss`
    Bce,
    /// `nn.BCEWithLogitsLoss`
    BceWithLogits,
    /// `nn.CrossEntropyLoss`
    CrossEntropy,
}

impl Loss {
    /// Every loss with its `type` in the document.
    pub const ALL: [(&'static str, Self); 7] = [
        ("mse", Self::Mse),
        ("l1", Self::L1),
        ("smooth_l1", Self::SmoothL1),
        ("huber", Self::Huber),
        ("bce", Self::Bce),
        ("bce_with_logits", Self::BceWithLogits),
        ("cross_entropy", Self::CrossEntropy),
    ];

    /// The loss's `type` in the document.
    pub fn kind(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// What takes the steps, with `torch.optim`'s options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Optimizer {
    /// `optim.SGD`
    Sgd {
        /// The learning rate; 0.001.
        lr: f64,
        /// 0
        momentum: f64,
        /// 0
        dampening: f64,
        /// false; needs a momentum and no dampening.
        nesterov: bool,
        /// 0
        weight_decay: f64,
    },
    /// `optim.Adam`
    Adam {
        /// The learning rate; 0.001.
        lr: f64,
        /// `[0.9, 0.999]`
        betas: [f64; 2],
        /// 1e-8
        eps: f64,
        /// 0
        weight_decay: f64,
        /// false
        amsgrad: bool,
    },
    /// `optim.AdamW`
    AdamW {
        /// The learning rate; 0.001.
        lr: f64,
        /// `[0.9, 0.999]`
        betas: [f64; 2],
        /// 1e-8
        eps: f64,
        /// 0.01
        weight_decay: f64,
        /// false
        amsgrad: bool,
    },
    /// `optim.RMSprop`
    RmsProp {
        /// The learning rate; 0.01.
        lr: f64,
        /// 0.99
        alpha: f64,
        /// 1e-8
        eps: f64,
        /// 0
        weight_decay: f64,
        /// 0
        momentum: f64,
        /// false
        centered: bool,
    },
    /// `optim.Adagrad`
    Adagrad {
        /// The learning rate; 0.01.
        lr: f64,
        /// 0
        lr_decay: f64,
        /// 0
        weight_decay: f64,
        /// 0
        initial_accumulator_value: f64,
        /// 1e-10
        eps: f64,
    },
}

impl Default for Optimizer {
    /// SGD with a learning rate of 0.001 and nothing else.
    fn default() -> Self {
        Self::default_of(0)
    }
}

impl Optimizer {
    /// The `type` of every optimizer, in the order of [`Optimizer`].
    pub const TYPES: [&'static str; 5] = ["sgd", "adam", "adamw", "rmsprop", "adagrad"];

    /// The optimizer `TYPES[index]` with PyTorch's defaults.
    pub(super) fn default_of(index: usize) -> Self {
        let (betas, eps) = ([0.9, 0.999], 1e-8);
        match index {
            0 => Self::Sgd { lr: 1e-3, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0 },
            1 => Self::Adam { lr: 1e-3, betas, eps, weight_decay: 0.0, amsgrad: false },
            2 => Self::AdamW { lr: 1e-3, betas, eps, weight_decay: 1e-2, amsgrad: false },
            3 => Self::RmsProp {
                lr: 1e-2,
                alpha: 0.99,
                eps,
                weight_decay: 0.0,
                momentum: 0.0,
                centered: false,
            },
            _ => Self::Adagrad {
                lr: 1e-2,
                lr_decay: 0.0,
                weight_decay: 0.0,
                initial_accumulator_value: 0.0,
                eps: 1e-10,
            },
        }
    }

    /// The optimizer's `type` in the document.
    pub fn kind(&self) -> &'static str {
        Self::TYPES[self.index()]
    }

    /// Its place in [`Self::TYPES`].
    pub(super) fn index(&self) -> usize {
        match self {
            Self::Sgd { .. } => 0,
            Self::Adam { .. } => 1,
            Self::AdamW { .. } => 2,
            Self::RmsProp { .. } => 3,
            Self::Adagrad { .. } => 4,
        }
    }

    /// The learning rate before any schedule.
    pub fn lr(&self) -> f64 {
        match *self {
            Self::Sgd { lr, .. }
            | Self::Adam { lr, .. }
            | Self::AdamW { lr, .. }
            | Self::RmsProp { lr, .. }
            | Self::Adagrad { lr, .. } => lr,
        }
    }
}

/// How the learning rate changes; stepped once an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// `lr_scheduler.StepLR`
    Step {
        /// Epochs between two changes.
        step_size: u32,
        /// The factor of each; 0.1.
        gamma: f64,
    },
    /// `lr_scheduler.ExponentialLR`
    Exponential {
        /// The factor of every epoch.
        gamma: f64,
    },
    /// `lr_scheduler.CosineAnnealingLR`, down to zero.
    Cosine {
        /// `T_max`: epochs from the highest rate to the lowest.
        t_max: u32,
    },
}

impl Schedule {
    /// The `type` of every schedule, in the order of [`Schedule`].
    pub const TYPES: [&'static str; 3] = ["step", "exponential", "cosine"];

    /// The schedule's `type` in the document.
    pub fn kind(&self) -> &'static str {
        Self::TYPES[match self {
            Self::Step { .. } => 0,
            Self::Exponential { .. } => 1,
            Self::Cosine { .. } => 2,
        }]
    }
}

/// Where to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// Whichever is quicker here.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The graphics processor.
    WebGpu,
}

impl Device {
    /// Every device with its name in the document.
    pub const ALL: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("cpu", Self::Cpu), ("webgpu", Self::WebGpu)];

    /// The device's name in the document.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// How the gradient is found.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Gradient {
    /// Backwards through the graph.
    #[default]
    Autograd,
    /// Every parameter is nudged in turn by this much, and the loss is evaluated in f64.
    FiniteDifference(f64),
}

/// One more run, with some fields set differently.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What the chart calls it.
    pub label: String,
    /// Paths such as `optimizer.lr` or `model[1].type`, each with its JSON value.
    pub set: Vec<(String, Value)>,
}
