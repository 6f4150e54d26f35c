//! What an optimizer knows, to go on later: `optimizer.state_dict()`.

use super::group::{Grouped, Options, ParamGroup, Update};
use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};
use std::collections::BTreeMap;

/// The value of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptionValue {
    /// A float
    Number(f64),
    /// True or False
    Bool(bool),
    /// Two floats: Adam's betas
    Pair(f64, f64),
}

/// Tensors that are kept for one parameter, by PyTorch's names: `exp_avg`.
pub type ParameterState = Vec<(String, Tensor)>;

/// Options by PyTorch's names and, by number, the parameters that have them.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupState {
    /// `lr`, `momentum`, …
    pub options: Vec<(String, OptionValue)>,
    /// Numbers of parameters, counted through all groups
    pub params: Vec<usize>,
}

/// The structure of PyTorch's `optimizer.state_dict()`.
#[derive(Debug, Clone)]
pub struct OptimizerState {
    /// By the number of the parameter; those that were never updated have none
    pub state: BTreeMap<usize, ParameterState>,
    /// The groups in order
    pub param_groups: Vec<GroupState>,
}

impl<U: Update> Grouped<U> {
    /// What is kept for the parameters, and the options of the groups. The tensors are the optimizer's
    /// own: a later step changes them.
    pub fn state_dict(&self) -> OptimizerState {
        let numbered = self.numbered();
        let state = numbered.iter().zip(&self.state).filter_map(|(&(i, options, p), state)| {
            let entries = match state {
                Some(state) => U::entries(options, state),
                None => U::entries(options, &U::unstarted(options, p)?),
            };
            let named: ParameterState =
                entries.into_iter().map(|(name, tensor)| (name.to_string(), tensor)).collect();
            (!named.is_empty()).then_some((i, named))
        });
        let mut next = 0;
        let param_groups = self.groups().iter().map(|group| {
            let params: Vec<usize> = (next..next + group.parameters.len()).collect();
            next += params.len();
            let options = group.options.entries();
            let options = options.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
            GroupState { options, params }
        });
        OptimizerState { state: state.collect(), param_groups: param_groups.collect() }
    }

    /// Goes on from what [`Grouped::state_dict`] gave: with its options, and with copies of its tensors in
    /// the dtypes of the parameters. Options that are not there stay as they are, and those of another
    /// optimizer are left out.
    ///
    /// # Errors
    /// PyTorch's, when the groups are others; also when a tensor does not fit its parameter. Nothing has
    /// changed then.
    pub fn load_state_dict(&mut self, from: &OptimizerState) -> Result<()> {
        let refused = |message: &str| Err(Error::Value(message.into()));
        if from.param_groups.len() != self.groups().len() {
            return refused("loaded state dict has a different number of parameter groups");
        }
        let sizes = from.param_groups.iter().zip(self.groups());
        if sizes.into_iter().any(|(saved, group)| saved.params.len() != group.parameters.len()) {
            return refused(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
            );
        }
        let mut options = Vec::new();
        for (saved, group) in from.param_groups.iter().zip(self.groups()) {
            let mut new = group.options;
            saved.options.iter().try_for_each(|(name, value)| new.set(name, *value))?;
            new.check()?;
            options.push(new);
        }
        let saved = from.param_groups.iter().flat_map(|group| &group.params);
        let states = saved.zip(self.numbered()).map(|(number, (_, _, p))| {
            let entries = from.state.get(number);
            entries.map_or(Ok(None), |entries| U::restore(p, &Entries { entries, parameter: p }))
        });
        let states = no_grad(|| states.collect::<Result<Vec<_>>>())?;
        self.state = states;
        options.into_iter().enumerate().for_each(|(i, new)| *self.options_mut(i) = new);
        Ok(())
    }

