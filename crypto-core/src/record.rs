//! How a client's store is sealed, record by record.

use crate::seal;
use crate::{Label, Secret, SecretBytes};
use argon2::{Algorithm, Argon2, Params, Version};
use core::fmt;
use rand_core::CryptoRng;
use sotto_protocol::opaque::{ARGON2ID_LANES, ARGON2ID_MEMORY_KIB, ARGON2ID_PASSES};

/// Seals the records of one device's store. Each is bound to the key under which it is stored, so that whoever can
/// write to the disk cannot put one record in another's place. (They can put back an older state of all of it.)
#[derive(Clone, PartialEq, Eq)]
pub struct StoreKey(Secret<32>);

/// Bytes of the salt of [`StoreKey::from_passphrase`].
pub const SALT_LENGTH: usize = 16;

/// Bytes of the longest passphrase.
pub const PASSPHRASE_BYTES: usize = 1024;

/// The store key cannot be made of the passphrase on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Argon2id's memory is not to be had: close something, or keep the store key in a key ring.
    #[error("{} MiB of memory are needed to stretch a passphrase", ARGON2ID_MEMORY_KIB / 1024)]
    OutOfMemory,
    /// The passphrase is longer than [`PASSPHRASE_BYTES`]: choose another.
    #[error("a passphrase has at most {PASSPHRASE_BYTES} bytes")]
    TooLong,
}

/// The record does not open: the store key is another's, the record is another's, or it was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record does not open with this store key in this place")]
pub struct RecordError;

impl StoreKey {
    /// Bytes that sealing adds to a record.
    pub const OVERHEAD: usize = seal::OVERHEAD;

    /// A random key.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// The key that a key ring held. The caller's own copy is the caller's to wipe.
    #[must_use]
    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(Secret::from_bytes(key))
    }

    /// The key's bytes: to be kept in a key ring or wrapped by one.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// `HKDF(Argon2id(passphrase, salt))`, Argon2id (RFC 9106) with the cost of
    /// [`sotto_protocol::opaque::Argon2id`]. Takes 64 MiB and some tenths of a second.
    ///
    /// Any passphrase gives a key: whether it is the right one shows when a record is opened.
    pub fn from_passphrase(passphrase: &[u8], salt: &[u8; SALT_LENGTH]) -> Result<Self, PassphraseError> {
        let stretched = stretched(passphrase, salt)?;
        Ok(Self(Label::StoreKeyFromPassphrase.derive(&stretched)))
    }

    /// Seals the record that is stored under `record_key`.
    #[must_use]
    pub fn seal(&self, rng: &mut impl CryptoRng, record_key: &[u8], plain: &[u8]) -> Vec<u8> {
        seal::seal(rng, &self.0, Label::StoreRecord, record_key, plain)
    }

    /// Opens the record that is stored under `record_key`.
    pub fn open(&self, record_key: &[u8], sealed: &[u8]) -> Result<SecretBytes, RecordError> {
        seal::open(&self.0, Label::StoreRecord, record_key, sealed).map_err(|seal::DoesNotOpen| RecordError)
    }
}

/// `Argon2id(passphrase, salt)` (RFC 9106), 32 bytes, with the cost of [`sotto_protocol::opaque::Argon2id`].
pub(crate) fn stretched(passphrase: &[u8], salt: &[u8; SALT_LENGTH]) -> Result<Secret<32>, PassphraseError> {
    if passphrase.len() > PASSPHRASE_BYTES {
        return Err(PassphraseError::TooLong);
    }
    // All other inputs are constants that Argon2 takes: what can fail is getting its memory.
    Params::new(ARGON2ID_MEMORY_KIB, ARGON2ID_PASSES, ARGON2ID_LANES, Some(32))
        .map(|parameters| Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
        .and_then(|argon2| {
            Secret::<32>::try_filled(|stretched| argon2.hash_password_into(passphrase, salt, stretched))
        })
        .map_err(|_| PassphraseError::OutOfMemory)
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey")
    }
}
