//! The table of a model's layers, as the `torchsummary` package prints it.

use super::Module;
use super::hooks::register_module_forward_hook;
use crate::error::Result;
use crate::tensor::{Tensor, no_grad};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerRow {
    /// The class and the number of the line: `Linear-1`
    pub name: String,
    /// Without the batch
    pub output_shape: Vec<usize>,
    /// Elements of its weight and bias
    pub parameters: usize,
    /// Whether the weight takes gradients
    pub trainable: bool,
}

/// The table. `to_string()` is torchsummary's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The sizes of one input, without the batch
    pub input_shape: Vec<usize>,
    /// In the order in which the layers ran
    pub layers: Vec<LayerRow>,
}

/// Runs the model once, in evaluation, on two rows of zeros of these sizes (without the batch), and
/// says what each layer made of them.
///
/// ```
/// use gradus::{nn::{Linear, ReLU, Sequential, summary}, rng::Generator};
///
/// let generator = &mut Generator::new(0);
/// let model = Sequential::new(vec![
///     Box::new(Linear::new(2, 8, true, generator)),
///     Box::new(ReLU),
///     Box::new(Linear::new(8, 1, true, generator)),
/// ]);
/// let table = summary(&model, &[2])?;
/// assert_eq!(table.total_parameters(), 33);
/// assert_eq!(table.to_string().lines().nth(3).unwrap(), "            Linear-1                    [-1, 8]              24");
/// # Ok::<(), gradus::error::Error>(())
/// ```
///
/// # Errors
/// When a layer does not fit.
pub fn summary(model: &dyn Module, input_shape: &[usize]) -> Result<Summary> {
    let dims: Vec<usize> = std::iter::once(2).chain(input_shape.iter().copied()).collect();
    summary_of(model, &Tensor::zeros(&dims))
}

/// As [`summary`], with an input of one's own: an [`Embedding`](super::Embedding) takes i64. The first
/// dimension is the batch.
///
/// # Errors
/// When a layer does not fit.
pub fn summary_of(model: &dyn Module, input: &Tensor) -> Result<Summary> {
    let rows = Rc::new(RefCell::new(Vec::new()));
    let sink = rows.clone();
    let handle = register_module_forward_hook(move |module, _, output| {
        if module.kind() != "Sequential" {
            let mut rows = sink.borrow_mut();
            let row = layer_row(rows.len() + 1, module, output);
            rows.push(row);
        }
        None
    });
    let modes = modes(model);
    model.eval();
    let result = no_grad(|| model.forward(input));
    modes.into_iter().for_each(|(module, mode)| module.set_training(mode));
    handle.remove();
    result?;
    let input_shape = input.dims().get(1..).unwrap_or_default().to_vec();
    Ok(Summary { input_shape, layers: rows.take() })
}

/// The modes of all modules that have one.
fn modes(module: &dyn Module) -> Vec<(&dyn Module, bool)> {
    let own = module.training().map(|mode| (module, mode));
    let children = module.children().into_iter().flat_map(|(_, child)| modes(child));
    own.into_iter().chain(children).collect()
}

fn layer_row(number: usize, module: &dyn Module, output: &Tensor) -> LayerRow {
    let own = module.own_parameters();
    let counted = own.iter().filter(|(name, _)| ["weight", "bias"].contains(name));
    LayerRow {
        name: format!("{}-{number}", module.kind()),
        output_shape: output.dims().get(1..).unwrap_or_default().to_vec(),
        parameters: counted.map(|(_, t)| t.numel()).sum(),
        trainable: own.iter().any(|(name, t)| *name == "weight" && t.requires_grad()),
    }
}

impl Summary {
    /// All parameters.
    pub fn total_parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Those that take gradients.
    pub fn trainable_parameters(&self) -> usize {
        self.layers.iter().filter(|layer| layer.trainable).map(|layer| layer.parameters).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thin = "-".repeat(64);
        let thick = "=".repeat(64);
        writeln!(f, "{thin}\n{:>20}  {:>25} {:>15}\n{thick}", "Layer (type)", "Output Shape", "Param #")?;
        for layer in &self.layers {
            let sizes: String = layer.output_shape.iter().map(|size| format!(", {size}")).collect();
            let shape = format!("[-1{sizes}]");
            writeln!(f, "{:>20}  {shape:>25} {:>15}", layer.name, grouped(layer.parameters))?;
        }
        let (total, trainable) = (self.total_parameters(), self.trainable_parameters());
        writeln!(f, "{thick}\nTotal params: {}", grouped(total))?;
        writeln!(f, "Trainable params: {}", grouped(trainable))?;
        writeln!(f, "Non-trainable params: {}\n{thin}", grouped(total - trainable))?;
        // Four bytes a number; outputs count twice, for their gradients.
        let megabytes = |numbers: usize| numbers as f64 * 4.0 / (1024.0 * 1024.0);
        let product = |shape: &[usize]| shape.iter().product::<usize>();
        let input = megabytes(product(&self.input_shape));
        let outputs = megabytes(2 * self.layers.iter().map(|l| product(&l.output_shape)).sum::<usize>());
        let parameters = megabytes(total);
        writeln!(f, "Input size (MB): {input:.2}")?;
        writeln!(f, "Forward/backward pass size (MB): {outputs:.2}")?;
        writeln!(f, "Params size (MB): {parameters:.2}")?;
        writeln!(f, "Estimated Total Size (MB): {:.2}\n{thin}", parameters + outputs + input)
    }
}

/// With commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
