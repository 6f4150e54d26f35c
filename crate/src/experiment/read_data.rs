//! Reads the data of a document, and the rows to predict for.

use serde_json::Value;

use super::{
    cursor::{self, Fields, Path},
    document::{BUNDLED, Data, GENERATORS, Rows},
    limits,
    problem::{Problem, Problems},
    read::ReadOptions,
};

/// The data at `path`.
pub(super) fn data(
    value: &Value,
    path: &Path<'_>,
    options: ReadOptions,
    problems: &mut Problems,
) -> Option<Data> {
    let fields = Fields::open(value, path, problems)?;
    match fields.tag("kind", &["table", "generated", "bundled"], problems)? {
        0 => table(&fields, options, problems),
        1 => {
            fields.only(&["kind", "name", "points", "noise", "seed"], problems);
            let name = fields.tag("name", &GENERATORS, problems);
            let points = fields.small("points", (2, limits::POINTS), Some(POINTS), problems);
            let noise = fields.number("noise", limits::NOISE, Some(0.0), problems);
            let seed = fields.integer("seed", (0, limits::SEED), Some(0), problems);
            Some(Data::Generated { name: GENERATORS[name?].into(), points, noise, seed })
        }
        _ => {
            fields.only(&["kind", "name"], problems);
            let name = fields.tag("name", &BUNDLED, problems)?;
            Some(Data::Bundled { name: BUNDLED[name].into() })
        }
    }
}

/// How many points a generated data set has unless it says.
pub(super) const POINTS: u32 = 200;

fn table(fields: &Fields<'_>, options: ReadOptions, problems: &mut Problems) -> Option<Data> {
    fields.only(&["kind", "inputs", "targets", "rows", "input_shape", "classes"], problems);
    let inputs = column_names(fields, "inputs", &[], problems);
    let targets = column_names(fields, "targets", inputs.as_deref().unwrap_or_default(), problems);
    let (inputs, targets) = (inputs?, targets?);
    let columns = inputs.len() + targets.len();
    if columns > limits::COLUMNS {
        let path = fields.at("inputs");
        problems.push(Problem::too_many(&path, "columns", limits::COLUMNS, columns));
        return None;
    }
    let input_shape = match fields.get("input_shape").filter(|value| !value.is_null()) {
        Some(value) => Some(input_shape(value, &fields.at("input_shape"), inputs.len(), problems)?),
        None => None,
    };
    let classes = class_names(fields, targets.len(), problems)?;
    let path = fields.at("rows");
    let values = match fields.get("rows") {
        None if options.external_rows => &[],
        _ => cursor::array(fields.required("rows", problems)?, &path, problems)?,
    };
    if values.is_empty() && !options.external_rows {
        problems.push(Problem::empty(&path, "rows"));
        return None;
    }
    if values.len() > limits::CELLS / columns {
        let got = values.len() as u64 * columns as u64;
        problems.push(Problem::too_large(&path, "cells", limits::CELLS as u64, got));
        return None;
    }
    let mut rows = Rows { columns, values: Vec::with_capacity(values.len() * columns) };
    for (index, value) in values.iter().enumerate() {
        let path = Path::Index(&path, index);
        row(value, &path, (inputs.len(), targets.len()), &mut rows.values, problems);
        if problems.is_full() {
            break;
        }
    }
    Some(Data::Table { inputs, targets, rows, input_shape, classes })
}

/// One row at `path` of so many inputs and targets, appended to `cells`.
fn row(
    value: &Value,
    path: &Path<'_>,
    (inputs, targets): (usize, usize),
    cells: &mut Vec<f64>,
    problems: &mut Problems,
) {
    let Some(values) = cursor::array(value, path, problems) else {
        return;
    };
    if values.len() != inputs + targets {
        problems.push(Problem::row_length(path, inputs, targets, values.len()));
        return;
    }
    for (index, value) in values.iter().enumerate() {
        let path = Path::Index(path, index);
        cells.extend(cursor::number(value, &path, limits::CELL, problems));
    }
}

