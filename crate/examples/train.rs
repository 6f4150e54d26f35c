//! Runs an Experiment document: `train FILE.json` prints one JSON object with `loss_history`,
//! `validation_loss`, `initial_parameters`, `final_parameters` and `predictions`. Numbers that are not
//! finite are the strings "nan", "inf" and "-inf". `-` reads the document from standard input.

use gradus::error::Error;
use gradus::experiment::ReadOptions;
use gradus::experiment::trainer::{Failure, Trainer, values};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::process::ExitCode;

/// A document can ask for a day of training; this program holds all of its losses.
const MOST_STEPS: u64 = 10_000_000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: train FILE.json");
        return ExitCode::from(2);
    };
    let text = if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(&file)
    };
    let result = text.map_err(|e| format!("{file}: {e}")).and_then(|t| train(&t).map_err(|e| e.to_string()));
    match result {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn train(document: &str) -> Result<Value, Failure> {
    let experiment = gradus::experiment::from_text(document, ReadOptions::default())?;
    let predict: Vec<f32> = experiment.predict.iter().flatten().map(|&v| v as f32).collect();
    let asked = experiment.predict.len();
    let mut trainer = Trainer::new(experiment, None)?;
    let steps = trainer.position().total_steps;
    if steps > MOST_STEPS {
        let message = format!("every loss is printed: at most {MOST_STEPS} steps, got {steps}");
        return Err(Failure::Run(Error::Value(message)));
    }
    let (mut losses, mut validation) = (Vec::new(), Vec::new());
    while !trainer.position().finished {
        losses.push(trainer.step()?);
        if trainer.position().batch == 0 {
            validation.extend(trainer.validation_loss()?);
        }
    }
    let predictions = match asked {
        0 => Value::Null,
        n => {
            let outputs = trainer.predict(&predict)?.to_vec::<f32>()?;
            outputs.chunks_exact(outputs.len() / n).map(numbers).collect()
        }
    };
    let initial = trainer.initial_parameters().to_vec();
    Ok(json!({
        "loss_history": numbers(&losses),
        "validation_loss": numbers(&validation),
        "initial_parameters": by_name(&initial),
        "final_parameters": by_name(&values(trainer.parameters())?),
        "predictions": predictions,
    }))
}

fn by_name(parameters: &[(String, Vec<f32>)]) -> Map<String, Value> {
    parameters.iter().map(|(name, values)| (name.clone(), numbers(values))).collect()
}

/// As f64, which prints every f32 exactly.
fn numbers(values: &[f32]) -> Value {
    let number = |&v: &f32| match v {
        v if v.is_nan() => json!("nan"),
        v if v.is_infinite() => json!(if v > 0.0 { "inf" } else { "-inf" }),
        v => json!(f64::from(v)),
    };
    values.iter().map(number).collect()
}
