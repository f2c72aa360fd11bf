//! `/v1/user`: accounts and their public profiles.

use super::auth::SessionTokens;
use super::captcha::CaptchaSolution;
use crate::invite_code::NotAnInviteCode;
use crate::{
    AccountId, AccountName, Binary, DeviceId, DeviceKey, IdentityKey, InviteCode, LoginKey, SignedDeviceList,
    Timestamp,
};
use core::fmt;
use serde::{Deserialize, Serialize};

/// `PUT /v1/user/{name}`: finishes the registration, and enrols the account's first device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Chosen at random by the device.
    pub account: AccountId,
    /// OPAQUE `RegistrationRecord`.
    pub registration: Binary,
    /// The account's public identity key.
    pub identity_key: IdentityKey,
    /// The root, sealed twice.
    pub vault: Vault,
    /// What the recovery code logs in with; the code's secret half of it is in nobody's store.
    pub recovery_key: LoginKey,
    /// The first device.
    pub device: DeviceId,
    /// Its signature key.
    pub device_key: DeviceKey,
    /// Version 1, with the first device alone.
    pub device_list: SignedDeviceList,
    /// The device's name, sealed for the account's own devices; at most
    /// [`crate::limits::SEALED_DEVICE_NAME_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<Binary>,
    /// An invite code ([`crate::InviteCode`]), where the server takes the invited alone; elsewhere it is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<GivenInvite>,
    /// The solution of a captcha, unless the server asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha: Option<CaptchaSolution>,
}

/// An invite code as somebody has written it: that it is none is the server's to say. `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct GivenInvite(String);

impl GivenInvite {
    /// The code, if it is one.
    pub fn code(&self) -> Result<InviteCode, NotAnInviteCode> {
        self.0.parse()
    }
}

impl From<&InviteCode> for GivenInvite {
    fn from(code: &InviteCode) -> Self {
        Self(code.to_text())
    }
}

impl fmt::Debug for GivenInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenInvite(…)")
    }
}

/// The account's root as ciphertext.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// Sealed with the OPAQUE export key.
    pub by_password: Binary,
    /// Sealed with the recovery code.
    pub by_recovery_code: Binary,
}

/// The answer to [`CreateUser`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCreated {
    /// The first device's session.
    pub session: SessionTokens,
}

/// `GET /v1/user/{name}` and `GET /v1/user/by-id/{account}`: a public profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// How the account wants to be called; empty if it has not said.
    pub display_name: String,
    /// What the account says about itself; empty if nothing.
    pub about: String,
    /// The account's public identity key.
    pub identity_key: IdentityKey,
    /// Its devices.
    pub device_list: SignedDeviceList,
    /// When it was created.
    pub created_at: Timestamp,
}

/// `GET /v1/user?q=…&limit=…&after=…`: accounts whose name or display name begins with or contains the text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchUsers {
    /// The text, 1 to [`crate::limits::SEARCH_QUERY_BYTES`] bytes.
    pub q: String,
    /// At most so many, and at most [`crate::limits::SEARCH_RESULTS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to [`SearchUsers`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsersFound {
    /// The accounts, by name.
    pub users: Vec<FoundUser>,
    /// Where the next page begins, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One result of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundUser {
    /// The account.
    pub account: AccountId,
    /// Its unique name.
    pub name: AccountName,
    /// How it wants to be called; empty if it has not said.
    pub display_name: String,
}

/// `POST /v1/user/{name}`: changes one's own profile. What is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// At most [`crate::limits::DISPLAY_NAME_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// At most [`crate::limits::ABOUT_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}
