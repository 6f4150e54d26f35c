//! Convolution over `[N, C, H, W]`.

use super::linear::{default_parameters, named};
use super::{Module, functional};
use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::Tensor;

/// Height and width: one number for both, or a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair(pub usize, pub usize);

impl From<usize> for Pair {
    fn from(both: usize) -> Pair {
        Pair(both, both)
    }
}

impl From<(usize, usize)> for Pair {
    fn from((height, width): (usize, usize)) -> Pair {
        Pair(height, width)
    }
}

impl From<Pair> for (usize, usize) {
    fn from(Pair(height, width): Pair) -> (usize, usize) {
        (height, width)
    }
}

/// The arguments of `nn.Conv2d` with PyTorch's defaults:
/// `Conv2dOptions::new(3).stride(2).padding((1, 0))`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv2dOptions {
    /// Height and width of the window
    pub kernel: (usize, usize),
    /// Steps between windows; 1
    pub stride: (usize, usize),
    /// Zeros on each side; 0
    pub padding: (usize, usize),
    /// Distance between the elements of a window; 1
    pub dilation: (usize, usize),
    /// Parts of the channels that do not see each other; 1
    pub groups: usize,
    /// Whether there is a bias; true
    pub bias: bool,
    /// Instead of `padding`, as many zeros as keep the planes' size (`padding="same"`); false
    pub same: bool,
}

impl Conv2dOptions {
    /// A kernel of this size and everything else at its default.
    pub fn new(kernel: impl Into<Pair>) -> Self {
        let kernel = kernel.into().into();
        Conv2dOptions {
            kernel,
            stride: (1, 1),
            padding: (0, 0),
            dilation: (1, 1),
            groups: 1,
            bias: true,
            same: false,
        }
    }

    /// With this stride.
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        Conv2dOptions { stride: stride.into().into(), ..self }
    }

    /// With this padding.
    pub fn padding(self, padding: impl Into<Pair>) -> Self {
        Conv2dOptions { padding: padding.into().into(), ..self }
    }

    /// With `padding="same"`: planes keep their size, where the stride is 1.
    pub fn same(self) -> Self {
        Conv2dOptions { same: true, ..self }
    }

    /// With this dilation.
    pub fn dilation(self, dilation: impl Into<Pair>) -> Self {
        Conv2dOptions { dilation: dilation.into().into(), ..self }
    }

    /// With so many groups.
    pub fn groups(self, groups: usize) -> Self {
        Conv2dOptions { groups, ..self }
    }

    /// With or without a bias.
    pub fn bias(self, bias: bool) -> Self {
        Conv2dOptions { bias, ..self }
    }

    pub(super) fn check(&self) -> Result<()> {
        let zero = |(a, b): (usize, usize)| a == 0 || b == 0;
        Err(Error::Value(match self {
            o if zero(o.stride) => "non-positive stride is not supported".into(),
            o if zero(o.dilation) => "dilation should be greater than zero".into(),
            o if zero(o.kernel) => "kernel size should be greater than zero".into(),
            o if o.groups == 0 => "groups must be a positive integer".into(),
            o if o.same && o.stride != (1, 1) => {
                "padding='same' is not supported for strided convolutions".into()
            }
            _ => return Ok(()),
        }))
    }
}

/// A convolution: each output channel is a product of its weights with every window of the input.
pub struct Conv2d {
    /// `[out_channels, in_channels / groups, kernel, kernel]`
    pub weight: Tensor,
    /// `[out_channels]`
    pub bias: Option<Tensor>,
    options: Conv2dOptions,
}

impl Conv2d {
    /// A layer with PyTorch's default initialisation, drawn as `nn.Linear`'s.
    ///
    /// # Errors
    /// When the channels cannot be divided into the groups, or a size is zero that cannot be.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        options: Conv2dOptions,
        generator: &mut Generator,
    ) -> Result<Conv2d> {
        options.check()?;
        for (name, channels) in [("in_channels", in_channels), ("out_channels", out_channels)] {
            if !channels.is_multiple_of(options.groups) {
                return Err(Error::Value(format!("{name} must be divisible by groups")));
            }
        }
        let (kh, kw) = options.kernel;
        let dims = [out_channels, in_channels / options.groups, kh, kw];
        let (weight, bias) = default_parameters(&dims, options.bias, generator);
        Ok(Conv2d { weight, bias, options })
    }
}

impl Module for Conv2d {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        functional::conv2d(input, &self.weight, self.bias.as_ref(), &self.options)
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        named(Some(&self.weight), self.bias.as_ref())
    }
}
