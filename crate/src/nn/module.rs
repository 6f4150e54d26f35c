//! What every layer and every model is: `torch.nn.Module`.

use super::hooks::{self, Hooks, RemovableHandle};
use super::state::{self, IncompatibleKeys, StateDict};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::rc::Rc;

/// A layer or a model, as `torch.nn.Module`.
///
/// A model of one's own says how it computes and which layers it has; names, modes and state follow:
///
/// ```
/// use gradus::{error::Result, nn::{Linear, Module, ModuleExt}, rng::Generator, tensor::Tensor};
///
/// struct Net { hidden: Linear, output: Linear }
///
/// impl Module for Net {
///     fn forward(&self, x: &Tensor) -> Result<Tensor> {
///         self.output.call(&self.hidden.call(x)?.relu()?)
///     }
///     fn children(&self) -> Vec<(String, &dyn Module)> {
///         vec![("hidden".into(), &self.hidden), ("output".into(), &self.output)]
///     }
/// }
///
/// let mut generator = Generator::new(0);
/// let net = Net {
///     hidden: Linear::new(2, 8, true, &mut generator),
///     output: Linear::new(8, 1, true, &mut generator),
/// };
/// let names: Vec<String> = net.named_parameters().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]);
/// assert_eq!(net.forward(&Tensor::ones(&[4, 2]))?.dims(), [4, 1]);
/// # Ok::<(), gradus::error::Error>(())
/// ```
pub trait Module {
    /// The output. The first dimension is the batch.
    ///
    /// # Errors
    /// When the input does not fit.
    fn forward(&self, input: &Tensor) -> Result<Tensor>;

    /// The name of the class: `Linear`.
    fn kind(&self) -> &'static str {
        let path = std::any::type_name::<Self>().split('<').next().unwrap_or_default();
        path.rsplit("::").next().unwrap_or_default()
    }

    /// Its arguments, as they stand between the parentheses when it is printed.
    fn extra_repr(&self) -> String {
        String::new()
    }

    /// What is trained, without what its children have.
    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        Vec::new()
    }

    /// What is kept but not trained, without what its children have.
    fn own_buffers(&self) -> Vec<(&'static str, Tensor)> {
        Vec::new()
    }

    /// The modules that it is made of, by name.
    fn children(&self) -> Vec<(String, &dyn Module)> {
        Vec::new()
    }

    /// Whether it is in training; None when it makes no difference to it.
    fn training(&self) -> Option<bool> {
        None
    }

    /// Training or evaluation for this module alone: dropout and batch norm differ.
    fn set_training(&self, _mode: bool) {}

    /// Where its forward hooks are, if it can have some.
    fn hooks(&self) -> Option<&Hooks> {
        None
    }
}

/// What follows from a module's own description. A `dyn Module` has the same methods by itself: were they
/// in [`Module`], every layer would carry a copy of each.
pub trait ModuleExt: Module + Sized {
    /// Training (true) or evaluation (false), for all that it is made of.
    fn train(&self, mode: bool) {
        (self as &dyn Module).train(mode);
    }

    /// Evaluation: `train(false)`.
    fn eval(&self) {
        (self as &dyn Module).eval();
    }

