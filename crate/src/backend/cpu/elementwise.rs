//! Functions of each element on its own.

use super::storage::{CpuStorage, Element, Float, with_element, with_float};
use super::{View, unsupported};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::op::{Binary, Compare, InPlace, Unary};
use crate::shape::Layout;
use std::borrow::Cow;

/// The elements in row-major order, copied only where they do not lie so. Every kernel below is one
/// loop over dense slices: strides would multiply each by the ways in which its operands can lie.
pub(super) fn dense<'a, T: Element>(x: View<'a>) -> Cow<'a, [T]> {
    let values = T::of(x.storage);
    let numel = x.layout.numel();
    if x.layout.is_contiguous() {
        return Cow::Borrowed(&values[x.layout.offset()..][..numel]);
    }
    let (n, stride) = x.layout.row();
    let mut out = Vec::with_capacity(numel);
    x.layout.for_each_row(|at| match stride {
        1 => out.extend_from_slice(&values[at..at + n]),
        0 => out.resize(out.len() + n, values[at]),
        _ => out.extend((0..n as isize).map(|i| values[at.wrapping_add_signed(i * stride)])),
    });
    Cow::Owned(out)
}

/// As [`dense`], broadcast to `dims` first.
fn broadcast<'a, T: Element>(x: View<'a>, dims: &[usize]) -> Result<Cow<'a, [T]>> {
    if x.layout.dims() == dims {
        return Ok(dense(x));
    }
    let layout = x.layout.expand(dims)?;
    Ok(Cow::Owned(dense(View { layout: &layout, ..x }).into_owned()))
}

/// f of each. The result is made once and then written, rather than collected: a `collect` would
/// bring a copy of Vec's code along for every closure.
fn map<T: Copy, U: Element>(x: &[T], f: impl Fn(T) -> U) -> Vec<U> {
    let mut out = vec![U::default(); x.len()];
    for (o, &v) in out.iter_mut().zip(x) {
        *o = f(v);
    }
    out
}

/// f of each pair.
fn zip<A: Copy, B: Copy, U: Element>(a: &[A], b: &[B], f: impl Fn(A, B) -> U) -> Vec<U> {
    let mut out = vec![U::default(); a.len()];
    for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = f(a, b);
    }
    out
}

fn unary_of<T: Float>(f: Unary, x: &[T]) -> CpuStorage {
    let n = T::from_f64;
    let zero = T::default();
    let one = T::ONE;
    T::store(match f {
        Unary::Neg => map(x, |v: T| -v),
        Unary::Abs => map(x, T::abs),
        // A NaN has no sign, as in PyTorch.
        Unary::Sign => map(x, |v: T| match v {
            v if v > zero => one,
            v if v < zero => -one,
            _ => zero,
        }),
        Unary::Square => map(x, |v: T| v * v),
        Unary::Sqrt => map(x, T::sqrt),
        Unary::Rsqrt => map(x, |v: T| one / v.sqrt()),
        Unary::Reciprocal => map(x, |v: T| one / v),
        Unary::Exp => map(x, T::exp),
        Unary::Expm1 => map(x, T::exp_m1),
        Unary::Log => map(x, T::ln),
        Unary::Log1p => map(x, T::ln_1p),
        Unary::Sin => map(x, T::sin),
        Unary::Cos => map(x, T::cos),
        Unary::Tanh => map(x, T::tanh),
        Unary::Erf => map(x, T::erf),
        Unary::Sigmoid => map(x, |v: T| one / (one + (-v).exp())),
        Unary::LogSigmoid => map(x, |v: T| (if v < zero { v } else { zero }) - (-v.abs()).exp().ln_1p()),
        Unary::Floor => map(x, T::floor),
        Unary::Round => map(x, T::round_ties_even),
        Unary::Relu => map(x, |v: T| if v < zero { zero } else { v }),
        Unary::LeakyRelu(slope) => map(x, |v: T| if v > zero { v } else { v * n(slope) }),
        Unary::Elu(alpha) => map(x, |v: T| if v > zero { v } else { n(alpha) * v.exp_m1() }),
        Unary::Softplus(threshold) => map(x, |v: T| if v > n(threshold) { v } else { v.exp().ln_1p() }),
    })
}

