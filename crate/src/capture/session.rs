//! Recording into memory of its own, and replaying there.

use super::compile::{self, Compiled, Optimizer, RuleOf, Shared, SharedCell, Words};
use super::plan::{Code, GRADIENTS, Instruction, Memory, PARAMETERS, Plan, floats, floats_mut, taken};
use super::state::State;
use super::trace::{Roots, Trace};
use crate::backend::{self, Storage};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Penalty, Update};
use crate::tensor::{Tensor, record};
use smallvec::SmallVec;

/// Names a plan of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanId(pub(super) usize);

/// Recorded steps of one training run, and the memory that they work in. The run's tensors are brought
/// up to date by [`Session::write_back`].
pub struct Session {
    parameters: Vec<Tensor>,
    pub(super) memory: Memory,
    pub(super) plans: Vec<Recorded>,
    /// The optimizer's
    pub(super) state: State,
    /// Whether the tensors are older than the memory
    pub(super) ahead: bool,
    /// What compiled steps work on
    shared: Option<SharedCell>,
    /// Whether the parameters and the optimizer's state are there
    in_compiled: bool,
    /// Whether the memory's parameters are older
    compiled_ahead: bool,
    /// How often the CPU has changed parameters or state
    pub(super) changes: u64,
    /// The steps on the graphics processor
    #[cfg(feature = "webgpu")]
    pub(super) gpu: Option<super::gpu::GpuSession>,
}

/// A plan, and what it can be compiled from.
pub(super) struct Recorded {
    pub(super) plan: Plan,
    trace: Trace,
    compiled: Option<Attempt>,
}

/// What became of compiling a step.
struct Attempt {
    plain_sgd: bool,
    /// Whether the rows of each batch are listed
    listed: bool,
    /// None: it is left to replay
    step: Option<Compiled>,
}

/// How parameters change: see [`Session::update`].
pub trait Rule {
    /// The numbers of a step, counted from 1. `begun` tells whether there is momentum from before.
    fn rule(&self, step: u64, begun: bool) -> (Update, Penalty);

    /// What the state starts with.
    fn initial_state(&self) -> f32 {
        0.0
    }

    /// The same, to keep.
    fn boxed(&self) -> RuleOf;

