//! Every operation as plain data, with the shape and dtype of its result. No arithmetic here: a
//! backend does that (`backend`), and `autograd::vjp` has each operation's derivative.

mod infer;
mod update;

pub use update::{Penalty, Update};

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::list::List;
use crate::shape::Dims;

/// A list of dimensions, in increasing order.
pub type DimList = List<usize>;

/// Elementwise functions of one tensor. The formula is beside each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unary {
    /// −x
    Neg,
    /// |x|
    Abs,
    /// −1, 0 or 1
    Sign,
    /// x²
    Square,
    /// √x
    Sqrt,
    /// 1 / √x
    Rsqrt,
    /// 1 / x
    Reciprocal,
    /// eˣ
    Exp,
    /// eˣ − 1
    Expm1,
    /// ln x
    Log,
    /// ln(1 + x)
    Log1p,
    /// sin x
    Sin,
    /// cos x
    Cos,
    /// tanh x
    Tanh,
    /// The Gauss error function
    Erf,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// ln sigmoid(x), without overflow
    LogSigmoid,
    /// The largest whole number that is not above x
    Floor,
    /// The nearest whole number, halves to the even one
    Round,
    /// max(x, 0)
    Relu,
    /// x where x > 0, else slope · x
    LeakyRelu(f64),
    /// x where x > 0, else α (eˣ − 1)
    Elu(f64),
    /// ln(1 + eˣ); x itself above the threshold
    Softplus(f64),
}

/// Elementwise functions of two tensors of one dtype, which broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// a + b
    Add,
    /// a − b
    Sub,
    /// a · b
    Mul,
    /// a / b
    Div,
    /// a / b rounded down, as Python's `//`
    FloorDiv,
    /// a / b rounded towards zero
    TruncDiv,
    /// aᵇ
    Pow,
    /// The larger; NaN when either is
    Maximum,
    /// The smaller; NaN when either is
    Minimum,
    /// 0 where b ≤ 0, else a: Relu's gradient from that of its result b
    ReluGrad,
    /// a (1 − b²): Tanh's
    TanhGrad,
    /// a (1 − b) b: Sigmoid's
    SigmoidGrad,
    /// −(b ln a + (1 − b) ln(1 − a)), logarithms kept above −100: a probability against a target
    CrossEntropy,
}

/// Elementwise comparisons; the result is bool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// a = b
    Eq,
    /// a ≠ b
    Ne,
    /// a < b
    Lt,
    /// a ≤ b
    Le,
    /// a > b
    Gt,
    /// a ≥ b
    Ge,
}

/// Reductions over a set of dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduce {
    /// Σ x
    Sum,
    /// Π x
    Prod,
    /// max x
    Amax,
    /// min x
    Amin,
    /// max x of all elements, as `torch.max`, whose gradient NaNs share where they win
    Max,
    /// min x of all elements, as [`Reduce::Max`]
    Min,
}

/// Another look at the same storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Row-major order kept, other sizes
    Reshape(Dims),
    /// Broadcast to these sizes
    Expand(Dims),
    /// New dimension `d` is old `order[d]`
    Permute(DimList),
    /// Elements at any distances, as `torch.as_strided`
    Strided {
        /// The sizes
        dims: Dims,
        /// The distances in the storage
        strides: Dims,
        /// How far the first element is from the operand's first
        shift: isize,
    },
    /// Every `step`-th element of `start..end` along `dim`
    Slice {
        /// The dimension
        dim: usize,
        /// First element
        start: usize,
        /// One past the last
        end: usize,
        /// Distance
        step: usize,
    },
}

/// A window that slides over the last two dimensions of `[N, C, H, W]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Height and width of the window
    pub kernel: (usize, usize),
    /// Steps between windows
    pub stride: (usize, usize),
    /// Rows and columns added on each side
    pub padding: (usize, usize),
    /// Distance of neighbours within the window
    pub dilation: (usize, usize),
}

impl Window {
    /// Rows and columns of windows over an `h` by `w` plane:
    /// ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1; None when not even one fits.
    pub fn output(&self, h: usize, w: usize) -> Option<(usize, usize)> {
        let along = |size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize| {
            let span = dilation * kernel.checked_sub(1)? + 1;
            Some((size + 2 * padding).checked_sub(span)? / stride.max(1) + 1)
        };
        Some((
            along(h, self.kernel.0, self.stride.0, self.padding.0, self.dilation.0)?,
            along(w, self.kernel.1, self.stride.1, self.padding.1, self.dilation.1)?,
        ))
    }

