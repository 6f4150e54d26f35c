//! Matrix products.

use super::{Called, Tensor, dispatch};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::Op;
use crate::shape::broadcast;

impl Tensor {
    /// The matrix product, as `torch.matmul`: vectors count as rows on the left and columns on the
    /// right, leading dimensions are batches and broadcast.
    ///
    /// # Errors
    /// When the inner sizes differ, the batches do not broadcast, or one is a scalar.
    pub fn matmul(&self, other: &Tensor) -> Result<Tensor> {
        let (a, b) = (self, other);
        self.same_dtype(other)?;
        match (a.ndim(), b.ndim()) {
            (0, _) | (_, 0) => {
                let (left, right) = (a.ndim(), b.ndim());
                Err(Error::Shape(format!(
                    "both arguments to matmul need to be at least 1D, but they are {left}D and {right}D"
                )))
            }
            (2, 2) => a.product(b),
            (1, _) => {
                let product = a.unsqueeze(0)?.matmul(b)?;
                match b.ndim() {
                    1 => product.squeeze(0).called("DotBackward0"),
                    2 => product.squeeze(-2).called("SqueezeBackward4"),
                    _ => product.squeeze(-2),
                }
            }
            (2, 1) => a.matmul(&b.unsqueeze(1)?)?.squeeze(-1).called("MvBackward0"),
            (_, 1) => a.matmul(&b.unsqueeze(1)?)?.squeeze(-1).called("UnsafeViewBackward0"),
            _ => a.matmul_batched(b),
        }
    }

    /// PyTorch's products do not promote.
    fn same_dtype(&self, other: &Tensor) -> Result<()> {
        if self.dtype() == other.dtype() {
            return self.not_bool("addmm_impl_cpu_");
        }
        let name = |t: &Tensor| match t.dtype() {
            DType::I64 => "int64_t".into(),
            dtype => dtype.scalar_type().to_ascii_lowercase(),
        };
        Err(Error::DType(format!(
            "expected m1 and m2 to have the same dtype, but got: {} != {}",
            name(self),
            name(other)
        )))
    }

    /// The product of two matrices, or of two batches of them.
    fn product(&self, other: &Tensor) -> Result<Tensor> {
        if self.dtype().is_floating_point() {
            return dispatch(Op::Matmul, &[self, other]);
        }
        // Whole numbers have no kernel of their own: every product of elements, then their sums.
        Op::Matmul.infer(&[(self.dims(), self.dtype()), (other.dims(), other.dtype())])?;
        self.unsqueeze(-1)?.mul(&other.unsqueeze(-3)?)?.sum_dim(&[-2], false)
    }

    fn matmul_batched(&self, other: &Tensor) -> Result<Tensor> {
        let (left, right) = (self.dims(), other.dims());
        let (a, b) = (&left[left.len() - 2..], &right[right.len() - 2..]);
        let batches = broadcast(&left[..left.len() - 2], &right[..right.len() - 2])?;
        let flat = |t: &Tensor, matrix: &[usize]| -> Result<Tensor> {
            let full: Vec<usize> = batches.iter().chain(matrix).copied().collect();
            let n: usize = batches.iter().product();
            t.expand(&full)?.reshape(&[n as isize, matrix[0] as isize, matrix[1] as isize])
        };
        let product = flat(self, a)?.product(&flat(other, b)?)?;
        let full: Vec<isize> = batches.iter().chain(&[a[0], b[1]]).map(|&n| n as isize).collect();
        product.reshape(&full).called("UnsafeViewBackward0")
    }

    /// The product of two batches of matrices, `[b, m, k]` and `[b, k, n]`.
    ///
    /// # Errors
    /// When they are not such batches of equal size.
    pub fn bmm(&self, other: &Tensor) -> Result<Tensor> {
        if self.ndim() != 3 || other.ndim() != 3 {
            return Err(Error::Shape("batch1 and batch2 must be 3D tensors".into()));
        }
        self.same_dtype(other)?;
        self.product(other)
    }

    /// The products of every element of one vector with every element of another: `[n, m]`.
    ///
    /// # Errors
    /// When either is not a vector.
    pub fn outer(&self, other: &Tensor) -> Result<Tensor> {
        if self.ndim() != 1 || other.ndim() != 1 {
            let (a, b) = (self.ndim(), other.ndim());
            return Err(Error::Shape(format!("outer: Expected 1-D arguments, but got {a}-D and {b}-D")));
        }
        self.unsqueeze(1)?.mul(other)
    }

    /// Σ a b of two vectors.
    ///
    /// # Errors
    /// When they are not vectors of equal length.
    pub fn dot(&self, other: &Tensor) -> Result<Tensor> {
        if self.ndim() != 1 || other.ndim() != 1 {
            let (a, b) = (self.ndim(), other.ndim());
            return Err(Error::Shape(format!("1D tensors expected, but got {a}D and {b}D tensors")));
        }
        self.matmul(other)
    }

    /// x Wᵀ + b for x `[.., in]`, W `[out, in]` and b `[out]`, as `F.linear`.
    ///
    /// # Errors
    /// When the sizes do not fit.
    pub fn linear(&self, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        if self.ndim() == 0 || weight.ndim() == 0 {
            let (left, right) = (self.ndim(), weight.ndim());
            return Err(Error::Shape(format!(
                "both arguments to linear need to be at least 1D, but they are {left}D and {right}D"
            )));
        }
        let types = [Some(weight), bias];
        if let Some(other) = types.into_iter().flatten().find(|t| t.dtype() != self.dtype()) {
            return Err(Error::DType(format!(
                "mat1 and mat2 must have the same dtype, but got {} and {}",
                self.dtype().scalar_type(),
                other.dtype().scalar_type()
            )));
        }
        // A vector as weight has no dimension of outputs; integers have no kernel of their own.
        if weight.ndim() == 1 || !self.dtype().is_floating_point() {
            let product = self.matmul(&weight.t()?)?;
            return bias.map_or(Ok(product.clone()), |bias| product.add(bias));
        }
        match bias {
            Some(bias) => dispatch(Op::Linear, &[self, weight, bias]),
            None if self.ndim() == 1 => dispatch(Op::Linear, &[self, weight]).called("SqueezeBackward4"),
            None => dispatch(Op::Linear, &[self, weight]),
        }
    }
}
