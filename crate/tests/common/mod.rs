//! Reading tests/data/nn.json: what PyTorch computed.
#![allow(dead_code)]

use gradus::tensor::Tensor;
use serde_json::Value;

/// Written by `tests/fixtures/nn.py`.
const FIXTURES: &str = include_str!("../../../tests/data/nn.json");

/// A part of the fixtures.
pub fn fixtures(part: &str) -> Value {
    let mut file: Value = serde_json::from_str(FIXTURES).unwrap();
    file[part].take()
}

/// A number, where "nan", "inf" and "-inf" stand for themselves.
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

pub fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(number).collect()
}

pub fn sizes(list: &Value) -> Vec<usize> {
    list.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}

/// `{dtype, shape, data}` as a tensor.
pub fn tensor(value: &Value) -> Tensor {
    let (data, dims) = (numbers(&value["data"]), sizes(&value["shape"]));
    match value["dtype"].as_str().unwrap() {
        "f32" => Tensor::from_vec(data.iter().map(|&v| v as f32).collect(), &dims),
        "f64" => Tensor::from_vec(data, &dims),
        "i64" => Tensor::from_vec(data.iter().map(|&v| v as i64).collect(), &dims),
        other => panic!("{other}"),
    }
    .unwrap()
}

/// A tensor where there is one.
pub fn optional(value: &Value) -> Option<Tensor> {
    (!value.is_null()).then(|| tensor(value))
}

/// torch.testing's tolerances for f32.
pub fn assert_numbers(what: &str, got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let close = (got - want).abs() <= 1e-5 + 1.3e-6 * want.abs();
        assert!(close || got == want || (got.is_nan() && want.is_nan()), "{what}[{i}]: {got} is not {want}");
    }
}

pub fn assert_close(what: &str, got: &Tensor, want: &Value) {
    assert_eq!(got.dims(), sizes(&want["shape"]), "{what}");
    assert_numbers(what, &got.to_f64_vec(), &numbers(&want["data"]));
}
