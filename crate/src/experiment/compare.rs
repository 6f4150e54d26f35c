//! Comparisons: the same experiment with a few fields set differently.

use serde_json::Value;

use super::{
    check::check_run,
    cursor::{Fields, Path},
    document::{Comparison, Experiment, Layer},
    problem::{Problem, Problems, closest},
    read::{ReadOptions, settings},
    write,
};

/// What a comparison may set: nothing that would change the data, their split or the initial
/// weights, which all runs share.
const SETTABLE: [&str; 10] = [
    "model",
    "loss",
    "optimizer",
    "schedule",
    "epochs",
    "stop",
    "batch_size",
    "shuffle",
    "device",
    "gradient",
];

/// The experiment that `comparison` runs: `base` with its fields set, and without comparisons.
///
/// # Errors
/// What is wrong with it then, at `set["optimizer.lr"]` and the like.
pub fn variant(base: &Experiment, comparison: &Comparison) -> Result<Experiment, Problems> {
    let set = Path::Field(&Path::Root, "set");
    variant_at(base, comparison, ReadOptions::default(), &set)
}

/// The experiment with some fields set by their paths, as a comparison sets them. Rows that were given apart
/// from the document stay so.
///
/// # Errors
/// What is wrong with it then, at the paths of the document.
pub fn changed(base: &Experiment, set: &[(String, Value)]) -> Result<Experiment, Problems> {
    let options = ReadOptions { external_rows: true };
    let changed = with_set(base, set, options, &Path::Root)?;
    Ok(Experiment { compare: base.compare.clone(), ..changed })
}

/// Checks that every comparison can run.
pub(super) fn check(experiment: &Experiment, options: ReadOptions, problems: &mut Problems) {
    let all = Path::Field(&Path::Root, "compare");
    for (index, comparison) in experiment.compare.iter().enumerate() {
        let path = Path::Index(&all, index);
        let set = Path::Field(&path, "set");
        if let Err(found) = variant_at(experiment, comparison, options, &set) {
            found.0.into_iter().for_each(|problem| problems.push(problem));
        }
    }
}

fn variant_at(
    base: &Experiment,
    comparison: &Comparison,
    options: ReadOptions,
    path: &Path<'_>,
) -> Result<Experiment, Problems> {
    with_set(base, &comparison.set, options, path).map_err(|mut problems| {
        // What is wrong is at a path of the document; the reader has to look at what set it.
        let own = |problem: &Problem| problem.path.starts_with(&path.to_string());
        for problem in problems.0.iter_mut().filter(|problem| !own(problem)) {
            problem.path = blame(&comparison.set, &problem.path, path);
        }
        problems
    })
}

/// `path` is where the settings are.
fn with_set(
    base: &Experiment,
    set: &[(String, Value)],
    options: ReadOptions,
    path: &Path<'_>,
) -> Result<Experiment, Problems> {
    let mut document = write::settings_value(base);
    let mut problems = Problems::default();
    for (field, value) in set {
        let at = Path::Key(path, field);
        if let Err(problem) = set_field(&mut document, field, value, &at) {
            problems.push(problem);
        }
    }
    let mut problems = problems.or(Problems::default())?;
    let root = Path::Root;
    let Some(fields) = Fields::open(&document, &root, &mut problems) else {
        return Err(problems);
    };
    let mut variant = settings(&fields, &mut problems);
    variant.data = base.data.clone();
    variant.predict = base.predict.clone();
    check_run(&variant, options, &mut problems);
    if !problems.touch("model") && !same_parameters(&base.model, &variant.model) {
        problems.push(Problem::not_settable(&Path::Field(&root, "model")));
    }
    problems.or(variant)
}

/// Whether all layers with parameters are the same, so that both models can start from the same.
fn same_parameters(base: &[Layer], variant: &[Layer]) -> bool {
    let plain = |layer: &Layer| {
        !matches!(layer, Layer::Linear { .. } | Layer::Conv2d { .. } | Layer::BatchNorm | Layer::LayerNorm)
    };
    let mut pairs = base.iter().zip(variant);
    base.len() == variant.len() && pairs.all(|(a, b)| a == b || plain(a) && plain(b))
}

/// Sets one field of the document.
fn set_field(document: &mut Value, field: &str, value: &Value, at: &Path<'_>) -> Result<(), Problem> {
    let unknown = |name: &str, suggestion| Problem::unknown_field(at, name, suggestion);
    let segments = segments(field).ok_or_else(|| unknown(field, None))?;
    let Some(Segment::Field(root)) = segments.first() else {
        return Err(unknown(field, None));
    };
    if !SETTABLE.contains(root) {
        return Err(match super::read::FIELDS.contains(root) {
            true => Problem::not_settable(at),
            false => unknown(root, closest(root, &SETTABLE)),
        });
    }
    let mut place = document;
    let last = segments.len() - 1;
    for (index, segment) in segments.into_iter().enumerate() {
        place = match (segment, place) {
            (Segment::Field(name), Value::Object(fields)) if index == last => {
                fields.insert(name.into(), value.clone());
                return Ok(());
            }
            (Segment::Field(name), Value::Object(fields)) => {
                fields.get_mut(name).ok_or_else(|| unknown(field, None))?
            }
            (Segment::Index(item), Value::Array(items)) => {
                items.get_mut(item).ok_or_else(|| unknown(field, None))?
            }
            _ => return Err(unknown(field, None)),
        };
    }
    *place = value.clone();
    Ok(())
}

enum Segment<'a> {
    Field(&'a str),
    Index(usize),
}

/// `model[1].p` in pieces.
fn segments(field: &str) -> Option<Vec<Segment<'_>>> {
    let mut segments = Vec::new();
    for part in field.split('.') {
        let (name, mut indices) = match part.find('[') {
            Some(at) => part.split_at(at),
            None => (part, ""),
        };
        if name.is_empty() {
            return None;
        }
        segments.push(Segment::Field(name));
        while !indices.is_empty() {
            let (index, rest) = indices.strip_prefix('[')?.split_once(']')?;
            segments.push(Segment::Index(index.parse().ok()?));
            indices = rest;
        }
    }
    Some(segments)
}

/// Where the field at `path` was set.
fn blame(set: &[(String, Value)], path: &str, at: &Path<'_>) -> String {
    let exact = set.iter().filter_map(|(field, _)| Some((field, path.strip_prefix(&**field)?)));
    let within = exact.filter(|(_, rest)| rest.is_empty() || rest.starts_with(['.', '[']));
    match within.max_by_key(|(field, _)| field.len()) {
        Some((field, rest)) => format!("{}{rest}", Path::Key(at, field)),
        // It was right before, so one of those is to blame; with one there is no doubt.
        None if set.len() == 1 => Path::Key(at, &set[0].0).to_string(),
        None => at.to_string(),
    }
}
