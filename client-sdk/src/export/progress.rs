//! How far exports and imports are, and what has become of them.

use crate::error::ClientError;
use crate::platform::{MaybeSend, MaybeSync};

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportProgress {
    /// Messages that are in it.
    pub messages: u64,
    /// Messages that there are, at most: how many exactly is known at the end.
    pub total_messages: u64,
    /// Files that are in it.
    pub files: u64,
    /// Files of the messages that are in it.
    pub total_files: u64,
}

/// What is in an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Chats.
    pub chats: u64,
    /// Messages.
    pub messages: u64,
    /// Files.
    pub files: u64,
    /// Files that could not be read from the server: they are named, and their content is not there.
    pub missing_files: u64,
    /// Whether it is all of the account's history: `false` while some is still coming out of the archive.
    pub is_complete: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Bytes of the file.
    pub total_bytes: u64,
}

/// What has come of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Chats that are in the file.
    pub chats: u64,
    /// Messages that were not here before.
    pub messages: u64,
    /// Messages that are here anyway, or were here and were deleted on this device.
    pub known: u64,
}

/// Hears how far something is, and may end it.
pub trait Watcher<T>: MaybeSend + MaybeSync {
    /// It is so far.
    fn moved(&self, progress: T);

    /// Whether it is not wanted any more. Asked between any two steps.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody.
impl<T> Watcher<T> for () {
    fn moved(&self, _: T) {}
}

/// Ends what is not wanted any more.
pub(super) fn go_on<T>(watcher: &impl Watcher<T>) -> Result<(), ClientError> {
    if watcher.is_cancelled() {
        Err(ClientError::Cancelled)
    } else {
        Ok(())
    }
}
