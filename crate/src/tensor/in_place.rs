//! Operations that write into their tensor's storage, and so into every view of it.
//!
//! With gradients on, a write is explained to the graph as a function without side effects: the tensor
//! gets the history of its new value. Where the tensor is a view, it is the base that gets a new
//! history, in which a part has been replaced; the histories of its views follow from that
//! (`origin.rs`).

use super::graph::Function;
use super::origin::Origin;
use super::{Node, Operand, Tensor, dispatch, dispatch_in_place, is_grad_enabled, no_grad};
use crate::error::{Error, Result};
use crate::op::{InPlace, Op};
use crate::shape::{broadcast, same_dims};

/// PyTorch's conditions for writing the result of `op` into `into`.
pub(super) fn fits(op: InPlace, into: &Tensor, inputs: &[&Tensor]) -> Result<()> {
    if !matches!(op, InPlace::Fill(_)) {
        places_differ(into)?;
    }
    for input in inputs {
        if !same_dims(input.dims(), into.dims()) {
            must_stay(into.dims(), &broadcast(into.dims(), input.dims())?)?;
        }
        if input.dtype() != into.dtype() {
            return Err(Error::DType(format!(
                "expected dtype {} but got dtype {}",
                into.dtype().scalar_type(),
                input.dtype().scalar_type()
            )));
        }
    }
    Ok(())
}

/// No two elements may have one place, as those of an expanded tensor have.
fn places_differ(into: &Tensor) -> Result<()> {
    let layout = &into.0.layout;
    if layout.is_contiguous() {
        return Ok(());
    }
    let mut sizes = layout.strides().iter().zip(layout.dims());
    if sizes.any(|(&stride, &size)| stride == 0 && size > 1) {
        return Err(Error::Value(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory \
             location. Please clone() the tensor before performing the operation."
                .into(),
        ));
    }
    Ok(())
}

fn must_stay(dims: &[usize], result: &[usize]) -> Result<()> {
    if dims == result {
        return Ok(());
    }
    Err(Error::Shape(format!("output with shape {dims:?} doesn't match the broadcast shape {result:?}")))
}

