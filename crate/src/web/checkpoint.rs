//! Checkpoints and curves as JavaScript values.

use super::convert::{js_error, object, set, to_js};
use crate::capture::State;
use crate::experiment::history::{Bucket, EpochMeans, History};
use crate::experiment::trainer::Checkpoint;
use js_sys::{Array, Float32Array, Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A run as it is after some step. It can be cloned, so a page can keep it or send it. */
export interface Checkpoint {
    /** Where the run is, and what its stops have seen. */
    place: {
        step: number;
        epoch: number;
        batch: number;
        loader: { size: number | null, shuffle: boolean };
        watch: object;
    };
    /** Parameters and buffers by PyTorch's names, row-major. */
    tensors: Record<string, Float32Array>;
    /** The optimizer's updates so far, whether it has momentum, and its blocks. */
    optimizer: { updates: number, begun: boolean, moments: Float32Array[] };
    /** `torch.get_rng_state()` */
    generator: Uint8Array;
    /** The rows of the current pass. */
    order: Uint32Array;
    /** All of the curves: their `from` is 0. */
    curves: Changes;
    /** The losses of the epoch that is not over. */
    unfinished: { sum: number, count: number };
}
"#;

/// The losses of all steps, those over the validation rows, and the means of epochs.
#[derive(Default)]
pub(super) struct Curves {
    pub history: History,
    pub validation: History,
    pub epochs: EpochMeans,
}

pub(super) fn checkpoint_to_js(checkpoint: &Checkpoint, curves: &Curves) -> JsValue {
    let tensors = checkpoint.tensors.iter();
    let tensors = object(tensors.map(|(name, v)| (name.as_str(), Float32Array::from(v.as_slice()).into())));
    let State { updates, begun, moments } = &checkpoint.optimizer;
    let moments: Array = moments.iter().map(|m| JsValue::from(Float32Array::from(m.as_slice()))).collect();
    let optimizer = object([
        ("updates", (*updates as f64).into()),
        ("begun", (*begun).into()),
        ("moments", moments.into()),
    ]);
    let (sum, count) = curves.epochs.unfinished();
    let whole =
        |history: &History| curve_to_js(history.length(), history.bucket_size(), 0, history.buckets());
    let all = [
        ("train", whole(&curves.history)),
        ("validation", whole(&curves.validation)),
        ("epochs", whole(curves.epochs.all())),
    ];
    object([
        ("place", to_js(&checkpoint.place)),
        ("tensors", tensors),
        ("optimizer", optimizer),
        ("generator", Uint8Array::from(checkpoint.generator.as_slice()).into()),
        ("order", Uint32Array::from(checkpoint.order.as_slice()).into()),
        ("curves", object(all)),
        ("unfinished", object([("sum", sum.into()), ("count", count.into())])),
    ])
}

pub(super) fn checkpoint_from_js(value: &JsValue) -> Result<(Checkpoint, Curves), JsValue> {
    let place = serde_wasm_bindgen::from_value(field(value, "place")?).map_err(|_| unfit("place"))?;
    let optimizer = field(value, "optimizer")?;
    let moments = field(&optimizer, "moments")?.dyn_into::<Array>().map_err(|_| unfit("moments"))?;
    let moments = moments.iter().map(|m| floats(&m, "moments")).collect::<Result<_, _>>()?;
    let begun = field(&optimizer, "begun")?.as_bool().ok_or_else(|| unfit("begun"))?;
    let tensors = field(value, "tensors")?.dyn_into::<Object>().map_err(|_| unfit("tensors"))?;
    let tensors = Object::entries(&tensors).into_iter().map(|entry| {
        let entry = Array::from(&entry);
        let name = entry.get(0).as_string().unwrap_or_default();
        floats(&entry.get(1), &name).map(|values| (name, values))
    });
    let generator = field(value, "generator")?.dyn_into::<Uint8Array>().map_err(|_| unfit("generator"))?;
    let order = field(value, "order")?.dyn_into::<Uint32Array>().map_err(|_| unfit("order"))?;
    let checkpoint = Checkpoint {
        place,
        tensors: tensors.collect::<Result<_, _>>()?,
        optimizer: State { updates: count(&optimizer, "updates")?, begun, moments },
        generator: generator.to_vec(),
        order: order.to_vec(),
    };
    let (curves, unfinished) = (field(value, "curves")?, field(value, "unfinished")?);
    let curve = |name| curve_from_js(&field(&curves, name)?).ok_or_else(|| unfit(name));
    let sum = field(&unfinished, "sum")?.as_f64().ok_or_else(|| unfit("sum"))?;
    let epochs = EpochMeans::from_parts((sum, count(&unfinished, "count")? as usize), curve("epochs")?);
    Ok((checkpoint, Curves { history: curve("train")?, validation: curve("validation")?, epochs }))
}

/// Some of a curve, from a bucket on: `CurveChange`.
pub(super) fn curve_to_js(length: u64, size: u64, from: usize, buckets: &[Bucket]) -> JsValue {
    let last: Vec<f32> = buckets.iter().map(|bucket| bucket.last).collect();
    let (mut x, mut y) = (Vec::new(), Vec::new());
    if size > 1 {
        for bucket in buckets {
            let low_first = bucket.low.0 <= bucket.high.0;
            let (first, second) =
                if low_first { (bucket.low, bucket.high) } else { (bucket.high, bucket.low) };
            x.extend([first.0 as f64, second.0 as f64]);
            y.extend([first.1, second.1]);
        }
    }
    let curve = object([("length", (length as f64).into()), ("bucket", (size as f64).into())]);
    set(&curve, "from", &from.into());
    set(&curve, "x", &Float64Array::from(x.as_slice()));
    set(&curve, "y", &Float32Array::from(y.as_slice()));
    set(&curve, "last", &Float32Array::from(last.as_slice()));
    curve
}

/// A whole curve. None where its parts do not fit each other.
fn curve_from_js(value: &JsValue) -> Option<History> {
    let part = |name| field(value, name).ok();
    let x = part("x")?.dyn_into::<Float64Array>().ok()?.to_vec();
    let y = part("y")?.dyn_into::<Float32Array>().ok()?.to_vec();
    let last = part("last")?.dyn_into::<Float32Array>().ok()?.to_vec();
    let (length, size) = (count(value, "length").ok()?, count(value, "bucket").ok()?);
    let buckets = last.iter().enumerate().map(|(i, &last)| {
        if size == 1 {
            let only = (i as u64 + 1, last);
            return Some(Bucket { low: only, high: only, last });
        }
        let end = |at: usize| Some((*x.get(2 * i + at)? as u64, *y.get(2 * i + at)?));
        let (first, second) = (end(0)?, end(1)?);
        let (low, high) = if second.1 < first.1 { (second, first) } else { (first, second) };
        Some(Bucket { low, high, last })
    });
    History::from_parts(length, size, buckets.collect::<Option<_>>()?)
}

fn field(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    let value = Reflect::get(of, &JsValue::from_str(name)).map_err(|_| unfit(name))?;
    if value.is_undefined() { Err(unfit(name)) } else { Ok(value) }
}

fn count(of: &JsValue, name: &str) -> Result<u64, JsValue> {
    let number = field(of, name)?.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0 && *n < 9.1e15);
    number.map(|n| n as u64).ok_or_else(|| unfit(name))
}

fn floats(value: &JsValue, name: &str) -> Result<Vec<f32>, JsValue> {
    value.dyn_ref::<Float32Array>().map(Float32Array::to_vec).ok_or_else(|| unfit(name))
}

fn unfit(name: &str) -> JsValue {
    js_error(&format!("checkpoint: {name} is missing or is of another type"))
}
