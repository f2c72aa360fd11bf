//! The keys of the records.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// What a record holds: the first byte of its key. Numbers are never given to something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// What Sotto itself knows about the chat.
    Chat = 0,
    /// The ratchet tree.
    Tree = 1,
    GroupContext = 2,
    InterimTranscriptHash = 3,
    ConfirmationTag = 4,
    /// Whether a Commit of one's own is pending, and its outcome.
    GroupState = 5,
    /// The secret trees of the current and the past epochs, as earlier versions wrote them: in one.
    MessageSecrets = 6,
    ResumptionPsks = 7,
    OwnLeafIndex = 8,
    EpochSecrets = 9,
    OwnLeafNodes = 10,
    Proposal = 11,
    ProposalRefs = 12,
    /// The key pairs of one's leaf and path in an epoch.
    EpochKeyPairs = 13,
    EncryptionKeyPair = 14,
    SignatureKeyPair = 15,
    Psk = 16,
    /// A KeyPackage with its private keys.
    KeyPackage = 17,
    /// The secret tree of the current epoch, after the number of past ones that are kept.
    CurrentSecrets = 18,
    /// The secret tree of a past epoch.
    PastSecrets = 19,
    /// Who was a member of a past epoch.
    PastMembers = 20,
}

impl Kind {
    /// The key of the one record of this kind.
    pub(crate) fn key(self) -> Vec<u8> {
        vec![self as u8]
    }

    /// The key of the record of this kind that `name` names. The name is hashed: names may be long, and keys say
    /// nothing.
    pub(crate) fn key_of(self, name: &impl Serialize) -> Result<Vec<u8>, postcard::Error> {
        let mut key = self.key();
        key.extend_from_slice(&Sha256::digest(postcard::to_stdvec(name)?));
        Ok(key)
    }

    /// The key of the record of this kind that belongs to an epoch: in the order of epochs.
    pub(crate) fn key_at(self, epoch: u64) -> Vec<u8> {
        let mut key = self.key();
        key.extend_from_slice(&epoch.to_be_bytes());
        key
    }

    /// The epoch to which the record with this key belongs.
    pub(crate) fn epoch_in(self, key: &[u8]) -> Option<u64> {
        let epoch = key.strip_prefix(&[self as u8])?;
        Some(u64::from_be_bytes(epoch.try_into().ok()?))
    }
}
