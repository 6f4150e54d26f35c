//! Windows over planes: what convolution and pooling are made of.

use super::View;
use super::operand::dense;
use super::storage::Float;
use crate::op::Window;

/// Calls `f` with (position in the columns, position in the planes) for every element of every window
/// that does not lie in the padding.
fn for_each(window: &Window, [n, c, h, w]: [usize; 4], mut f: impl FnMut(usize, usize)) {
    let Some((rows, columns)) = window.output(h, w) else { return };
    let (kh, kw) = window.kernel;
    let windows = rows * columns;
    for image in 0..n {
        for channel in 0..c {
            let plane = (image * c + channel) * h * w;
            for (ky, kx) in (0..kh).flat_map(|y| (0..kw).map(move |x| (y, x))) {
                let line = ((image * c + channel) * kh * kw + ky * kw + kx) * windows;
                for row in 0..rows {
                    let Some(y) =
                        (row * window.stride.0 + ky * window.dilation.0).checked_sub(window.padding.0)
                    else {
                        continue;
                    };
                    if y >= h {
                        continue;
                    }
                    for column in 0..columns {
                        match (column * window.stride.1 + kx * window.dilation.1)
                            .checked_sub(window.padding.1)
                        {
                            Some(x) if x < w => f(line + row * columns + column, plane + y * w + x),
                            _ => {}
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn unfold<T: Float>(x: View<'_>, window: &Window, out: &mut [T]) {
    let planes: [usize; 4] = x.layout.dims().try_into().expect("Op::infer has checked the dimensions");
    out.fill(T::default());
    dense::<T, _>(x, |source| for_each(window, planes, |column, plane| out[column] = source[plane]));
}

pub(super) fn fold<T: Float>(
    x: View<'_>,
    window: &Window,
    (h, w): (usize, usize),
    dims: &[usize],
    out: &mut [T],
) {
    out.fill(T::default());
    let planes = [dims[0], dims[1], h, w];
    dense::<T, _>(x, |source| for_each(window, planes, |column, plane| out[plane] += source[column]));
}
