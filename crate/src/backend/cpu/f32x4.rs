//! Four f32 at once, on every processor: SIMD128 in the browser, SSE2 on x86-64, what the compiler makes
//! of arrays elsewhere.
//! Each lane is one IEEE operation, so the result is the same bits everywhere. (Which bits a NaN has is
//! the processor's choice; that it is one is not.)

mod real;

pub(super) use real::Real;
use std::ops::{Add, Mul};

#[cfg(target_arch = "wasm32")]
mod lanes {
    use std::arch::wasm32 as wasm;

    pub type Lanes = wasm::v128;

    #[inline(always)]
    pub fn new(v: [f32; 4]) -> Lanes {
        // SAFETY: there are four floats. Lane by lane, small builds would read them one by one.
        unsafe { wasm::v128_load(v.as_ptr().cast()) }
    }
    #[inline(always)]
    pub fn splat(v: f32) -> Lanes {
        wasm::f32x4_splat(v)
    }
    #[inline(always)]
    pub fn array(v: Lanes) -> [f32; 4] {
        let mut out = [0.0; 4];
        // SAFETY: there is room for four floats.
        unsafe { wasm::v128_store(out.as_mut_ptr().cast(), v) };
        out
    }
    /// # Safety
    /// Four floats can be read.
    #[inline(always)]
    pub unsafe fn read(p: *const f32) -> Lanes {
        // SAFETY: the caller's.
        unsafe { wasm::v128_load(p.cast()) }
    }
    /// # Safety
    /// A float can be read.
    #[inline(always)]
    pub unsafe fn splat_at(p: *const f32) -> Lanes {
        // SAFETY: the caller's.
        unsafe { wasm::v128_load32_splat(p.cast()) }
    }
    /// # Safety
    /// Four floats can be written.
    #[inline(always)]
    pub unsafe fn write(v: Lanes, p: *mut f32) {
        // SAFETY: the caller's.
        unsafe { wasm::v128_store(p.cast(), v) }
    }
    #[inline(always)]
    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        wasm::f32x4_add(a, b)
    }
    #[inline(always)]
    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        wasm::f32x4_mul(a, b)
    }
    #[inline(always)]
    pub fn relu(v: Lanes) -> Lanes {
        // v < 0 ? 0 : v
        wasm::f32x4_pmax(v, splat(0.0))
    }
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
        let ab_low = wasm::i32x4_shuffle::<0, 4, 1, 5>(a, b);
        let ab_high = wasm::i32x4_shuffle::<2, 6, 3, 7>(a, b);
        let cd_low = wasm::i32x4_shuffle::<0, 4, 1, 5>(c, d);
        let cd_high = wasm::i32x4_shuffle::<2, 6, 3, 7>(c, d);
        [
            wasm::i64x2_shuffle::<0, 2>(ab_low, cd_low),
            wasm::i64x2_shuffle::<1, 3>(ab_low, cd_low),
            wasm::i64x2_shuffle::<0, 2>(ab_high, cd_high),
            wasm::i64x2_shuffle::<1, 3>(ab_high, cd_high),
        ]
    }
}

/// Every x86-64 processor has SSE.
#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64 as sse;

    pub type Lanes = sse::__m128;

    #[inline(always)]
    pub fn new([a, b, c, d]: [f32; 4]) -> Lanes {
        // SAFETY: SSE is there.
        unsafe { sse::_mm_setr_ps(a, b, c, d) }
    }
    #[inline(always)]
    pub fn splat(v: f32) -> Lanes {
        // SAFETY: SSE is there.
        unsafe { sse::_mm_set1_ps(v) }
    }
    #[inline(always)]
    pub fn array(v: Lanes) -> [f32; 4] {
        let mut out = [0.0; 4];
        // SAFETY: there is room for four floats.
        unsafe { sse::_mm_storeu_ps(out.as_mut_ptr(), v) };
        out
    }
    /// # Safety
    /// Four floats can be read.
    #[inline(always)]
    pub unsafe fn read(p: *const f32) -> Lanes {
        // SAFETY: the caller's.
        unsafe { sse::_mm_loadu_ps(p) }
    }
    /// # Safety
    /// A float can be read.
    #[inline(always)]
    pub unsafe fn splat_at(p: *const f32) -> Lanes {
        // SAFETY: the caller's.
        splat(unsafe { *p })
    }
    /// # Safety
    /// Four floats can be written.
    #[inline(always)]
    pub unsafe fn write(v: Lanes, p: *mut f32) {
        // SAFETY: the caller's.
        unsafe { sse::_mm_storeu_ps(p, v) }
    }
    #[inline(always)]
    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        // SAFETY: SSE is there.
        unsafe { sse::_mm_add_ps(a, b) }
    }
    #[inline(always)]
    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        // SAFETY: SSE is there.
        unsafe { sse::_mm_mul_ps(a, b) }
    }
    #[inline(always)]
    pub fn relu(v: Lanes) -> Lanes {
        // 0 > v ? 0 : v, so the second operand when one is a NaN and when both are zeros.
        // SAFETY: SSE is there.
        unsafe { sse::_mm_max_ps(sse::_mm_setzero_ps(), v) }
    }
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
        // SAFETY: SSE is there.
        unsafe {
            let (ab_low, ab_high) = (sse::_mm_unpacklo_ps(a, b), sse::_mm_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (sse::_mm_unpacklo_ps(c, d), sse::_mm_unpackhi_ps(c, d));
            [
                sse::_mm_movelh_ps(ab_low, cd_low),
                sse::_mm_movehl_ps(cd_low, ab_low),
                sse::_mm_movelh_ps(ab_high, cd_high),
                sse::_mm_movehl_ps(cd_high, ab_high),
            ]
        }
    }
}

