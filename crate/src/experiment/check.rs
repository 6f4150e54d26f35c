//! Whether fields that are right each by itself fit together: rows and columns, layers and data,
//! outputs and loss, and whether the whole is small enough to compute.

use super::{
    compare,
    cursor::Path,
    document::{Data, Experiment, Gradient, Layer, Loss, Rows, split_rows},
    limits,
    problem::{Problem, Problems, Range},
    read::ReadOptions,
    shapes::{self, Summary, product},
};

/// Checks an experiment whose rows were given apart from its document, once it has them.
///
/// # Errors
/// What does not fit together. The ranges of single fields are checked as they are read.
pub fn check(experiment: &Experiment) -> Result<(), Problems> {
    let mut problems = Problems::default();
    check_into(experiment, ReadOptions::default(), &mut problems);
    problems.or(())
}

/// The same, adding to the `problems` of single fields; what builds on a field that has one is left.
pub(super) fn check_into(experiment: &Experiment, options: ReadOptions, problems: &mut Problems) {
    check_run(experiment, options, problems);
    if problems.0.is_empty() {
        compare::check(experiment, options, problems);
    }
}

/// The same without the comparisons.
pub(super) fn check_run(experiment: &Experiment, options: ReadOptions, problems: &mut Problems) {
    if problems.touch("data") {
        return;
    }
    if let Data::Table { inputs, targets, rows, .. } = &experiment.data {
        table(rows, inputs.len() + targets.len(), options, problems);
    }
    if !problems.touch("predict") {
        predict(experiment, problems);
    }
    if problems.touch("data") || problems.touch("loss") {
        return;
    }
    if problems.touch("model") {
        targets(experiment, None, problems);
        return;
    }
    let summary = match shapes::summary(experiment) {
        Ok(summary) => summary,
        Err(found) => {
            found.0.into_iter().for_each(|problem| problems.push(problem));
            return;
        }
    };
    let classes = outputs(experiment, &summary, problems);
    targets(experiment, classes, problems);
    let root = Path::Root;
    let nudges = matches!(experiment.gradient, Gradient::FiniteDifference(_));
    if nudges && summary.parameters as u64 > limits::NUDGED_PARAMETERS {
        let path = Path::Field(&root, "gradient");
        let (max, got) = (limits::NUDGED_PARAMETERS, summary.parameters as u64);
        problems.push(Problem::too_large(&path, "parameters to nudge", max, got));
    }
    let counts = ["epochs", "batch_size", "validation"];
    if !counts.iter().any(|count| problems.touch(count)) {
        amount(experiment, &summary, problems);
    }
}

/// How many rows there are, where that is known yet.
fn row_count(data: &Data) -> Option<usize> {
    match data {
        Data::Table { rows, .. } => (!rows.is_empty()).then(|| rows.len()),
        Data::Generated { points, .. } => Some(*points as usize),
        Data::Bundled { name } if name == "digits" => Some(1797),
        Data::Bundled { .. } => Some(150),
    }
}

fn table(rows: &Rows, columns: usize, options: ReadOptions, problems: &mut Problems) {
    let data = Path::Field(&Path::Root, "data");
    let path = Path::Field(&data, "rows");
    if rows.is_empty() {
        if !options.external_rows {
            problems.push(Problem::empty(&path, "rows"));
        }
    } else if rows.columns != columns {
        problems.push(Problem::length_mismatch(&path, columns, rows.columns));
    } else if !rows.values.len().is_multiple_of(columns) {
        let whole = rows.values.len().next_multiple_of(columns);
        problems.push(Problem::length_mismatch(&path, whole, rows.values.len()));
    } else if rows.values.len() > limits::CELLS {
        let (max, got) = (limits::CELLS as u64, rows.values.len() as u64);
        problems.push(Problem::too_large(&path, "cells", max, got));
    } else {
        let all = 0..columns;
        cells(rows, all, &path, problems, |value, at| limits::CELL.check(value, at));
    }
}

