//! Between Rust's values and JavaScript's.

use crate::error::Error;
use crate::experiment::trainer::Failure;
use crate::experiment::{Experiment, Problem, Problems, ReadOptions, from_text};
use js_sys::{Array, Float32Array, JSON, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Plain data as JavaScript has it: objects, arrays, numbers, text.
pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).expect("plain data has only values that JavaScript has")
}

/// JSON text that was written here, as plain JavaScript values.
#[cfg(feature = "documents")]
pub(super) fn parsed(json: &str) -> JsValue {
    JSON::parse(json).expect("what is written is JSON")
}

/// A document from JSON text or from an object.
pub(super) fn read_document(source: &JsValue, options: ReadOptions) -> Result<Experiment, JsValue> {
    from_text(&json_text(source)?, options).map_err(|problems| problems_error(&problems))
}

/// JSON text, or a plain value as JSON text.
pub(super) fn json_text(source: &JsValue) -> Result<String, JsValue> {
    if let Some(text) = source.as_string() {
        return Ok(text);
    }
    // As text it crosses to this memory at once, instead of value by value.
    let text = JSON::stringify(source).ok().and_then(|text| text.as_string());
    text.ok_or_else(|| js_error("document: expected JSON text or an object of plain values"))
}

/// An `Error` whose `problems` says what is wrong where: `[{path, code, params, message}]`.
pub(super) fn problems_error(problems: &Problems) -> JsValue {
    error_with(&problems.to_string(), problems)
}

/// An `Error` of a failed run.
pub(super) fn failure_error(failure: &Failure) -> JsValue {
    match failure {
        Failure::Document(problems) => problems_error(problems),
        Failure::Run(error) => run_error(error),
    }
}

/// An `Error` of a tensor operation.
pub(super) fn run_error(error: &Error) -> JsValue {
    let message = error.to_string();
    let params = [("detail".to_string(), message.as_str().into())].into_iter().collect();
    let problem = Problem { path: String::new(), code: "run_failed", params, message: message.clone() };
    error_with(&message, &Problems(vec![problem]))
}

/// An `Error` without problems.
pub(super) fn js_error(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}

fn error_with(message: &str, problems: &Problems) -> JsValue {
    let error = js_error(message);
    set(&error, "problems", &to_js(problems));
    error
}

/// `object[name] = value`
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only a frozen object or a proxy would refuse, and these are objects of our own.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// An object of named values.
pub(super) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, JsValue)>) -> JsValue {
    let object: JsValue = Object::new().into();
    for (name, value) in entries {
        set(&object, name, &value);
    }
    object
}

/// Rows of numbers: a Float32Array, row-major, or an array of arrays.
pub(super) fn rows_from_js(rows: &JsValue) -> Result<Vec<f32>, JsValue> {
    if let Some(array) = rows.dyn_ref::<Float32Array>() {
        return Ok(array.to_vec());
    }
    let wrong = || js_error("rows: expected a Float32Array or an array of arrays of numbers");
    if !Array::is_array(rows) {
        return Err(wrong());
    }
    let mut values = Vec::new();
    for row in Array::from(rows).iter() {
        if !Array::is_array(&row) {
            return Err(wrong());
        }
        for value in Array::from(&row).iter() {
            values.push(value.as_f64().ok_or_else(wrong)? as f32);
        }
    }
    Ok(values)
}
