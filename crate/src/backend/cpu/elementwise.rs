//! Functions of each element on its own.

use super::operand::{copy, dense, each, each2};
use super::storage::{Element, Float, Number, with_element, with_float};
use super::{Out, View, single, unsupported};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Binary, Compare, InPlace, Unary};
use crate::shape::Layout;

/// f of each.
fn map<T: Copy, U>(x: &[T], out: &mut [U], f: impl Fn(T) -> U) {
    for (o, &v) in out.iter_mut().zip(x) {
        *o = f(v);
    }
}

/// f of each pair.
fn zip<A: Copy, B: Copy, U>(a: &[A], b: &[B], out: &mut [U], f: impl Fn(A, B) -> U) {
    for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = f(a, b);
    }
}

/// The functions in any floating-point type, one at a time: for f64.
pub(super) fn unary_of<T: Float>(f: Unary, x: &[T], out: &mut [T]) {
    let n = T::from_f64;
    let zero = T::default();
    let one = T::ONE;
    match f {
        Unary::Neg => map(x, out, |v: T| -v),
        Unary::Abs => map(x, out, T::abs),
        // A NaN has no sign, as in PyTorch.
        Unary::Sign => map(x, out, |v: T| match v {
            v if v > zero => one,
            v if v < zero => -one,
            _ => zero,
        }),
        Unary::Square => map(x, out, |v: T| v * v),
        Unary::Sqrt => map(x, out, T::sqrt),
        Unary::Rsqrt => map(x, out, |v: T| one / v.sqrt()),
        Unary::Reciprocal => map(x, out, |v: T| one / v),
        Unary::Exp => map(x, out, T::exp),
        Unary::Expm1 => map(x, out, T::exp_m1),
        Unary::Log => map(x, out, T::ln),
        Unary::Log1p => map(x, out, T::ln_1p),
        Unary::Sin => map(x, out, T::sin),
        Unary::Cos => map(x, out, T::cos),
        Unary::Tanh => map(x, out, T::tanh),
        Unary::Erf => map(x, out, T::erf),
        Unary::Sigmoid => map(x, out, |v: T| one / (one + (-v).exp())),
        Unary::LogSigmoid => map(x, out, |v: T| (if v < zero { v } else { zero }) - (-v.abs()).exp().ln_1p()),
        Unary::Floor => map(x, out, T::floor),
        Unary::Round => map(x, out, T::round_ties_even),
        Unary::Relu => map(x, out, |v: T| if v < zero { zero } else { v }),
        Unary::LeakyRelu(slope) => map(x, out, |v: T| if v > zero { v } else { v * n(slope) }),
        Unary::Elu(alpha) => map(x, out, |v: T| if v > zero { v } else { n(alpha) * v.exp_m1() }),
        Unary::Softplus(threshold) => map(x, out, |v: T| if v > n(threshold) { v } else { v.exp().ln_1p() }),
    }
}

pub(super) fn unary(f: Unary, x: View<'_>, out: Out<'_>) -> Result<()> {
    if x.storage.dtype() == DType::I64 {
        let f: fn(i64) -> i64 = match f {
            Unary::Relu => |v| v.max(0),
            Unary::Neg => i64::wrapping_neg,
            Unary::Abs => i64::wrapping_abs,
            Unary::Sign => i64::signum,
            Unary::Square => |v| v.wrapping_mul(v),
            _ => return Err(unsupported("unary", DType::I64)),
        };
        return each::<i64, i64>(x, x.layout.dims(), out.of(), &mut |x, out| map(x, out, f));
    }
    with_float!(x.storage.dtype(), "unary", T => {
        each::<T, T>(x, x.layout.dims(), out.of(), &mut |x, out| T::unary(f, x, out))
    })
}

