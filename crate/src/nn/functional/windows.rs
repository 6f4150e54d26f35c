//! Convolution and pooling: windows that slide over `[N, C, H, W]`, or over `[C, H, W]` without a batch.

use crate::error::{Error, Result};
use crate::nn::{Conv2dOptions, PoolOptions};
use crate::op::{Conv, Op, Window};
use crate::tensor::{Called, Tensor, dispatch};

const MAX_POOL: &str = "MaxPool2DWithIndicesBackward0";
const AVG_POOL: &str = "AvgPool2DBackward0";

/// Each output channel is a product of its weights `[out, C / groups, kH, kW]` with every window of the
/// input; the kernel's size in the options is not read.
///
/// # Errors
/// When the sizes do not fit.
pub fn conv2d(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, o: &Conv2dOptions) -> Result<Tensor> {
    if input.ndim() == 3 {
        return conv2d(&input.unsqueeze(0)?, weight, bias, o)?.squeeze(0);
    }
    let (&[_, channels, _, _], &[out, part, kh, kw]) = (input.dims(), weight.dims()) else {
        return Err(Error::Shape(format!(
            "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: {:?} and weight of \
             size: {:?}",
            input.dims(),
            weight.dims()
        )));
    };
    let types = [Some(weight), bias].into_iter().flatten().map(Tensor::dtype);
    if let Some(other) = types.into_iter().find(|&dtype| dtype != input.dtype()) {
        return Err(Error::DType(format!(
            "Input type ({}) and weight or bias type ({}) should be the same",
            input.dtype().scalar_type().to_ascii_lowercase(),
            other.scalar_type().to_ascii_lowercase()
        )));
    }
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
    if let Some(bias) = bias.filter(|b| b.dims() != [out]) {
        return Err(Error::Shape(format!(
            "Given weight of size {:?}, expected bias to be 1-dimensional with {out} elements, but got bias of size \
             {:?} instead",
            weight.dims(),
            bias.dims()
        )));
    }
    let (padded, padding) = if o.same {
        (input.pad(&Conv2dOptions { kernel: (kh, kw), ..*o }.around(), 0.0)?, (0, 0))
    } else {
        (input.clone(), o.padding)
    };
    let window = Window { kernel: (kh, kw), stride: o.stride, padding, dilation: o.dilation };
    let operands = [Some(&padded), Some(weight), bias].into_iter().flatten();
    dispatch(Op::Conv2d(Conv { window, groups }), &operands.collect::<Vec<_>>())
        .called("ConvolutionBackward0")
}

/// The largest element of every window; the first of equal ones gets the gradient. Padding never wins.
///
/// # Errors
/// When the padding is more than half of the window, or the window larger than the padded plane.
pub fn max_pool2d(input: &Tensor, o: &PoolOptions) -> Result<Tensor> {
    if input.ndim() == 3 {
        return max_pool2d(&input.unsqueeze(0)?, o)?.squeeze(0);
    }
    let windows = Pool::new(input, o, o.dilation)?.windows(input, f64::NEG_INFINITY)?;
    let (largest, _) = windows.columns.reshape(&windows.by_channel(input))?.max_dim(2, false)?;
    windows.planes(&largest, input)
}

/// [`max_pool2d`], and for every window the place of its largest element in the plane, counted in row-major
/// order: i64, as `F.max_pool2d(…, return_indices=True)`.
///
/// # Errors
/// See [`max_pool2d`].
pub fn max_pool2d_with_indices(input: &Tensor, o: &PoolOptions) -> Result<(Tensor, Tensor)> {
    if input.ndim() == 3 {
        let (values, places) = max_pool2d_with_indices(&input.unsqueeze(0)?, o)?;
        return Ok((values.squeeze(0).called(MAX_POOL)?, places.squeeze(0)?));
    }
    let pool = Pool::new(input, o, o.dilation)?;
    let windows = pool.windows(input, f64::NEG_INFINITY)?;
    let (largest, which) = windows.columns.reshape(&windows.by_channel(input))?.max_dim(2, false)?;
    // Element ky · kW + kx of a window at row y and column x.
    let (y, x) = (
        which.div_floor(o.kernel.1 as i64)?,
        which.sub(&which.div_floor(o.kernel.1 as i64)?.mul(o.kernel.1 as i64)?)?,
    );
    let place = |within: Tensor, axis: &Axis, step: i64, shape: [isize; 2]| -> Result<Tensor> {
        let starts = (0..axis.windows).map(|i| (i * axis.stride) as i64 - axis.padding as i64).collect();
        let starts = Tensor::from_vec(starts, &[axis.windows])?.reshape(&shape)?;
        let starts = starts.expand(&[windows.rows, windows.cols])?.reshape(&[-1])?;
        within.mul(axis.dilation as i64)?.add(&starts)?.mul(step)
    };
    let rows = place(y, &pool.axes[0], pool.axes[1].size as i64, [-1, 1])?;
    let places = rows.add(&place(x, &pool.axes[1], 1, [1, -1])?)?;
    Ok((windows.planes(&largest, input).called(MAX_POOL)?, windows.planes(&places, input)?))
}

