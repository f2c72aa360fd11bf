//! KeyPackages (RFC 9420, section 10): one's own, and those of devices to be invited.

use crate::chat::leaf::{self, DeviceSigner, LifetimeError};
use crate::chat::{NotAllowed, key_package_ref};
use crate::mls_store::{Kind, MlsRecords, Provider, RecordChange, StorageError};
use crate::suite::{SuiteCrypto, ciphersuite};
use crate::{Device, MlsError, SecretBytes};
use core::fmt;
use openmls::prelude::{
    ExtensionType, KeyPackage, KeyPackageBundle, KeyPackageRef, MlsMessageBodyIn, MlsMessageIn,
    MlsMessageOut, ProtocolVersion,
};
use rand_core::CryptoRng;
use sotto_protocol::{
    AccountId, DeviceAddress, DeviceCredential, DeviceList, IdentityKey, Suite, Timestamp, chat_rules, limits,
};
use tls_codec::DeserializeBytes as _;

/// The private halves of this device's KeyPackages: what it needs to open a Welcome.
pub struct KeyPackages {
    records: MlsRecords,
}

/// The KeyPackage could not be made or stored.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The records are damaged: the KeyPackages have to be made anew.
    #[error("the records of the KeyPackages cannot be read")]
    Damaged,
    /// OpenMLS refused: a bug.
    #[error(transparent)]
    Mls(MlsError),
}

impl KeyPackages {
    /// Of a device that has none yet.
    #[must_use]
    pub fn new() -> Self {
        Self::from_records([])
    }

    /// Those whose records were stored.
    #[must_use]
    pub fn from_records(records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        Self {
            records: MlsRecords::from_stored(records),
        }
    }

    /// A new KeyPackage, as an `MLSMessage` of some 350 (X25519) or 2,700 bytes (X-Wing). Its private half is in the next
    /// [`Self::take_changes`]: store it before the KeyPackage is published.
    ///
    /// One for general use serves one Welcome and its private half is then deleted. One of last resort serves any number,
    /// and should be replaced every few weeks.
    pub fn generate(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        suite: Suite,
        now: Timestamp,
        last_resort: bool,
    ) -> Result<Vec<u8>, GenerateError> {
        let mut builder = KeyPackage::builder()
            .key_package_lifetime(leaf::lifetime(now))
            .leaf_node_capabilities(leaf::capabilities());
        if last_resort {
            builder = builder.mark_as_last_resort();
        }
        let provider = Provider::new(SuiteCrypto::new(rng), &mut self.records);
        let built = builder
            .build(
                ciphersuite(suite),
                &provider,
                &DeviceSigner(device),
                leaf::credential_with_key(device),
            )
            .map_err(MlsError::new)
            .and_then(|bundle| {
                MlsMessageOut::from(bundle.into_key_package())
                    .to_bytes()
                    .map_err(MlsError::new)
            });
        match built {
            Ok(key_package) => {
                self.records.keep();
                Ok(key_package)
            }
            Err(error) => {
                self.records.undo();
                Err(GenerateError::Mls(error))
            }
        }
    }

    /// How many there are, those of last resort among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.keys(&Kind::KeyPackage.key()).count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Deletes those that nobody may use for an invitation any more, and says how many they were.
    pub fn delete_expired(&mut self, now: Timestamp) -> Result<usize, GenerateError> {
        let keys: Vec<Vec<u8>> = self
            .records
            .keys(&Kind::KeyPackage.key())
            .map(<[u8]>::to_vec)
            .collect();
        let mut expired = Vec::new();
        for key in keys {
            let bundle = self.bundle(&key).map_err(|_| GenerateError::Damaged)?;
            if leaf::check_lifetime(bundle.key_package().life_time(), now) == Err(LifetimeError::Expired) {
                expired.push(key);
            }
        }
        for key in &expired {
            self.records.delete(key);
        }
        self.records.keep();
        Ok(expired.len())
    }

    /// What has changed since the last call: to be written in one batch with what it belongs to.
    pub fn take_changes(&mut self) -> Vec<RecordChange> {
        self.records.take_changes()
    }

    fn bundle(&self, key: &[u8]) -> Result<KeyPackageBundle, StorageError> {
        let value = self.records.get(key).ok_or(StorageError)?;
        postcard::from_bytes(value).map_err(|_| StorageError)
    }

    /// The KeyPackage that is referred to, if it is one of ours.
    pub(crate) fn find(&self, reference: &KeyPackageRef) -> Result<Option<StoredKeyPackage>, StorageError> {
        let key = Kind::KeyPackage.key_of(reference)?;
        let Some(value) = self.records.get(&key) else {
            return Ok(None);
        };
        let value = value.to_vec().into();
        let last_resort = self.bundle(&key)?.key_package().last_resort();
        Ok(Some(StoredKeyPackage {
            key,
            value,
            last_resort,
        }))
    }

