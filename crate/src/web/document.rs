//! Documents, links and examples for JavaScript.

use super::convert::{js_error, json_text, object, parsed, problems_error, read_document, run_error, to_js};
use crate::data;
use crate::experiment::{
    Data, Experiment, LayerSummary, Problem, ReadOptions, compare, link, presets, read, shapes, write,
};
use js_sys::{Array, Float32Array};
use serde::Serialize;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** One thing that is wrong with a document. */
export interface Problem {
    /** Where: `model[2].out`. */
    path: string;
    /** Which kind, for messages in other languages. */
    code: string;
    /** What the message fills in. */
    params: Record<string, unknown>;
    /** In English. */
    message: string;
}

/** Input and output of one layer, without the batch. */
export interface LayerSummary {
    type: string;
    inputShape: number[];
    outputShape: number[];
    parameters: number;
}

/** Rows of data, row-major. */
export interface Sample {
    /** Inputs in a row. */
    columns: number;
    inputs: Float32Array;
    /** One value or class for each row. */
    targets: Float32Array;
}

/** The layers up to the first that does not fit, with the reason. */
export interface Layers {
    layers: LayerSummary[];
    parameters: number;
    problem: Problem | null;
}
"#;

/// Checks a document (JSON text or an object) and returns it with every default filled in. Throws an
/// `Error` with `problems: Problem[]`. A table without rows may have their `cells` beside it, row by row: the document
/// that comes back has no rows then, either.
#[wasm_bindgen(js_name = readDocument, unchecked_return_type = "Record<string, any>")]
pub fn read(
    #[wasm_bindgen(unchecked_param_type = "string | object")] source: &JsValue,
    cells: Option<Vec<f64>>,
) -> Result<JsValue, JsValue> {
    let Some(cells) = cells else {
        return read_document(source, ReadOptions::default()).map(|experiment| document_to_js(&experiment));
    };
    let read = read::with_rows(&json_text(source)?, cells);
    let mut experiment = read.map_err(|problems| problems_error(&problems))?;
    if let Data::Table { rows, .. } = &mut experiment.data {
        rows.values.clear();
    }
    Ok(document_to_js(&experiment))
}

/// A document as canonical JSON text: defaults left out, fields in a fixed order.
#[wasm_bindgen(js_name = writeDocument)]
pub fn write(
    #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
) -> Result<String, JsValue> {
    read_document(document, ReadOptions::default()).map(|experiment| write::to_pretty(&experiment))
}

/// The link of a document: `#v=1&z=…`. The same document gives the same link.
#[wasm_bindgen(js_name = encodeLink)]
pub fn encode_link(
    #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
) -> Result<String, JsValue> {
    let experiment = read_document(document, ReadOptions::default())?;
    link::encode(&experiment).map_err(|problems| problems_error(&problems))
}

/// The document of a link, with every default filled in. Throws an `Error` with `problems: Problem[]`.
#[wasm_bindgen(js_name = decodeLink, unchecked_return_type = "Record<string, any>")]
pub fn decode_link(fragment: &str) -> Result<JsValue, JsValue> {
    let decoded = link::decode(fragment).map_err(|problems| problems_error(&problems))?;
    Ok(document_to_js(&decoded.experiment))
}

/// The names of what a link asks for and is not given.
#[wasm_bindgen(js_name = linkRefusals)]
pub fn link_refusals(fragment: &str) -> Result<Vec<String>, JsValue> {
    link::refused(fragment).map_err(|problems| problems_error(&problems))
}

/// A document as a JavaScript object with every default filled in.
fn document_to_js(experiment: &Experiment) -> JsValue {
    parsed(&write::to_full(experiment))
}

/// The examples: their names and documents.
#[wasm_bindgen(unchecked_return_type = "{name: string, document: Record<string, any>}[]")]
pub fn presets() -> Result<JsValue, JsValue> {
    let list: Result<Vec<Value>, JsValue> = presets::PRESETS
        .iter()
        .map(|&(name, text)| {
            let experiment = crate::experiment::from_text(text, ReadOptions::default())
                .map_err(|problems| js_error(&format!("{name}: {problems}")))?;
            Ok(json!({"name": name, "document": write::to_full_value(&experiment)}))
        })
        .collect();
    // Documents can be large: as text they cross at once.
    Ok(parsed(&write::value_to_compact(&Value::Array(list?))))
}

/// The documents of a document's comparisons, in their order. Throws an `Error` with `problems: Problem[]`.
#[wasm_bindgen(unchecked_return_type = "Record<string, any>[]")]
pub fn variants(
    #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
) -> Result<Array, JsValue> {
    let experiment = read_document(document, ReadOptions::default())?;
    let variant = |comparison| {
        let variant = compare::variant(&experiment, comparison).map_err(|p| problems_error(&p))?;
        Ok(document_to_js(&variant))
    };
    experiment.compare.iter().map(variant).collect()
}

/// What each layer takes and gives, and how many parameters it has. Throws an `Error` with
/// `problems: Problem[]` when the layers do not fit each other or the data.
#[wasm_bindgen(unchecked_return_type = "{layers: LayerSummary[], parameters: number}")]
pub fn summary(
    #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
) -> Result<JsValue, JsValue> {
    let experiment = read_document(document, ReadOptions::default())?;
    let summary = shapes::summary(&experiment).map_err(|problems| problems_error(&problems))?;
    Ok(to_js(&summary))
}

/// The points of generated data, as a run of it trains on them. Throws for a name that there is not.
#[wasm_bindgen(unchecked_return_type = "Sample")]
pub fn generate(name: &str, points: u32, noise: f64, seed: f64) -> Result<JsValue, JsValue> {
    let sample = data::generate(name, points as usize, noise, seed as u64).map_err(|e| run_error(&e))?;
    Ok(object([
        ("columns", sample.columns.into()),
        ("inputs", Float32Array::from(sample.inputs.as_slice()).into()),
        ("targets", Float32Array::from(sample.targets.as_slice()).into()),
    ]))
}

/// What each layer takes and gives, up to the first one that cannot take what the one before it gives. The loss,
/// the targets and the rows do not matter, and there need not be rows. Throws an `Error` with
/// `problems: Problem[]` when a field is wrong in itself.
#[wasm_bindgen(unchecked_return_type = "Layers")]
pub fn layers(
    #[wasm_bindgen(unchecked_param_type = "string | object")] document: &JsValue,
) -> Result<JsValue, JsValue> {
    let options = ReadOptions { external_rows: true };
    let experiment = read::unchecked(&json_text(document)?, options).map_err(|p| problems_error(&p))?;
    let (summary, problems) = shapes::so_far(&experiment);
    let problem = problems.0.into_iter().next();
    Ok(to_js(&Layers { layers: summary.layers, parameters: summary.parameters, problem }))
}

/// As [`layers`] gives them.
#[derive(Serialize)]
struct Layers {
    layers: Vec<LayerSummary>,
    parameters: usize,
    problem: Option<Problem>,
}
