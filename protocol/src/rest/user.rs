//! `/v1/user`: accounts and their public profiles.

use super::auth::{SessionTokens, Token};
use super::captcha::CaptchaSolution;
use crate::invite_code::NotAnInviteCode;
use crate::{
    AccountId, AccountName, Binary, CoarseLocation, DeviceId, DeviceKey, IdentityKey, InviteCode, LoginKey,
    PictureId, SignedDeviceList, Timestamp,
};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// The ticket of a login at the server's OpenID provider, with which the account is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<Token>,
    /// The admission of a bot's token ([`crate::bot::ADMISSION_BYTES`]), where the account is a bot that is awaited under this name: it stands
    /// in the place of an invite and of a captcha.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<Binary>,
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
    /// Where the account says that it is, in its own words; empty if nowhere.
    #[serde(default)]
    pub place: String,
    /// Roughly where it is, if it has said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<CoarseLocation>,
    /// Whether a program speaks for it, and no person.
    #[serde(default, skip_serializing_if = "is_person")]
    pub bot: bool,
    /// Whether searches find it. Whoever knows its name reads this profile all the same.
    #[serde(default = "listed")]
    pub listed: bool,
    /// Its picture, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<ProfilePicture>,
    /// The wide picture at the head of its profile, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<PictureId>,
    /// The account's public identity key.
    pub identity_key: IdentityKey,
    /// Its devices.
    pub device_list: SignedDeviceList,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A profile says of bots alone which they are.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde takes")]
const fn is_person(bot: &bool) -> bool {
    !*bot
}

/// A server that does not say has no way to hide from searches.
const fn listed() -> bool {
    true
}

/// The picture of a profile in its two sizes, each at `GET /v1/picture/{id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfilePicture {
    /// [`crate::limits::PICTURE_PIXELS`] wide and high.
    pub large: PictureId,
    /// [`crate::limits::SMALL_PICTURE_PIXELS`] wide and high.
    pub small: PictureId,
}

/// `GET /v1/user?q=…&near=…&within_km=…&limit=…&after=…`: listed accounts that a text fits, or that are near, or both.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchUsers {
    /// The text, 1 to [`crate::limits::SEARCH_QUERY_BYTES`] bytes: part of a name, of a display name, or of what people say of
    /// themselves and of where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Near this place, as `LATITUDE,LONGITUDE` in degrees. It is rounded to the grid of [`CoarseLocation`], and kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<String>,
    /// How near, from [`CoarseLocation::LEAST_KM`] to [`crate::limits::WITHIN_KM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_km: Option<u16>,
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
    /// The accounts. Without a place, those come first whose name begins with the text, then those whose display name contains
    /// it, then those whose name does, then those who say it of themselves; of a page each group by name. Near a place, the nearest
    /// come first, and those of a page at one distance by name.
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
    /// What it says about itself, or the beginning of it: at most [`crate::limits::ABOUT_SHOWN_BYTES`].
    #[serde(default)]
    pub about: String,
    /// Where it says that it is, in its own words; empty if nowhere.
    #[serde(default)]
    pub place: String,
    /// Whether a program speaks for it, and no person.
    #[serde(default, skip_serializing_if = "is_person")]
    pub bot: bool,
    /// Its picture in the small size, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureId>,
    /// How far it is from where was searched, in whole kilometres and at least [`CoarseLocation::LEAST_KM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<u16>,
}

/// `POST /v1/user/{name}`: changes one's own profile. What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// At most [`crate::limits::DISPLAY_NAME_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// At most [`crate::limits::ABOUT_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// At most [`crate::limits::PLACE_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// A place, which is rounded; `null` takes away the one that is there.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    #[allow(clippy::option_option, reason = "absent and null differ, as in RFC 7396")]
    pub location: Option<Option<CoarseLocation>>,
    /// Whether searches find the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
}

/// What is there, be it `null`.
#[allow(clippy::option_option, reason = "absent and null differ, as in RFC 7396")]
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<CoarseLocation>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn a_location_that_is_absent_stays_and_null_takes_it_away() {
        let read = |json| from_value::<UpdateUser>(json).unwrap().location;
        assert_eq!(read(json!({})), None);
        assert_eq!(read(json!({ "location": null })), Some(None));
        let munich = CoarseLocation::near(48.1, 11.6).unwrap();
        assert_eq!(
            read(json!({ "location": { "latitude": 48.1372, "longitude": 11.5755 } })),
            Some(Some(munich))
        );
        let removing = UpdateUser {
            location: Some(None),
            ..UpdateUser::default()
        };
        assert_eq!(to_value(removing).unwrap(), json!({ "location": null }));
        assert_eq!(to_value(UpdateUser::default()).unwrap(), json!({}));
    }
}
