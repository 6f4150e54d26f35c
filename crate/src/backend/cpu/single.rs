//! The elementwise functions in f32, four elements at a time.

use super::elementary::{self, blocks, map};
use super::elementwise::binary_of;
use super::f32x4::{F32x4, Real};
use crate::op::{Binary, Compare, InPlace, Unary};

/// f of each, one at a time: for what is rare, or has no vector form.
fn one_by_one(x: &[f32], out: &mut [f32], f: fn(f32) -> f32) {
    for (o, &v) in out.iter_mut().zip(x) {
        *o = f(v);
    }
}

/// f of every four pairs; the last few are filled up to four with ones.
#[inline(always)]
fn zip(a: &[f32], b: &[f32], out: &mut [f32], f: impl Fn(F32x4, F32x4) -> F32x4) {
    let ((mut a, a_rest), (mut b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let (mut out, out_rest) = out.as_chunks_mut::<4>();
    let (a_last, b_last, mut result) = ([filled(a_rest)], [filled(b_rest)], [[0.0; 4]]);
    let mut more = !a_rest.is_empty();
    // A loop around the loop, as in `map`.
    loop {
        for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
            *o = f(F32x4::from_array(*a), F32x4::from_array(*b)).array();
        }
        if !more {
            break;
        }
        (a, b, out, more) = (&a_last, &b_last, &mut result, false);
    }
    out_rest.copy_from_slice(&result[0][..out_rest.len()]);
}

/// dst ← f(dst, a, b) for every four.
#[inline(always)]
fn update(dst: &mut [f32], a: &[f32], b: &[f32], f: impl Fn(F32x4, F32x4, F32x4) -> F32x4) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let (dst, dst_rest) = dst.as_chunks_mut::<4>();
    for (d, (a, b)) in dst.iter_mut().zip(a.iter().zip(b)) {
        *d = f(F32x4::from_array(*d), F32x4::from_array(*a), F32x4::from_array(*b)).array();
    }
    if !a_rest.is_empty() {
        let last = f(last(dst_rest), last(a_rest), last(b_rest)).array();
        dst_rest.copy_from_slice(&last[..dst_rest.len()]);
    }
}

/// Up to three values, and ones.
#[inline(always)]
pub(super) fn filled(values: &[f32]) -> [f32; 4] {
    let mut all = [1.0; 4];
    all[..values.len()].copy_from_slice(values);
    all
}

/// The same as a vector.
#[inline(always)]
fn last(values: &[f32]) -> F32x4 {
    F32x4::from_array(filled(values))
}

pub(super) fn unary(f: Unary, x: &[f32], out: &mut [f32]) {
    let n = |value: f64| value as f32;
    let (zero, one) = (F32x4::of(0.0), F32x4::of(1.0));
    match f {
        Unary::Neg => map(x, out, |v| -v),
        Unary::Abs => map(x, out, |v| v.abs()),
        // A NaN has no sign, as in PyTorch.
        Unary::Sign => map(x, out, |v| zero.if_less(v, one, v.if_less(zero, -one, zero))),
        Unary::Square => map(x, out, |v| v * v),
        Unary::Sqrt => map(x, out, |v| v.sqrt()),
        Unary::Rsqrt => map(x, out, |v| one / v.sqrt()),
        Unary::Reciprocal => map(x, out, |v| one / v),
        Unary::Exp => blocks::exp(x, out),
        Unary::Expm1 => blocks::expm1(x, out),
        Unary::Log => blocks::log(x, out),
        Unary::Log1p => blocks::log1p(x, out),
        Unary::Sin => one_by_one(x, out, libm::sinf),
        Unary::Cos => one_by_one(x, out, libm::cosf),
        Unary::Tanh => blocks::tanh(x, out),
        Unary::Erf => blocks::erf(x, out),
        Unary::Sigmoid => blocks::sigmoid(x, out),
        Unary::LogSigmoid => blocks::log_sigmoid(x, out),
        Unary::Floor => one_by_one(x, out, f32::floor),
        Unary::Round => one_by_one(x, out, f32::round_ties_even),
        Unary::Relu => map(x, out, |v| v.if_less(zero, zero, v)),
        Unary::LeakyRelu(slope) => {
            let slope = F32x4::of(n(slope));
            map(x, out, |v| zero.if_less(v, v, v * slope));
        }
        Unary::Elu(alpha) => blocks::elu(x, out, n(alpha)),
        Unary::Softplus(threshold) => blocks::softplus(x, out, n(threshold)),
    }
}

