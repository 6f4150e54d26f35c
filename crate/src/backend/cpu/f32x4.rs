//! Four f32 at once, on every processor: SIMD128 in the browser, what the compiler makes of arrays
//! elsewhere.
//! Each lane is one IEEE operation, so the result is the same bits everywhere.

mod real;

pub(super) use real::Real;
use std::ops::{Add, Mul};

#[cfg(target_arch = "wasm32")]
mod lanes {
    use std::arch::wasm32::{f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, v128};

    pub type Lanes = v128;

    #[inline(always)]
    pub fn new([a, b, c, d]: [f32; 4]) -> Lanes {
        f32x4(a, b, c, d)
    }
    #[inline(always)]
    pub fn splat(v: f32) -> Lanes {
        f32x4_splat(v)
    }
    #[inline(always)]
    pub fn array(v: Lanes) -> [f32; 4] {
        [
            f32x4_extract_lane::<0>(v),
            f32x4_extract_lane::<1>(v),
            f32x4_extract_lane::<2>(v),
            f32x4_extract_lane::<3>(v),
        ]
    }
    #[inline(always)]
    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        f32x4_add(a, b)
    }
    #[inline(always)]
    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        f32x4_mul(a, b)
    }
}

/// Compilers turn operations on four neighbours into one, given the width spelt out.
#[cfg(not(target_arch = "wasm32"))]
mod lanes {
    pub type Lanes = [f32; 4];

    #[inline(always)]
    pub fn new(v: [f32; 4]) -> Lanes {
        v
    }
    #[inline(always)]
    pub fn splat(v: f32) -> Lanes {
        [v; 4]
    }
    #[inline(always)]
    pub fn array(v: Lanes) -> [f32; 4] {
        v
    }
    #[inline(always)]
    pub fn add([a, b, c, d]: Lanes, [e, f, g, h]: Lanes) -> Lanes {
        [a + e, b + f, c + g, d + h]
    }
    #[inline(always)]
    pub fn mul([a, b, c, d]: Lanes, [e, f, g, h]: Lanes) -> Lanes {
        [a * e, b * f, c * g, d * h]
    }
}

/// Four f32.
#[derive(Clone, Copy)]
pub(super) struct F32x4(lanes::Lanes);

impl F32x4 {
    /// The number of lanes.
    pub(super) const LANES: usize = 4;

    /// The same value in all lanes.
    #[inline(always)]
    pub(super) fn splat(value: f32) -> F32x4 {
        F32x4(lanes::splat(value))
    }

    /// The first four values.
    #[inline(always)]
    pub(super) fn load(values: &[f32]) -> F32x4 {
        let &[a, b, c, d, ..] = values else { unreachable!("callers pass four values or more") };
        F32x4(lanes::new([a, b, c, d]))
    }

    /// Writes the first four values.
    #[inline(always)]
    pub(super) fn store(self, values: &mut [f32]) {
        values[..Self::LANES].copy_from_slice(&lanes::array(self.0));
    }
}

impl Add for F32x4 {
    type Output = F32x4;
    #[inline(always)]
    fn add(self, other: F32x4) -> F32x4 {
        F32x4(lanes::add(self.0, other.0))
    }
}

impl Mul for F32x4 {
    type Output = F32x4;
    #[inline(always)]
    fn mul(self, other: F32x4) -> F32x4 {
        F32x4(lanes::mul(self.0, other.0))
    }
}
