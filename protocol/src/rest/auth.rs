//! `/v1/auth/…`: registration and login by OPAQUE (RFC 9807), tokens.

use super::captcha::CaptchaSolution;
use crate::{
    AccountId, AccountName, Binary, DeviceLinkId, IdentityKey, LoginChallenge, LoginKey, Signature,
    SignedDeviceList, Timestamp,
};
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
    /// Where the account is to be a bot, as in [`CreateUser::bot`](crate::rest::user::CreateUser::bot).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<Binary>,
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
    /// The solution of a captcha, where the server asks for one ([`crate::ProblemCode::CaptchaRequired`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha: Option<CaptchaSolution>,
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

/// The answer to [`FinishLogin`], [`AnswerChallenge`] and [`super::passkey::FinishPasskeyLogin`]: what a device needs to open the vault and enrol by `PUT /v1/device/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedIn {
    /// The account.
    pub account: AccountId,
    /// Its identity key; the root in the vault gives the same one, or the server is lying.
    pub identity_key: IdentityKey,
    /// The root, sealed with what was shown to log in: the OPAQUE export key, the recovery code, the secret of a device link, or
    /// what a passkey's PRF gives.
    pub vault: Binary,
    /// The account's current device list.
    pub device_list: SignedDeviceList,
    /// Good for ten minutes, and for `PUT /v1/device/{id}` alone; after a login by password, recovery code or passkey also for a
    /// new password, for another passkey, to link an OpenID provider's login, and to delete the account.
    pub enrolment_token: Token,
}

/// `POST /v1/auth/recovery`: begins a login by recovery code. An unknown name is answered like a known one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRecovery {
    /// The account's name.
    pub name: AccountName,
    /// As in [`StartLogin`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha: Option<CaptchaSolution>,
}

/// `POST /v1/auth/device-link`: begins a login by the code that an old device shows. An unknown link is answered like a known
/// one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartDeviceLink {
    /// The link.
    pub link: DeviceLinkId,
}

/// The answer to [`StartRecovery`] and [`StartDeviceLink`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginChallenged {
    /// Names this login in [`AnswerChallenge`]; good for a minute, once.
    pub login: Binary,
    /// What is to be signed, with the name or the link.
    pub challenge: LoginChallenge,
}

/// `POST /v1/auth/recovery/finish` and `POST /v1/auth/device-link/finish`: the second round trip.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AnswerChallenge {
    /// From [`LoginChallenged`].
    pub login: Binary,
    /// The login key's signature over the challenge; see [`crate::login_proof`].
    pub signature: Signature,
}

/// `PUT /v1/auth/device-link/{id}`: offers to let a new device into one's own account. It replaces an earlier offer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OfferDeviceLink {
    /// What the new device logs in with.
    pub login_key: LoginKey,
    /// The account's root, sealed with the secret that is shown; at most [`crate::limits::VAULT_BYTES`].
    pub vault: Binary,
}

/// The answer to [`OfferDeviceLink`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceLinkOffered {
    /// When the offer ends, if it is not used before.
    pub expires_at: Timestamp,
}

/// `POST /v1/auth/password` with the enrolment token of a login by password, recovery code or passkey: the first of two round trips to a
/// new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartPassword {
    /// OPAQUE `RegistrationRequest`. The answer is a [`RegistrationStarted`].
    pub request: Binary,
}

/// `PUT /v1/auth/password`, with the same token: the second.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    /// OPAQUE `RegistrationRecord`.
    pub registration: Binary,
    /// The root, sealed with the new OPAQUE export key.
    pub vault: Binary,
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
