//! What the elementary functions are written in: real numbers, one (the oracle of the tests) or four at
//! once. Every method is exact or one IEEE rounding, so that both give the same bits.

use super::F32x4;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// One or several f32.
pub(in super::super) trait Real:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// The same number in every lane.
    fn of(value: f32) -> Self;
    /// |x|
    fn abs(self) -> Self;
    /// √x, rounded correctly
    fn sqrt(self) -> Self;
    /// |x| with the sign of another
    fn with_sign_of(self, sign: Self) -> Self;
    /// `yes` where self < than, else `no`
    fn if_less(self, than: Self, yes: Self, no: Self) -> Self;
    /// `yes` where self = to, else `no`
    fn if_equal(self, to: Self, yes: Self, no: Self) -> Self;
    /// 2 to the power of a whole number from −126 to 127
    fn exp2_whole(self) -> Self;
    /// (e, m) with x = 2ᵉ m and 1 ≤ m < 2, for positive normal x
    fn split(self) -> (Self, Self);

    /// The smaller; NaN where self is.
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        bound.if_less(self, bound, self)
    }
    /// The larger; NaN where self is.
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        self.if_less(bound, bound, self)
    }
    /// The nearest whole number, for |x| < 2²²: what is added leaves no bits for a fraction.
    #[inline(always)]
    fn round(self) -> Self {
        let shift = Self::of(12_582_912.0); // 1.5 · 2²³
        (self + shift) - shift
    }
    /// The larger; NaN where either is.
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        other.if_less(self, self, self.if_equal(self, other, self))
    }
    /// The smaller; NaN where either is.
    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        self.if_less(other, self, self.if_equal(self, other, self))
    }
    /// c₀ + c₁ x + c₂ x² + …, from the highest power down
    #[inline(always)]
    fn polynomial<const N: usize>(self, c: [f32; N]) -> Self {
        let mut sum = Self::of(c[N - 1]);
        let mut i = N - 1;
        while i > 0 {
            i -= 1;
            sum = sum * self + Self::of(c[i]);
        }
        sum
    }
}

/// Bits of a number to which a whole number from 0 to 255 was added: the whole number is the last ones.
const SHIFT: f32 = 8_388_608.0; // 2²³

impl Real for f32 {
    #[inline(always)]
    fn of(value: f32) -> f32 {
        value
    }
    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn with_sign_of(self, sign: f32) -> f32 {
        self.copysign(sign)
    }
    #[inline(always)]
    fn if_less(self, than: f32, yes: f32, no: f32) -> f32 {
        if self < than { yes } else { no }
    }
    #[inline(always)]
    fn if_equal(self, to: f32, yes: f32, no: f32) -> f32 {
        if self == to { yes } else { no }
    }
    #[inline(always)]
    fn exp2_whole(self) -> f32 {
        f32::from_bits((self + (SHIFT + 127.0)).to_bits() << 23)
    }
    #[inline(always)]
    fn split(self) -> (f32, f32) {
        let bits = self.to_bits();
        let exponent = f32::from_bits((bits >> 23) | SHIFT.to_bits()) - (SHIFT + 127.0);
        (exponent, f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000))
    }
}

/// The instructions, on v128.
#[cfg(target_arch = "wasm32")]
mod four {
    pub use super::super::lanes::Lanes as Four;
    use std::arch::wasm32 as wasm;

