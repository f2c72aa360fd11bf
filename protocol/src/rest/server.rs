//! `/v1/server`: what anyone may know of a server before they have an account there.

use serde::{Deserialize, Serialize};

/// Who may create an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationPolicy {
    /// Anyone.
    #[default]
    Open,
    /// Whoever has an invite code ([`crate::InviteCode`]).
    Invited,
    /// Nobody.
    Closed,
}

impl RegistrationPolicy {
    /// The policy as JSON has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invited => "invited",
            Self::Closed => "closed",
        }
    }
}

/// The answer to `GET /v1/server`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    /// Who may create an account.
    pub registration: RegistrationPolicy,
    /// Whether accounts can have passkeys.
    #[serde(default)]
    pub passkeys: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_its_json() {
        for policy in [
            RegistrationPolicy::Open,
            RegistrationPolicy::Invited,
            RegistrationPolicy::Closed,
        ] {
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
        }
    }
}
