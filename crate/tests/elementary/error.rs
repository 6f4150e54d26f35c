//! Errors of the elementary functions in units of the last place.

use gradus::error::Result;
use gradus::tensor::Tensor;

/// A function in f32, what it should be (in f64, whose own error does not show), and its bound.
pub struct Function {
    pub name: &'static str,
    pub f: fn(&Tensor) -> Result<Tensor>,
    pub truth: fn(f64) -> f64,
    pub bound: f64,
}

pub const FUNCTIONS: [Function; 7] = [
    Function { name: "exp", f: Tensor::exp, truth: libm::exp, bound: 1.0 },
    Function { name: "expm1", f: Tensor::expm1, truth: libm::expm1, bound: 2.0 },
    Function { name: "log", f: Tensor::log, truth: libm::log, bound: 1.0 },
    Function { name: "log1p", f: Tensor::log1p, truth: libm::log1p, bound: 2.0 },
    Function { name: "tanh", f: Tensor::tanh, truth: libm::tanh, bound: 2.0 },
    Function { name: "sigmoid", f: Tensor::sigmoid, truth: |x| 1.0 / (1.0 + libm::exp(-x)), bound: 2.5 },
    Function { name: "erf", f: Tensor::erf, truth: libm::erf, bound: 2.0 },
];

/// The distance of neighbours in f32 around a number; past the largest f32 as before it.
fn last_place(truth: f64) -> f64 {
    let exponent = libm::ilogb(truth.abs().max(f64::from(f32::MIN_POSITIVE))).min(127);
    libm::scalbn(1.0, exponent - 23)
}

/// How many places the result is off. A NaN, an infinity or the sign of a zero is right or wrong.
fn error(result: f32, truth: f64) -> f64 {
    if truth.is_nan() || result.is_nan() {
        return if truth.is_nan() && result.is_nan() { 0.0 } else { f64::INFINITY };
    }
    // What rounds to infinity should be that, or the number before it.
    let largest = f64::from(f32::MAX) + last_place(f64::from(f32::MAX));
    let wide = |v: f64| v.clamp(-largest, largest);
    if (truth == 0.0 || result == 0.0) && truth.is_sign_negative() != result.is_sign_negative() {
        return f64::INFINITY;
    }
    (wide(f64::from(result)) - wide(truth)).abs() / last_place(truth)
}

/// The largest error over these arguments, and where it is.
pub fn largest(function: &Function, arguments: impl Iterator<Item = f32>) -> (f64, f32) {
    let mut arguments = arguments.peekable();
    let mut worst = (0.0, 0.0);
    while arguments.peek().is_some() {
        let x: Vec<f32> = arguments.by_ref().take(1 << 16).collect();
        let n = x.len();
        let y = (function.f)(&Tensor::from_vec(x.clone(), &[n]).unwrap()).unwrap().to_vec::<f32>().unwrap();
        for (x, y) in x.into_iter().zip(y) {
            let e = error(y, (function.truth)(f64::from(x)));
            if e > worst.0 {
                worst = (e, x);
            }
        }
    }
    worst
}
