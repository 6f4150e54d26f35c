//! Steps of networks that fit a group's memory: one dispatch runs many of them, without a word going through the
//! device's memory in between but for the rows of batches and the losses.

use super::{GpuSession, Plans, kind};
use crate::backend::Storage;
use crate::backend::gpu::kernel::{File, GROUP, Kernel, Key, groups_of};
use crate::backend::gpu::lower::{Lowering, View};
use crate::backend::gpu::merge::{BESIDE, Merge, Place, merge};
use crate::backend::gpu::{self, Block, Prepared};
use crate::capture::PlanId;
use crate::capture::plan::{Code, GRADIENTS, PARAMETERS, Plan};
use crate::dtype::DType;
use crate::error::Result;
use crate::op::{InPlace, Update};
use crate::shape::Layout;
use std::collections::HashMap;
use std::rc::Rc;

/// The words of a group's memory, on every device.
const MEMORY: usize = 4096;
/// Threads of a group where a device has few lanes: one vector of a processor's.
const LANES: usize = 4;
/// Kernels of a step: their numbers are in one uniform buffer, and somebody has to compile them.
const MOST_KERNELS: usize = 160;

/// Plans in one group's memory.
pub(super) struct Single {
    kind: &'static str,
    plans: HashMap<usize, Prepared>,
    /// What comes and goes: the words that are kept from step to step, then losses
    pub(super) io: Rc<Block>,
    /// Where each slot is that is kept
    kept: Vec<(u32, usize)>,
    /// The first word of each block of the optimizer's state
    pub(super) moments: Vec<usize>,
    /// The step's number
    pub(super) step: usize,
    /// Losses
    pub(super) losses: usize,
}

/// Places in memory, one after the other.
struct Arena {
    homes: HashMap<u32, usize>,
    len: usize,
}

impl Arena {
    fn put(&mut self, slot: u32, len: usize) -> usize {
        if let Some(&at) = self.homes.get(&slot) {
            return at;
        }
        let at = self.len;
        self.homes.insert(slot, at);
        self.len += len;
        at
    }
}

/// The value that all elements of a slot have; None where they differ.
fn value_of(memory: &[Storage], slot: u32) -> Option<f64> {
    let words = gpu::to_words(memory[slot as usize].cpu()).ok()?;
    let (first, rest) = words.split_first()?;
    let equal = rest.iter().all(|word| word == first);
    let value = match memory[slot as usize].dtype() {
        DType::F32 => f64::from(f32::from_bits(*first)),
        _ => f64::from(*first as i32),
    };
    equal.then_some(value)
}

/// Slots that a plan reads before it writes them: constants, and what is kept from step to step.
fn read_first(plan: &Plan) -> Vec<u32> {
    let mut written: Vec<u32> = plan.inputs.iter().map(|(slot, _)| *slot).collect();
    let mut found = Vec::new();
    for instruction in &plan.instructions {
        let changes = matches!(instruction.code, Code::Write(_)).then_some(instruction.output.slot);
        let reads = instruction.inputs.iter().map(|input| input.slot).chain(changes);
        found.extend(reads.filter(|slot| !written.contains(slot)));
        written.push(instruction.output.slot);
    }
    found
}

impl Single {
    /// Whether the update is this one.
    pub(super) fn is_for(&self, update: &Update) -> bool {
        self.kind == kind(update)
    }

    /// Memory for an update, without a plan yet; None where the parameters alone do not fit.
    pub(super) fn new(
        gpu: &GpuSession,
        memory: &[Storage],
        update: &Update,
        state: &[u32],
    ) -> Result<Option<Single>> {
        let parameters = memory[PARAMETERS as usize].len();
        if parameters > MEMORY {
            return Ok(None);
        }
        let mut arena = Arena { homes: HashMap::new(), len: 0 };
        arena.put(PARAMETERS, parameters);
        let moments: Vec<usize> = (0..update.blocks()).map(|i| parameters * (i + 1)).collect();
        arena.len += parameters * moments.len();
        for &slot in state {
            arena.put(slot, memory[slot as usize].len());
        }
        let kept = arena.homes.iter().map(|(&slot, &at)| (slot, at)).collect();
        let (step, losses) = (arena.len, arena.len + 1);
        let io = gpu.device.alloc(losses + super::MOST_STEPS)?;
        Ok(Some(Single { kind: kind(update), plans: HashMap::new(), io, kept, moments, step, losses }))
    }

