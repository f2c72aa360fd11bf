//! Why the Delivery Service did not do what it was asked to.

use crate::store::StoreError;
use sotto_protocol::frame::Refusal;
use sotto_protocol::{ChatId, ProblemCode};

/// The server is stopping: connect again soon, perhaps elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is stopping")]
pub struct Stopping;

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The request is against the rules, or comes at the wrong time: the refusal says what to do.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProblemCode> for DeliveryError {
    fn from(code: ProblemCode) -> Self {
        Self::Refused(code.into())
    }
}

/// No chat was created.
#[derive(Debug, thiserror::Error)]
pub enum CreateChatError {
    /// The request is against the rules.
    #[error("refused: {0}")]
    Refused(ProblemCode),
    /// The account has begun as many chats as it may: after so many seconds it may begin another.
    #[error("too many chats were begun")]
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
    /// The two accounts have this chat already: use it.
    #[error("the two accounts have a chat already")]
    Exists(ChatId),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProblemCode> for CreateChatError {
    fn from(code: ProblemCode) -> Self {
        Self::Refused(code)
    }
}

/// What a client is told of a failed store. The operator reads the rest in the log.
pub(super) fn code_of(error: &StoreError) -> ProblemCode {
    match error {
        StoreError::Unavailable(_) => ProblemCode::Unavailable,
        StoreError::Failed(_) | StoreError::Unreadable { .. } | StoreError::Mismatch { .. } => {
            ProblemCode::Internal
        }
    }
}
