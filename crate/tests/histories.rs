//! Small programs with writes in place, views, hooks and gradients of gradients, against what PyTorch made
//! of them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "histories/program.rs"]
mod program;

use gradus::tensor::Tensor;
use program::Program;
use serde_json::Value;

/// Written by `tests/fixtures/autograd.py`.
const CASES: &str = include_str!("../../tests/data/autograd.json");

fn numbers(list: &[Value]) -> Vec<f64> {
    list.iter().map(|v| v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())).collect()
}

fn same(what: &str, got: &[f64], want: &Value) -> Result<(), String> {
    let want = numbers(want.as_array().unwrap());
    let close = |(&a, &b): (&f64, &f64)| {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 + 1e-8 * b.abs()
    };
    if got.len() == want.len() && got.iter().zip(&want).all(close) {
        return Ok(());
    }
    Err(format!("{what} is {got:?}, not {want:?}"))
}

/// Messages without the name of the operation: PyTorch names the last that wrote, not the one whose result
/// was saved.
fn message(text: &str) -> String {
    let text = text.split(" Saved intermediate").next().unwrap();
    match (text.split_once(", which is output 0 of "), text.split_once("is at version")) {
        (Some((before, _)), Some((_, after))) => format!("{before} is at version{after}"),
        _ => text.split(" Specify retain_graph").next().unwrap().trim().to_string(),
    }
}

fn check_tensor(name: &str, tensor: &Tensor, want: &Value) -> Result<(), String> {
    same(name, &tensor.to_f64_vec(), &want["values"])?;
    let shape: Vec<u64> = tensor.dims().iter().map(|&n| n as u64).collect();
    let mut facts = vec![("shape", Value::from(shape))];
    if !want["version"].is_null() {
        facts.push(("version", Value::from(tensor.version())));
    }
    if !want["leaf"].is_null() {
        facts.push(("requires_grad", Value::from(tensor.requires_grad())));
        facts.push(("leaf", Value::from(tensor.is_leaf())));
        let write = tensor.grad_fn().map(|node| node.name());
        let write =
            write.filter(|n| ["CopySlices", "AsStridedBackward0", "CopyBackwards"].contains(&n.as_str()));
        // PyTorch has functions of their own for filling with a number; the histories of gradients are not
        // compared.
        let copy = write.as_deref() == Some("CopyBackwards");
        if !(want["version"].is_null() || copy && want["grad_fn"].is_null()) {
            facts.push(("grad_fn", write.map_or(Value::Null, Value::from)));
        }
    }
    for (fact, got) in facts {
        if got != want[fact] {
            return Err(format!("{fact} of {name} is {got}, not {}", want[fact]));
        }
    }
    Ok(())
}

fn check_gradient(name: &str, tensor: &Tensor, want: &Value) -> Result<(), String> {
    match (tensor.grad(), want) {
        (None, Value::Null) => Ok(()),
        (Some(grad), want @ Value::Array(_)) => {
            same(&format!("gradient of {name}"), &grad.to_f64_vec(), want)
        }
        (grad, want) => {
            Err(format!("the gradient of {name} is {:?}, not {want}", grad.map(|g| g.to_f64_vec())))
        }
    }
}

fn check(case: &Value) -> Result<(), String> {
    let lines: Vec<&str> = case["program"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    let mut program = Program::new();
    let error = program.run(&lines).err().map(|e| message(&e.to_string()));
    let want = case["error"].as_str().map(message);
    if error != want {
        return Err(format!("error {error:?}, not {want:?}"));
    }
    let calls = case["log"].as_array().unwrap();
    let log = program.log.borrow();
    if log.len() != calls.len() {
        return Err(format!("hooks were called {:?}, not {calls:?}", *log));
    }
    for ((name, got), call) in log.iter().zip(calls) {
        if Some(name.as_str()) != call[0].as_str() {
            return Err(format!("the hook of {name} was called, not {}", call[0]));
        }
        same(
            &format!("the hook of {name}: the gradient"),
            got,
            &Value::from(call.as_array().unwrap()[1..].to_vec()),
        )?;
    }
    let tensors = case["tensors"].as_object().unwrap();
    tensors.iter().try_for_each(|(name, want)| {
        let tensor = program.tensors.get(name).ok_or_else(|| format!("there is no {name}"))?;
        check_tensor(name, tensor, want)?;
        // What leaves got before an error depends on the order of the walk.
        if error.is_none() { check_gradient(name, tensor, &want["grad"]) } else { Ok(()) }
    })
}

#[test]
fn programs_have_the_values_gradients_histories_and_errors_of_pytorch() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let why = check(case).err()?;
            let lines: Vec<&str> =
                case["program"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            Some(format!("{}: {why}\n    {}", case["name"], lines.join("\n    ")))
        })
        .collect();
    assert!(failures.is_empty(), "{} of {} programs:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
