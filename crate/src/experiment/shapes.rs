//! What goes into each layer and what comes out, by PyTorch's rules, before anything is allocated.

use super::{
    cursor::Path,
    document::{Data, Experiment, Init, Layer},
    limits,
    problem::{Problem, Problems},
};
use serde::Serialize;

/// What a model is made of: the table that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// One for each layer.
    pub layers: Vec<LayerSummary>,
    /// Parameters of all layers together.
    pub parameters: usize,
}

impl Summary {
    /// The shape of one row's output.
    pub fn output_shape(&self) -> &[usize] {
        self.layers.last().map_or(&[], |layer| &layer.output_shape)
    }

    /// Every parameter with its shape, in `state_dict()`'s order and by its names: `0.weight`.
    pub fn parameter_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let layers = self.layers.iter().enumerate();
        layers
            .flat_map(|(index, layer)| {
                let name =
                    move |(name, shape): &(&str, Vec<usize>)| (format!("{index}.{name}"), shape.clone());
                layer.parameter_shapes.iter().map(name)
            })
            .collect()
    }
}

/// One layer's place in the model. Shapes are of one row, without the batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerSummary {
    /// The layer's `type`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What goes in.
    pub input_shape: Vec<usize>,
    /// What comes out.
    pub output_shape: Vec<usize>,
    /// How many parameters it has.
    pub parameters: usize,
    /// `weight` and `bias`, where it has them, with their shapes.
    #[serde(skip)]
    pub parameter_shapes: Vec<(&'static str, Vec<usize>)>,
}

/// The shapes and parameters of the experiment's layers.
///
/// # Errors
/// At `model[i]`: a layer that cannot take what the one before it gives, or given weights of another
/// shape; at `model`: more parameters than [`limits::PARAMETERS`].
pub fn summary(experiment: &Experiment) -> Result<Summary, Problems> {
    let (summary, problems) = so_far(experiment);
    problems.or(summary)
}

/// The layers up to the first that cannot take what the one before it gives, and what is wrong: see [`summary`].
pub fn so_far(experiment: &Experiment) -> (Summary, Problems) {
    let model = Path::Field(&Path::Root, "model");
    let mut problems = Problems::default();
    let mut layers = Vec::with_capacity(experiment.model.len());
    let mut shape = input_shape(&experiment.data);
    let mut total: u64 = 0;
    for (index, layer) in experiment.model.iter().enumerate() {
        let path = Path::Index(&model, index);
        let output_shape = match output_shape(layer, &shape, &path) {
            Ok(output_shape) => output_shape,
            Err(problem) => {
                problems.push(problem);
                break;
            }
        };
        let parameter_shapes = parameter_shapes(layer, &shape);
        check_init(layer, &parameter_shapes, &path, &mut problems);
        let parameters = parameter_shapes.iter().map(|(_, shape)| product(shape)).sum();
        total = total.saturating_add(parameters);
        if total > limits::PARAMETERS {
            let max = limits::PARAMETERS;
            problems.push(Problem::too_large(&path, "parameters", max, total));
            break;
        }
        layers.push(LayerSummary {
            kind: layer.kind(),
            input_shape: std::mem::replace(&mut shape, output_shape.clone()),
            output_shape,
            parameters: parameters as usize,
            parameter_shapes,
        });
    }
    (Summary { layers, parameters: total as usize }, problems)
}

/// The shape of one row's inputs.
pub fn input_shape(data: &Data) -> Vec<usize> {
    match data {
        Data::Table { input_shape: Some(shape), .. } => shape.clone(),
        Data::Table { inputs, .. } => vec![inputs.len()],
        Data::Generated { name, .. } if name == "sine" => vec![1],
        Data::Generated { .. } => vec![2],
        Data::Bundled { name } if name == "digits" => vec![1, 8, 8],
        Data::Bundled { .. } => vec![4],
    }
}

/// The number of elements. Saturating: 64 bits also where usize has 32.
pub(super) fn product(shape: &[usize]) -> u64 {
    shape.iter().fold(1, |product: u64, size| product.saturating_mul(*size as u64))
}

