//! From the values of a pickle to named tensors.

use super::pickle::{Id, Pickle, Value};
use super::zip::Archive;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::io::elements::{decode, item_size};
use crate::tensor::Tensor;
use std::collections::{BTreeMap, BTreeSet};

/// Elements that a tensor may have beyond its storage's, by repeating them (stride 0).
const MAX_REPEATED: usize = 1 << 20;

/// The tensors of the archive's state dict; `len` is the file's length.
///
/// # Errors
/// See [`super::load`].
pub(super) fn state_dict(archive: &Archive<'_>, len: usize) -> Result<Vec<(String, Tensor)>> {
    let Some(pickle) = archive.get("data.pkl")? else {
        return Err(Error::File("a zip archive without data.pkl: torch.save did not write it".into()));
    };
    if archive.get("constants.pkl")?.is_some() {
        return Err(Error::File(
            "this is a TorchScript program, not a state dict: torch.save(model.state_dict(), file)".into(),
        ));
    }
    if archive.get("byteorder")?.is_some_and(|order| order != b"little") {
        return Err(Error::File("the file was written on a big-endian machine, which is not read".into()));
    }
    let (pickle, root) = Pickle::read(pickle)?;
    let Value::Dict(items) = pickle.get(root) else {
        return Err(Error::File(format!(
            "the file holds {}, not a dict of tensors: torch.save(model.state_dict(), file)",
            describe(&pickle, root)
        )));
    };
    let mut reader = Reader { archive, pickle: &pickle, storages: BTreeMap::new(), bytes_left: len };
    let mut seen = BTreeSet::new();
    let mut tensors = Vec::with_capacity(items.len());
    for &(key, value) in items {
        let Value::Text(name) = *pickle.get(key) else {
            return Err(Error::File(format!("a key of the dict is {}, not a str", describe(&pickle, key))));
        };
        if !seen.insert(name) {
            return Err(Error::File(format!("{name:?} comes twice")));
        }
        let tensor = reader.tensor(value).map_err(|e| Error::File(format!("{name:?}: {e}")))?;
        tensors.push((name.to_string(), tensor));
    }
    Ok(tensors)
}

/// What a value is, in Python's words.
fn describe(pickle: &Pickle<'_>, id: Id) -> String {
    match pickle.get(id) {
        Value::None => "None".into(),
        Value::Bool(_) => "a bool".into(),
        Value::Int(_) => "an int".into(),
        Value::Float => "a float".into(),
        Value::Text(_) => "a str".into(),
        Value::Tuple(_) => "a tuple".into(),
        Value::List(_) => "a list".into(),
        Value::Dict(_) => "a dict".into(),
        Value::Persistent(_) => "a storage".into(),
        Value::Global(name) => name.replace('\n', "."),
        Value::Call(function, _) => match pickle.get(*function) {
            Value::Global("torch._utils\n_rebuild_tensor_v2") => "a tensor".into(),
            Value::Global("torch._utils\n_rebuild_parameter") => "a parameter".into(),
            _ => format!("what {} makes", describe_global(pickle, *function)),
        },
    }
}

fn describe_global(pickle: &Pickle<'_>, id: Id) -> String {
    match pickle.get(id) {
        Value::Global(name) => name.replace('\n', "."),
        _ => "something".into(),
    }
}

/// The dtype of a storage's class, or PyTorch's name of one that cannot be read.
fn storage_dtype(class: &str) -> Result<DType, &str> {
    Err(match class {
        "torch\nFloatStorage" => return Ok(DType::F32),
        "torch\nDoubleStorage" => return Ok(DType::F64),
        "torch\nLongStorage" => return Ok(DType::I64),
        "torch\nBoolStorage" => return Ok(DType::Bool),
        "torch\nHalfStorage" => "torch.float16",
        "torch\nBFloat16Storage" => "torch.bfloat16",
        "torch\nIntStorage" => "torch.int32",
        "torch\nShortStorage" => "torch.int16",
        "torch\nCharStorage" => "torch.int8",
        "torch\nByteStorage" => "torch.uint8",
        "torch\nComplexFloatStorage" => "torch.complex64",
        "torch\nComplexDoubleStorage" => "torch.complex128",
        other => other.split('\n').next_back().unwrap_or(other),
    })
}

fn unreadable(dtype: &str) -> Error {
    Error::DType(format!(
        "dtype {dtype}; torch.float32, torch.float64, torch.int64 and torch.bool can be read"
    ))
}

fn malformed(what: &str) -> Error {
    Error::File(format!("{what} is not as torch.save writes it"))
}

struct Reader<'a> {
    archive: &'a Archive<'a>,
    pickle: &'a Pickle<'a>,
    /// By their names in the archive, as tensors of one dimension
    storages: BTreeMap<&'a str, Tensor>,
    /// What storages may still take: entries of a zip archive can overlap, and be many times its length
    bytes_left: usize,
}

