//! `[bus]`: how nodes of one installation hear of each other.

use super::InvalidValue;
use crate::bus::Nats;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What stands for no bus.
const LOCAL: &str = "local";

/// How nodes of one installation hear of each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bus {
    /// `local`: this is the only node. Or the servers of a NATS cluster, separated by commas, the same for all nodes:
    /// `nats://[user:password@]host[:port]`, `tls://…`; a token stands in the place of the user.
    pub url: String,
    /// A PEM file with the certificates that vouch for the NATS servers, if the system's do not.
    pub certificates: Option<PathBuf>,
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            url: LOCAL.to_owned(),
            certificates: None,
        }
    }
}

impl Bus {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        self.nats().map(drop)
    }

    /// The network of the other nodes; `None` if there are none.
    pub(crate) fn nats(&self) -> Result<Option<Nats>, InvalidValue> {
        if self.url == LOCAL {
            return Ok(None);
        }
        Nats::new(&self.url, self.certificates.clone())
            .map(Some)
            .map_err(|error| InvalidValue::new("bus.url", format!("{error}, or local")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bus(url: &str) -> Bus {
        Bus {
            url: url.to_owned(),
            ..Bus::default()
        }
    }

    #[test]
    fn without_a_word_there_is_one_node() {
        assert!(Bus::default().nats().unwrap().is_none());
    }

    #[test]
    fn a_bus_is_local_or_nats() {
        assert!(bus("nats://one:4222,tls://two").nats().unwrap().is_some());
        for url in ["", "nats", "redis://localhost", "localhost:4222"] {
            let error = bus(url).validate().unwrap_err();
            assert_eq!(error.key, "bus.url", "{url}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_the_password() {
        let error = bus("nats://user:hunter2@").validate().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
