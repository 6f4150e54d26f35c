//! Short texts for ticks: `0.25`, `1.2k`, `3e-4`; no digit that the step does not need.

use std::ops::RangeInclusive;

use super::ticks::{Decimal, floor_log10};

/// The label of a tick on a linear axis whose largest tick is `largest` in magnitude.
///
/// The number of digits comes from the tick's exponent, which is that of the step.
pub(super) fn linear_label(tick: Decimal, largest: f64) -> String {
    let value = tick.value();
    if tick.mantissa == 0 || largest == 0.0 {
        return "0".into();
    }
    let exponent = tick.exponent;
    let plain_is_long = (exponent < -3 && largest < 1e-2) || largest >= 1e9;
    if plain_is_long {
        exponential(tick)
    } else if exponent >= 5 && value.abs() >= 1e6 {
        trimmed(value / 1e6, 1) + "M"
    } else if exponent >= 2 && value.abs() >= 1e3 {
        trimmed(value / 1e3, 1) + "k"
    } else {
        let decimals = usize::try_from(-exponent).unwrap_or(0);
        format!("{value:.decimals$}")
    }
}

/// The label of a tick on a logarithmic axis that spans these powers of ten.
///
/// Either all labels of an axis are written out or all of them are powers.
pub(super) fn log_label(tick: Decimal, decades: &RangeInclusive<i32>) -> String {
    if *decades.start() >= -4 && *decades.end() <= 6 {
        let value = tick.value();
        return if tick.exponent >= 6 {
            format!("{}M", value / 1e6)
        } else if tick.exponent >= 3 {
            format!("{}k", value / 1e3)
        } else {
            let decimals = usize::try_from(-tick.exponent).unwrap_or(0);
            format!("{value:.decimals$}")
        };
    }
    if tick.exponent == 0 {
        return tick.mantissa.to_string();
    }
    exponential(tick)
}

/// `1.25e-4`, with as many digits as the tick has and no trailing zeros.
fn exponential(tick: Decimal) -> String {
    let mut mantissa = tick.mantissa;
    let mut exponent = tick.exponent;
    while mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    let decimals = floor_log10((mantissa as f64).abs());
    let leading = mantissa as f64 / 10f64.powi(decimals);
    format!("{leading:.0$}e{1}", decimals as usize, exponent + decimals)
}

/// `value` with at most `decimals` digits after the point.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_suffix(".0") {
        Some(integer) => integer.to_owned(),
        None => text,
    }
}
