//! What a client sends.

use super::{MalformedFrame, Payloads, RequestId};
use crate::{ChatId, DeviceAddress, MessageId, Retention, Seq};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A frame from a client. The list only grows, at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame<P = Bytes> {
    /// Puts an application message into a chat. Answered by [`super::Outcome::Accepted`].
    Send {
        /// Comes back with the answer.
        request: RequestId,
        /// The chat.
        chat: ChatId,
        /// The message's id; the same for a retry.
        message: MessageId,
        /// The sender has read the log up to here, and this message is not in that part of it: the server looks for it in what
        /// comes after, which is at most [`crate::limits::UNREAD_ENTRIES`]. Taken afresh for each attempt.
        after: Seq,
        /// How long it is kept.
        retention: Retention,
        /// An MLS `PrivateMessage` with application content, made in the chat's current epoch.
        payload: P,
    },
    /// Puts a Commit into a chat: the one that ends the epoch. Answered by [`super::Outcome::Accepted`].
    Commit {
        /// Comes back with the answer.
        request: RequestId,
        /// The chat.
        chat: ChatId,
        /// The Commit's id; the same for a retry.
        message: MessageId,
        /// As in [`Self::Send`]; of a device that joins alone, the last entry at the time of the GroupInfo that it joins by.
        after: Seq,
        /// An MLS `PrivateMessage` with a Commit; of a device that joins alone, a `PublicMessage` from a new member.
        commit: P,
        /// The GroupInfo of the epoch that the Commit begins, for devices that join alone later.
        group_info: P,
        /// The devices that the Commit adds; of a device that joins alone, itself.
        added: Vec<DeviceAddress>,
        /// The devices that the Commit removes.
        removed: Vec<DeviceAddress>,
        /// Of a device that joins alone: whether its account is to come into an open group by it. Without this it joins as a device of
        /// an account that is in the chat, and is refused with `chat-not-found` once that is out, as nobody has asked to be in again.
        as_newcomer: bool,
        /// The Welcome for the devices added, if the Commit makes one.
        welcome: Option<P>,
    },
    /// Everything in the chat up to here is safe on this device. No answer.
    Ack {
        /// The chat.
        chat: ChatId,
        /// The last entry that is safe.
        seq: Seq,
    },
    /// Asks for a chat's entries. Answered by [`super::Outcome::Page`].
    Fetch {
        /// Comes back with the answer.
        request: RequestId,
        /// The chat.
        chat: ChatId,
        /// Entries after this one.
        after: Seq,
        /// At most so many, and at most [`crate::limits::PAGE_ENTRIES`].
        limit: u16,
    },
    /// Relays a sealed signal to the chat's devices that are connected now. No answer.
    Signal {
        /// The chat.
        chat: ChatId,
        /// Sealed with a key from the MLS exporter.
        payload: P,
    },
    /// Replaces this device's marker in the chat. No answer.
    Marker {
        /// The chat.
        chat: ChatId,
        /// Sealed with a key from the MLS exporter.
        payload: P,
    },
    /// Asks for [`super::ServerFrame::Pong`]: a browser cannot send the WebSocket's own ping.
    Ping,
}

impl ClientFrame {
    /// The frame's bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let payload_bytes = match self {
            Self::Send { payload, .. } | Self::Signal { payload, .. } | Self::Marker { payload, .. } => {
                payload.len()
            }
            Self::Commit {
                commit,
                group_info,
                welcome,
                ..
            } => commit.len() + group_info.len() + welcome.as_ref().map_or(0, Bytes::len),
            Self::Ack { .. } | Self::Fetch { .. } | Self::Ping => 0,
        };
        super::encode(self, payload_bytes)
    }

    /// The frame that `bytes` are.
    pub fn decode(bytes: &Bytes) -> Result<Self, MalformedFrame> {
        super::decode::<ClientFrame<&[u8]>>(bytes)
    }
}

impl<P> Payloads<P> for ClientFrame<P> {
    type With<Q> = ClientFrame<Q>;

    fn map<Q>(self, mut with: impl FnMut(P) -> Q) -> ClientFrame<Q> {
        match self {
            Self::Send {
                request,
                chat,
                message,
                after,
                retention,
                payload,
            } => ClientFrame::Send {
                request,
                chat,
                message,
                after,
                retention,
                payload: with(payload),
            },
            Self::Commit {
                request,
                chat,
                message,
                after,
                commit,
                group_info,
                added,
                removed,
                as_newcomer,
                welcome,
            } => ClientFrame::Commit {
                request,
                chat,
                message,
                after,
                commit: with(commit),
                group_info: with(group_info),
                added,
                removed,
                as_newcomer,
                welcome: welcome.map(with),
            },
            Self::Ack { chat, seq } => ClientFrame::Ack { chat, seq },
            Self::Fetch {
                request,
                chat,
                after,
                limit,
            } => ClientFrame::Fetch {
                request,
                chat,
                after,
                limit,
            },
            Self::Signal { chat, payload } => ClientFrame::Signal {
                chat,
                payload: with(payload),
            },
            Self::Marker { chat, payload } => ClientFrame::Marker {
                chat,
                payload: with(payload),
            },
            Self::Ping => ClientFrame::Ping,
        }
    }
}
