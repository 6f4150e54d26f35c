//! Recorded steps on the graphics processor: the same plans, as kernels with pipelines and buffers in place.
//!
//! Parameters, the optimizer's state, all rows of data and the lists of rows are there; a step takes its batch, its
//! random numbers and the numbers of its update out of tables, by a step number that counts up on the device. So
//! every step is the same commands, many steps are one submission, and one reading brings losses and parameters
//! back: the CPU's memory is then as new as the device's, and can go on whenever the device cannot.

mod single;

use super::plan::{Code, GRADIENTS, Instruction, PARAMETERS};
use super::{PlanId, Rule, Session};
use crate::backend::Storage;
use crate::backend::gpu::kernel::{File, Kernel, Key, STEP, groups_of};
use crate::backend::gpu::lower::{Lowering, View};
use crate::backend::gpu::{self, Block, Gpu, Part, Prepared};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Penalty, Update};
use crate::tensor::Tensor;
use single::Single;
use std::collections::HashMap;
use std::rc::Rc;

/// Steps to be made one after the other.
pub struct Steps<'a> {
    /// Where
    pub device: &'a Rc<Gpu>,
    /// All rows of the inputs and of the targets; the same for all runs of a session
    pub data: [&'a Tensor; 2],
    /// The plan of each step
    pub plans: &'a [PlanId],
    /// The numbers of each step's update
    pub numbers: &'a [(Update, Penalty)],
    /// Rows of batches
    pub rows: &'a [u32],
    /// Where each step's rows begin among them
    pub starts: &'a [usize],
    /// What was drawn, step after step
    pub drawn: &'a [f32],
    /// What new blocks of the optimizer's state hold
    pub initial: f32,
    /// Whether a loss that is not finite ends the run
    pub stops: bool,
}

/// What became of a run.
pub enum Made {
    /// All steps were made: their losses
    All(Vec<f32>),
    /// Nothing was taken over: the loss of this step is not finite, and no step may follow
    DivergedAt(usize),
}

/// The most steps of one run.
pub const MOST_STEPS: usize = 512;

/// A session's buffers on a device.
pub(super) struct GpuSession {
    device: Rc<Gpu>,
    /// By slot of the session's memory
    slots: HashMap<u32, Rc<Block>>,
    /// The optimizer's state
    moments: Vec<Rc<Block>>,
    /// All rows of inputs and targets
    data: [Rc<Block>; 2],
    plans: HashMap<usize, GpuPlan>,
    /// The step number
    step: Rc<Block>,
    /// The numbers of steps
    table: Rc<Block>,
    losses: Rc<Block>,
    rows: Rc<Block>,
    rows_len: usize,
    drawn: Rc<Block>,
    drawn_len: usize,
    /// What the lists hold, where they stay the same
    known_rows: Vec<u32>,
    /// [`Session::changes`] when the buffers were last as the memory is
    seen: Option<u64>,
    /// Where a step fits one group: None where it does not
    single: Option<Single>,
    /// Whether it is known that it does not
    too_large: bool,
}

/// A plan's commands.
struct GpuPlan {
    step: Prepared,
    /// The update, by kind, and the end of the step
    update: Option<(&'static str, Prepared)>,
}

/// The kind of an update: which source it is.
fn kind(update: &Update) -> &'static str {
    match *update {
        Update::Sgd { momentum: 0.0, .. } => "sgd",
        Update::Sgd { .. } => "momentum",
        Update::Adam { amsgrad: false, .. } => "adam",
        Update::Adam { .. } => "amsgrad",
        Update::RmsProp { momentum, .. } if momentum > 0.0 => "rmsprop momentum",
        Update::RmsProp { centered: true, .. } => "centered",
        Update::RmsProp { .. } => "rmsprop",
        Update::Adagrad { .. } => "adagrad",
    }
}

/// A step's numbers as the kernels read them: see `wgsl/penalty.wgsl` and the files of the rules.
fn row_of(update: &Update, penalty: &Penalty, rows: usize, draws: usize) -> [u32; STEP] {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let rule = match *update {
        Update::Sgd { lr, momentum, dampening, nesterov, first } => {
            [-lr, momentum, 1.0 - dampening, flag(nesterov), flag(first), 0.0, 0.0]
        }
        Update::Adam { betas, rate, root, eps, shrink, .. } => {
            [1.0 - betas.0, betas.1, 1.0 - betas.1, -rate, root, eps, shrink]
        }
        Update::RmsProp { lr, alpha, eps, momentum, centered } => {
            [-lr, alpha, 1.0 - alpha, eps, momentum, flag(centered), 0.0]
        }
        Update::Adagrad { rate, eps } => [-rate, eps, 0.0, 0.0, 0.0, 0.0, 0.0],
    };
    let mut row = [0; STEP];
    (row[0], row[1]) = (rows as u32, draws as u32);
    let numbers = [penalty.weight_decay, flag(penalty.maximize)].into_iter().chain(rule);
    row[4..].iter_mut().zip(numbers).for_each(|(word, number)| *word = (number as f32).to_bits());
    row
}

