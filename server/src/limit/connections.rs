//! How many connections each address has.

use super::ClientAddress;
use super::shares::{Share, Shares};
use crate::config::AddressRange;
use crate::telemetry::metrics::{Limit, METRICS};
use sotto_protocol::{Problem, ProblemCode};
use std::net::IpAddr;
use std::sync::Arc;

/// Counts connections by address. It knows those alone that have one, so it is as large as there are connections.
#[derive(Clone, Debug)]
pub(crate) struct AddressConnections {
    open: Shares<ClientAddress>,
    proxies: Arc<[AddressRange]>,
}

/// The address has as many connections as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyConnections;

impl From<TooManyConnections> for Problem {
    fn from(_: TooManyConnections) -> Self {
        Self::new(ProblemCode::TooManyConnections).with_retry_after(10)
    }
}

/// Counts a connection until it is dropped.
pub(crate) type AddressPermit = Share<ClientAddress>;

impl AddressConnections {
    /// At most `most` for each address but those of `proxies`, through which everybody may come, and of this machine.
    pub(crate) fn new(most: u32, proxies: &[AddressRange]) -> Self {
        Self {
            open: Shares::new(most),
            proxies: proxies.into(),
        }
    }

    /// Counts a connection from this peer, unless it has as many as it may; `None` if it is not counted at all.
    pub(crate) fn admit_peer(&self, peer: IpAddr) -> Result<Option<AddressPermit>, TooManyConnections> {
        if self.proxies.iter().any(|range| range.contains(peer)) {
            return Ok(None);
        }
        self.admit(peer.into())
    }

    /// Counts a connection of this client, unless it has as many as it may; `None` if it is not counted at all.
    pub(crate) fn admit(&self, address: ClientAddress) -> Result<Option<AddressPermit>, TooManyConnections> {
        if address.is_loopback() {
            return Ok(None);
        }
        if let Some(permit) = self.open.take(address) {
            return Ok(Some(permit));
        }
        METRICS.limits_hit.of(Limit::ConnectionsPerAddress).increment();
        Err(TooManyConnections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_this_machine_have_as_many_connections_as_they_like() {
        let connections = AddressConnections::new(1, &["10.0.0.0/8".parse().unwrap()]);
        let admit = |text: &str| connections.admit_peer(text.parse().unwrap());
        let _one = admit("192.0.2.1").unwrap();
        assert_eq!(admit("192.0.2.1").unwrap_err(), TooManyConnections);
        assert!(admit("192.0.2.2").unwrap().is_some());
        for uncounted in ["10.0.0.1", "127.0.0.1", "::1"] {
            assert!((0..5).all(|_| admit(uncounted).unwrap().is_none()), "{uncounted}");
        }
    }
}
