//! exp, log and their kin in f32, four at once. The bounds are those of the largest error over all f32,
//! in units of the last place of the result (`examples/ulp.rs` measures them).
//!
//! The polynomials are minimax (Remez), of what is left when the leading terms of the series are taken
//! away; arguments are reduced with ln 2 in two parts, the first of which has so few bits that its
//! products with exponents are exact (Cody and Waite, 1980).

use super::f32x4::{F32x4, Real};

/// ln 2 = HIGH + LOW
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -2.121_944_4e-4;
const SQRT_2: f32 = std::f32::consts::SQRT_2;

/// (n, r, rest) with x = n ln 2 + r + rest, n whole and |r| ≤ ln 2 / 2.
#[inline(always)]
fn without_twos<V: Real>(x: V) -> (V, V, V) {
    let n = (x * V::of(std::f32::consts::LOG2_E)).round();
    let high = x - n * V::of(LN_2_HIGH);
    let low = n * V::of(LN_2_LOW);
    let r = high - low;
    (n, r, (high - r) - low)
}

/// eʳ − 1 − r for |r| ≤ ln 2 / 2
#[inline(always)]
fn beyond_linear<V: Real>(r: V) -> V {
    r * r * r.polynomial([0.5, 0.166_665_76, 4.166_637_4e-2, 8.363_205e-3, 1.394_116_6e-3])
}

/// eˣ within 1 ulp
#[inline(always)]
pub(super) fn exp<V: Real>(x: V) -> V {
    // Beyond these the result is ∞ or 0; between them the exponent fits two factors.
    let x = x.at_most(V::of(89.0)).at_least(V::of(-104.0));
    let (n, r, rest) = without_twos(x);
    let y = ((beyond_linear(r) + rest) + r) + V::of(1.0);
    let half = (n * V::of(0.5)).round();
    y * half.exp2_whole() * (n - half).exp2_whole()
}

/// eˣ − 1 within 2 ulp
#[inline(always)]
pub(super) fn expm1<V: Real>(x: V) -> V {
    let (n, r, rest) = without_twos(x.at_most(V::of(89.0)).at_least(V::of(-20.0)));
    let y = (beyond_linear(r) + rest) + r;
    // 2ⁿ (y + 1) − 1, halved since 2¹²⁸ would overflow
    let power = (n - V::of(1.0)).exp2_whole();
    let y = (power * y + (power - V::of(0.5))) * V::of(2.0);
    x.abs().if_less(V::of(TINY), x, y)
}

/// Below this f(x) = x for the functions that start like that, and −0 has to stay.
const TINY: f32 = 2.0e-8;

/// (e, f) with x = 2ᵉ (1 + f) and 1 + f from √½ to √2, for normal x
#[inline(always)]
fn near_one<V: Real>(x: V) -> (V, V) {
    let (e, m) = x.split();
    let large = |yes: V, no: V| V::of(SQRT_2).if_less(m, yes, no);
    let f = large(m * V::of(0.5), m) - V::of(1.0);
    (e + large(V::of(1.0), V::of(0.0)), f)
}

/// e ln 2 + ln(1 + f)
#[inline(always)]
fn log_of_parts<V: Real>(e: V, f: V) -> V {
    let square = f * f;
    let tail = f.polynomial([
        0.333_333_13,
        -0.250_000_1,
        0.200_021_2,
        -0.166_679_96,
        0.142_195_52,
        -0.124_055_885,
        0.118_881_606,
        -0.116_756_54,
        6.746_647e-2,
    ]);
    let y = (f * square * tail + e * V::of(LN_2_LOW)) - V::of(0.5) * square;
    (f + y) + e * V::of(LN_2_HIGH)
}

/// `y` at the arguments of a logarithm, and what it is outside: `x` itself for NaN and +∞.
#[inline(always)]
fn log_domain<V: Real>(x: V, zero: V, y: V) -> V {
    let y = x.if_less(V::of(f32::INFINITY), y, x);
    let y = x.if_equal(zero, V::of(f32::NEG_INFINITY), y);
    x.if_less(zero, V::of(f32::NAN), y)
}

/// ln x within 1 ulp
#[inline(always)]
pub(super) fn log<V: Real>(x: V) -> V {
    let smallest_normal = V::of(f32::MIN_POSITIVE);
    let subnormal = |yes: V, no: V| x.if_less(smallest_normal, yes, no);
    let (e, f) = near_one(subnormal(x * V::of(33_554_432.0), x)); // 2²⁵
    let e = e - subnormal(V::of(25.0), V::of(0.0));
    log_domain(x, V::of(0.0), log_of_parts(e, f))
}

/// ln(1 + x) within 2 ulp
#[inline(always)]
pub(super) fn log1p<V: Real>(x: V) -> V {
    let one = V::of(1.0);
    let u = one + x;
    // What the sum has lost, in the scale of f; beyond 2³⁰ it does not show.
    let lost = x.if_less(one, x - (u - one), one - (u - x));
    let (e, f) = near_one(u);
    let f = f + lost * (-e.at_most(V::of(30.0))).exp2_whole();
    let y = log_domain(x, V::of(-1.0), log_of_parts(e, f));
    x.abs().if_less(V::of(TINY), x, y)
}

/// tanh x within 2 ulp
#[inline(always)]
pub(super) fn tanh<V: Real>(x: V) -> V {
    let a = x.abs();
    let square = a * a;
    let series =
        square.polynomial([-0.333_332_8, 0.133_314_42, -5.373_971_5e-2, 2.063_908_6e-2, -5.704_986_4e-3]);
    let small = a + a * square * series;
    // 1 − 2 / (e²ᵃ + 1), which is 1 from 9.02 on
    let large = V::of(1.0) - V::of(2.0) / (exp(a.at_most(V::of(10.0)) * V::of(2.0)) + V::of(1.0));
    a.if_less(V::of(0.625), small, large).with_sign_of(x)
}