/// The mean of every window. Padding counts as zeros, or not at all with `count_include_pad` off; what a
/// last window in `ceil_mode` has beyond the padding never counts.
///
/// # Errors
/// See [`max_pool2d`]; also for a `divisor_override` of 0.
pub fn avg_pool2d(input: &Tensor, o: &PoolOptions) -> Result<Tensor> {
    if input.ndim() == 3 {
        return avg_pool2d(&input.unsqueeze(0)?, o)?.squeeze(0).called(AVG_POOL);
    }
    let pool = Pool::new(input, o, (1, 1))?;
    if o.divisor_override == Some(0) {
        return Err(Error::Value("divisor must be not zero".into()));
    }
    let windows = pool.windows(input, 0.0)?;
    let sums = windows.columns.reshape(&windows.by_channel(input))?.sum_dim(&[2], false)?;
    let means = match o.divisor_override {
        Some(divisor) => sums.div(divisor as f64)?,
        None if !o.ceil_mode && (o.count_include_pad || o.padding == (0, 0)) => {
            sums.div((o.kernel.0 * o.kernel.1) as f64)?
        }
        None => {
            let [rows, cols] = pool.axes.each_ref().map(|axis| axis.counts(o.count_include_pad));
            let counts = rows.iter().flat_map(|row| cols.iter().map(move |col| row * col)).collect();
            sums.div(&Tensor::from_vec(counts, &[windows.count()])?.to(input.dtype())?)?
        }
    };
    windows.planes(&means, input).called(AVG_POOL)
}

/// Windows along the height or the width of planes.
struct Axis {
    size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
    windows: usize,
}

impl Axis {
    /// ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 windows, or with the quotient rounded up
    /// unless the last one would begin in the padding behind.
    fn new([size, kernel, stride, padding, dilation]: [usize; 5], ceil: bool) -> Option<Axis> {
        let span = dilation * kernel.checked_sub(1)? + 1;
        // Counted from where the last window could begin, which may lie before the first place.
        let steps = size + 2 * padding + if ceil { stride - 1 } else { 0 } + stride;
        let mut windows = steps.checked_sub(span)? / stride;
        if ceil && windows > 0 && (windows - 1) * stride >= size + padding {
            windows -= 1;
        }
        (windows > 0).then_some(Axis { size, kernel, stride, padding, dilation, windows })
    }

    /// What is to be added behind, so that all windows fit.
    fn behind(&self) -> usize {
        let end = (self.windows.max(1) - 1) * self.stride + self.dilation * (self.kernel - 1) + 1;
        end.saturating_sub(self.size + self.padding).max(self.padding)
    }

    /// How many elements each window has, with or without those in the padding.
    fn counts(&self, padded: bool) -> Vec<f64> {
        let (first, last) =
            if padded { (0, self.size + 2 * self.padding) } else { (self.padding, self.padding + self.size) };
        let count = |start: usize| (start + self.kernel).min(last).saturating_sub(start.max(first)) as f64;
        (0..self.windows).map(|i| count(i * self.stride)).collect()
    }
}

/// The height and the width of a pooling.
struct Pool {
    axes: [Axis; 2],
    window: Window,
}

impl Pool {
    fn new(input: &Tensor, o: &PoolOptions, dilation: (usize, usize)) -> Result<Pool> {
        o.check()?;
        let &[_, channels, h, w] = input.dims() else {
            return Err(Error::Shape(format!("Expected 3D or 4D input tensor, got {:?}", input.dims())));
        };
        let rows = Axis::new([h, o.kernel.0, o.stride.0, o.padding.0, dilation.0], o.ceil_mode);
        let cols = Axis::new([w, o.kernel.1, o.stride.1, o.padding.1, dilation.1], o.ceil_mode);
        let (Some(rows), Some(cols)) = (rows, cols) else {
            return Err(Error::Shape(format!(
                "Given input size: ({channels}x{h}x{w}). Calculated output size: too small for the window {:?}",
                o.kernel
            )));
        };
        let window = Window { kernel: o.kernel, stride: o.stride, padding: (0, 0), dilation };
        Ok(Pool { axes: [rows, cols], window })
    }

    /// The windows of the planes with `value` around.
    fn windows(&self, input: &Tensor, value: f64) -> Result<Windows> {
        let [rows, cols] = &self.axes;
        let around = [cols.padding, cols.behind(), rows.padding, rows.behind()].map(|n| n as isize);
        let padded = if around == [0; 4] { input.clone() } else { input.pad(&around, value)? };
        let mut windows = Windows::new(&padded, self.window)?;
        // The planes may hold more windows than are wanted.
        if (windows.rows, windows.cols) != (rows.windows, cols.windows) {
            let [n, size] = [windows.columns.dims()[0], windows.columns.dims()[1]].map(|size| size as isize);
            let columns =
                windows.columns.reshape(&[n, size, windows.rows as isize, windows.cols as isize])?;
            let columns = columns.slice(2, 0, rows.windows, 1)?.slice(3, 0, cols.windows, 1)?;
            (windows.rows, windows.cols) = (rows.windows, cols.windows);
            windows.columns = columns.reshape(&[n, size, windows.count() as isize])?;
        }
        Ok(windows)
    }
}

/// `[N, C · kH · kW, rows · cols]`
struct Windows {
    columns: Tensor,
    rows: usize,
    cols: usize,
    size: usize,
}

impl Windows {
    fn new(input: &Tensor, window: Window) -> Result<Windows> {
        let &[_, _, h, w] = input.dims() else {
            return Err(Error::Shape(format!("expected [N, C, H, W], got {:?}", input.dims())));
        };
        let columns = input.unfold(window)?;
        let (rows, cols) = window.output(h, w).unwrap_or((0, 0));
        Ok(Windows { columns, rows, cols, size: window.kernel.0 * window.kernel.1 })
    }

    fn count(&self) -> usize {
        self.rows * self.cols
    }

    /// `[N, C, kH · kW, rows · cols]`
    fn by_channel(&self, input: &Tensor) -> [isize; 4] {
        [input.dims()[0], input.dims()[1], self.size, self.count()].map(|size| size as isize)
    }

    /// One value for each window, as planes.
    fn planes(&self, values: &Tensor, input: &Tensor) -> Result<Tensor> {
        values.reshape(&[input.dims()[0], input.dims()[1], self.rows, self.cols].map(|size| size as isize))
    }
}
