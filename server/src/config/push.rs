//! `[push]`: how devices that are not connected are woken.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// The port of endpoints, unless the operator says another.
const HTTPS: u16 = 443;

/// How devices that are not connected are woken: by Web Push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Push {
    /// `mailto:…` or `https://…`, by which a push service reaches who runs this server. Some refuse servers that say nothing.
    pub contact: String,
    /// Hosts of push services that may be sent to: `host`, `*.domain` for all below it, `host:port` for another port than 443.
    /// Empty: all, at port 443.
    pub hosts: Vec<String>,
    /// Whether endpoints may be in private networks or on this machine, at any port. Whoever has an account can then let the
    /// server send to them.
    pub allow_private_addresses: bool,
    /// A PEM file with certificates that vouch for push services, beside the system's.
    pub certificates: Option<PathBuf>,
    /// A device that stays away is woken again after so long at the earliest.
    pub interval_seconds: u32,
}

impl Default for Push {
    fn default() -> Self {
        Self {
            contact: String::new(),
            hosts: Vec::new(),
            allow_private_addresses: false,
            certificates: None,
            interval_seconds: 30,
        }
    }
}

impl Push {
    /// See [`Self::interval_seconds`].
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_secs(u64::from(self.interval_seconds))
    }

    /// See [`Self::contact`].
    pub(crate) fn contact(&self) -> Option<String> {
        Some(self.contact.clone()).filter(|contact| !contact.is_empty())
    }

    /// Whether this host may be sent to at this port. It is in lower case, as in any URL that was parsed.
    pub(crate) fn allows(&self, host: &str, port: u16) -> bool {
        if self.hosts.is_empty() {
            return port == HTTPS || self.allow_private_addresses;
        }
        self.hosts.iter().any(|allowed| {
            let (name, allowed_port) = split(allowed);
            let fits = match name.strip_prefix('*') {
                Some(domain) => host.len() > domain.len() && host.ends_with(domain),
                None => host == name,
            };
            fits && allowed_port == Some(port)
        })
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let is_contact = |text: &str| text.starts_with("mailto:") || text.starts_with("https://");
        if !self.contact.is_empty() && !is_contact(&self.contact) {
            return Err(InvalidValue::new("push.contact", "mailto:… or https://…"));
        }
        for host in &self.hosts {
            let (name, port) = split(host);
            let name = name.strip_prefix("*.").unwrap_or(name);
            let is_name = !name.is_empty()
                && name.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.[:]".contains(&byte)
                });
            if !is_name || port.is_none() {
                return Err(InvalidValue::new(
                    "push.hosts",
                    format!("expected host, *.domain or host:port in lower case, not {host:?}"),
                ));
            }
        }
        if !(1..=24 * 60 * 60).contains(&self.interval_seconds) {
            return Err(InvalidValue::new("push.interval_seconds", "1 second to a day"));
        }
        Ok(())
    }
}

/// The name and the port; no port if it is none.
fn split(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        // The colons of an IPv6 address are in brackets.
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
        _ => (host, Some(HTTPS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_host_or_contact_is_refused() {
        let with = |hosts: &[&str], contact: &str| Push {
            hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            contact: contact.to_owned(),
            ..Push::default()
        };
        assert!(
            with(&["a.example", "*.b.example", "c:8443", "[fd00::1]:1"], "")
                .validate()
                .is_ok()
        );
        assert!(with(&[], "mailto:op@example.org").validate().is_ok());
        for wrong in [
            "",
            "*",
            "*.",
            "https://a",
            "a.example:x",
            "A.example",
            "a.example/",
        ] {
            let error = with(&[wrong], "").validate().unwrap_err();
            assert_eq!(error.key, "push.hosts", "{wrong}");
        }
        assert_eq!(
            with(&[], "op@example.org").validate().unwrap_err().key,
            "push.contact"
        );
    }
}
