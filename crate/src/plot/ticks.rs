//! Axis ranges and tick positions: steps of 1, 2 or 5 times a power of ten, linear or logarithmic.
//!
//! Everything here is finite and bounded for any finite input: ranges come from `f32` losses or
//! from steps below 1e15, and no loop runs longer than the number of ticks asked for.

use super::labels::{linear_label, log_label};

/// One tick: where it is and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Position, in data units.
    pub value: f64,
    /// Text beside the tick; empty for a minor tick.
    pub label: String,
}

/// The range of an axis, how it maps values, and its ticks in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Smallest value on the axis.
    pub min: f64,
    /// Largest value on the axis; always greater than `min`.
    pub max: f64,
    /// Whether equal distances mean equal ratios.
    pub log: bool,
    /// The ticks, all within `min..=max`.
    pub ticks: Vec<Tick>,
}

impl Scale {
    /// Where `value` lies between `min` (0) and `max` (1).
    pub fn fraction(&self, value: f64) -> f64 {
        if self.log {
            (value / self.min).ln() / (self.max / self.min).ln()
        } else {
            (value - self.min) / (self.max - self.min)
        }
    }
}

/// A number `mantissa * 10^exponent`, kept apart so that multiples of 0.1 do not pick up noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decimal {
    pub mantissa: i64,
    pub exponent: i32,
}

impl Decimal {
    pub fn value(self) -> f64 {
        scaled(self.mantissa as f64, self.exponent)
    }
}

/// `m * 10^e`, rounded once wherever 10^|e| is exact.
fn scaled(m: f64, e: i32) -> f64 {
    if e < 0 { m / 10f64.powi(-e) } else { m * 10f64.powi(e) }
}

