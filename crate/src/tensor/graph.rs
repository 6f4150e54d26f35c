//! What a tensor remembers of its computation. `autograd` walks it backwards.

use super::hooks::Hooks;
use super::origin::Geometry;
use super::{Buffer, Tensor};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Op, Saves};
use crate::shape::Layout;
use smallvec::SmallVec;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

thread_local! {
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
    /// What dropped nodes have left behind, while one of them clears it away.
    static REMAINS: RefCell<Vec<Remains>> = const { RefCell::new(Vec::new()) };
    static CLEARING: Cell<bool> = const { Cell::new(false) };
}

/// Larger than all before.
#[inline]
pub(super) fn next_id() -> u64 {
    NEXT_ID.replace(NEXT_ID.get() + 1)
}

/// Where a gradient goes on to.
#[derive(Clone)]
pub enum Edge {
    /// It is accumulated here.
    Leaf(Tensor),
    /// It goes through this operation.
    Node(Rc<Node>),
}

impl Edge {
    /// Smaller than the ids of all nodes that have this edge.
    #[inline]
    pub fn id(&self) -> u64 {
        match self {
            Edge::Leaf(leaf) => leaf.0.id,
            Edge::Node(node) => node.id,
        }
    }
}

/// What a node's result is. The last three explain writes in place as functions without side effects.
pub enum Function {
    /// The result of an operation
    Op(Op),
    /// (old, new): what `old` holds after `new` was written over it
    Copy,
    /// The operand seen at some of its places: a view whose base has got another history
    AsStrided(Box<Geometry>),
    /// (base, part): what `base` holds after `part` was written into a view of it
    CopySlices(Box<Geometry>),
    /// The operand on another device; this is its own
    #[cfg(feature = "webgpu")]
    To(crate::backend::Device),
}

/// A recorded operation, owned by its result and by the operations that follow. Ids grow, so a node's
/// operands always have smaller ids than the node.
pub struct Node {
    id: u64,
    function: Function,
    inputs: SmallVec<[Input; 3]>,
    saves: Saves,
    /// The operands that `saves` names in their order, then the result. None once `backward` has freed them.
    saved: RefCell<Option<Saved>>,
    hooks: OnceCell<Box<Hooks>>,
    /// PyTorch's name, where it has one operation for what this is the last of several of
    name: Cell<Option<&'static str>>,
}

/// What several operations have made, where PyTorch has one.
pub(crate) trait Called: Sized {
    /// Names the last of the operations as PyTorch names the derivative of its own: `SiluBackward0`. A tensor
    /// that somebody else has, too, was not just made, and keeps its name.
    fn called(self, name: &'static str) -> Self;
}

impl Called for Tensor {
    fn called(self, name: &'static str) -> Tensor {
        if Rc::strong_count(&self.0) == 1
            && let Some(node) = self.0.node.borrow().as_ref()
            && Rc::strong_count(node) == 1
        {
            node.name.set(Some(name));
        }
        self
    }
}

impl Called for Result<Tensor> {
    fn called(self, name: &'static str) -> Result<Tensor> {
        self.map(|tensor| tensor.called(name))
    }
}

struct Input {
    edge: Option<Edge>,
    layout: Rc<Layout>,
    dtype: DType,
}

/// Few operations keep more.
type Saved = SmallVec<[SavedValue; 2]>;

/// The elements of a tensor without its history: a node must not own its own result.
struct SavedValue {
    buffer: Rc<Buffer>,
    layout: Rc<Layout>,
    dtype: DType,
    version: u64,
}

impl SavedValue {
    #[inline]
    fn new(buffer: &Rc<Buffer>, layout: &Rc<Layout>) -> SavedValue {
        let (dtype, version) = (buffer.dtype.get(), buffer.version.get());
        SavedValue { buffer: buffer.clone(), layout: layout.clone(), dtype, version }
    }

    /// The elements, with the history that made them.
    #[inline]
    fn unpack(&self, node: Option<Rc<Node>>) -> Result<Tensor> {
        self.check(node.as_deref())?;
        Ok(Tensor::from_parts(self.buffer.clone(), self.layout.clone(), node))
    }

    /// The elements must still be those that were saved.
    #[inline]
    fn check(&self, node: Option<&Node>) -> Result<()> {
        if self.buffer.version.get() == self.version { Ok(()) } else { Err(self.modified(node)) }
    }

    fn modified(&self, node: Option<&Node>) -> Error {
        let version = self.buffer.version.get();
        let origin = node.map_or(String::new(), |node| {
            let name = node.name();
            format!(", which is output 0 of {},", name.split("Backward").next().unwrap_or(&name))
        });
        Error::Autograd(format!(
            "one of the variables needed for gradient computation has been modified by an inplace operation: \
             [{} {:?}]{origin} is at version {version}; expected version {} instead.",
            self.dtype.tensor_type(),
            self.layout.dims(),
            self.version
        ))
    }
}

impl Node {
    pub(super) fn new(op: Op, inputs: &[&Tensor], output: (&Rc<Buffer>, &Rc<Layout>)) -> Rc<Node> {
        let saves = op.saves();
        let mut saved = Saved::new();
        for (i, input) in inputs.iter().enumerate() {
            if saves.has(i) {
                saved.push(SavedValue::new(&input.0.buffer, &input.0.layout));
            }
        }
        if saves.output {
            saved.push(SavedValue::new(output.0, output.1));
        }
        Node::with_saved(Function::Op(op), inputs, saves, saved)
    }