impl GpuSession {
    fn new(device: &Rc<Gpu>, data: [&Tensor; 2]) -> Result<GpuSession> {
        let resident = |tensor: &Tensor| {
            let all = tensor.contiguous()?;
            device.upload(&gpu::to_words(all.storage_copy().cpu())?)
        };
        Ok(GpuSession {
            device: device.clone(),
            slots: HashMap::new(),
            moments: Vec::new(),
            data: [resident(data[0])?, resident(data[1])?],
            plans: HashMap::new(),
            step: device.alloc(1)?,
            table: device.alloc(MOST_STEPS * STEP)?,
            losses: device.alloc(MOST_STEPS)?,
            rows: device.alloc(1)?,
            rows_len: 1,
            drawn: device.alloc(1)?,
            drawn_len: 1,
            known_rows: Vec::new(),
            seen: None,
            single: None,
            too_large: false,
        })
    }

    /// Lists that are long enough. Commands name their buffers, so new ones are new commands.
    fn grow(&mut self, rows: usize, drawn: usize) -> Result<()> {
        if rows > self.rows_len {
            self.rows_len = rows.next_power_of_two();
            self.rows = self.device.alloc(self.rows_len)?;
            self.known_rows.clear();
            self.forget_commands();
        }
        if drawn > self.drawn_len {
            self.drawn_len = drawn.next_power_of_two();
            self.drawn = self.device.alloc(self.drawn_len)?;
            self.forget_commands();
        }
        Ok(())
    }

    fn forget_commands(&mut self) {
        self.plans.clear();
        // What one group keeps is in its buffer.
        if self.single.take().is_some() {
            self.seen = None;
        }
    }

    /// Whether one group runs these steps; then it is ready for them.
    fn choose_single(&mut self, session: &Plans<'_>, steps: &Steps<'_>, state: &[u32]) -> Result<bool> {
        let Some((update, _)) = steps.numbers.last() else { return Ok(false) };
        // State that begins within a run has other commands before.
        let same = steps.numbers.iter().all(|(other, _)| kind(other) == kind(update));
        if self.too_large || !same {
            if self.single.take().is_some() {
                self.seen = None;
            }
            return Ok(false);
        }
        let fits =
            |single: &Single| single.is_for(update) && state.iter().all(|slot| single.home(*slot).is_some());
        let mut single = match self.single.take().filter(fits) {
            Some(single) => single,
            None => {
                self.seen = None;
                match Single::new(self, session.memory, update, state)? {
                    Some(single) => single,
                    None => return Ok(self.give_up_single()),
                }
            }
        };
        for plan in steps.plans {
            if !single.add(self, session, *plan, update)? {
                return Ok(self.give_up_single());
            }
        }
        self.single = Some(single);
        Ok(true)
    }

    fn give_up_single(&mut self) -> bool {
        (self.too_large, self.seen) = (true, None);
        false
    }

    /// A slot's buffer; new ones hold what the memory holds where a plan reads before it writes.
    fn slot(&mut self, slot: u32, memory: &[Storage], filled: bool) -> Result<Rc<Block>> {
        if let Some(block) = self.slots.get(&slot) {
            return Ok(block.clone());
        }
        let storage = &memory[slot as usize];
        let block = match filled {
            true => self.device.upload(&gpu::to_words(storage.cpu())?)?,
            false => self.device.alloc(storage.len())?,
        };
        self.slots.insert(slot, block.clone());
        Ok(block)
    }

