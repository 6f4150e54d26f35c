//! Elementwise steps that follow each other as one pass over features and rows.

use super::{Builder, Home, WRITTEN_OUT};
use crate::capture::compile::asm::{Asm, At};
use crate::capture::compile::elementwise;
use crate::capture::trace::{Do, Ref, Step};
use crate::op::Op;

/// The shape of a group of elementwise steps.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Scalar,
    Matrix(usize),
}

/// Where an operand of an elementwise step is read.
enum Source {
    Local(u32),
    Constant(f32),
    /// One element for all
    Scalar(At),
    /// One row of the batch for all features
    Column(At),
    /// One element for each feature
    Feature(At),
    Matrix(At),
}

impl Builder<'_> {
    pub(super) fn shape(&self, output: &Ref) -> Option<Shape> {
        match *output.layout.dims() {
            [rows, width] if rows == self.rows => Some(Shape::Matrix(width)),
            [rows] if rows == self.rows => Some(Shape::Matrix(1)),
            [] => Some(Shape::Scalar),
            _ => None,
        }
    }

    /// The elementwise steps from `start` on that can be one pass: their shape, and the end.
    pub(super) fn group(&self, start: usize) -> Option<(Shape, usize)> {
        let shape_of = |step: &Step| match &step.action {
            Do::Compute(op) if elementwise::is_short(op) => self.shape(&step.output),
            _ => None,
        };
        let shape = shape_of(&self.trace.steps[start])?;
        let more = self.trace.steps[start..].iter().take_while(|s| shape_of(s) == Some(shape)).count();
        Some((shape, start + more))
    }

    fn source(&self, r: &Ref, step: &Step, locals: &[(usize, u32)]) -> Option<Source> {
        let layout = r.layout.expand(step.output.layout.dims()).ok()?;
        let strides = layout.strides();
        if layout.offset() != 0 {
            return None;
        }
        let all_same = layout.dims().iter().zip(strides).all(|(&n, &s)| n == 1 || s == 0);
        // A feature's stride, then the rows' one
        let (across, along, width) = match (strides, layout.dims()) {
            (&[along, across], &[_, width]) => (across, along, width),
            (&[along], _) => (0, along, 1),
            _ => (0, 0, 1),
        };
        let plain = |own: usize| {
            own == width && (along == own as isize || self.rows == 1) && (across == 1 || width == 1)
        };
        if let Some(&(_, local)) = locals.iter().rev().find(|(value, _)| *value == r.value) {
            let own = match self.shape(&self.trace.steps[self.maker(r.value)?].output)? {
                Shape::Matrix(own) => own,
                Shape::Scalar => 1,
            };
            let same = if layout.dims().is_empty() { true } else { plain(own) };
            return same.then_some(Source::Local(local));
        }
        match self.homes[r.value]? {
            Home::Constant(value) if all_same => Some(Source::Constant(value)),
            Home::Scalar { at } if all_same => Some(Source::Scalar(self.at(at))),
            Home::Matrix { at, width: own } if plain(own) => Some(Source::Matrix(self.at(at))),
            Home::Matrix { at, width: 1 } if across == 0 && (along == 1 || self.rows == 1) => {
                Some(Source::Column(self.at(at)))
            }
            Home::Parameter(block)
                if !block.is_matrix && across == 1 && along == 0 && block.rows == width =>
            {
                Some(Source::Feature(At::fixed(self.bases.parameters).plus(block.at)))
            }
            _ => None,
        }
    }

    /// The step that makes a value.
    fn maker(&self, value: usize) -> Option<usize> {
        self.trace.steps.iter().position(|s| s.output.value == value)
    }

    /// Elementwise steps as one pass over the features and rows.
    pub(super) fn elementwise(&mut self, shape: Shape, start: usize, end: usize) -> Option<()> {
        let steps = &self.trace.steps[start..end];
        let mut locals = Vec::with_capacity(steps.len());
        let mut sources = Vec::with_capacity(steps.len());
        for step in steps {
            let of = |r| self.source(r, step, &locals);
            sources.push(step.inputs.iter().map(of).collect::<Option<Vec<Source>>>()?);
            locals.push((step.output.value, self.asm.vector()));
        }
        // What later steps read goes to memory.
        let mut kept = Vec::new();
        for (step, &(value, local)) in steps.iter().zip(&locals) {
            let info = &self.trace.values[value];
            if self.last_use[value] < end {
                continue;
            }
            if info.gradient_of.is_some() || step.output.layout.offset() != 0 {
                return None;
            }
            let (home, at) = match shape {
                Shape::Scalar => {
                    let at = self.take(1);
                    (Home::Scalar { at }, at)
                }
                Shape::Matrix(width) => {
                    let at = self.matrix(width);
                    (Home::Matrix { at, width }, at)
                }
            };
            self.homes[value] = Some(home);
            kept.push((self.at(at), local));
        }
        let ops = steps.iter().map(|s| match &s.action {
            Do::Compute(op) => op,
            _ => unreachable!("groups have operations only"),
        });
        let ops: Vec<&Op> = ops.collect();
        // One vector: `matrix` moves with features and rows, `column` with rows, `feature` with features.
        let vector = |asm: &mut Asm,
                      matrix: &dyn Fn(At) -> At,
                      column: &dyn Fn(At) -> At,
                      feature: &dyn Fn(At) -> At| {
            for ((op, sources), &(_, local)) in ops.iter().zip(&sources).zip(&locals) {
                elementwise::emit(asm, op, &|asm, i| match sources[i] {
                    Source::Local(local) => {
                        asm.code().local_get(local);
                    }
                    Source::Constant(value) => asm.constant(value),
                    Source::Scalar(at) => asm.splat(at),
                    Source::Column(at) => asm.load(column(at)),
                    Source::Feature(at) => asm.splat(feature(at)),
                    Source::Matrix(at) => asm.load(matrix(at)),
                });
                asm.code().local_set(local);
            }
            for &(at, local) in &kept {
                match shape {
                    Shape::Scalar => asm.store_first(at, local),
                    Shape::Matrix(_) => asm.store(matrix(at), local),
                }
            }
        };
        let stride = self.stride();
        let asm = &mut self.asm;
        match shape {
            Shape::Scalar => vector(asm, &|at| at, &|at| at, &|at| at),
            Shape::Matrix(width) if width * stride / 4 <= WRITTEN_OUT => {
                for (j, i) in (0..width).flat_map(|j| (0..stride).step_by(4).map(move |i| (j, i))) {
                    vector(asm, &|at| at.plus(j * stride + i), &|at| at.plus(i), &|at| at.plus(j));
                }
            }
            Shape::Matrix(width) => {
                let by = [(At::fixed(0), 4 * stride as u32), (At::fixed(0), 4)];
                asm.repeat(width, by, |asm, [matrix, feature]| {
                    for i in (0..stride).step_by(4) {
                        let moved = |by: At| move |at: At| At { pointer: by.pointer, ..at };
                        let (matrix, feature) = (moved(matrix), moved(feature));
                        vector(asm, &|at| matrix(at).plus(i), &|at| at.plus(i), &feature);
                    }
                });
            }
        }
        self.asm.release(locals.into_iter().map(|(_, local)| local));
        Some(())
    }
}
