//! What can go wrong below every store.

use std::error::Error;

/// The store could not do what it was asked to. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is busy or cannot be reached: trying again later may help.
    #[error("the database cannot be reached or is busy")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database refused or failed: trying the same again will not help. An operator has to look.
    #[error("the database failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// A stored value is not what this version writes. An operator has to look.
    #[error("a stored {what} cannot be read")]
    Unreadable {
        /// What the value should have been.
        what: &'static str,
    },
    /// The databases do not belong together, or are of a newer version of the server: correct the configuration.
    #[error("the database does not fit: {reason}")]
    Mismatch {
        /// What does not fit, for the operator.
        reason: String,
    },
}