    /// The commands of a plan.
    fn plan(&mut self, session: &Plans<'_>, id: PlanId) -> Result<()> {
        if self.plans.contains_key(&id.0) {
            return Ok(());
        }
        let plan = session.plan(id);
        let memory = session.memory;
        let mut written: Vec<u32> = plan.inputs.iter().map(|(slot, _)| *slot).collect();
        for instruction in &plan.instructions {
            for input in &instruction.inputs {
                self.slot(input.slot, memory, !written.contains(&input.slot))?;
            }
            let output = instruction.output.slot;
            let changes = matches!(instruction.code, Code::Write(_));
            self.slot(output, memory, changes && !written.contains(&output))?;
            written.push(output);
        }
        let mut kernels = Vec::new();
        for ((slot, dims), data) in plan.inputs.iter().zip(self.data.clone()) {
            let (len, batch) = (dims.iter().product::<usize>(), self.slot(*slot, memory, false)?);
            let ty = if memory[*slot as usize].dtype() == DType::F32 { "f32" } else { "i32" };
            let reads = [data, self.rows.clone(), self.table.clone(), self.step.clone()];
            kernels.push(
                Kernel::new(Key::new(File::SelectRows, &[ty]), &reads, &[batch], groups_of(len))
                    .with(0, &[len, dims[1..].iter().product()]),
            );
        }
        let mut draws = 0;
        for instruction in &plan.instructions {
            self.instruction(instruction, memory, &mut draws, &mut kernels)?;
        }
        let step = self.device.prepare(&kernels);
        self.plans.insert(id.0, GpuPlan { step, update: None });
        Ok(())
    }

    fn instruction(
        &mut self,
        instruction: &Instruction,
        memory: &[Storage],
        draws: &mut usize,
        kernels: &mut Vec<Kernel<Rc<Block>>>,
    ) -> Result<()> {
        let Instruction { code, inputs, output } = instruction;
        let blocks = inputs.iter().chain([output]).map(|o| self.slots[&o.slot].clone()).collect::<Vec<_>>();
        let views: Vec<View<'_, Rc<Block>>> = inputs
            .iter()
            .chain([output])
            .zip(&blocks)
            .map(|(o, buffer)| View { buffer, layout: &o.layout, dtype: memory[o.slot as usize].dtype() })
            .collect();
        let (&out, inputs) = views.split_last().expect("there is an output");
        let device = &self.device;
        let mut failed = None;
        let mut scratch = |len: usize| {
            device.alloc(len).unwrap_or_else(|error| {
                failed = Some(error);
                blocks[0].clone()
            })
        };
        let mut lowering = Lowering::new(device.narrow(), &mut scratch);
        match code {
            Code::Compute(op) => lowering.op(op, inputs, out)?,
            Code::Write(op) => lowering.in_place(*op, out, inputs)?,
            Code::Draw(_) => {
                let len = out.layout.numel();
                let reads = [self.drawn.clone(), self.table.clone(), self.step.clone()];
                let key = Key::new(File::TakeDrawn, &[]);
                kernels.push(
                    Kernel::new(key, &reads, std::slice::from_ref(out.buffer), groups_of(len))
                        .with(0, &[len, *draws, out.layout.offset()]),
                );
                *draws += len;
            }
        }
        kernels.append(&mut lowering.kernels);
        failed.map_or(Ok(()), Err)
    }

    /// The commands of a plan's update.
    fn update(&mut self, session: &Plans<'_>, id: PlanId, kind: &'static str, blocks: usize) -> Result<()> {
        let known = &self.plans[&id.0].update;
        if known.as_ref().is_some_and(|(known, _)| *known == kind) {
            return Ok(());
        }
        let n = session.memory[PARAMETERS as usize].len();
        let parameters = self.slot(PARAMETERS, session.memory, true)?;
        let gradients = self.slot(GRADIENTS, session.memory, false)?;
        let loss = session.plan(id).loss;
        let mut writes = vec![parameters];
        writes.extend(self.moments[..blocks].iter().cloned());
        let reads = [gradients, self.table.clone(), self.step.clone()];
        // Buffers end with a whole four.
        let fours = n.div_ceil(4);
        let update =
            Kernel::new(Key::new(File::Update, &[kind, "vec4<f32>"]), &reads, &writes, groups_of(fours))
                .with(0, &[fours]);
        let reads = [self.slots[&loss.slot].clone()];
        let writes = [self.losses.clone(), self.step.clone()];
        let record = Kernel::new(Key::new(File::Record, &[]), &reads, &writes, 1);
        let prepared = self.device.prepare(&[update, record.with(0, &[loss.layout.offset()])]);
        if let Some(plan) = self.plans.get_mut(&id.0) {
            plan.update = Some((kind, prepared));
        }
        Ok(())
    }

    /// As many blocks of state as an update needs.
    fn moments(&mut self, blocks: usize, n: usize, initial: f32) -> Result<()> {
        while self.moments.len() < blocks {
            self.moments.push(self.device.upload(&vec![initial.to_bits(); n])?);
        }
        Ok(())
    }
}

