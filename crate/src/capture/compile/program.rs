//! From a trace to the function of a compiled step. Values of a batch lie feature by feature, each with
//! its rows side by side and filled up to whole vectors: products with weights then take four rows at a
//! time, in the order of sums that `backend::cpu` has.

mod pass;
mod single;

use super::asm::{Asm, At, LOSSES, ROWS, STEPS, UPDATE};
use super::blocks::{Block, Blocks, whole};
use super::host::Call;
use crate::backend::Storage;
use crate::backend::cpu::CpuStorage;
use crate::capture::trace::{Do, Kind, Step, Trace};
use crate::dtype::DType;
use crate::op::Op;
use wasm_encoder::{BlockType, ValType};

/// Steps with more multiplications than this spend their time in them, and the kernels that replay uses
/// are as good.
const MOST_PRODUCTS: usize = 6_000_000;
/// Nor are rows more than this.
const MOST_ROWS: usize = 128;
/// Vectors that are written out one after the other; more are a loop.
const WRITTEN_OUT: usize = 24;

/// Addresses in bytes that a step works with.
#[derive(Clone, Copy, Default)]
pub struct Bases {
    /// Values of its own
    pub arena: u32,
    /// The parameters' blocks
    pub parameters: u32,
    /// The gradients' blocks
    pub gradients: u32,
    /// One f32: minus the learning rate
    pub rate: u32,
    /// The first [`Call`] for the host, and the bytes from one to the next
    pub calls: (u32, u32),
    /// All rows of the inputs, and of the targets
    pub rows: [u32; 2],
    /// What the host's `update` gets
    pub update: u32,
}

/// What a step is compiled for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Rows are taken from all of them by a list; otherwise they lie where the step reads them
    pub gathers: bool,
    /// Plain gradient descent, written out
    pub plain_sgd: bool,
}

/// Where a value is, in elements from its base.
#[derive(Clone, Copy)]
enum Home {
    /// `[width][rows]`
    Matrix { at: usize, width: usize },
    /// One element
    Scalar { at: usize },
    /// Class indices of the rows
    Labels { at: usize },
    /// Known from the start
    Constant(f32),
    /// A parameter
    Parameter(Block),
}

/// A compiled step.
pub struct Program {
    /// The module
    pub module: Vec<u8>,
    /// Elements of its own that it works with
    pub arena: usize,
    /// What it leaves to the host
    pub calls: Vec<Call>,
    /// Where the inputs and targets of a batch are, and how many values a row of each has
    pub inputs: [(usize, usize); 2],
}

struct Builder<'a> {
    trace: &'a Trace,
    blocks: &'a Blocks,
    bases: Bases,
    asm: Asm,
    homes: Vec<Option<Home>>,
    last_use: Vec<usize>,
    /// Rows of a batch
    rows: usize,
    /// The arena's elements so far
    used: usize,
    calls: Vec<Call>,
    /// Values and where their transposes are
    transposed: Vec<(usize, At)>,
}

/// Whether a step is small enough to gain by being compiled.
pub fn suits(trace: &Trace) -> bool {
    let rows = trace.inputs.first().and_then(|(dims, _)| dims.first().copied()).unwrap_or(0);
    (1..=MOST_ROWS).contains(&rows) && trace.inputs.len() == 2 && products(trace) <= MOST_PRODUCTS
}

/// Compiles a step. None: it has something in it that is left to replay.
pub fn compile(trace: &Trace, blocks: &Blocks, bases: Bases, options: Options) -> Option<Program> {
    if !suits(trace) {
        return None;
    }
    let rows = trace.inputs[0].0[0];
    let mut last_use = vec![0; trace.values.len()];
    for (i, step) in trace.steps.iter().enumerate() {
        step.inputs.iter().chain([&step.output]).for_each(|r| last_use[r.value] = i);
    }
    last_use[trace.loss.value] = usize::MAX;
    let mut builder = Builder {
        trace,
        blocks,
        bases,
        asm: Asm::default(),
        homes: vec![None; trace.values.len()],
        last_use,
        rows,
        used: 0,
        calls: Vec::new(),
        transposed: Vec::new(),
    };
    let inputs = builder.place_what_is_given()?;
    builder.write(options, inputs)?;
    let Builder { asm, used, calls, .. } = builder;
    Some(Program { module: asm.finish(), arena: used, calls, inputs })
}

/// The multiplications of the products in a trace.
fn products(trace: &Trace) -> usize {
    let inner = |s: &Step| match s.action {
        Do::Compute(Op::Linear | Op::Matmul) => s.inputs[0].layout.dims().last().copied().unwrap_or(1),
        Do::Compute(Op::LinearWeight) => s.inputs[0].layout.dims()[0],
        _ => 0,
    };
    trace.steps.iter().map(|s| inner(s) * s.output.layout.numel()).sum()
}

