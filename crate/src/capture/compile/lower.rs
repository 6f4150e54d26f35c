//! Losses that are one operation, as the elementwise operations and sums that they are made of: those a
//! compiled step knows how to fuse with others.

use crate::capture::trace::{Do, Kind, Ref, Step, Trace, Value};
use crate::dtype::DType;
use crate::op::{Binary, Op, Reduce, Unary};
use crate::shape::Layout;
use smallvec::SmallVec;

/// Writes a trace's losses out, each in the order of its roundings in `backend::cpu`.
pub fn lower(trace: &mut Trace) {
    for step in std::mem::take(&mut trace.steps) {
        match (&step.action, &*step.inputs) {
            // Σ (p − y)² / n
            (Do::Compute(Op::MseLoss), &[p, y]) => {
                let dims = p.layout.dims();
                let n = p.layout.numel() as f64;
                let difference = add(trace, Op::Binary(Binary::Sub), &[p, y], dims);
                let square = add(trace, Op::Unary(Unary::Square), &[difference], dims);
                let sum = Op::Reduce(Reduce::Sum, (0..dims.len()).collect(), false);
                let sum = add(trace, sum, &[square], &[]);
                finish(trace, Op::Scalar(Binary::Div, n), &[sum], step.output);
            }
            // 2 / n · (p − y) · g
            (Do::Compute(Op::MseLossGrad), &[g, p, y]) => {
                let dims = p.layout.dims();
                let scale = 2.0 / p.layout.numel() as f64;
                let difference = add(trace, Op::Binary(Binary::Sub), &[p, y], dims);
                let scaled = add(trace, Op::Scalar(Binary::Mul, scale), &[difference], dims);
                finish(trace, Op::Binary(Binary::Mul), &[scaled, g], step.output);
            }
            _ => trace.steps.push(step),
        }
    }
}

/// A step into a new value.
fn add(trace: &mut Trace, op: Op, inputs: &[Ref], dims: &[usize]) -> Ref {
    let layout = Layout::contiguous(dims);
    let output = Ref { value: trace.values.len(), layout };
    let (kind, len) = (Kind::Temporary, layout.numel());
    trace.values.push(Value { kind, dtype: DType::F32, len, gradient_of: None });
    finish(trace, op, inputs, output);
    output
}

fn finish(trace: &mut Trace, op: Op, inputs: &[Ref], output: Ref) {
    trace.steps.push(Step { action: Do::Compute(op), inputs: SmallVec::from_slice(inputs), output });
}
