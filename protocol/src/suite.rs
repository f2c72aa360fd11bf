//! The MLS cipher suites that Sotto speaks.

use serde::{Deserialize, Serialize};

/// An MLS cipher suite. A chat's suite is fixed at its birth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// Hybrid post-quantum: X-Wing (ML-KEM-768 + X25519), ChaCha20-Poly1305, SHA-256, Ed25519. Code point 0x004D
    /// of draft-ietf-mls-pq-ciphersuites.
    #[default]
    XWing,
    /// `MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519`, code point 0x0003 (RFC 9420, section 17.1).
    X25519,
}

impl Suite {
    /// Every suite, the preferred one first.
    pub const ALL: [Self; 2] = [Self::XWing, Self::X25519];

    /// The suite's MLS code point.
    #[must_use]
    pub const fn code_point(self) -> u16 {
        match self {
            Self::XWing => 0x004D,
            Self::X25519 => 0x0003,
        }
    }

    /// The suite with this MLS code point, if Sotto speaks it.
    #[must_use]
    pub fn from_code_point(code_point: u16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.code_point() == code_point)
    }
}