    /// The learning rate, where a step is nothing but that times the gradient.
    fn plain_sgd(&self) -> Option<f64> {
        match self.rule(1, false) {
            (Update::Sgd { lr, momentum: 0.0, .. }, penalty) if penalty == Penalty::default() => Some(lr),
            _ => None,
        }
    }
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
            if p.device() != backend::Device::Cpu {
                return Err(Error::Capture(format!(
                    "only parameters on the cpu can be captured, not on {}",
                    p.device()
                )));
            }
            starts.push(values.len());
            values.extend(p.to_vec::<f32>()?);
        }
        let gradients = vec![0.0; values.len()];
        let slots = [values, gradients].map(|v| Storage::Cpu(backend::cpu::Element::store(v)));
        let memory = Memory { slots: slots.into(), state: Vec::new(), starts };
        Ok(Session {
            parameters,
            memory,
            plans: Vec::new(),
            state: State::default(),
            ahead: false,
            shared: None,
            in_compiled: false,
            compiled_ahead: false,
            changes: 0,
            #[cfg(feature = "webgpu")]
            gpu: None,
        })
    }

    /// Runs a step eagerly, with the given inputs, and plans it. `step` computes one element, the loss,
    /// and either the gradients of all parameters or none. The gradients of this first run are the
    /// session's when it returns, as they are after [`Session::replay`]; so is the loss.
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
        let mut trace = Trace::new(entries, &roots)?;
        let plan = Plan::new(&trace, &mut self.memory);
        compile::lower(&mut trace);
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
        self.changes += 1;
        self.plans.push(Recorded { plan, trace, compiled: None });
        Ok((PlanId(self.plans.len() - 1), loss.item()? as f32))
    }

    /// Gives a plan's input these rows of `source` for the next replays.
    ///
    /// # Errors
    /// When the plan was recorded with other sizes.
    pub fn set_input(&mut self, plan: PlanId, input: usize, source: &Tensor, rows: &[usize]) -> Result<()> {
        let (slot, dims) = self.plans[plan.0].plan.inputs[input];
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
        self.follow();
        self.ahead = true;
        self.changes += 1;
        let plan = &self.plans[plan.0].plan;
        for instruction in &plan.instructions {
            run(instruction, &mut self.memory.slots)?;
        }
        let loss = &plan.loss;
        Ok(floats(&self.memory.slots[loss.slot as usize])[loss.layout.offset()])
    }

    /// An optimizer's step with the session's gradients.
    pub fn update(&mut self, rule: &dyn Rule) {
        self.leave_compiled();
        self.ahead = true;
        self.changes += 1;
        let (parameters, rest) = self.memory.slots.split_at_mut(GRADIENTS as usize);
        let (parameters, gradients) = (floats_mut(&mut parameters[PARAMETERS as usize]), floats(&rest[0]));
        let numbers = |step, begun| rule.rule(step, begun);
        self.state.update(numbers, rule.initial_state(), parameters, gradients);
    }

    /// Whether the last steps were compiled ones.
    pub fn is_compiled(&self) -> bool {
        self.in_compiled
    }

    /// Whether a plan can be compiled, as far as is known.
    pub fn may_compile(&self, plan: PlanId) -> bool {
        compile::has_engine() && self.plans[plan.0].compiled.as_ref().is_none_or(|a| a.step.is_some())
    }

    /// Steps of a plan as WebAssembly, where that is possible: as many as `losses` has elements, or up to
    /// the first loss that is not finite. Returns how many; None: this plan has to be replayed. `rows`
    /// lists the rows of each batch, one batch after the other; without any, a batch is all rows in their
    /// order. `data` gives all rows of the inputs and the targets; they stay the same for a session.
    pub fn run_compiled(
        &mut self,
        plan: PlanId,
        rule: &dyn Rule,
        rows: &[u32],
        data: impl FnOnce() -> Option<[Words; 2]>,
        losses: &mut [f32],
    ) -> Option<usize> {
        let plain = rule.plain_sgd();
        let kind = (plain.is_some(), !rows.is_empty());
        let same = |attempt: &Attempt| (attempt.plain_sgd, attempt.listed) == kind;
        let tried = self.plans[plan.0].compiled.as_ref().filter(|attempt| same(attempt));
        if tried.is_some_and(|attempt| attempt.step.is_none()) {
            return None;
        }
        if self.shared.is_none() && compile::suits(&self.plans[plan.0].trace) {
            self.shared = data().and_then(|rows| Shared::new(&self.parameters, rows));
        }
        let recorded = &mut self.plans[plan.0];
        if recorded.compiled.as_ref().is_none_or(|attempt| !same(attempt)) {
            let shared = self.shared.as_ref();
            let (plain_sgd, listed) = kind;
            let compile = |shared| Compiled::new(&recorded.trace, shared, listed, plain_sgd);
            recorded.compiled = Some(Attempt { plain_sgd, listed, step: shared.and_then(compile) });
        }
        self.plans[plan.0].compiled.as_ref()?.step.as_ref()?;
        self.enter_compiled();
        let shared = self.shared.as_ref()?;
        let compiled = self.plans[plan.0].compiled.as_mut()?.step.as_mut()?;
        let optimizer = Optimizer { rule: rule.boxed(), initial: rule.initial_state() };
        let made = compiled.run(shared, plain.unwrap_or(0.0), optimizer, rows, losses);
        (self.ahead, self.compiled_ahead) = (true, true);
        self.changes += 1;
        Some(made)
    }

    /// The optimizer's state after the last update.
    pub fn optimizer_state(&mut self) -> &State {
        self.leave_compiled();
        &self.state
    }

    /// Goes on from another state, of as many parameters.
    ///
    /// # Errors
    /// When a block is not as long as all parameters; nothing has changed then.
    pub fn set_optimizer_state(&mut self, state: State) -> Result<()> {
        let elements = floats(&self.memory.slots[PARAMETERS as usize]).len();
        if let Some(wrong) = state.moments.iter().find(|moment| moment.len() != elements) {
            return Err(Error::Capture(format!(
                "the optimizer's state must have {elements} elements in each block, got {}",
                wrong.len()
            )));
        }
        self.leave_compiled();
        self.changes += 1;
        self.state = state;
        Ok(())
    }

    /// Hands parameters and the optimizer's state to compiled steps.
    fn enter_compiled(&mut self) {
        if let Some(shared) = self.shared.as_ref().filter(|_| !self.in_compiled) {
            let parameters = floats(&self.memory.slots[PARAMETERS as usize]);
            shared.borrow_mut().enter(parameters, &self.state);
            self.in_compiled = true;
        }
    }

    /// Takes them back.
    pub(super) fn leave_compiled(&mut self) {
        self.follow();
        if let Some(shared) = self.shared.as_ref().filter(|_| self.in_compiled) {
            self.state = shared.borrow().leave();
            self.in_compiled = false;
        }
    }

    /// Brings the memory's parameters up to date with compiled steps.
    fn follow(&mut self) {
        if let Some(shared) = self.shared.as_ref().filter(|_| self.compiled_ahead) {
            shared.borrow().unpack(floats_mut(&mut self.memory.slots[PARAMETERS as usize]));
            self.compiled_ahead = false;
        }
    }

    /// Begins anew from what the tensors hold, with an optimizer that has not made a step. What was recorded and
    /// compiled stays.
    ///
    /// # Errors
    /// Never: the tensors are of the types that they had.
    pub fn begin(&mut self) -> Result<()> {
        self.set_optimizer_state(State::default())?;
        self.read_parameters()?;
        for (tensor, slot) in &self.memory.state {
            self.memory.slots[*slot as usize] = tensor.storage_copy();
        }
        self.ahead = false;
        Ok(())
    }

    /// Takes the parameters' values from the tensors, where somebody else has changed them. The optimizer's
    /// state stays.
    ///
    /// # Errors
    /// Never: they are f32.
    pub fn read_parameters(&mut self) -> Result<()> {
        self.leave_compiled();
        self.changes += 1;
        let all = floats_mut(&mut self.memory.slots[PARAMETERS as usize]);
        for (p, &start) in self.parameters.iter().zip(&self.memory.starts) {
            let values = p.to_vec::<f32>()?;
            all[start..start + values.len()].copy_from_slice(&values);
        }
        Ok(())
    }

    /// Brings the run's tensors up to date: parameters, and what else the steps have changed.
    pub fn write_back(&mut self) {
        self.follow();
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
        inputs.iter().map(|o| backend::operand(&slots[o.slot as usize], &o.layout)).collect();
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
