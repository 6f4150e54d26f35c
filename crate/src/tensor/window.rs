//! Convolution and pooling over `[N, C, H, W]`, and normalisation, as `torch.nn.functional` has them.

use super::{Tensor, no_grad};
use crate::error::{Error, Result};
use crate::op::Window;

impl Tensor {
    /// The windows of `[n, c, h, w]` as columns: `[n, c · kh · kw, windows]`.
    ///
    /// # Errors
    /// When the window is larger than the padded plane.
    pub fn unfold(&self, window: Window) -> Result<Tensor> {
        super::dispatch(crate::op::Op::Unfold(window), &[self])
    }

    /// A convolution with weights `[out, c / groups, kh, kw]` and a bias `[out]`. The window's kernel is
    /// taken from the weights.
    ///
    /// # Errors
    /// When the sizes do not fit.
    pub fn conv2d(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        window: Window,
        groups: usize,
    ) -> Result<Tensor> {
        let (&[n, channels, h, w], &[out, group, kh, kw]) = (self.dims(), weight.dims()) else {
            return Err(Error::Shape(format!(
                "conv2d expects [N, C, H, W] and [out, C / groups, kH, kW], got {:?} and {:?}",
                self.dims(),
                weight.dims()
            )));
        };
        if groups == 0 || out % groups != 0 || channels != group * groups {
            let expected = group * groups;
            return Err(Error::Shape(format!(
                "Given groups={groups}, weight of size {:?}, expected input{:?} to have {expected} channels, but got {channels} channels instead",
                weight.dims(),
                self.dims()
            )));
        }
        let window = Window { kernel: (kh, kw), ..window };
        let columns = self.unfold(window)?;
        let (rows, cols) = window.output(h, w).unwrap_or((0, 0));
        let part = group * kh * kw;
        let products = (0..groups)
            .map(|g| {
                let filters = weight.slice(0, g * (out / groups), (g + 1) * (out / groups), 1)?;
                let filters = filters.reshape(&[1, (out / groups) as isize, part as isize])?;
                filters.expand(&[n, out / groups, part])?.matmul(&columns.slice(
                    1,
                    g * part,
                    (g + 1) * part,
                    1,
                )?)
            })
            .collect::<Result<Vec<_>>>()?;
        let mut y = if groups == 1 { products[0].clone() } else { Tensor::cat(&products, 1)? };
        if let Some(bias) = bias {
            y = y.add(&bias.reshape(&[1, out as isize, 1])?)?;
        }
        y.reshape(&[n, out, rows, cols].map(|size| size as isize))
    }

    /// The windows of each channel on their own: `[n, c, kh · kw, rows · columns]`.
    fn windows(&self, window: Window, what: &str) -> Result<(Tensor, [isize; 4])> {
        let &[n, channels, h, w] = self.dims() else {
            return Err(Error::Shape(format!("{what} expects [N, C, H, W], got {:?}", self.dims())));
        };
        let columns = self.unfold(window)?;
        let (rows, cols) = window.output(h, w).unwrap_or((0, 0));
        let size = window.kernel.0 * window.kernel.1;
        let windows = columns.reshape(&[n, channels, size, rows * cols].map(|size| size as isize))?;
        Ok((windows, [n, channels, rows, cols].map(|size| size as isize)))
    }

    /// The largest element of every window; the first of equal ones gets the gradient. Padding counts
    /// as −∞.
    ///
    /// # Errors
    /// When the window is larger than the padded plane, or the padding than half of it.
    pub fn max_pool2d(&self, window: Window) -> Result<Tensor> {
        let (vertical, horizontal) = window.padding;
        if vertical > window.kernel.0 / 2 || horizontal > window.kernel.1 / 2 {
            return Err(Error::Value("pad should be at most half of effective kernel size".into()));
        }
        let padded = if window.padding == (0, 0) {
            self.clone()
        } else {
            let (v, h) = (vertical as isize, horizontal as isize);
            self.pad(&[h, h, v, v], f64::NEG_INFINITY)?
        };
        let (windows, dims) = padded.windows(Window { padding: (0, 0), ..window }, "max_pool2d")?;
        windows.max_dim(2, false)?.0.reshape(&dims)
    }

    /// The mean of every window; padding counts as zeros.
    ///
    /// # Errors
    /// See [`Tensor::max_pool2d`].
    pub fn avg_pool2d(&self, window: Window) -> Result<Tensor> {
        let (windows, dims) = self.windows(window, "avg_pool2d")?;
        windows.mean_dim(&[2], false)?.reshape(&dims)
    }

    /// (x − mean) / √(var + ε) · γ + β over the last dimensions, which have `normalized_shape`.
    ///
    /// # Errors
    /// When they have not.
    pub fn layer_norm(
        &self,
        normalized_shape: &[usize],
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        eps: f64,
    ) -> Result<Tensor> {
        let n = normalized_shape.len();
        if n == 0 || !self.dims().ends_with(normalized_shape) {
            return Err(Error::Shape(format!(
                "Given normalized_shape={normalized_shape:?}, expected input with shape [*, {normalized_shape:?}], but got input of size{:?}",
                self.dims()
            )));
        }
        let over: Vec<isize> = (1..=n as isize).map(|d| -d).collect();
        let normal = self.normalise(&self.mean_dim(&over, true)?, &self.var_dim(&over, 0, true)?, eps)?;
        let scaled = weight.map_or(Ok(normal.clone()), |w| normal.mul(w))?;
        bias.map_or(Ok(scaled.clone()), |b| scaled.add(b))
    }

    fn normalise(&self, mean: &Tensor, var: &Tensor, eps: f64) -> Result<Tensor> {
        self.sub(mean)?.mul(&var.add(eps)?.rsqrt()?)
    }

    /// (x − mean) / √(var + ε) · γ + β for each channel (dimension 1). In training over everything
    /// else, and the running averages of mean and unbiased variance move by `momentum` towards what was
    /// found; else with these averages.
    ///
    /// # Errors
    /// When a channel has a single value in training.
    pub fn batch_norm(
        &self,
        running: Option<(&Tensor, &Tensor)>,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        training: bool,
        momentum: f64,
        eps: f64,
    ) -> Result<Tensor> {
        let channels = self.dims().get(1).copied().unwrap_or(0);
        let over: Vec<isize> = (0..self.ndim() as isize).filter(|&d| d != 1).collect();
        let mut channel = vec![1isize; self.ndim()];
        if let Some(size) = channel.get_mut(1) {
            *size = channels as isize;
        }
        let n = self.numel() / channels.max(1);
        let normal = match running {
            Some((mean, var)) if !training => {
                self.normalise(&mean.reshape(&channel)?, &var.reshape(&channel)?, eps)?
            }
            _ => {
                if n < 2 {
                    return Err(Error::Value(format!(
                        "Expected more than 1 value per channel when training, got input size {:?}",
                        self.dims()
                    )));
                }
                let (mean, var) = (self.mean_dim(&over, true)?, self.var_dim(&over, 0, true)?);
                if let Some((running_mean, running_var)) = running {
                    no_grad(|| {
                        running_mean.lerp_(&mean.reshape(&[-1])?, momentum)?;
                        let unbiased = var.reshape(&[-1])?.mul(n as f64 / (n - 1) as f64)?;
                        running_var.lerp_(&unbiased, momentum)
                    })?;
                }
                self.normalise(&mean, &var, eps)?
            }
        };
        let scaled = weight.map_or(Ok(normal.clone()), |w| normal.mul(&w.reshape(&channel)?))?;
        bias.map_or(Ok(scaled.clone()), |b| scaled.add(&b.reshape(&channel)?))
    }
}
