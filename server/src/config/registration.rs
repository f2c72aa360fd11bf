//! `[registration]`: who may create an account.

use serde::{Deserialize, Serialize};
use sotto_protocol::rest::server::RegistrationPolicy;

/// Who may create an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// `open`: anyone. `invited`: whoever has an invite code, which `sotto-server admin invite create` makes. `closed`: nobody.
    /// Accounts that exist go on as before.
    pub policy: RegistrationPolicy,
}
