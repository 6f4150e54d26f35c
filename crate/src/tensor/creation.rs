//! New tensors, as `torch.zeros` and its kin: sizes and options come from outside, so these give errors where
//! the short forms on [`Tensor`] would panic. Options are a dtype, `None`, or [`Options`].

use super::{Literal, Tensor};
use crate::backend::Storage;
use crate::backend::cpu::Element;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::rng::{Generator, with_generator};
use crate::shape::{allocatable, checked_dims};

/// What PyTorch's creation functions take by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The elements' type; None: what the function or the values suggest
    pub dtype: Option<DType>,
    /// Whether gradients are wanted; false
    pub requires_grad: bool,
}

impl From<Option<DType>> for Options {
    fn from(dtype: Option<DType>) -> Options {
        Options { dtype, requires_grad: false }
    }
}

impl From<DType> for Options {
    fn from(dtype: DType) -> Options {
        Some(dtype).into()
    }
}

impl Options {
    /// PyTorch's defaults.
    pub fn new() -> Options {
        Options::default()
    }

    /// Of this type.
    pub fn dtype(self, dtype: DType) -> Options {
        Options { dtype: Some(dtype), ..self }
    }

    /// With or without gradients.
    pub fn requires_grad(self, requires_grad: bool) -> Options {
        Options { requires_grad, ..self }
    }

    fn apply(self, tensor: Tensor) -> Result<Tensor> {
        tensor.requires_grad_(self.requires_grad)
    }
}

/// A number with its kind, which decides on a dtype.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar {
    /// True or False
    Bool(bool),
    /// A Python int
    Int(i64),
    /// A Python float
    Float(f64),
}

macro_rules! scalars {
    ($($t:ty => $variant:ident),+) => {
        $(impl From<$t> for Scalar {
            fn from(value: $t) -> Scalar {
                Scalar::$variant(value)
            }
        })+
    };
}
scalars!(bool => Bool, i64 => Int, f64 => Float);

impl Scalar {
    fn dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) => DType::I64,
            Scalar::Float(_) => DType::F32,
        }
    }

    fn to_f64(self) -> f64 {
        match self {
            Scalar::Bool(b) => f64::from(u8::from(b)),
            Scalar::Int(n) => n as f64,
            Scalar::Float(x) => x,
        }
    }
}

/// A tensor of numbers in nested lists, as `torch.tensor`: see [`Literal`]. A text or JSON is parsed as one
/// first.
///
/// # Errors
/// When lists side by side differ in length, or gradients are asked of whole numbers; so for all here.
pub fn tensor(data: impl Into<Literal>, options: impl Into<Options>) -> Result<Tensor> {
    let options = options.into();
    options.apply(data.into().to_tensor(options.dtype)?)
}

/// Every element `value`, whose kind is the dtype unless one is given: as `torch.full`.
///
/// # Errors
/// When the elements take more than [`crate::shape::MAX_BYTES`], before they are tried; so for all here that
/// take sizes.
pub fn full(dims: &[usize], value: impl Into<Scalar>, options: impl Into<Options>) -> Result<Tensor> {
    filled(dims, value.into(), options.into())
}

fn filled(dims: &[usize], value: Scalar, options: Options) -> Result<Tensor> {
    let dtype = options.dtype.unwrap_or(value.dtype());
    let dims = checked_dims(dims)?;
    let n = allocatable(&dims, dtype)?;
    options.apply(match value {
        // Through f64 it could lose digits.
        Scalar::Int(value) if dtype == DType::I64 => Tensor::from_vec(vec![value; n], &dims)?,
        value => Tensor::full(&dims, value.to_f64(), dtype),
    })
}

/// Zeros, f32 unless told otherwise.
///
/// # Errors
/// See [`full`].
pub fn zeros(dims: &[usize], options: impl Into<Options>) -> Result<Tensor> {
    filled(dims, Scalar::Float(0.0), options.into())
}

/// Ones, f32 unless told otherwise.
///
/// # Errors
/// See [`full`].
pub fn ones(dims: &[usize], options: impl Into<Options>) -> Result<Tensor> {
    filled(dims, Scalar::Float(1.0), options.into())
}

