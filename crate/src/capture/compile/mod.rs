//! Captured steps of small networks as WebAssembly of their own, made while the page runs. A step of the
//! chapter's network is about a thousand multiplications: looking up what to do next would take longer
//! than doing it. Written out, with every address and size known, nothing is looked up.
//!
//! The function works in this module's memory and calls back for what is not worth writing out. It gives
//! the same bits as replaying the plan.

mod asm;
mod blocks;
mod elementwise;
mod host;
mod lower;
mod product;
mod program;

pub use lower::lower;
pub use program::suits;

use super::state::State;
use super::trace::Trace;
use crate::op::{Penalty, Update};
use crate::tensor::Tensor;
use blocks::Blocks;
use host::{Call, NLL, Scratch};
use program::{Bases, Options, compile};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A compiled step's function: it makes up to so many steps, takes the rows of their batches from a list,
/// writes a loss for each, and returns how many it made: it stops after a loss that is not finite. The
/// last two are addresses.
pub type Run = Box<dyn Fn(u32, u32, u32) -> u32>;

/// Makes a function of a module: see [`set_engine`].
pub type Engine = fn(module: &[u8]) -> Option<Run>;

thread_local! {
    static ENGINE: Cell<Option<Engine>> = const { Cell::new(None) };
}

/// Says how modules become functions. A module imports, from `host`, this program's `memory`, and [`call`]
/// and [`update`]. Without an engine, steps are replayed.
pub fn set_engine(engine: Engine) {
    ENGINE.set(Some(engine));
}

/// Whether there is an engine.
pub fn has_engine() -> bool {
    ENGINE.get().is_some()
}

/// f32 that start at a whole vector, and stay where they are.
struct Aligned {
    values: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    fn new(len: usize) -> Aligned {
        let values = vec![0.0f32; len + 16];
        let start = values.as_ptr().align_offset(64).min(16);
        Aligned { values, start, len }
    }

    fn get(&self) -> &[f32] {
        &self.values[self.start..][..self.len]
    }

    fn get_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..][..self.len]
    }

    fn address(&self) -> u32 {
        address(self.get())
    }
}

/// Where something is in a memory of 32-bit addresses.
fn address<T>(values: &[T]) -> u32 {
    values.as_ptr() as usize as u32
}

/// Makes the numbers of an optimizer's step, from its number and whether there is momentum.
pub type RuleOf = Box<dyn Fn(u64, bool) -> (Update, Penalty)>;

/// What compiled steps of one session share.
pub struct Shared {
    blocks: Blocks,
    parameters: Aligned,
    gradients: Aligned,
    /// The optimizer's
    state: State,
    rate: Aligned,
    /// All rows of inputs and targets
    rows: [Vec<u32>; 2],
    widths: [usize; 2],
    classes: Option<i64>,
    rule: Option<RuleOf>,
    initial: f32,
}

/// [`Shared`], which a module's function changes while it runs: nobody borrows it then.
pub type SharedCell = Rc<RefCell<Shared>>;

/// A step that was compiled.
pub struct Compiled {
    arena: Aligned,
    /// Their addresses are in the module.
    calls: Vec<Site>,
    inputs: [(usize, usize); 2],
    run: Run,
}

/// A call and what it works on.
struct Site {
    arena: *mut f32,
    len: usize,
    call: Call,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a module imports as `call`.
///
/// # Safety
/// It gets an address that was written into the module.
pub unsafe extern "C" fn call(site: u32) {
    // SAFETY: the address is that of a `Site` in a `Compiled`, which is borrowed while its function runs
    // and has the only other way to the arena.
    let site = unsafe { &*(site as usize as *const Site) };
    let arena = unsafe { std::slice::from_raw_parts_mut(site.arena, site.len) };
    SCRATCH.with_borrow_mut(|scratch| scratch.run(&site.call, arena));
}

/// What a module imports as `update`.
///
/// # Safety
/// It gets the address that was written into the module.
pub unsafe extern "C" fn update(shared: u32) {
    // SAFETY: the address is that of a `SharedCell` that lives as long as the module's function.
    let shared = unsafe { &*(shared as usize as *const RefCell<Shared>) };
    shared.borrow_mut().update();
}

/// A data set's rows as words: f32, or class indices.
pub struct Words {
    /// Row after row
    pub words: Vec<u32>,
    /// A row's values
    pub width: usize,
    /// One more than the largest class index; None: they are numbers
    pub classes: Option<i64>,
}

impl Shared {
    /// For these parameters and data. None when there is no engine, or the parameters have other shapes
    /// than those of linear layers.
    pub fn new(parameters: &[Tensor], rows: [Words; 2]) -> Option<SharedCell> {
        ENGINE.get()?;
        let blocks = Blocks::new(parameters)?;
        let (block, gradients) = (Aligned::new(blocks.len), Aligned::new(blocks.len));
        let widths = [rows[0].width, rows[1].width];
        let classes = rows[1].classes;
        Some(Rc::new(RefCell::new(Shared {
            blocks,
            parameters: block,
            gradients,
            state: State::default(),
            rate: Aligned::new(1),
            rows: rows.map(|r| r.words),
            widths,
            classes,
            rule: None,
            initial: 0.0,
        })))
    }

