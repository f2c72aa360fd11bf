//! How the archive stands, for the application.

use super::index::ArchiveFault;
use sotto_protocol::{ChatId, ProblemCode};

/// How the archive stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveStatus {
    /// History that is being read from the archive, if any is.
    pub restoration: Option<Restoration>,
    /// Chats of which something is to be archived.
    pub waiting: usize,
    /// Why the server takes nothing more, if it does not: [`ProblemCode::ArchiveFull`] and its like.
    pub refused: Option<ProblemCode>,
    /// Archives that the server has shown otherwise than the account's devices have written them.
    pub faulty: Vec<FaultyArchive>,
}

/// History that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// Parts that were read.
    pub done: u64,
    /// Parts that there are, as far as is known.
    pub of: u64,
}

/// An archive that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultyArchive {
    /// The chat.
    pub chat: ChatId,
    /// What is wrong.
    pub fault: ArchiveFault,
}
