//! What the store keeps of a chat's archive.

use super::index::{ArchiveFault, KnownIndex};
use crate::record_key;
use crate::store::Changes;
use serde::{Deserialize, Serialize};
use sotto_protocol::{ChatId, SegmentId, Seq};

/// What this device knows of the archive of a chat, and how far the two are the same.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct ArchiveRecord {
    /// The index that was seen last.
    pub(crate) known: Option<KnownIndex>,
    /// All that this device had up to this entry is in the archive.
    pub(crate) archived: Seq,
    /// Whether the archive says that the account is not in the chat any more.
    pub(crate) is_left: bool,
    /// So far the archive says that messages were read.
    pub(crate) read: u64,
    /// What this device has missed was looked for in the archive, since it last missed anything: so far the archive went then.
    pub(crate) consulted: Option<u64>,
    /// Segments that were read for that.
    pub(crate) restored: Vec<SegmentId>,
    /// What was found wrong with it, until the user has seen it.
    pub(crate) fault: Option<ArchiveFault>,
}

impl ArchiveRecord {
    /// This device has missed something that may be in the archive.
    pub(crate) fn missed(&mut self, chat: ChatId, changes: &mut Changes) {
        self.consulted = None;
        self.restored.clear();
        changes.put(record_key::archive(chat), self);
    }
}
