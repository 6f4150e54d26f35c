//! Section 10.9: a network of 2, 8 and 1 that learns to add two numbers, from four rows in fifty epochs.
//!
//!     cargo run -q --example network

use gradus::error::Result;
use gradus::nn::{Linear, Loss, MSELoss, Module, ModuleExt, ReLU};
use gradus::optim::{Optimizer, SGD, SgdOptions};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::error::Error;
use std::io::Write;

struct MyNeuralNet {
    input_to_hidden_layer: Linear,
    hidden_layer_activation: ReLU,
    hidden_to_output_layer: Linear,
}

impl MyNeuralNet {
    fn new(generator: &mut Generator) -> MyNeuralNet {
        MyNeuralNet {
            input_to_hidden_layer: Linear::new(2, 8, true, generator),
            hidden_layer_activation: ReLU,
            hidden_to_output_layer: Linear::new(8, 1, true, generator),
        }
    }
}

impl Module for MyNeuralNet {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = self.input_to_hidden_layer.call(x)?;
        let x = self.hidden_layer_activation.call(&x)?;
        self.hidden_to_output_layer.call(&x)
    }

    fn children(&self) -> Vec<(String, &dyn Module)> {
        vec![
            ("input_to_hidden_layer".into(), &self.input_to_hidden_layer),
            ("hidden_layer_activation".into(), &self.hidden_layer_activation),
            ("hidden_to_output_layer".into(), &self.hidden_to_output_layer),
        ]
    }
}

/// The whole program, which writes to `out`.
pub fn program(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let x = Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6., 7., 8.], &[4, 2])?;
    let y = Tensor::from_vec(vec![3f32, 7., 11., 15.], &[4, 1])?;

    writeln!(out, "{}", Linear::new(2, 7, true, &mut Generator::new(0)))?;
    let mynet = MyNeuralNet::new(&mut Generator::new(0));
    writeln!(out, "{}", &mynet as &dyn Module)?;
    writeln!(out, "Parameter containing:\n{}", mynet.input_to_hidden_layer.weight)?;
    for par in mynet.parameters() {
        writeln!(out, "Parameter containing:\n{par}")?;
    }

    let loss_func = MSELoss::default();
    let loss_value = loss_func.forward(&mynet.call(&x)?, &y)?;
    writeln!(out, "{loss_value}")?;

    let mut opt = SGD::new(mynet.parameters(), SgdOptions { lr: 0.001, ..Default::default() })?;
    let mut loss_history = Vec::new();
    for _ in 0..50 {
        opt.zero_grad();
        let loss_value = loss_func.forward(&mynet.call(&x)?, &y)?;
        loss_value.backward()?;
        opt.step()?;
        loss_history.push(loss_value.item()?);
    }
    for (epoch, loss) in loss_history.iter().enumerate() {
        writeln!(out, "epoch {epoch} loss {loss:.6}")?;
    }
    for par in mynet.parameters() {
        writeln!(out, "Parameter containing:\n{par}")?;
    }
    let new = Tensor::from_vec(vec![10f32, 11.], &[1, 2])?;
    writeln!(out, "{}", mynet.call(&new)?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
