//! The account's history in a file: written by one device, read by another of the same account, or by people (decision 55).

mod block;
mod client;
mod progress;
mod read;
mod readable;
mod write;

pub(crate) use block::ExportedChat;
pub use progress::{ExportProgress, Exported, ImportProgress, Imported, Watcher};
pub use readable::{ReadableExport, Zone};

use sotto_crypto_core::export::ExportError;

use crate::error::ClientError;
use crate::messages::MessageRecord;
use sotto_protocol::Retention;

impl From<ExportError> for ClientError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::PassphraseLength => Self::PassphraseLength,
            ExportError::OutOfMemory => Self::Failed("not enough memory to stretch a passphrase"),
            ExportError::NotAnExport => Self::NotAnExport,
            ExportError::WrongPassphrase => Self::WrongPassphrase,
            ExportError::Damaged => Self::ExportDamaged,
            ExportError::TooLong => Self::Failed("the history is too long for one export"),
        }
    }
}

/// Whether a message is in exports: a file cannot forget, so what is to vanish is in none.
pub(crate) fn is_exported(record: &MessageRecord) -> bool {
    record.retention == Retention::Keep && record.expires_at.is_none()
}