fn output_shape(layer: &Layer, input: &[usize], path: &Path<'_>) -> Result<Vec<usize>, Problem> {
    let refuse = |needs: &str| Problem::layer_input(path, layer.kind(), needs, input);
    let window = |kernel: u32, stride: u32, padding: u32, size: usize| {
        // PyTorch's floor((size + 2 padding - kernel) / stride) + 1.
        let padded = size + 2 * padding as usize;
        let room = padded
            .checked_sub(kernel as usize)
            .ok_or_else(|| refuse(&format!("an image no smaller than its kernel of {kernel} x {kernel}")))?;
        Ok(room / stride as usize + 1)
    };
    let output = match (layer, input) {
        (Layer::Linear { out, .. }, [outer @ .., _]) => [outer, &[*out as usize]].concat(),
        (Layer::Flatten, _) => {
            vec![usize::try_from(product(input)).unwrap_or(usize::MAX)]
        }
        (Layer::BatchNorm, _) if !(1..=3).contains(&input.len()) => {
            return Err(refuse("features, or channels and an image of one or two dimensions"));
        }
        (Layer::Conv2d { out, kernel, stride, padding, .. }, [_, height, width]) => vec![
            *out as usize,
            window(*kernel, *stride, *padding, *height)?,
            window(*kernel, *stride, *padding, *width)?,
        ],
        (Layer::MaxPool2d { kernel, stride }, [channels, height, width]) => {
            vec![*channels, window(*kernel, *stride, 0, *height)?, window(*kernel, *stride, 0, *width)?]
        }
        (Layer::Conv2d { .. } | Layer::MaxPool2d { .. }, _) => {
            return Err(refuse("channels, height and width (data.input_shape, such as [1, 8, 8])"));
        }
        _ => input.to_vec(),
    };
    let elements = product(&output);
    if elements > limits::ACTIVATIONS {
        return Err(Problem::too_large(path, "values a row", limits::ACTIVATIONS, elements));
    }
    Ok(output)
}

fn parameter_shapes(layer: &Layer, input: &[usize]) -> Vec<(&'static str, Vec<usize>)> {
    let first = input.first().copied().unwrap_or(1);
    let last = input.last().copied().unwrap_or(1);
    let (weight, bias) = match layer {
        Layer::Linear { out, bias, .. } => (vec![*out as usize, last], bias.then(|| vec![*out as usize])),
        Layer::Conv2d { out, kernel, .. } => {
            let (out, kernel) = (*out as usize, *kernel as usize);
            (vec![out, first, kernel, kernel], Some(vec![out]))
        }
        Layer::BatchNorm => (vec![first], Some(vec![first])),
        Layer::LayerNorm => (vec![last], Some(vec![last])),
        _ => return Vec::new(),
    };
    let bias = bias.map(|shape| ("bias", shape));
    std::iter::once(("weight", weight)).chain(bias).collect()
}

/// Given weights must have the shapes that the layer's parameters have.
fn check_init(layer: &Layer, parameters: &[(&str, Vec<usize>)], path: &Path<'_>, problems: &mut Problems) {
    let (Layer::Linear { init, .. } | Layer::Conv2d { init, .. }) = layer else {
        return;
    };
    let Init::Given { weight, shape, bias } = init else {
        return;
    };
    let path = Path::Field(path, "init");
    let at = Path::Field(&path, "weight");
    let expected = &parameters[0].1;
    if shape != expected {
        problems.push(Problem::shape_mismatch(&at, expected, shape));
    } else if weight.len() as u64 != product(shape) {
        let expected = product(shape) as usize;
        problems.push(Problem::length_mismatch(&at, expected, weight.len()));
    }
    let at = Path::Field(&path, "bias");
    match (bias, parameters.get(1)) {
        (Some(_), None) => {
            problems.push(Problem::no_bias(&at));
        }
        (Some(bias), Some((_, shape))) if bias.len() != shape[0] => {
            problems.push(Problem::length_mismatch(&at, shape[0], bias.len()));
        }
        _ => {}
    }
}
