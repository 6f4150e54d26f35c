//! Forward hooks: a look at, or a change of, any layer's output.

use super::Module;
use crate::error::{Error, Result};
use crate::tensor::{HookList, Tensor};
use std::ops::Deref;
use std::rc::Rc;

pub use crate::tensor::RemovableHandle;

/// Takes the module, its input and its output; a tensor that it gives takes the output's place.
pub type ForwardHook = dyn Fn(&dyn Module, &Tensor, &Tensor) -> Option<Tensor>;

/// The forward hooks of one module, in the order in which they were registered.
#[derive(Default)]
pub struct Hooks(HookList<ForwardHook>);

thread_local! {
    /// Hooks that run after every module.
    static EVERYWHERE: Hooks = Hooks::default();
}

impl Hooks {
    fn register(&self, hook: Rc<ForwardHook>) -> RemovableHandle {
        self.0.register(hook)
    }

    fn run(&self, module: &dyn Module, input: &Tensor, output: Tensor) -> Tensor {
        if self.0.is_empty() {
            return output;
        }
        self.0.all().iter().fold(output, |output, hook| hook(module, input, &output).unwrap_or(output))
    }
}

/// A hook that runs after every module that is called, as
/// `torch.nn.modules.module.register_module_forward_hook`.
pub fn register_module_forward_hook(
    hook: impl Fn(&dyn Module, &Tensor, &Tensor) -> Option<Tensor> + 'static,
) -> RemovableHandle {
    EVERYWHERE.with(|hooks| hooks.register(Rc::new(hook)))
}

pub(super) fn register(module: &dyn Module, hook: Rc<ForwardHook>) -> Result<RemovableHandle> {
    match module.hooks() {
        Some(hooks) => Ok(hooks.register(hook)),
        None => Err(Error::Value(format!(
            "{} has no place for hooks: put it into a Sequential or a Hooked",
            module.kind()
        ))),
    }
}

/// The forward pass, then the hooks of all modules, then the module's own.
pub(super) fn call(module: &dyn Module, input: &Tensor) -> Result<Tensor> {
    let output = module.forward(input)?;
    let output = EVERYWHERE.with(|hooks| hooks.run(module, input, output));
    Ok(match module.hooks() {
        Some(hooks) => hooks.run(module, input, output),
        None => output,
    })
}

/// Any module, with a place for hooks.
pub struct Hooked<M> {
    module: M,
    hooks: Hooks,
}

impl<M> Hooked<M> {
    /// This module, without hooks yet.
    pub fn new(module: M) -> Hooked<M> {
        Hooked { module, hooks: Hooks::default() }
    }

    /// The module without its hooks.
    pub fn into_inner(self) -> M {
        self.module
    }
}

impl<M> Deref for Hooked<M> {
    type Target = M;
    fn deref(&self) -> &M {
        &self.module
    }
}

impl<M: Module> Module for Hooked<M> {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        self.module.forward(input)
    }

    fn hooks(&self) -> Option<&Hooks> {
        Some(&self.hooks)
    }

    fn kind(&self) -> &'static str {
        self.module.kind()
    }

    fn extra_repr(&self) -> String {
        self.module.extra_repr()
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        self.module.own_parameters()
    }

    fn own_buffers(&self) -> Vec<(&'static str, Tensor)> {
        self.module.own_buffers()
    }

    fn children(&self) -> Vec<(String, &dyn Module)> {
        self.module.children()
    }

    fn training(&self) -> Option<bool> {
        self.module.training()
    }

    fn set_training(&self, mode: bool) {
        self.module.set_training(mode);
    }
}

/// A module in a box is that module.
impl Module for Box<dyn Module> {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        (**self).forward(input)
    }

    fn hooks(&self) -> Option<&Hooks> {
        (**self).hooks()
    }

    fn kind(&self) -> &'static str {
        (**self).kind()
    }

    fn extra_repr(&self) -> String {
        (**self).extra_repr()
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        (**self).own_parameters()
    }

    fn own_buffers(&self) -> Vec<(&'static str, Tensor)> {
        (**self).own_buffers()
    }

    fn children(&self) -> Vec<(String, &dyn Module)> {
        (**self).children()
    }

    fn training(&self) -> Option<bool> {
        (**self).training()
    }

    fn set_training(&self, mode: bool) {
        (**self).set_training(mode);
    }
}