fn binary_fn<T: Float>(f: Binary) -> fn(T, T) -> T {
    // A NaN wins, whichever side it is on.
    fn larger<T: Float>(a: T, b: T) -> T {
        if a > b || a.is_nan() { a } else { b }
    }
    fn smaller<T: Float>(a: T, b: T) -> T {
        if a < b || a.is_nan() { a } else { b }
    }
    fn cross_entropy<T: Float>(p: T, y: T) -> T {
        let floor = T::from_f64(-100.0);
        let (hit, miss) = (larger(p.ln(), floor), larger((-p).ln_1p(), floor));
        -(y * hit + (T::ONE - y) * miss)
    }
    // Python's `//`: from the remainder, which is exact, where a rounded quotient could be off by one.
    fn floor_div<T: Float>(a: T, b: T) -> T {
        let zero = T::default();
        if b == zero {
            return a / b;
        }
        let rest = a % b;
        let mut quotient = (a - rest) / b;
        if rest != zero && (b < zero) != (rest < zero) {
            quotient = quotient - T::ONE;
        }
        let floor = quotient.floor();
        if quotient - floor > T::from_f64(0.5) { floor + T::ONE } else { floor }
    }
    fn trunc_div<T: Float>(a: T, b: T) -> T {
        let quotient = a / b;
        if quotient < T::default() { -(-quotient).floor() } else { quotient.floor() }
    }
    match f {
        Binary::Add => |a, b| a + b,
        Binary::Sub => |a, b| a - b,
        Binary::Mul => |a, b| a * b,
        Binary::Div => |a, b| a / b,
        Binary::FloorDiv => floor_div,
        Binary::TruncDiv => trunc_div,
        Binary::Pow => T::pow,
        Binary::ReluGrad => |g, y| if y <= T::default() { T::default() } else { g },
        Binary::TanhGrad => |g, y| g * (T::ONE - y * y),
        Binary::SigmoidGrad => |g, y| g * (T::ONE - y) * y,
        Binary::Maximum => larger,
        Binary::Minimum => smaller,
        Binary::CrossEntropy => cross_entropy,
    }
}

pub(super) fn binary_of<T: Float>(f: Binary, a: &[T], b: &[T], out: &mut [T]) {
    zip(a, b, out, binary_fn(f));
}

fn binary_i64(f: Binary) -> Result<fn(i64, i64) -> i64> {
    Ok(match f {
        Binary::Add => i64::wrapping_add,
        Binary::Sub => i64::wrapping_sub,
        Binary::Mul => i64::wrapping_mul,
        Binary::Maximum => i64::max,
        Binary::Minimum => i64::min,
        Binary::FloorDiv => |a, b| {
            let quotient = a.wrapping_div(b);
            if quotient.wrapping_mul(b) != a && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        },
        Binary::TruncDiv => i64::wrapping_div,
        Binary::Pow => power,
        Binary::ReluGrad => |g, y| if y <= 0 { 0 } else { g },
        // True division casts first.
        Binary::Div | Binary::CrossEntropy | Binary::TanhGrad | Binary::SigmoidGrad => {
            return Err(unsupported("div", DType::I64));
        }
    })
}

