//! Private records of an account: small values that its devices share by way of the server, which learns neither what they
//! say nor what they are for.

use crate::seal;
use crate::{AccountRoot, Label, Secret, SecretBytes, padding};
use core::fmt;
use rand_core::CryptoRng;
use sotto_protocol::{AccountId, RecordId, limits};

/// Seals and opens an account's private records. Each is bound to its account and its place, so that the server cannot put
/// one in another's. (It can put back an older state: what is kept here has to merge.)
pub struct AccountRecords {
    account: AccountId,
    key: Secret<32>,
}

/// Why a record was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is too long for a record")]
pub struct RecordTooLong;

/// The record does not open: it is another account's, another's place, or it was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record does not open with this account's key in this place")]
pub struct AccountRecordError;

impl AccountRecords {
    /// Of the account with this root.
    #[must_use]
    pub fn new(account: AccountId, root: &AccountRoot) -> Self {
        Self {
            account,
            key: root.vault_record_key(),
        }
    }

    /// The place of the record with this name: the first 16 bytes of
    /// `HKDF-SHA-256(salt = none, IKM = key, info = label ‖ 0x00 ‖ name, L = 32)`.
    #[must_use]
    pub fn id(&self, name: &str) -> RecordId {
        let derived = Label::AccountRecordId.derive_for(&self.key, name.as_bytes());
        let mut id = [0; RecordId::LENGTH];
        for (byte, derived) in id.iter_mut().zip(derived.expose()) {
            *byte = *derived;
        }
        RecordId::from_bytes(id)
    }

    /// Seals a value for its place, padded: its length says little.
    pub fn seal(
        &self,
        rng: &mut impl CryptoRng,
        record: RecordId,
        value: &[u8],
    ) -> Result<Vec<u8>, RecordTooLong> {
        if padding::padded_length(value.len()) + seal::OVERHEAD > limits::ACCOUNT_RECORD_BYTES {
            return Err(RecordTooLong);
        }
        let mut padded = value.to_vec();
        padding::pad(&mut padded);
        let place = self.place(record);
        Ok(seal::seal(rng, &self.key, Label::AccountRecord, &place, &padded))
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, record: RecordId, sealed: &[u8]) -> Result<SecretBytes, AccountRecordError> {
        let padded = seal::open(&self.key, Label::AccountRecord, &self.place(record), sealed)
            .map_err(|seal::DoesNotOpen| AccountRecordError)?;
        let value = padding::unpad(padded.expose()).ok_or(AccountRecordError)?;
        Ok(value.to_vec().into())
    }

    fn place(&self, record: RecordId) -> Vec<u8> {
        [self.account.as_bytes().as_slice(), record.as_bytes().as_slice()].concat()
    }
}

impl fmt::Debug for AccountRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountRecords")
    }
}