    /// As [`Window::output`].
    ///
    /// # Errors
    /// PyTorch's, when not even one fits.
    pub fn fit(&self, h: usize, w: usize) -> Result<(usize, usize)> {
        self.output(h, w).ok_or_else(|| {
            Error::Shape(format!(
                "Calculated padded input size per channel: ({} x {}). Kernel size: ({} x {}). Kernel size can't be greater than actual input size",
                h + 2 * self.padding.0,
                w + 2 * self.padding.1,
                self.kernel.0,
                self.kernel.1
            ))
        })
    }
}

/// How a convolution's window moves, and which channels it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conv {
    /// The window; its kernel is the weight's
    pub window: Window,
    /// Parts of the channels that do not see each other
    pub groups: usize,
}

/// The windows of a pooling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pool {
    /// How they lie
    pub window: Window,
    /// Rows and columns of windows: the last may end beyond the padding, and what is outside of the
    /// plane is in none
    pub outputs: (usize, usize),
}

impl Pool {
    fn infer(&self, dims: &[usize]) -> Result<Dims> {
        let &[n, c, _, _] = dims else {
            return Err(Error::Shape(format!("pooling expects [N, C, H, W], got {dims:?}")));
        };
        Ok(Dims::from([n, c, self.outputs.0, self.outputs.1].as_slice()))
    }
}

/// What the mean of a window divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Divisor {
    /// The number of its places in the plane and the padding
    Padded,
    /// The number of its places in the plane
    Inside,
    /// This
    Number(isize),
}

/// The options of a negative log likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nll {
    /// Rows with this target do not count
    pub ignore_index: i64,
    /// The mean instead of each row's
    pub mean: bool,
}

/// An operation: what, not how. Operands have equal dtypes unless said otherwise; the tensor layer
/// casts first, so that a cast, too, is seen by autograd.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Op {
    /// f(x)
    Unary(Unary),
    /// f(a, b)
    Binary(Binary),
    /// f(a, number), in a's dtype
    Scalar(Binary, f64),
    /// bool from (a, b)
    Compare(Compare),
    /// (condition: bool, a, b): a where the condition holds, else b
    Where,
    /// The same values in another dtype
    Cast(DType),
    /// The same values, row-major in a new storage
    Contiguous,
    /// The same storage seen otherwise
    View(View),
    /// `[m, k] @ [k, n]`, or with equal batch sizes `[b, m, k] @ [b, k, n]`
    Matmul,
    /// (x: `[.., in]`, weight: `[out, in]`, bias: `[out]`, optional): x Wᵀ + b
    Linear,
    /// (g: `[m, out]`, x: `[m, in]`): gᵀ x: `[out, in]`, Linear's adjoint in the weight
    LinearWeight,
    /// Over the listed dimensions; `keepdim` leaves them with size 1
    Reduce(Reduce, DimList, bool),
    /// Running sums along a dimension, from the end when reversed
    Cumsum {
        /// The dimension
        dim: usize,
        /// From the last element to the first
        reverse: bool,
    },
    /// Any number of tensors one after the other along a dimension
    Cat(usize),
    /// i64 index of the first largest element along a dimension, which is dropped
    Argmax(usize),
    /// eˣ / Σ eˣ along a dimension
    Softmax(usize),
    /// x − ln Σ eˣ along a dimension
    LogSoftmax(usize),
    /// (x, index: i64): `out[i][j] = x[index[i][j]][j]` for dimension 0, and so on
    Gather(usize),
    /// (src, index: i64): zeros with `size` along `dim`, src added at the index: Gather's adjoint
    ScatterAdd {
        /// The dimension
        dim: usize,
        /// Its size in the result
        size: usize,
    },
    /// (x: `[m, classes]`, target: i64 `[m]`): −x\[i\]\[target\[i\]\], and 0 where the target is to be
    /// ignored: `[m]`, or their mean over the others: `[]`
    Nll(Nll),
    /// (g: `[m]` or `[]`, target): `[m, classes]`, Nll's adjoint
    NllGrad(Nll, usize),
    /// (p, y), of one shape: the mean of (p − y)², `[]`
    MseLoss,
    /// (g: `[]`, p, y): 2 / n · (p − y) · g, MseLoss's adjoint in p
    MseLossGrad,
    /// (x: `[n, c, h, w]`, weight: `[out, c / groups, kh, kw]`, bias: `[out]`, optional) to
    /// `[n, out, rows, columns]`: each output is the bias and the sum over a window of weight times x
    Conv2d(Conv),
    /// (g: `[n, out, rows, columns]`, weight): Conv2d's adjoint in x, whose planes have these sizes
    Conv2dInput(Conv, (usize, usize)),
    /// (g: `[n, out, rows, columns]`, x): Conv2d's adjoint in the weight
    Conv2dWeight(Conv),
    /// The largest element of every window: `[n, c, h, w]` to `[n, c, rows, columns]`
    MaxPool2d(Pool),
    /// i64 index of that element in its plane, in row-major order
    MaxPool2dIndex(Pool),
    /// (x, g: `[n, c, rows, columns]`): each g at its window's largest element, MaxPool2d's adjoint
    MaxPool2dGrad(Pool),
    /// The mean of every window
    AvgPool2d(Pool, Divisor),
    /// AvgPool2d's adjoint, to planes of these sizes
    AvgPool2dGrad(Pool, Divisor, (usize, usize)),
    /// `[n, c, h, w]` to `[n, c · kh · kw, windows]`: each window a column, as `F.unfold`
    Unfold(Window),
    /// Unfold's adjoint: windows added back onto planes of these sizes, as `F.fold`
    Fold(Window, (usize, usize)),
}