    /// Forgets a KeyPackage that has served.
    pub(crate) fn delete(&mut self, key: &[u8]) {
        self.records.delete(key);
        self.records.keep();
    }
}

/// The record of a KeyPackage.
pub(crate) struct StoredKeyPackage {
    pub(crate) key: Vec<u8>,
    pub(crate) value: SecretBytes,
    pub(crate) last_resort: bool,
}

impl fmt::Debug for KeyPackages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPackages")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Default for KeyPackages {
    fn default() -> Self {
        Self::new()
    }
}

/// A KeyPackage that was checked: of a device that may be invited.
#[derive(Clone)]
pub struct InvitedDevice {
    pub(crate) key_package: KeyPackage,
    credential: DeviceCredential,
    suite: Suite,
    reference: sotto_protocol::KeyPackageRef,
}

impl fmt::Debug for InvitedDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InvitedDevice").field(&self.address()).finish()
    }
}

/// A KeyPackage is refused: its device is not invited.
#[derive(Debug, thiserror::Error)]
pub enum KeyPackageError {
    /// No KeyPackage, or not a valid one (RFC 9420, section 10.1).
    #[error("not a valid KeyPackage")]
    Malformed,
    /// For another suite than the chat's.
    #[error("the KeyPackage is for another suite")]
    OtherSuite,
    /// Its credential does not prove what it claims.
    #[error(transparent)]
    Credential(NotAllowed),
    /// The device is another account's.
    #[error("the KeyPackage is of a device of another account")]
    OtherAccount,
    /// The device shows another identity key than the account's.
    #[error("the KeyPackage shows another identity key than the account's")]
    OtherIdentity,
    /// The device is not on the account's signed list: the server may have slipped it in, or it was removed.
    #[error("the device is not on the account's list")]
    NotListed,
    /// Too old to be used: ask for another.
    #[error("the KeyPackage has expired")]
    Expired,
    /// Its Lifetime is not one that our devices make.
    #[error("the KeyPackage's lifetime is not acceptable")]
    Lifetime,
    /// The device does not understand what a chat requires.
    #[error("the device does not support chats of ours")]
    Capabilities,
}

impl InvitedDevice {
    /// Checks a KeyPackage that the server handed out: its signatures, that it is of `account`, shows the account's
    /// `identity_key`, is of a device on the account's verified device list, and may still be used.
    pub fn verify(
        key_package: &[u8],
        suite: Suite,
        now: Timestamp,
        identity_key: IdentityKey,
        account: AccountId,
        devices: &DeviceList,
    ) -> Result<Self, KeyPackageError> {
        if key_package.len() > limits::KEY_PACKAGE_BYTES {
            return Err(KeyPackageError::Malformed);
        }
        let message =
            MlsMessageIn::tls_deserialize_exact_bytes(key_package).map_err(|_| KeyPackageError::Malformed)?;
        let MlsMessageBodyIn::KeyPackage(key_package) = message.extract() else {
            return Err(KeyPackageError::Malformed);
        };
        let key_package = key_package
            .validate(&SuiteCrypto::without_randomness(), ProtocolVersion::Mls10)
            .map_err(|_| KeyPackageError::Malformed)?;
        if key_package.ciphersuite() != ciphersuite(suite) {
            return Err(KeyPackageError::OtherSuite);
        }
        let node = key_package.leaf_node();
        let credential = leaf::verified(node.credential(), node.signature_key().as_slice())
            .map_err(KeyPackageError::Credential)?;
        if credential.account != account || devices.account != account {
            return Err(KeyPackageError::OtherAccount);
        }
        if credential.identity_key != identity_key || devices.identity_key != identity_key {
            return Err(KeyPackageError::OtherIdentity);
        }
        if !devices.contains(credential.device, credential.device_key) {
            return Err(KeyPackageError::NotListed);
        }
        leaf::check_lifetime(key_package.life_time(), now).map_err(|error| match error {
            LifetimeError::Expired => KeyPackageError::Expired,
            LifetimeError::Other => KeyPackageError::Lifetime,
        })?;
        let understood = node.capabilities().extensions();
        if !understood.contains(&ExtensionType::Unknown(chat_rules::EXTENSION_TYPE)) {
            return Err(KeyPackageError::Capabilities);
        }
        let reference = key_package_ref(&key_package).map_err(|_| KeyPackageError::Malformed)?;
        Ok(Self {
            key_package,
            credential,
            suite,
            reference,
        })
    }

    /// The device and its account.
    #[must_use]
    pub const fn address(&self) -> DeviceAddress {
        self.credential.address()
    }

    /// Its credential.
    #[must_use]
    pub const fn credential(&self) -> &DeviceCredential {
        &self.credential
    }

    /// The reference of the KeyPackage (RFC 9420, section 5.2).
    #[must_use]
    pub const fn reference(&self) -> sotto_protocol::KeyPackageRef {
        self.reference
    }

    pub(crate) const fn suite(&self) -> Suite {
        self.suite
    }
}
