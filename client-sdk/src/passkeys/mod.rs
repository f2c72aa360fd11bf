//! Passkeys of one's own account: what logs in without a password.
//!
//! The browser's part (`navigator.credentials`) is the application's: it takes options out of here, as the JSON of the standard (Web
//! Authentication, level 3), and brings the answer back, and apart from it what the authenticator's PRF gave, which never goes to the server.

mod answer;
mod client;

pub use answer::PasskeyAnswer;
pub(crate) use answer::{creation_json, request_json};

use crate::account::normalized_password;
use crate::error::ClientError;
use crate::sync::OwnersProof;
use sotto_protocol::{PasskeyId, Timestamp};

/// A passkey of one's own account, as the server tells, but for the name, which the account's devices seal for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPasskey {
    /// The passkey.
    pub passkey: PasskeyId,
    /// Its name, if it is one that a device of this account has given.
    pub name: Option<String>,
    /// When it was added.
    pub added_at: Timestamp,
    /// When somebody logged in by it last.
    pub used_at: Option<Timestamp>,
}

/// How one shows to be the account's owner, and not somebody who has found its device.
#[derive(Clone, Copy)]
pub enum OwnerProof<'a> {
    /// By the password.
    Password(&'a str),
    /// By the words of the recovery code.
    RecoveryCode(&'a str),
}

impl OwnerProof<'_> {
    /// What was typed; an error if it is no recovery code.
    pub(crate) fn read(self) -> Result<OwnersProof, ClientError> {
        Ok(match self {
            Self::Password(typed) => OwnersProof::Password(normalized_password(typed)),
            Self::RecoveryCode(words) => OwnersProof::RecoveryCode(words.parse()?),
        })
    }
}
