//! Values kept within bounds.

use super::{Called, Operand, Tensor, no_grad};
use crate::dtype::DType;
use crate::error::{Error, Result};

impl Tensor {
    /// x kept between two bounds, of which either may be missing: max(x, min), then min(that, max). A NaN
    /// anywhere stays. The gradient goes to x where it is between the bounds and to a bound where x is beyond
    /// it. Where x is a bound, a number leaves it no gradient, and a tensor shares it with x.
    ///
    /// # Errors
    /// When both are missing, or shapes do not broadcast.
    pub fn clamp<'a>(
        &self,
        min: Option<impl Into<Operand<'a>>>,
        max: Option<impl Into<Operand<'a>>>,
    ) -> Result<Tensor> {
        let (min, max) = (min.map(Into::into), max.map(Into::into));
        let tensors = [min, max].into_iter().flatten().any(|bound| matches!(bound, Operand::Tensor(_)));
        self.clamp_to(min, max).called(if tensors { "ClampBackward0" } else { "ClampBackward1" })
    }

    fn clamp_to(&self, min: Option<Operand<'_>>, max: Option<Operand<'_>>) -> Result<Tensor> {
        if min.is_none() && max.is_none() {
            return Err(Error::Value("torch.clamp: At least one of 'min' or 'max' must not be None".into()));
        }
        let bounds = || [min, max].into_iter().flatten();
        let dtype = bounds().fold(self.clamped_dtype(min, max), |dtype, bound| match bound {
            Operand::Tensor(_) => dtype,
            Operand::Int(_) => dtype.promote(DType::I64),
            Operand::Float(_) => dtype.promote(DType::F32),
        });
        let limit = |bound: Operand<'_>| -> Result<Tensor> {
            match bound {
                Operand::Tensor(t) => t.to(dtype),
                number => Ok(number.number(dtype)?.expect("it is a number")),
            }
        };
        let x = self.to(dtype)?;
        let (low, high) = (min.map(limit).transpose()?, max.map(limit).transpose()?);
        let limited = |x: &Tensor| -> Result<Tensor> {
            let raised = low.as_ref().map_or(Ok(x.clone()), |low| x.maximum(low))?;
            high.as_ref().map_or(Ok(raised.clone()), |high| raised.minimum(high))
        };
        let tensors = bounds().any(|bound| matches!(bound, Operand::Tensor(_)));
        match (&low, &high) {
            (Some(low), Some(high)) if tensors => between(&x, low, high, &no_grad(|| limited(&x))?),
            _ if tensors => limited(&x),
            _ => {
                let value = no_grad(|| limited(&x))?;
                if !x.requires_grad() {
                    return Ok(value);
                }
                let above = low.map(|low| x.gt(&low)).transpose()?;
                let below = high.map(|high| x.lt(&high)).transpose()?;
                let inside = match (above, below) {
                    (Some(above), Some(below)) => above.mul(&below)?,
                    (above, below) => above.or(below).expect("one is given"),
                };
                x.where_(&inside, &value)
            }
        }
    }

    /// The dtype that x and the bounds that are tensors have in common.
    fn clamped_dtype(&self, min: Option<Operand<'_>>, max: Option<Operand<'_>>) -> DType {
        let tensor = |operand| match operand {
            Some(Operand::Tensor(t)) => Some((t.dtype(), t.ndim() == 0)),
            _ => None,
        };
        let of = [Some((self.dtype(), self.ndim() == 0)), tensor(min), tensor(max)];
        DType::result_type(of.into_iter().flatten())
    }
}

/// `value`, taken from whichever of the three it is, gradient and all.
fn between(x: &Tensor, low: &Tensor, high: &Tensor, value: &Tensor) -> Result<Tensor> {
    if ![x, low, high].into_iter().any(Tensor::requires_grad) {
        return Ok(value.clone());
    }
    let half = |a: &Tensor, b: &Tensor| a.mul(0.5)?.add(&b.mul(0.5)?);
    let ordered = low.lt(high)?;
    let mut out = half(x, low)?.where_(&x.eq(low)?.mul(&ordered)?, x)?;
    out = half(x, high)?.where_(&x.eq(high)?.mul(&ordered)?, &out)?;
    out = low.where_(&x.lt(low)?, &out)?;
    out = high.where_(&x.gt(high)?.maximum(&high.lt(low)?)?, &out)?;
    // A bound that is NaN is never passed.
    out.where_(&value.eq(value)?, &x.add(value)?)
}
