//! Gradients: the recorded graph walked backwards.

mod engine;
mod grad;
mod vjp;

pub use grad::{BackwardOptions, GradOptions, backward, grad};

use crate::error::Result;
use crate::tensor::Tensor;

impl Tensor {
    /// Adds the gradient of this scalar to `grad` of every leaf that it was computed from.
    ///
    /// ```
    /// use gradus::tensor::Tensor;
    ///
    /// let x = Tensor::from_vec(vec![2f32, -1., 1., 1.], &[2, 2])?.requires_grad_(true)?;
    /// let out = x.pow(2.0)?.sum()?;
    /// assert_eq!(out.to_string(), "tensor(7., grad_fn=<SumBackward0>)");
    /// out.backward()?;
    /// assert_eq!(x.grad().unwrap().to_vec::<f32>()?, [4., -2., 2., 2.]); // 2 x
    /// # Ok::<(), gradus::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// When it is not a scalar, has no graph, or the graph has been freed; and those of hooks.
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
        let start = grad::start(0, self, gradient)?;
        engine::run(smallvec::smallvec![start], engine::Keep { retain_graph, create_graph }, None)
    }
}
