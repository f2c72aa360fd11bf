//! `/v1/server`: what anyone may know of a server before they have an account there.

use super::oidc::OidcInfo;
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
#[allow(clippy::struct_excessive_bools, reason = "each is whether one thing is there")]
pub struct ServerInfo {
    /// Who may create an account.
    pub registration: RegistrationPolicy,
    /// Whether accounts can have passkeys.
    #[serde(default)]
    pub passkeys: bool,
    /// The OpenID provider at which people can log in, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcInfo>,
    /// What the server is called.
    #[serde(default = "default_name")]
    pub name: String,
    /// The operator's colours, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<Accent>,
    /// Whether `GET /v1/site/logo` answers with one.
    #[serde(default)]
    pub logo: bool,
    /// Whether what `GET /v1/site/about` says is the operator's own.
    #[serde(default)]
    pub about: bool,
    /// Whether `GET /v1/site/landing` says something.
    #[serde(default)]
    pub landing: bool,
    /// Whether there is any news.
    #[serde(default)]
    pub news: bool,
    /// What communities can be about.
    #[serde(default)]
    pub topics: Vec<String>,
}

/// What a server is called whose operator has not named it.
pub const DEFAULT_NAME: &str = "Sotto";

fn default_name() -> String {
    DEFAULT_NAME.to_owned()
}

/// Colours for what is to be noticed, as `#rrggbb`. Words in them can be read, by themselves and on them (WCAG 2.2, AA).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accent {
    /// Before light paper, and behind white words.
    pub light: String,
    /// Before dark paper, and behind black words.
    pub dark: String,
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

    #[test]
    fn a_server_that_tells_less_is_an_unnamed_one() {
        let info: ServerInfo = serde_json::from_str(r#"{"registration":"open"}"#).unwrap();
        assert_eq!((info.name.as_str(), info.accent), (DEFAULT_NAME, None));
        assert_eq!(info.oidc, None);
        assert!(!info.logo && !info.about && !info.landing && !info.news && info.topics.is_empty());
    }
}
