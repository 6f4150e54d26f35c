//! A state dict as a pickle and its storages: the instructions that `torch.save` writes, without the memo.

use super::zip::Writer;
use crate::dtype::DType;
use crate::error::Result;
use crate::io::elements::encode;
use crate::tensor::Tensor;
use std::collections::BTreeMap;

const ORDERED_DICT: &[u8] = b"ccollections\nOrderedDict\n)R";

/// The file. The names differ.
///
/// # Errors
/// When it would be too long.
pub(super) fn state_dict(tensors: &[(String, Tensor)]) -> Result<Vec<u8>> {
    let mut pickle = b"\x80\x02".to_vec();
    let mut storages: Vec<Tensor> = Vec::new();
    let mut places = BTreeMap::new();
    pickle.extend(ORDERED_DICT);
    pickle.push(b'(');
    for (name, tensor) in tensors {
        text(&mut pickle, name);
        // PyTorch has no negative strides.
        let tensor = match tensor.layout().strides().iter().any(|&s| s < 0) {
            true => tensor.detach().contiguous()?,
            false => tensor.detach(),
        };
        let place = *places.entry(tensor.storage_id()).or_insert_with(|| {
            storages.push(tensor.whole_storage());
            storages.len() - 1
        });
        rebuild(&mut pickle, &tensor, place, storages[place].numel());
    }
    pickle.extend(b"u.");

    let mut archive = Writer::default();
    archive.add("archive/data.pkl", &pickle)?;
    archive.add("archive/byteorder", b"little")?;
    for (place, storage) in storages.iter().enumerate() {
        archive.add(&format!("archive/data/{place}"), &encode(storage)?)?;
    }
    archive.add("archive/version", b"3\n")?;
    Ok(archive.finish())
}

/// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad=False, backward_hooks=OrderedDict())`
fn rebuild(pickle: &mut Vec<u8>, tensor: &Tensor, place: usize, numel: usize) {
    pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
    text(pickle, "storage");
    pickle.extend(match tensor.dtype() {
        DType::Bool => &b"ctorch\nBoolStorage\n"[..],
        DType::F32 => b"ctorch\nFloatStorage\n",
        DType::F64 => b"ctorch\nDoubleStorage\n",
        DType::I64 => b"ctorch\nLongStorage\n",
    });
    text(pickle, &place.to_string());
    text(pickle, "cpu");
    int(pickle, numel as i64);
    pickle.extend(b"tQ");
    let layout = tensor.layout();
    int(pickle, layout.offset() as i64);
    pickle.push(b'(');
    layout.dims().iter().for_each(|&size| int(pickle, size as i64));
    pickle.extend(b"t(");
    layout.strides().iter().for_each(|&stride| int(pickle, stride as i64));
    pickle.extend(b"t\x89");
    pickle.extend(ORDERED_DICT);
    pickle.extend(b"tR");
}

fn text(pickle: &mut Vec<u8>, text: &str) {
    pickle.push(b'X');
    pickle.extend((text.len() as u32).to_le_bytes());
    pickle.extend(text.as_bytes());
}

fn int(pickle: &mut Vec<u8>, n: i64) {
    match i32::try_from(n) {
        Ok(n) => {
            pickle.push(b'J');
            pickle.extend(n.to_le_bytes());
        }
        Err(_) => {
            pickle.extend(b"\x8a\x08");
            pickle.extend(n.to_le_bytes());
        }
    }
}
