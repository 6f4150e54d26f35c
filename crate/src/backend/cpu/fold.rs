//! Sums and extremes of many numbers, in one order for all: the result does not depend on how the
//! numbers lie in memory, nor on how many are added at once.
//!
//! Number i of a block of 1,024 goes to lane i mod 16, each lane from the first to the last; then lane i
//! takes lane i + 8, i + 4, i + 2 and i + 1. Blocks are joined in pairs, pairs in pairs of pairs, and so
//! on (Higham, 1993: the error grows with the logarithm of the number of blocks).

use super::f32x4::F32x4;

/// Numbers in a block
pub(super) const BLOCK: usize = 1024;
const LANES: usize = 16;

/// Joins the results of blocks as they come.
struct Pairs<V> {
    /// Results of 2ᵏ blocks, the largest first; enough for all that memory holds
    partial: [V; 40],
    blocks: usize,
}

impl<V: Copy> Pairs<V> {
    fn new(start: V) -> Self {
        Pairs { partial: [start; 40], blocks: 0 }
    }

    fn push(&mut self, mut block: V, f: impl Fn(V, V) -> V) {
        let mut at = self.blocks.count_ones() as usize;
        for _ in 0..self.blocks.trailing_ones() {
            at -= 1;
            block = f(self.partial[at], block);
        }
        self.partial[at] = block;
        self.blocks += 1;
    }

    fn finish(&self, f: impl Fn(V, V) -> V) -> V {
        let mut at = self.blocks.count_ones() as usize - 1;
        let mut all = self.partial[at];
        while at > 0 {
            at -= 1;
            all = f(self.partial[at], all);
        }
        all
    }
}

/// Joins the results of the blocks that `block` computes from (first, length).
#[inline(always)]
fn blocks<V: Copy>(n: usize, start: V, f: impl Fn(V, V) -> V, mut block: impl FnMut(usize, usize) -> V) -> V {
    if n <= BLOCK {
        return block(0, n);
    }
    let mut pairs = Pairs::new(start);
    for first in (0..n).step_by(BLOCK) {
        pairs.push(block(first, BLOCK.min(n - first)), &f);
    }
    pairs.finish(f)
}

/// Of the numbers `at(0)` to `at(n − 1)`. A number may be four neighbours, of four groups.
#[inline(always)]
pub(super) fn fold_by<V: Copy>(n: usize, start: V, f: impl Fn(V, V) -> V, at: impl Fn(usize) -> V) -> V {
    blocks(n, start, &f, |first, n| {
        let mut lanes = [start; LANES];
        // Four lanes at a time, which fit into registers.
        for lane in (0..LANES.min(n)).step_by(4) {
            let [mut a, mut b, mut c, mut d] = [start; 4];
            let mut i = lane;
            while i + 4 <= n {
                let i0 = first + i;
                (a, b) = (f(a, at(i0)), f(b, at(i0 + 1)));
                (c, d) = (f(c, at(i0 + 2)), f(d, at(i0 + 3)));
                i += LANES;
            }
            lanes[lane..lane + 4].copy_from_slice(&[a, b, c, d]);
            for i in i..n.min(i + 4) {
                lanes[i % LANES] = f(lanes[i % LANES], at(first + i));
            }
        }
        joined(lanes, n, &f)
    })
}

/// The lanes as one; those from the n-th on have nothing.
#[inline(always)]
fn joined<V: Copy>(mut lanes: [V; LANES], n: usize, f: impl Fn(V, V) -> V) -> V {
    let mut half = n.clamp(1, LANES).next_power_of_two() / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = f(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Of sixteen groups side by side: `row` has the n-th number of each.
#[inline(always)]
pub(super) fn fold_columns<'a>(
    n: usize,
    start: f32,
    f: impl Fn(F32x4, F32x4) -> F32x4,
    row: impl Fn(usize) -> &'a [[f32; 4]],
) -> [[f32; 4]; 4] {
    let start = [F32x4::splat(start); 4];
    let each = |a: [F32x4; 4], b: [F32x4; 4]| [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])];
    blocks(n, start, each, |first, n| {
        let mut lanes = [start; LANES];
        for (lane, sums) in lanes.iter_mut().enumerate().take(n) {
            let [mut a, mut b, mut c, mut d] = start;
            for i in (first + lane..first + n).step_by(LANES) {
                let row = row(i);
                let x = |j: usize| F32x4::from_array(row[j]);
                (a, b, c, d) = (f(a, x(0)), f(b, x(1)), f(c, x(2)), f(d, x(3)));
            }
            *sums = [a, b, c, d];
        }
        joined(lanes, n, each)
    })
    .map(F32x4::array)
}

