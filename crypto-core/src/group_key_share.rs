//! How a group's signing key comes to those who hold an office: one device asks in the group, another that has it answers.
//!
//! Both are messages in the group, so each knows by MLS who the other is. The secret is sealed once more, for the asking
//! device alone, as the other members read the messages too: HPKE (RFC 9180) in base mode with X-Wing, HKDF-SHA-256 and
//! ChaCha20-Poly1305, to a key that was made for this request and is forgotten with it. Whether the asker has a right to
//! the key is the group's rules' to say: see [`Chat::share_group_key`](crate::Chat::share_group_key).

use crate::suite::Hpke;
use crate::{GroupSigningKey, Label, Secret, SecretBytes};
use core::fmt;
use openmls_traits::types::{HpkeCiphertext, HpkeKeyPair};
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sotto_protocol::{Binary, ChatId, DeviceAddress, GroupKey};
use zeroize::Zeroizing;

/// Bytes of an X-Wing public key.
const PUBLIC_KEY_BYTES: usize = 1216;
/// Bytes of an X-Wing encapsulation.
const ENCAPSULATION_BYTES: usize = 1120;
/// Bytes of the sealed secret: its seed and a tag.
const SEALED_BYTES: usize = 32 + 16;

/// A device asks for the group's signing key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKeyRequest {
    /// The X-Wing public key, made for this request alone.
    key: Binary,
}

/// What answers a [`GroupKeyRequest`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupKeyShare {
    /// The device that asked.
    pub to: DeviceAddress,
    /// X-Wing's encapsulation.
    encapsulated: Binary,
    /// The sealed seed of the group's key.
    sealed: Binary,
}

/// What the key pair of a [`GroupKeyRequest`] is derived from.
#[derive(Clone)]
pub struct GroupKeyRequestSecret(Secret<32>);

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
    pub fn generate(rng: &mut impl CryptoRng) -> (Self, GroupKeyRequestSecret) {
        let secret = GroupKeyRequestSecret(Secret::generate(rng));
        let key = Binary::from(secret.key_pair().public);
        (Self { key }, secret)
    }

    /// Whether the key is as long as one is.
    pub(crate) fn is_sound(&self) -> bool {
        self.key.as_slice().len() == PUBLIC_KEY_BYTES
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
        let info = info(group, from, to);
        let HpkeCiphertext {
            kem_output,
            ciphertext,
        } = Hpke::XWing
            .seal(rng, self.key.as_slice(), &info, &[], key.encode().expose())
            .ok()?;
        Some(GroupKeyShare {
            to,
            encapsulated: Binary::from(kem_output.as_slice().to_vec()),
            sealed: Binary::from(ciphertext.as_slice().to_vec()),
        })
    }
}

impl GroupKeyShare {
    /// Whether its parts are as long as they are.
    pub(crate) fn is_sound(&self) -> bool {
        self.encapsulated.as_slice().len() == ENCAPSULATION_BYTES
            && self.sealed.as_slice().len() == SEALED_BYTES
    }

    /// The group's key, if `from` has sealed it for this device's request in this group.
    pub fn open(
        &self,
        secret: &GroupKeyRequestSecret,
        group: ChatId,
        group_key: GroupKey,
        from: DeviceAddress,
        own: DeviceAddress,
    ) -> Result<GroupSigningKey, GroupKeyShareError> {
        let ciphertext = HpkeCiphertext {
            kem_output: self.encapsulated.as_slice().to_vec().into(),
            ciphertext: self.sealed.as_slice().to_vec().into(),
        };
        let opened = Hpke::XWing
            .open(
                &ciphertext,
                &secret.key_pair().private,
                &info(group, from, own),
                &[],
            )
            .map(SecretBytes::from)
            .map_err(|_| GroupKeyShareError::Sealed)?;
        GroupSigningKey::decode(opened.expose(), group_key).ok_or(GroupKeyShareError::OtherKey)
    }
}

impl GroupKeyRequestSecret {
    fn key_pair(&self) -> HpkeKeyPair {
        Hpke::XWing.derive_key_pair(self.0.expose())
    }
}

/// For a sealed record.
impl Serialize for GroupKeyRequestSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for GroupKeyRequestSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Zeroizing::new(<[u8; 32]>::deserialize(deserializer)?);
        Ok(Self(Secret::filled(|secret| *secret = *bytes)))
    }
}

/// HPKE's `info`: label, group, the device that shares, the device that asked, at fixed lengths.
pub(crate) fn info(group: ChatId, from: DeviceAddress, to: DeviceAddress) -> Vec<u8> {
    let ids = [
        group.as_bytes().as_slice(),
        from.account.as_bytes(),
        from.device.as_bytes(),
        to.account.as_bytes(),
        to.device.as_bytes(),
    ];
    Label::GroupKeyShare.prefix(&ids.concat())
}

impl fmt::Debug for GroupKeyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupKeyRequest")
    }
}

impl fmt::Debug for GroupKeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupKeyShare").field(&self.to).finish()
    }
}

impl fmt::Debug for GroupKeyRequestSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupKeyRequestSecret")
    }
}
