//! A recording as data flow: values, and the steps that make them from each other. What is not needed
//! for the loss, the gradients or what outlives a step is left out.

use crate::backend::Storage;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::{Dims, Layout};
use crate::tensor::Tensor;
use crate::tensor::record::{Action, Draw, Entry, Place};
use smallvec::SmallVec;

/// Where a value comes from.
pub enum Kind {
    /// The parameter with this number
    Parameter(usize),
    /// The input of the step with this number: other elements at every replay
    Input(usize),
    /// A tensor that was there before, is no parameter, and outlives the step: running averages
    State(Tensor),
    /// Elements that are the same at every replay
    Constant(Storage),
    /// Made by a step
    Temporary,
}

/// A storage.
pub struct Value {
    /// Where it comes from
    pub kind: Kind,
    /// Its elements' type
    pub dtype: DType,
    /// How many there are
    pub len: usize,
    /// Which parameter's gradient it is in the end
    pub gradient_of: Option<usize>,
}

/// Some of a value's elements.
#[derive(Clone, Copy)]
pub struct Ref {
    /// The value's number
    pub value: usize,
    /// Which elements, in which order
    pub layout: Layout,
}

/// What a step does.
#[derive(Clone)]
pub enum Do {
    /// Makes its output
    Compute(Op),
    /// Changes its output
    Write(InPlace),
    /// Draws its output
    Draw(Draw),
    /// Gives its output the elements that the constant with this number has
    Restore(usize),
}

/// One operation.
pub struct Step {
    /// What
    pub action: Do,
    /// With what
    pub inputs: SmallVec<[Ref; 3]>,
    /// Into what
    pub output: Ref,
}

/// A training step's operations in order.
pub struct Trace {
    /// All storages
    pub values: Vec<Value>,
    /// All operations
    pub steps: Vec<Step>,
    /// The loss
    pub loss: Ref,
    /// The sizes and types of the inputs
    pub inputs: Vec<(Dims, DType)>,
}

/// What a recording was made with.
pub struct Roots<'a> {
    /// What is trained
    pub parameters: &'a [Tensor],
    /// What is different at every replay
    pub inputs: &'a [Tensor],
    /// The result
    pub loss: &'a Tensor,
}

/// Names of storages, with the numbers they get.
struct Names<'a> {
    roots: &'a Roots<'a>,
    ids: Vec<usize>,
    values: Vec<Value>,
}

impl Names<'_> {
    fn find(&self, id: usize) -> Option<usize> {
        // Most are among the latest.
        self.ids.iter().rposition(|&known| known == id)
    }

    fn add(&mut self, place: &Place, kind: Kind, len: usize) -> usize {
        self.ids.push(place.id());
        self.values.push(Value { kind, dtype: place.dtype(), len, gradient_of: None });
        self.ids.len() - 1
    }

    /// The value of a place; a new one if it was there before the recording.
    fn get(&mut self, place: &Place) -> Result<usize> {
        if let Some(known) = self.find(place.id()) {
            return Ok(known);
        }
        let is = |t: &Tensor| Place::of(t).id() == place.id();
        let kind = if let Some(i) = self.roots.parameters.iter().position(is) {
            Kind::Parameter(i)
        } else if let Some(i) = self.roots.inputs.iter().position(is) {
            Kind::Input(i)
        } else {
            let gone = || Error::Capture("a tensor that the step used is gone".into());
            Kind::State(place.tensor().ok_or_else(gone)?)
        };
        let len = match &kind {
            Kind::Parameter(i) => self.roots.parameters[*i].numel(),
            Kind::Input(i) => self.roots.inputs[*i].numel(),
            Kind::State(tensor) => tensor.numel(),
            Kind::Constant(_) | Kind::Temporary => unreachable!("made by the recording itself"),
        };
        Ok(self.add(place, kind, len))
    }

    fn refer(&mut self, place: &Place) -> Result<Ref> {
        Ok(Ref { value: self.get(place)?, layout: *place.layout() })
    }
}

