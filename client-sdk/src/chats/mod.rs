//! Chats: what is stored of them, and a list of them.

mod preferences;
mod record;
mod summary;

pub(crate) use preferences::ChatPreferences;
pub use preferences::Mute;
pub(crate) use record::Halt;
pub(crate) use record::{
    ChatRecord, CreationOf, CreationRecord, CreationRequest, GroupRecord, HistoryStanding, KeyStanding,
    KindRecord, OutboxRecord, PendingCommitRecord, PendingReason, Sealed, Stage, Told,
};
pub(crate) use summary::read_summaries;

use crate::contacts::{ContactRequest, Person};
use crate::groups::Whom;
use crate::messages::{Draft, Message};
use sotto_protocol::{ChatId, PictureDigest, Retention, Timestamp};

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
        /// Which picture it has, for [`Client::group_picture`](crate::Client::group_picture).
        picture: Option<PictureDigest>,
        /// Whether this account is in it; if not, what was said before can still be read.
        is_member: bool,
        /// Whether it is a broadcast: its owner and its admins write there, and everyone else reads.
        is_broadcast: bool,
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
    /// Of those, how many name this account.
    pub unread_mentions: u32,
    /// Every message up to this position was marked as read.
    pub read_up_to: u64,
    /// What was begun to be written here.
    pub draft: Option<Draft>,
    /// How long it does not call for attention, if it does not.
    pub mute: Option<Mute>,
    /// Whether it is put away, out of sight. The next message brings it back, unless the chat is silent.
    pub is_archived: bool,
    /// Entries that could not be decrypted.
    pub undecryptable: u64,
    /// How long messages are kept that are sent without saying so.
    pub retention: Retention,
    /// When something last happened in it.
    pub active_at: Timestamp,
    /// Whether the server has moved it on in a way that its rules forbid: see [`ChatHalted`](crate::Event::ChatHalted).
    pub is_halted: bool,
    /// Who made the change that this device does not accept, by what the server says.
    pub halted_by: Option<Whom>,
    /// What it asks for, if it waits as a request: it counts no message as unread then.
    pub request: Option<ContactRequest>,
}
