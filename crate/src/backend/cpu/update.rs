//! An optimizer's step over a whole block in one pass. Every element goes through the roundings that the
//! rule has in `optim`, operation by operation.

use super::f32x4::{F32x4, Real};
use super::single::filled;
use crate::op::{Penalty, Update};
use std::slice::from_mut;

/// Declares functions that replace every four p and state by `f(p, g, state)`, for so many blocks of
/// state. (Spelt out, since small builds unroll no loops over arrays.)
macro_rules! each {
    ($($name:ident($n:literal: $($s:ident $k:literal)*);)+) => {
        $(#[inline(always)]
        fn $name(
            p: &mut [f32],
            g: &[f32],
            [$($s),*]: [&mut Vec<f32>; $n],
            f: impl Fn(F32x4, F32x4, [F32x4; $n]) -> (F32x4, [F32x4; $n]),
        ) {
            let pass = |p: &mut [[f32; 4]], g: &[[f32; 4]], [$($s),*]: [&mut [[f32; 4]]; $n]| {
                let n = p.len();
                let g = &g[..n];
                $(let $s = &mut $s[..n];)*
                for i in 0..n {
                    let four = F32x4::from_array;
                    let (new, _state) = f(four(p[i]), four(g[i]), [$(four($s[i])),*]);
                    p[i] = new.array();
                    $($s[i] = _state[$k].array();)*
                }
            };
            let n = p.len();
            let whole = n - n % 4;
            let fours: [&mut [[f32; 4]]; $n] = [$($s[..whole].as_chunks_mut().0),*];
            pass(p[..whole].as_chunks_mut().0, g[..whole].as_chunks().0, fours);
            if whole < n {
                let (mut last, last_g) = (filled(&p[whole..]), filled(&g[whole..n]));
                let mut _state: [[f32; 4]; $n] = [$(filled(&$s[whole..n])),*];
                {
                    let [$($s),*] = &mut _state;
                    pass(from_mut(&mut last), &[last_g], [$(from_mut($s)),*]);
                }
                p[whole..].copy_from_slice(&last[..n - whole]);
                $($s[whole..n].copy_from_slice(&_state[$k][..n - whole]);)*
            }
        })+
    };
}

each! {
    each0(0:);
    each1(1: a 0);
    each2(2: a 0 b 1);
    each3(3: a 0 b 1 c 2);
}

/// Changes `parameters` by `gradients`, and `state`, which has [`Update::blocks`] blocks. All are equally
/// long.
pub fn update(
    rule: &Update,
    penalty: Penalty,
    parameters: &mut [f32],
    gradients: &[f32],
    state: &mut [Vec<f32>],
) {
    let n = |value: f64| F32x4::of(value as f32);
    let Penalty { maximize, weight_decay } = penalty;
    let decay = n(weight_decay);
    let penalised = |p: F32x4, g: F32x4| {
        let g = if maximize { -g } else { g };
        // Left out where there is none: adding 0 would change −0, and an infinite p times 0 is NaN.
        if weight_decay == 0.0 { g } else { g + decay * p }
    };
    match (*rule, state) {
        (Update::Sgd { lr, momentum: 0.0, .. }, _) => {
            let alpha = n(-lr);
            each0(parameters, gradients, [], |p, g, []| (p + alpha * penalised(p, g), []));
        }
        (Update::Sgd { lr, momentum, dampening, nesterov, first }, [velocity, ..]) => {
            let (alpha, keep, take) = (n(-lr), n(momentum), n(1.0 - dampening));
            each1(parameters, gradients, [velocity], |p, g, [v]| {
                let g = penalised(p, g);
                let v = if first { F32x4::of(0.0) + g } else { v * keep + take * g };
                let by = if nesterov { g + keep * v } else { v };
                (p + alpha * by, [v])
            });
        }
        (Update::Adam { betas, rate, root, eps, shrink, amsgrad }, [mean, square, rest @ ..]) => {
            let (lerp, keep, take) = (n(1.0 - betas.0), n(betas.1), n(1.0 - betas.1));
            let (alpha, root, eps, shrunk) = (n(-rate), n(root), n(eps), n(shrink));
            let step = |p: F32x4, g: F32x4, m: F32x4, s: F32x4, largest: Option<F32x4>| {
                let p = if shrink == 1.0 { p } else { p * shrunk };
                let g = penalised(p, g);
                let m = m + lerp * (g - m);
                let s = s * keep + take * g * g;
                let largest = largest.map_or(s, |largest| largest.larger(s));
                let denominator = largest.sqrt() / root + eps;
                (p + alpha * m / denominator, m, s, largest)
            };
            match rest {
                [largest, ..] if amsgrad => {
                    each3(parameters, gradients, [mean, square, largest], |p, g, [m, s, l]| {
                        let (p, m, s, l) = step(p, g, m, s, Some(l));
                        (p, [m, s, l])
                    });
                }
                _ => each2(parameters, gradients, [mean, square], |p, g, [m, s]| {
                    let (p, m, s, _) = step(p, g, m, s, None);
                    (p, [m, s])
                }),
            }
        }
        (Update::RmsProp { lr, alpha, eps, momentum, centered }, [square, rest @ ..]) => {
            let (rate, keep, take) = (n(-lr), n(alpha), n(1.0 - alpha));
            let (eps, pace, zero) = (n(eps), n(momentum), F32x4::of(0.0));
            let step = |p: F32x4, g: F32x4, s: F32x4, m: F32x4, v: F32x4| {
                let g = penalised(p, g);
                let s = s * keep + take * g * g;
                let m = if centered { m + take * (g - m) } else { m };
                let variance = if centered { (s + zero) - m * m } else { s };
                let average = variance.sqrt() + eps;
                if momentum > 0.0 {
                    let v = v * pace + g / average;
                    (p + rate * v, s, m, v)
                } else {
                    (p + rate * g / average, s, m, v)
                }
            };
            match rest {
                [mean, velocity, ..] => {
                    each3(parameters, gradients, [square, mean, velocity], |p, g, [s, m, v]| {
                        let (p, s, m, v) = step(p, g, s, m, v);
                        (p, [s, m, v])
                    });
                }
                [mean] => each2(parameters, gradients, [square, mean], |p, g, [s, m]| {
                    let (p, s, m, _) = step(p, g, s, m, zero);
                    (p, [s, m])
                }),
                [] => each1(parameters, gradients, [square], |p, g, [s]| {
                    let (p, s, _, _) = step(p, g, s, zero, zero);
                    (p, [s])
                }),
            }
        }
        (Update::Adagrad { rate, eps }, [sum, ..]) => {
            let (rate, eps) = (n(-rate), n(eps));
            each1(parameters, gradients, [sum], |p, g, [s]| {
                let g = penalised(p, g);
                let s = s + g * g;
                (p + rate * g / (s.sqrt() + eps), [s])
            });
        }
        _ => unreachable!("the caller gives as many blocks as the rule keeps"),
    }
}
