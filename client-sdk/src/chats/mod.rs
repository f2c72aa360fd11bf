//! Chats: what is stored of them, and a list of them.

mod record;
mod summary;

pub(crate) use record::{
    ChatRecord, CreationOf, CreationRecord, CreationRequest, GroupRecord, KindRecord, OutboxRecord,
    PendingCommitRecord, PendingReason, Sealed, Stage,
};
pub(crate) use summary::read_summaries;

use crate::contacts::Person;
use crate::messages::Message;
use sotto_protocol::{ChatId, Timestamp};

/// What kind of chat it is, as far as a list of chats shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// With another account.
    Direct {
        /// The other account.
        with: Person,
    },
    /// A group.
    Group {
        /// Its title, unless no other member has told it to this device yet.
        title: Option<String>,
        /// Whether this account is in it; if not, what was said before can still be read.
        is_member: bool,
    },
    /// With oneself.
    Notes,
}

impl ChatKind {
    /// The other account of a direct chat.
    #[must_use]
    pub const fn with(&self) -> Option<&Person> {
        match self {
            Self::Direct { with } => Some(with),
            Self::Group { .. } | Self::Notes => None,
        }
    }
}

/// A chat in a list of chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSummary {
    /// The chat.
    pub chat: ChatId,
    /// What kind of chat it is.
    pub kind: ChatKind,
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
    /// Whether the server has moved it on in a way that its rules forbid: see [`ChatHalted`](crate::Event::ChatHalted).
    pub is_halted: bool,
}
