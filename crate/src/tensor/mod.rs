//! `Tensor`: a view of shared storage that can remember how it was computed.
//!
//! Every operation goes through [`dispatch`] or [`dispatch_in_place`], so what these two see is
//! everything that happens.

mod clamp;
mod create;
pub mod creation;
mod display;
mod graph;
mod index;
mod indexing;
mod linalg;
mod literal;
mod math;
mod operand;
mod padding;
mod reduce;
mod shape_ops;
mod storage;
mod views;

pub use graph::{Edge, NoGrad, Node, is_grad_enabled, no_grad, with_grad};
pub use indexing::Index;
pub use literal::Literal;
pub use operand::Operand;
pub use padding::PadMode;

use crate::backend::cpu::{CpuStorage, Element};
use crate::backend::{self, Device, Storage};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::{Layout, allocatable, checked_numel};
use smallvec::SmallVec;
use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

/// A multi-dimensional array, as `torch.Tensor`. Cloning copies the handle, not the elements.
#[derive(Clone)]
pub struct Tensor(Rc<Inner>);

struct Inner {
    buffer: Rc<Buffer>,
    layout: Layout,
    dtype: DType,
    /// Asked for on a leaf; a result requires a gradient when it has a node.
    requires_grad: Cell<bool>,
    grad: RefCell<Option<Tensor>>,
    node: Option<Rc<Node>>,
}

/// A storage with the number of times it was written to in place.
struct Buffer {
    storage: RefCell<Storage>,
    version: Cell<u64>,
}

impl Tensor {
    fn from_parts(buffer: Rc<Buffer>, layout: Layout, dtype: DType, node: Option<Rc<Node>>) -> Tensor {
        Tensor(Rc::new(Inner {
            buffer,
            layout,
            dtype,
            requires_grad: Cell::new(false),
            grad: RefCell::new(None),
            node,
        }))
    }

    fn from_storage(storage: Storage, dims: &[usize]) -> Tensor {
        let dtype = storage.dtype();
        let buffer = Rc::new(Buffer { storage: RefCell::new(storage), version: Cell::new(0) });
        Tensor::from_parts(buffer, Layout::contiguous(dims), dtype, None)
    }

    /// The sizes of the dimensions, as `tensor.shape`.
    pub fn dims(&self) -> &[usize] {
        self.0.layout.dims()
    }

    /// The number of dimensions, as `tensor.dim()`.
    pub fn ndim(&self) -> usize {
        self.dims().len()
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.0.layout.numel()
    }

    /// The elements' type.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// Where the elements are.
    pub fn device(&self) -> Device {
        self.0.buffer.storage.borrow().device()
    }

    /// Whether the elements lie in row-major order without gaps.
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
    pub fn requires_grad(&self) -> bool {
        self.0.requires_grad.get() || self.0.node.is_some()
    }

    /// Whether it was given, not computed with gradients on.
    pub fn is_leaf(&self) -> bool {
        self.0.node.is_none()
    }

    /// The operation that made it, when gradients are on.
    pub fn grad_fn(&self) -> Option<&Rc<Node>> {
        self.0.node.as_ref()
    }

    /// Asks for gradients of a leaf, or stops asking.
    ///
    /// # Errors
    /// For tensors that are not floating-point or not leaves.
    pub fn requires_grad_(self, requires_grad: bool) -> Result<Tensor> {
        if requires_grad && !self.dtype().is_floating_point() {
            return Err(Error::Autograd("only Tensors of floating point dtype can require gradients".into()));
        }
        if !self.is_leaf() && !requires_grad {
            return Err(Error::Autograd("you can only change requires_grad flags of leaf variables.".into()));
        }
        self.0.requires_grad.set(requires_grad);
        Ok(self)
    }

    /// The gradient that `backward` has accumulated here.
    pub fn grad(&self) -> Option<Tensor> {
        self.0.grad.borrow().clone()
    }

    /// Puts a gradient in place, or takes it away.
    pub fn set_grad(&self, grad: Option<Tensor>) {
        *self.0.grad.borrow_mut() = grad;
    }

    /// The same elements without the history.
    pub fn detach(&self) -> Tensor {
        Tensor::from_parts(self.0.buffer.clone(), self.0.layout, self.dtype(), None)
    }

    /// Whether something else uses the same storage.
    pub(crate) fn shares_storage(&self) -> bool {
        Rc::strong_count(&self.0.buffer) > 1 || Rc::strong_count(&self.0) > 1
    }

