//! Reductions, and what is made of them. Where `dims` is empty, all dimensions are meant, as in
//! PyTorch.

use super::{Called, Tensor, dispatch};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{DimList, Op, Reduce};
use crate::shape::normalize_dim;

impl Tensor {
    /// The dimensions in order, each once; all of them for an empty list.
    fn dim_list(&self, dims: &[isize]) -> Result<DimList> {
        let mut list = DimList::new();
        for &dim in dims {
            let d = normalize_dim(dim, self.ndim())?;
            if list.contains(&d) {
                return Err(Error::Value(format!("dim {d} appears multiple times in the list of dims")));
            }
            list.push(d);
        }
        // A scalar has dimension 0 only by name.
        if dims.is_empty() || self.ndim() == 0 {
            return Ok((0..self.ndim()).collect());
        }
        Ok((0..self.ndim()).filter(|d| list.contains(d)).collect())
    }

    fn reduce(&self, f: Reduce, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        // Counting bools makes integers.
        let x = if matches!(f, Reduce::Sum | Reduce::Prod) { self.counting()? } else { self.clone() };
        dispatch(Op::Reduce(f, self.dim_list(dims)?, keepdim), &[&x])
    }

    /// The number of elements that are reduced to one.
    fn group(&self, dims: &[isize]) -> Result<usize> {
        Ok(self.dim_list(dims)?.iter().map(|&d| self.dims()[d]).product())
    }

    fn must_be_floating(&self, what: &str) -> Result<()> {
        if self.dtype().is_floating_point() {
            return Ok(());
        }
        let name = self.dtype().scalar_type();
        Err(Error::DType(format!("{what} Got: {name}")))
    }

    /// Σ over all elements; bools are counted.
    ///
    /// # Errors
    /// Never.
    pub fn sum(&self) -> Result<Tensor> {
        self.sum_dim(&[], false)
    }

    /// Σ over the given dimensions, as `tensor.sum(dim, keepdim)`.
    ///
    /// # Errors
    /// When a dimension does not exist or is named twice; so for all that take dimensions.
    pub fn sum_dim(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        self.reduce(Reduce::Sum, dims, keepdim)
    }

    /// Π over all elements.
    ///
    /// # Errors
    /// Never.
    pub fn prod(&self) -> Result<Tensor> {
        self.prod_dim(&[], false).called("ProdBackward0")
    }

    /// Π over the given dimensions.
    ///
    /// # Errors
    /// See [`Tensor::sum_dim`].
    pub fn prod_dim(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        self.reduce(Reduce::Prod, dims, keepdim).called("ProdBackward1")
    }

    /// The mean of all elements.
    ///
    /// # Errors
    /// For tensors that are not floating-point.
    pub fn mean(&self) -> Result<Tensor> {
        self.mean_dim(&[], false).called("MeanBackward0")
    }

    /// The mean over the given dimensions.
    ///
    /// # Errors
    /// See [`Tensor::sum_dim`]; also for tensors that are not floating-point.
    pub fn mean_dim(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        self.must_be_floating(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype.",
        )?;
        self.sum_dim(dims, keepdim)?.div(self.group(dims)? as f64).called("MeanBackward1")
    }

    /// The variance over the given dimensions: Σ (x − mean)² / max(n − correction, 0).
    ///
    /// # Errors
    /// See [`Tensor::mean_dim`].
    pub fn var_dim(&self, dims: &[isize], correction: impl Into<f64>, keepdim: bool) -> Result<Tensor> {
        self.variance(dims, correction.into(), keepdim)
    }

    fn variance(&self, dims: &[isize], correction: f64, keepdim: bool) -> Result<Tensor> {
        self.must_be_floating("std and var only support floating point and complex dtypes.")?;
        let n = (self.group(dims)? as f64 - correction).max(0.0);
        let centred = self.sub(&self.mean_dim(dims, true)?)?;
        centred.square()?.sum_dim(dims, keepdim)?.div(n).called("VarBackward0")
    }

    /// The variance of all elements, with correction 1.
    ///
    /// # Errors
    /// For tensors that are not floating-point.
    pub fn var(&self) -> Result<Tensor> {
        self.var_dim(&[], 1, false)
    }

    /// √variance over the given dimensions.
    ///
    /// # Errors
    /// See [`Tensor::mean_dim`].
    pub fn std_dim(&self, dims: &[isize], correction: impl Into<f64>, keepdim: bool) -> Result<Tensor> {
        self.variance(dims, correction.into(), keepdim)?.root(2.0).called("StdBackward0")
    }

    /// √variance of all elements, with correction 1.
    ///
    /// # Errors
    /// For tensors that are not floating-point.
    pub fn std(&self) -> Result<Tensor> {
        self.std_dim(&[], 1, false)
    }

