//! What can go wrong with tensors, in PyTorch's words. Documents have their own problems, with
//! paths: see [`crate::experiment`].

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a tensor operation, a module or an optimizer. The message names the operation and
/// the shapes involved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Shapes do not fit the operation.
    #[error("{0}")]
    Shape(String),
    /// A dimension or an element index is out of range.
    #[error("{0}")]
    Index(String),
    /// The operation does not take this dtype.
    #[error("{0}")]
    DType(String),
    /// Autograd cannot do this: no graph, a graph already freed, a value changed in place.
    #[error("{0}")]
    Autograd(String),
    /// An argument is outside what the function takes.
    #[error("{0}")]
    Value(String),
    /// A step does what a replay could not repeat.
    #[error("{0}")]
    Capture(String),
    /// More memory would be needed than a tensor may take.
    #[error("{0}")]
    Memory(String),
    /// There is no such device, or it is lost, or it refuses what it is given.
    #[error("{0}")]
    Device(String),
    /// A file is not what it should be, or holds what cannot be read.
    #[error("{0}")]
    File(String),
}
