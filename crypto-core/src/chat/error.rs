//! What can go wrong with a chat, by what the caller can do about it.

use super::NotAllowed;
use crate::content::ContentTooLong;
use crate::mls_store::StorageError;
use core::fmt;
use sotto_protocol::{AccountId, DeviceAddress, Epoch};

/// What OpenMLS said, as text for a log: it names no one and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MlsError(String);

impl MlsError {
    pub(crate) fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for MlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MLS: {}", self.0)
    }
}

impl std::error::Error for MlsError {}

/// An operation on a chat failed. The chat and its records are as they were before it.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// A Commit of this device waits for the server's answer: confirm or discard it first.
    #[error("a Commit is pending")]
    PendingCommit,
    /// There is no Commit to confirm or discard.
    #[error("no Commit is pending")]
    NoPendingCommit,
    /// The chat was joined by an external Commit that the server has refused: drop the chat with its records, and join
    /// again from a newer GroupInfo.
    #[error("the external Commit that joined this chat cannot be discarded without the chat")]
    JoinedByPendingCommit,
    /// The chat is no group: it has no newcomers, and nobody leaves it.
    #[error("the chat is no group")]
    NoGroup,
    /// This device was removed: it can join again by an external Commit if its account is still a party.
    #[error("this device is no member of the chat any more")]
    Removed,
    /// The chat's rules forbid it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The group's key is for devices of its owner and admins alone; or it is not the group's key, or not one to seal it to.
    #[error("the group's key is for its owner and admins")]
    NoOffice,
    /// The group gives newcomers nothing of what was said before, or who asks is not in it, or has sent no key to seal it to.
    #[error("the group gives newcomers no history")]
    NoHistory,
    /// Another device than the one that is this chat's member.
    #[error("the chat is another device's")]
    OtherDevice,
    /// No device was given to invite or to remove.
    #[error("no device was given")]
    NoDevice,
    /// An invited device's KeyPackage is for another suite than the chat's.
    #[error("a KeyPackage is for another suite than the chat's")]
    OtherSuite,
    /// A device that should be removed is no member.
    #[error("a device to be removed is no member of the chat")]
    NoMember {
        /// The device.
        device: DeviceAddress,
    },
    /// The message is too long.
    #[error(transparent)]
    ContentTooLong(#[from] ContentTooLong),
    /// More was asked of the exporter than it gives: 8,160 bytes.
    #[error("more was asked of the exporter than it gives")]
    ExportTooLong,
    /// The records are damaged: drop them and join again by an external Commit.
    #[error("the chat's records cannot be read")]
    Damaged,
    /// OpenMLS refused for a reason that none of the above names.
    #[error(transparent)]
    Mls(MlsError),
}

/// A chat cannot be joined. Nothing has changed, and no KeyPackage was spent.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Not a Welcome or GroupInfo by its form.
    #[error("not a Welcome or GroupInfo")]
    Malformed,
    /// It does not hold together: altered, or made by a broken client. Of a Welcome: acknowledge it and join by an external
    /// Commit instead.
    #[error("the Welcome or GroupInfo is not valid")]
    Invalid(#[source] MlsError),
    /// The Welcome is for a KeyPackage that this device does not have (any more): join by an external Commit instead.
    #[error("the Welcome is for a KeyPackage that is not here")]
    NoKeyPackage,
    /// The group breaks the rules of its kind of chat.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// This device's account is no party of the chat.
    #[error("this device's account is no party of the chat")]
    NotAParty,
    /// The invite link is another group's, was revoked, or is over its time.
    #[error("the invite link does not work any more")]
    Invitation,
    /// An account's identity key in the chat is another than the known one: somebody may be in between. Compare safety
    /// numbers.
    #[error("the chat shows another identity key for {account} than the known one")]
    IdentityMismatch {
        /// The account.
        account: AccountId,
    },
    /// The records of the KeyPackages are damaged.
    #[error("the records of the KeyPackages cannot be read")]
    Damaged,
}

/// An incoming message is not taken. The chat and its records are as they were before it.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Not an MLS message to a group by its form: skip it.
    #[error("not an MLS message to a group")]
    Malformed,
    /// It is for another chat: the server has misdirected it.
    #[error("the message is for another chat")]
    OtherChat,
    /// Of an epoch whose keys are gone, or a Commit of one that has ended: skip it.
    #[error("the message is of a past epoch; the chat is in epoch {current}")]
    StaleEpoch {
        /// The chat's epoch.
        current: Epoch,
    },
    /// Of an epoch that has not begun here: fetch the Commits between.
    #[error("the message is of a later epoch; the chat is in epoch {current}")]
    FutureEpoch {
        /// The chat's epoch.
        current: Epoch,
    },
    /// Its key was used before, or is older than those kept for late messages: it was received already, so skip it.
    #[error("the message was received already")]
    AlreadyReceived,
    /// It does not hold together: altered on its way, or made by a broken client. If all messages of an epoch end here, the
    /// chat has forked: join again by an external Commit.
    #[error("the message is not valid")]
    Invalid(#[source] MlsError),
    /// Its sender may not do that. A Commit that is refused here is refused by every member: the chat goes on only when its
    /// sender joins again.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// It comes from an identity key that is not the account's known one: somebody may be in between, or the account was
    /// reset. Nothing of it may be shown as the account's.
    #[error("the chat shows another identity key for {account} than the known one")]
    IdentityMismatch {
        /// The account.
        account: AccountId,
    },
    /// The chat was joined by an external Commit that the server has not answered yet: confirm it first.
    #[error("the Commit that joined this chat is pending")]
    PendingCommit,
    /// This device was removed from the chat.
    #[error("this device is no member of the chat any more")]
    Removed,
    /// The records are damaged: drop them and join again by an external Commit.
    #[error("the chat's records cannot be read")]
    Damaged,
}

impl From<StorageError> for ChatError {
    fn from(_: StorageError) -> Self {
        Self::Damaged
    }
}

impl From<StorageError> for JoinError {
    fn from(_: StorageError) -> Self {
        Self::Damaged
    }
}

impl From<StorageError> for ReceiveError {
    fn from(_: StorageError) -> Self {
        Self::Damaged
    }
}
