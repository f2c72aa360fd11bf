//! `/v1/role`: what one's own account may do on the server beside what everyone may.

use crate::{PermissionSet, RoleName};
use serde::{Deserialize, Serialize};

/// `GET /v1/role`: the role of the account that asks, and what that permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnRole {
    /// The role.
    pub role: RoleName,
    /// What it permits.
    pub permissions: PermissionSet,
}
