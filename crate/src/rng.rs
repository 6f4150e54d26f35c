//! PyTorch's CPU random numbers, bit for bit: MT19937 and what PyTorch makes of its output.

use std::f64::consts::PI;

const N: usize = 624;
const M: usize = 397;

/// A Mersenne Twister (MT19937), as `torch.Generator` on the CPU.
#[derive(Clone)]
pub struct Generator {
    state: [u32; N],
    next: usize,
    seed: u64,
    /// The second value of the last Box-Muller pair: it outlives the call, as in PyTorch.
    cached_normal: Option<f64>,
}

impl Generator {
    /// A generator seeded as by `torch.manual_seed`; the engine uses the low 32 bits.
    pub fn new(seed: u64) -> Generator {
        let mut state = [0; N];
        state[0] = seed as u32;
        for i in 1..N {
            let previous = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(previous ^ (previous >> 30)).wrapping_add(i as u32);
        }
        Generator { state, next: N, seed, cached_normal: None }
    }

    /// Starts over from `seed`.
    pub fn manual_seed(&mut self, seed: u64) {
        *self = Generator::new(seed);
    }

    /// The seed that it was last given.
    pub fn initial_seed(&self) -> u64 {
        self.seed
    }

    fn refill(&mut self) {
        for i in 0..N {
            let mixed = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % N] & 0x7fff_ffff);
            let twist = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + M) % N] ^ (mixed >> 1) ^ twist;
        }
        self.next = 0;
    }

    /// 32 random bits.
    pub fn u32(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// 64 random bits: the first draw is the high half.
    pub fn u64(&mut self) -> u64 {
        let high = u64::from(self.u32());
        (high << 32) | u64::from(self.u32())
    }

    /// Uniform on [0, 1) with 24 bits, as `torch.rand` in f32.
    pub fn rand_f32(&mut self) -> f32 {
        (self.u32() & ((1 << 24) - 1)) as f32 * (1.0 / (1 << 24) as f32)
    }

    /// Uniform on [0, 1) with 53 bits, as `torch.rand` in f64.
    pub fn rand_f64(&mut self) -> f64 {
        (self.u64() & ((1 << 53) - 1)) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// `n` values of `tensor.uniform_(low, high)` in f32: scaled with a single rounding.
    pub fn uniform(&mut self, n: usize, low: f64, high: f64) -> Vec<f32> {
        let (low, high) = (low as f32, high as f32);
        let range = high - low;
        (0..n).map(|_| libm::fmaf(self.rand_f32(), range, low)).collect()
    }

    fn next_normal(&mut self) -> f64 {
        if let Some(second) = self.cached_normal.take() {
            return second;
        }
        let u1 = self.rand_f64();
        let u2 = self.rand_f64();
        let r = (-2.0 * libm::log1p(-u2)).sqrt();
        let theta = 2.0 * PI * u1;
        self.cached_normal = Some(r * libm::sin(theta));
        r * libm::cos(theta)
    }

    /// `n` values of `tensor.uniform_(low, high)` in f64.
    pub fn uniform_f64(&mut self, n: usize, low: f64, high: f64) -> Vec<f64> {
        (0..n).map(|_| libm::fma(self.rand_f64(), high - low, low)).collect()
    }

    /// `n` values of `torch.randn` in f32. PyTorch takes another way from 16 values on; there the
    /// last bits of its vectorised logarithm and cosine differ (within 3e-7).
    pub fn normal(&mut self, n: usize) -> Vec<f32> {
        self.normal_with(n, 0.0, 1.0)
    }

    /// `n` values of `tensor.normal_(mean, std)` in f32, as near to PyTorch's as [`Generator::normal`].
    pub fn normal_with(&mut self, n: usize, mean: f64, std: f64) -> Vec<f32> {
        if n < 16 {
            return (0..n).map(|_| (self.next_normal() * std + mean) as f32).collect();
        }
        let mut v: Vec<f32> = (0..n).map(|_| self.rand_f32()).collect();
        for block in v.chunks_exact_mut(16) {
            box_muller_16(block);
        }
        if !n.is_multiple_of(16) {
            let last = &mut v[n - 16..];
            last.fill_with(|| self.rand_f32());
            box_muller_16(last);
        }
        if (mean, std) != (0.0, 1.0) {
            v.iter_mut().for_each(|z| *z = libm::fmaf(*z, std as f32, mean as f32));
        }
        v
    }

    /// `n` values of `tensor.normal_(mean, std)` in f64.
    pub fn normal_f64(&mut self, n: usize, mean: f64, std: f64) -> Vec<f64> {
        if n < 16 {
            return (0..n).map(|_| self.next_normal() * std + mean).collect();
        }
        let mut v: Vec<f64> = (0..n).map(|_| self.rand_f64()).collect();
        let mut at = 0;
        while at < n {
            let start = at.min(n - 16);
            let block = &mut v[start..start + 16];
            if start < at {
                block.fill_with(|| self.rand_f64());
            }
            for j in 0..8 {
                let r = (-2.0 * libm::log(1.0 - block[j])).sqrt();
                let theta = 2.0 * PI * block[j + 8];
                block[j] = r * libm::cos(theta) * std + mean;
                block[j + 8] = r * libm::sin(theta) * std + mean;
            }
            at += 16;
        }
        v
    }

    /// A whole number in `low..high`, as `torch.randint` for ranges below 2^32.
    pub fn randint(&mut self, low: i64, high: i64) -> i64 {
        i64::from(self.u32() % (high - low) as u32) + low
    }

    /// The numbers `0..n` in random order, as `torch.randperm`.
    pub fn randperm(&mut self, n: usize) -> Vec<usize> {
        let mut r: Vec<usize> = (0..n).collect();
        for i in 0..n.saturating_sub(1) {
            let z = self.u32() as usize % (n - i);
            r.swap(i, i + z);
        }
        r
    }

    /// As `torch.empty((), dtype=torch.int64).random_()`: 63 random bits.
    pub fn random_i64(&mut self) -> i64 {
        (self.u64() & (u64::MAX >> 1)) as i64
    }
}

/// Sixteen uniform values become sixteen normal ones: the first eight are radii, the others angles.
fn box_muller_16(v: &mut [f32]) {
    for j in 0..8 {
        let r = (-2.0 * libm::logf(1.0 - v[j])).sqrt();
        let theta = 2.0 * std::f32::consts::PI * v[j + 8];
        v[j] = r * libm::cosf(theta);
        v[j + 8] = r * libm::sinf(theta);
    }
}
