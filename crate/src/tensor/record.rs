//! Recording: while it is on, every operation that runs is also written down, for `capture` to replay.
//!
//! A recording names storages without keeping them alive, so it changes nothing of what runs: a gradient
//! that is nobody else's still is.

use super::{Buffer, Tensor};
use crate::backend::Storage;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::rng::Generator;
use crate::shape::Layout;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(false) };
    static TAPE: RefCell<Tape> = const { RefCell::new(Tape::new()) };
}

/// What was done with storages.
pub enum Action {
    /// An operation with a new storage for its result
    Compute(Op),
    /// An operation that wrote into its output
    Write(InPlace),
    /// Random numbers into a new storage
    Draw(Draw),
    /// A new storage with these elements
    Create(Storage),
}

/// Random numbers that are drawn anew at every replay.
#[derive(Clone)]
pub enum Draw {
    /// Dropout's mask: 0 with probability p, else 1 / (1 − p)
    DropoutMask {
        /// The probability of 0
        p: f64,
        /// Where the numbers come from
        generator: Rc<RefCell<Generator>>,
    },
}

impl Draw {
    /// Draws.
    pub fn fill(&self, out: &mut [f32]) {
        match self {
            Draw::DropoutMask { p, generator } => {
                let keep = 1.0 - p;
                let scale = (1.0 / keep) as f32;
                let mut generator = generator.borrow_mut();
                out.fill_with(|| if generator.rand_f64() < keep { scale } else { 0.0 });
            }
        }
    }
}

/// A storage and how it was seen.
#[derive(Clone)]
pub struct Place {
    buffer: Weak<Buffer>,
    layout: Layout,
    dtype: DType,
}

impl Place {
    /// Where a tensor's elements are.
    pub fn of(tensor: &Tensor) -> Place {
        let inner = &tensor.0;
        Place { buffer: Rc::downgrade(&inner.buffer), layout: *inner.layout, dtype: tensor.dtype() }
    }

    /// The same for every view of one storage, and different from all others of the recording.
    pub fn id(&self) -> usize {
        self.buffer.as_ptr() as usize
    }

    /// Which elements of the storage, in which order.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The elements' type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The storage as a tensor, while anything else keeps it alive.
    pub fn tensor(&self) -> Option<Tensor> {
        let buffer = self.buffer.upgrade()?;
        let whole = Tensor::from_parts(buffer, Rc::new(self.layout), None);
        Some(whole.whole_storage())
    }
}

/// One thing that was done.
pub struct Entry {
    /// What
    pub action: Action,
    /// With what
    pub inputs: SmallVec<[Place; 3]>,
    /// Into what
    pub output: Place,
}

struct Tape {
    entries: Vec<Entry>,
    refused: Option<Error>,
}

impl Tape {
    const fn new() -> Tape {
        Tape { entries: Vec::new(), refused: None }
    }
}

/// Whether operations are being written down.
#[inline]
pub fn is_recording() -> bool {
    RECORDING.get()
}

/// Runs `f` and returns what it did beside what it returned.
///
/// # Errors
/// Those of `f`; and when it did what a replay could not repeat: it read elements, or took random
/// numbers that are not drawn anew.
pub fn record<R>(f: impl FnOnce() -> Result<R>) -> Result<(R, Vec<Entry>)> {
    struct Off;
    impl Drop for Off {
        fn drop(&mut self) {
            RECORDING.set(false);
        }
    }
    if RECORDING.replace(true) {
        return Err(Error::Capture("a step is being recorded already".into()));
    }
    let off = Off;
    TAPE.replace(Tape::new());
    let result = f();
    drop(off);
    let tape = TAPE.replace(Tape::new());
    let result = result?;
    tape.refused.map_or(Ok((result, tape.entries)), Err)
}

/// While recording: an error, since a replay could not repeat `what`. It stays even if this one is
/// ignored.
pub(super) fn refuse(what: &str) -> Result<()> {
    if !is_recording() {
        return Ok(());
    }
    let error = Error::Capture(format!(
        "{what} cannot be captured: a replayed step runs the same operations every time and gives nothing \
         back in between"
    ));
    TAPE.with_borrow_mut(|tape| tape.refused.get_or_insert_with(|| error.clone()).clone());
    Err(error)
}

/// Writes down what has just been done.
pub(super) fn add(action: Action, inputs: &[&Tensor], output: Place) {
    let inputs = inputs.iter().map(|t| Place::of(t)).collect();
    TAPE.with_borrow_mut(|tape| tape.entries.push(Entry { action, inputs, output }));
}

impl Tensor {
    /// What dropout multiplies by: 0 with probability p, else 1 / (1 − p), drawn element by element in
    /// row-major order: f32.
    pub fn dropout_mask(dims: &[usize], p: f64, generator: &Rc<RefCell<Generator>>) -> Tensor {
        let draw = Draw::DropoutMask { p, generator: generator.clone() };
        let mut values = vec![0.0f32; dims.iter().product()];
        draw.fill(&mut values);
        let storage = Storage::Cpu(crate::backend::cpu::Element::store(values));
        let mask = Tensor::unrecorded(storage, dims);
        if is_recording() {
            add(Action::Draw(draw), &[], Place::of(&mask));
        }
        mask
    }
}
