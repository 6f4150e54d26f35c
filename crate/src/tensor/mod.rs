//! `Tensor`: a view of shared storage that can remember how it was computed.
//!
//! Every operation goes through [`dispatch`] or [`dispatch_in_place`], so what these two see is
//! everything that happens.

mod clamp;
mod create;
pub mod creation;
mod device;
mod display;
mod grad_mode;
mod graph;
mod hooks;
mod in_place;
mod index;
mod indexing;
mod layouts;
mod linalg;
mod literal;
mod math;
mod operand;
mod origin;
mod padding;
pub mod record;
mod reduce;
mod shape_ops;
mod storage;
mod views;

pub use grad_mode::{NoGrad, enable_grad, is_grad_enabled, no_grad, with_grad};
pub(crate) use graph::Called;
pub use graph::{Edge, Function, Node};
pub use hooks::{GradHook, PostAccumulateGradHook, RemovableHandle};
pub(crate) use hooks::{HookList, leaves_have_hooks};
pub use indexing::Index;
pub use literal::Literal;
pub use operand::Operand;
pub use origin::Geometry;
pub use padding::PadMode;

use crate::backend::cpu::{CpuStorage, Element};
use crate::backend::{self, Device, Storage};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::{Layout, checked_numel};
use hooks::Hooks;
use origin::Origin;
use smallvec::SmallVec;
use std::cell::{Cell, OnceCell, Ref, RefCell};
use std::rc::Rc;

/// A multi-dimensional array, as `torch.Tensor`. Cloning copies the handle, not the elements.
///
/// ```
/// use gradus::tensor::Tensor;
///
/// let x = Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6.], &[2, 3])?;
/// let row = x.slice(0, 1, 2, 1)?; // a view: x[1:2]
/// row.fill_(0.0)?;
/// assert_eq!(x.to_vec::<f32>()?, [1., 2., 3., 0., 0., 0.]);
///
/// // Shapes broadcast and numbers take part, as in PyTorch.
/// let scaled = x.sub(&x.mean_dim(&[1], true)?)?.mul(10.0)?;
/// assert_eq!(scaled.to_string(), "tensor([[-10.,   0.,  10.],\n        [  0.,   0.,   0.]])");
///
/// let wrong = x.matmul(&x).unwrap_err();
/// assert_eq!(wrong.to_string(), "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
/// # Ok::<(), gradus::error::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor(Rc<Inner>);

struct Inner {
    /// Smaller than the ids of all nodes that it is an operand of
    id: u64,
    buffer: Rc<Buffer>,
    /// Shared with results that lie alike, and with what remembers this tensor
    layout: Rc<Layout>,
    /// Asked for on a leaf; a result requires a gradient when it has a node.
    requires_grad: Cell<bool>,
    grad: RefCell<Option<Tensor>>,
    /// Of a view: as of the version that its origin names
    node: RefCell<Option<Rc<Node>>>,
    origin: Origin,
    /// Of a leaf; other tensors have theirs in the node
    hooks: OnceCell<Box<Hooks>>,
}

/// A storage with the type of its elements and the number of times it was written to in place.
struct Buffer {
    storage: RefCell<Storage>,
    dtype: Cell<DType>,
    version: Cell<u64>,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.storage.get_mut().give_back();
    }
}

impl Buffer {
    #[inline]
    fn new(storage: Storage) -> Rc<Buffer> {
        let dtype = Cell::new(storage.dtype());
        Rc::new(Buffer { storage: RefCell::new(storage), dtype, version: Cell::new(0) })
    }
}

impl Tensor {
    #[inline]
    fn from_parts(buffer: Rc<Buffer>, layout: Rc<Layout>, node: Option<Rc<Node>>) -> Tensor {
        Tensor::with_origin(buffer, layout, node, Origin::Own)
    }

    #[inline]
    fn with_origin(buffer: Rc<Buffer>, layout: Rc<Layout>, node: Option<Rc<Node>>, origin: Origin) -> Tensor {
        Tensor(Rc::new(Inner {
            id: graph::next_id(),
            buffer,
            layout,
            requires_grad: Cell::new(false),
            grad: RefCell::new(None),
            node: RefCell::new(node),
            origin,
            hooks: OnceCell::new(),
        }))
    }