impl Builder<'_> {
    /// The rows of a batch, filled up to whole vectors.
    fn stride(&self) -> usize {
        whole(self.rows)
    }

    fn take(&mut self, elements: usize) -> usize {
        let at = self.used;
        self.used += whole(elements);
        at
    }

    fn at(&self, place: usize) -> At {
        At::fixed(self.bases.arena).plus(place)
    }

    fn matrix(&mut self, width: usize) -> usize {
        self.take(width * self.stride())
    }

    /// Inputs, parameters and constants; where the two inputs are.
    fn place_what_is_given(&mut self) -> Option<[(usize, usize); 2]> {
        let mut inputs = [(0, 0); 2];
        for (input, (dims, dtype)) in inputs.iter_mut().zip(&self.trace.inputs) {
            let width = match (&**dims, dtype) {
                (&[rows, width], DType::F32) if rows == self.rows => width,
                (&[rows], DType::I64) if rows == self.rows => 1,
                _ => return None,
            };
            *input = (self.matrix(width), width);
        }
        for (i, value) in self.trace.values.iter().enumerate() {
            self.homes[i] = match &value.kind {
                Kind::Parameter(p) => Some(Home::Parameter(self.blocks.all[*p])),
                Kind::Input(input) => {
                    let (at, width) = inputs[*input];
                    Some(match value.dtype {
                        DType::I64 => Home::Labels { at },
                        _ => Home::Matrix { at, width },
                    })
                }
                Kind::Constant(Storage::Cpu(CpuStorage::F32(values))) if values.len() == 1 => {
                    Some(Home::Constant(values[0]))
                }
                Kind::Temporary => None,
                Kind::Constant(_) | Kind::State(_) => return None,
            };
        }
        Some(inputs)
    }

    /// The function: a loop over the steps.
    fn write(&mut self, options: Options, inputs: [(usize, usize); 2]) -> Option<()> {
        let count = self.asm.local(ValType::I32);
        self.asm.code().loop_(BlockType::Empty);
        if options.gathers {
            for (input, (at, width)) in inputs.into_iter().enumerate() {
                self.gather(input, at, width);
            }
            self.asm.advance(ROWS, 4 * self.rows as u32);
        }
        self.body()?;
        if options.plain_sgd {
            self.plain_sgd();
        } else {
            let context = self.bases.update as i32;
            self.asm.code().i32_const(context).call(UPDATE);
        }
        let Some(Home::Scalar { at }) = self.homes[self.trace.loss.value] else { return None };
        let loss = At { pointer: Some(LOSSES), offset: 0 };
        self.asm.copy_word(self.at(at), loss);
        self.asm.advance(LOSSES, 4);
        // On, if there are steps to go and the loss is finite
        self.asm.advance(count, 1);
        self.asm.code().local_get(count).local_get(STEPS).i32_lt_u();
        self.asm.load_word(self.at(at));
        self.asm.code().f32_reinterpret_i32().f32_abs().f32_const(f32::INFINITY.into()).f32_lt();
        self.asm.code().i32_and().br_if(0).end().local_get(count);
        Some(())
    }

    /// Copies the batch's rows out of all rows.
    fn gather(&mut self, input: usize, to: usize, width: usize) {
        let source = self.bases.rows[input];
        let (stride, to) = (self.stride(), self.at(to));
        let from = self.asm.local(ValType::I32);
        let row = |asm: &mut Asm, list: At, to: At| {
            asm.load_word(list);
            asm.code().i32_const(4 * width as i32).i32_mul().i32_const(source as i32).i32_add();
            asm.code().local_set(from);
            let from = At { pointer: Some(from), offset: 0 };
            if width <= WRITTEN_OUT {
                (0..width).for_each(|k| asm.copy_word(from.plus(k), to.plus(k * stride)));
            } else {
                let steps = [(from, 4), (to, 4 * stride as u32)];
                asm.repeat(width, steps, |asm, [from, to]| asm.copy_word(from, to));
            }
        };
        let list = At { pointer: Some(ROWS), offset: 0 };
        if self.rows <= WRITTEN_OUT {
            (0..self.rows).for_each(|i| row(&mut self.asm, list.plus(i), to.plus(i)));
        } else {
            self.asm.repeat(self.rows, [(list, 4), (to, 4)], |asm, [list, to]| row(asm, list, to));
        }
        self.asm.release([from]);
    }

    fn plain_sgd(&mut self) {
        let Bases { parameters, gradients, rate, .. } = self.bases;
        let [alpha, p] = [self.asm.vector(), self.asm.vector()];
        self.asm.splat(At::fixed(rate));
        self.asm.code().local_set(alpha);
        let step = |asm: &mut Asm, to: At, from: At| {
            asm.load(to);
            asm.code().local_get(alpha);
            asm.load(from);
            asm.code().f32x4_mul().f32x4_add().local_set(p);
            asm.store(to, p);
        };
        let vectors = self.blocks.len / 4;
        let (to, from) = (At::fixed(parameters), At::fixed(gradients));
        if vectors <= 2 * WRITTEN_OUT {
            (0..vectors).for_each(|i| step(&mut self.asm, to.plus(4 * i), from.plus(4 * i)));
        } else {
            self.asm.repeat(vectors, [(to, 16), (from, 16)], |asm, [to, from]| step(asm, to, from));
        }
        self.asm.release([alpha, p]);
    }

    /// All steps of the trace.
    fn body(&mut self) -> Option<()> {
        let mut at = 0;
        while at < self.trace.steps.len() {
            match self.group(at) {
                Some((shape, end)) => {
                    self.elementwise(shape, at, end)?;
                    at = end;
                }
                None => {
                    self.single(&self.trace.steps[at])?;
                    at += 1;
                }
            }
        }
        Some(())
    }
}