impl Trace {
    /// The data flow of a recording.
    ///
    /// # Errors
    /// When the recording used a tensor that no longer exists.
    pub fn new(entries: Vec<Entry>, roots: &Roots<'_>) -> Result<Trace> {
        let mut names = Names { roots, ids: Vec::new(), values: Vec::new() };
        let mut steps = Vec::with_capacity(entries.len());
        for entry in entries {
            let inputs = entry.inputs.iter().map(|p| names.refer(p)).collect::<Result<_>>()?;
            let len = entry.output.layout().numel();
            let (action, value) = match entry.action {
                Action::Compute(op) => (Do::Compute(op), names.add(&entry.output, Kind::Temporary, len)),
                Action::Draw(draw) => (Do::Draw(draw), names.add(&entry.output, Kind::Temporary, len)),
                Action::Write(op) => (Do::Write(op), names.get(&entry.output)?),
                Action::Create(storage) => {
                    let constant = names.add(&entry.output, Kind::Constant(storage), len);
                    (Do::Restore(constant), constant)
                }
            };
            steps.push(Step { action, inputs, output: Ref { value, layout: *entry.output.layout() } });
        }
        let loss = names.refer(&Place::of(roots.loss))?;
        for (i, parameter) in roots.parameters.iter().enumerate() {
            if let Some(grad) = parameter.grad() {
                let value = names.get(&Place::of(&grad))?;
                names.values[value].gradient_of = Some(i);
            }
        }
        let inputs = roots.inputs.iter().map(|t| (t.dims().into(), t.dtype())).collect();
        let mut trace = Trace { values: names.values, steps, loss, inputs };
        trace.drop_unused();
        trace.restore_what_is_written();
        Ok(trace)
    }

    /// Leaves out what nothing depends on.
    fn drop_unused(&mut self) {
        let kept =
            |v: &Value| v.gradient_of.is_some() || matches!(v.kind, Kind::State(_) | Kind::Parameter(_));
        let mut needed: Vec<bool> = self.values.iter().map(kept).collect();
        needed[self.loss.value] = true;
        let mut live = vec![false; self.steps.len()];
        for (step, live) in self.steps.iter().zip(&mut live).rev() {
            *live = needed[step.output.value];
            if *live {
                step.inputs.iter().for_each(|input| needed[input.value] = true);
            }
        }
        let mut live = live.into_iter();
        self.steps.retain(|_| live.next().unwrap_or(false));
    }

    /// A constant that something writes to becomes a value that starts each step with the constant's
    /// elements, unless they are overwritten anyway; all others need no step.
    fn restore_what_is_written(&mut self) {
        let written: Vec<usize> =
            self.steps.iter().filter(|s| matches!(s.action, Do::Write(_))).map(|s| s.output.value).collect();
        let mut at = 0;
        while at < self.steps.len() {
            let Do::Restore(constant) = self.steps[at].action else {
                at += 1;
                continue;
            };
            if written.contains(&constant) {
                let value = self.copy_of(constant, at);
                if !self.is_overwritten_first(at + 1, value) {
                    at += 1;
                    continue;
                }
            }
            self.steps.remove(at);
        }
    }

    /// A temporary in the place of a constant, from a step on.
    fn copy_of(&mut self, constant: usize, from: usize) -> usize {
        let old = &mut self.values[constant];
        let copy = Value {
            kind: Kind::Temporary,
            dtype: old.dtype,
            len: old.len,
            gradient_of: old.gradient_of.take(),
        };
        let value = self.values.len();
        self.values.push(copy);
        let later = self.steps[from..].iter_mut().flat_map(|s| s.inputs.iter_mut().chain([&mut s.output]));
        later.chain([&mut self.loss]).filter(|r| r.value == constant).for_each(|r| r.value = value);
        value
    }

    /// Whether the first step from `from` on that has to do with a value writes all of it without
    /// reading it.
    fn is_overwritten_first(&self, from: usize, value: usize) -> bool {
        let uses = |s: &&Step| s.output.value == value || s.inputs.iter().any(|r| r.value == value);
        self.steps[from..].iter().find(uses).is_some_and(|s| {
            matches!(s.action, Do::Write(InPlace::Copy | InPlace::Fill(_)))
                && s.inputs.iter().all(|r| r.value != value)
                && s.output.layout.numel() == self.values[value].len
        })
    }
}
