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

/// Tiles as (vectors of b, a): their sums and operands fit into 16 registers, and the sums are enough of
/// them to wait for none.
const TILES: [(usize, usize); 4] = [(2, 5), (3, 3), (4, 2), (1, 8)];
/// Sums of at most so many terms are written out; longer ones loop over a few at a time.
const WRITTEN_OUT: usize = 16;
const AT_A_TIME: usize = 4;
/// So many tiles along a side are written out; more are a loop.
const FEW_TILES: usize = 4;

/// Where a tile's operands and results start.
#[derive(Clone, Copy)]
struct Tile {
    x: At,
    y: At,
    out: At,
    start: Option<At>,
    /// Of a
    height: usize,
    /// Of b, in vectors
    width: usize,
}

impl Product {
    /// Writes it.
    pub fn emit(&self, asm: &mut Asm) {
        let (_, columns, _) = self.sizes;
        let even = |&&(width, _): &&(usize, usize)| columns.is_multiple_of(width);
        let &(width, height) = TILES.iter().find(even).unwrap_or(&TILES[1]);
        let whole = columns / width;
        let mut done = 0;
        if whole > FEW_TILES {
            let by = 16 * width as u32;
            asm.repeat(whole, [(self.y.0, by), (self.out.0, by)], |asm, [y, out]| {
                self.panel(asm, y, out, (width, height));
            });
            done = whole * width;
        }
        for b in (done..columns).step_by(width) {
            let (y, out) = (self.y.0.plus(4 * b), self.out.0.plus(4 * b));
            self.panel(asm, y, out, (width.min(columns - b), height));
        }
    }

    /// All a, for so many vectors of b.
    fn panel(&self, asm: &mut Asm, y: At, out: At, (width, height): (usize, usize)) {
        let (rows, _, _) = self.sizes;
        let tile = |height, x, out, start| Tile { x, y, out, start, height, width };
        let at = |a: usize| {
            let (x, out) = (self.x.0.plus(a * self.x.1), out.plus(a * self.out.1));
            (x, out, self.start.map(|start| start.plus(a)))
        };
        let whole = rows / height;
        let mut done = 0;
        if whole > FEW_TILES {
            let (x, out, start) = at(0);
            let by = |elements: usize| 4 * (height * elements) as u32;
            let start = start.unwrap_or(At::fixed(0));
            let from = [(x, by(self.x.1)), (out, by(self.out.1)), (start, by(1))];
            asm.repeat(whole, from, |asm, [x, out, start]| {
                self.tile(asm, tile(height, x, out, self.start.map(|_| start)));
            });
            done = whole * height;
        }
        for a in (done..rows).step_by(height) {
            let (x, out, start) = at(a);
            self.tile(asm, tile(height.min(rows - a), x, out, start));
        }
    }

    fn tile(&self, asm: &mut Asm, tile: Tile) {
        let ((_, x_row, x_step), (_, y_step)) = (self.x, self.y);
        let terms = self.sizes.2;
        let Tile { height, width, .. } = tile;
        let sums = asm.vectors(height * width);
        let right = asm.vectors(width);
        let left = asm.vector();
        for (a, sums) in sums.chunks(width).enumerate() {
            for (b, &sum) in sums.iter().enumerate() {
                match tile.start {
                    Some(_) if b > 0 => {
                        asm.code().local_get(sums[0]);
                    }
                    Some(start) => asm.splat(start.plus(a)),
                    None => asm.constant(0.0),
                }
                asm.code().local_set(sum);
            }
        }
        let term = |asm: &mut Asm, x: At, y: At| {
            for (b, &local) in right.iter().enumerate() {
                asm.load(y.plus(4 * b));
                asm.code().local_set(local);
            }
            for (a, sums) in sums.chunks(width).enumerate() {
                asm.splat(x.plus(a * x_row));
                asm.code().local_set(left);
                for (&sum, &right) in sums.iter().zip(&right) {
                    asm.code().local_get(sum).local_get(left).local_get(right).f32x4_mul().f32x4_add();
                    asm.code().local_set(sum);
                }
            }
        };
        let some = |asm: &mut Asm, terms: std::ops::Range<usize>, x: At, y: At| {
            terms.for_each(|s| term(asm, x.plus(s * x_step), y.plus(s * y_step)));
        };
        let mut done = 0;
        if terms > WRITTEN_OUT {
            let by = |step: usize| 4 * (AT_A_TIME * step) as u32;
            asm.repeat(terms / AT_A_TIME, [(tile.x, by(x_step)), (tile.y, by(y_step))], |asm, [x, y]| {
                some(asm, 0..AT_A_TIME, x, y);
            });
            done = terms - terms % AT_A_TIME;
        }
        some(asm, done..terms, tile.x, tile.y);
        for (a, sums) in sums.chunks(width).enumerate() {
            for (b, &sum) in sums.iter().enumerate() {
                asm.store(tile.out.plus(a * self.out.1 + 4 * b), sum);
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
    let whole = rows / 4;
    if whole <= FEW_TILES {
        for a in (0..rows).step_by(4) {
            four_rows(asm, (from.0.plus(a * from.1), from.1), (to.0.plus(a), to.1), rows - a, columns);
        }
        return;
    }
    let by = [(from.0, 16 * from.1 as u32), (to.0, 16)];
    asm.repeat(whole, by, |asm, [start, end]| {
        four_rows(asm, (start, from.1), (end, to.1), 4, columns);
    });
    if !rows.is_multiple_of(4) {
        let a = 4 * whole;
        four_rows(asm, (from.0.plus(a * from.1), from.1), (to.0.plus(a), to.1), rows - a, columns);
    }
}

/// Up to four rows as as many columns.
fn four_rows(asm: &mut Asm, from: (At, usize), to: (At, usize), rows: usize, columns: usize) {
    let lines = asm.vectors(4);
    let halves = asm.vectors(4);
    for b in (0..columns).step_by(4) {
        for (i, &line) in lines.iter().enumerate() {
            match i < rows {
                true => asm.load(from.0.plus(i * from.1 + b)),
                false => asm.constant(0.0),
            }
            asm.code().local_set(line);
        }
        // Pairs of lines, then pairs of pairs
        let pairs = [(0, 1, [0, 4, 1, 5]), (2, 3, [0, 4, 1, 5]), (0, 1, [2, 6, 3, 7]), (2, 3, [2, 6, 3, 7])];
        for (&half, (p, q, elements)) in halves.iter().zip(pairs) {
            asm.code().local_get(lines[p]).local_get(lines[q]).i8x16_shuffle(shuffle(elements));
            asm.code().local_set(half);
        }
        let ends = [(0, 1, [0, 1, 4, 5]), (0, 1, [2, 3, 6, 7]), (2, 3, [0, 1, 4, 5]), (2, 3, [2, 3, 6, 7])];
        for (i, (p, q, elements)) in ends.into_iter().enumerate().take(columns - b) {
            asm.code().local_get(halves[p]).local_get(halves[q]).i8x16_shuffle(shuffle(elements));
            asm.code().local_set(lines[0]);
            asm.store(to.0.plus((b + i) * to.1), lines[0]);
        }
    }
    asm.release(lines);
    asm.release(halves);
}