/// 1 / (1 + e⁻ˣ) within 2.5 ulp
#[inline(always)]
pub(super) fn sigmoid<V: Real>(x: V) -> V {
    let e = exp(-x.abs());
    let one = V::of(1.0);
    x.if_less(V::of(0.0), e, one) / (one + e)
}

/// ln sigmoid(x) = min(x, 0) − ln(1 + e^−|x|)
#[inline(always)]
pub(super) fn log_sigmoid<V: Real>(x: V) -> V {
    x.at_most(V::of(0.0)) - log1p(exp(-x.abs()))
}

/// ln(1 + eˣ); x itself above the threshold
#[inline(always)]
pub(super) fn softplus<V: Real>(x: V, threshold: V) -> V {
    threshold.if_less(x, x, log1p(exp(x)))
}

/// The Gauss error function within 2 ulp
#[inline(always)]
pub(super) fn erf<V: Real>(x: V) -> V {
    let a = x.abs();
    let series = (a * a).polynomial([
        0.128_379_17,
        -0.376_126_26,
        0.112_835_854,
        -2.685_381e-2,
        5.188_327_7e-3,
        -8.010_193_7e-4,
        7.853_86e-5,
    ]);
    let small = a + a * series;
    // 1 − e^(ln erfc a), which is 1 from 4 on
    let minus_log = a.at_most(V::of(4.0)).polynomial([
        -1.808_033_1e-4,
        1.129_544_4,
        0.633_287_5,
        0.108_345_43,
        -2.516_165e-2,
        4.187_088e-3,
        -4.377_684_4e-4,
        2.138_090_5e-5,
    ]);
    let large = V::of(1.0) - exp(-minus_log);
    a.if_less(V::of(1.0), small, large).with_sign_of(x)
}

/// Declares block functions over slices of one length.
macro_rules! blocks {
    ($($(#[$doc:meta])* $name:ident($x:ident $(, $p:ident)?) = $body:expr;)+) => {
        /// The functions of this module over slices of one length: four elements at a time, and the last
        /// few as if there were four.
        pub(crate) mod blocks {
            use super::*;
            $($(#[$doc])*
            pub(crate) fn $name(x: &[f32], out: &mut [f32] $(, $p: f32)?) {
                $(let $p = F32x4::of($p);)?
                map(x, out, |$x: F32x4| $body);
            })+
        }
    };
}

blocks! {
    /// eˣ
    exp(x) = super::exp(x);
    /// eˣ − 1
    expm1(x) = super::expm1(x);
    /// ln x
    log(x) = super::log(x);
    /// ln(1 + x)
    log1p(x) = super::log1p(x);
    /// tanh x
    tanh(x) = super::tanh(x);
    /// 1 / (1 + e⁻ˣ)
    sigmoid(x) = super::sigmoid(x);
    /// ln sigmoid(x)
    log_sigmoid(x) = super::log_sigmoid(x);
    /// ln(1 + eˣ); x itself above the threshold
    softplus(x, threshold) = super::softplus(x, threshold);
    /// x where x > 0, else α (eˣ − 1)
    elu(x, alpha) = F32x4::of(0.0).if_less(x, x, alpha * super::expm1(x));
    /// The Gauss error function
    erf(x) = super::erf(x);
}

/// f of every four neighbours; the last few are filled up to four with ones.
#[inline(always)]
pub(super) fn map(x: &[f32], out: &mut [f32], f: impl Fn(F32x4) -> F32x4) {
    let (mut x, x_rest) = x.as_chunks::<4>();
    let (mut out, out_rest) = out.as_chunks_mut::<4>();
    let (mut last, mut result) = ([[1.0; 4]], [[0.0; 4]]);
    last[0][..x_rest.len()].copy_from_slice(x_rest);
    let mut more = !x_rest.is_empty();
    // A loop around the loop, so that `f`, which may be large, is there once.
    loop {
        for (o, x) in out.iter_mut().zip(x) {
            *o = f(F32x4::from_array(*x)).array();
        }
        if !more {
            break;
        }
        (x, out, more) = (&last, &mut result, false);
    }
    out_rest.copy_from_slice(&result[0][..out_rest.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function of one number, and the same over slices.
    type Pair = (fn(f32) -> f32, fn(&[f32], &mut [f32]));

    #[test]
    fn four_at_a_time_give_the_bits_of_one_at_a_time() {
        let x: Vec<f32> = (0..=u32::MAX).step_by(65_537).map(f32::from_bits).collect();
        let functions: [Pair; 8] = [
            (exp, blocks::exp),
            (expm1, blocks::expm1),
            (log, blocks::log),
            (log1p, blocks::log1p),
            (tanh, blocks::tanh),
            (sigmoid, blocks::sigmoid),
            (log_sigmoid, blocks::log_sigmoid),
            (erf, blocks::erf),
        ];
        for (i, (one, four)) in functions.into_iter().enumerate() {
            // Of any length: the last few are computed as four.
            for x in [&x[..], &x[..1], &x[..3]] {
                let mut y = vec![0.0; x.len()];
                four(x, &mut y);
                for (&x, y) in x.iter().zip(y) {
                    let expected = one(x);
                    assert!(
                        y.to_bits() == expected.to_bits() || (y.is_nan() && expected.is_nan()),
                        "function {i} at {x:e}: {y:e} instead of {expected:e}"
                    );
                }
            }
        }
    }
}
