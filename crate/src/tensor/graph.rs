//! What a tensor remembers of its computation. `autograd` walks it backwards.

use super::{Buffer, Tensor};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::shape::{Dims, Layout};
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    static GRAD_ENABLED: Cell<bool> = const { Cell::new(true) };
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
}

/// Whether operations are being recorded, as `torch.is_grad_enabled()`.
pub fn is_grad_enabled() -> bool {
    GRAD_ENABLED.get()
}

/// Restores the grad mode that was on when it was made.
pub struct NoGrad {
    before: bool,
}

impl NoGrad {
    /// Turns recording off until the guard is dropped, as `with torch.no_grad():`.
    #[expect(clippy::new_without_default, reason = "a guard is made for its effect")]
    pub fn new() -> NoGrad {
        NoGrad { before: GRAD_ENABLED.replace(false) }
    }
}

impl Drop for NoGrad {
    fn drop(&mut self) {
        GRAD_ENABLED.set(self.before);
    }
}

/// Runs `f` without recording.
pub fn no_grad<R>(f: impl FnOnce() -> R) -> R {
    let _guard = NoGrad::new();
    f()
}

/// Runs `f` with recording on or off, as `torch.set_grad_enabled`.
pub fn with_grad<R>(enabled: bool, f: impl FnOnce() -> R) -> R {
    let _guard = NoGrad { before: GRAD_ENABLED.replace(enabled) };
    f()
}

/// Where a gradient goes on to.
#[derive(Clone)]
pub enum Edge {
    /// It is accumulated here.
    Leaf(Tensor),
    /// It goes through this operation.
    Node(Rc<Node>),
}

/// A recorded operation, owned by its result and by the operations that follow. Ids grow, so a node's
/// operands always have smaller ids than the node.
pub struct Node {
    id: u64,
    op: Op,
    inputs: SmallVec<[Input; 3]>,
    output: (Dims, DType),
    /// None once `backward` has freed it.
    saved: RefCell<Option<Saved>>,
}

struct Input {
    edge: Option<Edge>,
    dims: Dims,
    dtype: DType,
}

#[derive(Default)]
struct Saved {
    inputs: SmallVec<[Option<SavedValue>; 3]>,
    output: Option<SavedValue>,
}

/// The elements of a tensor without its history: a node must not own its own result.
struct SavedValue {
    buffer: Rc<Buffer>,
    layout: Layout,
    dtype: DType,
    version: u64,
}

impl SavedValue {
    fn new(buffer: &Rc<Buffer>, layout: &Layout, dtype: DType) -> SavedValue {
        SavedValue { buffer: buffer.clone(), layout: *layout, dtype, version: buffer.version.get() }
    }

    fn unpack(&self, node: Option<Rc<Node>>) -> Result<Tensor> {
        let version = self.buffer.version.get();
        if version != self.version {
            return Err(Error::Autograd(format!(
                "one of the variables needed for gradient computation has been modified by an inplace \
                 operation: [{} {:?}] is at version {version}; expected version {} instead.",
                self.dtype,
                self.layout.dims(),
                self.version
            )));
        }
        Ok(Tensor::from_parts(self.buffer.clone(), self.layout, node))
    }
}

impl Node {
    pub(super) fn new(op: Op, inputs: &[&Tensor], output: (&Rc<Buffer>, &Layout, DType)) -> Node {
        let saves = op.saves();
        let value = |t: &Tensor| SavedValue::new(&t.0.buffer, &t.0.layout, t.dtype());
        let saved = Saved {
            inputs: inputs
                .iter()
                .enumerate()
                .map(|(i, t)| (saves.inputs & (1 << i) != 0).then(|| value(t)))
                .collect(),
            output: saves.output.then(|| SavedValue::new(output.0, output.1, output.2)),
        };
        let edge = |t: &Tensor| match &t.0.node {
            Some(node) => Some(Edge::Node(node.clone())),
            None => t.0.requires_grad.get().then(|| Edge::Leaf(t.clone())),
        };
        Node {
            id: NEXT_ID.replace(NEXT_ID.get() + 1),
            op,
            inputs: inputs
                .iter()
                .map(|t| Input { edge: edge(t), dims: t.dims().into(), dtype: t.dtype() })
                .collect(),
            output: (output.1.dims().into(), output.2),
            saved: RefCell::new(Some(saved)),
        }
    }

    /// Larger than the ids of all that came before.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// What was done.
    pub fn op(&self) -> &Op {
        &self.op
    }

    /// The number of operands.
    pub fn arity(&self) -> usize {
        self.inputs.len()
    }

    /// Where the gradient of operand `i` goes, if anywhere.
    pub fn edge(&self, i: usize) -> Option<&Edge> {
        self.inputs.get(i).and_then(|input| input.edge.as_ref())
    }

    /// The sizes of operand `i`.
    pub fn input_dims(&self, i: usize) -> &[usize] {
        &self.inputs[i].dims
    }

    /// The dtype of operand `i`.
    pub fn input_dtype(&self, i: usize) -> DType {
        self.inputs[i].dtype
    }

    /// The sizes and dtype of the result.
    pub fn output_meta(&self) -> (&[usize], DType) {
        (&self.output.0, self.output.1)
    }

    /// Operand `i` with its history, where [`Op::saves`] keeps it.
    ///
    /// # Errors
    /// When `backward` has freed it, or it was written to since.
    pub fn input(&self, i: usize) -> Result<Tensor> {
        let saved = self.saved.borrow();
        let value = saved.as_ref().ok_or_else(freed)?.inputs[i].as_ref();
        let value = value.expect("Op::saves lists what its derivative reads");
        match self.edge(i) {
            Some(Edge::Leaf(leaf)) => value.unpack(None).map(|_| leaf.clone()),
            Some(Edge::Node(node)) => value.unpack(Some(node.clone())),
            None => value.unpack(None),
        }
    }

    /// The result with its history, where [`Op::saves`] keeps it.
    ///
    /// # Errors
    /// As [`Node::input`].
    pub fn result(self: &Rc<Node>) -> Result<Tensor> {
        let saved = self.saved.borrow();
        let value = saved.as_ref().ok_or_else(freed)?.output.as_ref();
        value.expect("Op::saves lists what its derivative reads").unpack(Some(self.clone()))
    }

    /// Lets go of what was saved.
    pub(crate) fn free(&self) {
        *self.saved.borrow_mut() = None;
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

/// Without recursion: the default drop of a long chain would overflow the stack.
impl Drop for Node {
    fn drop(&mut self) {
        let mut pending: Vec<Edge> = self.inputs.iter_mut().filter_map(|i| i.edge.take()).collect();
        while let Some(edge) = pending.pop() {
            if let Edge::Node(node) = edge
                && let Some(mut node) = Rc::into_inner(node)
            {
                pending.extend(node.inputs.iter_mut().filter_map(|i| i.edge.take()));
            }
        }
    }
}
