//! `[network]`: where the server listens.

use super::{AddressRange, InvalidValue};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// Address and port. Without `tls` plain HTTP: put a proxy with TLS before it, or reach it over loopback only.
    pub listen: SocketAddr,
    /// Connections at a time, requests and WebSockets together. Further ones wait in the system's queue.
    pub connections_max: usize,
    /// Proxies whose `Forwarded` or `X-Forwarded-For` says who the client is, as addresses and ranges: `10.0.0.0/8`. A proxy
    /// that is not among them is taken for the client of all its requests, and limited as one.
    pub trusted_proxies: Vec<AddressRange>,
    /// TLS on `listen`, and nothing else there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

/// The files of a certificate, both in PEM. They are read anew when they change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, and behind it those that lead to the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            connections_max: 100_000,
            trusted_proxies: AddressRange::loopback().to_vec(),
            tls: None,
        }
    }
}

impl Network {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if !(1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&self.connections_max) {
            return Err(InvalidValue::new("network.connections_max", "at least 1"));
        }
        if let Some(Tls { certificate, key }) = &self.tls {
            for (name, path) in [("network.tls.certificate", certificate), ("network.tls.key", key)] {
                if path.as_os_str().is_empty() {
                    let reason = "TLS needs two files: a certificate and its key";
                    return Err(InvalidValue::new(name, reason));
                }
            }
        }
        Ok(())
    }
}
