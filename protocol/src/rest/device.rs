//! `/v1/device`: the devices of one's own account.

use super::auth::Token;
use crate::{Binary, DeviceId, DeviceKey, SignedDeviceList, Timestamp};
use serde::{Deserialize, Serialize};

/// `PUT /v1/device/{id}` with an enrolment token: enrols a new device, or lets one that is enrolled begin a new session.
/// The answer is [`super::auth::SessionTokens`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolDevice {
    /// The device's signature key.
    pub device_key: DeviceKey,
    /// For a new device: the current list with the device added, one version on. Absent for one that is enrolled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_list: Option<SignedDeviceList>,
    /// For a new device: its name, sealed for the account's own devices; at most
    /// [`crate::limits::SEALED_DEVICE_NAME_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Binary>,
    /// The ticket of a login at the server's OpenID provider, where an account that is linked takes one
    /// ([`crate::ProblemCode::OidcRequired`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<Token>,
}

/// `POST /v1/device/{id}`: gives a device of one's own another name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateDevice {
    /// The name, sealed for the account's own devices; 1 to [`crate::limits::SEALED_DEVICE_NAME_BYTES`] bytes.
    pub name: Binary,
}

/// `DELETE /v1/device/{id}`: removes a device; its session ends at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveDevice {
    /// The current list without the device, one version on.
    pub device_list: SignedDeviceList,
}

/// `GET /v1/device`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Devices {
    /// The account's devices, oldest first.
    pub devices: Vec<Device>,
}

/// One of the account's devices, as the account alone may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// The device.
    pub device: DeviceId,
    /// Its signature key.
    pub device_key: DeviceKey,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was last connected or refreshed its session, to the hour.
    pub last_seen_at: Timestamp,
    /// Its name, sealed for the account's own devices, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Binary>,
}
