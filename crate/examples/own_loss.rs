//! Section 10.11: a loss of one's own, which is the mean squared error.
//!
//!     cargo run -q --example own_loss

use gradus::error::Result;
use gradus::nn::{Linear, Loss, MSELoss, ModuleExt, ReLU, Sequential};
use gradus::optim::{Optimizer, SGD, SgdOptions};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::error::Error;
use std::io::Write;

fn my_mean_squared_error(prediction: &Tensor, y: &Tensor) -> Result<Tensor> {
    let loss = prediction.sub(y)?.pow(2.0)?;
    loss.mean()
}

/// The losses of ten epochs.
fn train(loss_func: impl Fn(&Tensor, &Tensor) -> Result<Tensor>, x: &Tensor, y: &Tensor) -> Result<Vec<f64>> {
    let mynet = net();
    let mut opt = SGD::new(mynet.parameters(), SgdOptions { lr: 0.001, ..Default::default() })?;
    (0..10)
        .map(|_| {
            opt.zero_grad();
            let loss_value = loss_func(&mynet.call(x)?, y)?;
            loss_value.backward()?;
            opt.step()?;
            loss_value.item()
        })
        .collect()
}

fn net() -> Sequential {
    let generator = &mut Generator::new(0);
    Sequential::new(vec![
        Box::new(Linear::new(2, 8, true, generator)),
        Box::new(ReLU),
        Box::new(Linear::new(8, 1, true, generator)),
    ])
}

/// The whole program, which writes to `out`.
pub fn program(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let x = Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6., 7., 8.], &[4, 2])?;
    let y = Tensor::from_vec(vec![3f32, 7., 11., 15.], &[4, 1])?;
    let mynet = net();
    let loss_func = MSELoss::default();
    writeln!(out, "{}", loss_func.forward(&mynet.call(&x)?, &y)?)?;
    writeln!(out, "{}", my_mean_squared_error(&mynet.call(&x)?, &y)?)?;
    let curve = train(my_mean_squared_error, &x, &y)?;
    writeln!(out, "same curve: {}", curve == train(|p, y| loss_func.forward(p, y), &x, &y)?)?;
    for loss in curve {
        writeln!(out, "{loss:.5}")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
