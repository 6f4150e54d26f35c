//! PyTorch's own files: what `torch.save(model.state_dict(), file)` writes, and what
//! `torch.load(file, weights_only=True)` reads.
//!
//! Such a file is a zip archive whose entries are stored, not compressed (`zip.rs`): `data.pkl` is a pickle
//! that describes the tensors (`pickle.rs`, `read.rs`), `data/0`, `data/1`, … are their storages. The pickle
//! is read as data: its calls are never made, only compared with the few that rebuild a tensor.

mod pickle;
mod read;
mod write;
mod zip;

use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::collections::BTreeSet;

/// The tensors of a state dict, in its order. Strides and shared storages are as they were saved;
/// a saved `nn.Parameter` requires gradients again.
///
/// ```
/// use gradus::{io::pth, nn::{Linear, ModuleExt}, rng::Generator};
///
/// let layer = Linear::new(2, 3, true, &mut Generator::new(0));
/// let file: Vec<u8> = pth::save(&layer.state_dict())?; // for torch.load(…)
///
/// let other = Linear::new(2, 3, true, &mut Generator::new(1));
/// let keys = other.load_state_dict(&pth::load(&file)?, true)?;
/// assert_eq!(keys.to_string(), "<All keys matched successfully>");
/// # Ok::<(), gradus::error::Error>(())
/// ```
///
/// As in `torch.load`, checksums are not compared: `torch.save` can be told not to write them.
///
/// # Errors
/// When the file is damaged, was not written by PyTorch 1.6 or newer, holds anything but a dict of named
/// tensors, or a tensor is not dense and of dtype float32, float64, int64 or bool. The message names the
/// tensor, or the place in the file.
pub fn load(bytes: &[u8]) -> Result<Vec<(String, Tensor)>> {
    // How the format before 1.6 starts: a pickled number of ten bytes, 0x1950a86a20f9469cfc6c.
    if bytes.starts_with(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46") {
        return Err(Error::File(
            "this file has PyTorch's legacy format, from before version 1.6; load it in a newer PyTorch and \
             torch.save it again"
                .into(),
        ));
    }
    let archive = zip::Archive::open(bytes)?;
    read::state_dict(&archive, bytes.len())
}

/// A file that `torch.load` reads as an `OrderedDict` of these tensors. Tensors that share a storage
/// share it in the file; none requires gradients, as in a state dict.
///
/// # Errors
/// When a name comes twice, or the file would be longer than 4 GiB.
pub fn save(tensors: &[(String, Tensor)]) -> Result<Vec<u8>> {
    let mut names = BTreeSet::new();
    for (name, _) in tensors {
        if !names.insert(name) {
            return Err(Error::Value(format!("two tensors cannot both be saved as {name:?}")));
        }
    }
    write::state_dict(tensors)
}
