//! What a sender commits to, so that a message can be reported: see [`sotto_protocol::franking`] for the construction.
//!
//! The plain text of an MLS application message is `pad(key ‖ content)`. Receivers compute the commitment again, and show nothing
//! that does not fit it: so nobody can send what cannot be reported.
//!
//! - **Binding**: two contents, keys or places with one commitment are a collision of HMAC-SHA-256 with keys of one length, and so
//!   of SHA-256, whoever has chosen the keys.
//! - **Hiding**: to who has not the key the commitment is the output of a PRF. The key is of one message, not derived of anything
//!   that is kept: what is deleted cannot be guessed and compared later, and a key that is revealed tells of no other message.

use crate::{Secret, SecretBytes, padding};
use core::fmt;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use sotto_protocol::{Commitment, FrankedPlace, RevealedKey};
use zeroize::Zeroizing;

/// Bytes of the key, which begins the plain text of a message.
pub(crate) const KEY_BYTES: usize = 32;

/// The key of the commitment of one message. Whoever has it and the content can have it checked that the message says that.
#[derive(Clone, PartialEq, Eq)]
pub struct FrankingKey(pub(crate) Secret<KEY_BYTES>);

/// What a message's sender has committed to, and what opens the commitment.
#[derive(Clone, PartialEq, Eq)]
pub struct Franked {
    /// The key of this message alone.
    pub key: FrankingKey,
    /// The content's bytes, as they came and without their padding.
    pub content: SecretBytes,
}

impl FrankingKey {
    /// A new message's.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// `HMAC-SHA-256(key, label ‖ 0x00 ‖ chat ‖ message id ‖ account ‖ device ‖ content)`.
    #[must_use]
    pub fn commit(&self, place: &FrankedPlace, content: &[u8]) -> Commitment {
        Commitment::from_bytes(self.mac(place, content).finalize().into_bytes().into())
    }

    /// Whether this content, said there, is what was committed to. In constant time.
    #[must_use]
    pub fn fits(&self, place: &FrankedPlace, content: &[u8], commitment: &Commitment) -> bool {
        self.mac(place, content)
            .verify_slice(commitment.as_bytes())
            .is_ok()
    }

    /// The key for a report: from then on it is a secret no more.
    #[must_use]
    pub fn reveal(&self) -> RevealedKey {
        RevealedKey::from_bytes(*self.0.expose())
    }

    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, place: &FrankedPlace, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("any length");
        // It begins with `Label::Franking`, which the server has to know too.
        mac.update(&place.context());
        mac.update(content);
        mac
    }

    /// `pad(key ‖ content)`: the plain text of a message.
    #[must_use]
    pub fn plain_text(&self, content: &[u8]) -> Zeroizing<Vec<u8>> {
        let length = KEY_BYTES + content.len();
        let mut plain = Zeroizing::new(Vec::with_capacity(padding::padded_length(length)));
        plain.extend_from_slice(self.0.expose());
        plain.extend_from_slice(content);
        padding::pad(&mut plain);
        plain
    }
}

impl Franked {
    /// What is in the plain text of a message; `None` if it is none.
    #[must_use]
    pub fn read(plain: &[u8]) -> Option<Self> {
        let (key, content) = padding::unpad(plain)?.split_at_checked(KEY_BYTES)?;
        Some(Self {
            key: FrankingKey(Secret::try_from(key).ok()?),
            content: SecretBytes::from(content.to_vec()),
        })
    }
}

/// The type's name alone.
impl fmt::Debug for FrankingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FrankingKey")
    }
}

/// The type's name alone.
impl fmt::Debug for Franked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Franked")
    }
}

/// For a sealed record.
impl Serialize for FrankingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for FrankingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Zeroizing::new(<[u8; KEY_BYTES]>::deserialize(deserializer)?);
        Ok(Self(Secret::filled(|secret| *secret = *bytes)))
    }
}
