//! An account to be made.

use super::normalized_password;
use crate::error::ClientError;
use core::fmt;
use sotto_crypto_core::Secret;
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::{AccountName, InviteCode};
use zeroize::Zeroizing;

/// An account to be made, for [`Client::register_with`](crate::Client::register_with).
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    name: &'a str,
    password: &'a str,
    invite: Option<&'a str>,
}

impl<'a> NewAccount<'a> {
    /// With this name and password.
    #[must_use]
    pub const fn new(name: &'a str, password: &'a str) -> Self {
        Self {
            name,
            password,
            invite: None,
        }
    }

    /// With an invite code, for a server that takes the invited alone. It may be written in any case, with or without hyphens.
    #[must_use]
    pub const fn with_invite(mut self, code: &'a str) -> Self {
        self.invite = Some(code);
        self
    }

    /// What was typed, read.
    pub(crate) fn read(self) -> Result<Registering, ClientError> {
        Ok(Registering {
            name: self.name.parse()?,
            password: normalized_password(self.password),
            invite: self.invite.map(str::parse).transpose()?,
            captcha: None,
            bot: None,
        })
    }
}

impl fmt::Debug for NewAccount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccount")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// An account to be made, as the engine takes it.
#[derive(Clone)]
pub(crate) struct Registering {
    pub(crate) name: AccountName,
    pub(crate) password: Zeroizing<String>,
    pub(crate) invite: Option<InviteCode>,
    pub(crate) captcha: Option<CaptchaSolution>,
    /// The admission of a bot's token.
    pub(crate) bot: Option<Secret<32>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_password_nor_invite_is_printed() {
        let account = NewAccount::new("ada", "secret word").with_invite("0123-4567-89AB-CDEF");
        assert_eq!(format!("{account:?}"), "NewAccount { name: \"ada\", .. }");
    }

    #[test]
    fn an_invite_that_is_no_code_is_refused_before_the_server_is_asked() {
        let account = NewAccount::new("ada", "secret word").with_invite("0123");
        assert_eq!(account.read().err(), Some(ClientError::InviteInvalid));
    }
}