/// Checks the cells in some columns.
fn cells(
    rows: &Rows,
    columns: std::ops::Range<usize>,
    path: &Path<'_>,
    problems: &mut Problems,
    check: impl Fn(f64, &Path<'_>) -> Result<(), Problem>,
) {
    for (index, row) in rows.iter().enumerate() {
        for column in columns.clone() {
            let row_path = Path::Index(path, index);
            if let Err(problem) = check(row[column], &Path::Index(&row_path, column)) {
                problems.push(problem);
                if problems.is_full() {
                    return;
                }
            }
        }
    }
}

fn predict(experiment: &Experiment, problems: &mut Problems) {
    let path = Path::Field(&Path::Root, "predict");
    let inputs = product(&shapes::input_shape(&experiment.data)) as usize;
    for (index, row) in experiment.predict.iter().enumerate() {
        if row.len() != inputs {
            problems.push(Problem::row_length(&Path::Index(&path, index), inputs, 0, row.len()));
        }
    }
}

/// Whether the loss can compare what comes out; the number of classes for cross-entropy.
fn outputs(experiment: &Experiment, summary: &Summary, problems: &mut Problems) -> Option<usize> {
    let model = Path::Field(&Path::Root, "model");
    let path = Path::Index(&model, experiment.model.len().saturating_sub(1));
    let kind = experiment.loss.kind();
    let got = summary.output_shape();
    if experiment.loss == Loss::CrossEntropy {
        let needed = match &experiment.data {
            Data::Bundled { name } if name == "digits" => 10,
            Data::Bundled { .. } => 3,
            Data::Generated { .. } => 2,
            Data::Table { .. } => 1,
        };
        return match got {
            [classes] if *classes >= needed => Some(*classes),
            [_] => {
                let expected = format!("at least {needed}, one for each class");
                problems.push(Problem::output_count(&path, kind, &expected, got));
                None
            }
            _ => {
                let expected = "one value for each class (flatten, then linear)";
                problems.push(Problem::output_count(&path, kind, expected, got));
                None
            }
        };
    }
    let targets = match &experiment.data {
        Data::Table { targets, .. } => targets.len(),
        _ => 1,
    };
    if got != [targets] {
        let expected = match targets {
            1 => "[1], one value for the target column".to_string(),
            _ => format!("[{targets}], one value for each of the {targets} target columns"),
        };
        problems.push(Problem::output_count(&path, kind, &expected, got));
    }
    None
}

/// Whether the targets are what the loss takes; `classes` is what the model can tell apart.
fn targets(experiment: &Experiment, classes: Option<usize>, problems: &mut Problems) {
    let Data::Table { inputs, targets, rows, .. } = &experiment.data else {
        known_targets(experiment, problems);
        return;
    };
    let data = Path::Field(&Path::Root, "data");
    let path = Path::Field(&data, "rows");
    let columns = inputs.len()..inputs.len() + targets.len();
    match experiment.loss {
        Loss::CrossEntropy if targets.len() != 1 => {
            let path = Path::Field(&data, "targets");
            let loss = experiment.loss.kind();
            problems.push(Problem::target_count(&path, loss, targets.len()));
        }
        Loss::CrossEntropy => cells(rows, columns, &path, problems, |class, at| {
            if class < 0.0 || class.fract() != 0.0 {
                return Err(Problem::not_class(at, None, class));
            }
            match classes {
                Some(count) if class >= count as f64 => Err(Problem::not_class(at, classes, class)),
                _ => Ok(()),
            }
        }),
        Loss::Bce | Loss::BceWithLogits => {
            let range = Range::Closed(0.0, 1.0);
            cells(rows, columns, &path, problems, |value, at| range.check(value, at));
        }
        Loss::Mse | Loss::L1 | Loss::SmoothL1 | Loss::Huber => {}
    }
}

/// Data without rows in the document: generated regressions are no classes, and what is bundled has more
/// than two.
fn known_targets(experiment: &Experiment, problems: &mut Problems) {
    let (classes, two) = match &experiment.data {
        Data::Generated { name, .. } => {
            let classes = !["plane", "gaussian_bumps", "sine"].contains(&name.as_str());
            (classes, classes)
        }
        _ => (true, false),
    };
    let fits = |loss: Loss| match loss {
        Loss::CrossEntropy => classes,
        Loss::Bce | Loss::BceWithLogits => two,
        Loss::Mse | Loss::L1 | Loss::SmoothL1 | Loss::Huber => true,
    };
    if !fits(experiment.loss) {
        let options: Vec<&str> =
            Loss::ALL.into_iter().filter(|(_, loss)| fits(*loss)).map(|(name, _)| name).collect();
        let loss = Path::Field(&Path::Root, "loss");
        let path = Path::Field(&loss, "type");
        problems.push(Problem::not_one_of(&path, &options, experiment.loss.kind(), None));
    }
}

/// Whether the run is small enough, in steps and in what a step holds.
fn amount(experiment: &Experiment, summary: &Summary, problems: &mut Problems) {
    let Some(rows) = row_count(&experiment.data) else {
        return;
    };
    let (train, _) = split_rows(rows, experiment.validation);
    let batch = experiment.batch_size.map_or(train, |size| train.min(size as usize)).max(1);
    let epochs = Path::Field(&Path::Root, "epochs");
    let steps = experiment.epochs.saturating_mul(train.div_ceil(batch) as u64);
    if steps > limits::STEPS {
        problems.push(Problem::too_large(&epochs, "steps", limits::STEPS, steps));
    }
    let model = Path::Field(&Path::Root, "model");
    let mut values: u64 = 0;
    for (index, layer) in summary.layers.iter().enumerate() {
        let path = Path::Index(&model, index);
        let made = product(&layer.output_shape).saturating_mul(batch as u64);
        values = values.saturating_add(made);
        if values > limits::ACTIVATIONS {
            let max = limits::ACTIVATIONS;
            problems.push(Problem::too_large(&path, "values in a batch", max, values));
            return;
        }
        let averages = layer.input_shape[1..].iter().product::<usize>();
        let is_norm = matches!(experiment.model[index], Layer::BatchNorm);
        if is_norm && averages == 1 && (batch == 1 || train % batch == 1) {
            problems.push(Problem::one_row_batch(&path));
        }
    }
}