/// PyTorch's conditions for a write into `into` that the graph is to know of.
fn writable(into: &Tensor) -> Result<()> {
    let error = match &into.0.origin {
        Origin::Unrecorded { .. } => {
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that \
             this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving \
             both the view and the inplace either both inside the no_grad block (if you don't want the inplace \
             to be tracked) or both outside (if you want the inplace to be tracked)."
        }
        Origin::View { base, .. } if into.requires_grad() && base.is_leaf() => {
            "a view of a leaf Variable that requires grad is being used in an in-place operation."
        }
        _ if into.requires_grad() && into.is_leaf() => {
            "a leaf Variable that requires grad is being used in an in-place operation."
        }
        _ => return Ok(()),
    };
    Err(Error::Autograd(error.into()))
}

/// Runs an operation in place that the graph is to know of.
pub(super) fn record(op: InPlace, into: &Tensor, inputs: &[&Tensor]) -> Result<()> {
    writable(into)?;
    fits(op, into, inputs)?;
    // None of these keeps the elements, which are about to change.
    let before = into.before(into);
    let value = match op {
        InPlace::Fill(value) => return overwrite(op, into, inputs, &Tensor::full(&[], value, into.dtype())),
        InPlace::Copy => return overwrite(op, into, inputs, inputs[0]),
        InPlace::Mul(value) => before.mul(value),
        InPlace::Add { alpha } => before.add(&times(inputs[0], alpha)?),
        InPlace::Lerp { weight } => before.add(&inputs[0].sub(&before)?.mul(weight)?),
        InPlace::AddCMul { value } => before.add(&times(inputs[0], value)?.mul(inputs[1])?),
        InPlace::AddCDiv { value } => before.add(&times(inputs[0], value)?.div(inputs[1])?),
    }?;
    become_value(into, &value)
}

fn times(x: &Tensor, factor: f64) -> Result<Tensor> {
    if factor == 1.0 { Ok(x.clone()) } else { x.mul(factor) }
}

/// Writes a value that was computed from `into`, and gives it that history.
fn become_value(into: &Tensor, value: &Tensor) -> Result<()> {
    no_grad(|| dispatch_in_place(InPlace::Copy, into, &[value]))?;
    // Only numbers with fractions have a history.
    let Some(node) = value.grad_fn() else { return Ok(()) };
    node.move_output(into);
    match into.base() {
        None => into.set_history(node),
        Some(base) => base.set_history(Node::with_part(base, into, value)),
    }
    into.refresh_history();
    Ok(())
}

/// Writes what does not depend on the elements before: they have gradient 0.
fn overwrite(op: InPlace, into: &Tensor, inputs: &[&Tensor], value: &Tensor) -> Result<()> {
    // The history is made first: it is that of the operands before they change.
    let value = value.expand(into.dims())?;
    let (of, node) = match into.base() {
        None => (into, Node::of_write(Function::Copy, &[into, &value])),
        Some(base) => (base, Node::with_part(base, into, &value)),
    };
    no_grad(|| dispatch_in_place(op, into, inputs))?;
    of.set_history(node);
    into.refresh_history();
    Ok(())
}

impl Tensor {
    /// self becomes f(self), where f also reads `others`.
    pub(super) fn update(&self, others: &[&Tensor], f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<()> {
        let recorded =
            is_grad_enabled() && (self.requires_grad() || others.iter().any(|t| t.requires_grad()));
        if recorded {
            writable(self)?;
        }
        places_differ(self)?;
        // The graph may keep the elements, so it gets a copy of them.
        let copy = || no_grad(|| dispatch(Op::Contiguous, &[self]));
        let before = if recorded { self.before(&copy()?) } else { self.clone() };
        let value = f(&before)?;
        if !value.dtype().can_cast(self.dtype()) {
            let (from, to) = (value.dtype().scalar_type(), self.dtype().scalar_type());
            let message = format!("result type {from} can't be cast to the desired output type {to}");
            return Err(Error::DType(message));
        }
        must_stay(self.dims(), value.dims())?;
        let value = value.to(self.dtype())?;
        if recorded { become_value(self, &value) } else { dispatch_in_place(InPlace::Copy, self, &[&value]) }
    }

    /// These elements with the history of this tensor, before a write: that of the base where it is a view.
    /// The view's own history is not part of what follows, so its hooks are not called, as in PyTorch.
    fn before(&self, elements: &Tensor) -> Tensor {
        let node = match self.base() {
            None => self.grad_fn(),
            Some(base) => base.edge().map(|_| Node::of_view(base, self)),
        };
        let inner = &elements.0;
        Tensor::from_parts(inner.buffer.clone(), inner.layout.clone(), node)
    }

    /// Every element becomes `value`.
    ///
    /// # Errors
    /// With gradients on, for a leaf that requires one and for its views; so for all of these. What the
    /// graph needs must not change before `backward`, which says so. Elements that share a place, as
    /// those of an expanded tensor, cannot be written by any but this one and `zero_`.
    pub fn fill_(&self, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::Fill(value), self, &[])
    }

    /// Every element becomes 0.
    ///
    /// # Errors
    /// See [`Tensor::fill_`].
    pub fn zero_(&self) -> Result<()> {
        self.fill_(0.0)
    }

    /// The elements become those of `source`, which broadcasts.
    ///
    /// # Errors
    /// When it does not; see also [`Tensor::fill_`].
    pub fn copy_(&self, source: &Tensor) -> Result<()> {
        dispatch_in_place(InPlace::Copy, self, &[&source.to(self.dtype())?])
    }

    /// self + alpha · other
    ///
    /// # Errors
    /// When the result has not this tensor's shape or cannot have its dtype; so for all that follow. See
    /// also [`Tensor::fill_`].
    pub fn add_<'a>(&self, other: impl Into<Operand<'a>>, alpha: f64) -> Result<()> {
        match other.into() {
            Operand::Tensor(other) if other.dtype() == self.dtype() && self.dtype().is_floating_point() => {
                dispatch_in_place(InPlace::Add { alpha }, self, &[other])
            }
            Operand::Tensor(other)
                if other.dtype().is_floating_point() || self.dtype().is_floating_point() =>
            {
                self.update(&[other], |x| x.add(&other.mul(alpha)?))
            }
            Operand::Float(number) => self.update(&[], |x| x.add(number * alpha)),
            _ if alpha.fract() != 0.0 => Err(Error::Value(
                "For integral input tensors, argument alpha must not be a floating point number.".into(),
            )),
            Operand::Tensor(other) if alpha == 1.0 => self.update(&[], |x| x.add(other)),
            Operand::Tensor(other) => self.update(&[], |x| x.add(&other.mul(alpha as i64)?)),
            Operand::Int(number) => self.update(&[], |x| x.add(number * alpha as i64)),
        }
    }

    /// self − alpha · other
    ///
    /// # Errors
    /// See [`Tensor::add_`].
    pub fn sub_<'a>(&self, other: impl Into<Operand<'a>>, alpha: f64) -> Result<()> {
        self.add_(other, -alpha)
    }

    /// self · other
    ///
    /// # Errors
    /// See [`Tensor::add_`].
    pub fn mul_<'a>(&self, other: impl Into<Operand<'a>>) -> Result<()> {
        match other.into() {
            Operand::Float(number) if self.dtype().is_floating_point() => {
                dispatch_in_place(InPlace::Mul(number), self, &[])
            }
            other => self.update_with(other, |x| x.mul(other)),
        }
    }

    /// self / other
    ///
    /// # Errors
    /// See [`Tensor::add_`].
    pub fn div_<'a>(&self, other: impl Into<Operand<'a>>) -> Result<()> {
        let other = other.into();
        self.update_with(other, |x| x.div(other))
    }

    /// selfᵒᵗʰᵉʳ
    ///
    /// # Errors
    /// See [`Tensor::add_`].
    pub fn pow_<'a>(&self, other: impl Into<Operand<'a>>) -> Result<()> {
        let other = other.into();
        self.update_with(other, |x| x.pow(other))
    }

    fn update_with(&self, other: Operand<'_>, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<()> {
        match other {
            Operand::Tensor(other) => self.update(&[other], f),
            _ => self.update(&[], f),
        }
    }

    /// self kept between two bounds, as [`Tensor::clamp`].
    ///
    /// # Errors
    /// See [`Tensor::add_`] and [`Tensor::clamp`].
    pub fn clamp_<'a>(
        &self,
        min: Option<impl Into<Operand<'a>>>,
        max: Option<impl Into<Operand<'a>>>,
    ) -> Result<()> {
        let (min, max) = (min.map(Into::into), max.map(Into::into));
        let tensors: Vec<&Tensor> = [min, max]
            .into_iter()
            .filter_map(|bound| match bound {
                Some(Operand::Tensor(tensor)) => Some(tensor),
                _ => None,
            })
            .collect();
        self.update(&tensors, |x| x.clamp(min, max))
    }

    /// self + weight · (end − self)
    ///
    /// # Errors
    /// See [`Tensor::fill_`]; also when `end` has another dtype.
    pub fn lerp_(&self, end: &Tensor, weight: f64) -> Result<()> {
        dispatch_in_place(InPlace::Lerp { weight }, self, &[end])
    }

    /// self + value · a · b
    ///
    /// # Errors
    /// See [`Tensor::lerp_`].
    pub fn addcmul_(&self, a: &Tensor, b: &Tensor, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::AddCMul { value }, self, &[a, b])
    }

    /// self + value · a / b
    ///
    /// # Errors
    /// See [`Tensor::lerp_`].
    pub fn addcdiv_(&self, a: &Tensor, b: &Tensor, value: f64) -> Result<()> {
        dispatch_in_place(InPlace::AddCDiv { value }, self, &[a, b])
    }
}

