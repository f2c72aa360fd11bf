//! The MLS cipher suites that Sotto speaks, and how many devices a chat with each can have.

use crate::limits;
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

    /// Devices that a chat with this suite can have: so many that its GroupInfo and the Welcome of a batch stay within
    /// [`limits::HANDSHAKE_BYTES`], whoever has committed what.
    #[must_use]
    pub const fn most_devices(self) -> usize {
        match self {
            Self::XWing => limits::HYBRID_CHAT_DEVICES,
            Self::X25519 => limits::LARGE_GROUP_DEVICES,
        }
    }

    /// Whether what is said in a chat with this suite stays closed to a later quantum computer.
    #[must_use]
    pub const fn is_post_quantum(self) -> bool {
        match self {
            Self::XWing => true,
            Self::X25519 => false,
        }
    }
}

/// How large a group can become. That is decided when it is made, with its suite, and for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupSize {
    /// At most [`limits::HYBRID_CHAT_DEVICES`], protected against a later quantum computer.
    #[default]
    Normal,
    /// At most [`limits::LARGE_GROUP_DEVICES`], **not** protected against a later quantum computer: whoever makes such a group
    /// is to be told.
    Large,
}

impl GroupSize {
    /// The suite of groups of this size.
    #[must_use]
    pub const fn suite(self) -> Suite {
        match self {
            Self::Normal => Suite::XWing,
            Self::Large => Suite::X25519,
        }
    }

    /// The size of groups with this suite.
    #[must_use]
    pub const fn of(suite: Suite) -> Self {
        match suite {
            Suite::XWing => Self::Normal,
            Suite::X25519 => Self::Large,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_the_suite_of_its_size() {
        for size in [GroupSize::Normal, GroupSize::Large] {
            assert_eq!(GroupSize::of(size.suite()), size);
        }
        assert!(GroupSize::Normal.suite().is_post_quantum());
        assert!(!GroupSize::Large.suite().is_post_quantum());
        assert!(GroupSize::Normal.suite().most_devices() < GroupSize::Large.suite().most_devices());
    }
}
