//! Arithmetic, functions, reductions and products, under PyTorch's names.

use super::{Called, Operand, Tensor, dispatch};
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
}

/// Functions that keep the dtype of integers.
impl Tensor {
    /// −x
    ///
    /// # Errors
    /// For bool.
    pub fn neg(&self) -> Result<Tensor> {
        if self.dtype() == DType::Bool {
            return Err(Error::DType(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a \
                 mask, use the `~` or `logical_not()` operator instead."
                    .into(),
            ));
        }
        dispatch(Op::Unary(Unary::Neg), &[self])
    }

    /// |x|
    ///
    /// # Errors
    /// For bool.
    pub fn abs(&self) -> Result<Tensor> {
        self.not_bool("abs_cpu")?;
        dispatch(Op::Unary(Unary::Abs), &[self])
    }

    /// −1, 0 or 1; bools as they are.
    ///
    /// # Errors
    /// Never.
    pub fn sign(&self) -> Result<Tensor> {
        if self.dtype() == DType::Bool {
            return Ok(self.clone());
        }
        dispatch(Op::Unary(Unary::Sign), &[self])
    }

    /// x²; of bools as integers.
    ///
    /// # Errors
    /// Never.
    pub fn square(&self) -> Result<Tensor> {
        dispatch(Op::Unary(Unary::Square), &[&self.counting()?])
    }

    /// max(x, 0)
    ///
    /// # Errors
    /// For bool.
    pub fn relu(&self) -> Result<Tensor> {
        if self.dtype() == DType::Bool {
            return Err(Error::DType("Boolean inputs not supported for relu".into()));
        }
        dispatch(Op::Unary(Unary::Relu), &[self])
    }
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
    /// self / other rounded down, as `torch.div(rounding_mode="floor")` and Python's `//`
    div_floor => Binary::FloorDiv;
    /// self / other rounded towards zero, as `torch.div(rounding_mode="trunc")`
    div_trunc => Binary::TruncDiv;
    /// selfᵒᵗʰᵉʳ; whole numbers stay whole
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

    /// An error in PyTorch's words for what is defined for fractions only.
    pub(super) fn only_floating(&self, kernel: &str) -> Result<()> {
        if self.dtype().is_floating_point() { Ok(()) } else { self.not_implemented(kernel) }
    }

    pub(super) fn not_bool(&self, kernel: &str) -> Result<()> {
        if self.dtype() == DType::Bool { self.not_implemented(kernel) } else { Ok(()) }
    }

    fn not_implemented(&self, kernel: &str) -> Result<()> {
        Err(Error::DType(format!("\"{kernel}\" not implemented for '{}'", self.dtype().scalar_type())))
    }

    /// Bools as the integers 0 and 1; others as they are.
    pub(super) fn counting(&self) -> Result<Tensor> {
        if self.dtype() == DType::Bool { self.to(DType::I64) } else { Ok(self.clone()) }
    }

    /// The dtype that PyTorch would compute in.
    pub(super) fn common_dtype(&self, other: Operand<'_>) -> DType {
        match other {
            Operand::Tensor(other) => DType::result_type([self, other].map(|t| (t.dtype(), t.ndim() == 0))),
            Operand::Int(_) => self.dtype().promote(DType::I64),
            Operand::Float(_) => self.dtype().promote(DType::F32),
        }
    }

    /// Both as tensors of that dtype.
    pub(super) fn promoted(&self, other: Operand<'_>) -> Result<(Tensor, Tensor)> {
        let dtype = self.common_dtype(other);
        let right = match other {
            Operand::Tensor(other) => other.to(dtype)?,
            number => number.number(dtype)?.expect("it is a number"),
        };
        Ok((self.to(dtype)?, right))
    }

    fn no_bools_to_subtract(&self, other: Operand<'_>) -> Result<()> {
        let right = matches!(other, Operand::Tensor(t) if t.dtype() == DType::Bool);
        let message = match (self.dtype() == DType::Bool, right) {
            (false, false) => return Ok(()),
            (true, true) => {
                "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or \
                 `logical_xor()` operator instead."
            }
            _ => {
                "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert \
                 a mask, use the `~` or `logical_not()` operator instead."
            }
        };
        Err(Error::DType(message.into()))
    }