    /// What is trained, by name: `hidden.weight`. A tensor that is there twice comes once.
    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        (self as &dyn Module).named_parameters()
    }

    /// What is kept but not trained, by name.
    fn named_buffers(&self) -> Vec<(String, Tensor)> {
        (self as &dyn Module).named_buffers()
    }

    /// What is trained.
    fn parameters(&self) -> Vec<Tensor> {
        (self as &dyn Module).parameters()
    }

    /// How many numbers are trained or could be: those of all parameters.
    fn parameter_count(&self) -> usize {
        (self as &dyn Module).parameter_count()
    }

    /// Itself and all that it is made of, by name: the first has none.
    fn named_modules(&self) -> Vec<(String, &dyn Module)> {
        (self as &dyn Module).named_modules()
    }

    /// Itself and all that it is made of.
    fn modules(&self) -> Vec<&dyn Module> {
        (self as &dyn Module).modules()
    }

    /// Calls `f` with all that it is made of, then with itself.
    fn apply(&self, mut f: impl FnMut(&dyn Module)) {
        (self as &dyn Module).apply(&mut f);
    }

    /// Forgets the gradients.
    fn zero_grad(&self) {
        (self as &dyn Module).zero_grad();
    }

    /// Whether its parameters take gradients.
    ///
    /// # Errors
    /// When a parameter is not a leaf.
    fn requires_grad_(&self, requires_grad: bool) -> Result<()> {
        (self as &dyn Module).requires_grad_(requires_grad)
    }

    /// Parameters and floating-point buffers in another dtype from now on, and what is made of them. The
    /// tensors stay the same ones, so that an optimizer may have them already.
    ///
    /// # Errors
    /// When the dtype is not floating-point.
    fn to(&self, dtype: DType) -> Result<()> {
        (self as &dyn Module).to(dtype)
    }

    /// f64 from now on, as `module.double()`.
    ///
    /// # Errors
    /// Never.
    fn double(&self) -> Result<()> {
        (self as &dyn Module).to(DType::F64)
    }

    /// f32 from now on, as `module.float()`.
    ///
    /// # Errors
    /// Never.
    fn float(&self) -> Result<()> {
        (self as &dyn Module).to(DType::F32)
    }

    /// Parameters and buffers with PyTorch's keys in PyTorch's order. The tensors share the module's
    /// storage and have no gradients.
    fn state_dict(&self) -> StateDict {
        (self as &dyn Module).state_dict()
    }

    /// Copies values in by their keys. With `strict`, the keys must be exactly those of
    /// [`ModuleExt::state_dict`].
    ///
    /// # Errors
    /// PyTorch's text, naming every missing and unexpected key and every size that differs. Nothing
    /// has changed then.
    fn load_state_dict(&self, state: &[(String, Tensor)], strict: bool) -> Result<IncompatibleKeys> {
        (self as &dyn Module).load_state_dict(state, strict)
    }

    /// The parameter with this name: `0.weight`.
    ///
    /// # Errors
    /// When there is none.
    fn get_parameter(&self, target: &str) -> Result<Tensor> {
        (self as &dyn Module).get_parameter(target)
    }

    /// The module with this name: `0`, `encoder.1`.
    ///
    /// # Errors
    /// When there is none.
    fn get_submodule(&self, target: &str) -> Result<&dyn Module> {
        (self as &dyn Module).get_submodule(target)
    }

    /// [`Module::forward`], then the forward hooks: what `module(input)` is in PyTorch.
    ///
    /// # Errors
    /// As `forward`.
    fn call(&self, input: &Tensor) -> Result<Tensor> {
        hooks::call(self, input)
    }

    /// Calls `hook(module, input, output)` after every forward pass; a tensor that it gives takes the
    /// place of the output.
    ///
    /// # Errors
    /// When the module has no place for hooks: a [`Sequential`](super::Sequential) and each of its
    /// layers has one, and [`Hooked`](super::Hooked) gives one to any module.
    fn register_forward_hook(
        &self,
        hook: impl Fn(&dyn Module, &Tensor, &Tensor) -> Option<Tensor> + 'static,
    ) -> Result<RemovableHandle> {
        hooks::register(self, Rc::new(hook))
    }
}