pub(super) fn unary(f: Unary, x: View<'_>) -> Result<CpuStorage> {
    if x.storage.dtype() == DType::I64 {
        let f: fn(i64) -> i64 = match f {
            Unary::Relu => |v| v.max(0),
            Unary::Neg => i64::wrapping_neg,
            Unary::Abs => i64::wrapping_abs,
            Unary::Sign => i64::signum,
            Unary::Square => |v| v.wrapping_mul(v),
            _ => return Err(unsupported("unary", DType::I64)),
        };
        return Ok(CpuStorage::I64(map(&dense(x), f)));
    }
    with_float!(x.storage.dtype(), "unary", T => Ok(unary_of::<T>(f, &dense(x))))
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
        Binary::Maximum => larger,
        Binary::Minimum => smaller,
        Binary::CrossEntropy => cross_entropy,
    }
}

fn binary_of<T: Float>(f: Binary, a: &[T], b: &[T]) -> CpuStorage {
    // The four of arithmetic as closures of their own, so that each loop vectorises.
    T::store(match f {
        Binary::Add => zip(a, b, |a, b| a + b),
        Binary::Sub => zip(a, b, |a, b| a - b),
        Binary::Mul => zip(a, b, |a, b| a * b),
        Binary::Div => zip(a, b, |a, b| a / b),
        other => zip(a, b, binary_fn(other)),
    })
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
        // True division casts first.
        Binary::Div | Binary::CrossEntropy => return Err(unsupported("div", DType::I64)),
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

pub(super) fn binary(f: Binary, a: View<'_>, b: View<'_>, dims: &[usize]) -> Result<CpuStorage> {
    let dtype = a.storage.dtype();
    if dtype == DType::I64 {
        let (a, b) = (broadcast(a, dims)?, broadcast(b, dims)?);
        check_divisors(f, &b)?;
        return Ok(CpuStorage::I64(zip(&a, &b, binary_i64(f)?)));
    }
    with_float!(dtype, "binary", T => Ok(binary_of::<T>(f, &broadcast(a, dims)?, &broadcast(b, dims)?)))
}

pub(super) fn scalar(f: Binary, x: View<'_>, number: f64) -> Result<CpuStorage> {
    let dtype = x.storage.dtype();
    if dtype == DType::I64 {
        check_divisors(f, &[number as i64])?;
        let (f, number) = (binary_i64(f)?, number as i64);
        return Ok(CpuStorage::I64(map(&dense(x), |v| f(v, number))));
    }
    with_float!(dtype, "scalar", T => {
        let (x, number) = (dense::<T>(x), T::from_f64(number));
        Ok(T::store(match f {
            Binary::Add => map(&x, |v| v + number),
            Binary::Sub => map(&x, |v| v - number),
            Binary::Mul => map(&x, |v| v * number),
            Binary::Div => map(&x, |v| v / number),
            other => {
                let f = binary_fn::<T>(other);
                map(&x, |v| f(v, number))
            }
        }))
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

pub(super) fn compare(f: Compare, a: View<'_>, b: View<'_>, dims: &[usize]) -> Result<CpuStorage> {
    with_element!(a.storage.dtype(), T => {
        let f: fn(T, T) -> bool = match f {
            Compare::Eq => |a, b| a == b,
            Compare::Ne => |a, b| a != b,
            Compare::Lt => less,
            Compare::Le => |a, b| a <= b,
            Compare::Gt => greater,
            Compare::Ge => |a, b| a >= b,
        };
        Ok(CpuStorage::Bool(zip(&broadcast::<T>(a, dims)?, &broadcast::<T>(b, dims)?, f)))
    })
}

pub(super) fn select(condition: View<'_>, a: View<'_>, b: View<'_>, dims: &[usize]) -> Result<CpuStorage> {
    let condition = broadcast::<bool>(condition, dims)?;
    with_element!(a.storage.dtype(), T => {
        let (a, b) = (broadcast::<T>(a, dims)?, broadcast::<T>(b, dims)?);
        let either = condition.iter().zip(a.iter().zip(b.iter()));
        Ok(T::store(either.map(|(&c, (&a, &b))| if c { a } else { b }).collect()))
    })
}

/// The values as another dtype, row-major; also the copy of a strided view in its own dtype.
pub(super) fn cast(x: View<'_>, to: DType) -> CpuStorage {
    with_element!(x.storage.dtype(), T => {
        let values = dense::<T>(x);
        match to {
            DType::F32 => CpuStorage::F32(map(&values, T::to_f32)),
            DType::F64 => CpuStorage::F64(map(&values, T::to_f64)),
            DType::I64 => CpuStorage::I64(map(&values, T::to_i64)),
            DType::Bool => CpuStorage::Bool(map(&values, |v| v != T::default())),
        }
    })
}

pub(super) fn in_place(
    op: InPlace,
    storage: &mut CpuStorage,
    layout: &Layout,
    inputs: &[View<'_>],
) -> Result<()> {
    if !layout.is_contiguous() {
        // Dense, and then back to its places.
        let mut values = cast(View { storage, layout }, storage.dtype());
        in_place(op, &mut values, &Layout::contiguous(layout.dims()), inputs)?;
        with_element!(storage.dtype(), T => write_back(T::of(&values), T::of_mut(storage), layout));
        return Ok(());
    }
    let dims = layout.dims();
    let dtype = storage.dtype();
    let place = layout.offset()..layout.offset() + layout.numel();
    match op {
        InPlace::Fill(value) => {
            with_element!(dtype, T => T::of_mut(storage)[place].fill(T::from_f64(value)));
            return Ok(());
        }
        InPlace::Copy => {
            with_element!(dtype, T => {
                T::of_mut(storage)[place].copy_from_slice(&broadcast::<T>(inputs[0], dims)?);
            });
            return Ok(());
        }
        _ => {}
    }
    with_float!(dtype, "in-place arithmetic", T => {
        let n = T::from_f64;
        let dst = &mut T::of_mut(storage)[place];
        let operand = |i: usize| -> Result<Cow<'_, [T]>> {
            inputs.get(i).map_or(Ok(Cow::Borrowed(&[][..])), |&view| broadcast(view, dims))
        };
        let (a, b) = (operand(0)?, operand(1)?);
        match op {
            InPlace::Fill(_) | InPlace::Copy => unreachable!("done above"),
            InPlace::Mul(value) => dst.iter_mut().for_each(|d| *d *= n(value)),
            InPlace::Add { alpha: 1.0 } => update(dst, &a, |d, a| d + a),
            InPlace::Add { alpha } => update(dst, &a, |d, a| d + n(alpha) * a),
            InPlace::Lerp { weight } => update(dst, &a, |d, a| d + n(weight) * (a - d)),
            InPlace::AddCMul { value } => update2(dst, &a, &b, |d, a, b| d + n(value) * a * b),
            InPlace::AddCDiv { value } => update2(dst, &a, &b, |d, a, b| d + n(value) * a / b),
        }
        Ok(())
    })
}

fn update<T: Copy>(dst: &mut [T], a: &[T], f: impl Fn(T, T) -> T) {
    for (d, &a) in dst.iter_mut().zip(a) {
        *d = f(*d, a);
    }
}

fn update2<T: Copy>(dst: &mut [T], a: &[T], b: &[T], f: impl Fn(T, T, T) -> T) {
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
