//! The data sets that come with the program: digits and iris. Their source and licence are in
//! `bundled/README.md`.
//!
//! The page's module must not carry 40 kB that most visits never use: there this file is only part of
//! the build with the feature `bundled`, and without it the trainer says that it cannot run such data.

use super::Sample;
use crate::error::{Error, Result};

const DIGITS: &[u8] = include_bytes!("bundled/digits.bin");
const IRIS: &[u8] = include_bytes!("bundled/iris.bin");

/// What a row of `load_digits()` holds: 64 pixels, 0 to 16.
const PIXELS: usize = 64;

/// A data set by its name in a document: `digits` (`[1797, 64]`, 0 to 16, ten classes) or `iris`
/// (`[150, 4]`, centimetres, three classes). Inputs and classes are those of scikit-learn's
/// `load_digits()` and `load_iris()`, in their order.
///
/// # Errors
/// For another name.
pub fn bundled(name: &str) -> Result<Sample> {
    match name {
        "digits" => unpack(DIGITS, PIXELS, 1.0),
        "iris" => unpack(IRIS, 4, 10.0),
        _ => Err(Error::Value(format!("there is no bundled data set {name:?}"))),
    }
}

/// One byte a number; the classes after all inputs.
fn unpack(packed: &[u8], columns: usize, scale: f64) -> Result<Sample> {
    let bytes = miniz_oxide::inflate::decompress_to_vec(packed)
        .map_err(|e| Error::Value(format!("bundled data: {e}")))?;
    let rows = bytes.len() / (columns + 1);
    let (inputs, classes) = bytes.split_at(rows * columns);
    Ok(Sample {
        columns,
        inputs: inputs.iter().map(|&v| (f64::from(v) / scale) as f32).collect(),
        targets: classes.iter().map(|&v| f32::from(v)).collect(),
    })
}