    /// Number, options and tensor of each parameter.
    fn numbered(&self) -> Vec<(usize, &U::Options, &Tensor)> {
        let of = |g: &'_ ParamGroup<U::Options>| g.parameters.len();
        let mut all = Vec::with_capacity(self.groups().iter().map(of).sum());
        for group in self.groups() {
            for p in &group.parameters {
                all.push((all.len(), &group.options, p));
            }
        }
        all
    }
}

/// What was kept for a parameter.
pub struct Entries<'a> {
    entries: &'a ParameterState,
    parameter: &'a Tensor,
}

impl Entries<'_> {
    fn get(&self, name: &str) -> Option<&Tensor> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, tensor)| tensor)
    }

    /// A copy in the parameter's dtype; None where there is none.
    ///
    /// # Errors
    /// When the sizes are not the parameter's.
    pub fn tensor(&self, name: &str) -> Result<Option<Tensor>> {
        let Some(saved) = self.get(name) else { return Ok(None) };
        if saved.dims() != self.parameter.dims() {
            return Err(Error::Shape(format!(
                "{name} of the loaded state dict has shape {:?}, and its parameter has shape {:?}",
                saved.dims(),
                self.parameter.dims()
            )));
        }
        let copy = self.parameter.zeros_like();
        copy.copy_(saved)?;
        Ok(Some(copy))
    }

    /// A copy in the parameter's dtype; zeros where there is none.
    ///
    /// # Errors
    /// When the sizes are not the parameter's.
    pub fn tensor_or_zeros(&self, name: &str) -> Result<Tensor> {
        Ok(self.tensor(name)?.unwrap_or_else(|| self.parameter.zeros_like()))
    }

    /// The number of updates; 0 where it is not there.
    ///
    /// # Errors
    /// When it is not one number.
    pub fn step(&self) -> Result<u32> {
        Ok(self.get("step").map(Tensor::item).transpose()?.unwrap_or(0.0) as u32)
    }
}

/// The number of updates as PyTorch keeps it.
pub(super) fn step_tensor(step: u32) -> Tensor {
    Tensor::scalar(step as f32)
}

/// A type that options have.
pub(super) trait Value: Copy {
    fn value(self) -> OptionValue;
    fn from_value(value: OptionValue) -> Option<Self>;
}

impl Value for f64 {
    fn value(self) -> OptionValue {
        OptionValue::Number(self)
    }

    fn from_value(value: OptionValue) -> Option<f64> {
        if let OptionValue::Number(number) = value { Some(number) } else { None }
    }
}

impl Value for bool {
    fn value(self) -> OptionValue {
        OptionValue::Bool(self)
    }

    fn from_value(value: OptionValue) -> Option<bool> {
        if let OptionValue::Bool(flag) = value { Some(flag) } else { None }
    }
}

impl Value for (f64, f64) {
    fn value(self) -> OptionValue {
        OptionValue::Pair(self.0, self.1)
    }

    fn from_value(value: OptionValue) -> Option<(f64, f64)> {
        if let OptionValue::Pair(a, b) = value { Some((a, b)) } else { None }
    }
}

/// The part of [`Options`] that follows from the fields and PyTorch's names for them.
macro_rules! named_options {
    ($($field:ident = $name:literal),+ $(,)?) => {
        fn lr(&self) -> f64 {
            self.lr
        }

        fn set_lr(&mut self, lr: f64) {
            self.lr = lr;
        }

        fn entries(&self) -> Vec<(&'static str, $crate::optim::OptionValue)> {
            vec![$(($name, $crate::optim::state::Value::value(self.$field))),+]
        }

        fn set(&mut self, name: &str, value: $crate::optim::OptionValue) -> Result<()> {
            match name {
                $($name => {
                    self.$field = $crate::optim::state::Value::from_value(value)
                        .ok_or_else(|| $crate::optim::state::wrong_type(name))?;
                })+
                _ => {}
            }
            Ok(())
        }
    };
}

pub(super) use named_options;

pub(super) fn wrong_type(name: &str) -> Error {
    Error::Value(format!("option {name} of the loaded state dict has a value of another type"))
}
