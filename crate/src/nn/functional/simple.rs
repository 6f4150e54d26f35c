//! Normalisation, dropout, look-ups and smooth activations.

use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::nn::SharedGenerator;
use crate::tensor::{Called, Tensor, no_grad};

/// In training, zeroes each element with probability p and divides the rest by 1 − p.
///
/// # Errors
/// When p is not a probability.
pub fn dropout(input: &Tensor, p: f64, training: bool, generator: &SharedGenerator) -> Result<Tensor> {
    if !(0.0..=1.0).contains(&p) {
        return Err(Error::Value(format!("dropout probability has to be between 0 and 1, but got {p}")));
    }
    if !training || p == 0.0 {
        return Ok(input.clone());
    }
    if input.dtype() == DType::F32 {
        return input.mul(&Tensor::dropout_mask(input.dims(), p, generator).to_device(input.device())?);
    }
    let mut generator = generator.borrow_mut();
    let keep = 1.0 - p;
    let scale = 1.0 / keep;
    let mask: Vec<f64> =
        (0..input.numel()).map(|_| if generator.rand_f64() < keep { scale } else { 0.0 }).collect();
    input.mul(&Tensor::from_vec(mask, input.dims())?.to(input.dtype())?)
}

/// Rows of a table `[n, d]` at i64 indices `[*]`: `[*, d]`. No gradient goes to row `padding_idx`.
///
/// # Errors
/// When an index is not a whole number, or not in the table.
pub fn embedding(input: &Tensor, weight: &Tensor, padding_idx: Option<usize>) -> Result<Tensor> {
    let padding_idx = padding_idx.map(|i| i as isize);
    embedding_with(input, weight, &EmbeddingOptions { padding_idx, ..EmbeddingOptions::default() })
}

/// The arguments of `F.embedding`, with PyTorch's defaults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmbeddingOptions {
    /// A row that takes no gradient; a negative number counts from the end
    pub padding_idx: Option<isize>,
    /// Rows that are looked up and have a larger norm are scaled down to it first, in the table itself
    pub max_norm: Option<f64>,
    /// The p of that norm; 2
    pub norm_type: f64,
    /// Whether a row's gradient is divided by how often the row is looked up; false
    pub scale_grad_by_freq: bool,
}

impl Default for EmbeddingOptions {
    fn default() -> Self {
        EmbeddingOptions { padding_idx: None, max_norm: None, norm_type: 2.0, scale_grad_by_freq: false }
    }
}

/// [`embedding`] with all of its arguments.
///
/// # Errors
/// When an index is not a whole number, or not in the table.
pub fn embedding_with(input: &Tensor, weight: &Tensor, o: &EmbeddingOptions) -> Result<Tensor> {
    if input.dtype() != DType::I64 {
        return Err(Error::DType(format!(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but \
             got torch.{}Tensor instead (while checking arguments for embedding)",
            input.dtype().scalar_type()
        )));
    }
    let &[n, width] = weight.dims() else {
        return Err(Error::Shape("'weight' must be 2-D".into()));
    };
    let padding = o.padding_idx.map(|i| if i < 0 { i + n as isize } else { i });
    if padding.is_some_and(|i| !(0..n as isize).contains(&i)) {
        return Err(Error::Value("Padding_idx must be within num_embeddings".into()));
    }
    let index = input.reshape(&[-1])?;
    // Elsewhere the device itself looks at indices, and elements are read only where they are needed.
    let counted = o.max_norm.is_some() || o.scale_grad_by_freq;
    let places = match index.device() == Device::Cpu || counted {
        true => index.to_vec::<i64>()?,
        false => Vec::new(),
    };
    if places.iter().any(|&i| i < 0 || i as usize >= n) {
        return Err(Error::Index("index out of range in self".into()));
    }
    let mut counts = vec![0usize; if counted { n } else { 0 }];
    if !counts.is_empty() {
        places.iter().for_each(|&i| counts[i as usize] += 1);
    }
    if let Some(max_norm) = o.max_norm {
        let used: Vec<i64> = (0..n as i64).filter(|&i| counts[i as usize] > 0).collect();
        no_grad(|| limit_norms(weight, used, max_norm, o.norm_type))?;
    }
    let mut rows = weight.index_select(0, &index)?;
    if o.scale_grad_by_freq {
        // Adds nothing to the rows, but its gradient.
        let shares = places.iter().map(|&i| 1.0 / counts[i as usize] as f64).collect();
        let shares =
            Tensor::from_vec(shares, &[places.len(), 1])?.to(rows.dtype())?.to_device(rows.device())?;
        rows = rows.detach().add(&rows.sub(&rows.detach())?.mul(&shares)?)?;
    }
    if let Some(padding) = padding {
        let others = index.ne(padding as i64)?.unsqueeze(1)?;
        rows = rows.where_(&others, &rows.detach())?;
    }
    let dims: Vec<isize> = input.dims().iter().chain([&width]).map(|&n| n as isize).collect();
    rows.reshape(&dims).called("EmbeddingBackward0")
}

