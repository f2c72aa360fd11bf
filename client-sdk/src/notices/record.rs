//! What the store keeps of a notice: where to find what it is about, and never what was said.

use crate::contacts::Names;
use crate::messages::{MessageRecord, StoredBody};
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId, CommunityId, DeviceId, MessageId};

/// A notice, stored by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NoticeRecord {
    pub(crate) about: About,
    /// It was looked at.
    pub(crate) is_seen: bool,
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum About {
    Mention(Spot),
    Reply(Spot),
    Reaction {
        /// The message that somebody reacts to.
        to: Spot,
        by: AccountId,
        /// Where in the log they have last said so.
        seq: u64,
    },
    Added {
        chat: ChatId,
        by: Option<AccountId>,
    },
    Request {
        chat: ChatId,
        by: AccountId,
    },
    Device(DeviceId),
    Community(CommunityId),
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spot {
    pub(crate) chat: ChatId,
    pub(crate) message: MessageId,
    pub(crate) position: u64,
}

impl About {
    /// The chat, if it is of one.
    pub(crate) const fn chat(&self) -> Option<ChatId> {
        match self {
            Self::Mention(spot) | Self::Reply(spot) | Self::Reaction { to: spot, .. } => Some(spot.chat),
            Self::Added { chat, .. } | Self::Request { chat, .. } => Some(*chat),
            Self::Device(_) | Self::Community(_) => None,
        }
    }

    /// The message, if it is of one.
    pub(crate) const fn spot(&self) -> Option<Spot> {
        match self {
            Self::Mention(spot) | Self::Reply(spot) | Self::Reaction { to: spot, .. } => Some(*spot),
            Self::Added { .. } | Self::Request { .. } | Self::Device(_) | Self::Community(_) => None,
        }
    }

    /// Whether somebody who has read the chat up to here, or to its end, has seen it.
    pub(crate) const fn is_read(&self, up_to: u64, is_all: bool) -> bool {
        match self {
            Self::Mention(spot) | Self::Reply(spot) => spot.position <= up_to,
            // It stands at no place that could be shown: with all that is there it was seen.
            Self::Reaction { seq, .. } => is_all || *seq <= up_to,
            Self::Added { .. } | Self::Request { .. } => true,
            Self::Device(_) | Self::Community(_) => false,
        }
    }

    /// Whether it is so still, now that the message at its place is this one.
    pub(crate) fn holds(&self, message: &MessageRecord, names: &impl Names) -> bool {
        let is_it = self.spot().is_some_and(|spot| spot.message == message.message);
        is_it
            && !matches!(message.body, StoredBody::Deleted { .. })
            && match self {
                Self::Mention(_) => message.names_own(names),
                Self::Reaction { by, .. } => message.reactions.iter().any(|(account, _)| account == by),
                Self::Reply(_)
                | Self::Added { .. }
                | Self::Request { .. }
                | Self::Device(_)
                | Self::Community(_) => true,
            }
    }
}
