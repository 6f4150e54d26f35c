//! Views and their bases: what a tensor must know of where it came from to be written to.

use super::graph::Function;
use super::{Node, Tensor, is_grad_enabled};
use crate::shape::Layout;
use std::cell::Cell;
use std::rc::Rc;

/// Whose storage a tensor sees.
pub(super) enum Origin {
    /// Its own, or one that it was detached from
    Own,
    /// That of a base, which is no view itself
    View {
        base: Tensor,
        /// The version for which the view's history holds
        seen: Cell<u64>,
    },
    /// That of another tensor, which is not kept: made without recording, so that gradients that are
    /// nobody else's stay so
    Unrecorded {
        /// Whether that tensor required a gradient
        requires_grad: bool,
    },
}

impl Origin {
    /// That of a view of `of`, made now.
    pub(super) fn view(of: &Tensor) -> Origin {
        let seen = Cell::new(of.version());
        match &of.0.origin {
            Origin::Own | Origin::View { .. } if !is_grad_enabled() => {
                Origin::Unrecorded { requires_grad: of.requires_grad() }
            }
            Origin::Own => Origin::View { base: of.clone(), seen },
            Origin::View { base, .. } => Origin::View { base: base.clone(), seen },
            &Origin::Unrecorded { requires_grad } => Origin::Unrecorded { requires_grad },
        }
    }

    /// Whether the tensor has a gradient for the sake of the one that it is a view of.
    #[inline]
    pub(super) fn requires_grad(&self) -> bool {
        match self {
            Origin::Own => false,
            Origin::View { base, .. } => base.requires_grad(),
            Origin::Unrecorded { requires_grad } => *requires_grad,
        }
    }
}

impl Tensor {
    /// The tensor whose storage this is a view of, as `tensor._base`.
    pub(super) fn base(&self) -> Option<&Tensor> {
        match &self.0.origin {
            Origin::View { base, .. } => Some(base),
            _ => None,
        }
    }

    /// Brings a view's history up to date: what has been written into the base or another view since is
    /// part of it. Any change of the version counts, as in PyTorch.
    #[inline]
    pub(super) fn refresh_history(&self) {
        if let Origin::View { base, seen } = &self.0.origin {
            self.refresh_view(base, seen);
        }
    }

    fn refresh_view(&self, base: &Tensor, seen: &Cell<u64>) {
        let known = self.0.node.borrow().is_some() || base.requires_grad();
        if !known || seen.replace(self.version()) == self.version() {
            return;
        }
        self.set_history(Node::of_view(base, self));
    }

    /// Another history, after a write in place. Hooks stay where they were, with the value before; only
    /// `retain_grad` follows the tensor, as in PyTorch.
    pub(super) fn set_history(&self, node: Rc<Node>) {
        let before = self.0.node.replace(Some(node.clone()));
        if let Some(hooks) = before.as_ref().and_then(|before| before.hooks().get()) {
            hooks.move_retained(&node);
        }
    }
}

impl Node {
    /// The history of a view as the base has it.
    pub(super) fn of_view(base: &Tensor, view: &Tensor) -> Rc<Node> {
        Node::of_write(Function::AsStrided(Box::new(Geometry::new(base, view))), &[base])
    }

    /// The history of a base after `part` was written into a view of it.
    pub(super) fn with_part(base: &Tensor, view: &Tensor, part: &Tensor) -> Rc<Node> {
        Node::of_write(Function::CopySlices(Box::new(Geometry::new(base, view))), &[base, part])
    }
}

/// Which elements of its base a view sees.
pub struct Geometry {
    base: Layout,
    view: Layout,
}

impl Geometry {
    fn new(base: &Tensor, view: &Tensor) -> Geometry {
        Geometry { base: *base.0.layout, view: *view.0.layout }
    }

    /// The place of each of the view's elements among the base's, both in row-major order.
    pub fn places(&self) -> Vec<i64> {
        // The place of each element of the storage among the base's
        let mut order = Vec::new();
        each(&self.base, |i, at| {
            if order.len() <= at {
                order.resize(at + 1, 0);
            }
            order[at] = i;
        });
        let mut places = Vec::with_capacity(self.view.numel());
        each(&self.view, |_, at| places.push(order[at]));
        places
    }

    /// The sizes of the base.
    pub fn base_dims(&self) -> &[usize] {
        self.base.dims()
    }

    /// The sizes of the view.
    pub fn view_dims(&self) -> &[usize] {
        self.view.dims()
    }
}

/// Calls `f` with the number of each element, in row-major order, and its place in the storage.
fn each(layout: &Layout, mut f: impl FnMut(i64, usize)) {
    let (n, stride) = layout.row();
    let mut i = 0;
    layout.for_each_row(|at| {
        for step in 0..n as isize {
            f(i, at.wrapping_add_signed(step * stride));
            i += 1;
        }
    });
}
