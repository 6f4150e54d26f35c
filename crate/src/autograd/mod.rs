//! Gradients: the recorded graph walked backwards.

mod vjp;

use crate::error::{Error, Result};
use crate::tensor::{Edge, Node, Tensor, with_grad};
use std::rc::Rc;

impl Tensor {
    /// Adds the gradient of this scalar to `grad` of every leaf that it was computed from.
    ///
    /// # Errors
    /// When it is not a scalar, has no graph, or the graph has been freed.
    pub fn backward(&self) -> Result<()> {
        self.backward_with(None, false, false)
    }

    /// As [`Tensor::backward`], with the gradient to start from (needed unless this is a scalar),
    /// keeping the graph for another time, or recording the gradients' own computation.
    ///
    /// # Errors
    /// As [`Tensor::backward`]; also when the gradient's shape is not this tensor's.
    pub fn backward_with(
        &self,
        gradient: Option<&Tensor>,
        retain_graph: bool,
        create_graph: bool,
    ) -> Result<()> {
        if !self.requires_grad() {
            return Err(Error::Autograd(
                "element 0 of tensors does not require grad and does not have a grad_fn".into(),
            ));
        }
        let start = match gradient {
            Some(g) if g.dims() != self.dims() => {
                return Err(Error::Shape(format!(
                    "Mismatch in shape: grad_output[0] has a shape of {:?} and output[0] has a shape of {:?}.",
                    g.dims(),
                    self.dims()
                )));
            }
            Some(g) => g.to(self.dtype())?,
            None if self.numel() == 1 => self.ones_like(),
            None => {
                return Err(Error::Autograd("grad can be implicitly created only for scalar outputs".into()));
            }
        };
        with_grad(create_graph, || match self.grad_fn() {
            Some(node) => walk(node.clone(), start, retain_graph || create_graph, create_graph),
            None => accumulate(self, start, create_graph),
        })
    }
}

/// Visits the nodes from the latest to the first: when a node's turn comes, every node that uses its
/// result has had its own, so the gradient that waits for it is complete.
fn walk(root: Rc<Node>, start: Tensor, retain: bool, create_graph: bool) -> Result<()> {
    // Sorted by id. Gradients wait for a few nodes at a time, most of them made last.
    let mut waiting = vec![(root, start)];
    while let Some((node, grad)) = waiting.pop() {
        let grads = vjp::vjp(&node, &grad)?;
        if !retain {
            node.free();
        }
        for (i, grad) in grads.into_iter().enumerate() {
            match (node.edge(i), grad) {
                (Some(Edge::Leaf(leaf)), Some(grad)) => accumulate(leaf, grad, create_graph)?,
                (Some(Edge::Node(next)), Some(grad)) => {
                    match waiting.binary_search_by_key(&next.id(), |(node, _)| node.id()) {
                        Ok(at) => waiting[at].1 = waiting[at].1.add(&grad)?,
                        Err(at) => waiting.insert(at, (next.clone(), grad)),
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Adds to a leaf's `grad`, in place unless the sum is to be recorded.
fn accumulate(leaf: &Tensor, grad: Tensor, create_graph: bool) -> Result<()> {
    match leaf.grad() {
        Some(before) if create_graph => leaf.set_grad(Some(before.add(&grad)?)),
        Some(before) => before.add_(&grad, 1.0)?,
        // The next backward adds in place, so the storage must be nobody else's.
        None if !create_graph && (grad.shares_storage() || !grad.is_contiguous()) => {
            let own = grad.zeros_like();
            own.copy_(&grad)?;
            leaf.set_grad(Some(own));
        }
        None => leaf.set_grad(Some(grad)),
    }
    Ok(())
}
