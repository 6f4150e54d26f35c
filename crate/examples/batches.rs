//! Section 10.10: the same network, which sees two rows at a time in an order that changes with every epoch.
//!
//!     cargo run -q --example batches

use gradus::data::{DataLoader, Dataset, LoaderOptions};
use gradus::error::Result;
use gradus::nn::{Linear, Loss, MSELoss, Module, ModuleExt, ReLU};
use gradus::optim::{Optimizer, SGD, SgdOptions};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::cell::RefCell;
use std::error::Error;
use std::io::Write;
use std::rc::Rc;

struct MyDataset {
    x: Tensor,
    y: Tensor,
}

impl Dataset for MyDataset {
    fn len(&self) -> usize {
        self.x.dims()[0]
    }

    fn get(&self, ix: usize) -> Result<Vec<Tensor>> {
        Ok(vec![self.x.select(0, ix as isize)?, self.y.select(0, ix as isize)?])
    }
}

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
    // What torch.manual_seed(0) does for all that draws in PyTorch.
    let generator = Rc::new(RefCell::new(Generator::new(0)));
    let x = Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6., 7., 8.], &[4, 2])?;
    let y = Tensor::from_vec(vec![3f32, 7., 11., 15.], &[4, 1])?;
    let ds = MyDataset { x, y };
    let options = LoaderOptions { batch_size: 2, shuffle: true, ..Default::default() };
    let dl = DataLoader::new(&ds, options, generator.clone())?;
    for data in &dl {
        let data = data?;
        writeln!(out, "{} {}", data[0], data[1])?;
    }

    let mynet = MyNeuralNet::new(&mut generator.borrow_mut());
    let loss_func = MSELoss::default();
    let mut opt = SGD::new(mynet.parameters(), SgdOptions { lr: 0.001, ..Default::default() })?;
    let mut loss_history = Vec::new();
    for _ in 0..50 {
        for data in &dl {
            let data = data?;
            let (x, y) = (&data[0], &data[1]);
            opt.zero_grad();
            let loss_value = loss_func.forward(&mynet.call(x)?, y)?;
            loss_value.backward()?;
            opt.step()?;
            loss_history.push(loss_value.item()?);
        }
    }
    for (batch, loss) in loss_history.iter().enumerate() {
        writeln!(out, "batch {batch} loss {loss:.5}")?;
    }

    let val_x = Tensor::from_vec(vec![10f32, 11.], &[1, 2])?;
    writeln!(out, "{}", mynet.call(&val_x)?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
