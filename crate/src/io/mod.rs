//! Tensors in files: PyTorch's `.pth` ([`pth`]) and [`safetensors`].
//!
//! Both read a file's bytes into named tensors and back. Files come from anywhere: one that is not what it
//! should be is an [`Error::File`](crate::error::Error::File) that says where, and nothing that a file
//! claims makes more memory be taken than the file's own length justifies.

mod elements;
pub mod pth;
pub mod safetensors;
