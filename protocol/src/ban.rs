//! What an account is told that the server does not let in.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A ban, as the account is told that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ban {
    /// Why, in the words of whoever has made it.
    pub reason: String,
    /// When it ends by itself; `None`: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