    /// A node for what was written in place: it computes nothing and needs no elements.
    pub(super) fn of_write(function: Function, inputs: &[&Tensor]) -> Rc<Node> {
        Node::with_saved(function, inputs, Saves::default(), Saved::new())
    }

    fn with_saved(function: Function, inputs: &[&Tensor], saves: Saves, saved: Saved) -> Rc<Node> {
        let mut operands = SmallVec::new();
        for t in inputs {
            operands.push(Input { edge: t.edge(), layout: t.0.layout.clone(), dtype: t.dtype() });
        }
        Rc::new(Node {
            inputs: operands,
            // A view may make its history only when it is asked for its edge, so the id comes after.
            id: next_id(),
            function,
            saves,
            saved: RefCell::new(Some(saved)),
            hooks: OnceCell::new(),
            name: Cell::new(None),
        })
    }

    /// The name that it was given, if it was.
    pub(super) fn given_name(&self) -> Option<&'static str> {
        self.name.get()
    }

    /// Larger than the ids of all that came before.
    #[inline]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// What was done.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The number of operands.
    pub fn arity(&self) -> usize {
        self.inputs.len()
    }

    /// Where the gradient of operand `i` goes, if anywhere.
    #[inline]
    pub fn edge(&self, i: usize) -> Option<&Edge> {
        self.inputs.get(i).and_then(|input| input.edge.as_ref())
    }

    /// Where the gradients of the operands go.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.inputs.iter().filter_map(|input| input.edge.as_ref())
    }

    /// The sizes of operand `i`.
    #[inline]
    pub fn input_dims(&self, i: usize) -> &[usize] {
        self.inputs[i].layout.dims()
    }

    /// The dtype of operand `i`.
    pub fn input_dtype(&self, i: usize) -> DType {
        self.inputs[i].dtype
    }

    /// Operand `i` with its history, where [`Op::saves`] keeps it.
    ///
    /// # Errors
    /// When `backward` has freed it, or it was written to since.
    pub fn input(&self, i: usize) -> Result<Tensor> {
        let at = (0..i).filter(|&before| self.saves.has(before)).count();
        self.with_value(at, |value| match self.edge(i) {
            Some(Edge::Leaf(leaf)) => value.check(None).map(|()| leaf.clone()),
            Some(Edge::Node(node)) => value.unpack(Some(node.clone())),
            None => value.unpack(None),
        })
    }

    /// The result with its history, where [`Op::saves`] keeps it.
    ///
    /// # Errors
    /// As [`Node::input`].
    pub fn result(self: &Rc<Node>) -> Result<Tensor> {
        let at = self.saves.inputs.count_ones() as usize;
        self.with_value(at, |value| value.unpack(Some(self.clone())))
    }

    fn with_value(&self, at: usize, f: impl FnOnce(&SavedValue) -> Result<Tensor>) -> Result<Tensor> {
        let saved = self.saved.borrow();
        let value = saved.as_ref().ok_or_else(freed)?.get(at);
        f(value.expect("Op::saves lists what its derivative reads"))
    }

    /// The result has been written into `tensor`, and is to be read there.
    pub(super) fn move_output(&self, tensor: &Tensor) {
        if self.saves.output
            && let Some(output) = self.saved.borrow_mut().as_mut().and_then(|saved| saved.last_mut())
        {
            *output = SavedValue::new(&tensor.0.buffer, &tensor.0.layout);
        }
    }

    /// Lets go of what was saved.
    pub(crate) fn free(&self) {
        drop(self.saved.take());
    }

    /// What looks at the gradient of the result, if anything does.
    pub(super) fn hooks(&self) -> &OnceCell<Box<Hooks>> {
        &self.hooks
    }
}

fn freed() -> Error {
    Error::Autograd(
        "Trying to backward through the graph a second time (or directly access saved tensors after they \
         have already been freed). Specify retain_graph=True if you need to backward through the graph a \
         second time or if you need to access saved tensors after calling backward."
            .into(),
    )
}

/// What a node owns that may own other nodes.
enum Remains {
    Edge(#[expect(dead_code, reason = "kept to be dropped")] Edge),
    Hooks(#[expect(dead_code, reason = "kept to be dropped")] Box<Hooks>),
}

/// Without recursion: the default drop of a long chain would overflow the stack. The first node to be
/// dropped clears away what it and all that are dropped in consequence leave behind, one by one: also
/// where the chain goes through gradients of leaves, which have graphs of their own with
/// `create_graph`, or through what hooks hold.
impl Drop for Node {
    fn drop(&mut self) {
        let edges = self.inputs.iter_mut().filter_map(|input| input.edge.take()).map(Remains::Edge);
        let hooks = self.hooks.take().map(Remains::Hooks);
        // Where the thread is ending there is no list any more, and no long chain either.
        let left = REMAINS.try_with(|list| list.borrow_mut().extend(edges.chain(hooks)));
        if left.is_err() || CLEARING.replace(true) {
            return;
        }
        while let Some(next) = REMAINS.with_borrow_mut(Vec::pop) {
            drop(next);
        }
        // A wide graph may have made it long.
        REMAINS.with_borrow_mut(|list| list.shrink_to(64));
        CLEARING.set(false);
    }
}
