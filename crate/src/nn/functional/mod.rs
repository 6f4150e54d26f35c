//! Layers and losses as functions, as `torch.nn.functional`. What a tensor has as a method (`x.relu()`,
//! `x.linear(…)`) is not here again.

mod classes;
mod losses;
mod simple;
mod windows;

pub use classes::{cross_entropy, kl_div, nll_loss};
pub use losses::{
    binary_cross_entropy, binary_cross_entropy_with_logits, huber_loss, l1_loss, mse_loss, smooth_l1_loss,
    weighted,
};
pub use simple::{EmbeddingOptions, batch_norm, dropout, embedding, embedding_with, layer_norm};
pub use windows::{avg_pool2d, conv2d, max_pool2d, max_pool2d_with_indices};

use crate::error::Result;
use crate::tensor::Tensor;

/// What becomes of the losses of single elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reduction {
    /// They are the result
    None,
    /// Their mean
    #[default]
    Mean,
    /// Their sum
    Sum,
    /// Their sum divided by the number of rows: `kl_div` has it, and only there it differs from PyTorch's
    /// other losses, which refuse it
    BatchMean,
}

impl Reduction {
    /// Reduces the losses of single elements.
    fn of(self, losses: Tensor) -> Result<Tensor> {
        match self {
            Reduction::None => Ok(losses),
            Reduction::Mean => losses.mean(),
            Reduction::Sum => losses.sum(),
            Reduction::BatchMean => losses.sum()?.div(losses.dims().first().copied().unwrap_or(1) as f64),
        }
    }
}