/// The method in place, the one that it is made of, and its arguments.
macro_rules! in_place {
    ($($(#[$doc:meta])* $name:ident => $of:ident($($argument:ident: $type:ty),*);)+) => {
        impl Tensor {
            $($(#[$doc])*
            ///
            /// # Errors
            /// See [`Tensor::add_`].
            pub fn $name(&self, $($argument: $type),*) -> Result<()> {
                self.update(&[], |x| x.$of($($argument),*))
            })+
        }
    };
}

in_place! {
    /// −x
    neg_ => neg();
    /// |x|
    abs_ => abs();
    /// −1, 0 or 1
    sign_ => sign();
    /// x²
    square_ => square();
    /// √x
    sqrt_ => sqrt();
    /// 1 / √x
    rsqrt_ => rsqrt();
    /// 1 / x
    reciprocal_ => reciprocal();
    /// eˣ
    exp_ => exp();
    /// eˣ − 1
    expm1_ => expm1();
    /// ln x
    log_ => log();
    /// ln(1 + x)
    log1p_ => log1p();
    /// sin x
    sin_ => sin();
    /// cos x
    cos_ => cos();
    /// tanh x
    tanh_ => tanh();
    /// 1 / (1 + e⁻ˣ)
    sigmoid_ => sigmoid();
    /// max(x, 0)
    relu_ => relu();
    /// x where x > 0, else slope · x
    leaky_relu_ => leaky_relu(negative_slope: f64);
    /// x where x > 0, else α (eˣ − 1)
    elu_ => elu(alpha: f64);
    /// The largest whole number that is not above x
    floor_ => floor();
    /// The smallest whole number that is not below x
    ceil_ => ceil();
    /// x without its fraction
    trunc_ => trunc();
    /// The nearest number with so many decimals, halves to the even one
    round_ => round(decimals: i32);
}