    fn binary(&self, f: Binary, other: Operand<'_>) -> Result<Tensor> {
        if f == Binary::Sub {
            self.no_bools_to_subtract(other)?;
        }
        let number = match other {
            Operand::Tensor(_) => None,
            Operand::Int(number) => Some(number as f64),
            Operand::Float(number) => Some(number),
        };
        let floats = self.dtype().is_floating_point();
        match number {
            // As PyTorch does: exact, where a general power would not be.
            Some(2.0) if f == Binary::Pow && floats => self.square(),
            Some(0.5) if f == Binary::Pow && floats => self.sqrt().called("PowBackward0"),
            Some(-0.5) if f == Binary::Pow && floats => self.rsqrt().called("PowBackward0"),
            Some(number) if floats => dispatch(Op::Scalar(f, number), &[self]),
            _ => {
                let (a, b) = self.promoted(other)?;
                match (a.dtype(), f, other) {
                    (DType::Bool, ..) => a.binary_of_bools(f, &b),
                    (DType::I64, Binary::Div, _) => {
                        dispatch(Op::Binary(f), &[&a.floating()?, &b.floating()?])
                    }
                    (DType::I64, Binary::Pow, Operand::Int(..0)) => {
                        Err(Error::Value("Integers to negative integer powers are not allowed.".into()))
                    }
                    _ => dispatch(Op::Binary(f), &[&a, &b]),
                }
            }
        }
    }

    /// Sums, products and extremes of bools are bools; their quotient is a fraction.
    fn binary_of_bools(&self, f: Binary, other: &Tensor) -> Result<Tensor> {
        match f {
            Binary::Pow => Err(Error::DType("\"pow\" not implemented for 'Bool'".into())),
            Binary::FloorDiv => Err(Error::DType("\"div_floor_cpu\" not implemented for 'Bool'".into())),
            Binary::TruncDiv => Err(Error::DType("\"div_trunc_cpu\" not implemented for 'Bool'".into())),
            Binary::Div => self.floating()?.div(&other.floating()?),
            _ => dispatch(Op::Binary(f), &[&self.to(DType::I64)?, &other.to(DType::I64)?])?.to(DType::Bool),
        }
    }

    /// self + alpha · other, as `torch.add(self, other, alpha=alpha)`.
    ///
    /// # Errors
    /// When the shapes do not broadcast, or for integers with a fraction as alpha.
    pub fn add_scaled<'a, 'b>(
        &self,
        other: impl Into<Operand<'a>>,
        alpha: impl Into<Operand<'b>>,
    ) -> Result<Tensor> {
        let (a, b) = self.promoted(other.into())?;
        a.add(&b.scaled(alpha.into())?)
    }

    /// self − alpha · other, as `torch.sub(self, other, alpha=alpha)`.
    ///
    /// # Errors
    /// See [`Tensor::add_scaled`]; also for bools.
    pub fn sub_scaled<'a, 'b>(
        &self,
        other: impl Into<Operand<'a>>,
        alpha: impl Into<Operand<'b>>,
    ) -> Result<Tensor> {
        let other = other.into();
        self.no_bools_to_subtract(other)?;
        let (a, b) = self.promoted(other)?;
        a.sub(&b.scaled(alpha.into())?)
    }

