//! `/v1/key-package`: the stock of KeyPackages (RFC 9420, section 10).

use crate::{AccountId, Binary, DeviceId, Suite};
use serde::{Deserialize, Serialize};

/// `POST /v1/key-package`: adds to the stock of the calling device. The answer is [`KeyPackageStock`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublishKeyPackages {
    /// KeyPackages as `MLSMessage`s, each handed out once. At most [`crate::limits::KEY_PACKAGES_PER_REQUEST`].
    pub key_packages: Vec<Binary>,
    /// Last-resort KeyPackages, one a suite at most: each replaces the one before.
    #[serde(default)]
    pub last_resort: Vec<Binary>,
}

/// `GET /v1/key-package`: what the server holds of the calling device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyPackageStock {
    /// By suite; a suite that is absent has none.
    pub suites: Vec<SuiteStock>,
}

/// The stock of one suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteStock {
    /// The suite.
    pub suite: Suite,
    /// KeyPackages that are still to be handed out.
    pub remaining: u32,
    /// Whether there is a last-resort KeyPackage.
    pub last_resort: bool,
    /// Whether it was handed out: replace it soon.
    #[serde(default)]
    pub last_resort_used: bool,
}

/// `POST /v1/key-package/claim`: takes one KeyPackage of each device of an account, except the calling one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimKeyPackages {
    /// The account; may be one's own, for its other devices.
    pub account: AccountId,
    /// The suite.
    pub suite: Suite,
}

/// The answer to [`ClaimKeyPackages`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyPackagesClaimed {
    /// One for each device that has one; devices without any are left out.
    pub key_packages: Vec<ClaimedKeyPackage>,
}

/// A KeyPackage that nobody else will be given, unless it is the last resort.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimedKeyPackage {
    /// Whose it is, as the server says; the credential inside says it with a signature.
    pub device: DeviceId,
    /// The KeyPackage as an `MLSMessage`.
    pub key_package: Binary,
}