    fn from_storage(storage: Storage, dims: &[usize]) -> Tensor {
        let created = record::is_recording().then(|| storage.clone());
        let tensor = Tensor::unrecorded(storage, dims);
        if let Some(created) = created {
            record::add(record::Action::Create(created), &[], record::Place::of(&tensor));
        }
        tensor
    }

    fn unrecorded(storage: Storage, dims: &[usize]) -> Tensor {
        let layout = layouts::of_new(dims, storage.dtype());
        let layout = layout.unwrap_or_else(|_| Rc::new(Layout::contiguous(dims)));
        Tensor::from_parts(Buffer::new(storage), layout, None)
    }

    /// The sizes of the dimensions, as `tensor.shape`.
    #[inline]
    pub fn dims(&self) -> &[usize] {
        self.0.layout.dims()
    }

    /// The number of dimensions, as `tensor.dim()`.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.dims().len()
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        self.0.layout.numel()
    }

    /// The elements' type.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.0.buffer.dtype.get()
    }

    /// What the shape and the type of a result depend on.
    #[inline]
    fn meta(&self) -> (&[usize], DType) {
        (self.dims(), self.dtype())
    }

    #[inline]
    fn storage(&self) -> Ref<'_, Storage> {
        self.0.buffer.storage.borrow()
    }

    #[inline]
    fn operand<'a>(&'a self, storage: &'a Storage) -> backend::Operand<'a> {
        backend::operand(storage, &self.0.layout)
    }

    /// Where the elements are.
    pub fn device(&self) -> Device {
        self.0.buffer.storage.borrow().device()
    }

    /// Whether the elements lie in row-major order without gaps.
    #[inline]
    pub fn is_contiguous(&self) -> bool {
        self.0.layout.is_contiguous()
    }

    /// How many times the storage was written to in place, as `tensor._version`.
    pub fn version(&self) -> u64 {
        self.0.buffer.version.get()
    }

    /// Whether both are the same tensor, not only equal ones.
    pub fn is_same(&self, other: &Tensor) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Whether a gradient is computed for it, or for something it was computed from.
    #[inline]
    pub fn requires_grad(&self) -> bool {
        self.0.requires_grad.get() || self.0.node.borrow().is_some() || self.0.origin.requires_grad()
    }

    /// Whether it was given, not computed with gradients on.
    pub fn is_leaf(&self) -> bool {
        self.grad_fn().is_none()
    }

    /// The operation that made it, when gradients are on.
    #[inline]
    pub fn grad_fn(&self) -> Option<Rc<Node>> {
        self.refresh_history();
        self.0.node.borrow().clone()
    }

    /// Where a gradient of this tensor goes, if anywhere.
    #[inline]
    pub(crate) fn edge(&self) -> Option<Edge> {
        match self.grad_fn() {
            Some(node) => Some(Edge::Node(node)),
            None => self.0.requires_grad.get().then(|| Edge::Leaf(self.clone())),
        }
    }

    /// Asks for gradients of a leaf, or stops asking.
    ///
    /// # Errors
    /// For tensors that are not floating-point; stopping also for those that are not leaves.
    pub fn requires_grad_(self, requires_grad: bool) -> Result<Tensor> {
        if requires_grad && !self.dtype().is_floating_point() {
            return Err(Error::Autograd("only Tensors of floating point dtype can require gradients".into()));
        }
        if self.is_leaf() {
            self.0.requires_grad.set(requires_grad);
        } else if !requires_grad {
            return Err(Error::Autograd(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed \
                 variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                    .into(),
            ));
        }
        Ok(self)
    }

    /// The gradient that `backward` has accumulated here.
    #[inline]
    pub fn grad(&self) -> Option<Tensor> {
        self.0.grad.borrow().clone()
    }

    /// Puts a gradient in place, or takes it away.
    #[inline]
    pub fn set_grad(&self, grad: Option<Tensor>) {
        // What goes may own a graph with hooks, which may look here.
        drop(self.0.grad.replace(grad));
    }

    /// The same elements without the history.
    pub fn detach(&self) -> Tensor {
        Tensor::from_parts(self.0.buffer.clone(), self.0.layout.clone(), None)
    }

    /// Forgets the history: the tensor becomes a leaf that does not require a gradient.
    ///
    /// # Errors
    /// For views, whose history is that of their base.
    pub fn detach_(&self) -> Result<()> {
        if !matches!(self.0.origin, Origin::Own) {
            return Err(Error::Autograd("Can't detach views in-place. Use detach() instead.".into()));
        }
        self.0.requires_grad.set(false);
        drop(self.0.node.take());
        Ok(())
    }

    /// Whether something else uses the same storage.
    pub(crate) fn shares_storage(&self) -> bool {
        Rc::strong_count(&self.0.buffer) > 1 || Rc::strong_count(&self.0) > 1
    }

    /// The elements in row-major order. The type must be the tensor's own.
    ///
    /// # Errors
    /// When it is not; in a browser, for a tensor that is not on the CPU: see [`Tensor::to_vec_async`].
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        if self.dtype() != T::DTYPE {
            return Err(Error::DType(format!("expected {} but the tensor is {}", T::DTYPE, self.dtype())));
        }
        record::refuse("reading a tensor's elements")?;
        self.elements()
    }

    fn elements<T: Element>(&self) -> Result<Vec<T>> {
        if self.is_elsewhere() {
            return no_grad(|| self.to_device(Device::Cpu))?.elements();
        }
        if self.is_contiguous() {
            return Ok(T::of(self.storage().cpu())[self.0.layout.offset()..][..self.numel()].to_vec());
        }
        no_grad(|| self.contiguous())?.elements()
    }

    /// The elements as f64, whatever their type.
    ///
    /// # Panics
    /// In a browser, for a tensor that is not on the CPU: see [`Tensor::to_vec_async`].
    pub fn to_f64_vec(&self) -> Vec<f64> {
        // Refused while recording, which the recording itself will tell.
        let _ = record::refuse("reading a tensor's elements");
        let values = no_grad(|| self.to_device(Device::Cpu)?.to(DType::F64)?.elements());
        values.expect("every dtype casts to f64")
    }

    /// The only element, as f64.
    ///
    /// # Errors
    /// When there is not exactly one; in a browser, when it is not on the CPU: see [`Tensor::item_async`].
    pub fn item(&self) -> Result<f64> {
        if self.numel() != 1 {
            return Err(Error::Value(format!(
                "a Tensor with {} elements cannot be converted to Scalar",
                self.numel()
            )));
        }
        record::refuse("item()")?;
        if self.is_elsewhere() {
            return no_grad(|| self.to_device(Device::Cpu))?.item();
        }
        let at = self.0.layout.offset();
        Ok(match self.storage().cpu() {
            CpuStorage::F32(v) => f64::from(v[at]),
            CpuStorage::F64(v) => v[at],
            CpuStorage::I64(v) => v[at] as f64,
            CpuStorage::Bool(v) => f64::from(u8::from(v[at])),
        })
    }
}

