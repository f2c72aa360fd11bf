//! The MLS credential of a device (RFC 9420, section 5.3).

use crate::{AccountId, DeviceAddress, DeviceId, DeviceKey, IdentityKey, Signature};
use serde::{Deserialize, Serialize};

/// Says that a device belongs to an account: the identity of an MLS `basic` credential, postcard-encoded after a
/// version byte.
///
/// Only `sotto-crypto-core` can tell whether the signature holds; to everyone else this is a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCredential {
    /// The account.
    pub account: AccountId,
    /// The device.
    pub device: DeviceId,
    /// The signature key of the device's MLS leaf.
    pub device_key: DeviceKey,
    /// The account's identity key.
    pub identity_key: IdentityKey,
    /// The identity key's signature over all of the above.
    pub signature: Signature,
}

/// The bytes are no device credential of a version that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a device credential of a known version")]
pub struct MalformedCredential;

const VERSION: u8 = 1;

impl DeviceCredential {
    /// Length of an encoded credential in bytes.
    pub const ENCODED_LENGTH: usize = 1 + SIGNED_LENGTH + Signature::LENGTH;

    /// The account and device.
    #[must_use]
    pub const fn address(&self) -> DeviceAddress {
        DeviceAddress {
            account: self.account,
            device: self.device,
        }
    }

    /// What the signature covers, before domain separation: every field but the signature, at fixed lengths.
    #[must_use]
    pub fn signed_bytes(
        account: AccountId,
        device: DeviceId,
        device_key: DeviceKey,
        identity_key: IdentityKey,
    ) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIGNED_LENGTH);
        bytes.extend_from_slice(account.as_bytes());
        bytes.extend_from_slice(device.as_bytes());
        bytes.extend_from_slice(device_key.as_bytes());
        bytes.extend_from_slice(identity_key.as_bytes());
        bytes
    }

    /// The credential's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::ENCODED_LENGTH);
        bytes.push(VERSION);
        bytes.extend(Self::signed_bytes(
            self.account,
            self.device,
            self.device_key,
            self.identity_key,
        ));
        bytes.extend_from_slice(self.signature.as_bytes());
        bytes
    }

    /// The credential that `bytes` are, and nothing after it.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedCredential> {
        let (&version, fields) = bytes.split_first().ok_or(MalformedCredential)?;
        if version != VERSION || bytes.len() != Self::ENCODED_LENGTH {
            return Err(MalformedCredential);
        }
        postcard::from_bytes(fields).map_err(|_| MalformedCredential)
    }
}

const SIGNED_LENGTH: usize = AccountId::LENGTH + DeviceId::LENGTH + DeviceKey::LENGTH + IdentityKey::LENGTH;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn credential() -> DeviceCredential {
        DeviceCredential {
            account: AccountId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
            device_key: DeviceKey::from_bytes([3; 32]),
            identity_key: IdentityKey::from_bytes([4; 32]),
            signature: Signature::from_bytes([5; 64]),
        }
    }

    #[test]
    fn a_credential_survives_encoding() {
        let encoded = credential().encode();
        assert_eq!(encoded.len(), DeviceCredential::ENCODED_LENGTH);
        assert_eq!(DeviceCredential::decode(&encoded), Ok(credential()));
    }

    #[test]
    fn a_credential_cut_anywhere_or_continued_is_refused() {
        let mut encoded = credential().encode();
        for length in 0..encoded.len() {
            assert_eq!(
                DeviceCredential::decode(&encoded[..length]),
                Err(MalformedCredential)
            );
        }
        encoded.push(0);
        assert_eq!(DeviceCredential::decode(&encoded), Err(MalformedCredential));
    }

    #[test]
    fn a_credential_of_another_version_is_refused() {
        let mut encoded = credential().encode();
        encoded[0] = 2;
        assert_eq!(DeviceCredential::decode(&encoded), Err(MalformedCredential));
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(mut bytes in proptest::collection::vec(any::<u8>(), DeviceCredential::ENCODED_LENGTH)) {
            bytes[0] = VERSION;
            prop_assert_eq!(DeviceCredential::decode(&bytes).unwrap().encode(), bytes);
        }
    }
}