impl<'a> Reader<'a> {
    /// A tensor or a parameter. The error does not name it.
    fn tensor(&mut self, id: Id) -> Result<Tensor> {
        let (name, arguments) = self.call(id)?;
        match (name, arguments) {
            (
                "torch._utils\n_rebuild_parameter" | "torch._utils\n_rebuild_parameter_with_state",
                &[data, requires_grad, ..],
            ) => {
                let (name, arguments) = self.call(data)?;
                let tensor = self.rebuild(name, arguments)?;
                match self.pickle.get(requires_grad) {
                    Value::Bool(requires_grad) => tensor.requires_grad_(*requires_grad),
                    _ => Err(malformed("requires_grad")),
                }
            }
            (name, arguments) => self.rebuild(name, arguments),
        }
    }

    fn call(&self, id: Id) -> Result<(&'a str, &'a [Id])> {
        if let Value::Call(function, arguments) = self.pickle.get(id)
            && let (Value::Global(name), Value::Tuple(arguments)) =
                (self.pickle.get(*function), self.pickle.get(*arguments))
        {
            return Ok((name, arguments));
        }
        Err(Error::File(format!(
            "it is {}, not a tensor; the file must hold one state dict: torch.save(model.state_dict(), file)",
            describe(self.pickle, id)
        )))
    }

    fn rebuild(&mut self, name: &str, arguments: &[Id]) -> Result<Tensor> {
        match (name, arguments) {
            (
                "torch._utils\n_rebuild_tensor_v2",
                &[storage, offset, size, stride, requires_grad, _, ref rest @ ..],
            ) => {
                // The last argument tells of lazy negation and conjugation.
                if rest
                    .iter()
                    .any(|&id| !matches!(self.pickle.get(id), Value::Dict(items) if items.is_empty()))
                {
                    return Err(Error::File("a negated or conjugated view; save its clone()".into()));
                }
                let base = self.storage(storage)?;
                let (offset, size, stride) = (self.size(offset)?, self.sizes(size)?, self.sizes(stride)?);
                let tensor = base.strided(&size, &stride, offset)?;
                if tensor.numel() > base.numel().max(MAX_REPEATED) {
                    return Err(Error::File(format!(
                        "shape {size:?} repeats {} stored elements too often",
                        base.numel()
                    )));
                }
                match self.pickle.get(requires_grad) {
                    Value::Bool(requires_grad) => tensor.requires_grad_(*requires_grad),
                    _ => Err(malformed("requires_grad")),
                }
            }
            // dtypes that have no storage class of their own
            ("torch._utils\n_rebuild_tensor_v3", &[_, _, _, _, _, _, dtype, ..]) => {
                Err(unreadable(&describe_global(self.pickle, dtype)))
            }
            (other, _) => Err(Error::File(format!(
                "it is made by {}; only dense tensors can be read",
                other.replace('\n', ".")
            ))),
        }
    }

    /// The storage of `('storage', class, name, location, numel)`.
    fn storage(&mut self, id: Id) -> Result<Tensor> {
        let wrong = || malformed("a storage");
        let &Value::Persistent(reference) = self.pickle.get(id) else { return Err(wrong()) };
        let Value::Tuple(parts) = self.pickle.get(reference) else { return Err(wrong()) };
        let &[tag, class, key, _, numel] = &parts[..] else { return Err(wrong()) };
        let (&Value::Text("storage"), &Value::Global(class), &Value::Text(key)) =
            (self.pickle.get(tag), self.pickle.get(class), self.pickle.get(key))
        else {
            return Err(wrong());
        };
        let numel = self.size(numel)?;
        let dtype = storage_dtype(class).map_err(unreadable)?;
        if let Some(storage) = self.storages.get(key) {
            let same = storage.dtype() == dtype && storage.numel() == numel;
            return if same { Ok(storage.clone()) } else { Err(wrong()) };
        }
        let bytes = self.archive.get(&format!("data/{key}"))?;
        let bytes = bytes.ok_or_else(|| Error::File(format!("the archive has no storage data/{key}")))?;
        if numel.checked_mul(item_size(dtype)) != Some(bytes.len()) {
            return Err(Error::File(format!(
                "the storage data/{key} should hold {numel} elements of {dtype} but has {} bytes",
                bytes.len()
            )));
        }
        let left = self.bytes_left.checked_sub(bytes.len());
        self.bytes_left = left.ok_or_else(|| Error::File("the storages are longer than the file".into()))?;
        let storage = decode(dtype, bytes, &[numel])?;
        self.storages.insert(key, storage.clone());
        Ok(storage)
    }

    fn size(&self, id: Id) -> Result<usize> {
        match self.pickle.get(id) {
            Value::Int(n) => usize::try_from(*n).map_err(|_| Error::File(format!("{n} is no size"))),
            _ => Err(malformed("a size")),
        }
    }

    fn sizes(&self, id: Id) -> Result<Vec<usize>> {
        match self.pickle.get(id) {
            Value::Tuple(items) => items.iter().map(|&id| self.size(id)).collect(),
            _ => Err(malformed("a shape")),
        }
    }
}
