//! Modules as text, as PyTorch's `print(module)`.

use super::hooks::Hooked;
use super::{
    AvgPool2d, BatchNorm, Conv2d, Dropout, ELU, Embedding, Flatten, GELU, LayerNorm, LeakyReLU, Linear,
    LogSoftmax, MaxPool2d, Module, ReLU, Sequential, SiLU, Sigmoid, Softmax, Softplus, Tanh,
};
use std::fmt;

/// As PyTorch prints it: its class and arguments, and what it is made of.
///
/// ```
/// # use gradus::{nn::Linear, rng::Generator};
/// let layer = Linear::new(2, 7, true, &mut Generator::new(0));
/// assert_eq!(layer.to_string(), "Linear(in_features=2, out_features=7, bias=True)");
/// ```
impl fmt::Display for dyn Module + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, own, children) = (self.kind(), self.extra_repr(), self.children());
        if children.is_empty() {
            return write!(f, "{kind}({own})");
        }
        writeln!(f, "{kind}(")?;
        if !own.is_empty() {
            writeln!(f, "  {own}")?;
        }
        for (name, child) in children {
            writeln!(f, "  ({name}): {}", child.to_string().replace('\n', "\n  "))?;
        }
        f.write_str(")")
    }
}

macro_rules! display {
    ($($module:ident),+) => {
        $(/// As PyTorch prints it.
        impl fmt::Display for $module {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self as &dyn Module, f)
            }
        })+
    };
}

display!(
    AvgPool2d, Conv2d, Dropout, ELU, Embedding, Flatten, GELU, LayerNorm, LeakyReLU, Linear, LogSoftmax,
    MaxPool2d, ReLU, Sequential, SiLU, Sigmoid, Softmax, Softplus, Tanh
);

/// As PyTorch prints it.
impl<const D: usize> fmt::Display for BatchNorm<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self as &dyn Module, f)
    }
}

/// As PyTorch prints the module inside.
impl<M: Module> fmt::Display for Hooked<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self as &dyn Module, f)
    }
}

/// A float as Python writes it: `1e-05`, `0.1`, `20.0`.
pub(super) fn float(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        // Python's exponent has a sign and at least two digits.
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

/// `True` or `False`
pub(super) fn flag(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// `(3, 2)`
pub(super) fn pair((a, b): (usize, usize)) -> String {
    format!("({a}, {b})")
}

/// `2` for height and width of 2, `(3, 2)` for others
pub(super) fn one_or_pair((a, b): (usize, usize)) -> String {
    if a == b { a.to_string() } else { pair((a, b)) }
}
