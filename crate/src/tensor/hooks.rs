//! Hooks: functions that look at the gradient of a tensor during `backward`, and may change it.

use super::graph::{Edge, Node};
use super::{Inner, Tensor, dispatch};
use crate::error::{Error, Result};
use crate::op::Op;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// Takes the gradient; one that it gives takes that one's place.
pub type GradHook = dyn Fn(&Tensor) -> Result<Option<Tensor>>;

/// Takes a leaf whose `grad` has just been accumulated.
pub type PostAccumulateGradHook = dyn Fn(&Tensor) -> Result<()>;

thread_local! {
    static ON_LEAVES: Cell<bool> = const { Cell::new(false) };
}

/// Whether a leaf has ever had a hook: only then does it matter when leaves get their gradients.
pub(crate) fn leaves_have_hooks() -> bool {
    ON_LEAVES.get()
}

/// Functions in the order in which they were registered.
pub(crate) struct HookList<F: ?Sized>(Rc<RefCell<Entries<F>>>);

struct Entries<F: ?Sized> {
    next: u64,
    list: Vec<(u64, Rc<F>)>,
}

impl<F: ?Sized> Default for HookList<F> {
    fn default() -> Self {
        HookList(Rc::new(RefCell::new(Entries { next: 0, list: Vec::new() })))
    }
}

impl<F: ?Sized + 'static> HookList<F> {
    /// Adds a function at the end.
    pub(crate) fn register(&self, hook: Rc<F>) -> RemovableHandle {
        let mut entries = self.0.borrow_mut();
        let id = entries.next;
        entries.next += 1;
        entries.list.push((id, hook));
        let list: Weak<RefCell<Entries<F>>> = Rc::downgrade(&self.0);
        RemovableHandle { list, id }
    }

    /// A copy, so that a hook may register and remove hooks.
    pub(crate) fn all(&self) -> Vec<Rc<F>> {
        self.0.borrow().list.iter().map(|(_, hook)| hook.clone()).collect()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().list.is_empty()
    }
}

/// Takes a hook away again, as `torch.utils.hooks.RemovableHandle`. Dropping the handle leaves the hook
/// where it is.
pub struct RemovableHandle {
    list: Weak<dyn Remove>,
    id: u64,
}

trait Remove {
    fn remove(&self, id: u64);
}

impl<F: ?Sized> Remove for RefCell<Entries<F>> {
    fn remove(&self, id: u64) {
        let mut entries = self.borrow_mut();
        let at = entries.list.iter().position(|(other, _)| *other == id);
        let removed = at.map(|at| entries.list.remove(at));
        // What the hook holds may have hooks of its own.
        drop(entries);
        drop(removed);
    }
}

impl RemovableHandle {
    /// The hook is not called any more.
    pub fn remove(&self) {
        if let Some(list) = self.list.upgrade() {
            list.remove(self.id);
        }
    }
}

/// The hooks of a leaf, or of the result of a node.
#[derive(Default)]
pub(super) struct Hooks {
    gradient: HookList<GradHook>,
    accumulated: HookList<PostAccumulateGradHook>,
    /// Whose `grad` gets a copy, after [`Tensor::retain_grad`]
    retained: RefCell<Weak<Inner>>,
}

impl Hooks {
    /// The tensor has another history now.
    pub(super) fn move_retained(&self, node: &Node) {
        let tensor = self.retained.take();
        if tensor.strong_count() > 0 {
            node.hooks().get_or_init(Box::default).retained.replace(tensor);
        }
    }
}

impl Tensor {
    /// Calls `hook` with the gradient of this tensor whenever one is computed, before it goes on to what
    /// the tensor was computed from. A gradient that the hook gives goes on in its place. Hooks run in
    /// the order in which they were registered; an error ends `backward`. After a change in place, the
    /// hooks from before get the gradient of the value before.
    ///
    /// ```
    /// # use gradus::tensor::Tensor;
    /// # fn main() -> gradus::error::Result<()> {
    /// let x = Tensor::from_vec(vec![1.0f32, 2.0], &[2])?.requires_grad_(true)?;
    /// let y = x.square()?;
    /// let handle = y.register_hook(|grad| grad.mul(10.0).map(Some))?;
    /// y.sum()?.backward()?;
    /// assert_eq!(x.grad().unwrap().to_vec::<f32>()?, [20.0, 40.0]);
    /// handle.remove();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When this tensor does not require a gradient.
    pub fn register_hook(
        &self,
        hook: impl Fn(&Tensor) -> Result<Option<Tensor>> + 'static,
    ) -> Result<RemovableHandle> {
        if !self.requires_grad() {
            return Err(Error::Autograd(
                "cannot register a hook on a tensor that doesn't require gradient".into(),
            ));
        }
        Ok(self.with_hooks(|hooks| hooks.gradient.register(Rc::new(hook))))
    }

