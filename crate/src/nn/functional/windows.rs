//! Convolution and pooling: windows that slide over `[N, C, H, W]`.

use crate::error::{Error, Result};
use crate::nn::{Conv2dOptions, PoolOptions};
use crate::op::Window;
use crate::tensor::Tensor;

/// Each output channel is a product of its weights `[out, C / groups, kH, kW]` with every window of the
/// input; the kernel's size in the options is not read.
///
/// # Errors
/// When the sizes do not fit.
pub fn conv2d(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, o: &Conv2dOptions) -> Result<Tensor> {
    let (&[n, channels, _, _], &[out, part, kh, kw]) = (input.dims(), weight.dims()) else {
        return Err(Error::Shape(format!(
            "Expected 4D input and weight to conv2d, but got input of size: {:?} and weight of size: {:?}",
            input.dims(),
            weight.dims()
        )));
    };
    o.check()?;
    let groups = o.groups;
    if channels != part * groups || out % groups != 0 {
        return Err(Error::Shape(format!(
            "Given groups={groups}, weight of size {:?}, expected input{:?} to have {} channels, but got \
             {channels} channels instead",
            weight.dims(),
            input.dims(),
            part * groups
        )));
    }
    let windows = Windows::new(input, (kh, kw), o.stride, o.padding, o.dilation)?;
    let size = (part * kh * kw) as isize;
    let columns = windows.columns.reshape(&[(n * groups) as isize, size, -1])?;
    let filters = weight.reshape(&[1, groups as isize, (out / groups) as isize, size])?;
    let filters = filters.expand(&[n, groups, out / groups, part * kh * kw])?.reshape(&[
        (n * groups) as isize,
        (out / groups) as isize,
        size,
    ])?;
    let mut y = filters.matmul(&columns)?.reshape(&[n as isize, out as isize, -1])?;
    if let Some(bias) = bias {
        y = y.add(&bias.reshape(&[1, out as isize, 1])?)?;
    }
    y.reshape(&[n, out, windows.rows, windows.cols].map(|size| size as isize))
}

/// The largest element of every window; the first of equal ones gets the gradient. Padding never wins.
///
/// # Errors
/// When the padding is more than half of the window, or the window larger than the padded plane.
pub fn max_pool2d(input: &Tensor, o: &PoolOptions) -> Result<Tensor> {
    o.check()?;
    let windows = Windows::new(input, o.kernel, o.stride, o.padding, o.dilation)?;
    let mut values = windows.columns.reshape(&windows.by_channel(input))?;
    if o.padding != (0, 0) {
        let &[_, _, h, w] = input.dims() else { unreachable!("Windows::new has checked it") };
        let inside = Windows::new(&Tensor::ones(&[1, 1, h, w]), o.kernel, o.stride, o.padding, o.dilation)?;
        let inside = inside.columns.gt(0.5)?.unsqueeze(0)?;
        values = values.where_(&inside, f64::NEG_INFINITY)?;
    }
    let (largest, _) = values.max_dim(2, false)?;
    windows.planes(&largest, input)
}

/// The mean of every window. Padding counts as zeros, or not at all with `count_include_pad` off.
///
/// # Errors
/// See [`max_pool2d`]; also for a `divisor_override` of 0.
pub fn avg_pool2d(input: &Tensor, o: &PoolOptions) -> Result<Tensor> {
    o.check()?;
    if o.divisor_override == Some(0) {
        return Err(Error::Value("divisor must be not zero".into()));
    }
    let windows = Windows::new(input, o.kernel, o.stride, o.padding, (1, 1))?;
    let sums = windows.columns.reshape(&windows.by_channel(input))?.sum_dim(&[2], false)?;
    let means = match o.divisor_override {
        None if !o.count_include_pad && o.padding != (0, 0) => {
            let &[_, _, h, w] = input.dims() else { unreachable!("Windows::new has checked it") };
            let ones = Tensor::ones(&[1, 1, h, w]);
            let inside = Windows::new(&ones, o.kernel, o.stride, o.padding, (1, 1))?;
            sums.div(&inside.columns.sum_dim(&[1], true)?)?
        }
        divisor => sums.div(divisor.unwrap_or(o.kernel.0 * o.kernel.1) as f64)?,
    };
    windows.planes(&means, input)
}

/// `[N, C · kH · kW, rows · cols]`
struct Windows {
    columns: Tensor,
    rows: usize,
    cols: usize,
    size: usize,
}

impl Windows {
    fn new(
        input: &Tensor,
        kernel: (usize, usize),
        stride: (usize, usize),
        padding: (usize, usize),
        dilation: (usize, usize),
    ) -> Result<Windows> {
        let &[_, _, h, w] = input.dims() else {
            return Err(Error::Shape(format!("expected [N, C, H, W], got {:?}", input.dims())));
        };
        let window = Window { kernel, stride, padding, dilation };
        let columns = input.unfold(window)?;
        let (rows, cols) = window.output(h, w).unwrap_or((0, 0));
        Ok(Windows { columns, rows, cols, size: kernel.0 * kernel.1 })
    }

    /// `[N, C, kH · kW, rows · cols]`
    fn by_channel(&self, input: &Tensor) -> [isize; 4] {
        [input.dims()[0], input.dims()[1], self.size, self.rows * self.cols].map(|size| size as isize)
    }

    /// One value for each window, as planes.
    fn planes(&self, values: &Tensor, input: &Tensor) -> Result<Tensor> {
        values.reshape(&[input.dims()[0], input.dims()[1], self.rows, self.cols].map(|size| size as isize))
    }
}
