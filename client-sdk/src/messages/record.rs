//! What the store keeps of a message.

use super::{Body, Message, MessageState, QUEUED_POSITIONS, Sender};
use crate::contacts::Names;
use crate::groups::StoredChange;
use crate::record_key;
use crate::store::Changes;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::content::ChatRetention;
use sotto_crypto_core::{GroupKeyRequest, GroupKeyShare, Text, ToldGroupProfile, content};
use sotto_protocol::{
    Approval, ChatId, Departure, DeviceAddress, MessageId, ProblemCode, Retention, Timestamp,
};

/// A message, stored at its position in its chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    pub(crate) message: MessageId,
    pub(crate) from: DeviceAddress,
    pub(crate) body: StoredBody,
    pub(crate) at: Timestamp,
    pub(crate) state: StoredState,
    pub(crate) retention: Retention,
    /// When its time is over, once that has begun.
    pub(crate) expires_at: Option<Timestamp>,
}

/// [`Body`] as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum StoredBody {
    Text(String),
    GroupChanges(Vec<StoredChange>),
    /// The bytes are kept for a version that can read them.
    Unknown {
        kind: u16,
        bytes: Vec<u8>,
    },
}

/// What waits to be sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum QueuedBody {
    Text(String),
    /// As it is, to those who do not know it.
    GroupProfile(ToldGroupProfile),
    /// As the intent with this number would have it.
    NewGroupProfile {
        intent: u64,
        told: ToldGroupProfile,
    },
    Approval(Approval),
    Departure(Departure),
    GroupKeyRequest(GroupKeyRequest),
    GroupKeyShare(GroupKeyShare),
    Retention(ChatRetention),
}

impl QueuedBody {
    /// As it is shown and stored; `None` if it is for other clients alone.
    pub(crate) fn shown(&self) -> Option<StoredBody> {
        match self {
            Self::Text(text) => Some(StoredBody::Text(text.clone())),
            Self::GroupProfile(_)
            | Self::NewGroupProfile { .. }
            | Self::Approval(_)
            | Self::Departure(_)
            | Self::GroupKeyRequest(_)
            | Self::GroupKeyShare(_)
            | Self::Retention(_) => None,
        }
    }
}

impl From<QueuedBody> for content::Body {
    fn from(body: QueuedBody) -> Self {
        match body {
            QueuedBody::Text(text) => Self::Text(Text { text }),
            QueuedBody::GroupProfile(told) | QueuedBody::NewGroupProfile { told, .. } => {
                Self::GroupProfile(told)
            }
            QueuedBody::Approval(approval) => Self::Approval(approval),
            QueuedBody::Departure(departure) => Self::Departure(departure),
            QueuedBody::GroupKeyRequest(request) => Self::GroupKeyRequest(request),
            QueuedBody::GroupKeyShare(share) => Self::GroupKeyShare(share),
            QueuedBody::Retention(retention) => Self::Retention(retention),
        }
    }
}

/// [`MessageState`] as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredState {
    Queued,
    Accepted,
    Failed(ProblemCode),
    Received,
    /// Of a fleeting message: it has reached so many devices. It is stored nowhere.
    Relayed(u32),
}

impl StoredBody {
    /// As it is shown.
    fn shown(self, names: &impl Names) -> Body {
        match self {
            Self::Text(text) => Body::Text(Text { text }),
            Self::GroupChanges(changes) => {
                Body::GroupChanges(changes.into_iter().map(|change| change.shown(names)).collect())
            }
            Self::Unknown { kind, .. } => Body::Unknown { kind },
        }
    }
}

impl From<StoredState> for MessageState {
    fn from(state: StoredState) -> Self {
        match state {
            StoredState::Queued => Self::Queued,
            StoredState::Accepted => Self::Accepted,
            StoredState::Failed(code) => Self::Failed { code },
            StoredState::Received => Self::Received,
            StoredState::Relayed(reached) => Self::Relayed { reached },
        }
    }
}

impl MessageRecord {
    /// The message, as it is shown.
    pub(crate) fn into_message(self, chat: ChatId, position: u64, names: &impl Names) -> Message {
        Message {
            id: self.message,
            chat,
            position,
            from: Sender {
                account: self.from.account,
                name: names.name_of(self.from.account),
                device: self.from.device,
            },
            own: names.is_own(self.from.account),
            from_blocked: names.is_blocked(self.from.account),
            body: self.body.shown(names),
            at: self.at,
            state: self.state.into(),
            retention: self.retention,
            expires_at: self.expires_at,
        }
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Stores it at its place, and notes when that ends.
    pub(crate) fn put(&self, chat: ChatId, position: u64, changes: &mut Changes) {
        changes.put(record_key::message(chat, position), self);
        if let Some(expires_at) = self.expires_at {
            changes.put(record_key::expiry(expires_at, chat, position), &());
        }
    }
}

/// The position of the message with this number in a chat's outbox.
pub(crate) const fn queued_position(ordinal: u64) -> u64 {
    QUEUED_POSITIONS + ordinal
}
