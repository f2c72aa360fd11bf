//! The account's root secret and the identity key that comes of it.

use crate::secret::WrongSecretLength;
use crate::signature::sign;
use crate::{Label, Secret};
use core::fmt;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use sotto_protocol::{
    AccountId, Binary, DeviceCredential, DeviceId, DeviceKey, DeviceList, IdentityKey, Signature,
    SignedDeviceList,
};

/// The account's root: 32 random bytes of which every other secret of the account is derived. It leaves a device only
/// sealed, in the vault.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRoot(Secret<32>);

impl AccountRoot {
    /// A new account's root.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// The root that a vault or a sealed record held. The caller's own copy is the caller's to wipe.
    #[must_use]
    pub fn from_bytes(root: [u8; 32]) -> Self {
        Self(Secret::from_bytes(root))
    }

    /// The root's bytes: to be sealed, and for nothing else.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The account's identity key.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let seed = Label::IdentityKey.derive(&self.0);
        Identity(SigningKey::from_bytes(seed.expose()))
    }

    /// Seals the account's archive.
    #[must_use]
    pub fn archive_key(&self) -> Secret<32> {
        Label::ArchiveKey.derive(&self.0)
    }

    /// Authenticates what is in the account's exports.
    #[must_use]
    pub fn export_key(&self) -> Secret<32> {
        Label::ExportBlock.derive(&self.0)
    }

    /// Seals the part of the profile that is for contacts alone.
    #[must_use]
    pub fn profile_key(&self) -> Secret<32> {
        Label::ProfileKey.derive(&self.0)
    }

    /// Seals the account's private records on the server.
    #[must_use]
    pub fn vault_record_key(&self) -> Secret<32> {
        Label::VaultRecordKey.derive(&self.0)
    }
}

/// As [`AccountRoot::from_bytes`], from a record.
impl TryFrom<&[u8]> for AccountRoot {
    type Error = WrongSecretLength;

    fn try_from(root: &[u8]) -> Result<Self, Self::Error> {
        Secret::try_from(root).map(Self)
    }
}

impl fmt::Debug for AccountRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountRoot")
    }
}

/// The account's Ed25519 key pair (RFC 8032). It signs the account's devices and the list of them.
#[derive(Clone)]
pub struct Identity(SigningKey);

impl Identity {
    /// The public half: the account's identity key.
    #[must_use]
    pub fn public_key(&self) -> IdentityKey {
        IdentityKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// The credential that makes a device one of the account's.
    #[must_use]
    pub fn sign_device(
        &self,
        account: AccountId,
        device: DeviceId,
        device_key: DeviceKey,
    ) -> DeviceCredential {
        let identity_key = self.public_key();
        let signed = DeviceCredential::signed_bytes(account, device, device_key, identity_key);
        DeviceCredential {
            account,
            device,
            device_key,
            identity_key,
            signature: self.sign(Label::DeviceCredential, &signed),
        }
    }

    /// Signs a list of the account's devices. The signed list names this identity key, whatever `list` names.
    #[must_use]
    pub fn sign_device_list(&self, list: &DeviceList) -> SignedDeviceList {
        let list = DeviceList {
            identity_key: self.public_key(),
            ..list.clone()
        };
        let bytes = list.encode();
        let signature = self.sign(Label::DeviceList, &bytes);
        SignedDeviceList {
            list: Binary::from(bytes),
            signature,
        }
    }

    fn sign(&self, label: Label, bytes: &[u8]) -> Signature {
        sign(&self.0, label, bytes)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
