//! OpenMLS's crypto provider, straight on dalek and `RustCrypto`: both suites, one place to audit.
//!
//! | | [`Suite::X25519`], 0x0003 | [`Suite::XWing`], 0x004D |
//! | --- | --- | --- |
//! | HPKE (RFC 9180) KEM | DHKEM(X25519, HKDF-SHA256), 0x0020 | X-Wing: ML-KEM-768 + X25519, 0x647A |
//! | HPKE KDF, AEAD | HKDF-SHA256, ChaCha20-Poly1305 | the same |
//! | hash, MAC, KDF | SHA-256, HMAC, HKDF | the same |
//! | AEAD | ChaCha20-Poly1305 | the same |
//! | signatures | Ed25519, verified strictly | the same |
//!
//! OpenMLS names the hybrid KEM `XWingKemDraft6` and numbers it as the suite. The number that enters HPKE's key schedule
//! is X-Wing's own, 0x647A (draft-connolly-cfrg-xwing-kem), here as in OpenMLS's other providers.
//!
//! Public so that tests and other implementations can be run against it. Whoever writes a client uses [`crate::Chat`].

mod crypto;
mod hpke;
mod random;

pub use crypto::SuiteCrypto;
pub(crate) use hpke::Hpke;

use openmls_traits::types::Ciphersuite;
use sotto_protocol::Suite;

/// The suite in OpenMLS's type.
#[must_use]
pub const fn ciphersuite(suite: Suite) -> Ciphersuite {
    match suite {
        Suite::XWing => Ciphersuite::MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519,
        Suite::X25519 => Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
    }
}

/// The suite that this is, if it is one of ours.
#[must_use]
pub fn suite_of(ciphersuite: Ciphersuite) -> Option<Suite> {
    Suite::from_code_point(ciphersuite as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suites_have_the_code_points_that_the_wire_says() {
        for suite in Suite::ALL {
            assert_eq!(ciphersuite(suite) as u16, suite.code_point());
            assert_eq!(suite_of(ciphersuite(suite)), Some(suite));
        }
        assert_eq!(
            suite_of(Ciphersuite::MLS_128_DHKEMP256_AES128GCM_SHA256_P256),
            None
        );
    }
}
