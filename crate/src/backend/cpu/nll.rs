//! The negative log likelihood of classes, and its adjoint.

use super::View;
use super::operand::dense;
use super::storage::Float;
use crate::error::{Error, Result};
use crate::op::Nll;

/// Rows are added up in blocks of so many, and then the blocks: errors stay small over long sums.
const BLOCK: usize = 128;

/// The place of each row's class in `[m, classes]`; None: the row does not count.
#[inline(never)]
fn place(options: Nll, classes: usize, row: usize, target: i64) -> Result<Option<usize>> {
    match usize::try_from(target) {
        _ if target == options.ignore_index => Ok(None),
        Ok(class) if class < classes => Ok(Some(row * classes + class)),
        _ => Err(Error::Index(format!("Target {target} is out of bounds."))),
    }
}

fn counted(options: Nll, targets: &[i64]) -> usize {
    targets.iter().filter(|&&t| t != options.ignore_index).count()
}

pub(super) fn nll<T: Float>(options: Nll, x: View<'_>, target: View<'_>, out: &mut [T]) -> Result<()> {
    let classes = x.layout.dims()[1];
    dense::<T, _>(x, |x| {
        dense::<i64, _>(target, |targets| {
            let loss = |row: usize| -> Result<T> {
                Ok(place(options, classes, row, targets[row])?.map_or(T::default(), |at| -x[at]))
            };
            if !options.mean {
                return out.iter_mut().enumerate().try_for_each(|(row, out)| {
                    *out = loss(row)?;
                    Ok(())
                });
            }
            let mut total = T::default();
            for start in (0..targets.len()).step_by(BLOCK) {
                let mut sum = T::default();
                for row in start..targets.len().min(start + BLOCK) {
                    sum += loss(row)?;
                }
                total += sum;
            }
            out[0] = total / T::from_f64(counted(options, targets) as f64);
            Ok(())
        })
    })
}

pub(super) fn adjoint<T: Float>(options: Nll, g: View<'_>, target: View<'_>, out: &mut [T]) -> Result<()> {
    out.fill(T::default());
    dense::<T, _>(g, |g| {
        dense::<i64, _>(target, |targets| {
            let classes = out.len() / targets.len().max(1);
            let divisor = if options.mean { counted(options, targets) as f64 } else { 1.0 };
            for (row, &target) in targets.iter().enumerate() {
                if let Some(at) = place(options, classes, row, target)? {
                    out[at] = -(g[if options.mean { 0 } else { row }] / T::from_f64(divisor));
                }
            }
            Ok(())
        })
    })
}
