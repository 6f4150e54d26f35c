//! Layers without parameters.

use super::{Module, repr};
use crate::error::Result;
use crate::tensor::Tensor;

macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident => |$x:ident| $body:expr;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name;

        impl Module for $name {
            fn forward(&self, $x: &Tensor) -> Result<Tensor> {
                $body
            }
        })+
    };
}

/// The fields are PyTorch's arguments of these names, with PyTorch's defaults.
macro_rules! with_options {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $default:expr),+ } => |$x:ident| $body:expr;
        $repr:expr;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name {
            $(#[doc = concat!("PyTorch's `", stringify!($field), "`; `", stringify!($default), "` unless given")]
            pub $field: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $($field: $default),+ }
            }
        }

        impl Module for $name {
            fn forward(&self, $x: &Tensor) -> Result<Tensor> {
                let $name { $($field),+ } = *self;
                $body
            }

            fn extra_repr(&self) -> String {
                let $name { $($field),+ } = *self;
                $repr
            }
        })+
    };
}

plain! {
    /// max(x, 0)
    ReLU => |x| x.relu();
    /// 1 / (1 + e⁻ˣ)
    Sigmoid => |x| x.sigmoid();
    /// tanh x
    Tanh => |x| x.tanh();
    /// x sigmoid(x)
    SiLU => |x| x.silu();
}

with_options! {
    /// x where x > 0, else negative_slope · x
    LeakyReLU { negative_slope: f64 = 0.01 } => |x| x.leaky_relu(negative_slope);
        format!("negative_slope={}", repr::float(negative_slope));
    /// x where x > 0, else alpha (eˣ − 1)
    ELU { alpha: f64 = 1.0 } => |x| x.elu(alpha);
        format!("alpha={}", repr::float(alpha));
    /// x Φ(x), exact, or with `tanh` for Φ (PyTorch's `approximate="tanh"`)
    GELU { tanh: bool = false } => |x| if tanh { x.gelu_tanh() } else { x.gelu() };
        format!("approximate='{}'", if tanh { "tanh" } else { "none" });
    /// ln(1 + e^(βx)) / β; x itself where βx is above the threshold
    Softplus { beta: f64 = 1.0, threshold: f64 = 20.0 } => |x| x.softplus(beta, threshold);
        format!("beta={}, threshold={}", repr::float(beta), repr::float(threshold));
    /// eˣ / Σ eˣ over a dimension
    Softmax { dim: isize = -1 } => |x| x.softmax(dim);
        format!("dim={dim}");
    /// x − ln Σ eˣ over a dimension
    LogSoftmax { dim: isize = -1 } => |x| x.log_softmax(dim);
        format!("dim={dim}");
    /// Dimensions `start_dim..=end_dim` as one: all but the batch
    Flatten { start_dim: isize = 1, end_dim: isize = -1 } => |x| x.flatten(start_dim, end_dim);
        format!("start_dim={start_dim}, end_dim={end_dim}");
}
