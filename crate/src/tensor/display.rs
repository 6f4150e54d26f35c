//! Tensors as text, as PyTorch's `print(tensor)` with its default options.

use super::{Function, Node, Tensor};
use crate::backend::Device;
use crate::backend::cpu::CpuStorage;
use crate::dtype::DType;
use crate::op::{Binary, Op, Reduce, Unary, View};
use std::fmt::{self, Write};

/// Digits after the point.
const PRECISION: usize = 4;
/// Tensors of more elements are summarised.
const THRESHOLD: usize = 1000;
/// How many elements of each end of a dimension a summary shows.
const EDGE: usize = 3;
/// Columns of a line.
const LINE: usize = 80;
const PREFIX: &str = "tensor(";

/// As PyTorch prints it.
///
/// ```
/// # use gradus::tensor::Tensor;
/// let x = Tensor::from_vec(vec![1.0f32, 2.5], &[2]).unwrap();
/// assert_eq!(x.to_string(), "tensor([1.0000, 2.5000])");
/// ```
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_elsewhere() {
            return self.write_from_afar(f);
        }
        let mut text = String::from(PREFIX);
        if self.numel() == 0 {
            text.push_str("[]");
        } else {
            self.write_elements(&mut text);
        }
        // PyTorch counts two columns more than there are.
        let mut last_line = text.len() - text.rfind('\n').map_or(0, |at| at + 1) + 2;
        for suffix in self.suffixes() {
            if last_line + suffix.len() + 2 > LINE {
                write!(text, ",\n{:1$}{suffix}", "", PREFIX.len())?;
                last_line = PREFIX.len() + suffix.len();
            } else {
                write!(text, ", {suffix}")?;
                last_line += suffix.len() + 2;
            }
        }
        text.push(')');
        f.write_str(&text)
    }
}

/// The same as its [`Display`](fmt::Display).
impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Tensor {
    /// From another device; without the elements where they cannot be waited for.
    fn write_from_afar(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match super::no_grad(|| self.to_device(Device::Cpu)) {
            Ok(tensor) => tensor.to_string(),
            Err(_) => format!("{PREFIX}...)"),
        };
        write!(f, "{}, device='{}')", &text[..text.len() - 1], self.device())
    }

    fn suffixes(&self) -> Vec<String> {
        let mut suffixes = Vec::new();
        let empty = self.numel() == 0;
        if empty && self.ndim() != 1 {
            let sizes: Vec<String> = self.dims().iter().map(usize::to_string).collect();
            suffixes.push(format!("size=({})", sizes.join(", ")));
        }
        // The elements show whether they are the default's, integers or bool.
        if self.dtype() == DType::F64 || empty && self.dtype() != DType::F32 {
            suffixes.push(format!("dtype={}", self.dtype()));
        }
        if let Some(node) = self.grad_fn() {
            suffixes.push(format!("grad_fn=<{}>", node.name()));
        } else if self.requires_grad() {
            suffixes.push("requires_grad=True".into());
        }
        suffixes
    }

    fn write_elements(&self, text: &mut String) {
        let mut printer =
            Printer { tensor: self, summarize: self.numel() > THRESHOLD, format: Format::Plain, width: 0 };
        let mut shown = Vec::new();
        printer.visit(0, self.0.layout.offset() as isize, &mut |value| shown.push(value));
        printer.choose_format(&shown);
        printer.write(text, 0, self.0.layout.offset() as isize, PREFIX.len());
    }

    fn element(&self, at: isize) -> Scalar {
        let at = at as usize;
        match self.storage().cpu() {
            CpuStorage::F32(v) => Scalar::Float(v[at].into()),
            CpuStorage::F64(v) => Scalar::Float(v[at]),
            CpuStorage::I64(v) => Scalar::Int(v[at]),
            CpuStorage::Bool(v) => Scalar::Bool(v[at]),
        }
    }
}

/// An element.
#[derive(Clone, Copy)]
enum Scalar {
    Float(f64),
    Int(i64),
    Bool(bool),
}