/// As `torch.empty`, whose elements may be anything: here zeros.
///
/// # Errors
/// See [`full`].
pub fn empty(dims: &[usize], options: impl Into<Options>) -> Result<Tensor> {
    zeros(dims, options)
}

/// Ones on the diagonal of a matrix with n rows and m columns (None: n), zeros elsewhere.
///
/// # Errors
/// See [`full`].
pub fn eye(n: usize, m: Option<usize>, options: impl Into<Options>) -> Result<Tensor> {
    let m = m.unwrap_or(n);
    let options = options.into();
    let dtype = options.dtype.unwrap_or(DType::F32);
    let len = allocatable(&[n, m], dtype)?;
    let ones = (0..len).map(|i| i / m == i % m).collect();
    options.apply(Tensor::from_vec::<bool>(ones, &[n, m])?.to(dtype)?)
}

/// start, start + step, … before end, as `torch.arange`: whole numbers if all three are, else f32.
///
/// # Errors
/// See [`full`]; also for a step of 0 or in the wrong direction, and for bounds that are not finite.
pub fn arange(
    start: impl Into<Scalar>,
    end: impl Into<Scalar>,
    step: impl Into<Scalar>,
    options: impl Into<Options>,
) -> Result<Tensor> {
    let options = options.into();
    let of = [start.into(), end.into(), step.into()];
    let [from, to, by] = of.map(Scalar::to_f64);
    if by == 0.0 {
        return Err(Error::Value("step must be nonzero".into()));
    }
    if !(from.is_finite() && to.is_finite()) {
        return Err(Error::Value(format!("unsupported range: {from} -> {to}")));
    }
    if by.is_nan() || (by > 0.0) != (to >= from) && to != from {
        return Err(Error::Value("upper bound and lower bound inconsistent with step sign".into()));
    }
    let whole = of.iter().all(|n| !matches!(n, Scalar::Float(_)));
    let dtype = options.dtype.unwrap_or(if whole { DType::I64 } else { DType::F32 });
    let size = ((to - from) / by).ceil();
    // More than is allowed, whatever dtype: a larger number would not be one of sizes.
    let n = allocatable(&[size.min(1e18) as usize], dtype)?;
    if dtype == DType::I64 {
        let integer = |n: Scalar| if let Scalar::Int(n) = n { n } else { n.to_f64() as i64 };
        let (start, step) = (integer(of[0]), integer(of[2]));
        let values = (0..n as i64).map(|i| start.wrapping_add(step.wrapping_mul(i))).collect();
        return options.apply(Tensor::from_vec::<i64>(values, &[n])?);
    }
    let values = (0..n).map(|i| from + by * i as f64).collect();
    options.apply(Tensor::from_vec::<f64>(values, &[n])?.to(dtype)?)
}

/// `steps` numbers from start to end at equal distances, both included: as `torch.linspace`.
///
/// # Errors
/// See [`full`].
pub fn linspace(start: f64, end: f64, steps: usize, options: impl Into<Options>) -> Result<Tensor> {
    let options = options.into();
    let dtype = options.dtype.unwrap_or(DType::F32);
    allocatable(&[steps], DType::F64)?;
    // Counted from the nearer end, in the precision of the result, as PyTorch does.
    fn places<T: Element>(steps: usize, at: impl Fn(bool, T) -> T) -> Result<Tensor> {
        let place = |i: usize| match i < steps / 2 {
            true => at(true, T::from_f64(i as f64)),
            false => at(false, T::from_f64((steps - i - 1) as f64)),
        };
        Tensor::from_vec((0..steps).map(place).collect(), &[steps])
    }
    let gaps = steps.saturating_sub(1);
    let values = if dtype == DType::F32 {
        let (start, end) = (start as f32, end as f32);
        let step = (end - start) / gaps as f32;
        places(steps, |left, i: f32| match (left, steps) {
            (_, 1) => start,
            (true, _) => start + step * i,
            (false, _) => end - step * i,
        })?
    } else {
        let step = (end - start) / gaps as f64;
        places(steps, |left, i: f64| match (left, steps) {
            (_, 1) => start,
            (true, _) => start + step * i,
            (false, _) => end - step * i,
        })?
    };
    options.apply(values.to(dtype)?)
}

