//! Pooling over `[N, C, H, W]`: maxima and means of windows, and their adjoints.

use super::f32x4::{F32x4, Real};
use super::storage::{Element, Float, Number};
use crate::op::{Divisor, Pool};

/// The windows over a plane.
#[derive(Clone, Copy)]
pub(super) struct Windows {
    pool: Pool,
    /// Height and width of a plane
    plane: (usize, usize),
}

impl Windows {
    /// Over planes of these dimensions.
    pub(super) fn new(pool: &Pool, dims: &[usize]) -> Windows {
        Windows { pool: *pool, plane: (dims[2], dims[3]) }
    }

    /// Calls `f` with the places of a window that are in the plane, in row-major order.
    #[inline(always)]
    fn for_each_place(&self, row: usize, column: usize, mut f: impl FnMut(usize)) {
        let (w, (height, width)) = (self.pool.window, self.plane);
        for ky in 0..w.kernel.0 {
            // Before the first row this is beyond the last.
            let y = (row * w.stride.0 + ky * w.dilation.0).wrapping_sub(w.padding.0);
            if y < height {
                for kx in 0..w.kernel.1 {
                    let x = (column * w.stride.1 + kx * w.dilation.1).wrapping_sub(w.padding.1);
                    if x < width {
                        f(y * width + x);
                    }
                }
            }
        }
    }

    /// The first of the largest elements of a window; as in PyTorch, of several NaNs the last.
    #[inline(always)]
    fn largest<T: Element>(&self, plane: &[T], row: usize, column: usize) -> Option<usize> {
        #[expect(clippy::eq_op, reason = "only a NaN differs from itself")]
        let nan = |v: T| v != v;
        let mut best = None;
        self.for_each_place(row, column, |at| {
            if best.is_none_or(|best| plane[at] > plane[best] || nan(plane[at])) {
                best = Some(at);
            }
        });
        best
    }

    /// Calls `f` with each plane of the larger and of the smaller tensor, and the place of each window.
    fn for_each<A, B>(
        &self,
        large: impl Iterator<Item = A>,
        small: impl Iterator<Item = B>,
        mut f: impl FnMut(&mut A, &mut B, (usize, usize, usize)),
    ) {
        let (rows, columns) = self.pool.outputs;
        for (mut large, mut small) in large.zip(small) {
            for (row, column) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                f(&mut large, &mut small, (row, column, row * columns + column));
            }
        }
    }

    /// Elements of a plane before and after.
    fn sizes(&self) -> (usize, usize) {
        ((self.plane.0 * self.plane.1).max(1), (self.pool.outputs.0 * self.pool.outputs.1).max(1))
    }

    /// Whether windows are two by two, side by side and inside, and at least four in a row.
    fn is_halving(&self) -> bool {
        let (w, (rows, columns)) = (self.pool.window, self.pool.outputs);
        w.kernel == (2, 2)
            && w.stride == (2, 2)
            && w.padding == (0, 0)
            && w.dilation == (1, 1)
            && columns >= 4
            && 2 * rows <= self.plane.0
            && 2 * columns <= self.plane.1
    }
}

/// The largest element of every window.
pub(super) fn max<T: Number>(w: &Windows, x: &[T], out: &mut [T]) {
    let (large, small) = w.sizes();
    w.for_each(x.chunks_exact(large), out.chunks_exact_mut(small), |x, out, (row, column, at)| {
        out[at] = w.largest(x, row, column).map_or(T::LOWEST, |best| x[best]);
    });
}

/// Where in its plane the largest element of every window is.
pub(super) fn max_index<T: Number>(w: &Windows, x: &[T], out: &mut [i64]) {
    let (large, small) = w.sizes();
    w.for_each(x.chunks_exact(large), out.chunks_exact_mut(small), |x, out, (row, column, at)| {
        out[at] = w.largest(x, row, column).unwrap_or(0) as i64;
    });
}

