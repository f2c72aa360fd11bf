//! How a device asks in a group for what only some may have, and another one answers it alone.
//!
//! Question and answer are messages in the group, so each knows by MLS who the other is. The answer is sealed once more, for the
//! asking device, as the other members read the messages too: HPKE (RFC 9180) in base mode with X-Wing, HKDF-SHA-256 and
//! ChaCha20-Poly1305, to a key that was made for this question and is forgotten with it. Its `info` binds what kind of answer it is,
//! the group and both devices.

use crate::suite::Hpke;
use crate::{Label, Secret, SecretBytes};
use core::fmt;
use openmls_traits::types::{HpkeCiphertext, HpkeKeyPair};
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sotto_protocol::{Binary, ChatId, DeviceAddress};
use zeroize::Zeroizing;

/// Bytes of an X-Wing public key.
const PUBLIC_KEY_BYTES: usize = 1216;
/// Bytes of an X-Wing encapsulation.
const ENCAPSULATION_BYTES: usize = 1120;
/// Bytes of an AEAD tag.
const TAG_BYTES: usize = 16;

/// The X-Wing public key that an answer is sealed to, made for one question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswerKey {
    key: Binary,
}

/// An answer, sealed for the device that asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SealedAnswer {
    pub(crate) to: DeviceAddress,
    /// X-Wing's encapsulation.
    encapsulated: Binary,
    sealed: Binary,
}

/// What opens the answer to one question: the key pair of the question is derived from it.
#[derive(Clone)]
pub struct AnswerSecret(Secret<32>);

/// Between whom an answer goes, and what it is.
#[derive(Clone, Copy)]
pub(crate) struct AnswerContext {
    pub(crate) label: Label,
    pub(crate) group: ChatId,
    /// The device that answers.
    pub(crate) from: DeviceAddress,
    /// The device that asked.
    pub(crate) to: DeviceAddress,
}

impl AnswerContext {
    /// HPKE's `info`: label, group, the device that answers, the device that asked, at fixed lengths.
    pub(crate) fn info(&self) -> Vec<u8> {
        let ids = [
            self.group.as_bytes().as_slice(),
            self.from.account.as_bytes(),
            self.from.device.as_bytes(),
            self.to.account.as_bytes(),
            self.to.device.as_bytes(),
        ];
        self.label.prefix(&ids.concat())
    }
}

impl AnswerKey {
    /// Of a new question, and what opens its answer.
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> (Self, AnswerSecret) {
        let secret = AnswerSecret(Secret::generate(rng));
        let key = Binary::from(secret.key_pair().public);
        (Self { key }, secret)
    }

    /// Whether the key is as long as one is.
    pub(crate) fn is_sound(&self) -> bool {
        self.key.as_slice().len() == PUBLIC_KEY_BYTES
    }

    /// Seals an answer. `None` if what was sent is no public key.
    pub(crate) fn seal(
        &self,
        rng: &mut impl CryptoRng,
        context: &AnswerContext,
        answer: &[u8],
    ) -> Option<SealedAnswer> {
        let HpkeCiphertext {
            kem_output,
            ciphertext,
        } = Hpke::XWing
            .seal(rng, self.key.as_slice(), &context.info(), &[], answer)
            .ok()?;
        Some(SealedAnswer {
            to: context.to,
            encapsulated: Binary::from(kem_output.as_slice().to_vec()),
            sealed: Binary::from(ciphertext.as_slice().to_vec()),
        })
    }
}

impl SealedAnswer {
    /// Whether its parts are as long as those of an answer of so many bytes are.
    pub(crate) fn is_sound(&self, answer_bytes: usize) -> bool {
        self.encapsulated.as_slice().len() == ENCAPSULATION_BYTES
            && self.sealed.as_slice().len() == answer_bytes + TAG_BYTES
    }

    /// The answer; `None` if it was sealed for another question, or is of another device or group than it says.
    pub(crate) fn open(&self, secret: &AnswerSecret, context: &AnswerContext) -> Option<SecretBytes> {
        let ciphertext = HpkeCiphertext {
            kem_output: self.encapsulated.as_slice().to_vec().into(),
            ciphertext: self.sealed.as_slice().to_vec().into(),
        };
        Hpke::XWing
            .open(&ciphertext, &secret.key_pair().private, &context.info(), &[])
            .map(SecretBytes::from)
            .ok()
    }
}

impl AnswerSecret {
    fn key_pair(&self) -> HpkeKeyPair {
        Hpke::XWing.derive_key_pair(self.0.expose())
    }
}

/// For a sealed record.
impl Serialize for AnswerSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.expose().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AnswerSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Zeroizing::new(<[u8; 32]>::deserialize(deserializer)?);
        Ok(Self(Secret::filled(|secret| *secret = *bytes)))
    }
}

impl fmt::Debug for AnswerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerSecret")
    }
}