    /// Takes over parameters and an optimizer's state as replaying left them.
    pub fn enter(&mut self, parameters: &[f32], state: &State) {
        self.blocks.pack(parameters, self.parameters.get_mut());
        self.state = state.placed(|from| {
            let mut to = vec![0.0; self.blocks.len];
            self.blocks.pack(from, &mut to);
            to
        });
    }

    /// The optimizer's state for replaying.
    pub fn leave(&self) -> State {
        self.state.placed(|from| {
            let mut to = vec![0.0; self.blocks.elements()];
            self.blocks.unpack(from, &mut to);
            to
        })
    }

    /// Copies the parameters out, row-major.
    pub fn unpack(&self, parameters: &mut [f32]) {
        self.blocks.unpack(self.parameters.get(), parameters);
    }

    fn update(&mut self) {
        let Some(rule) = &self.rule else { return };
        self.state.update(rule, self.initial, self.parameters.get_mut(), self.gradients.get());
    }
}

/// How the parameters change in the steps to come.
pub struct Optimizer {
    /// The rule
    pub rule: RuleOf,
    /// What its state starts with
    pub initial: f32,
}

impl Compiled {
    /// Compiles a step whose batches are lists of rows, or all rows in their order. None: it is left to
    /// replay.
    pub fn new(trace: &Trace, cell: &SharedCell, gathers: bool, plain_sgd: bool) -> Option<Compiled> {
        let engine = ENGINE.get()?;
        let shared = cell.borrow();
        let classes = trace.steps.iter().find_map(|s| match s.action {
            super::trace::Do::Compute(crate::op::Op::NllGrad(nll, classes)) => Some((nll, classes)),
            _ => None,
        });
        match (classes, shared.classes) {
            (None, None) => {}
            (Some((nll, classes)), Some(used)) if nll == NLL && used <= classes as i64 => {}
            _ => return None,
        }
        let options = Options { gathers, plain_sgd };
        let draft = compile(trace, &shared.blocks, Bases::default(), options)?;
        if [draft.inputs[0].1, draft.inputs[1].1] != shared.widths {
            return None;
        }
        let mut arena = Aligned::new(draft.arena);
        let (len, pointer) = (arena.len, arena.get_mut().as_mut_ptr());
        let sites = draft.calls.into_iter().map(|call| Site { arena: pointer, len, call });
        let calls: Vec<Site> = sites.collect();
        let bases = Bases {
            arena: arena.address(),
            parameters: shared.parameters.address(),
            gradients: shared.gradients.address(),
            rate: shared.rate.address(),
            calls: (address(&calls), size_of::<Site>() as u32),
            rows: [address(&shared.rows[0]), address(&shared.rows[1])],
            update: Rc::as_ptr(cell) as usize as u32,
        };
        let program = compile(trace, &shared.blocks, bases, options)?;
        let run = engine(&program.module)?;
        let mut compiled = Compiled { arena, calls, inputs: program.inputs, run };
        if !gathers {
            let rows: Vec<u32> = (0..trace.inputs[0].0[0] as u32).collect();
            compiled.place(&shared, &rows);
        }
        Some(compiled)
    }

    /// Puts these rows where the step reads them.
    fn place(&mut self, shared: &Shared, rows: &[u32]) {
        let stride = blocks::whole(rows.len());
        for (&(at, width), all) in self.inputs.iter().zip(&shared.rows) {
            for (i, &row) in rows.iter().enumerate() {
                for k in 0..width {
                    let word = all[row as usize * width + k];
                    self.arena.get_mut()[at + k * stride + i] = f32::from_bits(word);
                }
            }
        }
    }

    /// Makes up to as many steps as `losses` has elements, and returns how many: it stops after a loss
    /// that is not finite. `rows` lists the rows of each step's batch, one batch after the other; a step
    /// that takes all rows needs none.
    pub fn run(
        &mut self,
        shared: &SharedCell,
        lr: f64,
        optimizer: Optimizer,
        rows: &[u32],
        losses: &mut [f32],
    ) -> usize {
        {
            let mut shared = shared.borrow_mut();
            shared.rate.get_mut()[0] = -lr as f32;
            (shared.rule, shared.initial) = (Some(optimizer.rule), optimizer.initial);
        }
        debug_assert!(self.calls.iter().all(|site| site.len == self.arena.len));
        (self.run)(losses.len() as u32, address(rows), address(losses)) as usize
    }
}