/// The powers of `base` with the exponents of [`linspace`], as `torch.logspace`.
///
/// # Errors
/// See [`full`].
pub fn logspace(
    start: f64,
    end: f64,
    steps: usize,
    base: f64,
    options: impl Into<Options>,
) -> Result<Tensor> {
    let options = options.into();
    let exponents = linspace(start, end, steps, DType::F64)?;
    let powers = Tensor::scalar(base).pow(&exponents)?;
    options.apply(powers.to(options.dtype.unwrap_or(DType::F32))?)
}

fn floating(options: Options, what: &str) -> Result<DType> {
    let dtype = options.dtype.unwrap_or(DType::F32);
    if dtype.is_floating_point() {
        return Ok(dtype);
    }
    Err(Error::DType(format!("\"{what}\" not implemented for '{}'", dtype.scalar_type())))
}

/// Uniform on [0, 1). Without a generator, the default one is drawn from: see [`crate::rng::manual_seed`];
/// so for all here.
///
/// # Errors
/// See [`full`]; also for dtypes without fractions.
pub fn rand(
    dims: &[usize],
    generator: Option<&mut Generator>,
    options: impl Into<Options>,
) -> Result<Tensor> {
    uniform(dims, 0.0, 1.0, generator, options)
}

/// Uniform on [low, high), as `torch.empty(dims).uniform_(low, high)`.
///
/// # Errors
/// See [`rand`].
pub fn uniform(
    dims: &[usize],
    low: f64,
    high: f64,
    generator: Option<&mut Generator>,
    options: impl Into<Options>,
) -> Result<Tensor> {
    let options = options.into();
    let dtype = floating(options, "check_uniform_bounds")?;
    let dims = checked_dims(dims)?;
    let n = allocatable(&dims, dtype)?;
    let storage = with_generator(generator, |g| match dtype {
        DType::F64 => f64::store(g.uniform_f64(n, low, high)),
        _ => f32::store(g.uniform(n, low, high)),
    });
    options.apply(Tensor::from_storage(Storage::Cpu(storage), &dims))
}

/// Standard normal.
///
/// # Errors
/// See [`rand`].
pub fn randn(
    dims: &[usize],
    generator: Option<&mut Generator>,
    options: impl Into<Options>,
) -> Result<Tensor> {
    normal(0.0, 1.0, dims, generator, options)
}

/// Normal with this mean and standard deviation, as `torch.normal(mean, std, dims)`.
///
/// # Errors
/// See [`rand`]; also for a negative deviation.
pub fn normal(
    mean: f64,
    std: f64,
    dims: &[usize],
    generator: Option<&mut Generator>,
    options: impl Into<Options>,
) -> Result<Tensor> {
    let options = options.into();
    let dtype = floating(options, "normal_kernel_cpu")?;
    if std.is_nan() || std < 0.0 {
        return Err(Error::Value(format!("normal expects std >= 0.0, but found std {std}")));
    }
    let dims = checked_dims(dims)?;
    let n = allocatable(&dims, dtype)?;
    let storage = with_generator(generator, |g| match dtype {
        DType::F64 => f64::store(g.normal_f64(n, mean, std)),
        _ => f32::store(g.normal_with(n, mean, std)),
    });
    options.apply(Tensor::from_storage(Storage::Cpu(storage), &dims))
}

