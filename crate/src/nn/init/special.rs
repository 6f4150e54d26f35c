//! Initial values that are more than draws from a distribution.

use super::{normal_, uniform_, zeros_};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::{Tensor, no_grad};

/// Normal with the given mean and deviation within [low, high]: what is outside is drawn again. PyTorch's
/// defaults are 0, 1, −2 and 2.
///
/// Where less than 0.3 of the distribution is inside, uniform draws are accepted by its density.
///
/// # Errors
/// When the deviation is not positive or the bounds are the wrong way round.
pub fn trunc_normal_(
    tensor: &Tensor,
    mean: f64,
    std: f64,
    low: f64,
    high: f64,
    generator: &mut Generator,
) -> Result<()> {
    if std <= 0.0 || low >= high {
        return Err(Error::Value(format!(
            "trunc_normal_ expects std > 0 and a < b, but got std={std}, a={low}, b={high}"
        )));
    }
    let cdf = |x: f64| (1.0 + libm::erf(x / std::f64::consts::SQRT_2)) / 2.0;
    if cdf((high - mean) / std) - cdf((low - mean) / std) > 0.3 {
        return by_normals(tensor, (mean, std), (low, high), generator);
    }
    by_density(tensor, (mean, std), (low, high), generator)
}

fn by_normals(
    tensor: &Tensor,
    (mean, std): (f64, f64),
    (low, high): (f64, f64),
    generator: &mut Generator,
) -> Result<()> {
    normal_(tensor, mean, std, generator)?;
    // The bounds as the tensor would hold them.
    let bound = |v: f64| Tensor::full(&[], v, tensor.dtype());
    let (low, high) = (bound(low), bound(high));
    let again = tensor.zeros_like();
    no_grad(|| {
        loop {
            let outside = tensor.lt(&low)?.to(DType::F64)?.add(&tensor.gt(&high)?.to(DType::F64)?)?;
            if outside.sum()?.item()? == 0.0 {
                return Ok(());
            }
            normal_(&again, mean, std, generator)?;
            tensor.copy_(&again.where_(&outside.gt(0.0)?, tensor)?)?;
        }
    })
}

fn by_density(
    tensor: &Tensor,
    (mean, std): (f64, f64),
    (low, high): (f64, f64),
    generator: &mut Generator,
) -> Result<()> {
    let mode = mean.min(high).max(low);
    let log_peak = -0.5 * ((mode - mean) / std) * ((mode - mean) / std);
    let (candidates, accept) = (tensor.zeros_like(), tensor.zeros_like());
    no_grad(|| {
        let mut pending: Option<Tensor> = None;
        loop {
            uniform_(&candidates, low, high, generator)?;
            match &pending {
                None => tensor.copy_(&candidates)?,
                Some(pending) => tensor.copy_(&candidates.where_(pending, tensor)?)?,
            }
            let density = candidates.sub(mean)?.div(std)?.square()?.mul(-0.5)?.sub(log_peak)?;
            uniform_(&accept, 0.0, 1.0, generator)?;
            let refused = accept.log()?.gt(&density)?.to(DType::F64)?;
            let refused = match &pending {
                None => refused,
                Some(pending) => refused.mul(&pending.to(DType::F64)?)?,
            };
            if refused.sum()?.item()? == 0.0 {
                return Ok(());
            }
            pending = Some(refused.gt(0.0)?);
        }
    })
}

/// Rows (or, where there are more rows than columns, columns) that are orthogonal to each other and of
/// length `gain` (Saxe et al., 2013): the Q of a normal matrix, with the signs of R's diagonal. Dimensions
/// after the first count as one.
///
/// # Errors
/// For fewer than two dimensions.
pub fn orthogonal_(tensor: &Tensor, gain: f64, generator: &mut Generator) -> Result<()> {
    let [rows, rest @ ..] = tensor.dims() else { return Err(two_or_more()) };
    if rest.is_empty() {
        return Err(two_or_more());
    }
    let (rows, columns) = (*rows, rest.iter().product::<usize>());
    if rows * columns == 0 {
        return Ok(());
    }
    let normal = Tensor::full(&[rows, columns], 0.0, tensor.dtype());
    normal_(&normal, 0.0, 1.0, generator)?;
    // As vectors, of which there are not more than they have elements.
    let wide = rows < columns;
    let vectors = if wide { normal } else { no_grad(|| normal.t())? };
    let &[count, length] = vectors.dims() else { unreachable!("it is a matrix") };
    let mut q = vectors.to_f64_vec();
    for i in 0..count {
        let (before, rest) = q.split_at_mut(i * length);
        let vector = &mut rest[..length];
        // Gram and Schmidt's projections; the second time takes away what rounding has left.
        for _ in 0..2 {
            for other in before.chunks_exact(length) {
                let dot: f64 = other.iter().zip(vector.iter()).map(|(a, b)| a * b).sum();
                vector.iter_mut().zip(other).for_each(|(v, o)| *v -= dot * o);
            }
        }
        let norm = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|v| *v /= norm);
    }
    let q = Tensor::from_vec(q, &[count, length])?.to(tensor.dtype())?;
    let sizes: Vec<isize> = tensor.dims().iter().map(|&n| n as isize).collect();
    no_grad(|| {
        let q = if wide { q } else { q.t()? };
        tensor.copy_(&q.reshape(&sizes)?)?;
        tensor.mul_(gain)
    })
}

fn two_or_more() -> Error {
    Error::Value("Only tensors with 2 or more dimensions are supported".into())
}

/// Normal with the given deviation (PyTorch's default is 0.01), but for a share of every column, which is
/// zero (Martens, 2010).
///
/// # Errors
/// When it is not a matrix.
pub fn sparse_(tensor: &Tensor, sparsity: f64, std: f64, generator: &mut Generator) -> Result<()> {
    let &[rows, columns] = tensor.dims() else {
        return Err(Error::Value("Only tensors with 2 dimensions are supported".into()));
    };
    let zeros = (sparsity * rows as f64).ceil() as usize;
    normal_(tensor, 0.0, std, generator)?;
    let mut keep = vec![1.0f64; rows * columns];
    for column in 0..columns {
        for row in generator.randperm(rows).into_iter().take(zeros) {
            keep[row * columns + column] = 0.0;
        }
    }
    let keep = Tensor::from_vec(keep, &[rows, columns])?.gt(0.0)?;
    no_grad(|| tensor.copy_(&tensor.where_(&keep, 0.0)?))
}

/// A convolution's weight that gives its input back, in as many channels of each group as there are on
/// both sides: a one in the middle of each window.
///
/// # Errors
/// For other than 3, 4 or 5 dimensions, and channels that cannot be divided into the groups.
pub fn dirac_(tensor: &Tensor, groups: usize) -> Result<()> {
    let dims = tensor.dims();
    if !(3..=5).contains(&dims.len()) {
        return Err(Error::Value("Only tensors with 3, 4, or 5 dimensions are supported".into()));
    }
    if groups == 0 || !dims[0].is_multiple_of(groups) {
        return Err(Error::Value("dim 0 must be divisible by groups".into()));
    }
    zeros_(tensor)?;
    let each = dims[0] / groups;
    no_grad(|| {
        for channel in (0..dims[0]).filter(|channel| channel % each < dims[1]) {
            let mut place = tensor.slice(0, channel, channel + 1, 1)?;
            place = place.slice(1, channel % each, channel % each + 1, 1)?;
            for (dim, &size) in dims.iter().enumerate().skip(2) {
                place = place.slice(dim as isize, size / 2, size / 2 + 1, 1)?;
            }
            place.fill_(1.0)?;
        }
        Ok(())
    })
}
