//! What all optimizers share: groups of parameters with options of their own, and a state for each
//! parameter.

use super::Optimizer;
use super::state::{Entries, OptionValue};
use crate::error::{Error, Result};
use crate::tensor::{Tensor, no_grad};

/// The options of an optimizer.
pub trait Options: Copy {
    /// The learning rate.
    fn lr(&self) -> f64;

    /// Another learning rate.
    fn set_lr(&mut self, lr: f64);

    /// All options by PyTorch's names.
    fn entries(&self) -> Vec<(&'static str, OptionValue)>;

    /// Another value for the option of this name, if there is one.
    ///
    /// # Errors
    /// When the value is of another type.
    fn set(&mut self, name: &str, value: OptionValue) -> Result<()>;

    /// # Errors
    /// PyTorch's, when an option is out of its range.
    fn check(&self) -> Result<()>;
}

/// How an optimizer changes one parameter.
pub trait Update {
    /// The arguments, which can differ between groups.
    type Options: Options;

    /// What is kept for each parameter from its first update on.
    type State;

    /// Changes `parameter` by `grad`. Gradients are off.
    ///
    /// # Errors
    /// Never for floating-point parameters.
    fn update(
        options: &Self::Options,
        parameter: &Tensor,
        grad: Tensor,
        state: &mut Option<Self::State>,
    ) -> Result<()>;

    /// The state of a parameter that was never updated, where PyTorch has one then.
    fn unstarted(_: &Self::Options, _: &Tensor) -> Option<Self::State> {
        None
    }

    /// The tensors of a state by PyTorch's names, those that the options use.
    fn entries(options: &Self::Options, state: &Self::State) -> Vec<(&'static str, Tensor)>;

    /// The state that such tensors were made of; None where there was none.
    ///
    /// # Errors
    /// When they do not fit the parameter.
    fn restore(parameter: &Tensor, saved: &Entries<'_>) -> Result<Option<Self::State>>;
}

/// Parameters with options of their own.
pub struct ParamGroup<O> {
    /// What is changed
    pub parameters: Vec<Tensor>,
    /// How; may change between steps
    pub options: O,
}

/// An optimizer: groups of parameters, and a rule for each of them. [`SGD`](super::SGD),
/// [`Adam`](super::Adam), [`RMSprop`](super::RMSprop) and [`Adagrad`](super::Adagrad) are such.
///
/// ```
/// use gradus::optim::{Adam, AdamOptions, Optimizer};
/// use gradus::tensor::Tensor;
///
/// let w = Tensor::zeros(&[2]).requires_grad_(true)?;
/// let b = Tensor::zeros(&[1]).requires_grad_(true)?;
/// let mut optimizer = Adam::new(vec![w.clone()], AdamOptions { lr: 0.1, ..Default::default() })?;
/// // Another group with a rate and a weight decay of its own
/// optimizer.add_param_group(vec![b.clone()], AdamOptions { lr: 0.01, weight_decay: 0.1, ..AdamOptions::adamw() })?;
///
/// for _ in 0..100 {
///     optimizer.zero_grad();
///     w.sub(3.0)?.square()?.sum()?.add(&b.square()?.sum()?)?.backward()?;
///     optimizer.step()?;
/// }
/// assert!(w.sub(3.0)?.abs()?.max()?.item()? < 0.1);
///
/// // To go on later: by the numbers of the parameters what is kept for them, and the groups' options
/// let saved = optimizer.state_dict();
/// assert_eq!(saved.state[&0][0].0, "step");
/// optimizer.load_state_dict(&saved)?;
/// # Ok::<(), gradus::error::Error>(())
/// ```
pub struct Grouped<U: Update> {
    groups: Vec<ParamGroup<U::Options>>,
    /// As the parameters, group after group
    pub(super) state: Vec<Option<U::State>>,
}

impl<U: Update> Grouped<U> {
    /// An optimizer of these parameters, with the same options for all.
    ///
    /// # Errors
    /// PyTorch's, when an option is out of its range or a parameter cannot be optimised.
    pub fn new(parameters: Vec<Tensor>, options: U::Options) -> Result<Self> {
        let mut new = Grouped { groups: Vec::new(), state: Vec::new() };
        new.add_param_group(parameters, options)?;
        Ok(new)
    }

    /// More parameters, with other options.
    ///
    /// # Errors
    /// As [`Grouped::new`]; also when a parameter is in another group.
    pub fn add_param_group(&mut self, parameters: Vec<Tensor>, options: U::Options) -> Result<()> {
        options.check()?;
        let others = self.parameters();
        for p in &parameters {
            if !p.is_leaf() {
                return Err(Error::Value("can't optimize a non-leaf Tensor".into()));
            }
            if others.iter().any(|other| other.is_same(p)) {
                let message = "some parameters appear in more than one parameter group";
                return Err(Error::Value(message.into()));
            }
        }
        self.state.extend(parameters.iter().map(|_| None));
        self.groups.push(ParamGroup { parameters, options });
        Ok(())
    }

    /// The groups.
    pub fn groups(&self) -> &[ParamGroup<U::Options>] {
        &self.groups
    }

    /// The options of a group, to be changed between steps.
    ///
    /// # Panics
    /// When there is no such group.
    pub fn options_mut(&mut self, group: usize) -> &mut U::Options {
        &mut self.groups[group].options
    }
}

impl<U: Update> Optimizer for Grouped<U> {
    fn step(&mut self) -> Result<()> {
        let parameters = self.groups.iter().flat_map(|g| g.parameters.iter().map(move |p| (&g.options, p)));
        no_grad(|| {
            for ((options, p), state) in parameters.zip(&mut self.state) {
                if let Some(grad) = p.grad() {
                    U::update(options, p, grad, state)?;
                }
            }
            Ok(())
        })
    }

    fn parameters(&self) -> Vec<Tensor> {
        self.groups.iter().flat_map(|g| g.parameters.iter().cloned()).collect()
    }

    fn lrs(&self) -> Vec<f64> {
        self.groups.iter().map(|g| g.options.lr()).collect()
    }

    fn set_lrs(&mut self, lrs: &[f64]) {
        self.groups.iter_mut().zip(lrs).for_each(|(g, &lr)| g.options.set_lr(lr));
    }

    fn zero_grad(&self) {
        self.groups.iter().flat_map(|g| &g.parameters).for_each(|p| p.set_grad(None));
    }
}
