//! Passkeys: their public keys, and the copy of the account's root that each seals.

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::rest::passkey::Passkey;
use sotto_protocol::{AccountId, PasskeyId, Timestamp};

/// A passkey to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// Its id: the hash of `credential`.
    pub passkey: PasskeyId,
    /// Whose it is.
    pub account: AccountId,
    /// The public key and what belongs to it.
    pub key: PasskeyKey,
    /// The account's root, sealed with what the authenticator's PRF gives.
    pub vault: Bytes,
    /// Its name, sealed for the account's own devices.
    pub name: Bytes,
    /// When.
    pub at: Timestamp,
}

/// What signatures of a passkey are verified by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyKey {
    /// The id that its authenticator gave it.
    pub credential: Bytes,
    /// The public key (COSE, RFC 9052, section 7).
    pub public_key: Bytes,
    /// Its algorithm, as COSE numbers it.
    pub algorithm: i32,
    /// How often the authenticator has signed by it, if it counts; else 0.
    pub counter: u32,
}

/// What a login by a passkey needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Whose it is.
    pub account: AccountId,
    /// What its signature is verified by.
    pub key: PasskeyKey,
    /// The account's root, sealed with what the authenticator's PRF gives.
    pub vault: Bytes,
}

/// Why a passkey was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddPasskeyError {
    /// There is no such account.
    #[error("there is no such account")]
    AccountNotFound,
    /// An account has it already.
    #[error("the passkey is in use")]
    PasskeyTaken,
    /// The account has as many as it may.
    #[error("the account has as many passkeys as it may")]
    TooManyPasskeys,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Passkeys. They go with their account, and with nothing else: neither with a session nor with a device.
pub trait PasskeyStore: Send + Sync + 'static {
    /// Adds a passkey, if the account has fewer than [`sotto_protocol::limits::PASSKEYS_PER_ACCOUNT`].
    fn add_passkey(&self, passkey: NewPasskey) -> impl Future<Output = Result<(), AddPasskeyError>> + Send;

    /// The account's passkeys, oldest first.
    fn passkeys(&self, account: AccountId) -> impl Future<Output = Result<Vec<Passkey>, StoreError>> + Send;

    /// The ids that authenticators gave the account's passkeys.
    fn credentials(&self, account: AccountId) -> impl Future<Output = Result<Vec<Bytes>, StoreError>> + Send;

    /// What a login by this passkey needs.
    fn passkey(
        &self,
        passkey: PasskeyId,
    ) -> impl Future<Output = Result<Option<StoredPasskey>, StoreError>> + Send;

    /// Notes a login, at which the authenticator had counted so far. `false`, and nothing changes, if it does not count on from what is
    /// known (a counter that stays 0 is none), or if there is no such passkey any more.
    fn passkey_used(
        &self,
        passkey: PasskeyId,
        counter: u32,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives the account's passkey another name. `false` if it has no such passkey.
    fn rename_passkey(
        &self,
        account: AccountId,
        passkey: PasskeyId,
        name: Bytes,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes the account's passkey with its copy of the root. `false` if it has no such passkey.
    fn remove_passkey(
        &self,
        account: AccountId,
        passkey: PasskeyId,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
