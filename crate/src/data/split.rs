//! `torch.utils.data.random_split`.

use super::{Dataset, Subset};
use crate::error::{Error, Result};
use crate::rng::Generator;

/// Whole numbers of rows from shares that add up to 1: each is rounded down, and the rows that are left
/// go to the first parts, one each.
///
/// # Errors
/// When a share is not between 0 and 1, or they do not add up.
pub fn split_lengths(rows: usize, fractions: &[f64]) -> Result<Vec<usize>> {
    if let Some((i, _)) = fractions.iter().enumerate().find(|(_, f)| !(0.0..=1.0).contains(*f)) {
        return Err(Error::Value(format!("Fraction at index {i} is not between 0 and 1")));
    }
    if (fractions.iter().sum::<f64>() - 1.0).abs() > 1e-9 {
        return Err(sum_differs());
    }
    let mut lengths: Vec<usize> = fractions.iter().map(|f| (rows as f64 * f).floor() as usize).collect();
    let left = rows.saturating_sub(lengths.iter().sum());
    let parts = lengths.len();
    (0..left).for_each(|i| lengths[i % parts] += 1);
    Ok(lengths)
}

/// Which of `rows` rows are in which part, as `random_split(range(rows), lengths, generator)`.
///
/// # Errors
/// When the lengths do not add up to the number of rows.
pub fn split_indices(rows: usize, lengths: &[usize], generator: &mut Generator) -> Result<Vec<Vec<usize>>> {
    if lengths.iter().sum::<usize>() != rows {
        return Err(sum_differs());
    }
    let mut order = generator.randperm(rows).into_iter();
    Ok(lengths.iter().map(|&n| order.by_ref().take(n).collect()).collect())
}

/// Parts of a data set with so many rows each, drawn from the generator.
///
/// # Errors
/// When the lengths do not add up to the number of rows.
pub fn random_split<'a>(
    dataset: &'a dyn Dataset,
    lengths: &[usize],
    generator: &mut Generator,
) -> Result<Vec<Subset<'a>>> {
    let parts = split_indices(dataset.len(), lengths, generator)?;
    Ok(parts.into_iter().map(|indices| Subset::new(dataset, indices)).collect())
}

fn sum_differs() -> Error {
    Error::Value("Sum of input lengths does not equal the length of the input dataset!".into())
}
