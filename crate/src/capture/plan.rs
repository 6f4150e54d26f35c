//! A trace with a place in memory for everything: what a replay goes through.

use super::trace::{Do, Kind, Ref, Step, Trace};
use crate::backend::Storage;
use crate::backend::cpu::{CpuStorage, Element};
use crate::dtype::DType;
use crate::op::{InPlace, Op};
use crate::shape::{Dims, Layout};
use crate::tensor::Tensor;
use crate::tensor::record::Draw;
use smallvec::SmallVec;

/// Some of a slot's elements.
#[derive(Clone, Copy)]
pub struct Operand {
    /// The slot's number
    pub slot: u32,
    /// Which elements, in which order
    pub layout: Layout,
}

/// What is done.
#[derive(Clone)]
pub enum Code {
    /// An operation whose result fills the output
    Compute(Op),
    /// An operation that changes the output
    Write(InPlace),
    /// Random numbers
    Draw(Draw),
}

/// One instruction.
#[derive(Clone)]
pub struct Instruction {
    /// What is done
    pub code: Code,
    /// With what
    pub inputs: SmallVec<[Operand; 3]>,
    /// Into what; row-major without gaps for results
    pub output: Operand,
}

/// A recorded step, ready to be replayed.
pub struct Plan {
    /// In order
    pub instructions: Vec<Instruction>,
    /// The inputs' slots and sizes
    pub inputs: Vec<(u32, Dims)>,
    /// The loss
    pub loss: Operand,
}

/// The slots of all plans of a session. The first two hold what every plan shares.
pub struct Memory {
    /// What the slots hold
    pub slots: Vec<Storage>,
    /// Tensors that outlive a step, and their slots
    pub state: Vec<(Tensor, u32)>,
    /// Where each parameter starts in [`PARAMETERS`], and its gradient in [`GRADIENTS`]
    pub starts: Vec<usize>,
}

/// The slot of all parameters, one after the other.
pub const PARAMETERS: u32 = 0;
/// The slot of all gradients, in the same order.
pub const GRADIENTS: u32 = 1;

/// Elements of zero.
pub fn zeros(dtype: DType, len: usize) -> Storage {
    Storage::Cpu(match dtype {
        DType::F32 => f32::store(vec![0.0; len]),
        DType::F64 => f64::store(vec![0.0; len]),
        DType::I64 => i64::store(vec![0; len]),
        DType::Bool => bool::store(vec![false; len]),
    })
}

/// Gives values their places. A place is free again after the last step that uses its value.
struct Placing<'a> {
    memory: &'a mut Memory,
    trace: &'a Trace,
    /// By value: slot and offset
    homes: Vec<Option<(u32, usize)>>,
    /// By value: the last step that uses it
    last_use: Vec<usize>,
    /// Slots of this plan alone: number, type, elements, whether it is free
    own: Vec<(u32, DType, usize, bool)>,
    instructions: Vec<Instruction>,
}

impl Plan {
    /// Places what a trace needs in a session's memory.
    pub fn new(trace: &Trace, memory: &mut Memory) -> Plan {
        let mut last_use = vec![0; trace.values.len()];
        for (i, step) in trace.steps.iter().enumerate() {
            step.inputs.iter().chain([&step.output]).for_each(|r| last_use[r.value] = i);
        }
        last_use[trace.loss.value] = usize::MAX;
        let homes = vec![None; trace.values.len()];
        let (own, instructions) = (Vec::new(), Vec::with_capacity(trace.steps.len()));
        let mut placing = Placing { memory, trace, homes, last_use, own, instructions };
        let inputs = placing.place_what_is_given();
        for (i, step) in trace.steps.iter().enumerate() {
            placing.step(i, step);
        }
        let loss = placing.operand(&trace.loss);
        let Placing { memory, own, instructions, .. } = placing;
        for (slot, dtype, len, _) in own {
            memory.slots[slot as usize] = zeros(dtype, len);
        }
        Plan { instructions, inputs, loss }
    }
}

