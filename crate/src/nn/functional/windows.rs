//! Convolution and pooling: windows that slide over `[N, C, H, W]`, or over `[C, H, W]` without a batch.

use crate::error::{Error, Result};
use crate::nn::{Conv2dOptions, PoolOptions};
use crate::op::{Conv, Divisor, Op, Pool, Window};
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
}

/// The largest element of every window; the first of equal ones gets the gradient. Padding never wins.
///
/// # Errors
/// When the padding is more than half of the window, or the window larger than the padded plane.
pub fn max_pool2d(input: &Tensor, o: &PoolOptions) -> Result<Tensor> {
    if input.ndim() == 3 {
        return max_pool2d(&input.unsqueeze(0)?, o)?.squeeze(0).called(MAX_POOL);
    }
    dispatch(Op::MaxPool2d(pool(input, o, o.dilation)?), &[input])
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
    let pool = pool(input, o, o.dilation)?;
    Ok((dispatch(Op::MaxPool2d(pool), &[input])?, dispatch(Op::MaxPool2dIndex(pool), &[input])?))
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
    let pool = pool(input, o, (1, 1))?;
    let divisor = match o.divisor_override {
        Some(0) => return Err(Error::Value("divisor must be not zero".into())),
        Some(number) => Divisor::Number(number),
        None if o.count_include_pad => Divisor::Padded,
        None => Divisor::Inside,
    };
    dispatch(Op::AvgPool2d(pool, divisor), &[input])
}

/// ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 windows along a direction, or with the quotient
/// rounded up unless the last one would begin in the padding behind.
fn count([size, kernel, stride, padding, dilation]: [usize; 5], ceil: bool) -> Option<usize> {
    let span = dilation * kernel.checked_sub(1)? + 1;
    // Counted from where the last window could begin, which may lie before the first place.
    let steps = size + 2 * padding + if ceil { stride - 1 } else { 0 } + stride;
    let mut windows = steps.checked_sub(span)? / stride;
    if ceil && windows > 0 && (windows - 1) * stride >= size + padding {
        windows -= 1;
    }
    (windows > 0).then_some(windows)
}

fn pool(input: &Tensor, o: &PoolOptions, dilation: (usize, usize)) -> Result<Pool> {
    o.check()?;
    let &[_, channels, h, w] = input.dims() else {
        return Err(Error::Shape(format!("Expected 3D or 4D input tensor, got {:?}", input.dims())));
    };
    let rows = count([h, o.kernel.0, o.stride.0, o.padding.0, dilation.0], o.ceil_mode);
    let columns = count([w, o.kernel.1, o.stride.1, o.padding.1, dilation.1], o.ceil_mode);
    let (Some(rows), Some(columns)) = (rows, columns) else {
        return Err(Error::Shape(format!(
            "Given input size: ({channels}x{h}x{w}). Calculated output size: too small for the window {:?}",
            o.kernel
        )));
    };
    let window = Window { kernel: o.kernel, stride: o.stride, padding: o.padding, dilation };
    Ok(Pool { window, outputs: (rows, columns) })
}
