//! Named tensors in the safetensors format, through its own crate.

use super::elements::{decode, encode};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::list::MAX_DIMS;
use crate::tensor::Tensor;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::collections::{BTreeSet, HashMap};

/// The tensors of a safetensors file, in the order in which the file holds them.
///
/// ```
/// use gradus::{io::safetensors, nn::{Linear, ModuleExt}, rng::Generator};
///
/// let layer = Linear::new(2, 3, true, &mut Generator::new(0));
/// let file: Vec<u8> = safetensors::save(&layer.state_dict())?;
///
/// let other = Linear::new(2, 3, true, &mut Generator::new(1));
/// other.load_state_dict(&safetensors::load(&file)?, true)?;
/// assert_eq!(other.weight.to_vec::<f32>()?, layer.weight.to_vec::<f32>()?);
/// # Ok::<(), gradus::error::Error>(())
/// ```
///
/// # Errors
/// When the file is damaged, or a tensor is not of dtype float32, float64, int64 or bool.
pub fn load(bytes: &[u8]) -> Result<Vec<(String, Tensor)>> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|e| Error::File(format!("not a safetensors file: {e}")))?;
    let mut views: Vec<(&str, TensorView<'_>)> = file.iter().collect();
    // Empty tensors lie where the next one starts.
    views.sort_by_key(|(name, view)| (view.data().as_ptr(), view.data().len(), *name));
    views.into_iter().map(|(name, view)| Ok((name.to_string(), tensor(name, &view)?))).collect()
}

fn tensor(name: &str, view: &TensorView<'_>) -> Result<Tensor> {
    let dtype = match view.dtype() {
        Dtype::F32 => DType::F32,
        Dtype::F64 => DType::F64,
        Dtype::I64 => DType::I64,
        Dtype::BOOL => DType::Bool,
        other => {
            return Err(Error::File(format!(
                "{name:?} has dtype {other}; float32, float64, int64 and bool (F32, F64, I64, BOOL) can be read"
            )));
        }
    };
    // Sizes beside a 0 may be anything; a product of them must not overflow.
    let product = view.shape().iter().try_fold(8usize, |n, &size| n.checked_mul(size.max(1)));
    if view.shape().len() > MAX_DIMS || product.is_none_or(|n| n > isize::MAX as usize) {
        return Err(Error::File(format!(
            "{name:?} has shape {:?}; a tensor has at most {MAX_DIMS} dimensions and must fit in memory",
            view.shape()
        )));
    }
    decode(dtype, view.data(), view.shape())
}

/// A safetensors file of these tensors. As in every such file, elements are row-major and nothing is
/// shared; the tensors are ordered by dtype and name.
///
/// # Errors
/// When a name comes twice.
pub fn save(tensors: &[(String, Tensor)]) -> Result<Vec<u8>> {
    let mut seen = BTreeSet::new();
    let mut data = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        if !seen.insert(name) || name == "__metadata__" {
            return Err(Error::Value(format!("two tensors cannot both be saved as {name:?}")));
        }
        data.push(encode(tensor)?);
    }
    let views = tensors.iter().zip(&data).map(|((name, tensor), bytes)| {
        let dtype = match tensor.dtype() {
            DType::Bool => Dtype::BOOL,
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
            DType::I64 => Dtype::I64,
        };
        let view = TensorView::new(dtype, tensor.dims().to_vec(), bytes);
        view.map(|view| (name, view)).map_err(|e| Error::Value(format!("{name:?}: {e}")))
    });
    // What libraries of PyTorch models look for.
    let metadata = HashMap::from([("format".to_string(), "pt".to_string())]);
    serialize(views.collect::<Result<Vec<_>>>()?, Some(metadata)).map_err(|e| Error::Value(e.to_string()))
}
