//! The walk. Nodes are visited from the latest to the first: when a node's turn comes, every node that
//! uses its result has had its own, so the gradient that waits for it is complete.
//!
//! Nothing is borrowed while hooks run: they may call `backward`, read and set gradients.

use super::vjp;
use crate::error::Result;
use crate::op::Op;
use crate::tensor::{Edge, Node, Tensor, dispatch, leaves_have_hooks, with_grad};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// Where a walk begins, with which gradients.
pub(super) type Roots = SmallVec<[(Edge, Tensor); 1]>;

/// What a walk leaves behind.
#[derive(Clone, Copy)]
pub(super) struct Keep {
    pub retain_graph: bool,
    pub create_graph: bool,
}

/// What gradients are wanted of, where it is not all leaves.
pub(super) struct Targets {
    edges: Vec<Edge>,
    accumulate: bool,
    found: BTreeMap<u64, Tensor>,
}

impl Targets {
    /// These, in their `grad` or to be asked for here.
    pub(super) fn new(edges: Vec<Edge>, accumulate: bool) -> Targets {
        Targets { edges, accumulate, found: BTreeMap::new() }
    }

    fn find(&mut self, edge: &Edge, grad: &Tensor) {
        if !self.accumulate && self.edges.iter().any(|target| target.id() == edge.id()) {
            self.found.insert(edge.id(), grad.clone());
        }
    }

    /// What came to a target.
    pub(super) fn gradient(&self, edge: &Edge) -> Option<Tensor> {
        self.found.get(&edge.id()).cloned()
    }
}

/// Walks from the roots.
pub(super) fn run(roots: Roots, keep: Keep, mut targets: Option<&mut Targets>) -> Result<()> {
    let mut plan = (targets.is_some() || leaves_have_hooks()).then(|| Plan::new(&roots, targets.as_deref()));
    let walk = || -> Result<()> {
        let mut waiting = Waiting::default();
        for (edge, grad) in roots {
            waiting.add(&edge, grad)?;
        }
        while let Some((edge, grad)) = waiting.pop() {
            let goes_on = |edge: &Edge| plan.as_ref().is_none_or(|plan| plan.leads_on(edge));
            let passes_on = matches!(&edge, Edge::Node(node) if node.edges().any(goes_on));
            let Some((node, grad)) = visit(edge, grad, passes_on, keep, targets.as_deref_mut())? else {
                continue;
            };
            let grads = vjp::vjp(&node, &grad)?;
            drop(grad);
            if !keep.retain_graph && !keep.create_graph {
                node.free();
            }
            for (i, grad) in grads.into_iter().enumerate() {
                let (Some(edge), Some(grad)) = (node.edge(i), grad) else { continue };
                let Some(plan) = &mut plan else {
                    waiting.add(edge, grad)?;
                    continue;
                };
                if !plan.leads_on(edge) {
                    continue;
                }
                waiting.add(edge, grad)?;
                // A leaf's turn comes as soon as its gradient is complete, as in PyTorch.
                if plan.is_last(edge)
                    && matches!(edge, Edge::Leaf(_))
                    && let Some((edge, grad)) = waiting.take(edge)
                {
                    visit(edge, grad, false, keep, targets.as_deref_mut())?;
                }
            }
        }
        Ok(())
    };
    with_grad(keep.create_graph, walk)
}

/// A complete gradient arrives: hooks see it, leaves accumulate it, targets keep it. A node that is to
/// pass it on is given back.
fn visit(
    edge: Edge,
    mut grad: Tensor,
    passes_on: bool,
    keep: Keep,
    mut targets: Option<&mut Targets>,
) -> Result<Option<(Rc<Node>, Tensor)>> {
    let accumulates = targets.as_ref().is_none_or(|targets| targets.accumulate);
    let mut found = |grad: &Tensor| targets.as_deref_mut().map(|targets| targets.find(&edge, grad));
    // Where it ends what the hooks give is kept, else what came: so PyTorch.
    if passes_on {
        found(&grad);
    }
    grad = edge.call_hooks(grad)?;
    if !passes_on {
        found(&grad);
    }
    match edge {
        Edge::Node(node) => Ok(passes_on.then_some((node, grad))),
        Edge::Leaf(ref leaf) => {
            // Since it was used it may have stopped asking.
            if accumulates && leaf.requires_grad() {
                accumulate(leaf, grad, keep.create_graph)?;
                edge.call_accumulated_hooks()?;
            }
            Ok(None)
        }
    }
}

