//! Pooling over `[N, C, H, W]`.

use super::conv::Pair;
use super::{Module, functional, repr};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// The arguments of `nn.MaxPool2d` and `nn.AvgPool2d` with PyTorch's defaults:
/// `PoolOptions::new(3).stride(2).padding(1)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions {
    /// Height and width of the window
    pub kernel: (usize, usize),
    /// Steps between windows; the kernel's size
    pub stride: (usize, usize),
    /// What is added on each side, at most half of the window; 0
    pub padding: (usize, usize),
    /// Distance between the elements of a window; 1. For the maximum only
    pub dilation: (usize, usize),
    /// Whether a last window that begins inside may end beyond; false
    pub ceil_mode: bool,
    /// Whether padding counts in a mean; true
    pub count_include_pad: bool,
    /// What a mean divides by instead of the number of elements
    pub divisor_override: Option<isize>,
}

impl PoolOptions {
    /// Windows of this size side by side.
    pub fn new(kernel: impl Into<Pair>) -> Self {
        let kernel = kernel.into().into();
        PoolOptions {
            kernel,
            stride: kernel,
            padding: (0, 0),
            dilation: (1, 1),
            ceil_mode: false,
            count_include_pad: true,
            divisor_override: None,
        }
    }

    /// With this stride.
    pub fn stride(self, stride: impl Into<Pair>) -> Self {
        PoolOptions { stride: stride.into().into(), ..self }
    }

    /// With this padding.
    pub fn padding(self, padding: impl Into<Pair>) -> Self {
        PoolOptions { padding: padding.into().into(), ..self }
    }

    /// With this dilation.
    pub fn dilation(self, dilation: impl Into<Pair>) -> Self {
        PoolOptions { dilation: dilation.into().into(), ..self }
    }

    /// With or without a last window that ends beyond the planes.
    pub fn ceil_mode(self, ceil_mode: bool) -> Self {
        PoolOptions { ceil_mode, ..self }
    }

    fn repr(&self) -> String {
        let [kernel, stride, padding] = [self.kernel, self.stride, self.padding].map(repr::one_or_pair);
        format!("kernel_size={kernel}, stride={stride}, padding={padding}")
    }

    pub(super) fn check(&self) -> Result<()> {
        let zero = |(a, b): (usize, usize)| a == 0 || b == 0;
        if zero(self.kernel) || zero(self.stride) || zero(self.dilation) {
            let message = "kernel size, stride and dilation should be greater than zero";
            return Err(Error::Value(message.into()));
        }
        if self.padding.0 > self.kernel.0 / 2 || self.padding.1 > self.kernel.1 / 2 {
            return Err(Error::Value(format!(
                "pad should be at most half of effective kernel size, but got pad={:?}, kernel_size={:?}",
                self.padding, self.kernel
            )));
        }
        Ok(())
    }
}

/// The largest element of every window; the first of equal ones gets the gradient.
pub struct MaxPool2d {
    options: PoolOptions,
}

impl MaxPool2d {
    /// A layer with these options.
    pub fn new(options: PoolOptions) -> MaxPool2d {
        MaxPool2d { options }
    }
}

impl Module for MaxPool2d {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        functional::max_pool2d(input, &self.options)
    }

    fn extra_repr(&self) -> String {
        let PoolOptions { dilation, ceil_mode, .. } = self.options;
        let (dilation, ceil_mode) = (repr::one_or_pair(dilation), repr::flag(ceil_mode));
        format!("{}, dilation={dilation}, ceil_mode={ceil_mode}", self.options.repr())
    }
}

/// The mean of every window.
pub struct AvgPool2d {
    options: PoolOptions,
}

impl AvgPool2d {
    /// A layer with these options.
    pub fn new(options: PoolOptions) -> AvgPool2d {
        AvgPool2d { options }
    }
}

impl Module for AvgPool2d {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        functional::avg_pool2d(input, &self.options)
    }

    fn extra_repr(&self) -> String {
        self.options.repr()
    }
}
