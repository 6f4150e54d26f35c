//! `nn.Linear`.

use super::{Module, init, parameter, repr};
use crate::error::Result;
use crate::rng::Generator;
use crate::tensor::Tensor;

/// y = x Wᵀ + b.
pub struct Linear {
    /// `[out_features, in_features]`
    pub weight: Tensor,
    /// `[out_features]`
    pub bias: Option<Tensor>,
}

impl Linear {
    /// A layer with PyTorch's default initialisation: weights first, then the bias, both uniform
    /// within ±1/√in_features.
    pub fn new(in_features: usize, out_features: usize, bias: bool, generator: &mut Generator) -> Linear {
        let (weight, bias) = default_parameters(&[out_features, in_features], bias, generator);
        Linear { weight, bias }
    }
}

/// The weight and bias that `nn.Linear` and `nn.Conv2d` start with: Kaiming uniform with a = √5, and
/// uniform within ±1/√fan_in.
pub(super) fn default_parameters(
    dims: &[usize],
    bias: bool,
    generator: &mut Generator,
) -> (Tensor, Option<Tensor>) {
    let weight = Tensor::zeros(dims);
    let fan_in: usize = dims[1..].iter().product();
    let how = init::Kaiming { a: 5f64.sqrt(), ..Default::default() };
    init::kaiming_uniform_(&weight, how, generator).expect("a weight has two dimensions or more");
    let bound = if fan_in > 0 { 1.0 / (fan_in as f64).sqrt() } else { 0.0 };
    let bias = bias.then(|| parameter(Tensor::uniform(&dims[..1], -bound, bound, generator)));
    (parameter(weight), bias)
}

/// `weight` and `bias`, those that there are.
pub(super) fn named(weight: Option<&Tensor>, bias: Option<&Tensor>) -> Vec<(&'static str, Tensor)> {
    let all = [("weight", weight), ("bias", bias)];
    all.into_iter().filter_map(|(name, t)| Some((name, t?.clone()))).collect()
}

impl Module for Linear {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        input.linear(&self.weight, self.bias.as_ref())
    }

    fn extra_repr(&self) -> String {
        let &[outputs, inputs] = self.weight.dims() else { return String::new() };
        format!("in_features={inputs}, out_features={outputs}, bias={}", repr::flag(self.bias.is_some()))
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        named(Some(&self.weight), self.bias.as_ref())
    }
}
