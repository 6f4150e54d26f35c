//! `torch.autograd.backward` and `torch.autograd.grad`.

use super::engine::{self, Keep, Roots, Targets};
use crate::error::{Error, Result};
use crate::tensor::{Edge, Tensor};

/// The arguments of `torch.autograd.backward` after the first.
#[derive(Clone, Copy, Default)]
pub struct BackwardOptions<'a> {
    /// The gradient of each tensor to start from; None for scalars. May be left empty.
    pub grad_tensors: &'a [Option<&'a Tensor>],
    /// Keeps the graph for another time
    pub retain_graph: bool,
    /// Records the gradients' own computation, and keeps the graph
    pub create_graph: bool,
    /// Only these get gradients; those that are no leaves, too. None for all leaves.
    pub inputs: Option<&'a [&'a Tensor]>,
}

/// The arguments of `torch.autograd.grad` after the first two.
#[derive(Clone, Copy, Default)]
pub struct GradOptions<'a> {
    /// The gradient of each output to start from; None for scalars. May be left empty.
    pub grad_outputs: &'a [Option<&'a Tensor>],
    /// Keeps the graph for another time
    pub retain_graph: bool,
    /// Records the gradients' own computation, and keeps the graph
    pub create_graph: bool,
    /// Gives None for inputs that the outputs do not depend on, instead of an error
    pub allow_unused: bool,
    /// Gives zeros for such inputs
    pub materialize_grads: bool,
}

/// Adds the gradients of these tensors, summed, to `grad` of every leaf that they were computed from.
///
/// # Errors
/// As [`Tensor::backward_with`] for each of them.
pub fn backward(tensors: &[&Tensor], options: &BackwardOptions<'_>) -> Result<()> {
    let roots = starts(tensors, options.grad_tensors)?;
    let keep = Keep { retain_graph: options.retain_graph, create_graph: options.create_graph };
    let Some(inputs) = options.inputs else { return engine::run(roots, keep, None) };
    if inputs.is_empty() {
        return Err(Error::Autograd("`inputs` argument to `backward()` cannot be empty.".into()));
    }
    inputs.iter().try_for_each(|input| input.retain_grad())?;
    let mut targets = Targets::new(inputs.iter().filter_map(|input| input.edge()).collect(), true);
    engine::run(roots, keep, Some(&mut targets))
}

/// The gradient of the outputs, summed, for each input, without touching any `grad`.
///
/// ```
/// # use gradus::autograd::{GradOptions, grad};
/// # use gradus::tensor::Tensor;
/// # fn main() -> gradus::error::Result<()> {
/// let x = Tensor::scalar(3.0f32).requires_grad_(true)?;
/// let y = x.pow(3.0)?;
/// let options = GradOptions { create_graph: true, ..GradOptions::default() };
/// let slope = grad(&[&y], &[&x], &options)?.remove(0).unwrap(); // 3x²
/// let curvature = grad(&[&slope], &[&x], &options)?.remove(0).unwrap(); // 6x
/// assert_eq!((slope.item()?, curvature.item()?), (27.0, 18.0));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`Tensor::backward_with`] for each output; when an input does not require a gradient, or the
/// outputs do not depend on it and `allow_unused` is off.
pub fn grad(
    outputs: &[&Tensor],
    inputs: &[&Tensor],
    options: &GradOptions<'_>,
) -> Result<Vec<Option<Tensor>>> {
    let roots = starts(outputs, options.grad_outputs)?;
    if inputs.is_empty() {
        return Err(Error::Autograd("`inputs` argument to `grad()` cannot be empty.".into()));
    }
    let edges: Option<Vec<Edge>> = inputs.iter().map(|input| input.edge()).collect();
    let edges = edges
        .ok_or_else(|| Error::Autograd("One of the differentiated Tensors does not require grad".into()))?;
    let keep = Keep { retain_graph: options.retain_graph, create_graph: options.create_graph };
    let mut targets = Targets::new(edges.clone(), false);
    engine::run(roots, keep, Some(&mut targets))?;
    let found = edges.iter().zip(inputs).enumerate().map(|(i, (edge, input))| match targets.gradient(edge) {
        Some(grad) => Ok(Some(grad)),
        None if options.materialize_grads => Ok(Some(input.zeros_like())),
        None if options.allow_unused => Ok(None),
        None => Err(Error::Autograd(format!(
            "The differentiated Tensor at index {i} appears to not have been used in the graph. Set \
             allow_unused=True if this is the desired behavior."
        ))),
    });
    found.collect()
}

fn starts(tensors: &[&Tensor], grads: &[Option<&Tensor>]) -> Result<Roots> {
    if !grads.is_empty() && grads.len() != tensors.len() {
        return Err(Error::Autograd(format!("got {} tensors and {} gradients", tensors.len(), grads.len())));
    }
    let gradient = |i: usize| grads.get(i).copied().flatten();
    tensors.iter().enumerate().map(|(i, tensor)| start(i, tensor, gradient(i))).collect()
}

/// Where to start from a tensor, and with which gradient.
pub(super) fn start(i: usize, tensor: &Tensor, gradient: Option<&Tensor>) -> Result<(Edge, Tensor)> {
    let edge = tensor.edge().ok_or_else(|| {
        Error::Autograd(format!("element {i} of tensors does not require grad and does not have a grad_fn"))
    })?;
    let start = match gradient {
        Some(g) if g.dims() != tensor.dims() => {
            return Err(Error::Shape(format!(
                "Mismatch in shape: grad_output[{i}] has a shape of torch.Size({:?}) and output[{i}] has a shape \
                 of torch.Size({:?}).",
                g.dims(),
                tensor.dims()
            )));
        }
        Some(g) => g.to(tensor.dtype())?,
        None if tensor.numel() == 1 => tensor.ones_like(),
        None => return Err(Error::Autograd("grad can be implicitly created only for scalar outputs".into())),
    };
    Ok((edge, start))
}
