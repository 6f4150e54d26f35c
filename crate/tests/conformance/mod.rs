//! Conformance files: one operator or one training run a case, with what PyTorch computed. The tests and
//! `--example conformance` run them with this.

mod arguments;
mod operators;

use gradus::backend::Device;
use gradus::dtype::DType;
#[cfg(feature = "webgpu")]
use gradus::experiment::trainer::Stops;
use gradus::experiment::trainer::{Trainer, values};
use gradus::experiment::{ReadOptions, from_value};
use gradus::tensor::Tensor;
use serde_json::Value;

/// What became of a file's cases.
#[derive(Default)]
pub struct Outcome {
    /// How many agreed
    pub passed: usize,
    /// The names of those that did not, and why
    pub failed: Vec<(String, String)>,
    /// Those that the device cannot run, and why
    pub skipped: Vec<(String, &'static str)>,
}

/// Runs every case of a file on the CPU: operators where cases have an `op`, else whole experiments.
#[allow(dead_code)] // Not every program that includes this file wants it.
pub fn run(file: &str) -> Result<Outcome, String> {
    at_once(run_on(Device::Cpu, file))
}

/// The value of a future that waits for nothing that this thread would have to do.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it does wait"),
    }
}

/// As [`run`], on a device.
pub async fn run_on(device: Device, file: &str) -> Result<Outcome, String> {
    let file: Value = serde_json::from_str(file).map_err(|e| e.to_string())?;
    let cases = file["cases"].as_array().ok_or("the file has no list of cases")?;
    let tolerance = Tolerance {
        relative: file["default_rtol"].as_f64().unwrap_or(1e-4),
        absolute: file["default_atol"].as_f64().unwrap_or(1e-6),
    };
    let mut outcome = Outcome::default();
    for case in cases {
        let (name, result) = if case["op"].is_string() {
            let name = case["name"].as_str().unwrap_or("?");
            if let Some(why) = operators::unfit(device, case) {
                outcome.skipped.push((name.to_string(), why));
                continue;
            }
            (name, operators::check(device, case, tolerance).await)
        } else {
            (case["experiment"]["title"].as_str().unwrap_or("?"), experiment(device, case, tolerance).await)
        };
        match result {
            Ok(()) => outcome.passed += 1,
            Err(why) => outcome.failed.push((name.to_string(), why)),
        }
    }
    Ok(outcome)
}

/// |got − want| ≤ absolute + relative · |want|
#[derive(Clone, Copy)]
pub struct Tolerance {
    relative: f64,
    absolute: f64,
}

impl Tolerance {
    /// The case's own, where it has one.
    fn of(self, case: &Value) -> Tolerance {
        Tolerance {
            relative: case["rtol"].as_f64().unwrap_or(self.relative),
            absolute: case["atol"].as_f64().unwrap_or(self.absolute),
        }
    }

    fn check(self, what: &str, got: &[f64], want: &[f64]) -> Result<(), String> {
        if got.len() != want.len() {
            return Err(format!("{what}: {} values, expected {}", got.len(), want.len()));
        }
        for (i, (&got, &want)) in got.iter().zip(want).enumerate() {
            let agrees = got == want
                || (got.is_nan() && want.is_nan())
                || (got - want).abs() <= self.absolute + self.relative * want.abs();
            if !agrees {
                return Err(format!("{what}[{i}] is {got}, expected {want}"));
            }
        }
        Ok(())
    }
}

/// Numbers, bools as 0 and 1, and "nan", "inf", "-inf".
fn numbers(list: &Value) -> Vec<f64> {
    let number = |v: &Value| match v {
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::String(s) => s.parse().unwrap_or(f64::NAN),
        v => v.as_f64().unwrap_or(f64::NAN),
    };
    list.as_array().map(|list| list.iter().map(number).collect()).unwrap_or_default()
}

