//! Section 11.6: y = 3 x, learned with three learning rates from weights of zero: 0.01 crawls, 0.1 arrives and
//! 1 explodes.
//!
//!     cargo run -q --example learning_rates

use gradus::dtype::DType;
use gradus::error::Result;
use gradus::tensor::Tensor;
use std::error::Error;
use std::io::Write;

fn feed_forward(inputs: &Tensor, outputs: &Tensor, weights: &[Tensor]) -> Result<f64> {
    let pred_out = inputs.matmul(&weights[0].to(DType::F64)?)?.add(&weights[1])?;
    pred_out.sub(outputs)?.square()?.mean()?.item()
}

/// w and b are f32; everything else is f64.
fn update_weights(
    out: &mut dyn Write,
    (inputs, outputs): (&Tensor, &Tensor),
    weights: &[Tensor],
    lr: f64,
) -> Result<(Vec<Tensor>, f64), Box<dyn Error>> {
    let original_loss = feed_forward(inputs, outputs, weights)?;
    let values: Vec<f32> = weights.iter().map(|w| Ok(w.to_vec::<f32>()?[0])).collect::<Result<_>>()?;
    let one = |value: f32| Tensor::from_vec(vec![value], &[1, 1]);
    let mut updated = Vec::new();
    for (i, &weight) in values.iter().enumerate() {
        let mut temp_weights = weights.to_vec();
        temp_weights[i] = one(weight + 0.0001)?;
        let loss_plus = feed_forward(inputs, outputs, &temp_weights)?;
        let gradient = (loss_plus - original_loss) / 0.0001;
        let new = (f64::from(weight) - gradient * lr) as f32;
        updated.push(one(new)?);
        if i == 0 {
            writeln!(
                out,
                "weight value: {weight:.2} original loss: {original_loss:.2} loss_plus: {loss_plus:.2} \
                 gradient: {gradient:.2} updated_weights: {new:.2}"
            )?;
        }
    }
    Ok((updated, original_loss))
}

/// The whole program, which writes to `out`.
pub fn program(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let x = Tensor::from_vec(vec![1.0f64, 2.0, 3.0, 4.0], &[4, 1])?;
    let y = Tensor::from_vec(vec![3.0f64, 6.0, 9.0, 12.0], &[4, 1])?;
    for lr in [0.01, 0.1, 1.0] {
        writeln!(out, "learning rate {lr:?}")?;
        let mut weights = vec![Tensor::zeros(&[1, 1]), Tensor::zeros(&[1, 1])];
        for epoch in 1..=10 {
            let (updated, loss) = update_weights(out, (&x, &y), &weights, lr)?;
            weights = updated;
            writeln!(out, "epoch {epoch} weight {:.6} loss {loss:.6}", weights[0].item()?)?;
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    program(&mut std::io::stdout())
}
