//! Convolution one product after the other: for f64, and what the kernels for f32 must give.

use super::Sizes;
use crate::backend::cpu::storage::Float;

/// Calls `f` with image, group and channel of the group for each plane of the output, in order.
fn for_each_plane(sizes: &Sizes, channels: usize, mut f: impl FnMut(usize, usize, usize)) {
    for image in 0..sizes.images {
        for group in 0..sizes.groups {
            (0..channels).for_each(|channel| f(image, group, channel));
        }
    }
}

/// bias + Σ w x over the window's channel, row and column in this order; padding is 0.
pub(super) fn forward<T: Float>(s: &Sizes, x: &[T], weight: &[T], bias: Option<&[T]>, out: &mut [T]) {
    let mut out = out.iter_mut();
    for_each_plane(s, s.channels.1, |image, group, o| {
        let x = &x[(image * s.groups + group) * s.x_part()..][..s.x_part()];
        let weight = &weight[group * s.weight_part() + o * s.window()..][..s.window()];
        for (row, column) in (0..s.output.0).flat_map(|y| (0..s.output.1).map(move |x| (y, x))) {
            let mut sum = bias.map_or(T::default(), |b| b[group * s.channels.1 + o]);
            for (k, &w) in weight.iter().enumerate() {
                sum += w * element(s, x, k, row, column);
            }
            *out.next().expect("as many as the output has") = sum;
        }
    });
}

/// Number k of a window.
fn element<T: Float>(s: &Sizes, x: &[T], k: usize, row: usize, column: usize) -> T {
    let (c, ky, kx) = s.place(k);
    let y = (row * s.stride.0 + ky * s.dilation.0).checked_sub(s.padding.0);
    let x_at = (column * s.stride.1 + kx * s.dilation.1).checked_sub(s.padding.1);
    match (y, x_at) {
        (Some(y), Some(at)) if y < s.input.0 && at < s.input.1 => x[(c * s.input.0 + y) * s.input.1 + at],
        _ => T::default(),
    }
}

/// Σ w g over output channel and the window's row and column in this order; where there is no g, 0.
pub(super) fn input<T: Float>(s: &Sizes, g: &[T], weight: &[T], _: Option<&[T]>, out: &mut [T]) {
    let mut out = out.iter_mut();
    for_each_plane(s, s.channels.0, |image, group, c| {
        let g = &g[(image * s.groups + group) * s.y_part()..][..s.y_part()];
        let weight = &weight[group * s.weight_part()..][..s.weight_part()];
        for (y, x) in (0..s.input.0).flat_map(|y| (0..s.input.1).map(move |x| (y, x))) {
            let mut sum = T::default();
            for o in 0..s.channels.1 {
                for (ky, kx) in (0..s.kernel.0).flat_map(|y| (0..s.kernel.1).map(move |x| (y, x))) {
                    // The window that has this element at (ky, kx)
                    let along = |at: usize, padding: usize, k: usize, stride: usize, windows: usize| {
                        let from = (at + padding).checked_sub(k)?;
                        (from % stride == 0 && from / stride < windows).then_some(from / stride)
                    };
                    let row = along(y, s.padding.0, ky * s.dilation.0, s.stride.0, s.output.0);
                    let column = along(x, s.padding.1, kx * s.dilation.1, s.stride.1, s.output.1);
                    let value = match (row, column) {
                        (Some(row), Some(column)) => g[(o * s.output.0 + row) * s.output.1 + column],
                        _ => T::default(),
                    };
                    let k = (c * s.kernel.0 + ky) * s.kernel.1 + kx;
                    sum += weight[o * s.window() + k] * value;
                }
            }
            *out.next().expect("as many as the input has") = sum;
        }
    });
}

/// Σ g x over all windows. Output (row, column) has position row · (padded width) + column, or its number
/// where the stride is not 1; position p is added to sum p mod 4 of its image, in order; these to four
/// sums of all images, in order; which are (first + third) + (second + fourth).
pub(super) fn weight<T: Float>(s: &Sizes, g: &[T], x: &[T], _: Option<&[T]>, out: &mut [T]) {
    let width = if s.stride == (1, 1) { s.input.1 + 2 * s.padding.1 } else { s.output.1 };
    for (at, out) in out.iter_mut().enumerate() {
        let (channel, k) = (at / s.window(), at % s.window());
        let (group, o) = (channel / s.channels.1, channel % s.channels.1);
        let mut all = [T::default(); 4];
        for image in 0..s.images {
            let part = image * s.groups + group;
            let x = &x[part * s.x_part()..][..s.x_part()];
            let g = &g[part * s.y_part()..][..s.y_part()];
            let mut sums = [T::default(); 4];
            for (row, column) in (0..s.output.0).flat_map(|y| (0..s.output.1).map(move |x| (y, x))) {
                let g = g[(o * s.output.0 + row) * s.output.1 + column];
                sums[(row * width + column) % 4] += g * element(s, x, k, row, column);
            }
            for (all, sum) in all.iter_mut().zip(sums) {
                *all += sum;
            }
        }
        *out = (all[0] + all[2]) + (all[1] + all[3]);
    }
}
