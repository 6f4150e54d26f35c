//! Values kept within bounds.

use super::{Called, Operand, Tensor, no_grad};
use crate::dtype::DType;
use crate::error::{Error, Result};

impl Tensor {
    /// x kept between two bounds, of which either may be missing: max(x, min), then min(that, max). A NaN
    /// anywhere stays. The gradient goes to x where it is within the bounds, themselves included, and to a
    /// bound where x is beyond it.
    ///
    /// # Errors
    /// When both are missing, shapes do not broadcast, or for bools.
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
        let x = self.to(dtype)?;
        x.not_bool("clamp_cpu")?;
        let limit = |bound: Option<Operand<'_>>| -> Result<Option<Tensor>> {
            match bound {
                Some(Operand::Tensor(t)) => t.to(dtype).map(Some),
                Some(number) => number.number(dtype),
                None => Ok(None),
            }
        };
        let (low, high) = (limit(min)?, limit(max)?);
        let value = no_grad(|| -> Result<Tensor> {
            let raised = low.as_ref().map_or(Ok(x.clone()), |low| x.maximum(low))?;
            high.as_ref().map_or(Ok(raised.clone()), |high| raised.minimum(high))
        })?;
        if ![Some(&x), low.as_ref(), high.as_ref()].into_iter().flatten().any(Tensor::requires_grad) {
            return Ok(value);
        }
        // Which operand the value is taken from, gradient and all.
        let both = |a: Option<Tensor>, b: Option<Tensor>| match (a, b) {
            (Some(a), Some(b)) => a.mul(&b).map(Some),
            (a, b) => Ok(a.or(b)),
        };
        let (above, below) = (
            low.as_ref().map(|low| x.ge(low)).transpose()?,
            high.as_ref().map(|high| x.le(high)).transpose()?,
        );
        let mut out = match both(above, below)? {
            Some(inside) => x.where_(&inside, &value)?,
            None => value,
        };
        if let Some(low) = low.as_ref().filter(|low| low.requires_grad()) {
            let order = high.as_ref().map(|high| low.lt(high)).transpose()?;
            let taken = both(Some(x.lt(low)?), order)?.expect("one is given");
            out = low.where_(&taken, &out)?;
        }
        if let Some(high) = high.as_ref().filter(|high| high.requires_grad()) {
            let mut taken = x.gt(high)?;
            if let Some(low) = &low {
                taken = taken.add(&high.lt(low)?)?;
            }
            out = high.where_(&taken, &out)?;
        }
        Ok(out)
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
