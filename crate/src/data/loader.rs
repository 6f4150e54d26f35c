//! `torch.utils.data.DataLoader`.

use super::Dataset;
use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::Tensor;
use std::cell::RefCell;
use std::rc::Rc;

/// The order of one pass of a `DataLoader` over `n` rows, with the draws that it makes from the default
/// generator: one for its base seed in any case, and one for a generator of its own when it shuffles.
pub fn loader_order(n: usize, shuffle: bool, generator: &mut Generator) -> Vec<usize> {
    generator.u64();
    if shuffle {
        let seed = generator.random_i64();
        Generator::new(seed as u64).randperm(n)
    } else {
        (0..n).collect()
    }
}

/// The arguments of a [`DataLoader`], with PyTorch's defaults.
#[derive(Clone)]
pub struct LoaderOptions {
    /// Rows of a batch; 1
    pub batch_size: usize,
    /// Whether each pass has an order of its own; false
    pub shuffle: bool,
    /// Whether a last and smaller batch is left out; false
    pub drop_last: bool,
    /// What the order is drawn from, instead of a generator that the default one seeds
    pub generator: Option<Rc<RefCell<Generator>>>,
}

impl Default for LoaderOptions {
    fn default() -> Self {
        LoaderOptions { batch_size: 1, shuffle: false, drop_last: false, generator: None }
    }
}

/// Goes through a data set in batches.
///
/// ```
/// use gradus::{data::{DataLoader, LoaderOptions, TensorDataset}, rng::Generator, tensor::Tensor};
/// use std::{cell::RefCell, rc::Rc};
///
/// let rows = TensorDataset::new(vec![Tensor::arange(8)])?;
/// let default = Rc::new(RefCell::new(Generator::new(0)));
/// let options = LoaderOptions { batch_size: 4, shuffle: true, ..Default::default() };
/// let loader = DataLoader::new(&rows, options, default)?;
/// let batches: Vec<Vec<Tensor>> = loader.iter().collect::<Result<_, _>>()?;
/// assert_eq!(batches[0][0].to_vec::<i64>()?, [2, 0, 5, 3]); // as after torch.manual_seed(0)
/// # Ok::<(), gradus::error::Error>(())
/// ```
pub struct DataLoader<'a> {
    dataset: &'a dyn Dataset,
    options: LoaderOptions,
    default: Rc<RefCell<Generator>>,
}

impl<'a> DataLoader<'a> {
    /// A loader that draws from `default` as PyTorch's draws from its default generator.
    ///
    /// # Errors
    /// For batches of no rows.
    pub fn new(
        dataset: &'a dyn Dataset,
        options: LoaderOptions,
        default: Rc<RefCell<Generator>>,
    ) -> Result<DataLoader<'a>> {
        if options.batch_size == 0 {
            let message = "batch_size should be a positive integer value, but got batch_size=0";
            return Err(Error::Value(message.into()));
        }
        Ok(DataLoader { dataset, options, default })
    }

    /// The number of batches in a pass, as `len(loader)`.
    pub fn len(&self) -> usize {
        let (rows, size) = (self.dataset.len(), self.options.batch_size);
        if self.options.drop_last { rows / size } else { rows.div_ceil(size) }
    }

    /// Whether a pass has no batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One pass. Its draws are made here.
    pub fn iter(&self) -> Batches<'_> {
        let n = self.dataset.len();
        let order = match &self.options.generator {
            None => loader_order(n, self.options.shuffle, &mut self.default.borrow_mut()),
            Some(own) => {
                let mut own = own.borrow_mut();
                own.u64(); // the base seed
                if self.options.shuffle {
                    let order = own.randperm(n);
                    // PyTorch's sampler draws once more when it comes to its end, for no rows.
                    own.randperm(n);
                    order
                } else {
                    (0..n).collect()
                }
            }
        };
        Batches { dataset: self.dataset, order, size: self.options.batch_size, left: self.len(), at: 0 }
    }
}

impl<'a> IntoIterator for &'a DataLoader<'_> {
    type Item = Result<Vec<Tensor>>;
    type IntoIter = Batches<'a>;

    fn into_iter(self) -> Batches<'a> {
        self.iter()
    }
}

/// The batches of one pass: the tensors of some rows each.
pub struct Batches<'a> {
    dataset: &'a dyn Dataset,
    order: Vec<usize>,
    size: usize,
    left: usize,
    at: usize,
}

impl Batches<'_> {
    /// The rows of the next batch; none at the end.
    pub fn next_rows(&self) -> &[usize] {
        let end = if self.left == 0 { self.at } else { self.order.len().min(self.at + self.size) };
        &self.order[self.at..end]
    }
}

impl Iterator for Batches<'_> {
    type Item = Result<Vec<Tensor>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let batch = self.dataset.batch(self.next_rows());
        self.at += self.next_rows().len();
        self.left -= 1;
        Some(batch)
    }
}