    /// Makes a plan ready; false where it does not fit.
    pub(super) fn add(
        &mut self,
        gpu: &GpuSession,
        session: &Plans<'_>,
        id: PlanId,
        update: &Update,
    ) -> Result<bool> {
        if self.plans.contains_key(&id.0) {
            return Ok(true);
        }
        let (plan, memory) = (session.plan(id), session.memory);
        let mut arena = Arena { homes: self.kept.iter().copied().collect(), len: self.losses };
        let mut kernels = Vec::new();
        for slot in read_first(plan) {
            if arena.homes.contains_key(&slot) {
                continue;
            }
            let Some(value) = value_of(memory, slot) else { return Ok(false) };
            let (len, dtype) = (memory[slot as usize].len(), memory[slot as usize].dtype());
            let (buffer, layout) = (Place::Arena(arena.put(slot, len)), Layout::contiguous(&[len]));
            let mut scratch = |_| buffer;
            let mut lowering = Lowering::new(session.narrow, &mut scratch);
            lowering.in_place(InPlace::Fill(value), View { buffer: &buffer, layout: &layout, dtype }, &[])?;
            kernels.append(&mut lowering.kernels);
        }
        let once = kernels.len();
        let places = (&self.moments[..], self.step, self.losses);
        let Some(mut step) = step_kernels(session, id, update, places, &mut arena)? else {
            return Ok(false);
        };
        kernels.append(&mut step);
        if arena.len + BESIDE > MEMORY || kernels.len() > MOST_KERNELS {
            return Ok(false);
        }
        let types: Vec<&'static str> = plan.inputs.iter().map(|(slot, _)| type_of(memory, *slot)).collect();
        let &[inputs, targets] = &types[..] else { return Ok(false) };
        let (source, words) = merge(&Merge {
            kernels: &kernels,
            once,
            arena: arena.len,
            kept: self.losses,
            step: self.step,
            types: [inputs, targets],
            // Few lanes wait for each other less often.
            lanes: if session.narrow { LANES } else { GROUP },
        });
        let reads =
            [&gpu.rows, &gpu.table, &gpu.data[0], &gpu.data[1], &gpu.drawn].map(|block| (*block).clone());
        let made = gpu.device.prepare_source(&source, &words, &reads, std::slice::from_ref(&self.io));
        self.plans.insert(id.0, made);
        Ok(true)
    }

    /// The words of the host's memory that a run begins with; new blocks of state hold `initial`.
    pub(super) fn image(&self, memory: &[Storage], moments: &[Vec<f32>], initial: f32) -> Result<Vec<u32>> {
        let mut image = vec![0; self.losses];
        for &(slot, at) in &self.kept {
            let words = gpu::to_words(memory[slot as usize].cpu())?;
            image[at..at + words.len()].copy_from_slice(&words);
        }
        let parameters = memory[PARAMETERS as usize].len();
        for (i, &at) in self.moments.iter().enumerate() {
            let to = &mut image[at..at + parameters];
            match moments.get(i) {
                Some(moment) => to.iter_mut().zip(moment).for_each(|(word, v)| *word = v.to_bits()),
                None => to.fill(initial.to_bits()),
            }
        }
        Ok(image)
    }

    /// Where a slot that is kept is.
    pub(super) fn home(&self, slot: u32) -> Option<usize> {
        self.kept.iter().find(|(known, _)| *known == slot).map(|(_, at)| *at)
    }