/// How all elements are written.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    /// Integers and bool
    Plain,
    /// Floating point that happens to be whole: `1.`
    Whole,
    /// `1.5000`
    Fixed,
    /// `1.5000e+00`
    Scientific,
}

struct Printer<'a> {
    tensor: &'a Tensor,
    summarize: bool,
    format: Format,
    /// Shorter elements are filled up to it on the left
    width: usize,
}

impl Printer<'_> {
    /// The places along a dimension that are shown, and whether some between them are not.
    fn places(&self, dim: usize) -> (Vec<usize>, bool) {
        let size = self.tensor.dims()[dim];
        if self.summarize && size > 2 * EDGE {
            ((0..EDGE).chain(size - EDGE..size).collect(), true)
        } else {
            ((0..size).collect(), false)
        }
    }

    fn step(&self, dim: usize, at: isize, place: usize) -> isize {
        at + self.tensor.0.layout.strides()[dim] * place as isize
    }

    /// Calls `f` with every element that is shown.
    fn visit(&self, dim: usize, at: isize, f: &mut impl FnMut(Scalar)) {
        if dim == self.tensor.ndim() {
            return f(self.tensor.element(at));
        }
        for place in self.places(dim).0 {
            self.visit(dim + 1, self.step(dim, at, place), f);
        }
    }

    /// The format and width that suit all shown elements. The largest and smallest absolute values of
    /// those that are finite and not 0 decide.
    fn choose_format(&mut self, shown: &[Scalar]) {
        if !self.tensor.dtype().is_floating_point() {
            self.width = shown.iter().map(|&v| self.element(v).len()).max().unwrap_or(0);
            return;
        }
        let floats = shown.iter().filter_map(|v| match v {
            Scalar::Float(v) if v.is_finite() && *v != 0.0 => Some(*v),
            _ => None,
        });
        let (mut min, mut max, mut whole) = (f64::INFINITY, 0.0f64, true);
        for v in floats.clone() {
            (min, max) = (min.min(v.abs()), max.max(v.abs()));
            whole &= v == v.ceil();
        }
        let wide = max / min > 1000.0 || max > 1e8;
        self.format = match whole {
            true if wide => Format::Scientific,
            true => Format::Whole,
            false if wide || min < 1e-4 => Format::Scientific,
            false => Format::Fixed,
        };
        self.width = floats.map(|v| self.element(Scalar::Float(v)).len()).max().unwrap_or(1);
    }

    /// An element, not yet filled up to the width.
    fn element(&self, value: Scalar) -> String {
        match value {
            Scalar::Int(v) => v.to_string(),
            Scalar::Bool(v) => if v { "True" } else { "False" }.into(),
            Scalar::Float(v) if v.is_nan() => "nan".into(),
            Scalar::Float(v) if v.is_infinite() => if v > 0.0 { "inf" } else { "-inf" }.into(),
            Scalar::Float(v) => match self.format {
                Format::Plain | Format::Whole => format!("{v:.0}."),
                Format::Fixed => format!("{v:.PRECISION$}"),
                Format::Scientific => {
                    // Python's exponent has a sign and at least two digits.
                    let text = format!("{v:.PRECISION$e}");
                    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |d| ('-', d));
                    format!("{mantissa}e{sign}{digits:0>2}")
                }
            },
        }
    }

    fn write(&self, text: &mut String, dim: usize, at: isize, indent: usize) {
        let padded = |at| format!("{:>1$}", self.element(self.tensor.element(at)), self.width);
        let last = self.tensor.ndim().checked_sub(dim + 1);
        let Some(inner) = last else { return text.push_str(&padded(at)) };
        let (places, gap) = self.places(dim);
        let middle = |i| gap && i == EDGE;
        text.push('[');
        if inner == 0 {
            let mut elements: Vec<String> =
                places.iter().map(|&place| padded(self.step(dim, at, place))).collect();
            if gap {
                elements.insert(EDGE, " ...".into());
            }
            let per_line = (LINE.saturating_sub(indent) / (self.width + 2)).max(1);
            for (i, line) in elements.chunks(per_line).enumerate() {
                if i > 0 {
                    text.push_str(",\n");
                    text.extend(std::iter::repeat_n(' ', indent + 1));
                }
                text.push_str(&line.join(", "));
            }
        } else {
            let separator = format!(",{}{}", "\n".repeat(inner), " ".repeat(indent + 1));
            for (i, &place) in places.iter().enumerate() {
                if i > 0 {
                    text.push_str(&separator);
                }
                if middle(i) {
                    text.push_str("...");
                    text.push_str(&separator);
                }
                self.write(text, dim + 1, self.step(dim, at, place), indent + 1);
            }
        }
        text.push(']');
    }
}

