//! Converts a file of named tensors: `convert model.pth model.safetensors`, or the other way. The endings
//! of the names say which is which.

use gradus::error::{Error, Result};
use gradus::io::{pth, safetensors};
use gradus::tensor::Tensor;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = &arguments[..] else {
        eprintln!("usage: convert FROM TO, each a .pth, .pt or .safetensors file");
        return ExitCode::from(2);
    };
    match convert(Path::new(from), Path::new(to)) {
        Ok(tensors) => {
            for (name, tensor) in tensors {
                println!("{name}: {:?} {}", tensor.dims(), tensor.dtype());
            }
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn convert(from: &Path, to: &Path) -> Result<Vec<(String, Tensor)>, String> {
    let bytes = std::fs::read(from).map_err(|e| format!("{}: {e}", from.display()))?;
    let tensors = match ending(from) {
        "pth" | "pt" => pth::load(&bytes),
        "safetensors" => safetensors::load(&bytes),
        other => Err(unknown(other)),
    };
    let tensors = tensors.map_err(|e| format!("{}: {e}", from.display()))?;
    let bytes = match ending(to) {
        "pth" | "pt" => pth::save(&tensors),
        "safetensors" => safetensors::save(&tensors),
        other => Err(unknown(other)),
    };
    let bytes = bytes.map_err(|e| format!("{}: {e}", to.display()))?;
    std::fs::write(to, bytes).map_err(|e| format!("{}: {e}", to.display()))?;
    Ok(tensors)
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default()
}

fn unknown(ending: &str) -> Error {
    Error::Value(format!("{ending:?} is neither .pth nor .safetensors"))
}
