//! Data: sets, loaders, splits, tables from text, and sets made by formulas. Orders and splits are
//! PyTorch's, draw by draw.

#[cfg(any(not(target_arch = "wasm32"), feature = "bundled"))]
mod bundled;
mod csv;
mod dataset;
mod generate;
mod loader;
mod split;
mod standardize;

#[cfg(any(not(target_arch = "wasm32"), feature = "bundled"))]
pub use bundled::bundled;
pub use csv::{Column, CsvError, CsvOptions, Table, read_csv, read_csv_with};
pub use dataset::{Dataset, Subset, TensorDataset};
pub use generate::{NAMES, Sample, generate};
pub use loader::{Batches, DataLoader, LoaderOptions, loader_order};
pub use split::{random_split, split_indices, split_lengths};
pub use standardize::Standardize;
