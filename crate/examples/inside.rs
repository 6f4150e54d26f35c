//! Section 10.12: what a hidden layer makes of the inputs, by calling the layers, from a model that gives it
//! away, and by looking in with a hook.
//!
//!     cargo run -q --example inside

use gradus::error::Result;
use gradus::nn::{Hooked, Linear, Module, ModuleExt, ReLU};
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use std::cell::RefCell;
use std::error::Error;
use std::io::Write;
use std::rc::Rc;

struct NeuralNet {
    input_to_hidden_layer: Linear,
    hidden_layer_activation: Hooked<ReLU>,
    hidden_to_output_layer: Linear,
}

impl NeuralNet {
    fn new(generator: &mut Generator) -> NeuralNet {
        NeuralNet {
            input_to_hidden_layer: Linear::new(2, 8, true, generator),
            hidden_layer_activation: Hooked::new(ReLU),
            hidden_to_output_layer: Linear::new(8, 1, true, generator),
        }
    }

    /// The output and the hidden layer after its activation.
    fn both(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let hidden1 = self.input_to_hidden_layer.call(x)?;
        let hidden2 = self.hidden_layer_activation.call(&hidden1)?;
        let output = self.hidden_to_output_layer.call(&hidden2)?;
        Ok((output, hidden2))
    }
}

impl Module for NeuralNet {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.both(x)?.0)
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
    let mynet = NeuralNet::new(&mut Generator::new(0));
    let input_to_hidden = mynet.input_to_hidden_layer.call(&x)?;
    let hidden_activation = mynet.hidden_layer_activation.call(&input_to_hidden)?;
    writeln!(out, "{input_to_hidden}")?;
    writeln!(out, "{hidden_activation}")?;

    writeln!(out, "{}", mynet.both(&x)?.1)?;

    let seen = Rc::new(RefCell::new(None));
    let keep = seen.clone();
    let handle = mynet.hidden_layer_activation.register_forward_hook(move |_, _, output| {
        *keep.borrow_mut() = Some(output.clone());
        None
    })?;
    mynet.call(&x)?;
    handle.remove();
    if let Some(hidden) = &*seen.borrow() {
        writeln!(out, "{hidden}")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
