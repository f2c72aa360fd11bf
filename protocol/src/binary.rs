//! Binary values: base64url without padding in JSON, length-prefixed bytes in frames.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// Opaque bytes in a REST body. `Debug` prints the length alone: what is inside may be a person's words.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Binary(pub Bytes);

impl Binary {
    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<Bytes> for Binary {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binary({} bytes)", self.0.len())
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&encode(&self.0))
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = Cow::<'de, str>::deserialize(deserializer)?;
            URL_SAFE_NO_PAD
                .decode(text.as_bytes())
                .map(Self::from)
                .map_err(|_| serde::de::Error::custom("expected unpadded base64url"))
        } else {
            Bytes::deserialize(deserializer).map(Self)
        }
    }
}

/// Unpadded base64url (RFC 4648, section 5).
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that `text` encodes, or `None` if it encodes none. The caller bounds its length.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The `N` bytes that `text` encodes, or `None` if it encodes anything else.
pub(crate) fn decode_exactly<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Longer text cannot be right, and a stranger chooses how long it is.
    if text.len() > N * 4 / 3 + 2 {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
