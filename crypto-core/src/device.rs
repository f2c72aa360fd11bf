//! A device's signature key and credential, and the checks that everyone makes on those of others.

use crate::signature::{is_signed, verifying_key};
use crate::{Identity, Label, Secret, SecretBytes};
use core::fmt;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use sotto_protocol::{
    AccountId, DeviceAddress, DeviceCredential, DeviceId, DeviceKey, DeviceList, IdentityKey,
    SignedDeviceList,
};

/// This device: its Ed25519 key pair, made here and never leaving it, and the credential that the account's identity
/// key signed for it.
#[derive(Clone)]
pub struct Device {
    credential: DeviceCredential,
    key: SigningKey,
}

const VERSION: u8 = 1;

impl Device {
    /// A new device of the account: a fresh key pair, signed by the account's identity.
    #[must_use]
    pub fn generate(
        rng: &mut impl CryptoRng,
        account: AccountId,
        device: DeviceId,
        identity: &Identity,
    ) -> Self {
        let key = SigningKey::from_bytes(Secret::generate(rng).expose());
        let device_key = DeviceKey::from_bytes(key.verifying_key().to_bytes());
        Self {
            credential: identity.sign_device(account, device, device_key),
            key,
        }
    }

    /// The public credential.
    #[must_use]
    pub const fn credential(&self) -> &DeviceCredential {
        &self.credential
    }

    /// The account and device.
    #[must_use]
    pub const fn address(&self) -> DeviceAddress {
        self.credential.address()
    }

    /// The key pair of the device's MLS leaf.
    pub(crate) const fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// The device as a record for its own sealed store: a version byte, the credential, the key's seed.
    #[must_use]
    pub fn encode(&self) -> SecretBytes {
        let mut bytes = Vec::with_capacity(1 + DeviceCredential::ENCODED_LENGTH + SEED_LENGTH);
        bytes.push(VERSION);
        bytes.extend(self.credential.encode());
        bytes.extend_from_slice(self.key.as_bytes());
        bytes.into()
    }

    /// The device that [`Self::encode`] wrote. The key pair has to be the credential's, and the credential has to hold.
    pub fn decode(bytes: &[u8]) -> Result<Self, DeviceRecordError> {
        let (&version, fields) = bytes.split_first().ok_or(DeviceRecordError::Malformed)?;
        if version != VERSION {
            return Err(DeviceRecordError::Malformed);
        }
        let (credential, seed) = fields
            .split_at_checked(DeviceCredential::ENCODED_LENGTH)
            .ok_or(DeviceRecordError::Malformed)?;
        let credential = DeviceCredential::decode(credential).map_err(|_| DeviceRecordError::Malformed)?;
        let seed = Secret::try_from(seed).map_err(|_| DeviceRecordError::Malformed)?;
        let key = SigningKey::from_bytes(seed.expose());
        if key.verifying_key().as_bytes() != credential.device_key.as_bytes() {
            return Err(DeviceRecordError::OtherKey);
        }
        verify_credential(&credential)?;
        Ok(Self { credential, key })
    }
}

const SEED_LENGTH: usize = 32;

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.address()).finish()
    }
}

/// The bytes are no [`Device`]: the store is damaged, and the device has to be enrolled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRecordError {
    /// Cut, continued, or of a version that is not known here.
    #[error("not a device record of a known version")]
    Malformed,
    /// The key pair is not the one in the credential.
    #[error("the device's key is not the one in its credential")]
    OtherKey,
    /// The credential does not hold.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// A credential does not prove what it claims: whoever shows it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The identity key is no point of the curve, or one of small order.
    #[error("the credential's identity key is no Ed25519 key")]
    IdentityKey,
    /// The device key is no point of the curve, or one of small order: signatures by it would prove nothing.
    #[error("the credential's device key is no Ed25519 key")]
    DeviceKey,
    /// The identity key did not sign this.
    #[error("the credential is not signed by its identity key")]
    Signature,
}

/// Checks that the credential's identity key signed all of it. Whether that identity key is the account's is the
/// caller's to know: compare it with the one that is on record.
pub fn verify_credential(credential: &DeviceCredential) -> Result<(), CredentialError> {
    let identity_key =
        verifying_key(credential.identity_key.as_bytes()).ok_or(CredentialError::IdentityKey)?;
    verifying_key(credential.device_key.as_bytes()).ok_or(CredentialError::DeviceKey)?;
    let signed = DeviceCredential::signed_bytes(
        credential.account,
        credential.device,
        credential.device_key,
        credential.identity_key,
    );
    if is_signed(
        &identity_key,
        Label::DeviceCredential,
        &signed,
        &credential.signature,
    ) {
        Ok(())
    } else {
        Err(CredentialError::Signature)
    }
}

/// A device list is refused; the list that was known before stays in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceListError {
    /// The identity key given did not sign these bytes: they were altered, or the account's identity has changed.
    #[error("the device list is not signed by the account's identity key")]
    Signature,
    /// Signed, but no list of a version that is known here: a newer client wrote it.
    #[error("not a device list of a known version")]
    Malformed,
    /// The list of another account, or one that names another identity key than signed it.
    #[error("the device list is another account's")]
    OtherAccount,
    /// Older than a list that was seen before: a removed device would come back.
    #[error("device list {version} is older than {at_least}, which was seen before")]
    RolledBack {
        /// The list's version.
        version: u64,
        /// The version seen before.
        at_least: u64,
    },
}

/// The list, if `identity_key` signed exactly these bytes, it is `account`'s, and it is not older than
/// `version_at_least` (0 if none was seen before).
pub fn verify_device_list(
    signed: &SignedDeviceList,
    account: AccountId,
    identity_key: IdentityKey,
    version_at_least: u64,
) -> Result<DeviceList, DeviceListError> {
    let key = verifying_key(identity_key.as_bytes()).ok_or(DeviceListError::Signature)?;
    if !is_signed(&key, Label::DeviceList, signed.list.as_slice(), &signed.signature) {
        return Err(DeviceListError::Signature);
    }
    let list = signed.claimed().map_err(|_| DeviceListError::Malformed)?;
    if list.account != account || list.identity_key != identity_key {
        return Err(DeviceListError::OtherAccount);
    }
    if list.version < version_at_least {
        return Err(DeviceListError::RolledBack {
            version: list.version,
            at_least: version_at_least,
        });
    }
    Ok(list)
}
