//! PyTorch's CPU random numbers, bit for bit: MT19937 and what PyTorch makes of its output.

use crate::error::{Error, Result};
use std::cell::RefCell;
use std::f64::consts::PI;

const N: usize = 624;
const M: usize = 397;

/// A Mersenne Twister (MT19937), as `torch.Generator` on the CPU.
#[derive(Clone)]
pub struct Generator {
    state: [u32; N],
    next: usize,
    /// How many draws there are until the state is renewed, and one
    left: usize,
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
        Generator { state, next: 0, left: 1, seed, cached_normal: None }
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
        self.left = N;
    }

    /// 32 random bits.
    pub fn u32(&mut self) -> u32 {
        self.left -= 1;
        if self.left == 0 {
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

    /// `n` values of `tensor.uniform_(low, high)` in f64: scaled with a single rounding.
    pub fn uniform_f64(&mut self, n: usize, low: f64, high: f64) -> Vec<f64> {
        (0..n).map(|_| libm::fma(self.rand_f64(), high - low, low)).collect()
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

    /// `n` values of `torch.randn` in f32: [`Generator::normal_with`] with mean 0 and deviation 1.
    pub fn normal(&mut self, n: usize) -> Vec<f32> {
        self.normal_with(n, 0.0, 1.0)
    }

    /// `n` values of `tensor.normal_(mean, std)` in f32. PyTorch takes another way from 16 values on; there
    /// the last bits of its vectorised logarithm and cosine differ (within 3e-7).
    pub fn normal_with(&mut self, n: usize, mean: f64, std: f64) -> Vec<f32> {
        if n < 16 {
            return (0..n).map(|_| (self.next_normal() * std + mean) as f32).collect();
        }
        let mut v: Vec<f32> = (0..n).map(|_| self.rand_f32()).collect();
        in_blocks(&mut v, || self.rand_f32(), |block| box_muller_16(block, mean as f32, std as f32));
        v
    }

    /// `n` values of `tensor.normal_(mean, std)` in f64.
    pub fn normal_f64(&mut self, n: usize, mean: f64, std: f64) -> Vec<f64> {
        if n < 16 {
            return (0..n).map(|_| self.next_normal() * std + mean).collect();
        }
        let mut v: Vec<f64> = (0..n).map(|_| self.rand_f64()).collect();
        in_blocks(
            &mut v,
            || self.rand_f64(),
            |block| {
                for j in 0..8 {
                    let r = (-2.0 * libm::log(1.0 - block[j])).sqrt();
                    let theta = 2.0 * PI * block[j + 8];
                    block[j] = r * libm::cos(theta) * std + mean;
                    block[j + 8] = r * libm::sin(theta) * std + mean;
                }
            },
        );
        v
    }

    /// A whole number in `low..high`, as `torch.randint`: of 32 random bits where they suffice, else of 64.
    ///
    /// # Panics
    /// When there is none.
    pub fn randint(&mut self, low: i64, high: i64) -> i64 {
        assert!(low < high, "random_ expects 'from' to be less than 'to', but got from={low} >= to={high}");
        let range = high.wrapping_sub(low) as u64;
        let bits = if range >> 32 == 0 { u64::from(self.u32()) } else { self.u64() };
        low.wrapping_add((bits % range) as i64)
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

    /// Everything that is to come, in the format of `torch.Generator.get_state()`: 5056 bytes.
    pub fn get_state(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(STATE_BYTES);
        bytes.extend(self.seed.to_le_bytes());
        bytes.extend((self.left as u32).to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        bytes.extend((self.next as u64).to_le_bytes());
        self.state.iter().for_each(|&word| bytes.extend(u64::from(word).to_le_bytes()));
        // The second value of a pair lies between two numbers that PyTorch no longer uses.
        for number in [0.0, self.cached_normal.unwrap_or(0.0), 0.0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(u32::from(self.cached_normal.is_some()).to_le_bytes());
        bytes.resize(STATE_BYTES, 0);
        bytes
    }

    /// Goes on from where [`Generator::get_state`], here or in PyTorch, was called.
    ///
    /// # Errors
    /// When the bytes are no such state.
    pub fn set_state(&mut self, state: &[u8]) -> Result<()> {
        if state.len() != STATE_BYTES {
            return Err(Error::Value(format!(
                "Expected either a CPUGeneratorImplStateLegacy of size 5048 or a CPUGeneratorImplState of size \
                 {STATE_BYTES} but found the input RNG state size to be {}",
                state.len()
            )));
        }
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| state[at + i]));
        let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        let (left, next) = (word(8) as usize, long(16));
        // From a state that is not to be renewed at once, so many are left to be read.
        let beyond = next > N as u64 || (left > 1 && next as usize + left > N + 1);
        if word(12) != 1 || !(1..=N).contains(&left) || beyond {
            return Err(Error::Value("Invalid mt19937 state".into()));
        }
        *self = Generator {
            state: std::array::from_fn(|i| word(24 + 8 * i)),
            next: next as usize,
            left,
            seed: long(0),
            cached_normal: (word(24 + 8 * N + 24) != 0).then(|| f64::from_bits(long(24 + 8 * N + 8))),
        };
        Ok(())
    }
}

const STATE_BYTES: usize = 5056;

thread_local! {
    static DEFAULT: RefCell<Generator> = RefCell::new(Generator::new(67_280_421_310_721));
}

/// Starts the thread's default generator over, as `torch.manual_seed`. Before the first call it has the
/// seed 67280421310721.
pub fn manual_seed(seed: u64) {
    DEFAULT.with_borrow_mut(|generator| generator.manual_seed(seed));
}

/// Runs `f` with the one that is given, or with the thread's default generator, which is then in use until
/// `f` returns.
pub fn with_generator<R>(given: Option<&mut Generator>, f: impl FnOnce(&mut Generator) -> R) -> R {
    match given {
        Some(generator) => f(generator),
        None => DEFAULT.with_borrow_mut(f),
    }
}

/// Blocks of sixteen become normal; of a length that sixteen does not divide, the last sixteen are drawn
/// anew.
fn in_blocks<T>(values: &mut [T], mut draw: impl FnMut() -> T, f: impl Fn(&mut [T])) {
    values.chunks_exact_mut(16).for_each(&f);
    if !values.len().is_multiple_of(16) {
        let at = values.len() - 16;
        let last = &mut values[at..];
        last.fill_with(&mut draw);
        f(last);
    }
}

/// Sixteen uniform values become sixteen normal ones: the first eight are radii, the others angles.
fn box_muller_16(v: &mut [f32], mean: f32, std: f32) {
    for j in 0..8 {
        let r = (-2.0 * libm::logf(1.0 - v[j])).sqrt();
        let theta = 2.0 * std::f32::consts::PI * v[j + 8];
        v[j] = r * libm::cosf(theta) * std + mean;
        v[j + 8] = r * libm::sinf(theta) * std + mean;
    }
}
