//! `/v1/auth/oidc/…`: OpenID Connect. A provider elsewhere says who somebody is. It opens nothing: the account's root stays sealed by what
//! its owner knows or has.

use super::auth::Token;
use crate::{AccountName, Binary, Timestamp};
use serde::{Deserialize, Serialize};

/// The path of the web app's page to which the provider sends people back, and of the address on their own machine at which native
/// applications wait for them (RFC 8252, section 7.3).
pub const REDIRECT_PATH: &str = "/login/oidc";

/// What anyone may know of a server's provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OidcInfo {
    /// How the operator calls the provider.
    pub name: String,
    /// Whether who is known there may make an account here without an invite and without a proof of work, also where nobody else may.
    pub registration: bool,
    /// Whether an account that is linked takes a ticket for each login.
    pub required: bool,
}

/// `POST /v1/auth/oidc`: begins a login at the provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartOidc {
    /// Where the provider is to send back to: [`REDIRECT_PATH`] of the web app, or of `http://127.0.0.1:<port>` or `http://[::1]:<port>`.
    pub redirect_uri: String,
    /// The SHA-256 of [`FinishOidc::verifier`] (RFC 7636, `S256`): 32 bytes.
    pub challenge: Binary,
}

/// The answer to [`StartOidc`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OidcStarted {
    /// Names this login in [`FinishOidc`]; good for [`crate::limits::OIDC_MILLIS`], once.
    pub login: Binary,
    /// What the provider sends back, by which the client knows its own login again.
    pub state: String,
    /// Where the browser is to go.
    pub authorization_url: String,
}

/// `POST /v1/auth/oidc/finish`: what the provider has sent back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishOidc {
    /// From [`OidcStarted`].
    pub login: Binary,
    /// The parameter `state` that came back.
    pub state: String,
    /// The parameter `code`.
    pub code: Token,
    /// The parameter `iss` (RFC 9207), if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// What [`StartOidc::challenge`] is the hash of: 43 to 128 characters that only the client that began the login knows.
    pub verifier: Token,
}

/// The answer to [`FinishOidc`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OidcFinished {
    /// Shows who somebody is at the provider: to register, to log in where that takes it, and to link an account.
    pub ticket: Token,
    /// Seconds that the ticket is good for.
    pub expires_in: u32,
    /// The account that is linked, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountName>,
    /// How a new account might be called. Nobody says that the name is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_name: Option<AccountName>,
    /// Whether the ticket stands in the place of an invite and of a proof of work. It does once for each person.
    pub registration: bool,
}

/// `PUT /v1/auth/oidc/link` with an enrolment token: links the account that has just logged in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkOidc {
    /// From [`OidcFinished`].
    pub ticket: Token,
}

/// `GET /v1/auth/oidc/link`: whether one's own account is linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OidcLink {
    /// Since when, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_at: Option<Timestamp>,
}
