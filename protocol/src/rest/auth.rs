//! `/v1/auth/…`: registration and login by OPAQUE (RFC 9807), tokens.

use crate::{AccountId, AccountName, Binary, IdentityKey, SignedDeviceList};
use core::fmt;
use serde::{Deserialize, Serialize};

/// `POST /v1/auth/registration`: the first of two round trips. The second is `PUT /v1/user/{name}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRegistration {
    /// The name wanted.
    pub name: AccountName,
    /// OPAQUE `RegistrationRequest`.
    pub request: Binary,
}

/// The answer to [`StartRegistration`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationStarted {
    /// OPAQUE `RegistrationResponse`.
    pub response: Binary,
}

/// `POST /v1/auth/login`: the first of two round trips. An unknown name is answered like a known one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartLogin {
    /// The account's name.
    pub name: AccountName,
    /// OPAQUE KE1.
    pub request: Binary,
}

/// The answer to [`StartLogin`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginStarted {
    /// Names this login in [`FinishLogin`]; good for a minute, once.
    pub login: Binary,
    /// OPAQUE KE2.
    pub response: Binary,
}

/// `POST /v1/auth/login/finish`: the second round trip.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishLogin {
    /// From [`LoginStarted`].
    pub login: Binary,
    /// OPAQUE KE3.
    pub finalization: Binary,
}

/// The answer to [`FinishLogin`]: what a device needs to open the vault and enrol by `PUT /v1/device/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedIn {
    /// The account.
    pub account: AccountId,
    /// Its identity key; the root in the vault gives the same one, or the server is lying.
    pub identity_key: IdentityKey,
    /// The root, sealed with the OPAQUE export key.
    pub vault: Binary,
    /// The account's current device list.
    pub device_list: SignedDeviceList,
    /// Good for ten minutes, and for `PUT /v1/device/{id}` alone.
    pub enrolment_token: Token,
}

/// `POST /v1/auth/refresh`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The latest refresh token. Each is good once; one that comes again after its successor was used ends the session.
    pub refresh_token: Token,
}

/// The tokens of a device's session.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionTokens {
    /// An EdDSA-signed JWT (RFC 8037) for the `Authorization: Bearer` header.
    pub access_token: Token,
    /// Seconds that the access token is good for.
    pub expires_in: u32,
    /// For [`Refresh`].
    pub refresh_token: Token,
}

/// A bearer token. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// Takes the token's text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The token's text: for a header or a store, never for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
