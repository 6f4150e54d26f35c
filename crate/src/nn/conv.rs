//! Convolution and pooling over `[N, C, H, W]`.

use super::Module;
use super::linear::{default_parameters, named};
use crate::error::{Error, Result};
use crate::op::Window;
use crate::rng::Generator;
use crate::tensor::Tensor;

/// A convolution: each output channel is a product of its weights with every window of the input.
pub struct Conv2d {
    /// `[out_channels, in_channels, kernel, kernel]`
    pub weight: Tensor,
    /// `[out_channels]`
    pub bias: Option<Tensor>,
    window: Window,
}

impl Conv2d {
    /// A layer with PyTorch's default initialisation, drawn as `nn.Linear`'s.
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        window: Window,
        bias: bool,
        generator: &mut Generator,
    ) -> Conv2d {
        let dims = [out_channels, in_channels, window.kernel.0, window.kernel.1];
        let (weight, bias) = default_parameters(&dims, bias, generator);
        Conv2d { weight, bias, window }
    }
}

impl Module for Conv2d {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let &[n, channels, h, w] = input.dims() else {
            return Err(Error::Shape(format!("conv2d expects [N, C, H, W], got {:?}", input.dims())));
        };
        let &[out, expected, kh, kw] = self.weight.dims() else { unreachable!("made by Conv2d::new") };
        if channels != expected {
            return Err(Error::Shape(format!(
                "Given groups=1, weight of size {:?}, expected input{:?} to have {expected} channels, but got {channels} channels instead",
                self.weight.dims(),
                input.dims()
            )));
        }
        let columns = input.unfold(self.window)?;
        let (rows, cols) = self.window.output(h, w).unwrap_or((0, 0));
        let weight = self.weight.reshape(&[1, out as isize, -1])?.expand(&[n, out, channels * kh * kw])?;
        let mut y = weight.matmul(&columns)?;
        if let Some(bias) = &self.bias {
            y = y.add(&bias.reshape(&[1, out as isize, 1])?)?;
        }
        y.reshape(&[n, out, rows, cols].map(|size| size as isize))
    }

    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        named(&self.weight, self.bias.as_ref())
    }
}

/// The largest element of every window; the first of equal ones gets the gradient.
pub struct MaxPool2d {
    window: Window,
}

impl MaxPool2d {
    /// Square windows.
    pub fn new(kernel: usize, stride: usize) -> MaxPool2d {
        MaxPool2d {
            window: Window {
                kernel: (kernel, kernel),
                stride: (stride, stride),
                padding: (0, 0),
                dilation: (1, 1),
            },
        }
    }
}

impl Module for MaxPool2d {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let &[n, channels, h, w] = input.dims() else {
            return Err(Error::Shape(format!("max_pool2d expects [N, C, H, W], got {:?}", input.dims())));
        };
        let (kh, kw) = self.window.kernel;
        let columns = input.unfold(self.window)?;
        let (rows, cols) = self.window.output(h, w).unwrap_or((0, 0));
        let windows = columns.reshape(&[n, channels, kh * kw, rows * cols].map(|size| size as isize))?;
        let (largest, _) = windows.max_dim(2, false)?;
        largest.reshape(&[n, channels, rows, cols].map(|size| size as isize))
    }
}