    /// The p-th root with gradient 0, not infinity, where x is 0: the subgradient that PyTorch takes for
    /// norms.
    fn root(&self, p: f64) -> Result<Tensor> {
        let zero = self.eq(0.0)?;
        let number = |v: f64| Tensor::full(&[], v, self.dtype());
        // 0^(1/p) is infinite for a negative p.
        number(if p < 0.0 { f64::INFINITY } else { 0.0 })
            .where_(&zero, &number(1.0).where_(&zero, self)?.pow(1.0 / p)?)
    }

    /// (Σ |x|ᵖ)^(1/p) over the given dimensions; the largest |x| for p = ∞, the smallest for −∞, the
    /// number of elements other than 0 for p = 0.
    ///
    /// # Errors
    /// See [`Tensor::mean_dim`]; for p = ±∞ also when there are no elements.
    pub fn norm_dim(&self, p: f64, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        self.must_be_floating("linalg.vector_norm: Expected a floating point or complex tensor as input.")?;
        self.power_norm(p, dims, keepdim).called("LinalgVectorNormBackward0")
    }

    fn power_norm(&self, p: f64, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        match p {
            2.0 => self.square()?.sum_dim(dims, keepdim)?.root(2.0),
            1.0 => self.abs()?.sum_dim(dims, keepdim),
            0.0 => self.ne(0.0)?.to(self.dtype())?.sum_dim(dims, keepdim),
            f64::INFINITY => self.abs()?.amax(dims, keepdim),
            f64::NEG_INFINITY => self.abs()?.amin(dims, keepdim),
            // A zero has no gradient, whatever p.
            _ => {
                let size = self.abs()?;
                let size = size.detach().where_(&size.eq(0.0)?, &size)?;
                size.pow(p)?.sum_dim(dims, keepdim)?.root(p)
            }
        }
    }

    /// √(Σ x²) of all elements.
    ///
    /// # Errors
    /// For tensors that are not floating-point.
    pub fn norm(&self) -> Result<Tensor> {
        self.norm_dim(2.0, &[], false)
    }

    /// PyTorch's errors where nothing can be the largest or smallest.
    fn has_extreme(&self, name: &str, dims: &[isize]) -> Result<()> {
        let list = self.dim_list(dims)?;
        match list.iter().find(|&&d| self.dims()[d] == 0) {
            Some(_) if dims.is_empty() => Err(Error::Index(format!(
                "{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction \
                 dim with the 'dim' argument."
            ))),
            Some(d) => {
                Err(Error::Index(format!("{name}(): Expected reduction dim {d} to have non-zero size.")))
            }
            None => Ok(()),
        }
    }

    /// The largest element over the given dimensions; ties share its gradient.
    ///
    /// # Errors
    /// See [`Tensor::sum_dim`]; also when there are no elements.
    pub fn amax(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        self.has_extreme("amax", dims)?;
        self.reduce(Reduce::Amax, dims, keepdim)
    }

    /// The smallest element over the given dimensions; ties share its gradient.
    ///
    /// # Errors
    /// See [`Tensor::amax`].
    pub fn amin(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        self.has_extreme("amin", dims)?;
        self.reduce(Reduce::Amin, dims, keepdim)
    }

    /// The largest of all elements; ties share its gradient.
    ///
    /// # Errors
    /// When there are no elements.
    pub fn max(&self) -> Result<Tensor> {
        self.has_extreme("max", &[])?;
        self.reduce(Reduce::Max, &[], false).called("MaxBackward1")
    }

    /// The smallest of all elements; ties share its gradient.
    ///
    /// # Errors
    /// When there are no elements.
    pub fn min(&self) -> Result<Tensor> {
        self.has_extreme("min", &[])?;
        self.reduce(Reduce::Min, &[], false).called("MinBackward1")
    }

    /// The index of the first largest element along a dimension: i64.
    ///
    /// # Errors
    /// See [`Tensor::amax`].
    pub fn argmax(&self, dim: isize, keepdim: bool) -> Result<Tensor> {
        if self.dtype() == DType::Bool {
            return Err(Error::DType("argmax(): does not support bool input".into()));
        }
        self.has_extreme("argmax", &[dim])?;
        self.first_largest(dim, keepdim)
    }

    fn first_largest(&self, dim: isize, keepdim: bool) -> Result<Tensor> {
        let index = dispatch(Op::Argmax(normalize_dim(dim, self.ndim())?), &[self])?;
        if keepdim && self.ndim() > 0 { index.unsqueeze(dim) } else { Ok(index) }
    }

    /// The index of the first smallest element along a dimension: i64.
    ///
    /// # Errors
    /// See [`Tensor::amax`]; also for bool.
    pub fn argmin(&self, dim: isize, keepdim: bool) -> Result<Tensor> {
        if self.dtype() == DType::Bool {
            return Err(Error::DType("argmin(): does not support bool input".into()));
        }
        self.has_extreme("argmin", &[dim])?;
        self.first_smallest(dim, keepdim)
    }

