//! Convolution over `[N, C, H, W]` and its two adjoints. The sums are those of [`plain`], which has every
//! product in its order; the kernels for f32 in [`vectors`] give the same bits.

mod plain;
mod vectors;

use super::operand::dense;
use super::storage::Float;
use super::{Out, View, unsupported};
use crate::dtype::DType;
use crate::error::Result;
use crate::op::Conv;

/// All sizes of a convolution.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    images: usize,
    groups: usize,
    /// Of a group: of the input, of the output
    channels: (usize, usize),
    input: (usize, usize),
    output: (usize, usize),
    kernel: (usize, usize),
    stride: (usize, usize),
    padding: (usize, usize),
    dilation: (usize, usize),
}

impl Sizes {
    fn new(conv: &Conv, x: &[usize], weight: &[usize], y: &[usize]) -> Sizes {
        Sizes {
            images: x[0],
            groups: conv.groups,
            channels: (weight[1], weight[0] / conv.groups),
            input: (x[2], x[3]),
            output: (y[2], y[3]),
            kernel: conv.window.kernel,
            stride: conv.window.stride,
            padding: conv.window.padding,
            dilation: conv.window.dilation,
        }
    }

    /// Products of an output
    fn window(&self) -> usize {
        self.channels.0 * self.kernel.0 * self.kernel.1
    }

    /// Elements of a group of an input image
    fn x_part(&self) -> usize {
        self.channels.0 * self.input.0 * self.input.1
    }

    /// Elements of a group of an output image
    fn y_part(&self) -> usize {
        self.channels.1 * self.output.0 * self.output.1
    }

    /// Elements of a group of the weight
    fn weight_part(&self) -> usize {
        self.channels.1 * self.window()
    }

    /// The channel, row and column of number k of a window.
    fn place(&self, k: usize) -> (usize, usize, usize) {
        let (kh, kw) = self.kernel;
        (k / (kh * kw), k / kw % kh, k % kw)
    }

    /// Whether there is no product at all.
    fn is_empty(&self) -> bool {
        // One by one: their product may be too large to count.
        [self.images, self.groups, self.x_part(), self.y_part(), self.window()].contains(&0)
    }
}

/// From two operands and a bias.
type Kernel<T> = fn(&Sizes, &[T], &[T], Option<&[T]>, &mut [T]);

fn run<T: Float>(sizes: Sizes, inputs: &[View<'_>], out: Out<'_>, kernel: Kernel<T>) {
    let out = out.of::<T>();
    dense::<T, _>(inputs[0], |a| {
        dense::<T, _>(inputs[1], |b| match inputs.get(2) {
            Some(&bias) => dense::<T, _>(bias, |bias| kernel(&sizes, a, b, Some(bias), out)),
            None => kernel(&sizes, a, b, None, out),
        });
    });
}

/// What is left of the output where windows have no elements.
fn biases(s: &Sizes, _: &[f32], _: &[f32], bias: Option<&[f32]>, out: &mut [f32]) {
    let plane = (s.output.0 * s.output.1).max(1);
    for (i, out) in out.chunks_mut(plane).enumerate() {
        out.fill(bias.map_or(0.0, |bias| bias[i % bias.len()]));
    }
}

/// (x, weight, bias) to y
pub(super) fn forward(conv: &Conv, inputs: &[View<'_>], out: Out<'_>) -> Result<()> {
    let sizes = Sizes::new(conv, inputs[0].layout.dims(), inputs[1].layout.dims(), out.layout.dims());
    match out.storage.dtype() {
        DType::F32 if !sizes.is_empty() => run(sizes, inputs, out, vectors::forward),
        DType::F32 => run::<f32>(sizes, inputs, out, biases),
        DType::F64 => run::<f64>(sizes, inputs, out, plain::forward),
        other => return Err(unsupported("slow_conv2d_cpu", other)),
    }
    Ok(())
}

/// (g, weight) to x: the adjoint in the input
pub(super) fn input(conv: &Conv, inputs: &[View<'_>], out: Out<'_>) -> Result<()> {
    let sizes = Sizes::new(conv, out.layout.dims(), inputs[1].layout.dims(), inputs[0].layout.dims());
    match out.storage.dtype() {
        DType::F32 if !sizes.is_empty() => run(sizes, inputs, out, vectors::input),
        DType::F32 => out.of::<f32>().fill(0.0),
        DType::F64 => run::<f64>(sizes, inputs, out, plain::input),
        other => return Err(unsupported("slow_conv2d_backward_cpu", other)),
    }
    Ok(())
}

/// (g, x) to the weight: the adjoint in the weight
pub(super) fn weight(conv: &Conv, inputs: &[View<'_>], out: Out<'_>) -> Result<()> {
    let sizes = Sizes::new(conv, inputs[1].layout.dims(), out.layout.dims(), inputs[0].layout.dims());
    match out.storage.dtype() {
        DType::F32 if !sizes.is_empty() => run(sizes, inputs, out, vectors::weight),
        DType::F32 => out.of::<f32>().fill(0.0),
        DType::F64 => run::<f64>(sizes, inputs, out, plain::weight),
        other => return Err(unsupported("slow_conv2d_backward_cpu", other)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Both ways of computing the same.
    fn check(
        what: &str,
        sizes: &Sizes,
        kernels: [Kernel<f32>; 2],
        operands: [&[f32]; 2],
        bias: Option<&[f32]>,
        n: usize,
    ) {
        let (mut fast, mut slow) = (vec![7.0; n], vec![7.0; n]);
        kernels[0](sizes, operands[0], operands[1], bias, &mut fast);
        kernels[1](sizes, operands[0], operands[1], bias, &mut slow);
        let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&fast), bits(&slow), "{what} of {sizes:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_vector_kernels_give_the_bits_of_the_plain_ones(
            (images, groups, channels) in (1usize..4, 1usize..3, (1usize..4, 1usize..7)),
            (h, w) in (1usize..12, 1usize..20),
            kernel in (1usize..4, 1usize..4),
            stride in (1usize..3, 1usize..3),
            padding in (0usize..3, 0usize..3),
            dilation in (1usize..3, 1usize..3),
            seed in any::<u64>(),
        ) {
            let window = crate::op::Window { kernel, stride, padding, dilation };
            let Some((rows, columns)) = window.output(h, w) else { return Ok(()) };
            let conv = Conv { window, groups };
            let x_dims = [images, groups * channels.0, h, w];
            let weight_dims = [groups * channels.1, channels.0, kernel.0, kernel.1];
            let y_dims = [images, groups * channels.1, rows, columns];
            let sizes = Sizes::new(&conv, &x_dims, &weight_dims, &y_dims);
            let mut generator = crate::rng::Generator::new(seed);
            let mut random = |dims: [usize; 4]| generator.uniform(dims.iter().product(), -1.0, 1.0);
            let (x, weight, g) = (random(x_dims), random(weight_dims), random(y_dims));
            let bias = random([1, 1, 1, y_dims[1]]);
            check("y", &sizes, [vectors::forward, plain::forward], [&x, &weight], Some(&bias), g.len());
            check("y", &sizes, [vectors::forward, plain::forward], [&x, &weight], None, g.len());
            check("dx", &sizes, [vectors::input, plain::input], [&g, &weight], None, x.len());
            check("dw", &sizes, [vectors::weight, plain::weight], [&g, &x], None, weight.len());
        }
    }
}
