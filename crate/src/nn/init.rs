//! Initial values, as `torch.nn.init`. Each writes into the tensor it is given, which is f32 or f64, and
//! draws from the generator what PyTorch draws: the same seed gives the same numbers.

mod special;

pub use special::{dirac_, orthogonal_, sparse_, trunc_normal_};

use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::{Tensor, creation, no_grad};

/// Inputs and outputs of one unit: for `[out, in, …]`, `in` and `out` times the size of the window.
///
/// # Errors
/// For fewer than two dimensions.
pub fn fan_in_and_out(dims: &[usize]) -> Result<(usize, usize)> {
    let &[out, fan_in, ..] = dims else {
        return Err(Error::Value(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions".into(),
        ));
    };
    let window: usize = dims[2..].iter().product();
    Ok((fan_in * window, out * window))
}

/// What follows a layer: its gain keeps the size of a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nonlinearity {
    /// Also convolutions
    Linear,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// tanh x
    Tanh,
    /// max(x, 0)
    Relu,
    /// With this negative slope; PyTorch's default is 0.01
    LeakyRelu(f64),
    /// SELU
    Selu,
}

/// 1 for linear layers and sigmoid, 5/3 for tanh, √2 for ReLU, √(2 / (1 + slope²)) for leaky ReLU, 3/4 for
/// SELU.
pub fn calculate_gain(nonlinearity: Nonlinearity) -> f64 {
    match nonlinearity {
        Nonlinearity::Linear | Nonlinearity::Sigmoid => 1.0,
        Nonlinearity::Tanh => 5.0 / 3.0,
        Nonlinearity::Relu => 2f64.sqrt(),
        Nonlinearity::LeakyRelu(slope) => (2.0 / (1.0 + slope * slope)).sqrt(),
        Nonlinearity::Selu => 0.75,
    }
}

/// Uniform on [low, high).
///
/// # Errors
/// For tensors that are not floating-point.
pub fn uniform_(tensor: &Tensor, low: f64, high: f64, generator: &mut Generator) -> Result<()> {
    no_grad(|| tensor.copy_(&creation::uniform(tensor.dims(), low, high, Some(generator), tensor.dtype())?))
}

/// Normal with the given mean and deviation.
///
/// # Errors
/// For tensors that are not floating-point, and for a negative deviation.
pub fn normal_(tensor: &Tensor, mean: f64, std: f64, generator: &mut Generator) -> Result<()> {
    no_grad(|| tensor.copy_(&creation::normal(mean, std, tensor.dims(), Some(generator), tensor.dtype())?))
}

/// Every element the same.
///
/// # Errors
/// Never.
pub fn constant_(tensor: &Tensor, value: f64) -> Result<()> {
    no_grad(|| tensor.fill_(value))
}

/// Ones.
///
/// # Errors
/// Never.
pub fn ones_(tensor: &Tensor) -> Result<()> {
    constant_(tensor, 1.0)
}

/// Zeros.
///
/// # Errors
/// Never.
pub fn zeros_(tensor: &Tensor) -> Result<()> {
    constant_(tensor, 0.0)
}

/// Ones on the diagonal of a matrix and zeros elsewhere.
///
/// # Errors
/// When it is not a matrix.
pub fn eye_(tensor: &Tensor) -> Result<()> {
    let &[rows, columns] = tensor.dims() else {
        return Err(Error::Value("Only tensors with 2 dimensions are supported".into()));
    };
    let one = |i: usize| if i / columns.max(1) == i % columns.max(1) { 1.0f32 } else { 0.0 };
    let values: Vec<f32> = (0..rows * columns).map(one).collect();
    no_grad(|| tensor.copy_(&Tensor::from_vec(values, &[rows, columns])?))
}

/// Uniform within ±gain √(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010). PyTorch's gain is 1 unless
/// given.
///
/// # Errors
/// For fewer than two dimensions.
pub fn xavier_uniform_(tensor: &Tensor, gain: f64, generator: &mut Generator) -> Result<()> {
    let (fan_in, fan_out) = fan_in_and_out(tensor.dims())?;
    let std = gain * (2.0 / (fan_in + fan_out) as f64).sqrt();
    let bound = 3f64.sqrt() * std;
    uniform_(tensor, -bound, bound, generator)
}

/// Normal with deviation gain √(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
///
/// # Errors
/// For fewer than two dimensions.
pub fn xavier_normal_(tensor: &Tensor, gain: f64, generator: &mut Generator) -> Result<()> {
    let (fan_in, fan_out) = fan_in_and_out(tensor.dims())?;
    normal_(tensor, 0.0, gain * (2.0 / (fan_in + fan_out) as f64).sqrt(), generator)
}

/// Whose variance is kept: that of the forward or of the backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FanMode {
    /// Forward
    #[default]
    FanIn,
    /// Backward
    FanOut,
}

/// The options of the Kaiming initialisations, with PyTorch's defaults: leaky ReLU with slope a = 0, whose
/// gain is √2.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Kaiming {
    /// The negative slope, where no other nonlinearity is named
    pub a: f64,
    /// fan_in
    pub mode: FanMode,
    /// What follows; None: leaky ReLU with slope `a`
    pub nonlinearity: Option<Nonlinearity>,
}

impl Kaiming {
    /// gain / √fan
    fn std(&self, dims: &[usize]) -> Result<f64> {
        let (fan_in, fan_out) = fan_in_and_out(dims)?;
        let fan = if self.mode == FanMode::FanIn { fan_in } else { fan_out };
        let gain = calculate_gain(self.nonlinearity.unwrap_or(Nonlinearity::LeakyRelu(self.a)));
        Ok(gain / (fan as f64).sqrt())
    }
}

/// Uniform within ±√3 gain / √fan (He et al., 2015).
///
/// # Errors
/// For fewer than two dimensions.
pub fn kaiming_uniform_(tensor: &Tensor, how: Kaiming, generator: &mut Generator) -> Result<()> {
    let bound = 3f64.sqrt() * how.std(tensor.dims())?;
    uniform_(tensor, -bound, bound, generator)
}

/// Normal with deviation gain / √fan (He et al., 2015).
///
/// # Errors
/// For fewer than two dimensions.
pub fn kaiming_normal_(tensor: &Tensor, how: Kaiming, generator: &mut Generator) -> Result<()> {
    normal_(tensor, 0.0, how.std(tensor.dims())?, generator)
}