/// The exponent of the largest power of ten that is at most `v` (`v` positive and normal).
pub(super) fn floor_log10(v: f64) -> i32 {
    let e = v.log10().floor() as i32;
    // log10 may be off by one unit in the last place next to a power of ten.
    if scaled(1.0, e + 1) <= v {
        e + 1
    } else if scaled(1.0, e) > v {
        e - 1
    } else {
        e
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `v`.
fn nice_at_least(v: f64) -> Decimal {
    let e = floor_log10(v);
    for m in [1, 2, 5] {
        if scaled(m as f64, e) >= v * (1.0 - 1e-9) {
            return decimal(m, e);
        }
    }
    decimal(1, e + 1)
}

fn decimal(mantissa: i64, exponent: i32) -> Decimal {
    Decimal { mantissa, exponent }
}

/// The next coarser step: 1, 2, 5, 10, …
fn coarser(step: Decimal) -> Decimal {
    match step.mantissa {
        1 => decimal(2, step.exponent),
        2 => decimal(5, step.exponent),
        _ => decimal(1, step.exponent + 1),
    }
}

/// A range that is worth an axis: widened around a constant, extended to zero when the data come
/// within `near_zero` of it (as a fraction of their far end).
fn widen(lo: f64, hi: f64, near_zero: f64, resolution: f64) -> (f64, f64) {
    let far = lo.abs().max(hi.abs());
    if far < 1e-280 {
        (0.0, 1.0)
    } else if hi - lo <= far * resolution {
        let (middle, half) = (f64::midpoint(lo, hi), far / 2.0);
        (middle - half, middle + half)
    } else if lo > 0.0 && lo <= hi * near_zero {
        (0.0, hi)
    } else if hi < 0.0 && hi >= lo * near_zero {
        (lo, 0.0)
    } else {
        (lo, hi)
    }
}

/// A linear axis for losses: ends on ticks, at most `intervals` (at least 2) between them.
///
/// It starts at zero when the data do nearly so. Data that differ by less than `f32` can tell
/// apart count as constant.
pub fn linear(lo: f64, hi: f64, intervals: usize) -> Scale {
    let (lo, hi) = widen(lo, hi, 1.0 / 3.0, 1e-6);
    // Two intervals are needed at least: a range around zero never fits into one.
    let intervals = intervals.max(2) as i64;
    let mut step = nice_at_least((hi - lo) / intervals as f64);
    let ends = |step: Decimal| {
        let size = step.value();
        // A loss of 0.2 is not quite 0.2 as an `f32`, but it still begins at the tick 0.2.
        let noise = |v: f64| (1e-9 + 1e-7 * v.abs()).min(0.01);
        let first = (lo / size + noise(lo / size)).floor() as i64;
        let last = (hi / size - noise(hi / size)).ceil() as i64;
        (first, last.max(first + 1))
    };
    // One or two rounds: rounding outwards adds at most two intervals.
    let (mut first, mut last) = ends(step);
    while last - first > intervals {
        step = coarser(step);
        (first, last) = ends(step);
    }
    let ticks = multiples(step, first, last);
    Scale { min: lo.min(ticks[0].value), max: hi.max(ticks[ticks.len() - 1].value), log: false, ticks }
}

/// A linear axis for steps: ends where the data end, with ticks in between, all of them integers
/// when `integral`.
///
/// `fits` is shown the ticks and says whether their labels have room; the ticks get coarser until
/// it agrees.
pub fn steps(
    lo: f64,
    hi: f64,
    integral: bool,
    intervals: usize,
    fits: impl Fn(&[Tick], f64) -> bool,
) -> Scale {
    let (min, max) = widen(lo, hi, 0.05, 1e-13);
    let mut step = nice_at_least((max - min) / intervals.max(1) as f64);
    if integral && step.exponent < 0 {
        step = decimal(1, 0);
    }
    let mut ticks = Vec::new();
    for _ in 0..8 {
        let size = step.value();
        let first = (min / size - 1e-9).ceil() as i64;
        let last = (max / size + 1e-9).floor() as i64;
        ticks = multiples(step, first, last);
        if fits(&ticks, size / (max - min)) {
            break;
        }
        step = coarser(step);
    }
    Scale { min, max, log: false, ticks }
}

/// A logarithmic axis for steps from 10^`lo` to 10^`hi`: ends where the data end, and like its ticks it counts in
/// powers of ten.
pub fn log_steps(lo: f64, hi: f64, intervals: usize) -> Scale {
    let (min, max) = if hi - lo < 1e-9 { (lo - 0.5, hi + 0.5) } else { (lo, hi) };
    let ticks = logarithmic(10f64.powf(min), 10f64.powf(max), intervals).ticks.into_iter();
    let ticks = ticks.map(|tick| Tick { value: tick.value.log10(), ..tick });
    let within = ticks.filter(|tick| (min - 1e-9..=max + 1e-9).contains(&tick.value));
    Scale { min, max, log: false, ticks: within.collect() }
}

fn multiples(step: Decimal, first: i64, last: i64) -> Vec<Tick> {
    let at = |i: i64| decimal(i * step.mantissa, step.exponent);
    let largest = at(first).value().abs().max(at(last).value().abs());
    (first..=last).map(|i| Tick { value: at(i).value(), label: linear_label(at(i), largest) }).collect()
}

/// A logarithmic axis over positive data, with at most about `intervals` labelled intervals.
///
/// Within a factor of two the ticks are those of a linear axis; over a few decades they are 1, 2
/// and 5 times powers of ten; beyond that, powers of ten, every second, third, fifth, … of them.
pub fn logarithmic(lo: f64, hi: f64, intervals: usize) -> Scale {
    let constant = hi / lo < 1.0 + 1e-6;
    if hi / lo < 2.0 && !constant {
        return Scale {
            log: true,
            // Four intervals at least: a coarser step could reach down to zero.
            ..linear(lo, hi, intervals.max(4))
        };
    }
    let intervals = intervals.max(2);
    let (mut first, mut last) = (series_index_below(lo), series_index_above(hi));
    if constant {
        // A tick of its own below and above.
        if series_value(first) >= lo * (1.0 - 1e-6) {
            first -= 1;
        }
        if series_value(last) <= hi * (1.0 + 1e-6) {
            last += 1;
        }
    }
    if (last - first) as usize <= intervals {
        return log_scale((lo, hi), first, last, |_| true);
    }
    let (low_decade, high_decade) = (first.div_euclid(3), (last + 2).div_euclid(3));
    let decades = (high_decade - low_decade) as usize;
    let stride =
        [1, 2, 3, 5, 10, 20, 50, 100].into_iter().find(|stride| decades / stride <= intervals).unwrap_or(100)
            as i32;
    if stride == 1 && decades <= 4 {
        // Minor ticks at 2 and 5; the ends stay close to the data.
        return log_scale((lo, hi), first, last, |i| i.rem_euclid(3) == 0);
    }
    let labelled = |i: i32| i.rem_euclid(3) == 0 && (i / 3).rem_euclid(stride) == 0;
    let mut scale = log_scale((lo, hi), low_decade * 3, high_decade * 3, labelled);
    scale.ticks.retain(|tick| !tick.label.is_empty());
    scale
}

/// The axis for data from `lo` to `hi` from the `first` to the `last` of … 0.1, 0.2, 0.5, 1, 2, 5, 10 …
fn log_scale((lo, hi): (f64, f64), first: i32, last: i32, labelled: impl Fn(i32) -> bool) -> Scale {
    let decades = first.div_euclid(3)..=last.div_euclid(3);
    Scale {
        min: series_value(first).min(lo),
        max: series_value(last).max(hi),
        log: true,
        ticks: (first..=last)
            .map(|i| Tick {
                value: series_value(i),
                label: if labelled(i) { log_label(series_decimal(i), &decades) } else { String::new() },
            })
            .collect(),
    }
}

/// The `i`th of … 0.5, 1 (`i` = 0), 2, 5, 10 …
fn series_decimal(i: i32) -> Decimal {
    decimal([1, 2, 5][i.rem_euclid(3) as usize], i.div_euclid(3))
}

fn series_value(i: i32) -> f64 {
    series_decimal(i).value()
}

fn series_index_below(v: f64) -> i32 {
    let i = 3 * floor_log10(v);
    // `f32` 0.1 is a little above 0.1, 0.2 a little below 0.2 in the least significant digit.
    let v = v * (1.0 + 1e-7);
    (0..3).rev().map(|k| i + k).find(|&i| series_value(i) <= v).unwrap_or(i)
}

fn series_index_above(v: f64) -> i32 {
    let i = 3 * floor_log10(v);
    let v = v * (1.0 - 1e-7);
    (0..4).map(|k| i + k).find(|&i| series_value(i) >= v).unwrap_or(i + 3)
}