    /// The elements in row-major order. The type must be the tensor's own.
    ///
    /// # Errors
    /// When it is not.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        if self.dtype() != T::DTYPE {
            return Err(Error::DType(format!("expected {} but the tensor is {}", T::DTYPE, self.dtype())));
        }
        let storage = self.0.buffer.storage.borrow();
        let Storage::Cpu(all) = &*storage;
        if self.is_contiguous() {
            return Ok(T::of(all)[self.0.layout.offset()..][..self.numel()].to_vec());
        }
        drop(storage);
        no_grad(|| self.contiguous())?.to_vec()
    }

    /// The elements as f64, whatever their type.
    pub fn to_f64_vec(&self) -> Vec<f64> {
        let values = no_grad(|| self.to(DType::F64)?.to_vec());
        values.expect("every dtype casts to f64")
    }

    /// The only element, as f64.
    ///
    /// # Errors
    /// When there is not exactly one.
    pub fn item(&self) -> Result<f64> {
        if self.numel() != 1 {
            return Err(Error::Value(format!(
                "a Tensor with {} elements cannot be converted to Scalar",
                self.numel()
            )));
        }
        let storage = self.0.buffer.storage.borrow();
        let at = self.0.layout.offset();
        let Storage::Cpu(all) = &*storage;
        Ok(match all {
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
    let (buffer, layout, dtype) = match &op {
        Op::View(view) => {
            let of = &inputs[0].0;
            let layout = view.apply(&of.layout)?;
            checked_numel(layout.dims())?;
            (of.buffer.clone(), layout, of.dtype)
        }
        _ => {
            let metas: SmallVec<[_; 3]> = inputs.iter().map(|t| (t.dims(), t.dtype())).collect();
            let (dims, dtype) = op.infer(&metas)?;
            allocatable(&dims, dtype)?;
            let storages: SmallVec<[Ref<'_, Storage>; 3]> =
                inputs.iter().map(|t| t.0.buffer.storage.borrow()).collect();
            let operands: SmallVec<[_; 3]> =
                storages.iter().zip(inputs).map(|(s, t)| (&**s, &t.0.layout)).collect();
            let storage = backend::execute(&op, &operands, &dims, dtype)?;
            let buffer = Buffer { storage: RefCell::new(storage), version: Cell::new(0) };
            (Rc::new(buffer), Layout::contiguous(&dims), dtype)
        }
    };
    let records = is_grad_enabled() && dtype.is_floating_point() && inputs.iter().any(|t| t.requires_grad());
    let node = records.then(|| Rc::new(Node::new(op, inputs, (&buffer, &layout, dtype))));
    Ok(Tensor::from_parts(buffer, layout, dtype, node))
}

/// Runs an operation that writes into `into`.
///
/// # Errors
/// When gradients are on and `into` takes part in a graph: it would no longer hold what the graph
/// was computed from.
pub fn dispatch_in_place(op: InPlace, into: &Tensor, inputs: &[&Tensor]) -> Result<()> {
    if is_grad_enabled() && (into.requires_grad() || inputs.iter().any(|t| t.requires_grad())) {
        return Err(Error::Autograd(if into.is_leaf() && into.requires_grad() {
            "a leaf Variable that requires grad is being used in an in-place operation.".into()
        } else {
            "in-place operations on tensors that require gradients are not recorded; use no_grad".into()
        }));
    }
    // An operand in the very storage that is written is read first.
    let inputs: SmallVec<[Tensor; 2]> = inputs
        .iter()
        .map(|t| match Rc::ptr_eq(&t.0.buffer, &into.0.buffer) {
            true => dispatch(Op::Contiguous, &[t]),
            false => Ok((*t).clone()),
        })
        .collect::<Result<_>>()?;
    let storages: SmallVec<[Ref<'_, Storage>; 2]> =
        inputs.iter().map(|t| t.0.buffer.storage.borrow()).collect();
    let operands: SmallVec<[_; 2]> = storages.iter().zip(&inputs).map(|(s, t)| (&**s, &t.0.layout)).collect();
    let buffer = &into.0.buffer;
    backend::execute_in_place(op, (&mut buffer.storage.borrow_mut(), &into.0.layout), &operands)?;
    buffer.version.set(buffer.version.get() + 1);
    Ok(())
}
