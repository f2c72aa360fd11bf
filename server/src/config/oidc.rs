//! `[oidc]`: logins at an OpenID provider.

use super::InvalidValue;
use super::web::is_origin;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Bytes of the name of a provider in UTF-8.
const NAME_BYTES: usize = 64;

/// Logins at an OpenID provider (OpenID Connect), which says who somebody is and opens nothing: an account's keys stay sealed by what its owner
/// knows or has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each switches one thing on")]
pub struct Oidc {
    /// Whether people can log in there. It takes `issuer`, `client_id` and `origins`.
    pub enabled: bool,
    /// The provider, exactly as it names itself: `https://id.example.org/realms/example`. What it offers is read from
    /// `<issuer>/.well-known/openid-configuration`.
    pub issuer: String,
    /// What the provider calls this server.
    pub client_id: String,
    /// A file with the secret by which the server shows itself to the provider. Without one it is a public client, which PKCE protects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for. `openid` has to be among it; `profile` gives a name that is proposed to those who register.
    pub scopes: Vec<String>,
    /// How people call the provider: it stands on the button. If nothing is said, the host of the issuer.
    pub name: String,
    /// Origins of the web app, such as `https://chat.example.org`. The provider has to let each with `/login/oidc` behind it be a redirect URI.
    pub origins: Vec<String>,
    /// Whether native applications may be sent back to, at `http://127.0.0.1` or `http://[::1]`, any port, and `/login/oidc` (RFC 8252). The
    /// provider has to allow it, too.
    pub native: bool,
    /// Whether who is known there may make an account without an invite and without a proof of work, one each, also where `registration.policy`
    /// lets in nobody else.
    pub registration: bool,
    /// Whether a linked account takes a login there each time that a device begins a session. Accounts that are not linked take none.
    pub required: bool,
    /// Takes the provider's own access tokens (JWT, RFC 9068) for this audience in the place of a device's: without keys, for an account's public
    /// profile and searches alone. If nothing is said, none are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// A PEM file with certificates that vouch for the provider, beside the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<PathBuf>,
}

impl Default for Oidc {
    fn default() -> Self {
        Self {
            enabled: false,
            issuer: String::new(),
            client_id: String::new(),
            client_secret_file: None,
            scopes: vec!["openid".to_owned(), "profile".to_owned()],
            name: String::new(),
            origins: Vec::new(),
            native: true,
            registration: false,
            required: false,
            audience: None,
            certificates: None,
        }
    }
}

impl Oidc {
    /// How people call the provider.
    pub(crate) fn name(&self) -> String {
        if self.name.is_empty() {
            let host = Url::parse(&self.issuer)
                .ok()
                .and_then(|issuer| issuer.host_str().map(str::to_owned));
            host.unwrap_or_default()
        } else {
            self.name.clone()
        }
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if !self.enabled {
            return Ok(());
        }
        if secure_url(&self.issuer).is_none_or(|issuer| issuer.query().is_some()) {
            return Err(InvalidValue::new(
                "oidc.issuer",
                format!(
                    "expected https://… as the provider names itself, not {:?}",
                    self.issuer
                ),
            ));
        }
        if self.client_id.is_empty() || !self.client_id.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Err(InvalidValue::new(
                "oidc.client_id",
                "what does the provider call this server?",
            ));
        }
        let is_scope = |scope: &String| {
            !scope.is_empty()
                && scope
                    .bytes()
                    .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        };
        if !self.scopes.iter().all(is_scope) || !self.scopes.iter().any(|scope| scope == "openid") {
            return Err(InvalidValue::new(
                "oidc.scopes",
                "expected words without spaces, and \"openid\" among them",
            ));
        }
        if self.name.len() > NAME_BYTES || self.name.chars().any(char::is_control) {
            let reason = format!("at most {NAME_BYTES} bytes, in one line");
            return Err(InvalidValue::new("oidc.name", reason));
        }
        if self.origins.is_empty() {
            return Err(InvalidValue::new(
                "oidc.origins",
                "at which address is the web app, to which the provider sends people back? https://chat.example.org",
            ));
        }
        for origin in &self.origins {
            if !is_origin(origin) || secure_url(origin).is_none() {
                return Err(InvalidValue::new(
                    "oidc.origins",
                    format!(
                        "expected https://host[:port] in lower case, or http://localhost[:port], not {origin:?}"
                    ),
                ));
            }
        }
        if self.audience.as_ref().is_some_and(String::is_empty) {
            return Err(InvalidValue::new(
                "oidc.audience",
                "leave it out to take no tokens",
            ));
        }
        Ok(())
    }
}

/// A URL over which nobody else listens: https, or this machine's own.
pub(crate) fn secure_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_secure = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url),
        _ => false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_secure && is_plain && url.has_host()).then_some(url)
}

/// Whether it leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Oidc)) -> Result<(), &'static str> {
        let mut oidc = Oidc {
            enabled: true,
            issuer: "https://id.example.org/realms/example".to_owned(),
            client_id: "sotto".to_owned(),
            origins: vec!["https://chat.example.org".to_owned()],
            ..Oidc::default()
        };
        change(&mut oidc);
        oidc.validate().map_err(|error| error.key)
    }

    #[test]
    fn a_provider_is_named_with_what_it_takes_to_reach_it_and_to_come_back() {
        assert_eq!(Oidc::default().validate(), Ok(()));
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(
            with(|oidc| oidc.issuer = "http://127.0.0.1:4000".to_owned()),
            Ok(())
        );
        assert_eq!(
            with(|oidc| oidc.origins = vec!["http://localhost:7700".to_owned()]),
            Ok(())
        );
        for issuer in [
            "",
            "id.example.org",
            "http://id.example.org",
            "https://id.example.org/?a=b",
            "https://id.example.org/#a",
            "https://user@id.example.org/",
        ] {
            assert_eq!(
                with(|oidc| oidc.issuer = issuer.to_owned()),
                Err("oidc.issuer"),
                "{issuer}"
            );
        }
        for origin in ["http://chat.example.org", "https://chat.example.org/", "chat"] {
            let checked = with(|oidc| oidc.origins = vec![origin.to_owned()]);
            assert_eq!(checked, Err("oidc.origins"), "{origin}");
        }
        assert_eq!(with(|oidc| oidc.origins.clear()), Err("oidc.origins"));
        assert_eq!(with(|oidc| oidc.client_id.clear()), Err("oidc.client_id"));
        for scopes in [vec!["profile"], vec!["openid", "a b"], vec![]] {
            let scopes: Vec<_> = scopes.into_iter().map(str::to_owned).collect();
            assert_eq!(with(|oidc| oidc.scopes = scopes), Err("oidc.scopes"));
        }
        assert_eq!(with(|oidc| oidc.name = "a\nb".to_owned()), Err("oidc.name"));
        assert_eq!(
            with(|oidc| oidc.audience = Some(String::new())),
            Err("oidc.audience")
        );
    }

    #[test]
    fn a_provider_without_a_name_is_called_by_its_host() {
        let mut oidc = Oidc {
            issuer: "https://id.example.org/a".to_owned(),
            ..Oidc::default()
        };
        assert_eq!(oidc.name(), "id.example.org");
        "Example".clone_into(&mut oidc.name);
        assert_eq!(oidc.name(), "Example");
    }
}