    /// Runs steps of one plan: as many as the table says.
    pub(super) fn run(&self, gpu: &GpuSession, plan: PlanId) {
        self.plans[&plan.0].kernels.iter().for_each(|kernel| gpu.device.repeat(kernel));
    }
}

fn type_of(memory: &[Storage], slot: u32) -> &'static str {
    if memory[slot as usize].dtype() == DType::F32 { "f32" } else { "i32" }
}

/// The kernels of a step; None where it does not fit.
fn step_kernels(
    session: &Plans<'_>,
    id: PlanId,
    update: &Update,
    (moments, step, losses): (&[usize], usize, usize),
    arena: &mut Arena,
) -> Result<Option<Vec<Kernel<Place>>>> {
    const ROWS: Place = Place::Global(0);
    const TABLE: Place = Place::Global(1);
    const DRAWN: Place = Place::Global(4);
    let (plan, memory) = (session.plan(id), session.memory);
    let step = Place::Arena(step);
    let mut kernels = Vec::new();
    for (i, (slot, dims)) in plan.inputs.iter().enumerate() {
        let (len, batch) = (dims.iter().product::<usize>(), arena.put(*slot, memory[*slot as usize].len()));
        let key = Key::new(File::SelectRows, &[type_of(memory, *slot)]);
        let reads = [Place::Global(2 + i.min(1)), ROWS, TABLE, step];
        kernels.push(
            Kernel::new(key, &reads, &[Place::Arena(batch)], groups_of(len))
                .with(0, &[len, dims[1..].iter().product()]),
        );
    }
    let mut draws = 0;
    for instruction in &plan.instructions {
        let operands = instruction.inputs.iter().chain([&instruction.output]);
        let mut place = |slot: u32| Place::Arena(arena.put(slot, memory[slot as usize].len()));
        let places: Vec<Place> = operands.clone().map(|operand| place(operand.slot)).collect();
        let views: Vec<View<'_, Place>> = operands
            .zip(&places)
            .map(|(o, buffer)| View { buffer, layout: &o.layout, dtype: memory[o.slot as usize].dtype() })
            .collect();
        let Some((&out, inputs)) = views.split_last() else { return Ok(None) };
        let mut scratch = |len: usize| {
            let at = arena.len;
            arena.len += len;
            Place::Arena(at)
        };
        let mut lowering = Lowering::new(session.narrow, &mut scratch);
        lowering.single = true;
        match &instruction.code {
            Code::Compute(op) => lowering.op(op, inputs, out)?,
            Code::Write(op) => lowering.in_place(*op, out, inputs)?,
            Code::Draw(_) => {
                let len = out.layout.numel();
                lowering.kernels.push(
                    Kernel::new(
                        Key::new(File::TakeDrawn, &[]),
                        &[DRAWN, TABLE, step],
                        std::slice::from_ref(out.buffer),
                        groups_of(len),
                    )
                    .with(0, &[len, draws, out.layout.offset()]),
                );
                draws += len;
            }
        }
        kernels.append(&mut lowering.kernels);
        if arena.len > MEMORY {
            return Ok(None);
        }
    }
    let n = memory[PARAMETERS as usize].len();
    let gradients = Place::Arena(arena.put(GRADIENTS, n));
    let mut writes = vec![Place::Arena(0)];
    writes.extend(moments.iter().map(|&at| Place::Arena(at)));
    let reads = [gradients, TABLE, step];
    kernels.push(
        Kernel::new(Key::new(File::Update, &[kind(update), "f32"]), &reads, &writes, groups_of(n))
            .with(0, &[n]),
    );
    let loss = Place::Arena(arena.put(plan.loss.slot, memory[plan.loss.slot as usize].len()));
    let record = Kernel::new(Key::new(File::Record, &[]), &[loss], &[Place::Io(losses), step], 1);
    kernels.push(record.with(0, &[plan.loss.layout.offset()]));
    Ok(Some(kernels))
}