/// aᵇ by squaring, wrapping around; 0 for a negative b, but for a = ±1.
fn power(a: i64, b: i64) -> i64 {
    if b < 0 {
        return match a {
            1 => 1,
            -1 => 1 - 2 * (b & 1),
            _ => 0,
        };
    }
    let (mut result, mut square, mut rest) = (1i64, a, b);
    while rest > 0 {
        if rest & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    result
}

/// Whole numbers have no infinity to divide to.
fn check_divisors(f: Binary, divisors: &[i64]) -> Result<()> {
    if matches!(f, Binary::FloorDiv | Binary::TruncDiv) && divisors.contains(&0) {
        return Err(Error::Value("ZeroDivisionError".into()));
    }
    Ok(())
}

/// PyTorch's refusal of what is no probability, NaN included.
pub(super) fn check_probabilities(x: View<'_>) -> Result<()> {
    with_float!(x.storage.dtype(), "binary_cross_entropy", T => dense::<T, _>(x, |x| {
        let fits = x.iter().all(|&p| p >= T::default() && p <= T::ONE);
        let refused = || Error::Value("all elements of input should be between 0 and 1".into());
        if fits { Ok(()) } else { Err(refused()) }
    }))
}

pub(super) fn binary(f: Binary, a: View<'_>, b: View<'_>, dims: &[usize], out: Out<'_>) -> Result<()> {
    let dtype = a.storage.dtype();
    if dtype == DType::I64 {
        dense::<i64, _>(b, |b| check_divisors(f, b))?;
        let f = binary_i64(f)?;
        return each2::<i64, i64, i64>((a, b), dims, out.of(), &mut |a, b, out| zip(a, b, out, f));
    }
    with_float!(dtype, "binary", T => {
        each2::<T, T, T>((a, b), dims, out.of(), &mut |a, b, out| T::binary(f, a, b, out))
    })
}

pub(super) fn scalar_of<T: Float>(f: Binary, x: &[T], number: T, out: &mut [T]) {
    let f = binary_fn::<T>(f);
    map(x, out, |v| f(v, number));
}

pub(super) fn scalar(f: Binary, x: View<'_>, number: f64, out: Out<'_>) -> Result<()> {
    let (dtype, dims) = (x.storage.dtype(), x.layout.dims());
    if dtype == DType::I64 {
        check_divisors(f, &[number as i64])?;
        let (f, number) = (binary_i64(f)?, number as i64);
        return each::<i64, i64>(x, dims, out.of(), &mut |x, out| map(x, out, |v| f(v, number)));
    }
    with_float!(dtype, "scalar", T => {
        let number = T::from_f64(number);
        each::<T, T>(x, dims, out.of(), &mut |x, out| T::scalar(f, x, number, out))
    })
}

/// a < b
pub(super) fn less<T: PartialOrd>(a: T, b: T) -> bool {
    a < b
}

/// a > b
pub(super) fn greater<T: PartialOrd>(a: T, b: T) -> bool {
    a > b
}

pub(super) fn compare(f: Compare, a: View<'_>, b: View<'_>, dims: &[usize], out: Out<'_>) -> Result<()> {
    if a.storage.dtype() == DType::F32 {
        return each2::<f32, f32, bool>((a, b), dims, out.of(), &mut |a, b, out| {
            single::compare(f, a, b, out);
        });
    }
    with_element!(a.storage.dtype(), T => {
        let f: fn(T, T) -> bool = match f {
            Compare::Eq => |a, b| a == b,
            Compare::Ne => |a, b| a != b,
            Compare::Lt => less,
            Compare::Le => |a, b| a <= b,
            Compare::Gt => greater,
            Compare::Ge => |a, b| a >= b,
        };
        each2::<T, T, bool>((a, b), dims, out.of(), &mut |a, b, out| zip(a, b, out, f))
    })
}

/// a where the condition holds, else b: b everywhere, then a where it belongs.
pub(super) fn select(
    condition: View<'_>,
    a: View<'_>,
    b: View<'_>,
    dims: &[usize],
    out: Out<'_>,
) -> Result<()> {
    if a.storage.dtype() == DType::F32 {
        let out = out.of::<f32>();
        each::<f32, f32>(b, dims, out, &mut |b, out| out.copy_from_slice(b))?;
        return each2::<bool, f32, f32>((condition, a), dims, out, &mut single::select);
    }
    with_element!(a.storage.dtype(), T => {
        let out = out.of::<T>();
        each::<T, T>(b, dims, out, &mut |b, out| out.copy_from_slice(b))?;
        each2::<bool, T, T>((condition, a), dims, out, &mut |condition, a, out| {
            for (o, (&c, &a)) in out.iter_mut().zip(condition.iter().zip(a)) {
                *o = if c { a } else { *o };
            }
        })
    })
}

/// The values as another dtype, row-major.
pub(super) fn cast(x: View<'_>, out: Out<'_>) -> Result<()> {
    let to = out.storage.dtype();
    with_element!(x.storage.dtype(), T => {
        if to == T::DTYPE {
            copy(x, out.of::<T>());
            return Ok(());
        }
        let dims = x.layout.dims();
        match to {
            DType::F32 => each::<T, f32>(x, dims, out.of(), &mut |x, out| map(x, out, T::to_f32)),
            DType::F64 => each::<T, f64>(x, dims, out.of(), &mut |x, out| map(x, out, T::to_f64)),
            DType::I64 => each::<T, i64>(x, dims, out.of(), &mut |x, out| map(x, out, T::to_i64)),
            DType::Bool => {
                each::<T, bool>(x, dims, out.of(), &mut |x, out| map(x, out, |v| v != T::default()))
            }
        }
    })
}

/// Calls `f` with the elements of a view that is written to: themselves where they are dense, else a
/// copy that goes back to its places.
fn placed<T: Element>(into: Out<'_>, f: &mut dyn FnMut(&mut [T]) -> Result<()>) -> Result<()> {
    if into.layout.is_contiguous() {
        return f(into.of());
    }
    let layout = into.layout;
    T::with_scratch(layout.numel(), |values| {
        copy(View { storage: into.storage, layout }, values);
        f(values)?;
        write_back(values, T::of_mut(into.storage), layout);
        Ok(())
    })
}

pub(super) fn in_place(op: InPlace, into: Out<'_>, inputs: &[View<'_>]) -> Result<()> {
    let dtype = into.storage.dtype();
    let dims = into.layout.dims();
    match op {
        InPlace::Fill(value) => with_element!(dtype, T => {
            placed::<T>(into, &mut |dst| {
                dst.fill(T::from_f64(value));
                Ok(())
            })
        }),
        InPlace::Copy => with_element!(dtype, T => {
            placed::<T>(into, &mut |dst| {
                each::<T, T>(inputs[0], dims, dst, &mut |a, dst| dst.copy_from_slice(a))
            })
        }),
        InPlace::Mul(_) => with_float!(dtype, "in-place arithmetic", T => {
            placed::<T>(into, &mut |dst| {
                T::in_place(op, dst, &[], &[]);
                Ok(())
            })
        }),
        InPlace::Add { .. } | InPlace::Lerp { .. } => with_float!(dtype, "in-place arithmetic", T => {
            placed::<T>(into, &mut |dst| {
                each::<T, T>(inputs[0], dims, dst, &mut |a, dst| T::in_place(op, dst, a, &[]))
            })
        }),
        InPlace::AddCMul { .. } | InPlace::AddCDiv { .. } => with_float!(dtype, "in-place arithmetic", T => {
            placed::<T>(into, &mut |dst| {
                let operands = (inputs[0], inputs[1]);
                each2::<T, T, T>(operands, dims, dst, &mut |a, b, dst| T::in_place(op, dst, a, b))
            })
        }),
    }
}

