//! Reads the layers of a document.

use serde_json::Value;

use super::{
    cursor::{self, Fields, Path},
    document::{Init, LAYER_TYPES, Layer},
    limits,
    problem::{Problem, Problems, Range},
    read_data::numbers,
};

/// The names of the inits that have one.
pub(super) const INITS: [(&str, Init); 6] = [
    ("default", Init::Default),
    ("zeros", Init::Zeros),
    ("xavier_uniform", Init::XavierUniform),
    ("xavier_normal", Init::XavierNormal),
    ("kaiming_uniform", Init::KaimingUniform),
    ("kaiming_normal", Init::KaimingNormal),
];

/// The layers at `path`; at least one.
pub(super) fn layers(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Vec<Layer> {
    let Some(values) = cursor::array(value, path, problems) else {
        return Vec::new();
    };
    if values.is_empty() {
        problems.push(Problem::empty(path, "layers"));
    }
    if values.len() > limits::LAYERS {
        problems.push(Problem::too_many(path, "layers", limits::LAYERS, values.len()));
        return Vec::new();
    }
    // Room for given weights, over the whole model.
    let mut room = limits::PARAMETERS as usize;
    let each = values.iter().enumerate();
    each.filter_map(|(index, value)| layer(value, &Path::Index(path, index), &mut room, problems)).collect()
}

fn layer(value: &Value, path: &Path<'_>, room: &mut usize, problems: &mut Problems) -> Option<Layer> {
    let fields = Fields::open(value, path, problems)?;
    let kind = fields.tag("type", &LAYER_TYPES, problems)?;
    let width = (1, limits::WIDTH);
    let kernel = (1, limits::KERNEL);
    let (layer, known): (_, &[&str]) = match LAYER_TYPES[kind] {
        "linear" => (
            Layer::Linear {
                out: fields.small("out", width, None, problems),
                bias: fields.boolean("bias", true, problems),
                init: init(&fields, 2, room, problems),
            },
            &["out", "bias", "init"],
        ),
        "relu" => (Layer::Relu, &[]),
        "sigmoid" => (Layer::Sigmoid, &[]),
        "tanh" => (Layer::Tanh, &[]),
        "leaky_relu" => {
            let name = "negative_slope";
            let negative_slope = fields.number(name, limits::CELL, Some(0.01), problems);
            (Layer::LeakyRelu { negative_slope }, &["negative_slope"])
        }
        "elu" => {
            let alpha = fields.number("alpha", limits::CELL, Some(1.0), problems);
            (Layer::Elu { alpha }, &["alpha"])
        }
        "gelu" => (Layer::Gelu, &[]),
        "silu" => (Layer::Silu, &[]),
        "softplus" => (Layer::Softplus, &[]),
        "softmax" => (Layer::Softmax, &[]),
        "dropout" => {
            let p = fields.number("p", Range::Below(0.0, 1.0), Some(0.5), problems);
            (Layer::Dropout { p }, &["p"])
        }
        "batch_norm" => (Layer::BatchNorm, &[]),
        "layer_norm" => (Layer::LayerNorm, &[]),
        "flatten" => (Layer::Flatten, &[]),
        "conv2d" => (
            Layer::Conv2d {
                out: fields.small("out", width, None, problems),
                kernel: fields.small("kernel", kernel, None, problems),
                stride: fields.small("stride", kernel, Some(1), problems),
                padding: fields.small("padding", (0, limits::KERNEL), Some(0), problems),
                init: init(&fields, 4, room, problems),
            },
            &["out", "kernel", "stride", "padding", "init"],
        ),
        _ => {
            let size = fields.small("kernel", kernel, None, problems);
            let stride = match fields.get("stride") {
                Some(Value::Null) | None => size,
                Some(_) => fields.small("stride", kernel, None, problems),
            };
            (Layer::MaxPool2d { kernel: size, stride }, &["kernel", "stride"])
        }
    };
    fields.only(&[&["type"], known].concat(), problems);
    Some(layer)
}

fn init(fields: &Fields<'_>, dimensions: usize, room: &mut usize, problems: &mut Problems) -> Init {
    let path = fields.at("init");
    match fields.get("init") {
        None => Init::Default,
        Some(value @ Value::String(_)) => {
            let names = INITS.map(|(name, _)| name);
            let index = cursor::choice(value, &path, &names, problems);
            INITS[index.unwrap_or(0)].1.clone()
        }
        Some(value @ Value::Object(_)) => given(value, &path, dimensions, room, problems).unwrap_or_default(),
        Some(value) => {
            problems.push(Problem::wrong_type(&path, "init", &value.into()));
            Init::Default
        }
    }
}

fn given(
    value: &Value,
    path: &Path<'_>,
    dimensions: usize,
    room: &mut usize,
    problems: &mut Problems,
) -> Option<Init> {
    let fields = Fields::open(value, path, problems)?;
    fields.only(&["weight", "bias"], problems);
    let bias = fields.get("bias").filter(|value| !value.is_null());
    let bias = bias.map(|value| numbers(value, &fields.at("bias"), room, problems));
    let mut weight = Vec::new();
    let mut shape = vec![None; dimensions];
    let value = fields.required("weight", problems)?;
    nested(value, &fields.at("weight"), &mut shape, &mut weight, room, problems)?;
    let shape = shape.into_iter().map(|size| size.unwrap_or(0)).collect();
    let bias = match bias {
        Some(bias) => Some(bias?),
        None => None,
    };
    Some(Init::Given { weight, shape, bias })
}

/// Nested arrays of as many levels as `shape` has, row-major into `into`. A level's first array says
/// how long the others must be.
fn nested(
    value: &Value,
    path: &Path<'_>,
    shape: &mut [Option<usize>],
    into: &mut Vec<f64>,
    room: &mut usize,
    problems: &mut Problems,
) -> Option<()> {
    let (size, inner) = shape.split_first_mut()?;
    let values = cursor::array(value, path, problems)?;
    let expected = *size.get_or_insert(values.len());
    if values.len() != expected {
        problems.push(Problem::length_mismatch(path, expected, values.len()));
        return None;
    }
    if values.is_empty() {
        problems.push(Problem::empty(path, "values"));
        return None;
    }
    if inner.is_empty() {
        into.extend(numbers(value, path, room, problems)?);
        return Some(());
    }
    for (index, value) in values.iter().enumerate() {
        nested(value, &Path::Index(path, index), inner, into, room, problems)?;
    }
    Some(())
}
