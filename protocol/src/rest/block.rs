//! `/v1/block`: whom an account wants to hear nothing from.

use crate::AccountId;
use serde::{Deserialize, Serialize};

/// `GET /v1/block`: the accounts that this one blocks, in no order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Blocked {
    /// The accounts.
    pub accounts: Vec<AccountId>,
}
