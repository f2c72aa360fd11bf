//! What the store keeps of a message.

use super::{Message, MessageState, QUEUED_POSITIONS, Sender};
use crate::contacts::Names;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::{Body, Text};
use sotto_protocol::{ChatId, DeviceAddress, MessageId, ProblemCode, Timestamp};

/// A message, stored at its position in its chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    pub(crate) message: MessageId,
    pub(crate) from: DeviceAddress,
    pub(crate) body: StoredBody,
    pub(crate) at: Timestamp,
    pub(crate) state: StoredState,
}

/// [`Body`] as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum StoredBody {
    Text(String),
    Unknown { kind: u16, bytes: Vec<u8> },
}

/// [`MessageState`] as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredState {
    Queued,
    Accepted,
    Failed(ProblemCode),
    Received,
}

impl From<Body> for StoredBody {
    fn from(body: Body) -> Self {
        match body {
            Body::Text(Text { text }) => Self::Text(text),
            Body::Unknown { kind, bytes } => Self::Unknown { kind, bytes },
        }
    }
}

impl From<StoredBody> for Body {
    fn from(body: StoredBody) -> Self {
        match body {
            StoredBody::Text(text) => Self::Text(Text { text }),
            StoredBody::Unknown { kind, bytes } => Self::Unknown { kind, bytes },
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
            body: self.body.into(),
            at: self.at,
            state: self.state.into(),
        }
    }
}

/// The position of the message with this number in a chat's outbox.
pub(crate) const fn queued_position(ordinal: u64) -> u64 {
    QUEUED_POSITIONS + ordinal
}
