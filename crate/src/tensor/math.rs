//! Arithmetic, functions, reductions and products, under PyTorch's names.

use super::{Operand, Tensor, dispatch, dispatch_in_place};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Binary, Compare, DimList, InPlace, Op, Reduce, Unary};
use crate::shape::normalize_dim;

/// The method, its operation and what it computes.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident => $op:expr;)+) => {
        impl Tensor {
            $($(#[$doc])*
            ///
            /// # Errors
            /// Never for numbers: integers become floating-point first.
            pub fn $name(&self) -> Result<Tensor> {
                dispatch(Op::Unary($op), &[&self.floating()?])
            })+
        }
    };
}

unary! {
    /// √x
    sqrt => Unary::Sqrt;
    /// 1 / √x
    rsqrt => Unary::Rsqrt;
    /// 1 / x
    reciprocal => Unary::Reciprocal;
    /// eˣ
    exp => Unary::Exp;
    /// eˣ − 1
    expm1 => Unary::Expm1;
    /// ln x
    log => Unary::Log;
    /// ln(1 + x)
    log1p => Unary::Log1p;
    /// sin x
    sin => Unary::Sin;
    /// cos x
    cos => Unary::Cos;
    /// tanh x
    tanh => Unary::Tanh;
    /// The Gauss error function
    erf => Unary::Erf;
    /// 1 / (1 + e⁻ˣ)
    sigmoid => Unary::Sigmoid;
    /// ln sigmoid(x)
    logsigmoid => Unary::LogSigmoid;
    /// max(x, 0)
    relu => Unary::Relu;
    /// ln(1 + eˣ)
    softplus => Unary::Softplus;
}

