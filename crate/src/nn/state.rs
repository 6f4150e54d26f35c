//! `load_state_dict`.

use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};
use std::fmt;

/// Tensors by key, in order.
pub type StateDict = Vec<(String, Tensor)>;

/// What a state and a module did not have in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncompatibleKeys {
    /// Keys that the module has and the state has not
    pub missing_keys: Vec<String>,
    /// Keys that the state has and the module has not
    pub unexpected_keys: Vec<String>,
}

/// As PyTorch prints it: `<All keys matched successfully>`, or the keys.
impl fmt::Display for IncompatibleKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.missing_keys.is_empty() && self.unexpected_keys.is_empty() {
            return f.write_str("<All keys matched successfully>");
        }
        let list = |keys: &[String]| keys.iter().map(|key| format!("'{key}'")).collect::<Vec<_>>().join(", ");
        let (missing, unexpected) = (list(&self.missing_keys), list(&self.unexpected_keys));
        write!(f, "_IncompatibleKeys(missing_keys=[{missing}], unexpected_keys=[{unexpected}])")
    }
}

/// Copies `state` into the tensors of `own`, the state of a module of class `kind`.
pub(super) fn load(
    kind: &str,
    own: &[(String, Tensor)],
    state: &[(String, Tensor)],
    strict: bool,
) -> Result<IncompatibleKeys> {
    let find =
        |key: &str, all: &[(String, Tensor)]| all.iter().find(|(k, _)| k == key).map(|(_, t)| t.clone());
    let absent = |from: &[(String, Tensor)], of: &[(String, Tensor)]| -> Vec<String> {
        of.iter().map(|(key, _)| key).filter(|key| find(key, from).is_none()).cloned().collect()
    };
    let keys = IncompatibleKeys { missing_keys: absent(state, own), unexpected_keys: absent(own, state) };
    let mut errors = Vec::new();
    if strict {
        let quoted = |keys: &[String]| keys.iter().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(", ");
        if !keys.missing_keys.is_empty() {
            errors.push(format!("Missing key(s) in state_dict: {}. ", quoted(&keys.missing_keys)));
        }
        if !keys.unexpected_keys.is_empty() {
            errors.push(format!("Unexpected key(s) in state_dict: {}. ", quoted(&keys.unexpected_keys)));
        }
    }
    let mut copies = Vec::new();
    for (key, tensor) in own {
        let Some(given) = find(key, state) else { continue };
        if given.dims() == tensor.dims() {
            copies.push((tensor, given));
        } else {
            errors.push(format!(
                "size mismatch for {key}: copying a param with shape torch.Size({:?}) from checkpoint, the \
                 shape in current model is torch.Size({:?}).",
                given.dims(),
                tensor.dims()
            ));
        }
    }
    if !errors.is_empty() {
        return Err(Error::Value(format!(
            "Error(s) in loading state_dict for {kind}:\n\t{}",
            errors.join("\n\t")
        )));
    }
    no_grad(|| copies.into_iter().try_for_each(|(tensor, given)| tensor.copy_(&given)))?;
    Ok(keys)
}