/// Every gradient added to where its window's largest element is.
pub(super) fn max_grad<T: Number>(w: &Windows, x: &[T], g: &[T], out: &mut [T]) {
    out.fill(T::default());
    let (large, small) = w.sizes();
    let planes = x.chunks_exact(large).zip(out.chunks_exact_mut(large));
    w.for_each(planes, g.chunks_exact(small), |(x, out), g, (row, column, at)| {
        if let Some(best) = w.largest(x, row, column) {
            out[best] = out[best].plus(g[at]);
        }
    });
}

/// As [`max`].
pub(super) fn max_f32(w: &Windows, x: &[f32], out: &mut [f32]) {
    if !w.is_halving() {
        return max(w, x, out);
    }
    let (large, small) = w.sizes();
    let ((_, width), (rows, columns)) = (w.plane, w.pool.outputs);
    for (x, out) in x.chunks_exact(large).zip(out.chunks_exact_mut(small)) {
        for row in 0..rows {
            let (above, below) = x[2 * row * width..][..2 * width].split_at(width);
            let out = &mut out[row * columns..][..columns];
            for column in fours(columns) {
                let ((a, b), (c, d)) = (pairs(above, 2 * column), pairs(below, 2 * column));
                let best = later(later(later(a, b), c), d);
                out[column..column + 4].copy_from_slice(&best.array());
            }
        }
    }
}

/// The first of every four columns; the last four end with the row, and may overlap those before.
fn fours(columns: usize) -> impl Iterator<Item = usize> {
    (0..columns).step_by(4).map(move |column| column.min(columns - 4))
}

/// As [`max_grad`].
pub(super) fn max_grad_f32(w: &Windows, x: &[f32], g: &[f32], out: &mut [f32]) {
    if !w.is_halving() {
        return max_grad(w, x, g, out);
    }
    let (large, small) = w.sizes();
    let ((height, width), (rows, columns)) = (w.plane, w.pool.outputs);
    if (height, width) != (2 * rows, 2 * columns) {
        // Not all places are in a window.
        out.fill(0.0);
    }
    let zero = F32x4::splat(0.0);
    for ((x, out), g) in x.chunks_exact(large).zip(out.chunks_exact_mut(large)).zip(g.chunks_exact(small)) {
        for row in 0..rows {
            let (above, below) = x[2 * row * width..][..2 * width].split_at(width);
            let (out_above, out_below) = out[2 * row * width..][..2 * width].split_at_mut(width);
            let g = &g[row * columns..][..columns];
            for column in fours(columns) {
                let ((a, b), (c, d)) = (pairs(above, 2 * column), pairs(below, 2 * column));
                // −0 added to 0 is 0.
                let [g] = g[column..column + 4].as_chunks::<4>().0 else { unreachable!("four") };
                let g = F32x4::from_array(*g) + zero;
                // The gradient goes to a unless b beats it, and so on.
                let (b_wins, best) = (b.beats(a), later(a, b));
                let (c_wins, best) = (c.beats(best), later(best, c));
                let d_wins = d.beats(best);
                let ab = g.beside(c_wins).beside(d_wins);
                let (ga, gb) = (ab.beside(b_wins), ab.under(b_wins));
                let (gc, gd) = (g.under(c_wins).beside(d_wins), g.under(d_wins));
                put_pairs(out_above, 2 * column, ga, gb);
                put_pairs(out_below, 2 * column, gc, gd);
            }
        }
    }
}

/// The larger, the first of equals; a NaN in any case.
#[inline(always)]
fn later(best: F32x4, value: F32x4) -> F32x4 {
    best.if_less(value, value, value.if_equal(value, best, value))
}

/// Those at even and those at odd places of eight.
#[inline(always)]
fn pairs(values: &[f32], at: usize) -> (F32x4, F32x4) {
    let [a, b] = values[at..at + 8].as_chunks::<4>().0 else { unreachable!("eight are two fours") };
    F32x4::apart(F32x4::from_array(*a), F32x4::from_array(*b))
}

