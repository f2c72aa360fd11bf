//! Notices: what happened to this account, each with a place to go to.

mod book;
mod client;
mod id;
mod record;

pub(crate) use book::Notices;
pub use client::NOTICES_AT_ONCE;
pub use id::{InvalidNoticeId, NoticeId};
pub(crate) use record::{About, NoticeRecord, Spot};

use crate::groups::Whom;
use crate::messages::Message;
use sotto_protocol::{ChatId, CommunityId, DeviceId, Timestamp};

/// The most notices that are kept: of more the oldest go.
pub const NOTICES: usize = 500;

/// Something that happened to this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// When it happened, by the server's clock; of a device, when this device heard of it, by its own.
    pub at: Timestamp,
    /// Whether it was not looked at yet: neither the list since then nor, if it is of a chat, the chat up to there.
    pub is_new: bool,
    /// What happened.
    pub about: NoticeAbout,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeAbout {
    /// A message names this account.
    Mention {
        /// The message.
        message: Box<Message>,
    },
    /// A message answers one of this account.
    Reply {
        /// The message that answers.
        message: Box<Message>,
    },
    /// Somebody reacts to a message of this account.
    Reaction {
        /// The message of this account.
        message: Box<Message>,
        /// Who.
        by: Whom,
        /// The latest reaction that they have.
        emoji: String,
    },
    /// Somebody has put this account into a group.
    Added {
        /// The group.
        chat: ChatId,
        /// Who, as far as this device knows.
        by: Option<Whom>,
    },
    /// A stranger has begun a chat, which waits as a request.
    Request {
        /// The chat.
        chat: ChatId,
        /// Who.
        by: Whom,
    },
    /// A device has logged in to this account that did not come by a code of this one: the user may want to remove it.
    Device {
        /// The device.
        device: DeviceId,
    },
    /// A community was founded near where this account's profile says that it is. What it says of itself is read where one goes: it is
    /// anybody's word.
    Community {
        /// The community.
        community: CommunityId,
    },
}