/// Adds to a leaf's `grad`, in place unless the sum is to be recorded.
fn accumulate(leaf: &Tensor, grad: Tensor, create_graph: bool) -> Result<()> {
    let sum = match leaf.grad() {
        Some(before) if create_graph => before.add(&grad)?,
        Some(before) => return before.add_(&grad, 1.0),
        // The next backward adds in place, so the storage must be nobody else's.
        None if grad.shares_storage() || !grad.is_contiguous() => dispatch(Op::Contiguous, &[&grad])?,
        None => grad,
    };
    leaf.set_grad(Some(sum));
    Ok(())
}

/// The gradients that wait, sorted by id. Most nodes were made last or first: of these ends the nearer
/// one moves when one is put in.
#[derive(Default)]
struct Waiting(VecDeque<(u64, Edge, Tensor)>);

impl Waiting {
    fn add(&mut self, edge: &Edge, grad: Tensor) -> Result<()> {
        let id = edge.id();
        if self.0.back().is_none_or(|last| last.0 < id) {
            self.0.push_back((id, edge.clone(), grad));
            return Ok(());
        }
        if self.0.front().is_some_and(|first| first.0 > id) {
            self.0.push_front((id, edge.clone(), grad));
            return Ok(());
        }
        match self.0.binary_search_by_key(&id, |entry| entry.0) {
            Ok(at) => self.0[at].2 = self.0[at].2.add(&grad)?,
            Err(at) => self.0.insert(at, (id, edge.clone(), grad)),
        }
        Ok(())
    }

    /// The one with the largest id.
    fn pop(&mut self) -> Option<(Edge, Tensor)> {
        self.0.pop_back().map(|(_, edge, grad)| (edge, grad))
    }

    fn take(&mut self, edge: &Edge) -> Option<(Edge, Tensor)> {
        let at = self.0.binary_search_by_key(&edge.id(), |entry| entry.0).ok()?;
        self.0.remove(at).map(|(_, edge, grad)| (edge, grad))
    }
}

/// What is known of a graph before it is walked.
struct Plan {
    /// How many gradients are still to come, for all that leads to the targets
    uses: BTreeMap<u64, usize>,
}

impl Plan {
    fn new(roots: &[(Edge, Tensor)], targets: Option<&Targets>) -> Plan {
        let targets: Option<BTreeSet<u64>> = targets.map(|t| t.edges.iter().map(Edge::id).collect());
        // Nothing older than the oldest target leads to it.
        let oldest = targets.as_ref().and_then(|targets| targets.first().copied()).unwrap_or(0);
        let mut nodes: BTreeMap<u64, &Node> = BTreeMap::new();
        let mut pending: Vec<&Edge> = roots.iter().map(|(edge, _)| edge).collect();
        while let Some(edge) = pending.pop() {
            if let Edge::Node(node) = edge
                && node.id() >= oldest
                && nodes.insert(node.id(), node).is_none()
            {
                pending.extend(node.edges());
            }
        }
        let mut uses = BTreeMap::new();
        let leads_on = |uses: &BTreeMap<u64, usize>, edge: &Edge| match &targets {
            Some(targets) => targets.contains(&edge.id()) || uses.contains_key(&edge.id()),
            None => true,
        };
        // From the first to the latest: what a node uses comes before it.
        for (&id, node) in &nodes {
            for edge in node.edges() {
                if leads_on(&uses, edge) {
                    *uses.entry(edge.id()).or_insert(0) += 1;
                    uses.entry(id).or_insert(0);
                }
            }
        }
        Plan { uses }
    }

    /// Whether a gradient is wanted there.
    fn leads_on(&self, edge: &Edge) -> bool {
        self.uses.contains_key(&edge.id())
    }

    /// Whether this one was the last to come.
    fn is_last(&mut self, edge: &Edge) -> bool {
        self.uses.get_mut(&edge.id()).is_some_and(|left| {
            *left -= 1;
            *left == 0
        })
    }
}