    #[inline(always)]
    pub fn splat(v: f32) -> Four {
        wasm::f32x4_splat(v)
    }
    #[inline(always)]
    pub fn sub(a: Four, b: Four) -> Four {
        wasm::f32x4_sub(a, b)
    }
    #[inline(always)]
    pub fn div(a: Four, b: Four) -> Four {
        wasm::f32x4_div(a, b)
    }
    #[inline(always)]
    pub fn sqrt(v: Four) -> Four {
        wasm::f32x4_sqrt(v)
    }
    #[inline(always)]
    pub fn and(a: Four, b: Four) -> Four {
        wasm::v128_and(a, b)
    }
    /// a and not b
    #[inline(always)]
    pub fn without(a: Four, b: Four) -> Four {
        wasm::v128_andnot(a, b)
    }
    #[inline(always)]
    pub fn or(a: Four, b: Four) -> Four {
        wasm::v128_or(a, b)
    }
    #[inline(always)]
    pub fn xor(a: Four, b: Four) -> Four {
        wasm::v128_xor(a, b)
    }
    /// All bits set where a < b.
    #[inline(always)]
    pub fn less(a: Four, b: Four) -> Four {
        wasm::f32x4_lt(a, b)
    }
    #[inline(always)]
    pub fn equal(a: Four, b: Four) -> Four {
        wasm::f32x4_eq(a, b)
    }
    #[inline(always)]
    pub fn select(mask: Four, yes: Four, no: Four) -> Four {
        wasm::v128_bitselect(yes, no, mask)
    }
    /// The first bit of each lane.
    #[inline(always)]
    pub fn bits(v: Four) -> u32 {
        u32::from(wasm::i32x4_bitmask(v))
    }
    #[inline(always)]
    pub fn even(a: Four, b: Four) -> Four {
        wasm::i32x4_shuffle::<0, 2, 4, 6>(a, b)
    }
    #[inline(always)]
    pub fn odd(a: Four, b: Four) -> Four {
        wasm::i32x4_shuffle::<1, 3, 5, 7>(a, b)
    }
    #[inline(always)]
    pub fn low(a: Four, b: Four) -> Four {
        wasm::i32x4_shuffle::<0, 4, 1, 5>(a, b)
    }
    #[inline(always)]
    pub fn high(a: Four, b: Four) -> Four {
        wasm::i32x4_shuffle::<2, 6, 3, 7>(a, b)
    }
    #[inline(always)]
    pub fn left_23(v: Four) -> Four {
        wasm::i32x4_shl(v, 23)
    }
    #[inline(always)]
    pub fn right_23(v: Four) -> Four {
        wasm::u32x4_shr(v, 23)
    }
}

/// The same on SSE2, which every x86-64 has.
#[cfg(target_arch = "x86_64")]
mod four {
    pub use super::super::lanes::Lanes as Four;
    use std::arch::x86_64 as sse;