impl Placing<'_> {
    fn new_slot(&mut self, storage: Storage) -> u32 {
        self.memory.slots.push(storage);
        (self.memory.slots.len() - 1) as u32
    }

    /// Parameters, inputs, state and constants.
    fn place_what_is_given(&mut self) -> Vec<(u32, Dims)> {
        let trace = self.trace;
        let sizes = trace.inputs.iter();
        let inputs: Vec<(u32, Dims)> =
            sizes.map(|(dims, dtype)| (self.new_slot(zeros(*dtype, dims.iter().product())), *dims)).collect();
        for (i, value) in trace.values.iter().enumerate() {
            self.homes[i] = match &value.kind {
                Kind::Parameter(p) => Some((PARAMETERS, self.memory.starts[*p])),
                Kind::Input(input) => Some((inputs[*input].0, 0)),
                Kind::State(tensor) => Some((self.state_slot(tensor), 0)),
                Kind::Constant(storage) => Some((self.new_slot(storage.clone()), 0)),
                Kind::Temporary => value.gradient_of.map(|p| (GRADIENTS, self.memory.starts[p])),
            };
        }
        inputs
    }

    fn state_slot(&mut self, tensor: &Tensor) -> u32 {
        let known = self.memory.state.iter().find(|(t, _)| t.shares_storage_with(tensor));
        if let Some((_, slot)) = known {
            return *slot;
        }
        let slot = self.new_slot(tensor.storage_copy());
        self.memory.state.push((tensor.clone(), slot));
        slot
    }

    fn operand(&self, r: &Ref) -> Operand {
        let (slot, offset) = self.homes[r.value].expect("a value is made before it is used");
        Operand { slot, layout: r.layout.shifted(offset) }
    }

    /// A free slot of this plan, or a new one.
    fn temporary(&mut self, dtype: DType, len: usize) -> usize {
        // The one that grows least, else the smallest that is large enough.
        let fit = |&(_, _, size, _): &(u32, DType, usize, bool)| (len.saturating_sub(size), size);
        let free = self.own.iter().enumerate().filter(|(_, slot)| slot.3 && slot.1 == dtype);
        let found = free.min_by_key(|(_, slot)| fit(slot)).map(|(i, _)| i);
        let i = found.unwrap_or_else(|| {
            let slot = self.new_slot(zeros(dtype, 0));
            self.own.push((slot, dtype, 0, true));
            self.own.len() - 1
        });
        self.own[i].2 = self.own[i].2.max(len);
        self.own[i].3 = false;
        i
    }

    fn step(&mut self, at: usize, step: &Step) {
        let value = step.output.value;
        if self.homes[value].is_none() {
            let info = &self.trace.values[value];
            let (dtype, len) = (info.dtype, info.len);
            let i = self.temporary(dtype, len);
            self.homes[value] = Some((self.own[i].0, 0));
        }
        let output = self.operand(&step.output);
        let mut inputs: SmallVec<[Operand; 3]> = step.inputs.iter().map(|r| self.operand(r)).collect();
        let code = match &step.action {
            Do::Compute(op) => Code::Compute(*op),
            Do::Write(op) => Code::Write(*op),
            Do::Draw(draw) => Code::Draw(draw.clone()),
            Do::Restore(constant) => {
                let (slot, _) = self.homes[*constant].expect("constants have a place from the start");
                inputs.push(Operand { slot, layout: Layout::contiguous(step.output.layout.dims()) });
                Code::Compute(Op::Contiguous)
            }
        };
        // An operand in the slot that is written is copied first.
        let mut copies: SmallVec<[usize; 3]> = SmallVec::new();
        for (input, r) in inputs.iter_mut().zip(&step.inputs) {
            if input.slot == output.slot {
                let copy = self.temporary(self.trace.values[r.value].dtype, input.layout.numel());
                let target =
                    Operand { slot: self.own[copy].0, layout: Layout::contiguous(input.layout.dims()) };
                let code = Code::Compute(Op::Contiguous);
                self.instructions.push(Instruction {
                    code,
                    inputs: [*input].into_iter().collect(),
                    output: target,
                });
                *input = target;
                copies.push(copy);
            }
        }
        self.instructions.push(Instruction { code, inputs, output });
        copies.into_iter().for_each(|i| self.own[i].3 = true);
        // What this step was the last to use.
        for r in step.inputs.iter().chain([&step.output]) {
            let done = self.last_use[r.value] == at;
            if let (true, Some((slot, _))) = (done, self.homes[r.value])
                && let Some(own) = self.own.iter_mut().find(|own| own.0 == slot)
            {
                own.3 = true;
            }
        }
    }
}

/// The f32 elements of a slot.
///
/// # Panics
/// When it holds others: the plan knows each slot's type.
pub fn floats(storage: &Storage) -> &[f32] {
    f32::of(storage.cpu())
}

/// As [`floats`], to be written.
pub fn floats_mut(storage: &mut Storage) -> &mut [f32] {
    f32::of_mut(storage.cpu_mut())
}

/// Nothing, in the place of a slot that is being written.
pub fn taken() -> Storage {
    Storage::Cpu(CpuStorage::F32(Vec::new()))
}
