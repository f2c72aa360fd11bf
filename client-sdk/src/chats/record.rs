//! What the store keeps of a chat beside its messages and its MLS group.

use crate::messages::StoredBody;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sotto_protocol::rest::chat::CreateDirectChat;
use sotto_protocol::{AccountId, DeviceAddress, Epoch, MessageId, Seq, Suite, Timestamp};

/// A chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ChatRecord {
    /// The other account.
    pub(crate) peer: AccountId,
    /// How far this device is in it.
    pub(crate) stage: Stage,
    /// Every entry up to here is processed, and its outcome is stored.
    pub(crate) done: Seq,
    /// This device's time in the group begins after this entry: of what comes before it can read nothing but that it has sent
    /// it itself.
    pub(crate) begins: Seq,
    /// Every message up to this position was read.
    pub(crate) read: u64,
    /// Messages of others after that.
    pub(crate) unread: u32,
    /// The number of the last message that was put into the outbox.
    pub(crate) last_ordinal: u64,
    /// When this device last renewed its keys in the group; `None` if it is due since it joined.
    pub(crate) renewed_at: Option<Timestamp>,
    /// Entries that could not be decrypted.
    pub(crate) undecryptable: u64,
    /// When something last happened.
    pub(crate) active_at: Timestamp,
}

impl ChatRecord {
    /// A chat that begins now on this device, which is due to renew its keys in the group.
    pub(crate) const fn new(peer: AccountId, now: Timestamp) -> Self {
        Self {
            peer,
            stage: Stage::Member,
            done: Seq::ZERO,
            begins: Seq::ZERO,
            read: 0,
            unread: 0,
            last_ordinal: 0,
            renewed_at: None,
            undecryptable: 0,
            active_at: now,
        }
    }
}

/// How far a device is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// It made the group, and the server has not confirmed the chat.
    Creating,
    /// It made an external Commit, and the server has not accepted it.
    Joining,
    /// It is in the group.
    Member,
}

/// The request that creates a chat: the same after a crash.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CreationRecord {
    pub(crate) with: AccountId,
    pub(crate) suite: Suite,
    pub(crate) added: Vec<DeviceAddress>,
    pub(crate) welcome: Bytes,
    pub(crate) group_info: Bytes,
}

impl CreationRecord {
    /// The request's body.
    pub(crate) fn into_request(self) -> CreateDirectChat {
        CreateDirectChat {
            with: self.with,
            suite: self.suite,
            added: self.added,
            welcome: self.welcome.into(),
            group_info: self.group_info.into(),
        }
    }
}

/// A message that the server has not accepted.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OutboxRecord {
    pub(crate) message: MessageId,
    pub(crate) body: StoredBody,
    /// The message as it was encrypted last.
    pub(crate) sealed: Option<Sealed>,
}

/// An encrypted message.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The epoch that it was encrypted in: the server takes it in no other.
    pub(crate) epoch: Epoch,
    /// The MLS message.
    pub(crate) payload: Bytes,
}

/// A Commit that waits for the server's answer. The group's records hold the state that it leads to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingCommitRecord {
    /// The entry's id.
    pub(crate) message: MessageId,
    /// What it is for.
    pub(crate) reason: PendingReason,
    /// The MLS message.
    pub(crate) commit: Bytes,
    /// The GroupInfo of the epoch that it begins.
    pub(crate) group_info: Bytes,
}

/// What a Commit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PendingReason {
    /// New keys for this device.
    SelfUpdate,
    /// This device joins alone.
    Join {
        /// It takes the place of this device's earlier leaf, and declares to remove it.
        again: bool,
        /// The chat's last entry when the Commit was made: it comes after that.
        after: Seq,
    },
}
