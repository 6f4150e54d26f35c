//! Rows that can be counted and picked, as `torch.utils.data.Dataset`.

use crate::backend::cpu::Element;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Rows, each of one tensor or more.
pub trait Dataset {
    /// The number of rows.
    fn len(&self) -> usize;

    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tensors of a row.
    ///
    /// # Errors
    /// When there is no such row.
    fn get(&self, index: usize) -> Result<Vec<Tensor>>;

    /// The tensors of some rows, with the rows as their first dimension: PyTorch's `default_collate`.
    ///
    /// # Errors
    /// When there is no such row, or the rows' tensors differ in size.
    fn batch(&self, rows: &[usize]) -> Result<Vec<Tensor>> {
        let rows = rows.iter().map(|&i| self.get(i)).collect::<Result<Vec<_>>>()?;
        let tensors = rows.first().map_or(0, Vec::len);
        (0..tensors).map(|k| stack(rows.iter().map(|row| row.get(k)))).collect()
    }
}

fn stack<'a>(tensors: impl Iterator<Item = Option<&'a Tensor>>) -> Result<Tensor> {
    let differ = || Error::Shape("stack expects each tensor to be equal size".into());
    let tensors = tensors.collect::<Option<Vec<_>>>().ok_or_else(differ)?;
    let Some(first) = tensors.first() else { return Err(differ()) };
    if tensors.iter().any(|t| t.dims() != first.dims() || t.dtype() != first.dtype()) {
        return Err(differ());
    }
    let dims: Vec<usize> = std::iter::once(tensors.len()).chain(first.dims().iter().copied()).collect();
    match first.dtype() {
        DType::F32 => join::<f32>(&tensors, &dims),
        DType::F64 => join::<f64>(&tensors, &dims),
        DType::I64 => join::<i64>(&tensors, &dims),
        DType::Bool => join::<bool>(&tensors, &dims),
    }
}

fn join<T: Element>(tensors: &[&Tensor], dims: &[usize]) -> Result<Tensor> {
    let parts = tensors.iter().map(|t| t.to_vec::<T>()).collect::<Result<Vec<_>>>()?;
    Tensor::from_vec(parts.into_iter().flatten().collect(), dims)
}

/// Tensors whose first dimensions are the rows.
pub struct TensorDataset {
    tensors: Vec<Tensor>,
    rows: usize,
}

impl TensorDataset {
    /// At least one tensor.
    ///
    /// # Errors
    /// When they have not as many rows each.
    pub fn new(tensors: Vec<Tensor>) -> Result<TensorDataset> {
        let rows = tensors.first().and_then(|t| t.dims().first().copied());
        match rows {
            Some(rows) if tensors.iter().all(|t| t.dims().first() == Some(&rows)) => {
                Ok(TensorDataset { tensors, rows })
            }
            _ => Err(Error::Shape("Size mismatch between tensors".into())),
        }
    }
}

impl Dataset for TensorDataset {
    fn len(&self) -> usize {
        self.rows
    }

    fn get(&self, index: usize) -> Result<Vec<Tensor>> {
        let row = |t: &Tensor| {
            if index >= self.rows {
                let message =
                    format!("index {index} is out of bounds for dimension 0 with size {}", self.rows);
                return Err(Error::Index(message));
            }
            let dims: Vec<isize> = t.dims()[1..].iter().map(|&n| n as isize).collect();
            t.slice(0, index, index + 1, 1)?.reshape(&dims)
        };
        self.tensors.iter().map(row).collect()
    }

    fn batch(&self, rows: &[usize]) -> Result<Vec<Tensor>> {
        let index = Tensor::from_vec(rows.iter().map(|&i| i as i64).collect(), &[rows.len()])?;
        self.tensors.iter().map(|t| t.index_select(0, &index)).collect()
    }
}

/// Some rows of a data set, in an order of their own.
pub struct Subset<'a> {
    dataset: &'a dyn Dataset,
    /// Which rows
    pub indices: Vec<usize>,
}

impl<'a> Subset<'a> {
    /// These rows.
    pub fn new(dataset: &'a dyn Dataset, indices: Vec<usize>) -> Subset<'a> {
        Subset { dataset, indices }
    }

    fn row(&self, index: usize) -> Result<usize> {
        self.indices.get(index).copied().ok_or_else(|| Error::Index("list index out of range".into()))
    }
}

impl Dataset for Subset<'_> {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn get(&self, index: usize) -> Result<Vec<Tensor>> {
        self.dataset.get(self.row(index)?)
    }

    fn batch(&self, rows: &[usize]) -> Result<Vec<Tensor>> {
        let rows = rows.iter().map(|&i| self.row(i)).collect::<Result<Vec<_>>>()?;
        self.dataset.batch(&rows)
    }
}
