//! An optimizer's step over a whole block in one pass. Every element goes through the roundings that the
//! rule has in `optim`, operation by operation.

use crate::op::{Penalty, Update};

/// Changes `parameters` by `gradients`, and `state`, which has [`Update::blocks`] blocks. All are equally
/// long.
pub fn update(
    rule: &Update,
    penalty: Penalty,
    parameters: &mut [f32],
    gradients: &[f32],
    state: &mut [Vec<f32>],
) {
    let Penalty { maximize, weight_decay } = penalty;
    let sign = if maximize { -1.0f32 } else { 1.0 };
    let decay = weight_decay as f32;
    // The sum without decay is left out: adding 0 would change −0, and an infinite p times 0 is NaN.
    let penalised = |p: f32, g: f32| if weight_decay == 0.0 { sign * g } else { sign * g + decay * p };
    match (*rule, state) {
        (Update::Sgd { lr, momentum: 0.0, .. }, _) => {
            let alpha = -lr as f32;
            each(parameters, gradients, [], |p, g, []| (p + alpha * penalised(p, g), []));
        }
        (Update::Sgd { lr, momentum, dampening, nesterov, first }, [velocity, ..]) => {
            let (alpha, keep, take) = (-lr as f32, momentum as f32, (1.0 - dampening) as f32);
            each(parameters, gradients, [velocity], |p, g, [v]| {
                let g = penalised(p, g);
                let v = if first { 0.0 + g } else { v * keep + take * g };
                let by = if nesterov { g + keep * v } else { v };
                (p + alpha * by, [v])
            });
        }
        (Update::Adam { betas, rate, root, eps, shrink, amsgrad }, [mean, square, rest @ ..]) => {
            let (lerp, keep, take) = ((1.0 - betas.0) as f32, betas.1 as f32, (1.0 - betas.1) as f32);
            let (alpha, root, eps, shrink) = (-rate as f32, root as f32, eps as f32, shrink as f32);
            let step = |p: f32, g: f32, m: f32, s: f32, largest: f32| {
                let p = p * shrink;
                let g = penalised(p, g);
                let m = m + lerp * (g - m);
                let s = s * keep + take * g * g;
                // A NaN wins.
                let largest = if largest > s || largest.is_nan() { largest } else { s };
                let denominator = (if amsgrad { largest } else { s }).sqrt() / root + eps;
                (p + alpha * m / denominator, m, s, largest)
            };
            match rest {
                [largest, ..] if amsgrad => {
                    each(parameters, gradients, [mean, square, largest], |p, g, [m, s, l]| {
                        let (p, m, s, l) = step(p, g, m, s, l);
                        (p, [m, s, l])
                    });
                }
                _ => each(parameters, gradients, [mean, square], |p, g, [m, s]| {
                    let (p, m, s, _) = step(p, g, m, s, 0.0);
                    (p, [m, s])
                }),
            }
        }
        (Update::RmsProp { lr, alpha, eps, momentum, centered }, [square, rest @ ..]) => {
            let (rate, keep, take) = (-lr as f32, alpha as f32, (1.0 - alpha) as f32);
            let (eps, pace) = (eps as f32, momentum as f32);
            let step = |p: f32, g: f32, s: f32, m: f32, v: f32| {
                let g = penalised(p, g);
                let s = s * keep + take * g * g;
                let m = if centered { m + take * (g - m) } else { m };
                let variance = if centered { (s + 0.0) - m * m } else { s };
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
                    each(parameters, gradients, [square, mean, velocity], |p, g, [s, m, v]| {
                        let (p, s, m, v) = step(p, g, s, m, v);
                        (p, [s, m, v])
                    });
                }
                [mean] => each(parameters, gradients, [square, mean], |p, g, [s, m]| {
                    let (p, s, m, _) = step(p, g, s, m, 0.0);
                    (p, [s, m])
                }),
                [] => each(parameters, gradients, [square], |p, g, [s]| {
                    let (p, s, _, _) = step(p, g, s, 0.0, 0.0);
                    (p, [s])
                }),
            }
        }
        (Update::Adagrad { rate, eps }, [sum, ..]) => {
            let (rate, eps) = (-rate as f32, eps as f32);
            each(parameters, gradients, [sum], |p, g, [s]| {
                let g = penalised(p, g);
                let s = s + g * g;
                (p + rate * g / (s.sqrt() + eps), [s])
            });
        }
        _ => unreachable!("the caller gives as many blocks as the rule keeps"),
    }
}

/// `f(p, g, state)` gives the new p and state.
#[inline(always)]
fn each<const N: usize>(
    parameters: &mut [f32],
    gradients: &[f32],
    state: [&mut Vec<f32>; N],
    f: impl Fn(f32, f32, [f32; N]) -> (f32, [f32; N]),
) {
    let n = parameters.len();
    let gradients = &gradients[..n];
    let state = state.map(|s| &mut s[..n]);
    for i in 0..n {
        let now: [f32; N] = std::array::from_fn(|k| state[k][i]);
        let (p, next) = f(parameters[i], gradients[i], now);
        parameters[i] = p;
        for k in 0..N {
            state[k][i] = next[k];
        }
    }
}
