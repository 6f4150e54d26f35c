//! The mean squared error, and its adjoint.

use super::fold::fold_by;
use super::operand::{dense, each2};
use super::storage::Float;
use super::{Out, View};
use crate::error::Result;

/// The mean of (p − y)², summed in the order of [`super::fold`].
pub(super) fn mse<T: Float>(p: View<'_>, y: View<'_>, out: &mut [T]) {
    dense::<T, _>(p, |p| {
        dense::<T, _>(y, |y| {
            let square = |i: usize| (p[i] - y[i]) * (p[i] - y[i]);
            let total = fold_by(p.len(), T::default(), |a, b| a + b, square);
            out[0] = total / T::from_f64(p.len() as f64);
        });
    });
}

/// 2 / n · (p − y) · g, in this order.
pub(super) fn adjoint<T: Float>(g: View<'_>, p: View<'_>, y: View<'_>, out: Out<'_>) -> Result<()> {
    let dims = p.layout.dims();
    let scale = T::from_f64(2.0 / p.layout.numel() as f64);
    let g = T::of(g.storage)[g.layout.offset()];
    each2::<T, T, T>((p, y), dims, out.of(), &mut |p, y, out| {
        for (o, (&p, &y)) in out.iter_mut().zip(p.iter().zip(y)) {
            *o = scale * (p - y) * g;
        }
    })
}
