//! The rows of a run: as tensors, and which of them train.

use super::Failure;
use crate::capture::compile::Words;
use crate::data::{self, Standardize};
use crate::dtype::DType;
use crate::error::Error;
use crate::experiment::document::{Data, Experiment, split_rows};
use crate::experiment::model;
#[cfg(not(any(not(target_arch = "wasm32"), feature = "bundled")))]
use crate::experiment::problem::{Problem, Problems};
use crate::experiment::shapes;
use crate::rng::Generator;
use crate::tensor::Tensor;

/// Data given apart from the document, row-major: large sets need not become JSON, and bundled ones need not be
/// in the module.
#[derive(Debug, Clone, Default)]
pub struct Arrays {
    /// `rows · inputs` values
    pub inputs: Vec<f32>,
    /// `rows · targets` values
    pub targets: Vec<f32>,
}

/// Rows as tensors, and which of them train.
#[derive(Clone)]
pub(in crate::experiment) struct Rows {
    pub(in crate::experiment) input_shape: Vec<usize>,
    /// As the model takes them
    pub(in crate::experiment) inputs: Tensor,
    /// What the inputs were standardised by
    pub(in crate::experiment) standardize: Option<Standardize>,
    pub(in crate::experiment) targets: Tensor,
    pub(in crate::experiment) train: Vec<usize>,
    /// Where each row is among those that train
    pub(in crate::experiment) places: Vec<u32>,
    pub(in crate::experiment) validation_rows: Vec<usize>,
}

impl Rows {
    /// The rows of a document, or of `arrays` where a table's or a bundled set's come apart from it.
    pub(super) fn new(experiment: &Experiment, arrays: Option<&Arrays>) -> Result<Rows, Failure> {
        let input_shape = shapes::input_shape(&experiment.data);
        let (columns, target_columns, mut inputs, targets) = match (&experiment.data, arrays) {
            (Data::Table { inputs, targets, .. }, Some(arrays)) => {
                (inputs.len(), targets.len(), arrays.inputs.clone(), arrays.targets.clone())
            }
            (Data::Table { inputs, targets, rows, .. }, None) => {
                let part = |from: usize, to: usize| {
                    rows.iter().flat_map(|row| row[from..to].iter().map(|&v| v as f32)).collect()
                };
                let (columns, all) = (inputs.len(), inputs.len() + targets.len());
                (columns, targets.len(), part(0, columns), part(columns, all))
            }
            (Data::Generated { name, points, noise, seed }, _) => {
                let sample = data::generate(name, *points as usize, *noise, *seed)?;
                (sample.columns, 1, sample.inputs, sample.targets)
            }
            (Data::Bundled { .. }, Some(arrays)) => {
                (input_shape.iter().product(), 1, arrays.inputs.clone(), arrays.targets.clone())
            }
            (Data::Bundled { name }, None) => {
                let sample = bundled(name)?;
                (sample.columns, 1, sample.inputs, sample.targets)
            }
        };
        let n = inputs.len().checked_div(columns).unwrap_or(0);
        if n == 0 || inputs.len() != n * columns || targets.len() != n * target_columns {
            return Err(Error::Shape(format!(
                "inputs and targets must hold as many rows of {columns} and {target_columns} values, got {} \
                 and {} values",
                inputs.len(),
                targets.len()
            ))
            .into());
        }
        let mut dims = vec![n];
        dims.extend(&input_shape);
        let (train, validation) = if experiment.validation > 0.0 {
            let (n_train, n_val) = split_rows(n, experiment.validation);
            let mut generator = Generator::new(experiment.seed);
            let mut parts = data::split_indices(n, &[n_train, n_val], &mut generator)?.into_iter();
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        } else {
            ((0..n).collect(), Vec::new())
        };
        let standardize = experiment.standardize.then(|| Standardize::new(&inputs, columns, &train));
        if let Some(standardize) = &standardize {
            standardize.apply(&mut inputs);
        }
        let mut places = vec![0; n];
        train.iter().enumerate().for_each(|(place, &row): (usize, &usize)| places[row] = place as u32);
        Ok(Rows {
            places,
            input_shape,
            standardize,
            inputs: Tensor::from_vec(inputs, &dims)?,
            targets: model::targets(experiment.loss, targets, target_columns)?,
            train,
            validation_rows: validation,
        })
    }
}

/// Rows as compiled steps read them; None: they have no use for the type.
pub(super) fn words(tensor: &Tensor) -> Option<Words> {
    let width = tensor.dims()[1..].iter().product();
    let (words, classes) = match tensor.dtype() {
        DType::F32 => (tensor.to_vec::<f32>().ok()?.into_iter().map(f32::to_bits).collect(), None),
        DType::I64 => {
            let classes = tensor.to_vec::<i64>().ok()?;
            let most = classes.iter().copied().max().unwrap_or(0) + 1;
            let words = classes.into_iter().map(|class| u32::try_from(class).ok());
            (words.collect::<Option<Vec<u32>>>()?, Some(most))
        }
        _ => return None,
    };
    Some(Words { words, width, classes })
}

/// These rows, in this order.
pub(super) fn picked(all: &Words, rows: &[usize]) -> Words {
    let Words { width, classes, .. } = *all;
    let words = rows.iter().flat_map(|&row| &all.words[row * width..(row + 1) * width]).copied().collect();
    Words { words, width, classes }
}

/// A data set that comes with the program.
#[cfg(any(not(target_arch = "wasm32"), feature = "bundled"))]
fn bundled(name: &str) -> Result<data::Sample, Failure> {
    Ok(data::bundled(name)?)
}

/// The page's module leaves them out: see `data/bundled.rs`.
#[cfg(not(any(not(target_arch = "wasm32"), feature = "bundled")))]
fn bundled(_: &str) -> Result<data::Sample, Failure> {
    Err(Failure::Document(Problems(vec![Problem::not_available("data.kind", "bundled data")])))
}