/// A session's plans and memory, beside its buffers on a device.
struct Plans<'a> {
    recorded: &'a [super::session::Recorded],
    memory: &'a [Storage],
    narrow: bool,
}

impl Plans<'_> {
    fn plan(&self, id: PlanId) -> &super::plan::Plan {
        &self.recorded[id.0].plan
    }
}

impl Session {
    /// The numbers of the update that comes after `later` others.
    pub fn numbers(&self, later: usize, rule: &dyn Rule) -> (Update, Penalty) {
        self.state.numbers(later as u64, |step, begun| rule.rule(step, begun))
    }

    /// Draws a plan's random numbers for one step, in the order of its operations.
    pub fn draw(&self, plan: PlanId, out: &mut Vec<f32>) {
        for instruction in &self.plans[plan.0].plan.instructions {
            if let Code::Draw(draw) = &instruction.code {
                let start = out.len();
                out.resize(start + instruction.output.layout.numel(), 0.0);
                draw.fill(&mut out[start..]);
            }
        }
    }

    /// Makes steps on a device: the loss of each before its update. Afterwards the session is as it would be if it
    /// had made them itself. A device repeats itself bit for bit, so steps up to one that diverged can be made again.
    ///
    /// # Errors
    /// When the device is lost, has no room or no kernel for something, or an operation could not be done with the
    /// values. The session is then as it was before.
    pub async fn run_on_device(&mut self, steps: &Steps<'_>) -> Result<Made> {
        self.leave_compiled();
        // Taken out, so that an error leaves nothing half done.
        let kept = self.gpu.take().filter(|gpu| Rc::ptr_eq(&gpu.device, steps.device));
        let mut gpu = match kept {
            Some(gpu) => gpu,
            None => GpuSession::new(steps.device, steps.data)?,
        };
        let made = self.run_steps(&mut gpu, steps).await?;
        gpu.seen = matches!(made, Made::All(_)).then_some(self.changes);
        self.gpu = Some(gpu);
        Ok(made)
    }

    async fn run_steps(&mut self, gpu: &mut GpuSession, steps: &Steps<'_>) -> Result<Made> {
        let n = steps.plans.len();
        if n > MOST_STEPS || steps.numbers.len() != n || steps.starts.len() != n {
            return Err(Error::Value(format!("a run has at most {MOST_STEPS} steps")));
        }
        let device = steps.device.clone();
        device.check()?;
        gpu.grow(steps.rows.len(), steps.drawn.len())?;
        let state: Vec<u32> = self.memory.state.iter().map(|(_, slot)| *slot).collect();
        let session = Plans { recorded: &self.plans, memory: &self.memory.slots, narrow: device.narrow() };
        let single = gpu.choose_single(&session, steps, &state)?;
        // Where each step's draws begin: in the order in which they were drawn.
        let mut table = Vec::with_capacity(n * STEP);
        let mut draws = 0;
        for ((plan, (update, penalty)), start) in steps.plans.iter().zip(steps.numbers).zip(steps.starts) {
            table.extend(row_of(update, penalty, *start, draws));
            draws += drawn_by(session.plan(*plan));
        }
        // How many steps of one plan follow each other.
        let mut runs = Vec::new();
        let mut first = 0;
        for same in steps.plans.chunk_by(|a, b| a == b) {
            table[first * STEP + 2] = same.len() as u32;
            runs.push(same[0]);
            first += same.len();
        }
        device.write(&gpu.table, 0, &table);
        device.write(&gpu.step, 0, &[0]);
        if gpu.known_rows != steps.rows {
            device.write(&gpu.rows, 0, steps.rows);
            gpu.known_rows = steps.rows.to_vec();
        }
        let drawn: Vec<u32> = steps.drawn.iter().map(|v| v.to_bits()).collect();
        device.write(&gpu.drawn, 0, &drawn);
        if let Some(one) = gpu.single.as_ref().filter(|_| single) {
            match gpu.seen == Some(self.changes) {
                true => device.write(&one.io, one.step, &[0]),
                false => {
                    let image = one.image(session.memory, &self.state.moments, steps.initial)?;
                    device.write(&one.io, 0, &image);
                }
            }
            runs.into_iter().for_each(|plan| one.run(gpu, plan));
            return self.receive(gpu, n, steps.stops).await;
        }
        self.send(gpu, steps)?;
        let parameters = session.memory[PARAMETERS as usize].len();
        for (plan, (update, _)) in steps.plans.iter().zip(steps.numbers) {
            gpu.plan(&session, *plan)?;
            gpu.moments(update.blocks(), parameters, steps.initial)?;
            gpu.update(&session, *plan, kind(update), update.blocks())?;
        }
        for plan in steps.plans {
            let plan = &gpu.plans[&plan.0];
            let update = plan.update.iter().flat_map(|(_, update)| &update.kernels);
            plan.step.kernels.iter().chain(update).for_each(|kernel| device.repeat(kernel));
        }
        self.receive(gpu, n, steps.stops).await
    }

