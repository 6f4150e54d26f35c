//! Gradus: tensors, autograd and training with PyTorch's names and PyTorch's numbers, natively and in
//! WebAssembly, where every bit is the same.
//!
//! A network that learns to add two numbers, as one would write it with PyTorch:
//!
//! ```
//! use gradus::nn::{Linear, Loss, MSELoss, ModuleExt, ReLU, Sequential};
//! use gradus::optim::{Optimizer, SGD, SgdOptions};
//! use gradus::{rng::Generator, tensor::Tensor};
//!
//! let x = Tensor::from_vec(vec![1f32, 2., 3., 4., 5., 6., 7., 8.], &[4, 2])?;
//! let y = Tensor::from_vec(vec![3f32, 7., 11., 15.], &[4, 1])?;
//!
//! let generator = &mut Generator::new(0); // torch.manual_seed(0)
//! let model = Sequential::new(vec![
//!     Box::new(Linear::new(2, 8, true, generator)),
//!     Box::new(ReLU),
//!     Box::new(Linear::new(8, 1, true, generator)),
//! ]);
//! let loss_func = MSELoss::default();
//! let mut optimizer = SGD::new(model.parameters(), SgdOptions { lr: 0.001, ..Default::default() })?;
//!
//! let mut loss_history = Vec::new();
//! for _ in 0..50 {
//!     optimizer.zero_grad();
//!     let loss = loss_func.forward(&model.call(&x)?, &y)?;
//!     loss.backward()?;
//!     optimizer.step()?;
//!     loss_history.push(loss.item()?);
//! }
//! assert!(loss_history[49] < 0.05 * loss_history[0]);
//!
//! let prediction = model.call(&Tensor::from_vec(vec![10f32, 11.], &[1, 2])?)?;
//! assert!((prediction.item()? - 21.0).abs() < 2.0);
//! # Ok::<(), gradus::error::Error>(())
//! ```
//!
//! * [`tensor`]: [`Tensor`](tensor::Tensor), its operations, indexing and printing; [`autograd`] adds
//!   `backward` and gradients of gradients;
//! * [`backend`]: where tensors are and operations run; with the feature `webgpu` also on a graphics processor
//!   ([`Tensor::to_device`](tensor::Tensor::to_device));
//! * [`nn`]: layers, losses, initial values, hooks, state dicts and summaries;
//! * [`optim`]: optimizers and learning-rate schedules;
//! * [`data`]: data sets, loaders, splits, CSV and sets to play with;
//! * [`io`]: safetensors, and PyTorch's own `.pth` files, both ways;
//! * [`experiment`]: whole training runs as documents, what the page edits and runs.
//!
//! The programs in `examples/` are those of a course chapter, written with the crate.
//!
//! The modules form layers; each imports only from those above it in this list, and a test
//! (`tests/layers.rs`) keeps it so.

pub mod error;

pub mod dtype;
pub mod list;
pub mod shape;

pub mod rng;

pub mod op;

pub mod backend;

pub mod tensor;

pub mod autograd;

pub mod capture;

pub mod nn;
pub mod optim;

pub mod data;

pub mod io;

pub mod experiment;
#[cfg(feature = "charts")]
pub mod plot;

#[cfg(target_arch = "wasm32")]
pub mod web;
