//! What the server sends.

use super::{MalformedFrame, Payloads, RequestId};
use crate::{
    AccountId, ChatId, DeviceAddress, Epoch, MessageId, ProblemCode, Retention, Seq, Suite, Timestamp,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A frame from the server. The list only grows, at its end.
///
/// After the upgrade come the device's waiting Welcomes, then a `Cursor` for each chat in which the device is behind
/// or not yet a member, then `Ready`; from the first on, new entries are in between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerFrame<P = Bytes> {
    /// The answer to a request.
    Response {
        /// The request.
        request: RequestId,
        /// What became of it.
        outcome: Outcome<P>,
    },
    /// A new entry of a chat. Of an entry that was missed comes nothing: a gap in `seq` says so, and `Fetch` fills it.
    Entry {
        /// The chat.
        chat: ChatId,
        /// The entry.
        entry: Entry<P>,
    },
    /// An invitation into a chat, repeated on each connection until the device acknowledges `after`.
    Welcome {
        /// The chat.
        chat: ChatId,
        /// The chat's log before the device's time ends here: what it can read comes after.
        after: Seq,
        /// Who made the Commit that adds the device.
        from: DeviceAddress,
        /// An MLS Welcome.
        payload: P,
    },
    /// A signal of another device.
    Signal {
        /// The chat.
        chat: ChatId,
        /// Who sent it.
        from: DeviceAddress,
        /// Sealed with a key from the MLS exporter.
        payload: P,
    },
    /// The marker of another device.
    Marker {
        /// The chat.
        chat: ChatId,
        /// Whose it is.
        from: DeviceAddress,
        /// Sealed with a key from the MLS exporter.
        payload: P,
    },
    /// Where this device stands in one of its account's chats.
    Cursor {
        /// The chat.
        chat: ChatId,
        /// How far the device has acknowledged, or `None` if it is not in the group yet: it can join by external
        /// Commit.
        acknowledged: Option<Seq>,
        /// The chat's last entry.
        last: Seq,
        /// The chat's suite.
        suite: Suite,
    },
    /// Something outside the logs has changed: read it anew.
    Changed(Change),
    /// All that was waiting at the start has been sent.
    Ready {
        /// The server's time.
        at: Timestamp,
    },
    /// The answer to `Ping`.
    Pong,
    /// The server closes the connection.
    Goodbye(Goodbye),
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome<P = Bytes> {
    /// The entry is durable. A retry of an entry that is in the log gets the same answer.
    Accepted {
        /// Its position; `None` for [`Retention::Never`], which has none.
        seq: Option<Seq>,
        /// When the server accepted it.
        at: Timestamp,
        /// Other devices that were connected and got it at once: of a fleeting message all of them, of others those that
        /// are connected to the sender's own node.
        reached: u32,
    },
    /// The entries asked for.
    Page(Page<P>),
    /// Nothing was changed.
    Refused(Refusal),
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The problem.
    pub code: ProblemCode,
    /// With [`ProblemCode::StaleEpoch`], the chat's epoch.
    pub epoch: Option<Epoch>,
}

impl From<ProblemCode> for Refusal {
    fn from(code: ProblemCode) -> Self {
        Self { code, epoch: None }
    }
}

/// Some entries of a chat, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<P = Bytes> {
    /// The entries.
    pub entries: Vec<Entry<P>>,
    /// The chat's last entry: more can be had while the last of `entries` is before it.
    pub last: Seq,
}

/// One position of a chat's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<P = Bytes> {
    /// The position; 0 for a fleeting message, which has none.
    pub seq: Seq,
    /// The sending device, as the server saw it. What counts is the sender that MLS authenticates.
    pub from: DeviceAddress,
    /// The sender's id for it.
    pub message: MessageId,
    /// When the server accepted it.
    pub at: Timestamp,
    /// How long it is kept.
    pub retention: Retention,
    /// What the payload is.
    pub kind: EntryKind,
    /// The MLS message, byte for byte as sent; empty if it was deleted or taken back.
    pub payload: P,
}

/// What an entry's payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// An application message.
    Application,
    /// A Commit.
    Commit,
    /// Nothing any more: the entry was deleted or its time is over.
    Deleted,
    /// Nothing any more: it was taken back, a Commit or what came after that, and counts as never sent. See [`super::Reversal`].
    TakenBack,
    /// The server has taken back a Commit and all that came after it; the payload is a [`super::Reversal`]. `from` and
    /// `message` are those of the Commit.
    Reversal,
}

