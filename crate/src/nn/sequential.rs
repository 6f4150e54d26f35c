//! `nn.Sequential`.

use super::hooks::{Hooked, Hooks};
use super::{Module, ModuleExt};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::ops::Index;

/// Layers one after the other. Parameters are named `0.weight`, `0.bias`, `2.weight`, …; each layer has a
/// place for forward hooks.
///
/// ```
/// use gradus::{nn::{Linear, Module, ReLU, Sequential}, rng::Generator, tensor::Tensor};
/// use std::{cell::RefCell, rc::Rc};
///
/// let mut generator = Generator::new(0);
/// let model = Sequential::new(vec![
///     Box::new(Linear::new(2, 8, true, &mut generator)),
///     Box::new(ReLU),
///     Box::new(Linear::new(8, 1, true, &mut generator)),
/// ]);
/// let seen = Rc::new(RefCell::new(None));
/// let keep = seen.clone();
/// let handle = model[1].register_forward_hook(move |_, _, output| {
///     *keep.borrow_mut() = Some(output.clone());
///     None
/// })?;
/// model.forward(&Tensor::ones(&[4, 2]))?;
/// handle.remove();
/// assert_eq!(seen.borrow().as_ref().unwrap().dims(), [4, 8]);
/// # Ok::<(), gradus::error::Error>(())
/// ```
#[derive(Default)]
pub struct Sequential {
    layers: Vec<(String, Hooked<Box<dyn Module>>)>,
    hooks: Hooks,
}

impl Sequential {
    /// The given layers.
    pub fn new(layers: Vec<Box<dyn Module>>) -> Sequential {
        let mut model = Sequential::default();
        layers.into_iter().for_each(|layer| model.push(layer));
        model
    }

    /// The given layers with names instead of numbers, as `nn.Sequential(OrderedDict(…))`.
    pub fn named(layers: Vec<(&str, Box<dyn Module>)>) -> Sequential {
        let layers = layers.into_iter().map(|(name, layer)| (name.to_string(), Hooked::new(layer)));
        Sequential { layers: layers.collect(), hooks: Hooks::default() }
    }

    /// One more layer at the end, named by its number; PyTorch's `append`.
    pub fn push(&mut self, layer: Box<dyn Module>) {
        self.layers.push((self.layers.len().to_string(), Hooked::new(layer)));
    }

    /// Puts another layer in the place of one.
    ///
    /// # Errors
    /// When there is no such place; so for all that take one. Negative ones count from the end.
    pub fn set(&mut self, index: isize, layer: Box<dyn Module>) -> Result<()> {
        let at = self.place(index)?;
        self.layers[at].1 = Hooked::new(layer);
        Ok(())
    }

    /// One more layer before that of this place. Layers that are named by their numbers are numbered anew.
    ///
    /// # Errors
    /// See [`Sequential::set`].
    pub fn insert(&mut self, index: isize, layer: Box<dyn Module>) -> Result<()> {
        let at = if index == self.len() as isize { self.len() } else { self.place(index)? };
        self.layers.insert(at, (at.to_string(), Hooked::new(layer)));
        self.number(at + 1, at);
        Ok(())
    }

    /// Takes the layer of this place out. Layers that are named by their numbers are numbered anew.
    ///
    /// # Errors
    /// See [`Sequential::set`].
    pub fn pop(&mut self, index: isize) -> Result<Box<dyn Module>> {
        let at = self.place(index)?;
        let (_, layer) = self.layers.remove(at);
        self.number(at, at + 1);
        Ok(layer.into_inner())
    }

    /// The layers of another one after these, numbered; PyTorch's `extend`.
    pub fn extend(&mut self, layers: Vec<Box<dyn Module>>) {
        layers.into_iter().for_each(|layer| self.push(layer));
    }

    /// Names from place `from` on by their numbers, where they were numbered from `before` on.
    fn number(&mut self, from: usize, before: usize) {
        for (i, (name, _)) in self.layers.iter_mut().enumerate().skip(from) {
            if *name == (i - from + before).to_string() {
                *name = i.to_string();
            }
        }
    }

    fn place(&self, index: isize) -> Result<usize> {
        let at = if index < 0 { self.len().checked_add_signed(index) } else { Some(index as usize) };
        at.filter(|&at| at < self.len()).ok_or_else(|| Error::Index(format!("index {index} is out of range")))
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there is no layer.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// A layer by its number; negative ones count from the end.
    pub fn get(&self, index: isize) -> Option<&dyn Module> {
        self.place(index).ok().map(|at| &self.layers[at].1 as &dyn Module)
    }

    /// The layers in order.
    pub fn layers(&self) -> impl Iterator<Item = &dyn Module> {
        self.layers.iter().map(|(_, layer)| layer as &dyn Module)
    }
}

/// # Panics
/// When there is no such layer: see [`Sequential::get`].
impl Index<usize> for Sequential {
    type Output = dyn Module;
    fn index(&self, index: usize) -> &(dyn Module + 'static) {
        &self.layers[index].1
    }
}

impl Module for Sequential {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        self.layers.iter().try_fold(input.clone(), |x, (_, layer)| layer.call(&x))
    }

    fn children(&self) -> Vec<(String, &dyn Module)> {
        self.layers.iter().map(|(name, layer)| (name.clone(), layer as &dyn Module)).collect()
    }

    fn hooks(&self) -> Option<&Hooks> {
        Some(&self.hooks)
    }
}