    /// The largest of the numbers in reverse order: −x, for integers −1 − x, which has no overflow.
    fn first_smallest(&self, dim: isize, keepdim: bool) -> Result<Tensor> {
        let reversed = self.detach().counting()?.neg()?;
        let floats = self.dtype().is_floating_point();
        let reversed = if floats { reversed } else { reversed.sub(1)? };
        reversed.first_largest(dim, keepdim)
    }

    /// The index of the first largest of all elements, counted in row-major order; `keepdim` keeps the
    /// dimensions with size 1. As `torch.argmax` without a dimension.
    ///
    /// # Errors
    /// See [`Tensor::amax`].
    pub fn argmax_all(&self, keepdim: bool) -> Result<Tensor> {
        self.has_extreme("argmax", &[])?;
        self.reshape(&[-1])?.argmax(0, false)?.as_many_ones(self.ndim(), keepdim)
    }

    /// The index of the first smallest of all elements, as [`Tensor::argmax_all`].
    ///
    /// # Errors
    /// See [`Tensor::amax`].
    pub fn argmin_all(&self, keepdim: bool) -> Result<Tensor> {
        self.has_extreme("argmin", &[])?;
        self.reshape(&[-1])?.argmin(0, false)?.as_many_ones(self.ndim(), keepdim)
    }

    fn as_many_ones(&self, ndim: usize, keepdim: bool) -> Result<Tensor> {
        if keepdim { self.reshape(&vec![1; ndim]) } else { Ok(self.clone()) }
    }

    /// The largest elements along a dimension and their first indices, as `tensor.max(dim)`. The
    /// gradient goes to the elements at these indices.
    ///
    /// # Errors
    /// See [`Tensor::amax`].
    pub fn max_dim(&self, dim: isize, keepdim: bool) -> Result<(Tensor, Tensor)> {
        self.has_extreme("max", &[dim])?;
        let (values, index) = self.extreme(self.first_largest(dim, true)?, dim, keepdim)?;
        Ok((values.called("MaxBackward0"), index))
    }

    /// The smallest elements along a dimension and their first indices, as `tensor.min(dim)`.
    ///
    /// # Errors
    /// See [`Tensor::amax`].
    pub fn min_dim(&self, dim: isize, keepdim: bool) -> Result<(Tensor, Tensor)> {
        self.has_extreme("min", &[dim])?;
        let (values, index) = self.extreme(self.first_smallest(dim, true)?, dim, keepdim)?;
        Ok((values.called("MinBackward0"), index))
    }

    fn extreme(&self, index: Tensor, dim: isize, keepdim: bool) -> Result<(Tensor, Tensor)> {
        let values = self.gather(dim, &index)?;
        if keepdim || self.ndim() == 0 {
            return Ok((values, index));
        }
        Ok((values.squeeze(dim)?, index.squeeze(dim)?))
    }

    /// ln Σ eˣ over the given dimensions, without overflow.
    ///
    /// # Errors
    /// See [`Tensor::mean_dim`].
    pub fn logsumexp(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        let x = self.floating()?;
        if x.numel() == 0 {
            return x.exp()?.sum_dim(dims, keepdim)?.log();
        }
        // An infinite maximum would give ∞ − ∞; then nothing is taken away.
        let max = x.detach().amax(dims, true)?;
        let infinite = max.abs()?.eq(f64::INFINITY)?;
        let max = Tensor::full(&[], 0.0, x.dtype()).where_(&infinite, &max)?;
        let log = x.sub(&max)?.exp()?.sum_dim(dims, true)?.log()?.add(&max)?;
        let log = if keepdim { Ok(log) } else { log.sum_dim(dims, false) };
        log.called("LogsumexpBackward0")
    }

    /// Running sums along a dimension; bools are counted.
    ///
    /// # Errors
    /// When the dimension does not exist.
    pub fn cumsum(&self, dim: isize) -> Result<Tensor> {
        let dim = normalize_dim(dim, self.ndim())?;
        dispatch(Op::Cumsum { dim, reverse: false }, &[&self.counting()?])
    }

    /// eˣ / Σ eˣ along a dimension.
    ///
    /// # Errors
    /// When the dimension does not exist.
    pub fn softmax(&self, dim: isize) -> Result<Tensor> {
        self.only_floating("softmax_lastdim_kernel_impl")?;
        dispatch(Op::Softmax(normalize_dim(dim, self.ndim())?), &[self])
    }

    /// x − ln Σ eˣ along a dimension.
    ///
    /// # Errors
    /// When the dimension does not exist.
    pub fn log_softmax(&self, dim: isize) -> Result<Tensor> {
        self.only_floating("log_softmax_lastdim_kernel_impl")?;
        dispatch(Op::LogSoftmax(normalize_dim(dim, self.ndim())?), &[self])
    }
}