macro_rules! exact_unary {
    ($($(#[$doc:meta])* $name:ident => $op:expr;)+) => {
        impl Tensor {
            $($(#[$doc])*
            ///
            /// # Errors
            /// For bool.
            pub fn $name(&self) -> Result<Tensor> {
                dispatch(Op::Unary($op), &[self])
            })+
        }
    };
}

exact_unary! {
    /// −x
    neg => Unary::Neg;
    /// |x|
    abs => Unary::Abs;
    /// −1, 0 or 1
    sign => Unary::Sign;
    /// x²
    square => Unary::Square;
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident => $op:expr;)+) => {
        impl Tensor {
            $($(#[$doc])*
            ///
            /// # Errors
            /// When the shapes do not broadcast.
            pub fn $name<'a>(&self, other: impl Into<Operand<'a>>) -> Result<Tensor> {
                self.binary($op, other.into())
            })+
        }
    };
}

binary! {
    /// self + other
    add => Binary::Add;
    /// self − other
    sub => Binary::Sub;
    /// self · other
    mul => Binary::Mul;
    /// self / other; integers become floating-point
    div => Binary::Div;
    /// selfᵒᵗʰᵉʳ
    pow => Binary::Pow;
    /// The larger of each pair; NaN when either is
    maximum => Binary::Maximum;
    /// The smaller of each pair; NaN when either is
    minimum => Binary::Minimum;
}

macro_rules! comparison {
    ($($(#[$doc:meta])* $name:ident => $op:expr;)+) => {
        impl Tensor {
            $($(#[$doc])*
            ///
            /// # Errors
            /// When the shapes do not broadcast.
            pub fn $name<'a>(&self, other: impl Into<Operand<'a>>) -> Result<Tensor> {
                self.compare($op, other.into())
            })+
        }
    };
}

comparison! {
    /// self = other, as bool
    eq => Compare::Eq;
    /// self ≠ other
    ne => Compare::Ne;
    /// self < other
    lt => Compare::Lt;
    /// self ≤ other
    le => Compare::Le;
    /// self > other
    gt => Compare::Gt;
    /// self ≥ other
    ge => Compare::Ge;
}

impl Tensor {
    /// Integers and bool as f32; others as they are.
    fn floating(&self) -> Result<Tensor> {
        if self.dtype().is_floating_point() { Ok(self.clone()) } else { self.to(DType::F32) }
    }

    /// Both as tensors of the dtype that PyTorch would compute in.
    fn promoted(&self, other: Operand<'_>) -> Result<(Tensor, Tensor)> {
        match other {
            Operand::Tensor(other) => {
                let operands = [self, other].map(|t| (t.dtype(), t.ndim() == 0));
                let dtype = DType::result_type(operands);
                Ok((self.to(dtype)?, other.to(dtype)?))
            }
            Operand::Int(number) => {
                let dtype = self.dtype().promote(DType::I64);
                Ok((self.to(dtype)?, Tensor::full(&[], number as f64, dtype)))
            }
            Operand::Float(number) => {
                let x = self.floating()?;
                let number = Tensor::full(&[], number, x.dtype());
                Ok((x, number))
            }
        }
    }

    fn binary(&self, f: Binary, other: Operand<'_>) -> Result<Tensor> {
        let number = match other {
            Operand::Tensor(_) => None,
            Operand::Int(number) => Some(number as f64),
            Operand::Float(number) => Some(number),
        };
        let floats = self.dtype().is_floating_point();
        match number {
            // As PyTorch does: exact, where a general power would not be.
            Some(2.0) if f == Binary::Pow && floats => self.square(),
            Some(0.5) if f == Binary::Pow && floats => self.sqrt(),
            Some(number) if floats => dispatch(Op::Scalar(f, number), &[self]),
            _ => {
                let (mut a, mut b) = self.promoted(other)?;
                if matches!(f, Binary::Div | Binary::Pow) {
                    (a, b) = (a.floating()?, b.floating()?);
                }
                dispatch(Op::Binary(f), &[&a, &b])
            }
        }
    }

    fn compare(&self, f: Compare, other: Operand<'_>) -> Result<Tensor> {
        let (a, b) = self.promoted(other)?;
        dispatch(Op::Compare(f), &[&a, &b])
    }

    /// other − self, as `torch.rsub`.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn rsub<'a>(&self, other: impl Into<Operand<'a>>) -> Result<Tensor> {
        self.neg()?.add(other)
    }

    /// self where `condition` holds, else other, as `torch.where(condition, self, other)`.
    ///
    /// # Errors
    /// When the shapes do not broadcast or the condition is not bool.
    pub fn where_<'a>(&self, condition: &Tensor, other: impl Into<Operand<'a>>) -> Result<Tensor> {
        if condition.dtype() != DType::Bool {
            return Err(Error::DType(format!(
                "where expected condition to be a boolean tensor, but got a tensor with dtype {}",
                condition.dtype()
            )));
        }
        let (a, b) = self.promoted(other.into())?;
        dispatch(Op::Where, &[condition, &a, &b])
    }

    /// x where x > 0, else slope · x.
    ///
    /// # Errors
    /// Never for numbers.
    pub fn leaky_relu(&self, negative_slope: f64) -> Result<Tensor> {
        dispatch(Op::Unary(Unary::LeakyRelu(negative_slope)), &[&self.floating()?])
    }

    /// x where x > 0, else α (eˣ − 1).
    ///
    /// # Errors
    /// Never for numbers.
    pub fn elu(&self, alpha: f64) -> Result<Tensor> {
        dispatch(Op::Unary(Unary::Elu(alpha)), &[&self.floating()?])
    }

    /// x Φ(x), with the exact normal distribution function: x (1 + erf(x / √2)) / 2.
    ///
    /// # Errors
    /// Never for numbers.
    pub fn gelu(&self) -> Result<Tensor> {
        let cdf = self.mul(std::f64::consts::FRAC_1_SQRT_2)?.erf()?.add(1.0)?.mul(0.5)?;
        self.mul(&cdf)
    }

    /// x sigmoid(x).
    ///
    /// # Errors
    /// Never for numbers.
    pub fn silu(&self) -> Result<Tensor> {
        self.mul(&self.sigmoid()?)
    }

    fn dim_list(&self, dims: &[isize]) -> Result<DimList> {
        let mut list: DimList = dims.iter().map(|&d| normalize_dim(d, self.ndim())).collect::<Result<_>>()?;
        list.sort_unstable();
        if let Some(pair) = list.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::Value(format!("dim {} appears multiple times in the list of dims", pair[0])));
        }
        if self.ndim() == 0 {
            list = DimList::new();
        }
        Ok(list)
    }

    /// Σ over all elements.
    ///
    /// # Errors
    /// For bool.
    pub fn sum(&self) -> Result<Tensor> {
        dispatch(Op::Reduce(Reduce::Sum, (0..self.ndim()).collect(), false), &[self])
    }

    /// Σ over the given dimensions, as `tensor.sum(dim, keepdim)`.
    ///
    /// # Errors
    /// When a dimension does not exist.
    pub fn sum_dim(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        dispatch(Op::Reduce(Reduce::Sum, self.dim_list(dims)?, keepdim), &[self])
    }

    /// The mean of all elements.
    ///
    /// # Errors
    /// For tensors that are not floating-point.
    pub fn mean(&self) -> Result<Tensor> {
        self.sum()?.div(self.numel() as f64)
    }

    /// The mean over the given dimensions.
    ///
    /// # Errors
    /// When a dimension does not exist.
    pub fn mean_dim(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        let n: usize = self.dim_list(dims)?.iter().map(|&d| self.dims()[d]).product();
        self.sum_dim(dims, keepdim)?.div(n as f64)
    }

    /// The variance over the given dimensions: Σ (x − mean)² / (n − correction).
    ///
    /// # Errors
    /// When a dimension does not exist.
    pub fn var_dim(&self, dims: &[isize], correction: usize, keepdim: bool) -> Result<Tensor> {
        let n: usize = self.dim_list(dims)?.iter().map(|&d| self.dims()[d]).product();
        let centred = self.sub(&self.mean_dim(dims, true)?)?;
        centred.square()?.sum_dim(dims, keepdim)?.div(n.saturating_sub(correction) as f64)
    }

    /// The largest element over the given dimensions; ties share its gradient.
    ///
    /// # Errors
    /// When a dimension does not exist or is empty.
    pub fn amax(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        dispatch(Op::Reduce(Reduce::Amax, self.dim_list(dims)?, keepdim), &[self])
    }

    /// The smallest element over the given dimensions; ties share its gradient.
    ///
    /// # Errors
    /// When a dimension does not exist or is empty.
    pub fn amin(&self, dims: &[isize], keepdim: bool) -> Result<Tensor> {
        dispatch(Op::Reduce(Reduce::Amin, self.dim_list(dims)?, keepdim), &[self])
    }

    /// The index of the first largest element along a dimension: i64.
    ///
    /// # Errors
    /// When the dimension does not exist or is empty.
    pub fn argmax(&self, dim: isize) -> Result<Tensor> {
        dispatch(Op::Argmax(normalize_dim(dim, self.ndim())?), &[self])
    }

    /// The largest elements along a dimension and their (first) indices, as `tensor.max(dim)`.
    ///
    /// # Errors
    /// When the dimension does not exist or is empty.
    pub fn max_dim(&self, dim: isize) -> Result<(Tensor, Tensor)> {
        let index = self.argmax(dim)?;
        let values = self.gather(dim, &index.unsqueeze(dim)?)?.squeeze(dim)?;
        Ok((values, index))
    }

    /// eˣ / Σ eˣ along a dimension.
    ///
    /// # Errors
    /// When the dimension does not exist.
    pub fn softmax(&self, dim: isize) -> Result<Tensor> {
        dispatch(Op::Softmax(normalize_dim(dim, self.ndim())?), &[self])
    }

    /// x − ln Σ eˣ along a dimension.
    ///
    /// # Errors
    /// When the dimension does not exist.
    pub fn log_softmax(&self, dim: isize) -> Result<Tensor> {
        dispatch(Op::LogSoftmax(normalize_dim(dim, self.ndim())?), &[self])
    }

    /// The matrix product of two matrices, or of two batches of matrices.
    ///
    /// # Errors
    /// When the inner sizes differ.
    pub fn matmul(&self, other: &Tensor) -> Result<Tensor> {
        let (a, b) = self.promoted(other.into())?;
        dispatch(Op::Matmul, &[&a, &b])
    }

    /// x Wᵀ + b for x `[.., in]`, W `[out, in]` and b `[out]`, as `F.linear`.
    ///
    /// # Errors
    /// When the sizes do not fit.
    pub fn linear(&self, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        match bias {
            Some(bias) => dispatch(Op::Linear, &[self, weight, bias]),
            None => dispatch(Op::Linear, &[self, weight]),
        }
    }

    /// The elements at `index` along a dimension, as `torch.gather`.
    ///
    /// # Errors
    /// When an index is out of range or the shapes do not fit.
    pub fn gather(&self, dim: isize, index: &Tensor) -> Result<Tensor> {
        dispatch(Op::Gather(normalize_dim(dim, self.ndim())?), &[self, &index.to(DType::I64)?])
    }

    /// Whole slices at `index` (one-dimensional, i64) along a dimension.
    ///
    /// # Errors
    /// When an index is out of range.
    pub fn index_select(&self, dim: isize, index: &Tensor) -> Result<Tensor> {
        let d = normalize_dim(dim, self.ndim())?;
        let mut column = vec![1; self.ndim()];
        column[d] = index.numel();
        let mut full = self.dims().to_vec();
        full[d] = index.numel();
        let column: Vec<isize> = column.iter().map(|&n| n as isize).collect();
        self.gather(dim, &index.reshape(&column)?.expand(&full)?)
    }

    /// The same values in another dtype; itself when it is that already.
    ///
    /// # Errors
    /// Never: every dtype casts to every other.
    pub fn to(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() { Ok(self.clone()) } else { dispatch(Op::Cast(dtype), &[self]) }
    }
}