/// Of neighbours in memory: 16 lanes are four vectors.
#[inline(always)]
pub(super) fn fold_row(values: &[f32], start: f32, f: impl Fn(F32x4, F32x4) -> F32x4) -> f32 {
    blocks(values.len(), start, one(&f), |first, n| fold_block(&values[first..first + n], start, &f))
}

/// The same function of single numbers.
#[inline(always)]
fn one(f: impl Fn(F32x4, F32x4) -> F32x4) -> impl Fn(f32, f32) -> f32 {
    move |a, b| f(F32x4::splat(a), F32x4::splat(b)).array()[0]
}

/// Of at most [`BLOCK`] neighbours.
#[inline(always)]
fn fold_block(values: &[f32], start: f32, f: impl Fn(F32x4, F32x4) -> F32x4) -> f32 {
    let mut lanes = [F32x4::splat(start); 4];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        let [a, b, c, d] = lanes;
        let x = |i: usize| F32x4::from_array([chunk[i], chunk[i + 1], chunk[i + 2], chunk[i + 3]]);
        lanes = [f(a, x(0)), f(b, x(4)), f(c, x(8)), f(d, x(12))];
    }
    if !rest.is_empty() {
        // Lanes beyond the rest take the start, which changes nothing.
        let mut last = [start; LANES];
        last[..rest.len()].copy_from_slice(rest);
        for (i, lane) in lanes.iter_mut().enumerate() {
            let [a, b, c, d] = [last[4 * i], last[4 * i + 1], last[4 * i + 2], last[4 * i + 3]];
            *lane = f(*lane, F32x4::from_array([a, b, c, d]));
        }
    }
    let [a, b, c, d] = lanes;
    let [a, b, c, d] = f(f(a, c), f(b, d)).array();
    let pairs = f(F32x4::from_array([a, b, a, b]), F32x4::from_array([c, d, c, d])).array();
    one(f)(pairs[0], pairs[1])
}

/// Of numbers that come in portions: `next` writes the next ones, [`BLOCK`] at a time.
#[inline(always)]
pub(super) fn fold_portions(
    n: usize,
    start: f32,
    f: impl Fn(F32x4, F32x4) -> F32x4,
    mut next: impl FnMut(&mut [f32]),
) -> f32 {
    let mut buffer = [0.0; BLOCK];
    blocks(n, start, one(&f), |_, n| {
        next(&mut buffer[..n]);
        fold_block(&buffer[..n], start, &f)
    })
}

#[cfg(test)]
mod tests {
    use super::super::f32x4::Real;
    use super::*;

    #[test]
    fn all_ways_of_folding_give_the_same_bits() {
        let mut generator = crate::rng::Generator::new(1);
        for n in (0..100).chain([1023, 1024, 1025, 3000, 5000, 33_000]) {
            let x = generator.uniform(n, -1.0, 1.0);
            let expected = fold_by(n, 0.0, |a, b| a + b, |i| x[i]);
            assert_eq!(fold_row(&x, 0.0, |a, b| a + b), expected, "{n} in a row");
            let four = fold_by(n, F32x4::splat(0.0), |a, b| a + b, |i| F32x4::splat(x[i]));
            assert_eq!(four.array(), [expected; 4], "{n} in columns");
            let mut done = 0;
            let portions = fold_portions(
                n,
                0.0,
                |a, b| a + b,
                |to| {
                    to.copy_from_slice(&x[done..done + to.len()]);
                    done += to.len();
                },
            );
            assert_eq!(portions, expected, "{n} in portions");
            let sixteen: Vec<[[f32; 4]; 4]> = x.iter().map(|&v| [[v; 4]; 4]).collect();
            let columns = fold_columns(n, 0.0, |a, b| a + b, |i| &sixteen[i]);
            assert_eq!(columns, [[expected; 4]; 4], "{n} in sixteen columns");
            let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(fold_row(&x, f32::NEG_INFINITY, |a, b| a.larger(b)), largest);
        }
    }

    #[test]
    fn a_long_sum_is_accurate() {
        // One after the other they would give 412,000. A lane adds 64 numbers, then 4 + 12 levels of
        // pairs follow: at most 80 roundings of 2⁻²⁴ each, 2 of 419,430.
        let x = vec![0.1f32; 1 << 22];
        let sum = fold_row(&x, 0.0, |a, b| a + b);
        assert!((f64::from(sum) - f64::from(0.1f32) * f64::from(1 << 22)).abs() < 2.0, "{sum}");
    }
}
