//! Arithmetic, functions, reductions and products, under PyTorch's names.

use super::{Operand, Tensor, dispatch};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Binary, Compare, Op, Unary};

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

impl Tensor {
    /// −(y ln p + (1 − y) ln(1 − p)) of each probability p with its target y: what
    /// `F.binary_cross_entropy` reduces. Logarithms are kept above −100.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn bernoulli_nll(&self, target: &Tensor) -> Result<Tensor> {
        self.floating()?.binary(Binary::CrossEntropy, Operand::Tensor(target))
    }
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
    pub(super) fn floating(&self) -> Result<Tensor> {
        if self.dtype().is_floating_point() { Ok(self.clone()) } else { self.to(DType::F32) }
    }

    /// Both as tensors of the dtype that PyTorch would compute in.
    pub(super) fn promoted(&self, other: Operand<'_>) -> Result<(Tensor, Tensor)> {
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

    /// ln(1 + e^(βx)) / β; x itself where βx is above the threshold. PyTorch's defaults are 1 and 20.
    ///
    /// # Errors
    /// Never for numbers.
    pub fn softplus(&self, beta: f64, threshold: f64) -> Result<Tensor> {
        let softplus = Op::Unary(Unary::Softplus(threshold));
        if beta == 1.0 {
            return dispatch(softplus, &[&self.floating()?]);
        }
        dispatch(softplus, &[&self.mul(beta)?])?.div(beta)
    }

    /// The largest whole number that is not above x; integers as they are.
    ///
    /// # Errors
    /// For bool.
    pub fn floor(&self) -> Result<Tensor> {
        self.whole(Unary::Floor)
    }

    /// The smallest whole number that is not below x; integers as they are.
    ///
    /// # Errors
    /// For bool.
    pub fn ceil(&self) -> Result<Tensor> {
        self.neg()?.floor()?.neg()
    }

    /// x without its fraction; integers as they are.
    ///
    /// # Errors
    /// For bool.
    pub fn trunc(&self) -> Result<Tensor> {
        if self.dtype() == DType::I64 {
            return Ok(self.clone());
        }
        self.ceil()?.where_(&self.lt(0.0)?, &self.floor()?)
    }

    /// The nearest number with so many decimals, halves to the even one.
    ///
    /// # Errors
    /// For bool.
    pub fn round(&self, decimals: i32) -> Result<Tensor> {
        let scale = libm::pow(10.0, f64::from(decimals.abs()));
        match decimals {
            _ if self.dtype() == DType::I64 => Ok(self.clone()),
            0 => self.whole(Unary::Round),
            1.. => self.mul(scale)?.whole(Unary::Round)?.div(scale),
            _ => self.div(scale)?.whole(Unary::Round)?.mul(scale),
        }
    }

    fn whole(&self, f: Unary) -> Result<Tensor> {
        match self.dtype() {
            DType::I64 => Ok(self.clone()),
            DType::Bool => Err(Error::DType("\"floor, round\" not implemented for 'torch.bool'".into())),
            _ => dispatch(Op::Unary(f), &[self]),
        }
    }

    /// x kept between two bounds; either may be missing. The gradient goes where x is within them, the
    /// bounds included.
    ///
    /// # Errors
    /// When both are missing, or shapes do not broadcast.
    pub fn clamp<'a>(
        &self,
        min: Option<impl Into<Operand<'a>>>,
        max: Option<impl Into<Operand<'a>>>,
    ) -> Result<Tensor> {
        let (min, max) = (min.map(Into::into), max.map(Into::into));
        if min.is_none() && max.is_none() {
            return Err(Error::Value("torch.clamp: At least one of 'min' or 'max' must not be None".into()));
        }
        let bound = |x: &Tensor, bound: Operand<'_>, f: Compare| -> Result<Tensor> {
            let (x, limit) = x.promoted(bound)?;
            limit.where_(&x.compare(f, Operand::Tensor(&limit))?, &x)
        };
        let mut out = self.clone();
        if let Some(min) = min {
            out = bound(&out, min, Compare::Lt)?;
        }
        if let Some(max) = max {
            out = bound(&out, max, Compare::Gt)?;
        }
        Ok(out)
    }

    /// self / other rounded down, as `torch.div(rounding_mode="floor")`.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn div_floor<'a>(&self, other: impl Into<Operand<'a>>) -> Result<Tensor> {
        self.div_rounded(other.into(), Tensor::floor)
    }

    /// self / other rounded towards zero, as `torch.div(rounding_mode="trunc")`.
    ///
    /// # Errors
    /// When the shapes do not broadcast.
    pub fn div_trunc<'a>(&self, other: impl Into<Operand<'a>>) -> Result<Tensor> {
        self.div_rounded(other.into(), Tensor::trunc)
    }

    fn div_rounded(&self, other: Operand<'_>, round: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        let (a, b) = self.promoted(other)?;
        if a.dtype().is_floating_point() {
            return round(&a.div(&b)?);
        }
        // Exact for whole numbers up to 2^53
        round(&a.to(DType::F64)?.div(&b.to(DType::F64)?)?)?.to(a.dtype())
    }

    /// GELU with tanh for the normal distribution function:
    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    ///
    /// # Errors
    /// Never for numbers.
    pub fn gelu_tanh(&self) -> Result<Tensor> {
        let cubic = self.pow(3.0)?.mul(0.044_715)?.add(self)?;
        let inner = cubic.mul((2.0 / std::f64::consts::PI).sqrt())?;
        self.mul(&inner.tanh()?.add(1.0)?.mul(0.5)?)
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

    /// The same values in another dtype; itself when it is that already.
    ///
    /// # Errors
    /// Never: every dtype casts to every other.
    pub fn to(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() { Ok(self.clone()) } else { dispatch(Op::Cast(dtype), &[self]) }
    }
}
