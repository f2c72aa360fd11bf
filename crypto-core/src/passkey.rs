//! Passkeys: what an authenticator's PRF (Web Authentication, level 3, section 10.1.4) gives, and the names of passkeys, which are for
//! the account's own devices to read.

use crate::padding::{pad, unpad};
use crate::secret::WrongSecretLength;
use crate::{AccountRoot, Label, Secret, device_name, seal};
use core::fmt;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{AccountId, PasskeyId, limits};

/// What the authenticator gives for [`PasskeySecret::input`]: 32 bytes that it gives to nobody without its owner, and that are
/// different for each passkey. They open the copy of the account's root that the passkey seals.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeySecret(pub(crate) Secret<32>);

impl PasskeySecret {
    /// `SHA-256("sotto.v1 passkey prf")`: the first input of the extension `prf`, for all passkeys. The client says it and not the server, which
    /// could otherwise choose what the secret is.
    #[must_use]
    pub fn input() -> [u8; 32] {
        Sha256::digest(Label::PasskeyPrf.as_str()).into()
    }

    /// Seals the account's root.
    pub(crate) fn sealing_key(&self) -> Secret<32> {
        Label::VaultByPasskey.derive(&self.0)
    }
}

/// The output of the extension `prf`, which has 32 bytes. The caller's own copy is the caller's to wipe.
impl TryFrom<&[u8]> for PasskeySecret {
    type Error = WrongSecretLength;

    fn try_from(output: &[u8]) -> Result<Self, Self::Error> {
        Secret::try_from(output).map(Self)
    }
}

impl fmt::Debug for PasskeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeySecret")
    }
}

/// The passkey to which its authenticator gave this id: `SHA-256(id)`.
#[must_use]
pub fn passkey_id(credential: &[u8]) -> PasskeyId {
    PasskeyId::from_bytes(Sha256::digest(credential).into())
}

/// Why a name cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyNameError {
    /// It is empty, longer than [`limits::DEVICE_NAME_BYTES`], or has control characters in it: choose another.
    #[error(
        "a passkey's name has 1 to {} bytes and no control characters",
        limits::DEVICE_NAME_BYTES
    )]
    Invalid,
    /// It is another passkey's or account's, or was altered.
    #[error("the passkey's name does not open")]
    DoesNotOpen,
}

/// Seals a name, padded so that its length does not show, with the key of the account's private records. It is bound to the
/// account and the passkey, so that a server cannot give one passkey another's name.
pub fn seal_name(
    rng: &mut impl CryptoRng,
    root: &AccountRoot,
    account: AccountId,
    passkey: PasskeyId,
    name: &str,
) -> Result<Vec<u8>, PasskeyNameError> {
    if !device_name::is_valid(name) {
        return Err(PasskeyNameError::Invalid);
    }
    let mut padded = name.as_bytes().to_vec();
    pad(&mut padded);
    let key = root.vault_record_key();
    let place = place(account, passkey.as_bytes());
    Ok(seal::seal(rng, &key, Label::PasskeyName, &place, &padded))
}

/// Opens what [`seal_name`] sealed.
pub fn open_name(
    root: &AccountRoot,
    account: AccountId,
    passkey: PasskeyId,
    sealed: &[u8],
) -> Result<String, PasskeyNameError> {
    if sealed.len() > limits::SEALED_DEVICE_NAME_BYTES {
        return Err(PasskeyNameError::DoesNotOpen);
    }
    let key = root.vault_record_key();
    let padded = seal::open(
        &key,
        Label::PasskeyName,
        &place(account, passkey.as_bytes()),
        sealed,
    )
    .map_err(|seal::DoesNotOpen| PasskeyNameError::DoesNotOpen)?;
    unpad(padded.expose())
        .and_then(|name| core::str::from_utf8(name).ok())
        .filter(|name| device_name::is_valid(name))
        .map(str::to_owned)
        .ok_or(PasskeyNameError::DoesNotOpen)
}

/// `account ‖ which`: as an account's id has one length, no two are the same.
pub(crate) fn place(account: AccountId, which: &[u8]) -> Vec<u8> {
    [account.as_bytes().as_slice(), which].concat()
}
