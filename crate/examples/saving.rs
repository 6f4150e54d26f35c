//! Section 10.14: the parameters of a model in a file that PyTorch reads, and back in another model. In
//! Python, `torch.load('mymodel.pth')` gives them as a state dict.
//!
//!     cargo run -q --example saving

use gradus::io::pth;
use gradus::nn::{Linear, ModuleExt, ReLU, Sequential};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::error::Error;
use std::io::Write;

fn blank(seed: u64) -> Sequential {
    let generator = &mut Generator::new(seed);
    Sequential::new(vec![
        Box::new(Linear::new(2, 8, true, generator)),
        Box::new(ReLU),
        Box::new(Linear::new(8, 1, true, generator)),
    ])
}

/// The whole program, which writes to `out`.
pub fn program(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let model = blank(0);
    for (name, tensor) in model.state_dict() {
        writeln!(out, "{name}\n{tensor}")?;
    }
    // A browser's module has no files: there the bytes stay in memory.
    let mut bytes = pth::save(&model.state_dict())?;
    if cfg!(not(target_arch = "wasm32")) {
        let file = std::env::temp_dir().join(format!("gradus-mymodel-{}.pth", std::process::id()));
        std::fs::write(&file, &bytes)?;
        bytes = std::fs::read(&file)?;
        std::fs::remove_file(&file)?;
    }

    let loaded = blank(1);
    let val = Tensor::from_vec(vec![8f32, 9., 10., 11., 1.5, 2.5], &[3, 2])?;
    writeln!(out, "{}", loaded.call(&val)?)?;
    let state_dict = pth::load(&bytes)?;
    writeln!(out, "{}", loaded.load_state_dict(&state_dict, true)?)?;
    writeln!(out, "{}", model.call(&val)?)?;
    writeln!(out, "{}", loaded.call(&val)?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