impl dyn Module + '_ {
    /// Training (true) or evaluation (false), for all that it is made of.
    pub fn train(&self, mode: bool) {
        self.set_training(mode);
        self.children().into_iter().for_each(|(_, child)| child.train(mode));
    }

    /// Evaluation: `train(false)`.
    pub fn eval(&self) {
        self.train(false);
    }

    /// What is trained, by name: `hidden.weight`. A tensor that is there twice comes once.
    pub fn named_parameters(&self) -> Vec<(String, Tensor)> {
        let own = self.own_parameters().into_iter().map(|(name, t)| (name.to_string(), t)).collect();
        unique(own, self.children(), |child| child.named_parameters())
    }

    /// What is kept but not trained, by name.
    pub fn named_buffers(&self) -> Vec<(String, Tensor)> {
        let own = self.own_buffers().into_iter().map(|(name, t)| (name.to_string(), t)).collect();
        unique(own, self.children(), |child| child.named_buffers())
    }

    /// What is trained.
    pub fn parameters(&self) -> Vec<Tensor> {
        self.named_parameters().into_iter().map(|(_, t)| t).collect()
    }

    /// How many numbers are trained or could be.
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(Tensor::numel).sum()
    }

    /// Itself and all that it is made of, by name: the first has none.
    pub fn named_modules(&self) -> Vec<(String, &dyn Module)> {
        let mut all = vec![(String::new(), self as &dyn Module)];
        for (prefix, child) in self.children() {
            let join =
                |name: String| if name.is_empty() { prefix.clone() } else { format!("{prefix}.{name}") };
            all.extend(child.named_modules().into_iter().map(|(name, module)| (join(name), module)));
        }
        all
    }

    /// Itself and all that it is made of.
    pub fn modules(&self) -> Vec<&dyn Module> {
        self.named_modules().into_iter().map(|(_, module)| module).collect()
    }

    /// Calls `f` with all that it is made of, then with itself.
    pub fn apply(&self, f: &mut dyn FnMut(&dyn Module)) {
        self.children().into_iter().for_each(|(_, child)| child.apply(f));
        f(self);
    }

    /// Forgets the gradients.
    pub fn zero_grad(&self) {
        self.parameters().iter().for_each(|p| p.set_grad(None));
    }

    /// Whether its parameters take gradients.
    ///
    /// # Errors
    /// When a parameter is not a leaf.
    pub fn requires_grad_(&self, requires_grad: bool) -> Result<()> {
        self.parameters().into_iter().try_for_each(|p| p.requires_grad_(requires_grad).map(drop))
    }

    /// As [`ModuleExt::to`].
    ///
    /// # Errors
    /// When the dtype is not floating-point.
    pub fn to(&self, dtype: DType) -> Result<()> {
        if !dtype.is_floating_point() {
            return Err(Error::DType(format!(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )));
        }
        let buffers = self.named_buffers().into_iter().filter(|(_, b)| b.dtype().is_floating_point());
        let mut all = self.named_parameters().into_iter().chain(buffers);
        all.try_for_each(|(_, tensor)| tensor.convert_(dtype))
    }

    /// Parameters and buffers with PyTorch's keys in PyTorch's order. The tensors share the module's
    /// storage and have no gradients.
    pub fn state_dict(&self) -> StateDict {
        let own = self.own_parameters().into_iter().chain(self.own_buffers());
        let mut all: StateDict = own.map(|(name, t)| (name.to_string(), t.detach())).collect();
        for (prefix, child) in self.children() {
            all.extend(child.state_dict().into_iter().map(|(name, t)| (format!("{prefix}.{name}"), t)));
        }
        all
    }

    /// Copies values in by their keys. With `strict`, the keys must be exactly those of
    /// [`ModuleExt::state_dict`].
    ///
    /// # Errors
    /// PyTorch's text, naming every missing and unexpected key and every size that differs. Nothing
    /// has changed then.
    pub fn load_state_dict(&self, state: &[(String, Tensor)], strict: bool) -> Result<IncompatibleKeys> {
        state::load(self.kind(), &self.state_dict(), state, strict)
    }

    /// The parameter with this name: `0.weight`.
    ///
    /// # Errors
    /// When there is none.
    pub fn get_parameter(&self, target: &str) -> Result<Tensor> {
        let found = self.named_parameters().into_iter().find(|(name, _)| name == target);
        found
            .map(|(_, t)| t)
            .ok_or_else(|| Error::Value(format!("{} has no parameter `{target}`", self.kind())))
    }

    /// The module with this name: `0`, `encoder.1`.
    ///
    /// # Errors
    /// When there is none.
    pub fn get_submodule(&self, target: &str) -> Result<&dyn Module> {
        let (first, rest) = target.split_once('.').unwrap_or((target, ""));
        let child = self.children().into_iter().find(|(name, _)| name == first);
        let (_, child) =
            child.ok_or_else(|| Error::Value(format!("{} has no attribute `{first}`", self.kind())))?;
        if rest.is_empty() { Ok(child) } else { child.get_submodule(rest) }
    }

    /// As [`ModuleExt::call`].
    ///
    /// # Errors
    /// As `forward`.
    pub fn call(&self, input: &Tensor) -> Result<Tensor> {
        hooks::call(self, input)
    }

    /// As [`ModuleExt::register_forward_hook`].
    ///
    /// # Errors
    /// When the module has no place for hooks.
    pub fn register_forward_hook(
        &self,
        hook: impl Fn(&dyn Module, &Tensor, &Tensor) -> Option<Tensor> + 'static,
    ) -> Result<RemovableHandle> {
        hooks::register(self, Rc::new(hook))
    }
}

impl<M: Module> ModuleExt for M {}

fn unique(
    own: Vec<(String, Tensor)>,
    children: Vec<(String, &dyn Module)>,
    of: impl Fn(&dyn Module) -> Vec<(String, Tensor)>,
) -> Vec<(String, Tensor)> {
    let mut all = own;
    for (prefix, child) in children {
        for (name, tensor) in of(child) {
            if !all.iter().any(|(_, t)| t.is_same(&tensor)) {
                all.push((format!("{prefix}.{name}"), tensor));
            }
        }
    }
    all
}
