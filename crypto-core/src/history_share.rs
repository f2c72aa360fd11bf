//! How what was said before comes to a newcomer of a group: their device asks in the group, and a member's device answers with the
//! key of a file that it has sealed and stored on the server. What a newcomer is given is the group's rules' to say: see
//! [`Chat::share_history`](crate::Chat::share_history).
//!
//! What is told so is a member's word: nothing in it proves who has said what.

use crate::sealed_answer::{AnswerContext, AnswerKey, AnswerSecret, SealedAnswer};
use crate::{FileKey, Label, Secret};
use core::fmt;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{BlobId, ChatId, DeviceAddress};
use zeroize::Zeroizing;

/// Bytes of what is sealed: the blob's id, its content's length, the key.
const ANSWER_BYTES: usize = 16 + 8 + 32;

/// A device that has come into a group asks for what was said before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest(AnswerKey);

/// What answers a [`HistoryRequest`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryShare(SealedAnswer);

/// The file in which history is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryFile {
    /// Where it is on the server.
    pub blob: BlobId,
    /// Bytes of its content.
    pub length: u64,
    /// What opens it.
    pub key: FileKey,
}

/// A share is of no use: it answers another request, or is of another device or group than it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the share of the group's history does not open")]
pub struct HistoryShareDoesNotOpen;

impl HistoryRequest {
    /// A new request, and what opens its answer.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> (Self, AnswerSecret) {
        let (key, secret) = AnswerKey::generate(rng);
        (Self(key), secret)
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.0.is_sound()
    }

    /// Seals the file's key for who has asked. `None` if what was sent is no public key.
    pub(crate) fn answer(
        &self,
        rng: &mut impl CryptoRng,
        file: &HistoryFile,
        group: ChatId,
        from: DeviceAddress,
        to: DeviceAddress,
    ) -> Option<HistoryShare> {
        let answer = self.0.seal(rng, &context(group, from, to), &file.encode())?;
        Some(HistoryShare(answer))
    }
}

impl HistoryShare {
    pub(crate) fn is_sound(&self) -> bool {
        self.0.is_sound(ANSWER_BYTES)
    }

    /// The device that asked.
    #[must_use]
    pub const fn to(&self) -> DeviceAddress {
        self.0.to
    }

    /// The file, if `from` has sealed its key for this device's request in this group.
    pub fn open(
        &self,
        secret: &AnswerSecret,
        group: ChatId,
        from: DeviceAddress,
        own: DeviceAddress,
    ) -> Result<HistoryFile, HistoryShareDoesNotOpen> {
        let opened = self.0.open(secret, &context(group, from, own));
        opened
            .and_then(|answer| HistoryFile::decode(answer.expose()))
            .ok_or(HistoryShareDoesNotOpen)
    }
}

impl HistoryFile {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut answer = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES));
        answer.extend_from_slice(self.blob.as_bytes());
        answer.extend_from_slice(&self.length.to_be_bytes());
        answer.extend_from_slice(self.key.0.expose());
        answer
    }

    fn decode(answer: &[u8]) -> Option<Self> {
        let (blob, rest) = answer.split_first_chunk()?;
        let (length, key) = rest.split_first_chunk()?;
        let key: &[u8; 32] = key.try_into().ok()?;
        Some(Self {
            blob: BlobId::from_bytes(*blob),
            length: u64::from_be_bytes(*length),
            key: FileKey(Secret::filled(|secret| *secret = *key)),
        })
    }
}

pub(crate) const fn context(group: ChatId, from: DeviceAddress, to: DeviceAddress) -> AnswerContext {
    AnswerContext {
        label: Label::HistoryShare,
        group,
        from,
        to,
    }
}

impl fmt::Debug for HistoryRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HistoryRequest")
    }
}

impl fmt::Debug for HistoryShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HistoryShare").field(&self.to()).finish()
    }
}
