//! Section 10.13: the same network from a list of layers, and its summary.
//!
//!     cargo run -q --example sequential

use gradus::data::{DataLoader, LoaderOptions, TensorDataset};
use gradus::error::Result;
use gradus::nn::{Linear, Loss, MSELoss, ModuleExt, ReLU, Sequential, summary};
use gradus::optim::{Optimizer, SGD, SgdOptions};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::cell::RefCell;
use std::error::Error;
use std::io::Write;
use std::rc::Rc;

/// The whole program, which writes to `out`.
pub fn program(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // What torch.manual_seed(0) does for all that draws in PyTorch.
    let generator = Rc::new(RefCell::new(Generator::new(0)));
    let x = Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6., 7., 8.], &[4, 2])?;
    let y = Tensor::from_vec(vec![3f32, 7., 11., 15.], &[4, 1])?;
    let ds = TensorDataset::new(vec![x, y])?;
    let options = LoaderOptions { batch_size: 2, shuffle: true, ..Default::default() };
    let dl = DataLoader::new(&ds, options, generator.clone())?;

    let linear = |inputs, outputs| Linear::new(inputs, outputs, true, &mut generator.borrow_mut());
    let model = Sequential::new(vec![Box::new(linear(2, 8)), Box::new(ReLU), Box::new(linear(8, 1))]);
    write!(out, "{}", summary(&model, &[2])?)?;

    let loss_func = MSELoss::default();
    let mut opt = SGD::new(model.parameters(), SgdOptions { lr: 0.001, ..Default::default() })?;
    let mut loss_history = Vec::new();
    for _ in 0..50 {
        for batch in &dl {
            let batch = batch?;
            opt.zero_grad();
            let loss_value = loss_func.forward(&model.call(&batch[0])?, &batch[1])?;
            loss_value.backward()?;
            opt.step()?;
            loss_history.push(loss_value.item()?);
        }
    }
    writeln!(out, "{} batches, last loss {:.6}", loss_history.len(), loss_history[99])?;

    let val = Tensor::from_vec(vec![8f32, 9., 10., 11., 1.5, 2.5], &[3, 2])?;
    writeln!(out, "{}", model.call(&val)?)?;
    writeln!(out, "{}", val.sum_dim(&[-1], false)?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
