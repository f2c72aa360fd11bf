//! Messages: what is stored of them, and a chat's history.

mod client;
mod drafts;
mod history;
mod new;
mod record;
mod stars;

pub use client::MESSAGES_AT_ONCE;
pub use drafts::Draft;
pub(crate) use drafts::Drafts;
pub(crate) use history::{
    Unread, find_message, last_message, position_at, read_message, read_messages, read_messages_after,
    read_pinned, unread_after,
};
pub(crate) use new::NewBody;
pub use new::NewMessage;
pub(crate) use record::{
    Edition as StoredEdition, MessageRecord, QueuedBody, StoredBody, StoredState, queued_position,
};
pub use sotto_crypto_core::content::FileInfo;
pub use sotto_crypto_core::{Mention, Quote, Text};
pub use stars::STARS;
pub(crate) use stars::Stars;

use crate::groups::{GroupChange, Whom};
use sotto_protocol::{
    AccountId, AccountName, ChatId, DeviceId, MessageId, ProblemCode, Retention, Timestamp,
};

/// The positions of messages that the server has not accepted begin here: after every other, and still exact in a
/// JavaScript number.
pub const QUEUED_POSITIONS: u64 = 1 << 52;

/// A message of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says one thing, whatever the others say"
)]
pub struct Message {
    /// Its id, chosen by the sender's device; the same while it is queued and after.
    pub id: MessageId,
    /// The chat.
    pub chat: ChatId,
    /// Its place among the chat's messages: of one that is in the chat's log its seq there; of one that is queued or has
    /// failed, [`QUEUED_POSITIONS`] and more, in the order of sending. It changes once, when a queued message is accepted.
    /// A fleeting message, which is in no history, has that of the message that it came after.
    pub position: u64,
    /// Who wrote it, as MLS has authenticated it.
    pub from: Sender,
    /// Whether this account wrote it, on whichever device.
    pub own: bool,
    /// Whether it is from somebody whom this account blocks: not to be shown unless that is wanted.
    pub from_blocked: bool,
    /// What it says.
    pub body: Body,
    /// When the server accepted it; while it is queued, when it was written by this device's clock.
    pub at: Timestamp,
    /// How far it is.
    pub state: MessageState,
    /// How long it is kept: what its sender has asked for, or less.
    pub retention: Retention,
    /// When it vanishes from every device and the server; `None` if it does not, or is not on its way yet.
    pub expires_at: Option<Timestamp>,
    /// What it answers.
    pub in_reply_to: Option<Answered>,
    /// What it has said, the first text first and the last one as in `body`; empty if it was never edited.
    pub editions: Vec<Edition>,
    /// What others, and this account, think of it.
    pub reactions: Vec<Reactions>,
    /// Whether it names this account.
    pub mentions_own: bool,
    /// Whether this account has starred it, for itself alone.
    pub is_starred: bool,
    /// The member who has told this account what was said here, as it came into the group later. Nobody can check that: say so
    /// where it is shown.
    pub told_by: Option<Whom>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Text.
    Text(Text),
    /// A file, whose content [`Client::read_file`](crate::Client::read_file) reads.
    File {
        /// What it is, by what its sender says.
        info: FileInfo,
        /// What is said about it; empty if nothing is.
        caption: Text,
    },
    /// Something that its sender changed in the group.
    GroupChanges(Vec<GroupChange>),
    /// What is to be shown no more.
    Deleted {
        /// Who has deleted it: its author, or in a group an office holder.
        by: Whom,
    },
    /// Of a kind that is newer than this code.
    Unknown {
        /// The kind's number.
        kind: u16,
    },
}

/// What a message said from some time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// What it said.
    pub text: Text,
    /// From when on.
    pub at: Timestamp,
}

/// The message that another one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its id: it may be here, or not.
    pub message: MessageId,
    /// Who wrote it, by what the one says who answers.
    pub from: Whom,
    /// Its beginning, by what the one says who answers; empty if it is no text, or is not kept for good.
    pub text: String,
}

/// One reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reactions {
    /// The reaction, a character or a few.
    pub emoji: String,
    /// Who reacts so, the first one first.
    pub by: Vec<Whom>,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The account.
    pub account: AccountId,
    /// Its name, unless it has not been read from the server yet.
    pub name: Option<AccountName>,
    /// The device.
    pub device: DeviceId,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// Written here, and not accepted by the server yet.
    Queued,
    /// Written by this account, and durable on the server.
    Accepted,
    /// Refused by the server for good.
    Failed {
        /// Why.
        code: ProblemCode,
    },
    /// Written by somebody else.
    Received,
    /// Fleeting, written by this device, and passed on.
    Relayed {
        /// How many other devices were there to get it.
        reached: u32,
    },
}

/// Which messages of a chat to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessagesBefore {
    /// The newest.
    #[default]
    Latest,
    /// The newest of those before this position.
    Position(u64),
}