/// What has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The device list or profile of an account that shares a chat with this one, or its own.
    User(AccountId),
    /// The stock of this device's KeyPackages: it is low.
    KeyPackages,
    /// The requests to be let into a group whose members may let in.
    JoinRequests(ChatId),
    /// The chat: it is no more.
    ChatDeleted(ChatId),
    /// A private record of the account, or whom it blocks: another of its devices has changed it.
    Records,
    /// What the account may do on the server: its role is another one.
    Role,
}

/// Why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goodbye {
    /// The server stops: connect again.
    Restarting,
    /// The client reads too slowly: connect again and catch up from the cursor.
    TooSlow,
    /// The session was ended, or its device removed: log in.
    SessionEnded,
    /// The device connected again: the newer connection stays.
    Replaced,
    /// The client broke the protocol.
    Malformed,
    /// The account is banned: what it asks for next is refused with [`ProblemCode::Banned`], which says why and until when.
    Banned,
}

impl ServerFrame {
    /// The frame's bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let payload_bytes = match self {
            Self::Response {
                outcome: Outcome::Page(page),
                ..
            } => page.entries.iter().map(|entry| entry.payload.len() + 96).sum(),
            Self::Entry { entry, .. } => entry.payload.len(),
            Self::Welcome { payload, .. } | Self::Signal { payload, .. } | Self::Marker { payload, .. } => {
                payload.len()
            }
            Self::Response { .. }
            | Self::Cursor { .. }
            | Self::Changed(_)
            | Self::Ready { .. }
            | Self::Pong
            | Self::Goodbye(_) => 0,
        };
        super::encode(self, payload_bytes)
    }

    /// The frame that `bytes` are.
    pub fn decode(bytes: &Bytes) -> Result<Self, MalformedFrame> {
        super::decode::<ServerFrame<&[u8]>>(bytes)
    }
}

impl<P> Payloads<P> for ServerFrame<P> {
    type With<Q> = ServerFrame<Q>;

    fn map<Q>(self, mut with: impl FnMut(P) -> Q) -> ServerFrame<Q> {
        match self {
            Self::Response { request, outcome } => ServerFrame::Response {
                request,
                outcome: outcome.map(with),
            },
            Self::Entry { chat, entry } => ServerFrame::Entry {
                chat,
                entry: entry.map(with),
            },
            Self::Welcome {
                chat,
                after,
                from,
                payload,
            } => ServerFrame::Welcome {
                chat,
                after,
                from,
                payload: with(payload),
            },
            Self::Signal { chat, from, payload } => ServerFrame::Signal {
                chat,
                from,
                payload: with(payload),
            },
            Self::Marker { chat, from, payload } => ServerFrame::Marker {
                chat,
                from,
                payload: with(payload),
            },
            Self::Cursor {
                chat,
                acknowledged,
                last,
                suite,
            } => ServerFrame::Cursor {
                chat,
                acknowledged,
                last,
                suite,
            },
            Self::Changed(change) => ServerFrame::Changed(change),
            Self::Ready { at } => ServerFrame::Ready { at },
            Self::Pong => ServerFrame::Pong,
            Self::Goodbye(goodbye) => ServerFrame::Goodbye(goodbye),
        }
    }
}

impl<P> Payloads<P> for Outcome<P> {
    type With<Q> = Outcome<Q>;

    fn map<Q>(self, mut with: impl FnMut(P) -> Q) -> Outcome<Q> {
        match self {
            Self::Accepted { seq, at, reached } => Outcome::Accepted { seq, at, reached },
            Self::Page(Page { entries, last }) => Outcome::Page(Page {
                entries: entries.into_iter().map(|entry| entry.map(&mut with)).collect(),
                last,
            }),
            Self::Refused(refusal) => Outcome::Refused(refusal),
        }
    }
}

impl<P> Payloads<P> for Entry<P> {
    type With<Q> = Entry<Q>;

    fn map<Q>(self, mut with: impl FnMut(P) -> Q) -> Entry<Q> {
        let Self {
            seq,
            from,
            message,
            at,
            retention,
            kind,
            payload,
        } = self;
        Entry {
            seq,
            from,
            message,
            at,
            retention,
            kind,
            payload: with(payload),
        }
    }
}
