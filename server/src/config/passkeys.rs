//! `[passkeys]`: logins without a password.

use super::InvalidValue;
use super::web::is_origin;
use serde::{Deserialize, Serialize};

/// Logins without a password. A passkey belongs to a domain for good, which browsers hold against the page that asks for it: so the server
/// has to be told by which address people reach it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passkeys {
    /// Whether accounts can have passkeys. It takes `origins`.
    pub enabled: bool,
    /// Origins of the web app, such as `https://chat.example.org`: what the address bar shows, without a path. `https`, or `http` at
    /// `localhost`.
    pub origins: Vec<String>,
    /// The domain to which passkeys belong: the host of each of the origins, or a domain above it. If nothing is said, the host of the
    /// first. When it changes, the passkeys that there are work no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

impl Passkeys {
    /// The domain to which passkeys belong; `None` if passkeys are off.
    pub(crate) fn relying_party(&self) -> Option<&str> {
        if !self.enabled {
            return None;
        }
        self.domain
            .as_deref()
            .or_else(|| self.origins.first().and_then(|origin| host(origin)))
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let Some(domain) = self.relying_party() else {
            return if self.enabled {
                Err(InvalidValue::new(
                    "passkeys.origins",
                    "passkeys need the address by which people reach the web app: https://chat.example.org",
                ))
            } else {
                Ok(())
            };
        };
        for origin in &self.origins {
            let host = host(origin).filter(|_| is_origin(origin));
            let is_secure = origin.starts_with("https://") || host == Some("localhost");
            // Browsers have no passkeys for addresses.
            let is_name = host.is_some_and(|host| host.parse::<std::net::Ipv4Addr>().is_err());
            if !is_secure || !is_name {
                return Err(InvalidValue::new(
                    "passkeys.origins",
                    format!(
                        "expected https://host[:port] in lower case, or http://localhost[:port], not {origin:?}"
                    ),
                ));
            }
            let is_below = host.is_some_and(|host| {
                host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            });
            if domain.is_empty() || !is_below {
                return Err(InvalidValue::new(
                    "passkeys.domain",
                    format!("expected the host of {origin:?} or a domain above it, not {domain:?}"),
                ));
            }
        }
        if self.origins.is_empty() {
            return Err(InvalidValue::new(
                "passkeys.origins",
                format!("at which addresses of {domain:?} is the web app?"),
            ));
        }
        Ok(())
    }
}

/// The host of an origin that has a name and no address of IPv6.
fn host(origin: &str) -> Option<&str> {
    let (_, authority) = origin.split_once("://")?;
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    (!host.is_empty() && !host.starts_with('[')).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(origins: &[&str], domain: Option<&str>) -> Passkeys {
        Passkeys {
            enabled: true,
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            domain: domain.map(str::to_owned),
        }
    }

    #[test]
    fn passkeys_belong_to_the_host_of_the_web_app_or_to_a_domain_above_it() {
        for (passkeys, domain) in [
            (with(&["https://chat.example.org"], None), "chat.example.org"),
            (
                with(
                    &["https://chat.example.org", "https://www.example.org:8443"],
                    Some("example.org"),
                ),
                "example.org",
            ),
            (with(&["http://localhost:7700"], None), "localhost"),
        ] {
            assert_eq!(passkeys.validate(), Ok(()), "{passkeys:?}");
            assert_eq!(passkeys.relying_party(), Some(domain));
        }
        assert_eq!(Passkeys::default().validate(), Ok(()));
        assert_eq!(Passkeys::default().relying_party(), None);
    }

    #[test]
    fn what_browsers_would_refuse_is_refused_at_the_start() {
        for passkeys in [
            with(&[], None),
            with(&[], Some("example.org")),
            with(&["http://chat.example.org"], None),
            with(&["https://192.0.2.1"], None),
            with(&["https://[::1]"], None),
            with(&["https://chat.example.org/"], None),
            with(&["chat.example.org"], None),
        ] {
            let error = passkeys.validate().unwrap_err();
            assert_eq!(error.key, "passkeys.origins", "{passkeys:?}");
        }
        for passkeys in [
            with(&["https://chat.example.org", "https://chat.example.com"], None),
            with(&["https://chat.example.org"], Some("ample.org")),
            with(&["https://chat.example.org"], Some("")),
            with(&["https://example.org"], Some("chat.example.org")),
        ] {
            let error = passkeys.validate().unwrap_err();
            assert_eq!(error.key, "passkeys.domain", "{passkeys:?}");
        }
    }
}
