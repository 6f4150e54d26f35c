//! Products and transposes, written out for fixed sizes.

use super::asm::{Asm, At};

/// `out[a][b] = start[a] + Σ_s x[a][s] · y[s][b]`, where b counts vectors of four: every sum in the order
/// of s, each multiplication and addition rounded on its own, as the kernels of `backend::cpu` do.
pub struct Product {
    /// x's first element, and the elements between two of its a and of its s
    pub x: (At, usize, usize),
    /// y's first element, and the elements between two of its s
    pub y: (At, usize),
    /// The result's first element, and the elements between two of its a
    pub out: (At, usize),
    /// What the sums start from, one element for each a; zero without
    pub start: Option<At>,
    /// Sizes: of a, of b in vectors, of s
    pub sizes: (usize, usize, usize),
}

/// The vectors of a tile: they and their operands have to fit into 16 registers.
const TILE: usize = 10;
/// Sums of at most so many terms are written out; longer ones loop.
const WRITTEN_OUT: usize = 16;

impl Product {
    /// Writes it.
    pub fn emit(&self, asm: &mut Asm) {
        let (rows, columns, _) = self.sizes;
        let width = columns.min(3);
        let height = (TILE / width.max(1)).clamp(1, 8);
        for b in (0..columns).step_by(width.max(1)) {
            for a in (0..rows).step_by(height) {
                self.tile(asm, a..rows.min(a + height), b..columns.min(b + width));
            }
        }
    }

    fn tile(&self, asm: &mut Asm, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) {
        let (x, x_row, x_step) = self.x;
        let (y, y_step) = self.y;
        let terms = self.sizes.2;
        let sums = asm.vectors(rows.len() * columns.len());
        let right = asm.vectors(columns.len());
        let left = asm.vector();
        for (i, a) in rows.clone().enumerate() {
            for (j, _) in columns.clone().enumerate() {
                match self.start {
                    Some(_) if j > 0 => {
                        asm.code().local_get(sums[i * columns.len()]);
                    }
                    Some(start) => asm.splat(start.plus(a)),
                    None => asm.constant(0.0),
                }
                asm.code().local_set(sums[i * columns.len() + j]);
            }
        }
        let x = x.plus(rows.start * x_row);
        let y = y.plus(4 * columns.start);
        let term = |asm: &mut Asm, x: At, y: At| {
            for (j, &local) in right.iter().enumerate() {
                asm.load(y.plus(4 * j));
                asm.code().local_set(local);
            }
            for i in 0..rows.len() {
                asm.splat(x.plus(i * x_row));
                asm.code().local_set(left);
                for (j, &right) in right.iter().enumerate() {
                    let sum = sums[i * columns.len() + j];
                    asm.code().local_get(sum).local_get(left).local_get(right).f32x4_mul().f32x4_add();
                    asm.code().local_set(sum);
                }
            }
        };
        if terms <= WRITTEN_OUT {
            for s in 0..terms {
                term(asm, x.plus(s * x_step), y.plus(s * y_step));
            }
        } else {
            let steps = [(x, 4 * x_step as u32), (y, 4 * y_step as u32)];
            asm.repeat(terms, steps, |asm, [x, y]| term(asm, x, y));
        }
        let (out, out_row) = self.out;
        for (i, a) in rows.enumerate() {
            for (j, b) in columns.clone().enumerate() {
                asm.store(out.plus(a * out_row + 4 * b), sums[i * columns.len() + j]);
            }
        }
        asm.release(sums);
        asm.release(right);
        asm.release([left]);
    }
}

/// Bytes of two vectors, by the numbers of the four elements that are taken.
fn shuffle(elements: [u8; 4]) -> [u8; 16] {
    std::array::from_fn(|i| 4 * elements[i / 4] + (i % 4) as u8)
}

/// `to[b][a] = from[a][b]` for `rows` times `columns` elements. Rows of `from` are `from_row` elements apart,
/// those of `to` are `to_row`, both multiples of four. `to` is filled up with zeros to whole vectors; what
/// `from` has beyond its columns is not read into it.
pub fn transpose(asm: &mut Asm, from: (At, usize), to: (At, usize), rows: usize, columns: usize) {
    let lines = asm.vectors(4);
    let halves = asm.vectors(4);
    for a in (0..rows).step_by(4) {
        for b in (0..columns).step_by(4) {
            for (i, &line) in lines.iter().enumerate() {
                match a + i < rows {
                    true => asm.load(from.0.plus((a + i) * from.1 + b)),
                    false => asm.constant(0.0),
                }
                asm.code().local_set(line);
            }
            // Pairs of lines, then pairs of pairs
            let pairs =
                [(0, 1, [0, 4, 1, 5]), (2, 3, [0, 4, 1, 5]), (0, 1, [2, 6, 3, 7]), (2, 3, [2, 6, 3, 7])];
            for (&half, (p, q, elements)) in halves.iter().zip(pairs) {
                asm.code().local_get(lines[p]).local_get(lines[q]).i8x16_shuffle(shuffle(elements));
                asm.code().local_set(half);
            }
            let ends =
                [(0, 1, [0, 1, 4, 5]), (0, 1, [2, 3, 6, 7]), (2, 3, [0, 1, 4, 5]), (2, 3, [2, 3, 6, 7])];
            for (i, (p, q, elements)) in ends.into_iter().enumerate().take(columns - b) {
                asm.code().local_get(halves[p]).local_get(halves[q]).i8x16_shuffle(shuffle(elements));
                asm.code().local_set(lines[0]);
                asm.store(to.0.plus((b + i) * to.1 + a), lines[0]);
            }
        }
    }
    asm.release(lines);
    asm.release(halves);
}