/// Operations that write their result into their first operand. The optimizers are made of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InPlace {
    /// dst = number
    Fill(f64),
    /// dst = a
    Copy,
    /// dst = dst · number
    Mul(f64),
    /// dst = dst + alpha · a
    Add {
        /// The factor
        alpha: f64,
    },
    /// dst = dst + weight · (a − dst)
    Lerp {
        /// The weight
        weight: f64,
    },
    /// dst = dst + value · a · b
    AddCMul {
        /// The factor
        value: f64,
    },
    /// dst = dst + value · a / b
    AddCDiv {
        /// The factor
        value: f64,
    },
}

/// What of an operation's operands and result its derivative reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Saves {
    /// Which operands, as bits
    pub inputs: u8,
    /// The result
    pub output: bool,
}

impl Saves {
    /// Whether operand `i` is read.
    pub fn has(self, i: usize) -> bool {
        i < 8 && self.inputs & (1 << i) != 0
    }
}

impl Op {
    /// Whether the result shares its operand's storage.
    pub fn is_view(&self) -> bool {
        matches!(self, Op::View(_))
    }

    /// What the derivative will need, so that nothing else is kept alive.
    pub fn saves(&self) -> Saves {
        use Unary::*;
        let inputs = |inputs| Saves { inputs, output: false };
        let output = Saves { inputs: 0, output: true };
        match self {
            Op::Unary(u) => match u {
                Neg | Sign | Floor | Round => inputs(0),
                Sqrt | Rsqrt | Reciprocal | Exp | Expm1 | Tanh | Sigmoid | Relu => output,
                Elu(_) => Saves { inputs: 1, output: true },
                Abs | Square | Log | Log1p | Sin | Cos | Erf | LogSigmoid | LeakyRelu(_) | Softplus(_) => {
                    inputs(1)
                }
            },
            Op::Binary(Binary::Add | Binary::Sub | Binary::FloorDiv | Binary::TruncDiv) => inputs(0),
            Op::Scalar(Binary::Add | Binary::Sub | Binary::FloorDiv | Binary::TruncDiv, _) => inputs(0),
            Op::Scalar(Binary::Mul | Binary::Div, _) => inputs(0),
            Op::Scalar(..) => inputs(1),
            Op::Binary(Binary::ReluGrad) => inputs(0b10),
            Op::Binary(Binary::Pow) => Saves { inputs: 0b11, output: true },
            Op::Binary(_) | Op::Matmul | Op::Linear | Op::LinearWeight | Op::MseLoss => inputs(0b11),
            Op::MseLossGrad => inputs(0b111),
            Op::Conv2d(_) | Op::Conv2dInput(..) | Op::Conv2dWeight(_) => inputs(0b11),
            Op::Where => inputs(1),
            Op::Gather(_) | Op::ScatterAdd { .. } | Op::Nll(_) | Op::NllGrad(..) => inputs(0b10),
            Op::MaxPool2d(_) | Op::MaxPool2dGrad(_) => inputs(1),
            Op::Reduce(Reduce::Sum, ..) => inputs(0),
            Op::Reduce(Reduce::Prod, ..) => inputs(1),
            Op::Reduce(..) => Saves { inputs: 1, output: true },
            Op::Softmax(_) | Op::LogSoftmax(_) => output,
            Op::Compare(_)
            | Op::Cast(_)
            | Op::Contiguous
            | Op::View(_)
            | Op::Argmax(_)
            | Op::Cumsum { .. }
            | Op::Cat(_)
            | Op::MaxPool2dIndex(_)
            | Op::AvgPool2d(..)
            | Op::AvgPool2dGrad(..)
            | Op::Unfold(_)
            | Op::Fold(..) => inputs(0),
        }
    }
}
