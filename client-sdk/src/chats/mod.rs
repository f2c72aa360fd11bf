//! Chats: what is stored of them, and a list of them.

mod record;
mod summary;

pub(crate) use record::{
    ChatRecord, CreationRecord, OutboxRecord, PendingCommitRecord, PendingReason, Sealed, Stage,
};
pub(crate) use summary::read_summaries;

use crate::contacts::Person;
use crate::messages::Message;
use sotto_protocol::{ChatId, Timestamp};

/// A chat in a list of chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSummary {
    /// The chat.
    pub chat: ChatId,
    /// The other account.
    pub with: Person,
    /// Its last message.
    pub last: Option<Message>,
    /// Messages of others that were not marked as read.
    pub unread: u32,
    /// Every message up to this position was marked as read.
    pub read_up_to: u64,
    /// Entries that could not be decrypted.
    pub undecryptable: u64,
    /// When something last happened in it.
    pub active_at: Timestamp,
}