/// `{dtype, shape, data}` as a tensor.
fn tensor(value: &Value) -> Result<Tensor, String> {
    let dims: Vec<usize> = numbers(&value["shape"]).into_iter().map(|n| n as usize).collect();
    let data = numbers(&value["data"]);
    let dtype = dtype(&value["dtype"])?;
    let exact = Tensor::from_vec(data, &dims).map_err(|e| e.to_string())?;
    exact.to(dtype).map_err(|e| e.to_string())
}

fn dtype(name: &Value) -> Result<DType, String> {
    match name.as_str() {
        Some("f32") => Ok(DType::F32),
        Some("f64") => Ok(DType::F64),
        Some("i64") => Ok(DType::I64),
        Some("bool") => Ok(DType::Bool),
        other => Err(format!("unknown dtype {other:?}")),
    }
}

/// Steps until the run has ended, or the epoch.
#[cfg(feature = "webgpu")]
async fn steps(device: Device, trainer: &mut Trainer, losses: &mut Vec<f32>) -> Result<(), String> {
    let stops = Stops { after_epoch: true, when_diverged: false };
    match gradus::backend::gpu::current().filter(|_| device == Device::Gpu) {
        Some(gpu) => trainer.run_on(&gpu, usize::MAX, stops, losses).await,
        None => trainer.step().map(|loss| losses.push(loss)),
    }
    .map_err(|e| e.to_string())
}

/// One step.
#[cfg(not(feature = "webgpu"))]
async fn steps(_: Device, trainer: &mut Trainer, losses: &mut Vec<f32>) -> Result<(), String> {
    trainer.step().map(|loss| losses.push(loss)).map_err(|e| e.to_string())
}

async fn experiment(device: Device, case: &Value, tolerance: Tolerance) -> Result<(), String> {
    let document = from_value(&case["experiment"], ReadOptions::default()).map_err(|p| p.to_string())?;
    let asked: Vec<f32> = document.predict.iter().flatten().map(|&v| v as f32).collect();
    let mut trainer = Trainer::new(document, None).map_err(|e| e.to_string())?;
    for (name, got) in trainer.initial_parameters() {
        let want: Vec<f32> =
            numbers(&case["initial_parameters"][name]).into_iter().map(|v| v as f32).collect();
        if *got != want {
            return Err(format!("initial {name} is {got:?}, expected {want:?}"));
        }
    }
    let (mut losses, mut validation) = (Vec::new(), Vec::new());
    while !trainer.position().finished {
        steps(device, &mut trainer, &mut losses).await?;
        if trainer.position().batch == 0 {
            validation.extend(trainer.validation_loss().map_err(|e| e.to_string())?.map(f64::from));
        }
    }
    let compare = |what: &str, got: &[f64], want: &[f64]| -> Result<(), String> {
        // Where PyTorch's is not finite ours need not be the same infinity.
        let same = |v: f64| if v.is_finite() { v } else { f64::NAN };
        let got: Vec<f64> = got.iter().map(|&v| same(v)).collect();
        let want: Vec<f64> = want.iter().map(|&v| same(v)).collect();
        tolerance.of(case).check(what, &got, &want)
    };
    let losses: Vec<f64> = losses.into_iter().map(f64::from).collect();
    compare("loss", &losses, &numbers(&case["loss_history"]))?;
    compare("validation loss", &validation, &numbers(&case["validation_loss"]))?;
    for (name, got) in values(trainer.parameters()).map_err(|e| e.to_string())? {
        let got: Vec<f64> = got.into_iter().map(f64::from).collect();
        compare(&name, &got, &numbers(&case["final_parameters"][&name]))?;
    }
    if let Some(rows) = case["predictions"].as_array() {
        let want: Vec<f64> = rows.iter().flat_map(numbers).collect();
        let got = trainer.predict(&asked).map_err(|e| e.to_string())?.to_f64_vec();
        compare("prediction", &got, &want)?;
    }
    Ok(())
}