/// At least one column name, none there twice, none of them `taken`.
fn column_names(
    fields: &Fields<'_>,
    name: &str,
    taken: &[String],
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let path = fields.at(name);
    let values = cursor::array(fields.required(name, problems)?, &path, problems)?;
    if values.is_empty() {
        problems.push(Problem::empty(&path, "columns"));
        return None;
    }
    names(values, &path, taken, ("columns", limits::COLUMNS), problems)
}

/// What the classes of the target are called; nothing where the document does not say.
fn class_names(fields: &Fields<'_>, targets: usize, problems: &mut Problems) -> Option<Vec<String>> {
    let Some(value) = fields.get("classes").filter(|value| !value.is_null()) else {
        return Some(Vec::new());
    };
    let path = fields.at("classes");
    let values = cursor::array(value, &path, problems)?;
    if !values.is_empty() && targets != 1 {
        problems.push(Problem::target_count(&path, "a table with named classes", targets));
        return None;
    }
    names(values, &path, &[], ("classes", limits::CLASSES), problems)
}

/// At most `max` names, none there twice, none of them `taken`.
fn names(
    values: &[Value],
    path: &Path<'_>,
    taken: &[String],
    (what, max): (&str, usize),
    problems: &mut Problems,
) -> Option<Vec<String>> {
    if values.len() > max {
        problems.push(Problem::too_many(path, what, max, values.len()));
        return None;
    }
    let mut seen = std::collections::BTreeSet::new();
    for name in taken {
        seen.insert(name.as_str());
    }
    let mut names = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let path = Path::Index(path, index);
        let Some(name) = cursor::text(value, &path, limits::NAME, problems) else {
            continue;
        };
        if name.is_empty() {
            problems.push(Problem::empty(&path, "characters"));
        } else if !seen.insert(value.as_str().unwrap_or_default()) {
            problems.push(Problem::duplicate(&path, &name));
        }
        names.push(name);
    }
    (names.len() == values.len()).then_some(names)
}

/// Dimensions whose product is the number of `inputs`.
fn input_shape(value: &Value, path: &Path<'_>, inputs: usize, problems: &mut Problems) -> Option<Vec<usize>> {
    let values = cursor::array(value, path, problems)?;
    if values.is_empty() {
        problems.push(Problem::empty(path, "dimensions"));
        return None;
    }
    if values.len() > limits::DIMENSIONS {
        let (max, got) = (limits::DIMENSIONS, values.len());
        problems.push(Problem::too_many(path, "dimensions", max, got));
        return None;
    }
    let bounds = (1, limits::COLUMNS as u64);
    let mut shape = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let size = cursor::integer(value, &Path::Index(path, index), bounds, problems)?;
        shape.push(size as usize);
    }
    // At most COLUMNS^DIMENSIONS, 10^16: saturating for wasm's 32-bit usize.
    let product = shape.iter().fold(1usize, |product, size| product.saturating_mul(*size));
    if product != inputs {
        problems.push(Problem::length_mismatch(path, inputs, product));
        return None;
    }
    Some(shape)
}

/// Rows to predict for; their length is checked once the inputs are known.
pub(super) fn predict(value: &Value, path: &Path<'_>, problems: &mut Problems) -> Vec<Vec<f64>> {
    let values = cursor::array(value, path, problems).unwrap_or_default();
    let mut room = limits::PREDICT_CELLS;
    let mut rows = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let path = Path::Index(path, index);
        let Some(row) = numbers(value, &path, &mut room, problems) else {
            break;
        };
        rows.push(row);
    }
    rows
}

/// Numbers that float32 can hold, at most `room` of them, which are taken from it.
pub(super) fn numbers(
    value: &Value,
    path: &Path<'_>,
    room: &mut usize,
    problems: &mut Problems,
) -> Option<Vec<f64>> {
    let values = cursor::array(value, path, problems)?;
    // An empty row takes room too, or there could be any number of them.
    let takes = values.len().max(1);
    if takes > *room {
        problems.push(Problem::too_many(path, "values", *room, takes));
        return None;
    }
    *room -= takes;
    let mut numbers = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let path = Path::Index(path, index);
        numbers.push(cursor::number(value, &path, limits::CELL, problems).unwrap_or(0.0));
        if problems.is_full() {
            return None;
        }
    }
    Some(numbers)
}
