//! Losses as objects with their options, as `torch.nn` has them.

use super::functional::{self as F, Reduction};
use crate::error::Result;
use crate::tensor::Tensor;

/// What is minimised.
pub trait Loss {
    /// The loss of predictions against targets.
    ///
    /// # Errors
    /// When the shapes do not fit.
    fn forward(&self, input: &Tensor, target: &Tensor) -> Result<Tensor>;
}

macro_rules! losses {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr),* $(,)? }
        => |$self:ident, $input:ident, $target:ident| $body:expr;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// What becomes of the losses of single elements; the mean
            pub reduction: Reduction,
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $default,)* reduction: Reduction::Mean }
            }
        }

        impl Loss for $name {
            fn forward(&$self, $input: &Tensor, $target: &Tensor) -> Result<Tensor> {
                $body
            }
        })+
    };
}

losses! {
    /// (p − y)²
    MSELoss {} => |self, p, y| F::mse_loss(p, y, self.reduction);
    /// |p − y|
    L1Loss {} => |self, p, y| F::l1_loss(p, y, self.reduction);
    /// See [`F::smooth_l1_loss`].
    SmoothL1Loss {
        /// Where the square becomes a line; 1
        beta: f64 = 1.0
    } => |self, p, y| F::smooth_l1_loss(p, y, self.beta, self.reduction);
    /// See [`F::huber_loss`].
    HuberLoss {
        /// Where the square becomes a line; 1
        delta: f64 = 1.0
    } => |self, p, y| F::huber_loss(p, y, self.delta, self.reduction);
    /// See [`F::binary_cross_entropy`].
    BCELoss {
        /// A factor for every element
        weight: Option<Tensor> = None
    } => |self, p, y| F::binary_cross_entropy(p, y, self.weight.as_ref(), self.reduction);
    /// See [`F::binary_cross_entropy_with_logits`].
    BCEWithLogitsLoss {
        /// A factor for every element
        weight: Option<Tensor> = None,
        /// A factor for the positive examples of each class
        pos_weight: Option<Tensor> = None
    } => |self, x, y| {
        let (weight, pos_weight) = (self.weight.as_ref(), self.pos_weight.as_ref());
        F::binary_cross_entropy_with_logits(x, y, weight, pos_weight, self.reduction)
    };
    /// See [`F::cross_entropy`].
    CrossEntropyLoss {
        /// A factor for each class, `[C]`
        weight: Option<Tensor> = None,
        /// Rows of this class are left out; −100
        ignore_index: i64 = -100,
        /// How much of a target is spread over all classes; 0
        label_smoothing: f64 = 0.0
    } => |self, x, y| F::cross_entropy(x, y, self);
    /// See [`F::nll_loss`].
    NLLLoss {
        /// A factor for each class, `[C]`
        weight: Option<Tensor> = None,
        /// Rows of this class are left out; −100
        ignore_index: i64 = -100
    } => |self, x, y| F::nll_loss(x, y, self);
    /// See [`F::kl_div`].
    KLDivLoss {
        /// Whether targets, too, are logarithms; false
        log_target: bool = false
    } => |self, x, y| F::kl_div(x, y, self.log_target, self.reduction);
}