/// The inverse of [`pairs`].
#[inline(always)]
fn put_pairs(values: &mut [f32], at: usize, even: F32x4, odd: F32x4) {
    let (a, b) = F32x4::together(even, odd);
    values[at..at + 4].copy_from_slice(&a.array());
    values[at + 4..at + 8].copy_from_slice(&b.array());
}

/// What the mean of a window divides by.
fn divisor<T: Float>(w: &Windows, divisor: Divisor, row: usize, column: usize) -> T {
    let window = w.pool.window;
    // Places of a window from the padding before to the padding behind, or inside.
    let count = |start: usize, kernel: usize, padding: usize, size: usize| {
        let (first, last) = match divisor {
            Divisor::Inside => (padding, padding + size),
            _ => (0, size + 2 * padding),
        };
        (start + kernel).min(last).saturating_sub(start.max(first))
    };
    T::from_f64(match divisor {
        Divisor::Number(number) => number as f64,
        _ => {
            let rows = count(row * window.stride.0, window.kernel.0, window.padding.0, w.plane.0);
            let columns = count(column * window.stride.1, window.kernel.1, window.padding.1, w.plane.1);
            (rows * columns) as f64
        }
    })
}

/// The mean of every window: the sum in row-major order, divided.
pub(super) fn mean<T: Float>(w: &Windows, by: Divisor, x: &[T], out: &mut [T]) {
    let (large, small) = w.sizes();
    w.for_each(x.chunks_exact(large), out.chunks_exact_mut(small), |x, out, (row, column, at)| {
        let mut sum = T::default();
        w.for_each_place(row, column, |at| sum += x[at]);
        out[at] = sum / divisor(w, by, row, column);
    });
}

/// Every gradient, divided, added to all elements of its window.
pub(super) fn mean_grad<T: Float>(w: &Windows, by: Divisor, g: &[T], out: &mut [T]) {
    out.fill(T::default());
    let (large, small) = w.sizes();
    w.for_each(out.chunks_exact_mut(large), g.chunks_exact(small), |out, g, (row, column, at)| {
        let share = g[at] / divisor(w, by, row, column);
        w.for_each_place(row, column, |place| out[place] += share);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::Window;

    #[test]
    fn halving_four_at_a_time_gives_the_bits_of_one_at_a_time() {
        let window = Window { kernel: (2, 2), stride: (2, 2), padding: (0, 0), dilation: (1, 1) };
        let mut generator = crate::rng::Generator::new(1);
        for (h, width) in [(2, 2), (3, 9), (4, 8), (6, 17), (7, 26)] {
            let w = Windows::new(&Pool { window, outputs: (h / 2, width / 2) }, &[3, 1, h, width]);
            // Few values, so that there are ties, zeros of both signs and NaNs.
            let value = |v: f32| match v as i32 {
                0 => -0.0,
                1 => f32::NAN,
                2 => f32::NEG_INFINITY,
                v => v as f32 - 4.0,
            };
            let x: Vec<f32> = generator.uniform(3 * h * width, 0.0, 8.0).into_iter().map(value).collect();
            let g = generator.uniform(3 * (h / 2) * (width / 2), -1.0, 1.0);
            let bits = |v: &[f32]| -> Vec<Option<u32>> {
                v.iter().map(|v| (!v.is_nan()).then_some(v.to_bits())).collect()
            };
            let (mut fast, mut slow) = (vec![7.0; g.len()], vec![7.0; g.len()]);
            max_f32(&w, &x, &mut fast);
            max(&w, &x, &mut slow);
            assert_eq!(bits(&fast), bits(&slow));
            let (mut fast, mut slow) = (vec![7.0; x.len()], vec![7.0; x.len()]);
            max_grad_f32(&w, &x, &g, &mut fast);
            max_grad(&w, &x, &g, &mut slow);
            assert_eq!(bits(&fast), bits(&slow));
        }
    }
}