/// In place: these write into the tensor's storage, and so into every view of it.
impl Tensor {
    /// Every element becomes `value`.
    ///
    /// # Errors
    /// When a graph with gradients on needs the old values; so for all of these.
    pub fn fill_(&self, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::Fill(value), self, &[])
    }

    /// The elements become those of `source`, which broadcasts.
    ///
    /// # Errors
    /// When it does not.
    pub fn copy_(&self, source: &Tensor) -> Result<()> {
        dispatch_in_place(InPlace::Copy, self, &[&source.to(self.dtype())?])
    }

    /// self · value
    ///
    /// # Errors
    /// See [`Tensor::fill_`].
    pub fn mul_(&self, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::Mul(value), self, &[])
    }

    /// self + alpha · other
    ///
    /// # Errors
    /// See [`Tensor::fill_`].
    pub fn add_(&self, other: &Tensor, alpha: f64) -> Result<()> {
        dispatch_in_place(InPlace::Add { alpha }, self, &[other])
    }

    /// self + weight · (end − self)
    ///
    /// # Errors
    /// See [`Tensor::fill_`].
    pub fn lerp_(&self, end: &Tensor, weight: f64) -> Result<()> {
        dispatch_in_place(InPlace::Lerp { weight }, self, &[end])
    }

    /// self + value · a · b
    ///
    /// # Errors
    /// See [`Tensor::fill_`].
    pub fn addcmul_(&self, a: &Tensor, b: &Tensor, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::AddCMul { value }, self, &[a, b])
    }

    /// self + value · a / b
    ///
    /// # Errors
    /// See [`Tensor::fill_`].
    pub fn addcdiv_(&self, a: &Tensor, b: &Tensor, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::AddCDiv { value }, self, &[a, b])
    }
}
