//! What a compiled step leaves to its host: functions that are too long to be written out, and sums whose
//! order the kernels define.

use crate::backend::cpu::{self, CpuStorage};
use crate::backend::{Storage, execute_into, operand};
use crate::op::{DimList, Nll, Op, Reduce};
use crate::shape::Layout;

/// One call. Places are in elements of the step's arena; values lie feature by feature, see
/// [`super::program`].
#[derive(Clone, Copy)]
pub enum Call {
    /// A long function of each element
    Elementwise {
        /// Which
        op: Op,
        /// Of what
        x: usize,
        /// How many, those that fill up included
        elements: usize,
        /// Into what
        out: usize,
    },
    /// The sum of all elements
    Sum {
        /// Of what
        x: usize,
        /// Features
        width: usize,
        /// Rows
        rows: usize,
        /// Into what
        out: usize,
    },
    /// Softmax or its logarithm over each row
    Softmax {
        /// Which
        op: Op,
        /// Of what
        x: usize,
        /// Features
        width: usize,
        /// Rows
        rows: usize,
        /// Into what
        out: usize,
    },
    /// The mean of −x at each row's class
    Nll {
        /// Logarithms of probabilities
        x: usize,
        /// Classes: i32
        labels: usize,
        /// Features
        width: usize,
        /// Rows
        rows: usize,
        /// Into what
        out: usize,
    },
    /// Its adjoint
    NllGrad {
        /// The loss's gradient
        g: f32,
        /// Classes: i32
        labels: usize,
        /// Features
        width: usize,
        /// Rows
        rows: usize,
        /// Into what
        out: usize,
    },
}

/// The elements between two features.
fn stride(rows: usize) -> usize {
    super::blocks::whole(rows)
}

/// Storages that calls use again and again.
#[derive(Default)]
pub struct Scratch {
    input: Vec<f32>,
    labels: Vec<i64>,
    output: Vec<f32>,
}

impl Scratch {
    /// Carries out a call.
    pub fn run(&mut self, call: &Call, arena: &mut [f32]) {
        match *call {
            Call::Elementwise { op, x, elements, out } => {
                let [from, to] = arena
                    .get_disjoint_mut([x..x + elements, out..out + elements])
                    .expect("a value has a place of its own");
                cpu::elementwise_block(&op, from, to);
            }
            Call::Sum { x, width, rows, out } => {
                let over: DimList = [0, 1].as_slice().into();
                self.load(arena, x, width, rows);
                self.execute(&Op::Reduce(Reduce::Sum, over, false), &[rows, width], &[], false);
                arena[out] = self.output[0];
            }
            Call::Softmax { op, x, width, rows, out } => {
                self.load(arena, x, width, rows);
                self.execute(&op, &[rows, width], &[rows, width], false);
                self.store(arena, out, width, rows);
            }
            Call::Nll { x, labels, width, rows, out } => {
                self.load(arena, x, width, rows);
                self.load_labels(arena, labels, rows);
                self.execute(&Op::Nll(NLL), &[rows, width], &[], true);
                arena[out] = self.output[0];
            }
            Call::NllGrad { g, labels, width, rows, out } => {
                self.input.clear();
                self.input.push(g);
                self.load_labels(arena, labels, rows);
                self.execute(&Op::NllGrad(NLL, width), &[], &[rows, width], true);
                self.store(arena, out, width, rows);
            }
        }
    }

    /// Row-major, as the kernels have it.
    fn load(&mut self, arena: &[f32], x: usize, width: usize, rows: usize) {
        self.input.clear();
        let stride = stride(rows);
        self.input.extend((0..rows * width).map(|i| arena[x + i % width * stride + i / width]));
    }

    fn load_labels(&mut self, arena: &[f32], labels: usize, rows: usize) {
        self.labels.clear();
        self.labels.extend(arena[labels..labels + rows].iter().map(|label| i64::from(label.to_bits())));
    }

    fn store(&self, arena: &mut [f32], out: usize, width: usize, rows: usize) {
        let stride = stride(rows);
        for (i, &value) in self.output.iter().enumerate() {
            arena[out + i % width * stride + i / width] = value;
        }
        debug_assert_eq!(self.output.len(), width * rows);
    }

    /// The operation of the input, and of the labels if it has them, into the output.
    fn execute(&mut self, op: &Op, dims: &[usize], out: &[usize], labelled: bool) {
        let input = Storage::Cpu(CpuStorage::F32(std::mem::take(&mut self.input)));
        let labels = Storage::Cpu(CpuStorage::I64(std::mem::take(&mut self.labels)));
        let (dims, rows, out) =
            (Layout::contiguous(dims), Layout::contiguous(&[cpu_len(&labels)]), Layout::contiguous(out));
        let mut result = std::mem::take(&mut self.output);
        result.resize(out.numel(), 0.0);
        let mut result = Storage::Cpu(CpuStorage::F32(result));
        let operands = [operand(&input, &dims), operand(&labels, &rows)];
        let operands = if labelled { &operands[..] } else { &operands[..1] };
        // Classes were checked when the step was compiled, and nothing else can fail.
        let done = execute_into(op, operands, (&mut result, &out));
        debug_assert!(done.is_ok(), "{done:?}");
        if let (Storage::Cpu(CpuStorage::F32(input)), Storage::Cpu(CpuStorage::I64(labels))) = (input, labels)
        {
            (self.input, self.labels) = (input, labels);
        }
        if let Storage::Cpu(CpuStorage::F32(result)) = result {
            self.output = result;
        }
    }
}

/// What a document's loss over classes is.
pub const NLL: Nll = Nll { ignore_index: -100, mean: true };

fn cpu_len(labels: &Storage) -> usize {
    match labels {
        Storage::Cpu(CpuStorage::I64(labels)) => labels.len(),
        _ => 0,
    }
}