/// Runs an operation and, with gradients on, records it.
///
/// # Errors
/// The operation's: see [`Op::infer`].
pub fn dispatch(op: Op, inputs: &[&Tensor]) -> Result<Tensor> {
    #[cfg(feature = "webgpu")]
    if let Some(moved) = device::together(inputs)? {
        return dispatch(op, &moved.iter().collect::<Vec<_>>());
    }
    let (buffer, layout) = match &op {
        Op::View(view) => {
            let of = &inputs[0].0;
            let layout = view.apply(&of.layout)?;
            checked_numel(layout.dims())?;
            (of.buffer.clone(), Rc::new(layout))
        }
        _ => compute(&op, inputs)?,
    };
    let records = is_grad_enabled()
        && buffer.dtype.get().is_floating_point()
        && inputs.iter().any(|t| t.requires_grad());
    let node = records.then(|| Node::new(op, inputs, (&buffer, &layout)));
    let origin = if op.is_view() { Origin::view(inputs[0]) } else { Origin::Own };
    let result = Tensor::with_origin(buffer, layout, node, origin);
    if record::is_recording() && !op.is_view() {
        record::add(record::Action::Compute(op), inputs, record::Place::of(&result));
    }
    Ok(result)
}

/// The result of an operation, in a new storage.
fn compute(op: &Op, inputs: &[&Tensor]) -> Result<(Rc<Buffer>, Rc<Layout>)> {
    // Nearly all have at most three operands: those need no list in memory.
    let (layout, dtype) = match *inputs {
        [a] => result_layout(op, &[a.meta()]),
        [a, b] => result_layout(op, &[a.meta(), b.meta()]),
        [a, b, c] => result_layout(op, &[a.meta(), b.meta(), c.meta()]),
        _ => result_layout(op, &inputs.iter().map(|t| t.meta()).collect::<Vec<_>>()),
    }?;
    #[cfg(feature = "webgpu")]
    if inputs.iter().any(|t| t.is_elsewhere()) {
        return Ok((Buffer::new(device::compute(op, inputs, &layout, dtype)?), layout));
    }
    let storage = read(inputs, |operands| backend::execute(op, operands, &layout, dtype))?;
    Ok((Buffer::new(storage), layout))
}

