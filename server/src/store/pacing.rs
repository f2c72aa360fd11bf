//! How the operations of a store are waited for.

use std::fmt;

/// How the operations of a store are waited for.
pub(crate) trait Pacing: Clone + fmt::Debug + Send + Sync + 'static {
    /// Runs one operation.
    fn pace<T: Send>(&self, operation: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send;
}

/// Each takes the time that it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsItComes;

impl Pacing for AsItComes {
    fn pace<T: Send>(&self, operation: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
        operation
    }
}
