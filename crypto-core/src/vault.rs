//! The vault: the account's root as ciphertext on the server, once for the password, once for the recovery code, and
//! once for each passkey.
//!
//! Each copy is bound to the account, so the server cannot hand out one account's vault for another's.

use crate::password::ExportKey;
use crate::{AccountRoot, Label, PasskeySecret, RecoveryCode, Secret, passkey, seal};
use rand_core::CryptoRng;
use sotto_protocol::{AccountId, limits};

/// The vault does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is another account's, was sealed by another password or code, or was altered: by a code, try the words again;
    /// by a password that the server accepted, the server is not to be trusted.
    #[error("the vault does not open")]
    DoesNotOpen,
    /// It opens, and holds what this version does not know: a newer client sealed it.
    #[error("the vault was sealed by a newer version")]
    NewerVersion,
}

/// Seals the root with the key that the password gives.
#[must_use]
pub fn seal_by_password(
    rng: &mut impl CryptoRng,
    key: &ExportKey,
    account: AccountId,
    root: &AccountRoot,
) -> Vec<u8> {
    let key = key.sealing_key();
    seal::seal(
        rng,
        &key,
        Label::VaultByPassword,
        account.as_bytes(),
        root.expose(),
    )
}

/// Opens what [`seal_by_password`] sealed.
pub fn open_by_password(
    key: &ExportKey,
    account: AccountId,
    sealed: &[u8],
) -> Result<AccountRoot, VaultError> {
    let place = account.as_bytes();
    open(&key.sealing_key(), Label::VaultByPassword, place, sealed)
}

/// Seals the root with the recovery code.
#[must_use]
pub fn seal_by_recovery_code(
    rng: &mut impl CryptoRng,
    code: &RecoveryCode,
    account: AccountId,
    root: &AccountRoot,
) -> Vec<u8> {
    let key = code.sealing_key();
    seal::seal(
        rng,
        &key,
        Label::VaultByRecoveryCode,
        account.as_bytes(),
        root.expose(),
    )
}

/// Opens what [`seal_by_recovery_code`] sealed.
pub fn open_by_recovery_code(
    code: &RecoveryCode,
    account: AccountId,
    sealed: &[u8],
) -> Result<AccountRoot, VaultError> {
    let place = account.as_bytes();
    open(&code.sealing_key(), Label::VaultByRecoveryCode, place, sealed)
}

/// Seals the root with what the PRF of a passkey gives: `credential` is the id that its authenticator gave it, to which the copy is bound
/// as well.
#[must_use]
pub fn seal_by_passkey(
    rng: &mut impl CryptoRng,
    secret: &PasskeySecret,
    account: AccountId,
    credential: &[u8],
    root: &AccountRoot,
) -> Vec<u8> {
    let key = secret.sealing_key();
    let place = passkey::place(account, credential);
    seal::seal(rng, &key, Label::VaultByPasskey, &place, root.expose())
}

/// Opens what [`seal_by_passkey`] sealed.
pub fn open_by_passkey(
    secret: &PasskeySecret,
    account: AccountId,
    credential: &[u8],
    sealed: &[u8],
) -> Result<AccountRoot, VaultError> {
    let place = passkey::place(account, credential);
    open(&secret.sealing_key(), Label::VaultByPasskey, &place, sealed)
}

fn open(key: &Secret<32>, label: Label, place: &[u8], sealed: &[u8]) -> Result<AccountRoot, VaultError> {
    if sealed.len() > limits::VAULT_BYTES {
        return Err(VaultError::DoesNotOpen);
    }
    let root = seal::open(key, label, place, sealed).map_err(|seal::DoesNotOpen| VaultError::DoesNotOpen)?;
    AccountRoot::try_from(root.expose()).map_err(|_| VaultError::NewerVersion)
}
