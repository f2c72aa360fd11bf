//! Every domain-separation label of ours. What is derived, signed or sealed for one purpose is worth nothing for
//! another. (MLS has labels of its own, RFC 9420, section 5.1.2 and 5.1.3.)

use crate::Secret;
use hkdf::Hkdf;
use sha2::Sha256;

/// A purpose. Each has a known-answer vector in `tests/labels.rs`; a label once used is never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// Account root → seed of the identity key.
    IdentityKey,
    /// Account root → key of the account's archive.
    ArchiveKey,
    /// Account root → key of the profile's private part.
    ProfileKey,
    /// Account root → key of the account's private records on the server.
    VaultRecordKey,
    /// What the identity key signs about a device.
    DeviceCredential,
    /// What the identity key signs about the list of devices.
    DeviceList,
    /// OPAQUE export key → key that seals the root; begins that seal's associated data.
    VaultByPassword,
    /// Recovery code → key that seals the root; begins that seal's associated data.
    VaultByRecoveryCode,
    /// Begins the associated data of a record in a client's store.
    StoreRecord,
    /// Stretched passphrase → key of a client's store.
    StoreKeyFromPassphrase,
    /// Begins what a safety number hashes.
    SafetyNumber,
}

impl Label {
    /// Every label.
    pub const ALL: [Self; 11] = [
        Self::IdentityKey,
        Self::ArchiveKey,
        Self::ProfileKey,
        Self::VaultRecordKey,
        Self::DeviceCredential,
        Self::DeviceList,
        Self::VaultByPassword,
        Self::VaultByRecoveryCode,
        Self::StoreRecord,
        Self::StoreKeyFromPassphrase,
        Self::SafetyNumber,
    ];

    /// The label's text: ASCII without a NUL, no label the beginning of another.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityKey => "sotto.v1 identity key",
            Self::ArchiveKey => "sotto.v1 archive key",
            Self::ProfileKey => "sotto.v1 profile key",
            Self::VaultRecordKey => "sotto.v1 vault record key",
            Self::DeviceCredential => "sotto.v1 device credential",
            Self::DeviceList => "sotto.v1 device list",
            Self::VaultByPassword => "sotto.v1 vault by password",
            Self::VaultByRecoveryCode => "sotto.v1 vault by recovery code",
            Self::StoreRecord => "sotto.v1 store record",
            Self::StoreKeyFromPassphrase => "sotto.v1 store key from passphrase",
            Self::SafetyNumber => "sotto.v1 safety number",
        }
    }

    /// `HKDF-SHA-256(salt = none, IKM = secret, info = label, L = 32)`, RFC 5869.
    #[must_use]
    #[allow(
        clippy::expect_used,
        reason = "HKDF-SHA-256 gives up to 8,160 bytes, and this asks for 32"
    )]
    pub fn derive<const N: usize>(self, secret: &Secret<N>) -> Secret<32> {
        let hkdf = Hkdf::<Sha256>::new(None, secret.expose());
        Secret::try_filled(|key| hkdf.expand(self.as_str().as_bytes(), key))
            .expect("32 bytes are within HKDF's bound")
    }

    /// `label ‖ 0x00 ‖ bytes`: what is signed, hashed, or bound to a ciphertext as its associated data.
    #[must_use]
    pub fn prefix(self, bytes: &[u8]) -> Vec<u8> {
        let label = self.as_str().as_bytes();
        let mut prefixed = Vec::with_capacity(label.len() + 1 + bytes.len());
        prefixed.extend_from_slice(label);
        prefixed.push(0);
        prefixed.extend_from_slice(bytes);
        prefixed
    }
}
