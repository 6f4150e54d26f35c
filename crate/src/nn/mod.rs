//! Layers, losses and initialisation, under the names of `torch.nn`.

mod activation;
mod conv;
mod embedding;
pub mod functional;
mod hooks;
pub mod init;
mod linear;
mod loss;
mod module;
mod norm;
mod pool;
mod regularize;
mod repr;
mod sequential;
mod state;
mod summary;
pub mod utils;

pub use activation::{
    ELU, Flatten, GELU, LeakyReLU, LogSoftmax, ReLU, SiLU, Sigmoid, Softmax, Softplus, Tanh,
};
pub use conv::{Conv2d, Conv2dOptions, PaddingMode, Pair};
pub use embedding::Embedding;
pub use functional::Reduction;
pub use hooks::{ForwardHook, Hooked, Hooks, RemovableHandle, register_module_forward_hook};
pub use linear::Linear;
pub use loss::{
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, KLDivLoss, L1Loss, Loss, MSELoss, NLLLoss,
    SmoothL1Loss,
};
pub use module::{Module, ModuleExt};
pub use norm::{BatchNorm, BatchNorm1d, BatchNorm2d, LayerNorm, NormOptions};
pub use pool::{AvgPool2d, MaxPool2d, PoolOptions};
pub use regularize::Dropout;
pub use sequential::Sequential;
pub use state::{IncompatibleKeys, StateDict};
pub use summary::{LayerRow, Summary, summary, summary_of};

use crate::rng::Generator;
use crate::tensor::Tensor;
use std::cell::RefCell;
use std::rc::Rc;

/// A random number generator that layers share, so that they draw in the order that PyTorch's
/// default generator would.
pub type SharedGenerator = Rc<RefCell<Generator>>;

/// A new parameter: a leaf that requires a gradient.
fn parameter(values: Tensor) -> Tensor {
    values.requires_grad_(true).expect("a new f32 tensor is a floating-point leaf")
}