impl Node {
    /// PyTorch's name of the operation's derivative, as `type(tensor.grad_fn).__name__`.
    pub fn name(&self) -> String {
        if let Some(name) = self.given_name() {
            return name.into();
        }
        let op = match self.function() {
            Function::Op(op) => op,
            Function::Copy => return "CopyBackwards".into(),
            Function::AsStrided(_) => return "AsStridedBackward0".into(),
            Function::CopySlices(_) => return "CopySlices".into(),
            #[cfg(feature = "webgpu")]
            Function::To(_) => return "ToCopyBackward0".into(),
        };
        let known = match op {
            Op::Unary(Unary::Square) | Op::Scalar(Binary::Pow, _) => "PowBackward0",
            Op::Binary(Binary::Pow) => "PowBackward1",
            Op::Scalar(Binary::FloorDiv | Binary::TruncDiv, _)
            | Op::Binary(Binary::FloorDiv | Binary::TruncDiv) => "DivBackward2",
            Op::Binary(Binary::ReluGrad) => "ThresholdBackwardBackward0",
            Op::Binary(Binary::CrossEntropy) => "BinaryCrossEntropyBackward0",
            Op::Scalar(Binary::Maximum, _) => "ClampMinBackward0",
            Op::Scalar(Binary::Minimum, _) => "ClampMaxBackward0",
            Op::Binary(Binary::TanhGrad) => "TanhBackwardBackward0",
            Op::Binary(Binary::SigmoidGrad) => "SigmoidBackwardBackward0",
            Op::Cast(_) => "ToCopyBackward0",
            Op::Contiguous => "CloneBackward0",
            Op::View(View::Reshape(_)) => "ViewBackward0",
            Op::Matmul if self.input_dims(0).len() == 3 => "BmmBackward0",
            Op::Matmul => "MmBackward0",
            Op::Linear if self.input_dims(0).len() != 2 => "UnsafeViewBackward0",
            Op::Linear if self.arity() == 2 => "MmBackward0",
            Op::LinearWeight => "MmBackward0",
            Op::Linear => "AddmmBackward0",
            Op::Reduce(Reduce::Sum, over, keepdim) if *keepdim || over.len() < self.input_dims(0).len() => {
                "SumBackward1"
            }
            Op::MseLossGrad => "MseLossBackwardBackward0",
            Op::Nll(_) => "NllLossBackward0",
            Op::Conv2d(_) => "ConvolutionBackward0",
            Op::Conv2dInput(..) | Op::Conv2dWeight(_) => "ConvolutionBackwardBackward0",
            Op::MaxPool2d(_) => "MaxPool2DWithIndicesBackward0",
            Op::MaxPool2dGrad(_) => "MaxPool2DWithIndicesBackwardBackward0",
            Op::AvgPool2d(..) => "AvgPool2DBackward0",
            Op::AvgPool2dGrad(..) => "AvgPool2DBackwardBackward0",
            Op::Unfold(_) => "Im2ColBackward0",
            Op::Fold(..) => "Col2ImBackward0",
            // The others have PyTorch's names.
            Op::Unary(f) => return named(f),
            Op::Binary(f) | Op::Scalar(f, _) => return named(f),
            Op::Reduce(f, ..) => return named(f),
            Op::View(view) => return named(view),
            other => return named(other),
        };
        known.into()
    }
}

/// `Exp` is `ExpBackward0`, `LeakyRelu(0.01)` is `LeakyReluBackward0`.
fn named(operation: &dyn fmt::Debug) -> String {
    let text = format!("{operation:?}");
    let name = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    format!("{name}Backward0")
}