/// How a result lies, and its dtype.
#[inline]
fn result_layout(op: &Op, metas: &[(&[usize], DType)]) -> Result<(Rc<Layout>, DType)> {
    let (dims, dtype) = op.infer(metas)?;
    Ok((layouts::of_new(&dims, dtype)?, dtype))
}

/// Calls `f` with tensors as operands.
#[inline]
fn read<R>(inputs: &[&Tensor], f: impl FnOnce(&[backend::Operand<'_>]) -> R) -> R {
    match *inputs {
        [] => f(&[]),
        [a] => f(&[a.operand(&a.storage())]),
        [a, b] => f(&[a.operand(&a.storage()), b.operand(&b.storage())]),
        [a, b, c] => f(&[a.operand(&a.storage()), b.operand(&b.storage()), c.operand(&c.storage())]),
        _ => {
            let storages: Vec<Ref<'_, Storage>> = inputs.iter().map(|t| t.storage()).collect();
            let operands = inputs.iter().zip(&storages).map(|(t, storage)| t.operand(storage));
            f(&operands.collect::<Vec<_>>())
        }
    }
}

/// Runs an operation that writes into `into`. With gradients on, it becomes part of the history of
/// `into`, of what that is a view of, and of all views of that.
///
/// # Errors
/// When gradients are on and `into` is a leaf that requires one; when the operands do not broadcast to
/// `into`; when elements of `into` share a place.
pub fn dispatch_in_place(op: InPlace, into: &Tensor, inputs: &[&Tensor]) -> Result<()> {
    if is_grad_enabled() && (into.requires_grad() || inputs.iter().any(|t| t.requires_grad())) {
        return in_place::record(op, into, inputs);
    }
    in_place::fits(op, into, inputs)?;
    #[cfg(feature = "webgpu")]
    if let Some(moved) = device::to_target(op, into, inputs)? {
        return dispatch_in_place(op, into, &moved.iter().collect::<Vec<_>>());
    }
    // An operand in the very storage that is written is read first.
    let buffer = &into.0.buffer;
    if let Some(at) = inputs.iter().position(|t| Rc::ptr_eq(&t.0.buffer, buffer)) {
        let copy = dispatch(Op::Contiguous, &[inputs[at]])?;
        let mut inputs = SmallVec::<[&Tensor; 2]>::from_slice(inputs);
        inputs[at] = &copy;
        return dispatch_in_place(op, into, &inputs);
    }
    #[cfg(feature = "webgpu")]
    if into.is_elsewhere() {
        return device::write(op, into, inputs);
    }
    read(inputs, |operands| {
        backend::execute_in_place(op, (&mut buffer.storage.borrow_mut(), &into.0.layout), operands)
    })?;
    buffer.version.set(buffer.version.get() + 1);
    if record::is_recording() {
        record::add(record::Action::Write(op), inputs, record::Place::of(into));
    }
    Ok(())
}