    /// Calls `hook` with this leaf whenever `backward` has accumulated a gradient in its `grad`.
    ///
    /// # Errors
    /// When this tensor is not a leaf, or does not require a gradient.
    pub fn register_post_accumulate_grad_hook(
        &self,
        hook: impl Fn(&Tensor) -> Result<()> + 'static,
    ) -> Result<RemovableHandle> {
        let error = if !self.requires_grad() {
            "cannot register a hook on a tensor that doesn't require gradient"
        } else if !self.is_leaf() {
            "post accumulate grad hooks cannot be registered on non-leaf tensors"
        } else {
            return Ok(self.with_hooks(|hooks| hooks.accumulated.register(Rc::new(hook))));
        };
        Err(Error::Autograd(error.into()))
    }

    /// From now on `backward` keeps the gradient of this tensor in its `grad`, too, though it is no leaf.
    ///
    /// # Errors
    /// When this tensor does not require a gradient.
    pub fn retain_grad(&self) -> Result<()> {
        if !self.requires_grad() {
            return Err(Error::Autograd("can't retain_grad on Tensor that has requires_grad=False".into()));
        }
        if !self.is_leaf() {
            self.with_hooks(|hooks| hooks.retained.replace(Rc::downgrade(&self.0)));
        }
        Ok(())
    }

    /// Whether [`Tensor::retain_grad`] was asked of this tensor, which is not a leaf.
    pub fn retains_grad(&self) -> bool {
        let node = self.grad_fn();
        let hooks = node.as_ref().and_then(|node| node.hooks().get());
        hooks.is_some_and(|hooks| hooks.retained.borrow().strong_count() > 0)
    }

    fn with_hooks<R>(&self, f: impl FnOnce(&Hooks) -> R) -> R {
        match self.grad_fn() {
            Some(node) => f(node.hooks().get_or_init(Box::default)),
            None => {
                ON_LEAVES.set(true);
                f(self.0.hooks.get_or_init(Box::default))
            }
        }
    }
}

impl Edge {
    #[inline]
    fn hooks(&self) -> Option<&Hooks> {
        match self {
            Edge::Leaf(leaf) => leaf.0.hooks.get(),
            Edge::Node(node) => node.hooks().get(),
        }
        .map(|hooks| &**hooks)
    }

    /// Shows the complete gradient to the hooks, and gives what goes on.
    pub(crate) fn call_hooks(&self, mut grad: Tensor) -> Result<Tensor> {
        let Some(hooks) = self.hooks() else { return Ok(grad) };
        for hook in hooks.gradient.all() {
            if let Some(other) = hook(&grad)? {
                same_kind(&grad, &other)?;
                grad = other;
            }
        }
        let retained = hooks.retained.borrow().upgrade();
        if let Some(tensor) = retained.map(Tensor) {
            let sum = match tensor.grad() {
                Some(before) => before.add(&grad)?,
                None => dispatch(Op::Contiguous, &[&grad])?,
            };
            tensor.set_grad(Some(sum));
        }
        Ok(grad)
    }

    /// Tells a leaf's hooks that its `grad` has changed.
    pub(crate) fn call_accumulated_hooks(&self) -> Result<()> {
        match (self, self.hooks()) {
            (Edge::Leaf(leaf), Some(hooks)) => hooks.accumulated.all().iter().try_for_each(|hook| hook(leaf)),
            _ => Ok(()),
        }
    }
}

/// PyTorch's rules for the gradient that a hook gives.
fn same_kind(grad: &Tensor, other: &Tensor) -> Result<()> {
    if grad.dims() != other.dims() {
        return Err(Error::Autograd("hook has changed the size of value".into()));
    }
    if grad.dtype() != other.dtype() {
        return Err(Error::Autograd(format!(
            "hook has changed the type of value (was {} got {})",
            grad.dtype().tensor_type(),
            other.dtype().tensor_type()
        )));
    }
    Ok(())
}
