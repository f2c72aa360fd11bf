//! `[registration]`: who may create an account.

use serde::{Deserialize, Serialize};

/// Who may create an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Whether anyone may. If not, accounts that exist go on as before.
    pub open: bool,
}

impl Default for Registration {
    fn default() -> Self {
        Self { open: true }
    }
}
