//! Layers without parameters.

use super::Module;
use crate::error::Result;
use crate::tensor::Tensor;

macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident { $field:ident } => |$x:ident| $body:expr;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name {
            /// As PyTorch's argument of this name.
            pub $field: f64,
        }

        impl Module for $name {
            fn forward(&self, $x: &Tensor) -> Result<Tensor> {
                let $field = self.$field;
                $body
            }
        })+
    };
}

macro_rules! plain_activations {
    ($($(#[$doc:meta])* $name:ident => |$x:ident| $body:expr;)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Module for $name {
            fn forward(&self, $x: &Tensor) -> Result<Tensor> {
                $body
            }
        })+
    };
}

plain_activations! {
    /// max(x, 0)
    ReLU => |x| x.relu();
    /// 1 / (1 + e⁻ˣ)
    Sigmoid => |x| x.sigmoid();
    /// tanh x
    Tanh => |x| x.tanh();
    /// x Φ(x), exact
    GELU => |x| x.gelu();
    /// x sigmoid(x)
    SiLU => |x| x.silu();
    /// ln(1 + eˣ)
    Softplus => |x| x.softplus(1.0, 20.0);
    /// eˣ / Σ eˣ over the last dimension
    Softmax => |x| x.softmax(-1);
    /// Every dimension but the batch as one
    Flatten => |x| x.flatten(1, -1);
}

activations! {
    /// x where x > 0, else negative_slope · x
    LeakyReLU { negative_slope } => |x| x.leaky_relu(negative_slope);
    /// x where x > 0, else alpha (eˣ − 1)
    ELU { alpha } => |x| x.elu(alpha);
}
