//! How a group's signing key comes to those who hold an office: one device asks in the group, another that has it answers. Whether
//! the asker has a right to the key is the group's rules' to say: see [`Chat::share_group_key`](crate::Chat::share_group_key).

use crate::sealed_answer::{AnswerContext, AnswerKey, AnswerSecret, SealedAnswer};
use crate::{GroupSigningKey, Label};
use core::fmt;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{ChatId, DeviceAddress, GroupKey};

/// Bytes of what is sealed: the key's seed.
const SEED_BYTES: usize = 32;

/// A device asks for the group's signing key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKeyRequest(AnswerKey);

/// What answers a [`GroupKeyRequest`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKeyShare(SealedAnswer);

/// A share is of no use: ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupKeyShareError {
    /// It does not open: it answers another request, or is of another device or group than it says.
    #[error("the share of the group's key does not open")]
    Sealed,
    /// What is in it is not the group's key.
    #[error("the share holds another key than the group's")]
    OtherKey,
}

impl GroupKeyRequest {
    /// A new request, and what opens its answer.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> (Self, AnswerSecret) {
        let (key, secret) = AnswerKey::generate(rng);
        (Self(key), secret)
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.0.is_sound()
    }

    /// Seals the key for who has asked. `None` if what was sent is no public key.
    pub(crate) fn answer(
        &self,
        rng: &mut impl CryptoRng,
        key: &GroupSigningKey,
        group: ChatId,
        from: DeviceAddress,
        to: DeviceAddress,
    ) -> Option<GroupKeyShare> {
        let answer = self
            .0
            .seal(rng, &context(group, from, to), key.encode().expose())?;
        Some(GroupKeyShare(answer))
    }
}

impl GroupKeyShare {
    pub(crate) fn is_sound(&self) -> bool {
        self.0.is_sound(SEED_BYTES)
    }

    /// The device that asked.
    #[must_use]
    pub const fn to(&self) -> DeviceAddress {
        self.0.to
    }

    /// The group's key, if `from` has sealed it for this device's request in this group.
    pub fn open(
        &self,
        secret: &AnswerSecret,
        group: ChatId,
        group_key: GroupKey,
        from: DeviceAddress,
        own: DeviceAddress,
    ) -> Result<GroupSigningKey, GroupKeyShareError> {
        let opened = self
            .0
            .open(secret, &context(group, from, own))
            .ok_or(GroupKeyShareError::Sealed)?;
        GroupSigningKey::decode(opened.expose(), group_key).ok_or(GroupKeyShareError::OtherKey)
    }
}

pub(crate) const fn context(group: ChatId, from: DeviceAddress, to: DeviceAddress) -> AnswerContext {
    AnswerContext {
        label: Label::GroupKeyShare,
        group,
        from,
        to,
    }
}

impl fmt::Debug for GroupKeyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupKeyRequest")
    }
}

impl fmt::Debug for GroupKeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupKeyShare").field(&self.to()).finish()
    }
}