/// Whole numbers in `low..high`: i64 unless told otherwise.
///
/// # Errors
/// See [`full`]; also when there is no such number.
pub fn randint(
    low: i64,
    high: i64,
    dims: &[usize],
    generator: Option<&mut Generator>,
    options: impl Into<Options>,
) -> Result<Tensor> {
    if low >= high {
        return Err(Error::Value(format!(
            "random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )));
    }
    let options = options.into();
    let dims = checked_dims(dims)?;
    let n = allocatable(&dims, DType::I64)?;
    let values = with_generator(generator, |g| (0..n).map(|_| g.randint(low, high)).collect());
    options.apply(Tensor::from_vec::<i64>(values, &dims)?.to(options.dtype.unwrap_or(DType::I64))?)
}

/// The numbers `0..n` in random order: i64 unless told otherwise.
///
/// # Errors
/// See [`full`].
pub fn randperm(n: usize, generator: Option<&mut Generator>, options: impl Into<Options>) -> Result<Tensor> {
    let options = options.into();
    allocatable(&[n], DType::I64)?;
    let order = with_generator(generator, |g| g.randperm(n)).into_iter().map(|i| i as i64).collect();
    options.apply(Tensor::from_vec::<i64>(order, &[n])?.to(options.dtype.unwrap_or(DType::I64))?)
}

/// The same shape, and the same dtype unless another is given. PyTorch's names end in `_like`; those that
/// only make the same again, `zeros_like` and `ones_like`, stand with the short forms.
impl Tensor {
    /// Every element `value`, as `torch.full_like`.
    ///
    /// # Errors
    /// See [`full`].
    pub fn full_like(&self, value: impl Into<Scalar>) -> Result<Tensor> {
        self.new_full(self.dims(), value)
    }

    /// As `torch.empty_like`: here zeros.
    ///
    /// # Errors
    /// See [`full`].
    pub fn empty_like(&self) -> Result<Tensor> {
        self.full_like(0.0)
    }

    /// Uniform on [0, 1), as `torch.rand_like`.
    ///
    /// # Errors
    /// See [`rand`].
    pub fn rand_like(&self, generator: Option<&mut Generator>) -> Result<Tensor> {
        rand(self.dims(), generator, self.dtype())
    }

    /// Standard normal, as `torch.randn_like`.
    ///
    /// # Errors
    /// See [`rand`].
    pub fn randn_like(&self, generator: Option<&mut Generator>) -> Result<Tensor> {
        randn(self.dims(), generator, self.dtype())
    }

    /// Whole numbers in `low..high`, as `torch.randint_like`.
    ///
    /// # Errors
    /// See [`randint`].
    pub fn randint_like(&self, low: i64, high: i64, generator: Option<&mut Generator>) -> Result<Tensor> {
        randint(low, high, self.dims(), generator, self.dtype())
    }

    /// Zeros of other sizes and the same dtype, as `tensor.new_zeros`.
    ///
    /// # Errors
    /// See [`full`].
    pub fn new_zeros(&self, dims: &[usize]) -> Result<Tensor> {
        self.new_full(dims, 0.0)
    }

    /// Ones of other sizes and the same dtype, as `tensor.new_ones`.
    ///
    /// # Errors
    /// See [`full`].
    pub fn new_ones(&self, dims: &[usize]) -> Result<Tensor> {
        self.new_full(dims, 1.0)
    }

    /// Every element `value`, of other sizes and the same dtype, as `tensor.new_full`.
    ///
    /// # Errors
    /// See [`full`].
    pub fn new_full(&self, dims: &[usize], value: impl Into<Scalar>) -> Result<Tensor> {
        filled(dims, value.into(), self.dtype().into())?.to_device(self.device())
    }

    /// 1 with the probability that each element names, else 0, in its dtype: as `torch.bernoulli`.
    ///
    /// # Errors
    /// When an element is not a probability.
    pub fn bernoulli(&self, generator: Option<&mut Generator>) -> Result<Tensor> {
        floating(self.dtype().into(), "bernoulli_tensor_cpu_self_")?;
        let p = self.to_f64_vec();
        if !p.iter().all(|p| (0.0..=1.0).contains(p)) {
            return Err(Error::Value("Expected p_in >= 0 && p_in <= 1 to be true, but got false.".into()));
        }
        let wide = self.dtype() == DType::F64;
        let hits = with_generator(generator, |g| {
            let mut draw = || if wide { g.rand_f64() } else { f64::from(g.rand_f32()) };
            p.iter().map(|&p| draw() < p).collect()
        });
        Tensor::from_vec::<bool>(hits, self.dims())?.to(self.dtype())
    }
}
