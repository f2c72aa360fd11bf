//! Why a report was not taken, read or handled.

use crate::delivery::DeliveryError;
use crate::store::StoreError;
use sotto_protocol::ProblemCode;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The request is not what it has to be, and why. The text reaches a stranger.
    #[error("invalid: {0}")]
    Invalid(&'static str),
    /// The request is against the rules: the code says what to do.
    #[error("refused: {0}")]
    Refused(ProblemCode),
    /// The chat could not be read.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProblemCode> for ReportError {
    fn from(code: ProblemCode) -> Self {
        Self::Refused(code)
    }
}