    fn scaled(&self, alpha: Operand<'_>) -> Result<Tensor> {
        match alpha {
            Operand::Float(_) if !self.dtype().is_floating_point() => Err(Error::Value(
                "For integral input tensors, argument alpha must not be a floating point number.".into(),
            )),
            Operand::Int(1) => Ok(self.clone()),
            alpha => self.mul(alpha)?.to(self.dtype()),
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
        let other = other.into();
        self.no_bools_to_subtract(other)?;
        let name = if matches!(other, Operand::Tensor(_)) { "RsubBackward0" } else { "RsubBackward1" };
        self.neg()?.add(other).called(name)
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
    /// For integers and bool.
    pub fn leaky_relu(&self, negative_slope: f64) -> Result<Tensor> {
        self.only_floating("leaky_relu_cpu")?;
        dispatch(Op::Unary(Unary::LeakyRelu(negative_slope)), &[self])
    }

    /// x where x > 0, else α (eˣ − 1).
    ///
    /// # Errors
    /// For integers and bool.
    pub fn elu(&self, alpha: f64) -> Result<Tensor> {
        self.only_floating("elu_cpu")?;
        dispatch(Op::Unary(Unary::Elu(alpha)), &[self])
    }

    /// ln(1 + e^(βx)) / β; x itself where βx is above the threshold. PyTorch's defaults are 1 and 20.
    ///
    /// # Errors
    /// For integers and bool.
    pub fn softplus(&self, beta: f64, threshold: f64) -> Result<Tensor> {
        self.only_floating("softplus_cpu")?;
        let softplus = Op::Unary(Unary::Softplus(threshold));
        if beta == 1.0 {
            return dispatch(softplus, &[self]);
        }
        dispatch(softplus, &[&self.mul(beta)?])?.div(beta).called("SoftplusBackward0")
    }

    /// The largest whole number that is not above x; integers as they are.
    ///
    /// # Errors
    /// For bool.
    pub fn floor(&self) -> Result<Tensor> {
        self.not_bool("floor_vml_cpu")?;
        self.whole(Unary::Floor)
    }

    /// The smallest whole number that is not below x; integers as they are.
    ///
    /// # Errors
    /// For bool.
    pub fn ceil(&self) -> Result<Tensor> {
        self.not_bool("ceil_vml_cpu")?;
        self.neg()?.floor()?.neg().called("CeilBackward0")
    }

    /// x without its fraction; integers as they are.
    ///
    /// # Errors
    /// For bool.
    pub fn trunc(&self) -> Result<Tensor> {
        self.not_bool("trunc_vml_cpu")?;
        if self.dtype() == DType::I64 {
            return Ok(self.clone());
        }
        self.ceil()?.where_(&self.lt(0.0)?, &self.floor()?).called("TruncBackward0")
    }

    /// The nearest number with so many decimals, halves to the even one.
    ///
    /// # Errors
    /// For bool.
    pub fn round(&self, decimals: i32) -> Result<Tensor> {
        self.not_bool("round_vml_cpu")?;
        let scale = libm::pow(10.0, f64::from(decimals.unsigned_abs()));
        match decimals {
            _ if self.dtype() == DType::I64 => Ok(self.clone()),
            0 => self.whole(Unary::Round),
            1.. => self.mul(scale)?.whole(Unary::Round)?.div(scale).called("RoundBackward1"),
            _ => self.div(scale)?.whole(Unary::Round)?.mul(scale).called("RoundBackward1"),
        }
    }

    fn whole(&self, f: Unary) -> Result<Tensor> {
        if self.dtype() == DType::I64 { Ok(self.clone()) } else { dispatch(Op::Unary(f), &[self]) }
    }

    /// GELU with tanh for the normal distribution function:
    /// x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    ///
    /// # Errors
    /// For integers and bool.
    pub fn gelu_tanh(&self) -> Result<Tensor> {
        self.only_floating("GeluKernelImpl")?;
        let cubic = self.pow(3.0)?.mul(0.044_715)?.add(self)?;
        let inner = cubic.mul((2.0 / std::f64::consts::PI).sqrt())?;
        self.mul(&inner.tanh()?.add(1.0)?.mul(0.5)?).called("GeluBackward0")
    }

    /// x Φ(x), with the exact normal distribution function: x (1 + erf(x / √2)) / 2.
    ///
    /// # Errors
    /// For integers and bool.
    pub fn gelu(&self) -> Result<Tensor> {
        self.only_floating("GeluKernelImpl")?;
        let cdf = self.mul(std::f64::consts::FRAC_1_SQRT_2)?.erf()?.add(1.0)?.mul(0.5)?;
        self.mul(&cdf).called("GeluBackward0")
    }

    /// x sigmoid(x).
    ///
    /// # Errors
    /// For integers and bool.
    pub fn silu(&self) -> Result<Tensor> {
        self.only_floating("silu_cpu")?;
        self.mul(&self.sigmoid()?).called("SiluBackward0")
    }

    /// The same values in another dtype; itself when it is that already.
    ///
    /// # Errors
    /// Never: every dtype casts to every other.
    pub fn to(&self, dtype: DType) -> Result<Tensor> {
        if dtype == self.dtype() { Ok(self.clone()) } else { dispatch(Op::Cast(dtype), &[self]) }
    }
}