    /// Brings a device's buffers up to date with the memory.
    fn send(&self, gpu: &mut GpuSession, steps: &Steps<'_>) -> Result<()> {
        if gpu.seen == Some(self.changes) {
            return Ok(());
        }
        let parameters = &self.memory.slots[PARAMETERS as usize];
        for slot in [PARAMETERS].into_iter().chain(self.memory.state.iter().map(|(_, slot)| *slot)) {
            let storage = &self.memory.slots[slot as usize];
            let block = gpu.slot(slot, &self.memory.slots, false)?;
            gpu.device.write(&block, 0, &gpu::to_words(storage.cpu())?);
        }
        let moments = &self.state.moments;
        gpu.moments(moments.len(), parameters.len(), steps.initial)?;
        for (block, moment) in gpu.moments.iter().zip(moments) {
            let words: Vec<u32> = moment.iter().map(|v| v.to_bits()).collect();
            gpu.device.write(block, 0, &words);
        }
        // Those that the memory does not have start anew.
        if gpu.moments.len() > moments.len() {
            gpu.moments.truncate(moments.len());
            gpu.plans.values_mut().for_each(|plan| plan.update = None);
        }
        Ok(())
    }

    /// Reads losses, parameters and state, and takes them over.
    async fn receive(&mut self, gpu: &GpuSession, steps: usize, stops: bool) -> Result<Made> {
        let parameters = self.memory.slots[PARAMETERS as usize].len();
        let state: Vec<u32> = self.memory.state.iter().map(|(_, slot)| *slot).collect();
        let len = |slot: u32| self.memory.slots[slot as usize].len();
        let mut parts = Vec::new();
        match &gpu.single {
            Some(one) => {
                let part = |start, len| Part { block: &one.io, start, len };
                parts.push(part(one.losses, steps));
                parts.push(part(0, parameters));
                parts.extend(one.moments.iter().map(|&at| part(at, parameters)));
                parts.extend(state.iter().map(|&slot| part(one.home(slot).unwrap_or(0), len(slot))));
            }
            None => {
                let part = |block, len| Part { block, start: 0, len };
                parts.push(part(&gpu.losses, steps));
                parts.push(part(&gpu.slots[&PARAMETERS], parameters));
                parts.extend(gpu.moments.iter().map(|block| part(block, parameters)));
                parts.extend(state.iter().map(|slot| part(&gpu.slots[slot], len(*slot))));
            }
        }
        let blocks = gpu.single.as_ref().map_or(gpu.moments.len(), |one| one.moments.len());
        let words = gpu.device.read(&parts).wait().await?;
        let mut rest = &words[..];
        let mut next = |len: usize| {
            let (part, after) = rest.split_at(len);
            rest = after;
            part
        };
        let floats = |words: &[u32]| words.iter().map(|&w| f32::from_bits(w)).collect::<Vec<f32>>();
        let losses = floats(next(steps));
        // The last step may diverge: that is where the run ends.
        let diverged = losses.iter().position(|loss| !loss.is_finite()).filter(|at| at + 1 < steps);
        if let (Some(at), true) = (diverged, stops) {
            return Ok(Made::DivergedAt(at));
        }
        let take = |dtype: DType, words: &[u32]| Storage::Cpu(gpu::from_words(dtype, words));
        self.memory.slots[PARAMETERS as usize] = take(DType::F32, next(parameters));
        let moments = (0..blocks).map(|_| floats(next(parameters))).collect();
        for slot in state {
            let old = &self.memory.slots[slot as usize];
            let (dtype, len) = (old.dtype(), old.len());
            self.memory.slots[slot as usize] = take(dtype, next(len));
        }
        self.state.take_over(steps as u64, moments);
        self.ahead = true;
        self.changes += 1;
        Ok(Made::All(losses))
    }
}

/// How many numbers a step of a plan draws.
fn drawn_by(plan: &super::plan::Plan) -> usize {
    let draws = plan.instructions.iter().filter(|i| matches!(i.code, Code::Draw(_)));
    draws.map(|i| i.output.layout.numel()).sum()
}