/// Compilers turn operations on four neighbours into one, given the width spelt out.
#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
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
    /// # Safety
    /// Four floats can be read.
    #[inline(always)]
    pub unsafe fn read(p: *const f32) -> Lanes {
        // SAFETY: the caller's; an array of floats is aligned as a float.
        unsafe { *p.cast() }
    }
    /// # Safety
    /// A float can be read.
    #[inline(always)]
    pub unsafe fn splat_at(p: *const f32) -> Lanes {
        // SAFETY: the caller's.
        splat(unsafe { *p })
    }
    /// # Safety
    /// Four floats can be written.
    #[inline(always)]
    pub unsafe fn write(v: Lanes, p: *mut f32) {
        // SAFETY: the caller's; an array of floats is aligned as a float.
        unsafe { *p.cast() = v }
    }
    #[inline(always)]
    pub fn add([a, b, c, d]: Lanes, [e, f, g, h]: Lanes) -> Lanes {
        [a + e, b + f, c + g, d + h]
    }
    #[inline(always)]
    pub fn mul([a, b, c, d]: Lanes, [e, f, g, h]: Lanes) -> Lanes {
        [a * e, b * f, c * g, d * h]
    }
    #[inline(always)]
    pub fn relu(v: Lanes) -> Lanes {
        v.map(|v| if v < 0.0 { 0.0 } else { v })
    }
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Lanes; 4]) -> [Lanes; 4] {
        [0, 1, 2, 3].map(|i| [a[i], b[i], c[i], d[i]])
    }
}

/// Four f32.
#[derive(Clone, Copy)]
pub(super) struct F32x4(lanes::Lanes);

impl F32x4 {
    /// The same value in all lanes.
    #[inline(always)]
    pub(super) fn splat(value: f32) -> F32x4 {
        F32x4(lanes::splat(value))
    }

    /// The number of lanes.
    pub(super) const LANES: usize = 4;

    /// The four floats at `p`, which need not be aligned to more than a float.
    ///
    /// # Safety
    /// All four can be read.
    #[inline(always)]
    pub(super) unsafe fn read(p: *const f32) -> F32x4 {
        // SAFETY: the caller's.
        F32x4(unsafe { lanes::read(p) })
    }

    /// The float at `p` in all lanes.
    ///
    /// # Safety
    /// It can be read.
    #[inline(always)]
    pub(super) unsafe fn splat_at(p: *const f32) -> F32x4 {
        // SAFETY: the caller's.
        F32x4(unsafe { lanes::splat_at(p) })
    }

    /// Four floats from four places.
    ///
    /// # Safety
    /// All can be read.
    #[inline(always)]
    pub(super) unsafe fn collect([a, b, c, d]: [*const f32; 4]) -> F32x4 {
        // SAFETY: the caller's.
        F32x4(unsafe { lanes::new([*a, *b, *c, *d]) })
    }

    /// Writes all lanes to `p`, which need not be aligned to more than a float.
    ///
    /// # Safety
    /// All four can be written.
    #[inline(always)]
    pub(super) unsafe fn write(self, p: *mut f32) {
        // SAFETY: the caller's.
        unsafe { lanes::write(self.0, p) }
    }

    /// The lanes as an array.
    #[inline(always)]
    pub(super) fn array(self) -> [f32; 4] {
        lanes::array(self.0)
    }

    /// 0 where a lane is below 0, else the lane: −0 and NaN stay.
    #[inline(always)]
    pub(super) fn relu(self) -> F32x4 {
        F32x4(lanes::relu(self.0))
    }

    /// Lane i of row j as lane j of row i.
    #[inline(always)]
    pub(super) fn transpose([a, b, c, d]: [F32x4; 4]) -> [F32x4; 4] {
        let [a, b, c, d] = lanes::transpose([a.0, b.0, c.0, d.0]);
        [F32x4(a), F32x4(b), F32x4(c), F32x4(d)]
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
