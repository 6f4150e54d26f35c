//! Decimal digits to the nearest double. The standard library's way is as exact and quicker, with a
//! table of powers that would be a twentieth of what a first visit to the page loads.

use std::cmp::Ordering;

/// Digits beyond these only matter by whether one of them is not zero: the longest decimal that
/// lies half-way between two doubles has 767.
const DIGITS: usize = 768;

/// The double nearest to `text`, a number as JSON writes it; of two that are as near, the one whose
/// last bit is zero, as IEEE 754 has it. Infinite where it is too large.
pub(super) fn nearest(text: &str) -> f64 {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let point = digits.find('.').unwrap_or(digits.len());
    let mut significant: Vec<u8> =
        digits.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let leading = significant.iter().take_while(|digit| **digit == 0).count();
    significant.drain(..leading);
    while significant.last() == Some(&0) {
        significant.pop();
    }
    // The value is 0.digits · 10^scale.
    let scale = (point as i64 - leading as i64).saturating_add(whole(exponent));
    if significant.is_empty() || scale < -330 {
        return sign * 0.0;
    }
    if scale > 310 {
        return sign * f64::INFINITY;
    }
    if significant.len() > DIGITS {
        significant.truncate(DIGITS);
        significant.push(1);
    }
    let power = scale - significant.len() as i64;
    // Both exact, and so the one operation on them is right.
    if significant.len() <= 15 && power.abs() <= 22 {
        let mantissa = significant.iter().fold(0.0, |value, digit| value * 10.0 + f64::from(*digit));
        let ten = (0..power.abs()).fold(1.0, |value, _| value * 10.0);
        return sign * if power < 0 { mantissa / ten } else { mantissa * ten };
    }
    let mut numerator = Natural(Vec::new());
    significant.iter().for_each(|digit| numerator.multiply_add(10, (*digit).into()));
    let mut denominator = Natural(vec![1]);
    let scaled = if power < 0 { &mut denominator } else { &mut numerator };
    (0..power.abs()).for_each(|_| scaled.multiply_add(10, 0));
    sign * quotient(numerator, denominator)
}

/// An exponent of any length; where its size no longer matters, it is only very large.
fn whole(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.trim_start_matches('+')),
    };
    let size = digits.bytes().fold(0i64, |size, digit| (size * 10 + i64::from(digit - b'0')).min(1 << 40));
    sign * size
}

/// The double nearest to `numerator / denominator`, both greater than zero.
fn quotient(mut numerator: Natural, mut denominator: Natural) -> f64 {
    // With as many bits in both, the quotient is between 1/2 and 2.
    let exponent = numerator.bits() - denominator.bits();
    if exponent > 0 { &mut denominator } else { &mut numerator }.shift(exponent.unsigned_abs());
    // By hand, bit by bit: more than two doubles hold, so that rounding sees which side of a half it is on.
    const STEPS: i64 = 66;
    let mut bits = 0u128;
    for _ in 0..STEPS {
        bits <<= 1;
        if numerator.cmp(&denominator) != Ordering::Less {
            numerator.subtract(&denominator);
            bits |= 1;
        }
        numerator.shift(1);
    }
    let length = i64::from(128 - bits.leading_zeros());
    let high = exponent + length - STEPS;
    // 53 bits, or what is left of them below the smallest normal double.
    let dropped = length - 53 + (-1022 - high).max(0);
    if dropped > length {
        return 0.0;
    }
    let half = 1u128 << (dropped - 1);
    let rest = bits & (2 * half - 1);
    let mut mantissa = (bits >> dropped) as u64;
    let tie = rest == half && numerator.is_zero();
    if rest > half || rest == half && (!tie || mantissa & 1 == 1) {
        mantissa += 1;
    }
    if high > 1023 {
        return f64::INFINITY;
    }
    // A mantissa that was rounded up to the next power of two carries into the exponent.
    let biased = if high < -1022 { 0 } else { (high + 1022) as u64 };
    f64::from_bits((biased << 52) + mantissa)
}

/// A number of any size, in digits of 32 bits, the lowest first; the highest is not zero.
struct Natural(Vec<u32>);

impl Natural {
    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn bits(&self) -> i64 {
        self.0.last().map_or(0, |high| 32 * self.0.len() as i64 - i64::from(high.leading_zeros()))
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for digit in &mut self.0 {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn shift(&mut self, mut bits: u64) {
        while bits > 0 {
            let step = bits.min(31);
            self.multiply_add(1 << step, 0);
            bits -= step;
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Less something that is not greater.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0i64;
        for (at, digit) in self.0.iter_mut().enumerate() {
            let difference = i64::from(*digit) - i64::from(other.0.get(at).copied().unwrap_or(0)) + borrow;
            *digit = difference as u32;
            borrow = difference >> 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}
