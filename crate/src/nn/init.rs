//! Initial values, as `torch.nn.init`. Each writes into the tensor it is given.

use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::{Tensor, no_grad};

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

/// Uniform on [low, high).
///
/// # Errors
/// Never for f32 tensors.
pub fn uniform_(tensor: &Tensor, low: f64, high: f64, generator: &mut Generator) -> Result<()> {
    no_grad(|| tensor.copy_(&Tensor::uniform(tensor.dims(), low, high, generator)))
}

/// Normal with mean 0 and the given deviation.
///
/// # Errors
/// Never for f32 tensors.
pub fn normal_(tensor: &Tensor, std: f64, generator: &mut Generator) -> Result<()> {
    no_grad(|| tensor.copy_(&Tensor::randn(tensor.dims(), generator).mul(std)?))
}

/// Zeros.
///
/// # Errors
/// Never.
pub fn zeros_(tensor: &Tensor) -> Result<()> {
    no_grad(|| tensor.fill_(0.0))
}

/// Uniform within ±√(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
///
/// # Errors
/// For fewer than two dimensions.
pub fn xavier_uniform_(tensor: &Tensor, generator: &mut Generator) -> Result<()> {
    let (fan_in, fan_out) = fan_in_and_out(tensor.dims())?;
    let std = (2.0 / (fan_in + fan_out) as f64).sqrt();
    let bound = 3f64.sqrt() * std;
    uniform_(tensor, -bound, bound, generator)
}

/// Normal with deviation √(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
///
/// # Errors
/// For fewer than two dimensions.
pub fn xavier_normal_(tensor: &Tensor, generator: &mut Generator) -> Result<()> {
    let (fan_in, fan_out) = fan_in_and_out(tensor.dims())?;
    normal_(tensor, (2.0 / (fan_in + fan_out) as f64).sqrt(), generator)
}

/// Uniform within ±√3 · gain / √fan_in, gain = √(2 / (1 + a²)) (He et al., 2015).
///
/// # Errors
/// For fewer than two dimensions.
pub fn kaiming_uniform_(tensor: &Tensor, a: f64, generator: &mut Generator) -> Result<()> {
    let (fan_in, _) = fan_in_and_out(tensor.dims())?;
    let gain = (2.0 / (1.0 + a * a)).sqrt();
    let bound = 3f64.sqrt() * (gain / (fan_in as f64).sqrt());
    uniform_(tensor, -bound, bound, generator)
}

/// Normal with deviation gain / √fan_in, gain = √(2 / (1 + a²)) (He et al., 2015).
///
/// # Errors
/// For fewer than two dimensions.
pub fn kaiming_normal_(tensor: &Tensor, a: f64, generator: &mut Generator) -> Result<()> {
    let (fan_in, _) = fan_in_and_out(tensor.dims())?;
    let gain = (2.0 / (1.0 + a * a)).sqrt();
    normal_(tensor, gain / (fan_in as f64).sqrt(), generator)
}