pub(super) fn binary(f: Binary, a: &[f32], b: &[f32], out: &mut [f32]) {
    match f {
        Binary::Add => zip(a, b, out, |a, b| a + b),
        Binary::Sub => zip(a, b, out, |a, b| a - b),
        Binary::Mul => zip(a, b, out, |a, b| a * b),
        Binary::Div => zip(a, b, out, |a, b| a / b),
        Binary::ReluGrad => zip(a, b, out, |g, y| {
            let zero = F32x4::of(0.0);
            y.if_less(zero, zero, y.if_equal(zero, zero, g))
        }),
        Binary::TanhGrad => zip(a, b, out, |g, y| g * (F32x4::of(1.0) - y * y)),
        Binary::SigmoidGrad => zip(a, b, out, |g, y| g * (F32x4::of(1.0) - y) * y),
        Binary::Maximum => zip(a, b, out, |a, b| a.larger(b)),
        Binary::Minimum => zip(a, b, out, |a, b| a.smaller(b)),
        Binary::Pow | Binary::FloorDiv | Binary::TruncDiv => binary_of(f, a, b, out),
        Binary::CrossEntropy => zip(a, b, out, |p, y| {
            let floor = F32x4::of(-100.0);
            let (hit, miss) = (elementary::log(p).larger(floor), elementary::log1p(-p).larger(floor));
            -(y * hit + (F32x4::of(1.0) - y) * miss)
        }),
    }
}

pub(super) fn scalar(f: Binary, x: &[f32], number: f32, out: &mut [f32]) {
    let n = F32x4::of(number);
    match f {
        Binary::Add => map(x, out, |v| v + n),
        Binary::Sub => map(x, out, |v| v - n),
        Binary::Mul => map(x, out, |v| v * n),
        Binary::Div => map(x, out, |v| v / n),
        // As PyTorch: products instead of logarithms.
        Binary::Pow if number == 2.0 => map(x, out, |v| v * v),
        Binary::Pow if number == 3.0 => map(x, out, |v| v * v * v),
        other => {
            let numbers = [number; 64];
            for (x, out) in x.chunks(numbers.len()).zip(out.chunks_mut(numbers.len())) {
                binary(other, x, &numbers[..x.len()], out);
            }
        }
    }
}

/// The in-place operations of arithmetic. An operand that an operation does not have is empty.
pub(super) fn in_place(op: InPlace, dst: &mut [f32], a: &[f32], b: &[f32]) {
    let n = |value: f64| F32x4::of(value as f32);
    match op {
        InPlace::Fill(_) | InPlace::Copy => unreachable!("these are no arithmetic"),
        InPlace::Mul(value) => dst.iter_mut().for_each(|d| *d *= value as f32),
        InPlace::Add { alpha: 1.0 } => update(dst, a, a, |d, a, _| d + a),
        InPlace::Add { alpha } => update(dst, a, a, |d, a, _| d + n(alpha) * a),
        InPlace::Lerp { weight } => update(dst, a, a, |d, a, _| d + n(weight) * (a - d)),
        InPlace::AddCMul { value } => update(dst, a, b, |d, a, b| d + n(value) * a * b),
        InPlace::AddCDiv { value } => update(dst, a, b, |d, a, b| d + n(value) * a / b),
    }
}

/// Calls `f` with every four pairs for the bits of their results.
#[inline(always)]
fn test(a: &[f32], b: &[f32], out: &mut [bool], f: impl Fn(F32x4, F32x4) -> u32) {
    // Bit i to the lowest of byte i: bit i + 7 j of the product is bit i of the sum.
    let four = |bits: u32| -> [bool; 4] {
        let bytes = ((bits * 0x0020_4081) & 0x0101_0101).to_le_bytes();
        // SAFETY: every byte is 0 or 1.
        unsafe { std::mem::transmute(bytes) }
    };
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let (out, out_rest) = out.as_chunks_mut::<4>();
    for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = four(f(F32x4::from_array(*a), F32x4::from_array(*b)));
    }
    if !a_rest.is_empty() {
        let last = four(f(last(a_rest), last(b_rest)));
        out_rest.copy_from_slice(&last[..out_rest.len()]);
    }
}

pub(super) fn compare(f: Compare, a: &[f32], b: &[f32], out: &mut [bool]) {
    match f {
        Compare::Eq => test(a, b, out, F32x4::equal),
        Compare::Ne => test(a, b, out, |a, b| !a.equal(b) & 15),
        Compare::Lt => test(a, b, out, F32x4::less),
        Compare::Le => test(a, b, out, |a, b| a.less(b) | a.equal(b)),
        Compare::Gt => compare(Compare::Lt, b, a, out),
        Compare::Ge => compare(Compare::Le, b, a, out),
    }
}

/// a where the condition holds, else what is there.
pub(super) fn select(condition: &[bool], a: &[f32], out: &mut [f32]) {
    let ((c, c_rest), (a, a_rest)) = (condition.as_chunks::<4>(), a.as_chunks::<4>());
    let (out, out_rest) = out.as_chunks_mut::<4>();
    for (o, (c, a)) in out.iter_mut().zip(c.iter().zip(a)) {
        let bits = (u32::from_le_bytes(c.map(u8::from)).wrapping_mul(0x0102_0408) >> 24) as usize;
        *o = F32x4::choose(bits, F32x4::from_array(*a), F32x4::from_array(*o)).array();
    }
    for (o, (&c, &a)) in out_rest.iter_mut().zip(c_rest.iter().zip(a_rest)) {
        *o = if c { a } else { *o };
    }
}
