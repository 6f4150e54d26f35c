//! Section 11.5: a network that is trained by nudging every weight by 0.0001 and looking at the loss, and how
//! far its gradients are from those of autograd.
//!
//!     cargo run -q --example finite_differences

use gradus::dtype::DType;
use gradus::error::Result;
use gradus::tensor::Tensor;
use std::error::Error;
use std::io::Write;

/// The loss of the predictions for `inputs`. Weights may be f32; all that is computed is f64.
fn feed_forward(inputs: &Tensor, outputs: &Tensor, weights: &[Tensor]) -> Result<Tensor> {
    let weights = weights.iter().map(|w| w.to(DType::F64)).collect::<Result<Vec<_>>>()?;
    let pre_hidden = inputs.matmul(&weights[0])?.add(&weights[1])?;
    let hidden = pre_hidden.sigmoid()?;
    let pred_out = hidden.matmul(&weights[2])?.add(&weights[3])?;
    pred_out.sub(outputs)?.square()?.mean()
}

fn copies(weights: &[Tensor]) -> Result<Vec<Tensor>> {
    weights.iter().map(|w| Tensor::from_vec(w.to_vec::<f32>()?, w.dims())).collect()
}

/// Element `index` of a tensor, in row-major order: a view.
fn element(tensor: &Tensor, index: usize) -> Result<Tensor> {
    tensor.view(&[-1])?.slice(0, index, index + 1, 1)
}

/// The gradients, by nudging every weight in turn, and the loss. One loss more than there are weights.
fn differences(inputs: &Tensor, outputs: &Tensor, weights: &[Tensor]) -> Result<(Vec<Vec<f64>>, f64)> {
    let original_loss = feed_forward(inputs, outputs, weights)?.item()?;
    let mut gradients = Vec::new();
    for (i, layer) in weights.iter().enumerate() {
        let mut slopes = Vec::new();
        for index in 0..layer.numel() {
            let temp_weights = copies(weights)?;
            element(&temp_weights[i], index)?.add_(&Tensor::scalar(0.0001f32), 1.0)?;
            let loss_plus = feed_forward(inputs, outputs, &temp_weights)?.item()?;
            slopes.push((loss_plus - original_loss) / 0.0001);
        }
        gradients.push(slopes);
    }
    Ok((gradients, original_loss))
}

fn update_weights(
    inputs: &Tensor,
    outputs: &Tensor,
    weights: &[Tensor],
    lr: f64,
) -> Result<(Vec<Tensor>, f64)> {
    let (gradients, loss) = differences(inputs, outputs, weights)?;
    let updated_weights = copies(weights)?;
    for (weights, slopes) in updated_weights.iter().zip(gradients) {
        for (index, slope) in slopes.into_iter().enumerate() {
            let weight = element(weights, index)?;
            weight.fill_(weight.item()? - slope * lr)?;
        }
    }
    Ok((updated_weights, loss))
}

/// What autograd finds for the same weights, from a single loss.
fn exact(inputs: &Tensor, outputs: &Tensor, weights: &[Tensor]) -> Result<Vec<Tensor>> {
    let leaf = |w: &Tensor| w.to(DType::F64)?.requires_grad_(true);
    let leaves = weights.iter().map(leaf).collect::<Result<Vec<_>>>()?;
    feed_forward(inputs, outputs, &leaves)?.backward()?;
    Ok(leaves.iter().filter_map(Tensor::grad).collect())
}

/// The whole program, which writes to `out`.
pub fn program(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let x = Tensor::from_vec(vec![1.0f64, 1.0], &[1, 2])?;
    let y = Tensor::from_vec(vec![0.0f64], &[1, 1])?;
    // What manual_seed(0) draws for Linear(2, 3), to four digits; .t() makes 2 rows and 3 columns of 3 and 2.
    let hidden = vec![-0.0053f32, 0.3793, -0.5820, -0.5204, -0.2723, 0.1896];
    let mut weights = vec![
        Tensor::from_vec(hidden, &[3, 2])?.t()?.contiguous()?,
        Tensor::from_vec(vec![-0.0140f32, 0.5607, -0.0628], &[3])?,
        Tensor::from_vec(vec![0.1528f32, -0.1745, -0.1135], &[3, 1])?,
        Tensor::from_vec(vec![-0.5516f32], &[1])?,
    ];

    let (gradients, _) = differences(&x, &y, &weights)?;
    let parameters: usize = weights.iter().map(Tensor::numel).sum();
    writeln!(out, "{} losses for finite differences, 1 for autograd", parameters + 1)?;
    for (nudged, exact) in gradients.iter().zip(exact(&x, &y, &weights)?) {
        for (nudged, exact) in nudged.iter().zip(exact.to_f64_vec()) {
            writeln!(out, "{nudged:.6} {exact:.6} {:.6}", nudged - exact)?;
        }
    }

    for epoch in 0..100 {
        let (updated, loss) = update_weights(&x, &y, &weights, 0.01)?;
        weights = updated;
        writeln!(out, "epoch {epoch} loss {loss:.8}")?;
    }
    for layer in &weights {
        writeln!(out, "{layer}")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
