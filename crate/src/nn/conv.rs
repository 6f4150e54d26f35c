//! Convolution over `[N, C, H, W]`.

use super::linear::{default_parameters, named};
use super::{Module, functional, repr};
use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::{PadMode, Tensor};

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

/// What stands around the planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaddingMode {
    /// Zeros
    #[default]
    Zeros,
    /// The elements mirrored at the outermost
    Reflect,
    /// The outermost element again and again
    Replicate,
    /// The elements from the other end
    Circular,
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
    /// What the padding is; zeros
    pub padding_mode: PaddingMode,
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
            padding_mode: PaddingMode::Zeros,
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

    /// With another padding than zeros.
    pub fn padding_mode(self, padding_mode: PaddingMode) -> Self {
        Conv2dOptions { padding_mode, ..self }
    }

    /// With so many groups.
    pub fn groups(self, groups: usize) -> Self {
        Conv2dOptions { groups, ..self }
    }

    /// With or without a bias.
    pub fn bias(self, bias: bool) -> Self {
        Conv2dOptions { bias, ..self }
    }

    /// What is added before and after each dimension, the last one first.
    pub(super) fn around(&self) -> [isize; 4] {
        let along = |kernel: usize, dilation: usize, padding: usize| {
            let all = if self.same { dilation * kernel.saturating_sub(1) } else { 2 * padding };
            // Of an odd number, one more after than before.
            [all / 2, all - all / 2].map(|n| n as isize)
        };
        let [top, bottom] = along(self.kernel.0, self.dilation.0, self.padding.0);
        let [left, right] = along(self.kernel.1, self.dilation.1, self.padding.1);
        [left, right, top, bottom]
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
        let (weight, bias, o) = (&self.weight, self.bias.as_ref(), &self.options);
        let mode = match o.padding_mode {
            PaddingMode::Zeros => return functional::conv2d(input, weight, bias, o),
            PaddingMode::Reflect => PadMode::Reflect,
            PaddingMode::Replicate => PadMode::Replicate,
            PaddingMode::Circular => PadMode::Circular,
        };
        let padded = input.pad_with(&o.around(), mode)?;
        functional::conv2d(&padded, weight, bias, &Conv2dOptions { same: false, padding: (0, 0), ..*o })
    }

    fn extra_repr(&self) -> String {
        let o = &self.options;
        let &[out, part, ..] = self.weight.dims() else { return String::new() };
        let mut text = format!("{}, {out}", part * o.groups);
        let padding = if o.same { "same".into() } else { repr::pair(o.padding) };
        let mode = match o.padding_mode {
            PaddingMode::Zeros => "zeros",
            PaddingMode::Reflect => "reflect",
            PaddingMode::Replicate => "replicate",
            PaddingMode::Circular => "circular",
        };
        // With what each has when it is not printed
        let options = [
            ("kernel_size", repr::pair(o.kernel), ""),
            ("stride", repr::pair(o.stride), ""),
            ("padding", padding, "(0, 0)"),
            ("dilation", repr::pair(o.dilation), "(1, 1)"),
            ("groups", o.groups.to_string(), "1"),
            ("bias", repr::flag(self.bias.is_some()).into(), "True"),
            ("padding_mode", mode.into(), "zeros"),
        ];
        for (name, value, default) in options {
            if value != default {
                text += &[", ", name, "=", &value].concat();
            }
        }
        text
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        named(Some(&self.weight), self.bias.as_ref())
    }
}
