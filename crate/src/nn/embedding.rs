//! `nn.Embedding`.

use super::functional::EmbeddingOptions;
use super::{Module, functional, init, parameter, repr};
use crate::error::{Error, Result};
use crate::rng::Generator;
use crate::tensor::Tensor;

/// A table of vectors, looked up by i64 indices of any shape `[*]`: the result is `[*, dim]`.
pub struct Embedding {
    /// `[num_embeddings, embedding_dim]`
    pub weight: Tensor,
    padding_idx: Option<usize>,
    options: EmbeddingOptions,
}

impl Embedding {
    /// Standard normal vectors; that of `padding_idx` (negative counts from the end) is zero and stays
    /// so, since it takes no gradient.
    ///
    /// # Errors
    /// When `padding_idx` is outside of the table.
    pub fn new(
        num_embeddings: usize,
        embedding_dim: usize,
        padding_idx: Option<isize>,
        generator: &mut Generator,
    ) -> Result<Embedding> {
        let options = EmbeddingOptions { padding_idx, ..EmbeddingOptions::default() };
        Embedding::with(num_embeddings, embedding_dim, options, generator)
    }

    /// The same with PyTorch's `max_norm`, `norm_type` and `scale_grad_by_freq`.
    ///
    /// # Errors
    /// See [`Embedding::new`].
    pub fn with(
        num_embeddings: usize,
        embedding_dim: usize,
        options: EmbeddingOptions,
        generator: &mut Generator,
    ) -> Result<Embedding> {
        let padding_idx = options.padding_idx.map(|i| row(i, num_embeddings)).transpose()?;
        let weight = Tensor::zeros(&[num_embeddings, embedding_dim]);
        init::normal_(&weight, 0.0, 1.0, generator)?;
        if let Some(i) = padding_idx {
            init::zeros_(&weight.slice(0, i, i + 1, 1)?)?;
        }
        Ok(Embedding { weight: parameter(weight), padding_idx, options })
    }
}

fn row(index: isize, rows: usize) -> Result<usize> {
    let at = if index < 0 { rows.checked_add_signed(index) } else { Some(index as usize) };
    at.filter(|&i| i < rows).ok_or_else(|| Error::Value("Padding_idx must be within num_embeddings".into()))
}

impl Module for Embedding {
    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        functional::embedding_with(input, &self.weight, &self.options)
    }

    fn extra_repr(&self) -> String {
        let &[n, width] = self.weight.dims() else { return String::new() };
        let mut text = format!("{n}, {width}");
        if let Some(i) = self.padding_idx {
            text += &format!(", padding_idx={i}");
        }
        let EmbeddingOptions { max_norm, norm_type, scale_grad_by_freq, .. } = self.options;
        if let Some(max_norm) = max_norm {
            text += &format!(", max_norm={}", repr::float(max_norm));
        }
        if norm_type != 2.0 {
            text += &format!(", norm_type={}", repr::float(norm_type));
        }
        if scale_grad_by_freq {
            text += ", scale_grad_by_freq=True";
        }
        text
    }

    fn own_parameters(&self) -> Vec<(&'static str, Tensor)> {
        vec![("weight", self.weight.clone())]
    }
}
