//! The plain loop: what the other kernels must give, bit for bit, and what f64 and i64 use.

use super::{Shape, Start};
use crate::backend::cpu::storage::Number;

/// Row by row, so that the innermost loop runs along `b`'s and `out`'s columns; each element still
/// meets its k in order.
pub(super) fn run<T: Number>(shape: &Shape, a: &[T], b: &[T], start: Start<'_, T>, out: &mut [T]) {
    let &Shape { m, k, n, a: by, b: bb } = shape;
    for i in 0..m {
        let row = &mut out[i * n..][..n];
        match start {
            Start::Zero => row.fill(T::default()),
            Start::Bias(bias) => row.copy_from_slice(bias),
            Start::Out => {}
        }
        for p in 0..k {
            let x = a[i * by.row + p * by.column];
            for (j, sum) in row.iter_mut().enumerate() {
                *sum = sum.plus(x.times(b[p * bb.row + j * bb.column]));
            }
        }
    }
}