    macro_rules! instructions {
        ($($(#[$doc:meta])* $name:ident($($a:ident),+) = $body:expr;)+) => {
            $($(#[$doc])*
            #[inline(always)]
            pub fn $name($($a: Four),+) -> Four {
                // SAFETY: SSE2 is part of x86-64.
                unsafe { $body }
            })+
        };
    }

    instructions! {
        sub(a, b) = sse::_mm_sub_ps(a, b);
        div(a, b) = sse::_mm_div_ps(a, b);
        sqrt(v) = sse::_mm_sqrt_ps(v);
        and(a, b) = sse::_mm_and_ps(a, b);
        /// a and not b
        without(a, b) = sse::_mm_andnot_ps(b, a);
        or(a, b) = sse::_mm_or_ps(a, b);
        xor(a, b) = sse::_mm_xor_ps(a, b);
        /// All bits set where a < b.
        less(a, b) = sse::_mm_cmplt_ps(a, b);
        equal(a, b) = sse::_mm_cmpeq_ps(a, b);
        select(mask, yes, no) = sse::_mm_or_ps(sse::_mm_and_ps(mask, yes), sse::_mm_andnot_ps(mask, no));
        even(a, b) = sse::_mm_shuffle_ps(a, b, 0b10_00_10_00);
        odd(a, b) = sse::_mm_shuffle_ps(a, b, 0b11_01_11_01);
        low(a, b) = sse::_mm_unpacklo_ps(a, b);
        high(a, b) = sse::_mm_unpackhi_ps(a, b);
        left_23(v) = sse::_mm_castsi128_ps(sse::_mm_slli_epi32(sse::_mm_castps_si128(v), 23));
        right_23(v) = sse::_mm_castsi128_ps(sse::_mm_srli_epi32(sse::_mm_castps_si128(v), 23));
    }

    /// The first bit of each lane.
    #[inline(always)]
    pub fn bits(v: Four) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { sse::_mm_movemask_ps(v) as u32 }
    }
    #[inline(always)]
    pub fn splat(v: f32) -> Four {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { sse::_mm_set1_ps(v) }
    }
}

/// The same on arrays.
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
mod four {
    pub use super::super::lanes::Lanes as Four;

    #[inline(always)]
    fn each(a: Four, b: Four, f: impl Fn(f32, f32) -> f32) -> Four {
        std::array::from_fn(|i| f(a[i], b[i]))
    }
    #[inline(always)]
    fn bits(a: Four, b: Four, f: impl Fn(u32, u32) -> u32) -> Four {
        each(a, b, |a, b| f32::from_bits(f(a.to_bits(), b.to_bits())))
    }
    #[inline(always)]
    fn mask(holds: bool) -> f32 {
        f32::from_bits(if holds { u32::MAX } else { 0 })
    }
    #[inline(always)]
    pub fn splat(v: f32) -> Four {
        [v; 4]
    }
    #[inline(always)]
    pub fn sub(a: Four, b: Four) -> Four {
        each(a, b, |a, b| a - b)
    }
    #[inline(always)]
    pub fn div(a: Four, b: Four) -> Four {
        each(a, b, |a, b| a / b)
    }
    #[inline(always)]
    pub fn sqrt(v: Four) -> Four {
        v.map(f32::sqrt)
    }
    #[inline(always)]
    pub fn and(a: Four, b: Four) -> Four {
        bits(a, b, |a, b| a & b)
    }
    /// a and not b
    #[inline(always)]
    pub fn without(a: Four, b: Four) -> Four {
        bits(a, b, |a, b| a & !b)
    }
    #[inline(always)]
    pub fn or(a: Four, b: Four) -> Four {
        bits(a, b, |a, b| a | b)
    }
    #[inline(always)]
    pub fn xor(a: Four, b: Four) -> Four {
        bits(a, b, |a, b| a ^ b)
    }
    /// All bits set where a < b.
    #[inline(always)]
    pub fn less(a: Four, b: Four) -> Four {
        each(a, b, |a, b| mask(a < b))
    }
    #[inline(always)]
    pub fn equal(a: Four, b: Four) -> Four {
        each(a, b, |a, b| mask(a == b))
    }
    #[inline(always)]
    pub fn select(mask: Four, yes: Four, no: Four) -> Four {
        std::array::from_fn(|i| if mask[i].to_bits() == 0 { no[i] } else { yes[i] })
    }
    /// The first bit of each lane.
    #[inline(always)]
    pub fn bits(v: Four) -> u32 {
        (0..4).map(|i| (v[i].to_bits() >> 31) << i).sum()
    }
    #[inline(always)]
    pub fn even(a: Four, b: Four) -> Four {
        [a[0], a[2], b[0], b[2]]
    }
    #[inline(always)]
    pub fn odd(a: Four, b: Four) -> Four {
        [a[1], a[3], b[1], b[3]]
    }
    #[inline(always)]
    pub fn low(a: Four, b: Four) -> Four {
        [a[0], b[0], a[1], b[1]]
    }
    #[inline(always)]
    pub fn high(a: Four, b: Four) -> Four {
        [a[2], b[2], a[3], b[3]]
    }
    #[inline(always)]
    pub fn left_23(v: Four) -> Four {
        v.map(|v| f32::from_bits(v.to_bits() << 23))
    }
    #[inline(always)]
    pub fn right_23(v: Four) -> Four {
        v.map(|v| f32::from_bits(v.to_bits() >> 23))
    }
}

use four::Four;

impl F32x4 {
    /// Four neighbours.
    #[inline(always)]
    pub(in super::super) fn from_array(values: [f32; 4]) -> F32x4 {
        // SAFETY: there are four floats.
        unsafe { F32x4::read(values.as_ptr()) }
    }

    /// Which lanes are less than the other's, the first lane's bit lowest.
    #[inline(always)]
    pub(in super::super) fn less(self, than: F32x4) -> u32 {
        four::bits(four::less(self.0, than.0))
    }

    /// Which lanes are equal to the other's.
    #[inline(always)]
    pub(in super::super) fn equal(self, to: F32x4) -> u32 {
        four::bits(four::equal(self.0, to.0))
    }

    /// `yes` in lanes whose bit is set, else `no`.
    #[inline(always)]
    pub(in super::super) fn choose(bits: usize, yes: F32x4, no: F32x4) -> F32x4 {
        /// All bits of the lanes that are chosen
        const LANES: [[u32; 4]; 16] = {
            let mut lanes = [[0; 4]; 16];
            let mut i = 0;
            while i < 64 {
                lanes[i / 4][i % 4] = if (i / 4) >> (i % 4) & 1 == 1 { u32::MAX } else { 0 };
                i += 1;
            }
            lanes
        };
        let mask = F32x4::from_array(LANES[bits & 15].map(f32::from_bits));
        F32x4(four::select(mask.0, yes.0, no.0))
    }

    /// All bits of the lanes that are larger than the other's, or NaN.
    #[inline(always)]
    pub(in super::super) fn beats(self, other: F32x4) -> F32x4 {
        // x = x, with its bits turned, holds for NaN only.
        let nan = four::without(F32x4::bits(u32::MAX), four::equal(self.0, self.0));
        F32x4(four::or(four::less(other.0, self.0), nan))
    }

    /// What is under these bits; 0 elsewhere.
    #[inline(always)]
    pub(in super::super) fn under(self, bits: F32x4) -> F32x4 {
        F32x4(four::and(self.0, bits.0))
    }

    /// What is not under these bits; 0 elsewhere.
    #[inline(always)]
    pub(in super::super) fn beside(self, bits: F32x4) -> F32x4 {
        F32x4(four::without(self.0, bits.0))
    }

    /// Of eight neighbours, those at even and those at odd places.
    #[inline(always)]
    pub(in super::super) fn apart(a: F32x4, b: F32x4) -> (F32x4, F32x4) {
        (F32x4(four::even(a.0, b.0)), F32x4(four::odd(a.0, b.0)))
    }

    /// The inverse of [`F32x4::apart`].
    #[inline(always)]
    pub(in super::super) fn together(even: F32x4, odd: F32x4) -> (F32x4, F32x4) {
        (F32x4(four::low(even.0, odd.0)), F32x4(four::high(even.0, odd.0)))
    }

    /// The other sign in lanes where `sign` has one.
    #[inline(always)]
    pub(in super::super) fn flip(self, sign: F32x4) -> F32x4 {
        F32x4(four::xor(self.0, sign.0))
    }

    #[inline(always)]
    fn bits(bits: u32) -> Four {
        four::splat(f32::from_bits(bits))
    }
}

impl Sub for F32x4 {
    type Output = F32x4;
    #[inline(always)]
    fn sub(self, other: F32x4) -> F32x4 {
        F32x4(four::sub(self.0, other.0))
    }
}

impl Div for F32x4 {
    type Output = F32x4;
    #[inline(always)]
    fn div(self, other: F32x4) -> F32x4 {
        F32x4(four::div(self.0, other.0))
    }
}

impl Neg for F32x4 {
    type Output = F32x4;
    #[inline(always)]
    fn neg(self) -> F32x4 {
        F32x4(four::xor(self.0, F32x4::bits(1 << 31)))
    }
}

impl Real for F32x4 {
    #[inline(always)]
    fn of(value: f32) -> F32x4 {
        F32x4::splat(value)
    }
    #[inline(always)]
    fn abs(self) -> F32x4 {
        F32x4(four::and(self.0, F32x4::bits(!(1 << 31))))
    }
    #[inline(always)]
    fn sqrt(self) -> F32x4 {
        F32x4(four::sqrt(self.0))
    }
    #[inline(always)]
    fn with_sign_of(self, sign: F32x4) -> F32x4 {
        let sign = four::and(sign.0, F32x4::bits(1 << 31));
        F32x4(four::or(self.abs().0, sign))
    }
    #[inline(always)]
    fn if_less(self, than: F32x4, yes: F32x4, no: F32x4) -> F32x4 {
        let mask = four::less(self.0, than.0);
        F32x4(four::select(mask, yes.0, no.0))
    }
    #[inline(always)]
    fn if_equal(self, to: F32x4, yes: F32x4, no: F32x4) -> F32x4 {
        let mask = four::equal(self.0, to.0);
        F32x4(four::select(mask, yes.0, no.0))
    }
    #[inline(always)]
    fn exp2_whole(self) -> F32x4 {
        F32x4(four::left_23((self + F32x4::of(SHIFT + 127.0)).0))
    }
    #[inline(always)]
    fn split(self) -> (F32x4, F32x4) {
        let bits = self.0;
        let exponent = F32x4(four::or(four::right_23(bits), four::splat(SHIFT)));
        let mantissa = four::or(four::and(bits, F32x4::bits(0x007f_ffff)), F32x4::bits(0x3f80_0000));
        (exponent - F32x4::of(SHIFT + 127.0), F32x4(mantissa))
    }
}
