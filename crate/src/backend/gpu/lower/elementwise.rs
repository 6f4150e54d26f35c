//! Functions of each element on its own.

use super::{Lowering, View, joined, put_dims, unsupported, word_type};
use crate::backend::gpu::kernel::{File, IN_PLACE, Kernel, Key, PLAIN, groups_of};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Binary, Compare, InPlace, Unary};

/// What a function of elements is made of.
#[derive(Clone, Copy)]
struct Function {
    /// Statements before
    prepare: &'static str,
    /// The value
    body: &'static str,
    /// [`PLAIN`] or [`IN_PLACE`]
    mode: &'static str,
    /// Its numbers, as bits
    numbers: [u32; 2],
}

impl Function {
    fn new(body: &'static str) -> Function {
        Function { prepare: "", body, mode: PLAIN, numbers: [0; 2] }
    }

    fn number(self, value: f64) -> Function {
        Function { numbers: [(value as f32).to_bits(), 0], ..self }
    }
}

impl<B: Clone> Lowering<'_, B> {
    /// `out` = f(inputs), which broadcast to it.
    fn map(&mut self, f: Function, inputs: &[View<'_, B>], out: View<'_, B>) -> Result<()> {
        let dims = out.dims();
        let expanded = inputs.iter().map(|x| x.layout.expand(dims)).collect::<Result<Vec<_>>>()?;
        let sides = dims.iter().enumerate().map(|(d, &size)| {
            let mut strides = [out.layout.strides()[d], 0, 0, 0];
            expanded.iter().zip(&mut strides[1..]).for_each(|(x, s)| *s = x.strides()[d]);
            (size, strides)
        });
        let sides = joined(sides);
        let mut with = [""; 7];
        for (input, name) in inputs.iter().zip(&mut with) {
            *name = word_type(input.dtype)?;
        }
        (with[3], with[4], with[5], with[6]) = (word_type(out.dtype)?, f.prepare, f.body, f.mode);
        let reads: Vec<B> = inputs.iter().map(|x| x.buffer.clone()).collect();
        let n = out.layout.numel();
        // Where all lies row-major, four elements are one load.
        let offsets = expanded.iter().map(|x| x.offset()).chain([out.layout.offset(), n]);
        let four = !self.single
            && sides.len() == 1
            && sides[0].1[..=inputs.len()].iter().all(|&stride| stride == 1)
            && offsets.into_iter().all(|offset| offset % 4 == 0)
            && !f.prepare.contains("complain");
        let (file, threads) = if four { (File::MapFour, n / 4) } else { (File::Map, n) };
        let mut kernel =
            Kernel::new(Key::new(file, &with), &reads, std::slice::from_ref(out.buffer), groups_of(threads))
                .with(0, &[n, sides.len(), out.layout.offset()]);
        for (i, x) in expanded.iter().enumerate() {
            kernel.words[3 + i] = x.offset() as u32;
        }
        kernel.words[6..8].copy_from_slice(&f.numbers);
        put_dims(&mut kernel, 8, &sides);
        kernel.complains = f.prepare.contains("complain");
        self.kernels.push(kernel);
        Ok(())
    }

    pub(super) fn unary(&mut self, f: Unary, x: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let number = match f {
            Unary::LeakyRelu(v) | Unary::Elu(v) | Unary::Softplus(v) => v,
            _ => 0.0,
        };
        let body = match x.dtype {
            DType::F32 => unary_f32(f),
            DType::I64 => match f {
                Unary::Relu => "max(a, 0)",
                Unary::Neg => "-a",
                Unary::Abs => "abs(a)",
                Unary::Sign => "sign(a)",
                Unary::Square => "a * a",
                _ => return Err(unsupported("unary", x.dtype)),
            },
            _ => return Err(unsupported("unary", x.dtype)),
        };
        self.map(Function::new(body).number(number), &[x], out)
    }

    pub(super) fn binary(
        &mut self,
        f: Binary,
        a: View<'_, B>,
        b: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let prepare = match f {
            Binary::CrossEntropy => "if (is_nan(a) || a < 0.0 || a > 1.0) { complain(3u, 0, 0u, 0u); }",
            Binary::FloorDiv | Binary::TruncDiv if a.dtype == DType::I64 => {
                "if (b == 0) { complain(4u, 0, 0u, 0u); }"
            }
            _ => "",
        };
        let body = match a.dtype {
            DType::F32 => binary_f32(f),
            DType::I64 => binary_i64(f)?,
            _ => return Err(unsupported("binary", a.dtype)),
        };
        self.map(Function { prepare, ..Function::new(body) }, &[a, b], out)
    }

    pub(super) fn scalar(&mut self, f: Binary, x: View<'_, B>, number: f64, out: View<'_, B>) -> Result<()> {
        match x.dtype {
            DType::F32 => {
                let f = Function { prepare: "let b = number(6u);", ..Function::new(binary_f32(f)) };
                self.map(f.number(number), &[x], out)
            }
            DType::I64 => {
                if number == 0.0 && matches!(f, Binary::FloorDiv | Binary::TruncDiv) {
                    return Err(Error::Value("ZeroDivisionError".into()));
                }
                let numbers = [whole(number)? as u32, 0];
                let prepare = "let b = bitcast<i32>(word(6u));";
                self.map(Function { prepare, numbers, ..Function::new(binary_i64(f)?) }, &[x], out)
            }
            other => Err(unsupported("scalar", other)),
        }
    }

    pub(super) fn compare(
        &mut self,
        f: Compare,
        a: View<'_, B>,
        b: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        let body = match f {
            Compare::Eq => "u32(a == b)",
            // NaN differs from everything, which not every compiler lets `!=` say.
            Compare::Ne if a.dtype == DType::F32 => "u32(a != b || is_nan(a) || is_nan(b))",
            Compare::Ne => "u32(a != b)",
            Compare::Lt => "u32(a < b)",
            Compare::Le => "u32(a <= b)",
            Compare::Gt => "u32(a > b)",
            Compare::Ge => "u32(a >= b)",
        };
        self.map(Function::new(body), &[a, b], out)
    }

    /// (condition, a, b): a where the condition holds, else b.
    pub(super) fn select(&mut self, inputs: &[View<'_, B>], out: View<'_, B>) -> Result<()> {
        self.map(Function::new("select(c, b, a != 0u)"), inputs, out)
    }

    pub(super) fn cast(&mut self, x: View<'_, B>, out: View<'_, B>) -> Result<()> {
        let body = match (x.dtype, out.dtype) {
            (from, to) if from == to => "a",
            (DType::F32, DType::Bool) => "u32(a != 0.0 || is_nan(a))",
            (_, DType::Bool) => "u32(a != 0)",
            (_, DType::I64) => "i32(a)",
            _ => "f32(a)",
        };
        self.map(Function::new(body), &[x], out)
    }

    /// Tensors one after the other along a dimension.
    pub(super) fn cat(&mut self, inputs: &[View<'_, B>], dim: usize, out: View<'_, B>) -> Result<()> {
        let mut start = 0;
        for &x in inputs {
            let end = start + x.dims()[dim];
            if x.layout.numel() > 0 {
                let part = out.layout.slice(dim, start, end, 1)?;
                self.cast(x, View { layout: &part, ..out })?;
            }
            start = end;
        }
        Ok(())
    }

    pub(super) fn write(&mut self, op: InPlace, out: View<'_, B>, inputs: &[View<'_, B>]) -> Result<()> {
        let plain = |body| Function::new(body);
        let arithmetic = |body, value: f64| Function { mode: IN_PLACE, ..Function::new(body).number(value) };
        let f = match op {
            InPlace::Fill(value) => {
                let numbers = match out.dtype {
                    DType::F32 => [(value as f32).to_bits(), 0],
                    DType::I64 => [whole(value)? as u32, 0],
                    _ => [u32::from(value != 0.0), 0],
                };
                let body = match out.dtype {
                    DType::F32 => "number(6u)",
                    DType::I64 => "bitcast<i32>(word(6u))",
                    _ => "word(6u)",
                };
                Function { numbers, ..plain(body) }
            }
            InPlace::Copy => plain("a"),
            _ if out.dtype != DType::F32 => return Err(unsupported("in-place arithmetic", out.dtype)),
            InPlace::Mul(value) => arithmetic("d * number(6u)", value),
            InPlace::Add { alpha } => arithmetic("d + number(6u) * a", alpha),
            InPlace::Lerp { weight } => arithmetic("d + number(6u) * (a - d)", weight),
            InPlace::AddCMul { value } => arithmetic("d + number(6u) * a * b", value),
            InPlace::AddCDiv { value } => arithmetic("d + number(6u) * a / b", value),
        };
        self.map(f, inputs, out)
    }

    /// 2 / n · (p − y) · g of (g, p, y).
    pub(super) fn mse_grad(&mut self, inputs: &[View<'_, B>], out: View<'_, B>) -> Result<()> {
        let scale = 2.0 / inputs[1].layout.numel() as f64;
        self.map(Function::new("number(6u) * (b - c) * a").number(scale), inputs, out)
    }

    /// (p − y)².
    pub(super) fn squared_difference(
        &mut self,
        p: View<'_, B>,
        y: View<'_, B>,
        out: View<'_, B>,
    ) -> Result<()> {
        self.map(Function::new("(a - b) * (a - b)"), &[p, y], out)
    }
}

/// A number as 32 bits.
pub(in crate::backend::gpu) fn whole(value: f64) -> Result<i32> {
    let whole = value as i64;
    i32::try_from(whole)
        .map_err(|_| Error::Value(format!("{whole} is beyond the integers of WebGPU, which have 32 bits")))
}

fn unary_f32(f: Unary) -> &'static str {
    match f {
        Unary::Neg => "-a",
        Unary::Abs => "abs(a)",
        Unary::Sign => "sign_(a)",
        Unary::Square => "a * a",
        Unary::Sqrt => "sqrt(a)",
        Unary::Rsqrt => "1.0 / sqrt(a)",
        Unary::Reciprocal => "1.0 / a",
        Unary::Exp => "exp_(a)",
        Unary::Expm1 => "expm1_(a)",
        Unary::Log => "log_(a)",
        Unary::Log1p => "log1p_(a)",
        Unary::Sin => "sine(a, 0)",
        Unary::Cos => "sine(a, 1)",
        Unary::Tanh => "tanh_(a)",
        Unary::Erf => "erf_(a)",
        Unary::Sigmoid => "sigmoid_(a)",
        Unary::LogSigmoid => "log_sigmoid_(a)",
        Unary::Floor => "floor(a)",
        Unary::Round => "round(a)",
        Unary::Relu => "select(a, 0.0, a < 0.0)",
        Unary::LeakyRelu(_) => "select(a * number(6u), a, a > 0.0)",
        Unary::Elu(_) => "select(number(6u) * expm1_(a), a, a > 0.0)",
        Unary::Softplus(_) => "softplus_(a, number(6u))",
    }
}

fn binary_f32(f: Binary) -> &'static str {
    match f {
        Binary::Add => "a + b",
        Binary::Sub => "a - b",
        Binary::Mul => "a * b",
        Binary::Div => "a / b",
        Binary::FloorDiv => "floor_div(a, b)",
        Binary::TruncDiv => "trunc(a / b)",
        Binary::Pow => "pow_(a, b)",
        Binary::Maximum => "larger(a, b)",
        Binary::Minimum => "smaller(a, b)",
        Binary::ReluGrad => "select(a, 0.0, b <= 0.0)",
        Binary::TanhGrad => "a * (1.0 - b * b)",
        Binary::SigmoidGrad => "a * (1.0 - b) * b",
        Binary::CrossEntropy => "cross_entropy(a, b)",
    }
}

fn binary_i64(f: Binary) -> Result<&'static str> {
    Ok(match f {
        Binary::Add => "a + b",
        Binary::Sub => "a - b",
        Binary::Mul => "a * b",
        Binary::FloorDiv => "floor_div_whole(a, b)",
        Binary::TruncDiv => "a / b",
        Binary::Pow => "pow_whole(a, b)",
        Binary::Maximum => "max(a, b)",
        Binary::Minimum => "min(a, b)",
        Binary::ReluGrad => "select(a, 0, b <= 0)",
        Binary::Div | Binary::TanhGrad | Binary::SigmoidGrad | Binary::CrossEntropy => {
            return Err(unsupported("div", DType::I64));
        }
    })
}