/// Rows with a norm above `max_norm` times max_norm / (norm + 1e-7), as `torch.embedding_renorm_`.
fn limit_norms(weight: &Tensor, used: Vec<i64>, max_norm: f64, p: f64) -> Result<()> {
    let n = used.len();
    let used = Tensor::from_vec(used, &[n])?;
    let rows = weight.index_select(0, &used)?;
    let norms = rows.norm_dim(p, &[1], true)?;
    let smaller = rows.mul(&norms.add(1e-7)?.reciprocal()?.mul(max_norm)?)?;
    weight.index_put_(&used, &smaller.where_(&norms.gt(max_norm)?, &rows)?)
}

/// (x − mean) / √(var + ε) · γ + β over the last dimensions, whose sizes are `normalized_shape`.
///
/// # Errors
/// When they are not.
pub fn layer_norm(
    input: &Tensor,
    normalized_shape: &[usize],
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Result<Tensor> {
    if normalized_shape.is_empty() || !input.dims().ends_with(normalized_shape) {
        let sizes: String = normalized_shape.iter().map(|n| format!(", {n}")).collect();
        return Err(Error::Shape(format!(
            "Given normalized_shape={normalized_shape:?}, expected input with shape [*{sizes}], but got input of \
             size{:?}",
            input.dims()
        )));
    }
    let over: Vec<isize> = (1..=normalized_shape.len() as isize).map(|d| -d).collect();
    let mean = input.mean_dim(&over, true)?;
    let var = input.var_dim(&over, 0, true)?;
    let normal = input.sub(&mean)?.mul(&var.add(eps)?.rsqrt()?)?;
    affine(normal, weight, bias).called("NativeLayerNormBackward0")
}

fn affine(normal: Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Result<Tensor> {
    let scaled = weight.map_or(Ok(normal.clone()), |w| normal.mul(w))?;
    bias.map_or(Ok(scaled.clone()), |b| scaled.add(b))
}

/// (x − mean) / √(var + ε) · γ + β for each channel (dimension 1). `training`: over everything else, and
/// the running averages of mean and unbiased variance, if any, move towards what was found by
/// `momentum`. Otherwise with these averages.
///
/// # Errors
/// When a channel has a single value in training, or the sizes do not fit.
pub fn batch_norm(
    input: &Tensor,
    running: Option<(&Tensor, &Tensor)>,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    training: bool,
    momentum: f64,
    eps: f64,
) -> Result<Tensor> {
    let Some(&channels) = input.dims().get(1) else {
        return Err(Error::Shape(format!("batch_norm expects [N, C, …], got {:?}", input.dims())));
    };
    let given = [running.map(|r| r.0), running.map(|r| r.1), weight, bias];
    for (name, tensor) in ["running_mean", "running_var", "weight", "bias"].iter().zip(given) {
        if let Some(t) = tensor.filter(|t| t.numel() != channels) {
            return Err(Error::Shape(format!("{name} should contain {channels} elements not {}", t.numel())));
        }
    }
    let mut broadcast = vec![1isize; input.ndim()];
    broadcast[1] = channels as isize;
    let channel = |t: &Tensor| t.reshape(&broadcast);
    let (mean, var) = match running {
        Some((mean, var)) if !training => (channel(mean)?, channel(var)?),
        _ => {
            let n = input.numel() / channels.max(1);
            if n < 2 {
                return Err(Error::Value(format!(
                    "Expected more than 1 value per channel when training, got input size torch.Size({:?})",
                    input.dims()
                )));
            }
            let over: Vec<isize> = (0..input.ndim() as isize).filter(|&d| d != 1).collect();
            let mean = input.mean_dim(&over, true)?;
            let var = input.var_dim(&over, 0, true)?;
            if let Some((running_mean, running_var)) = running {
                no_grad(|| {
                    running_mean.lerp_(&mean.reshape(&[-1])?, momentum)?;
                    let unbiased = var.reshape(&[-1])?.mul(n as f64 / (n - 1) as f64)?;
                    running_var.lerp_(&unbiased, momentum)
                })?;
            }
            (mean, var)
        }
    };
    let normal = input.sub(&mean)?.mul(&var.add(eps)?.rsqrt()?)?;
    let weight = weight.map(channel).transpose()?;
    affine(normal, weight.as_ref(), bias.map(channel).transpose()?.as_ref())
        .called("NativeBatchNormBackward0")
}