/// The in-place operations of arithmetic in any floating-point type, one element at a time: for f64.
pub(super) fn in_place_of<T: Float>(op: InPlace, dst: &mut [T], a: &[T], b: &[T]) {
    let n = T::from_f64;
    let f: &dyn Fn(T, T, T) -> T = match op {
        InPlace::Fill(_) | InPlace::Copy => unreachable!("these are no arithmetic"),
        InPlace::Mul(value) => return dst.iter_mut().for_each(|d| *d *= n(value)),
        InPlace::Add { alpha } => &move |d, a, _| d + n(alpha) * a,
        InPlace::Lerp { weight } => &move |d, a, _| d + n(weight) * (a - d),
        InPlace::AddCMul { value } => &move |d, a, b| d + n(value) * a * b,
        InPlace::AddCDiv { value } => &move |d, a, b| d + n(value) * a / b,
    };
    let b = if b.is_empty() { a } else { b };
    for (d, (&a, &b)) in dst.iter_mut().zip(a.iter().zip(b)) {
        *d = f(*d, a, b);
    }
}

fn write_back<T: Element>(values: &[T], dst: &mut [T], layout: &Layout) {
    let (n, stride) = layout.row();
    let mut values = values.iter();
    layout.for_each_row(|at| {
        for i in 0..n as isize {
            dst[at.wrapping_add_signed(i * stride)] = *values.next().expect("as many as the view has");
        }
    });
}
