//! Leaves and their credentials: what this device shows, and what it takes from others.

use super::NotAllowed;
use crate::suite::ciphersuite;
use crate::{Device, verify_credential};
use ed25519_dalek::Signer as _;
use openmls::prelude::{
    BasicCredential, Capabilities, Credential, CredentialType, CredentialWithKey, ExtensionType, Lifetime,
    ProtocolVersion, SignaturePublicKey, SignatureScheme,
};
use openmls_traits::signatures::{Signer, SignerError};
use sotto_protocol::{DeviceCredential, Suite, Timestamp, chat_rules};

/// The device's key, as OpenMLS signs with it.
pub(crate) struct DeviceSigner<'a>(pub(crate) &'a Device);

impl Signer for DeviceSigner<'_> {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.signing_key().sign(payload).to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// What the device's leaf shows.
pub(crate) fn credential_with_key(device: &Device) -> CredentialWithKey {
    let credential = device.credential();
    CredentialWithKey {
        credential: BasicCredential::new(credential.encode()).into(),
        signature_key: SignaturePublicKey::from(credential.device_key.as_bytes().as_slice()),
    }
}

/// What the device's leaf says that it understands: both suites, our extension, last-resort KeyPackages.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities::builder()
        .versions(vec![ProtocolVersion::Mls10])
        .ciphersuites(Suite::ALL.into_iter().map(ciphersuite).collect())
        .extensions(vec![
            ExtensionType::Unknown(chat_rules::EXTENSION_TYPE),
            ExtensionType::LastResort,
        ])
        .credentials(vec![CredentialType::Basic])
        .build()
}

/// The credential in a leaf, if it is what it says: signed by its identity key, and for the key that the leaf is signed
/// with. Whether that identity is the right one is the chat's rules' to say.
pub(crate) fn verified(
    credential: &Credential,
    signature_key: &[u8],
) -> Result<DeviceCredential, NotAllowed> {
    let credential = decode(credential)?;
    if credential.device_key.as_bytes() != signature_key {
        return Err(NotAllowed::SignatureKey);
    }
    verify_credential(&credential)?;
    Ok(credential)
}

/// The credential in a leaf that was checked when it came in.
pub(crate) fn decode(credential: &Credential) -> Result<DeviceCredential, NotAllowed> {
    if credential.credential_type() != CredentialType::Basic {
        return Err(NotAllowed::MalformedCredential);
    }
    DeviceCredential::decode(credential.serialized_content()).map_err(|_| NotAllowed::MalformedCredential)
}

/// How long a KeyPackage may be used to invite its device.
pub(crate) const KEY_PACKAGE_DAYS: u64 = 90;
/// How far two clocks may be apart.
const SKEW_SECONDS: u64 = SECONDS_PER_DAY;
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
/// A hundred years.
const HORIZON_SECONDS: u64 = 36_525 * SECONDS_PER_DAY;

/// The Lifetime (RFC 9420, section 7.2) of a leaf made now.
///
/// Members have to agree whether a Commit is valid, and one that was away for half a year has to be able to follow the
/// log, so validity must not hang on a receiver's clock; but OpenMLS compares every added leaf's Lifetime with the
/// machine's. So the Lifetime on the wire is open: it ends a hundred years after the KeyPackage should be used no more.
/// Who invites goes by [`check_lifetime`] and the clock it was given: a KeyPackage that was kept back is refused there.
pub(crate) fn lifetime(now: Timestamp) -> Lifetime {
    let seconds = KEY_PACKAGE_DAYS * SECONDS_PER_DAY + HORIZON_SECONDS;
    Lifetime::init(0, (now.0 / 1000).saturating_add(seconds))
}

/// When a leaf's Lifetime was made, in seconds since the Unix epoch.
fn made_at(lifetime: &Lifetime) -> Option<u64> {
    let seconds = KEY_PACKAGE_DAYS * SECONDS_PER_DAY + HORIZON_SECONDS;
    (lifetime.not_before() == 0)
        .then(|| lifetime.not_after().checked_sub(seconds))
        .flatten()
}

/// Whether a leaf with this Lifetime may be invited now: not older than [`KEY_PACKAGE_DAYS`], and not of the future.
pub(crate) fn check_lifetime(lifetime: &Lifetime, now: Timestamp) -> Result<(), LifetimeError> {
    let now = now.0 / 1000;
    let made_at = made_at(lifetime).ok_or(LifetimeError::Other)?;
    if made_at > now.saturating_add(SKEW_SECONDS) {
        Err(LifetimeError::Other)
    } else if made_at.saturating_add(KEY_PACKAGE_DAYS * SECONDS_PER_DAY + SKEW_SECONDS) < now {
        Err(LifetimeError::Expired)
    } else {
        Ok(())
    }
}

/// Why a leaf is not invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifetimeError {
    /// Too old.
    Expired,
    /// Of the future, or longer than ours are.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 1000 * SECONDS_PER_DAY;
    const NOW: Timestamp = Timestamp(20_000 * DAY);

    #[test]
    fn a_leaf_is_invited_for_its_days_and_a_clocks_error() {
        let lifetime = lifetime(NOW);
        assert_eq!(check_lifetime(&lifetime, NOW), Ok(()));
        assert_eq!(check_lifetime(&lifetime, Timestamp(NOW.0 - DAY)), Ok(()));
        assert_eq!(
            check_lifetime(&lifetime, Timestamp(NOW.0 - 2 * DAY)),
            Err(LifetimeError::Other)
        );
        let last = Timestamp(NOW.0 + (KEY_PACKAGE_DAYS + 1) * DAY);
        assert_eq!(check_lifetime(&lifetime, last), Ok(()));
        let after = Timestamp(last.0 + DAY);
        assert_eq!(check_lifetime(&lifetime, after), Err(LifetimeError::Expired));
    }

    #[test]
    fn a_lifetime_that_is_not_ours_is_refused() {
        for (from, to) in [
            (0, u64::MAX),
            (0, 0),
            (1, lifetime(NOW).not_after()),
            (0, NOW.0 / 1000),
        ] {
            assert!(check_lifetime(&Lifetime::init(from, to), NOW).is_err());
        }
    }
}
