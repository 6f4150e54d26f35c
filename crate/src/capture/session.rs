//! Recording into memory of its own, and replaying there.

use super::plan::{Code, GRADIENTS, Instruction, Memory, PARAMETERS, Plan, floats, floats_mut, taken};
use super::trace::{Roots, Trace};
use crate::backend::{self, Storage};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Penalty, Update};
use crate::tensor::{Tensor, record};
use smallvec::SmallVec;

/// Names a plan of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanId(usize);

/// Recorded steps of one training run, and the memory that they work in. The run's tensors are brought
/// up to date by [`Session::write_back`].
pub struct Session {
    parameters: Vec<Tensor>,
    memory: Memory,
    plans: Vec<Plan>,
    /// The optimizer's state: blocks as long as all parameters
    moments: Vec<Vec<f32>>,
    /// Whether the tensors are older than the memory
    ahead: bool,
}

impl Session {
    /// A session that trains these parameters.
    ///
    /// # Errors
    /// When one is not f32.
    pub fn new(parameters: Vec<Tensor>) -> Result<Session> {
        let mut values = Vec::new();
        let mut starts = Vec::with_capacity(parameters.len());
        for p in &parameters {
            if p.dtype() != DType::F32 {
                return Err(Error::Capture(format!(
                    "only f32 parameters can be captured, not {}",
                    p.dtype()
                )));
            }
            starts.push(values.len());
            values.extend(p.to_vec::<f32>()?);
        }
        let gradients = vec![0.0; values.len()];
        let slots = [values, gradients].map(|v| Storage::Cpu(backend::cpu::Element::store(v)));
        let memory = Memory { slots: slots.into(), state: Vec::new(), starts };
        Ok(Session { parameters, memory, plans: Vec::new(), moments: Vec::new(), ahead: false })
    }

    /// Runs a step eagerly, with the given inputs, and plans it. `step` computes one element, the loss,
    /// and either the gradients of all parameters or none. The gradients of this first run are the session's when it returns, as they
    /// are after [`Session::replay`]; so is the loss.
    ///
    /// # Errors
    /// Those of `step`; [`Error::Capture`] when it did what cannot be repeated.
    pub fn record(
        &mut self,
        inputs: &[Tensor],
        step: impl FnOnce() -> Result<Tensor>,
    ) -> Result<(PlanId, f32)> {
        self.write_back();
        self.parameters.iter().for_each(|p| p.set_grad(None));
        let (loss, entries) = record::record(step)?;
        let roots = Roots { parameters: &self.parameters, inputs, loss: &loss };
        let trace = Trace::new(entries, &roots)?;
        let plan = Plan::new(&trace, &mut self.memory);
        let with_gradients = self.parameters.iter().filter(|p| p.grad().is_some()).count();
        if with_gradients != 0 && with_gradients != self.parameters.len() {
            return Err(Error::Capture("a parameter has no gradient: the loss does not depend on it".into()));
        }
        for (p, &start) in self.parameters.iter().zip(&self.memory.starts) {
            if let Some(grad) = p.grad() {
                let values = grad.to_vec::<f32>()?;
                let block = floats_mut(&mut self.memory.slots[GRADIENTS as usize]);
                block[start..start + values.len()].copy_from_slice(&values);
            }
            p.set_grad(None);
        }
        // What the step has changed in place, it has changed in the tensors.
        for (tensor, slot) in &self.memory.state {
            self.memory.slots[*slot as usize] = tensor.storage_copy();
        }
        self.plans.push(plan);
        Ok((PlanId(self.plans.len() - 1), loss.item()? as f32))
    }

    /// Gives a plan's input these rows of `source` for the next replays.
    ///
    /// # Errors
    /// When the plan was recorded with other sizes.
    pub fn set_input(&mut self, plan: PlanId, input: usize, source: &Tensor, rows: &[usize]) -> Result<()> {
        let (slot, dims) = self.plans[plan.0].inputs[input];
        if dims[0] != rows.len() || dims[1..] != source.dims()[1..] {
            return Err(Error::Capture(format!(
                "the step was captured for an input of shape {dims:?}, not for {} rows of {:?}",
                rows.len(),
                &source.dims()[1..]
            )));
        }
        source.gather_rows(rows, &mut self.memory.slots[slot as usize]);
        Ok(())
    }

    /// The step once more, with the inputs and parameters as they are now: the loss. The gradients are
    /// then the session's.
    ///
    /// # Errors
    /// An operation's, when it cannot take the values: a class that does not exist.
    pub fn replay(&mut self, plan: PlanId) -> Result<f32> {
        self.ahead = true;
        let plan = &self.plans[plan.0];
        for instruction in &plan.instructions {
            run(instruction, &mut self.memory.slots)?;
        }
        let loss = &plan.loss;
        Ok(floats(&self.memory.slots[loss.slot as usize])[loss.layout.offset()])
    }

    /// An optimizer's step with the session's gradients. Its state starts with `initial`.
    pub fn update(&mut self, rule: &Update, penalty: Penalty, initial: f32) {
        self.ahead = true;
        let (parameters, rest) = self.memory.slots.split_at_mut(GRADIENTS as usize);
        let (parameters, gradients) = (floats_mut(&mut parameters[PARAMETERS as usize]), floats(&rest[0]));
        if self.moments.len() < rule.blocks() {
            self.moments.resize_with(rule.blocks(), || vec![initial; gradients.len()]);
        }
        backend::cpu::update(rule, penalty, parameters, gradients, &mut self.moments);
    }

    /// Brings the run's tensors up to date: parameters, and what else the steps have changed.
    pub fn write_back(&mut self) {
        if !std::mem::take(&mut self.ahead) {
            return;
        }
        let all = floats(&self.memory.slots[PARAMETERS as usize]);
        for (p, &start) in self.parameters.iter().zip(&self.memory.starts) {
            p.overwrite_storage(|storage| {
                let own = floats_mut(storage);
                own.copy_from_slice(&all[start..start + own.len()]);
            });
        }
        for (tensor, slot) in &self.memory.state {
            let now = &self.memory.slots[*slot as usize];
            tensor.overwrite_storage(|storage| storage.clone_from(now));
        }
    }
}

fn run(instruction: &Instruction, slots: &mut [Storage]) -> Result<()> {
    let Instruction { code, inputs, output } = instruction;
    // Taken out, so that it can be written while the others are read.
    let mut target = std::mem::replace(&mut slots[output.slot as usize], taken());
    let operands: SmallVec<[backend::Operand<'_>; 3]> =
        inputs.iter().map(|o| (&slots[o.slot as usize], &o.layout)).collect();
    let result = match code {
        Code::Compute(op) => backend::execute_into(op, &operands, (&mut target, &output.layout)),
        Code::Write(op) => backend::execute_in_place(*op, (&mut target, &output.layout), &operands),
        Code::Draw(draw) => {
            let (start, len) = (output.layout.offset(), output.layout.numel());
            draw.fill(&mut floats_mut(&mut target)[start..start + len]);
            Ok(())
        }
    };
    drop(operands);
    slots[output.slot as usize] = target;
    result
}
