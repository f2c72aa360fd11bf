//! `[network]`: where the server listens.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// Address and port. Plain HTTP: put a proxy with TLS before it, or reach it over loopback only.
    pub listen: SocketAddr,
    /// Connections at a time, requests and WebSockets together. Further ones wait in the system's queue.
    pub connections_max: usize,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            connections_max: 100_000,
        }
    }
}

impl Network {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if (1..=tokio::sync::Semaphore::MAX_PERMITS).contains(&self.connections_max) {
            Ok(())
        } else {
            Err(InvalidValue::new("network.connections_max", "at least 1"))
        }
    }
}
