//! Steps that are more than one element's: products, sums, and what is left to the host.

use super::pass::Shape;
use super::{Builder, Home, WRITTEN_OUT};
use crate::capture::compile::asm::{Asm, At, CALL};
use crate::capture::compile::blocks::{Block, whole};
use crate::capture::compile::host::Call;
use crate::capture::compile::product::{Product, transpose};
use crate::capture::trace::{Do, Ref, Step};
use crate::op::{Op, Reduce};

impl Builder<'_> {
    /// A batch's value as it lies in its home: `[rows, width]`, row-major in the trace.
    fn plain_matrix(&self, r: &Ref) -> Option<(usize, usize)> {
        let Home::Matrix { at, width } = self.homes[r.value]? else { return None };
        let fits = match *r.layout.dims() {
            [rows, own] => rows == self.rows && own == width,
            [rows] => rows == self.rows && width == 1,
            _ => false,
        };
        (fits && r.layout.is_contiguous() && r.layout.offset() == 0).then_some((at, width))
    }

    fn plain_weight(&self, r: &Ref) -> Option<Block> {
        let Home::Parameter(block) = self.homes[r.value]? else { return None };
        let fits = *r.layout.dims() == [block.rows, block.columns] && r.layout.is_contiguous();
        (block.is_matrix && fits).then_some(block)
    }

    /// The block of the gradient that a step makes.
    fn gradient(&self, r: &Ref) -> Option<Block> {
        Some(self.blocks.all[self.trace.values[r.value].gradient_of?])
    }

    /// Where a matrix lies row by row, each filled up to whole vectors.
    fn rows_of(&mut self, value: usize, at: usize, width: usize) -> At {
        if let Some((_, place)) = self.transposed.iter().find(|(known, _)| *known == value) {
            return *place;
        }
        let place = self.take(self.rows * whole(width));
        let place = self.at(place);
        let from = (self.at(at), self.stride());
        transpose(&mut self.asm, from, (place, whole(width)), width, self.rows);
        self.transposed.push((value, place));
        place
    }

    /// One step that is not elementwise, or too long to be written out.
    pub(super) fn single(&mut self, step: &Step) -> Option<()> {
        let Do::Compute(op) = &step.action else { return None };
        let parameters = At::fixed(self.bases.parameters);
        let stride = self.stride();
        match op {
            Op::Linear => {
                let (x, inputs) = self.plain_matrix(&step.inputs[0])?;
                let weight = self.plain_weight(&step.inputs[1])?;
                let bias = match step.inputs.get(2) {
                    None => None,
                    Some(r) => match self.homes[r.value]? {
                        Home::Parameter(b) if !b.is_matrix => Some(parameters.plus(b.at)),
                        _ => return None,
                    },
                };
                let out = self.matrix(weight.rows);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width: weight.rows });
                let product = Product {
                    x: (parameters.plus(weight.at), 1, weight.stride()),
                    y: (self.at(x), stride),
                    out: (self.at(out), stride),
                    start: bias,
                    sizes: (weight.rows, stride / 4, inputs),
                };
                product.emit(&mut self.asm);
                Some(())
            }
            Op::Matmul => self.inputs_gradient(step),
            Op::LinearWeight => self.weight_gradient(step),
            Op::Reduce(Reduce::Sum, over, _) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                match (&**over, step.inputs[0].layout.dims()) {
                    (&[0], &[_, _]) => {
                        let block = self.gradient(&step.output)?;
                        let from = self.rows_of(step.inputs[0].value, x, width);
                        self.sum_of_rows(from, width, block);
                        Some(())
                    }
                    (&[1], &[_, _]) => self.row_sums(step, x, width),
                    (over, dims) if over.len() == dims.len() => self.sum(step, x, width),
                    _ => None,
                }
            }
            Op::Softmax(1) | Op::LogSoftmax(1) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                let out = self.matrix(width);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width });
                self.call(Call::Softmax { op: *op, x, width, rows: self.rows, out })
            }
            Op::Nll(nll) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                let Some(Home::Labels { at: labels }) = self.homes[step.inputs[1].value] else { return None };
                if !nll.mean {
                    return None;
                }
                let out = self.take(1);
                self.homes[step.output.value] = Some(Home::Scalar { at: out });
                self.call(Call::Nll { x, labels, width, rows: self.rows, out })
            }
            Op::NllGrad(nll, width) => {
                let Some(Home::Labels { at: labels }) = self.homes[step.inputs[1].value] else { return None };
                let g = match self.homes[step.inputs[0].value]? {
                    Home::Constant(g) if nll.mean => g,
                    _ => return None,
                };
                let out = self.matrix(*width);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width: *width });
                self.call(Call::NllGrad { g, labels, width: *width, rows: self.rows, out })
            }
            Op::Unary(_) | Op::Scalar(..) => {
                let (x, width) = self.plain_matrix(&step.inputs[0])?;
                if self.shape(&step.output) != Some(Shape::Matrix(width)) {
                    return None;
                }
                let out = self.matrix(width);
                self.homes[step.output.value] = Some(Home::Matrix { at: out, width });
                self.call(Call::Elementwise { op: *op, x, elements: width * stride, out })
            }
            _ => None,
        }
    }

    fn call(&mut self, call: Call) -> Option<()> {
        let (first, size) = self.bases.calls;
        let address = first + size * self.calls.len() as u32;
        self.asm.code().i32_const(address as i32).call(CALL);
        self.calls.push(call);
        Some(())
    }

    /// `[rows, out] @ [out, in]`
    fn inputs_gradient(&mut self, step: &Step) -> Option<()> {
        let stride = self.stride();
        let (g, outputs) = self.plain_matrix(&step.inputs[0])?;
        let weight = self.plain_weight(&step.inputs[1])?;
        let out = self.matrix(weight.columns);
        self.homes[step.output.value] = Some(Home::Matrix { at: out, width: weight.columns });
        let product = Product {
            x: (At::fixed(self.bases.parameters).plus(weight.at), weight.stride(), 1),
            y: (self.at(g), stride),
            out: (self.at(out), stride),
            start: None,
            sizes: (weight.columns, stride / 4, outputs),
        };
        product.emit(&mut self.asm);
        Some(())
    }

    /// `[rows, out]ᵀ @ [rows, in]`
    fn weight_gradient(&mut self, step: &Step) -> Option<()> {
        let stride = self.stride();
        let (g, outputs) = self.plain_matrix(&step.inputs[0])?;
        let (x, inputs) = self.plain_matrix(&step.inputs[1])?;
        let block = self.gradient(&step.output)?;
        let rows = self.rows_of(step.inputs[0].value, g, outputs);
        let product = Product {
            x: (self.at(x), stride, 1),
            y: (rows, whole(outputs)),
            out: (At::fixed(self.bases.gradients).plus(block.at), block.stride()),
            start: None,
            sizes: (inputs, block.stride() / 4, self.rows),
        };
        product.emit(&mut self.asm);
        Some(())
    }

    /// A bias's gradient.
    fn sum_of_rows(&mut self, from: At, width: usize, block: Block) {
        let out = At::fixed(self.bases.gradients).plus(block.at);
        let (rows, sum) = (self.rows, self.asm.vector());
        let add_up = |asm: &mut Asm, from: At, out: At| {
            fold(asm, rows, &|asm, i| asm.load(from.plus(i * whole(width))));
            asm.code().local_set(sum);
            asm.store(out, sum);
        };
        let vectors = whole(width) / 4;
        if rows * vectors <= 4 * WRITTEN_OUT {
            (0..vectors).for_each(|i| add_up(&mut self.asm, from.plus(4 * i), out.plus(4 * i)));
        } else {
            self.asm.repeat(vectors, [(from, 16), (out, 16)], |asm, [from, out]| add_up(asm, from, out));
        }
        self.asm.release([sum]);
    }

    /// Each row's sum over its features.
    fn row_sums(&mut self, step: &Step, x: usize, width: usize) -> Option<()> {
        let (stride, out, sum) = (self.stride(), self.matrix(1), self.asm.vector());
        let (from, to) = (self.at(x), self.at(out));
        self.homes[step.output.value] = Some(Home::Matrix { at: out, width: 1 });
        if width > FOLDED {
            return None;
        }
        for v in (0..stride).step_by(4) {
            fold(&mut self.asm, width, &|asm, k| asm.load(from.plus(k * stride + v)));
            self.asm.code().local_set(sum);
            self.asm.store(to.plus(v), sum);
        }
        self.asm.release([sum]);
        Some(())
    }

    /// The sum of everything, in row-major order.
    fn sum(&mut self, step: &Step, x: usize, width: usize) -> Option<()> {
        let (stride, out) = (self.stride(), self.take(1));
        let (from, to) = (self.at(x), self.at(out));
        self.homes[step.output.value] = Some(Home::Scalar { at: out });
        if self.rows * width > FOLDED {
            return self.call(Call::Sum { x, width, rows: self.rows, out });
        }
        let sum = self.asm.vector();
        fold(&mut self.asm, self.rows * width, &|asm, i| {
            asm.splat(from.plus(i % width * stride + i / width));
        });
        self.asm.code().local_set(sum);
        self.asm.store_first(to, sum);
        self.asm.release([sum]);
        Some(())
    }
}

/// Sums of at most so many terms are written out.
const FOLDED: usize = 128;
/// The lanes of `backend::cpu::fold`.
const LANES: usize = 16;

/// Pushes the sum of n terms in the order of `backend::cpu::fold`: term i goes to lane i mod 16, each lane
/// from the first to the last, then lanes are joined over half their number, a quarter, and so on.
fn fold(asm: &mut Asm, n: usize, term: &dyn Fn(&mut Asm, usize)) {
    fn lane(asm: &mut Asm, n: usize, i: usize, apart: usize, term: &dyn Fn(&mut Asm, usize)) {
        if apart == n.min(LANES).next_power_of_two() {
            term(asm, i);
            for next in (i + LANES..n).step_by(LANES) {
                term(asm, next);
                asm.code().f32x4_add();
            }
            return;
        }
        lane(asm, n, i, 2 * apart, term);
        if i + apart < n {
            lane(asm, n, i + apart, 2 * apart, term);
            asm.code().f32x4_add();
        }
    }
    lane(asm, n, 0, 1, term);
    // Lanes start from +0, so no sum is −0.
    asm.constant(0.0);
    asm.code().f32x4_add();
}
