//! How many connections each address has.

use super::ClientAddress;
use crate::config::AddressRange;
use crate::telemetry::metrics::{Limit, METRICS};
use sotto_protocol::{Problem, ProblemCode};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections by address. It knows those alone that have one, so it is as large as there are connections.
#[derive(Clone, Debug)]
pub(crate) struct AddressConnections {
    open: Arc<Mutex<HashMap<ClientAddress, u32>>>,
    most: u32,
    proxies: Arc<[AddressRange]>,
}

/// The address has as many connections as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyConnections;

impl From<TooManyConnections> for Problem {
    fn from(_: TooManyConnections) -> Self {
        let mut problem = Self::new(ProblemCode::TooManyConnections);
        problem.retry_after = Some(10);
        problem
    }
}

/// Counts a connection until it is dropped.
#[derive(Debug)]
pub(crate) struct AddressPermit {
    open: Arc<Mutex<HashMap<ClientAddress, u32>>>,
    address: ClientAddress,
}

impl AddressConnections {
    /// At most `most` for each address but those of `proxies`, through which everybody may come, and of this machine.
    pub(crate) fn new(most: u32, proxies: &[AddressRange]) -> Self {
        Self {
            open: Arc::default(),
            most,
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
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.most {
            METRICS.limits_hit.of(Limit::ConnectionsPerAddress).increment();
            return Err(TooManyConnections);
        }
        *count += 1;
        Ok(Some(AddressPermit {
            open: Arc::clone(&self.open),
            address,
        }))
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_as_many_connections_as_it_may_and_is_forgotten_after_the_last() {
        let connections = AddressConnections::new(2, &["10.0.0.0/8".parse().unwrap()]);
        let admit = |text: &str| connections.admit_peer(text.parse().unwrap());
        let one = admit("192.0.2.1").unwrap();
        let two = admit("192.0.2.1").unwrap();
        assert_eq!(admit("192.0.2.1").unwrap_err(), TooManyConnections);
        let other = admit("192.0.2.2").unwrap();
        drop(one);
        let again = admit("192.0.2.1").unwrap();
        for uncounted in ["10.0.0.1", "127.0.0.1", "::1"] {
            assert!((0..5).all(|_| admit(uncounted).unwrap().is_none()), "{uncounted}");
        }
        drop((two, other, again));
        assert!(connections.open.lock().unwrap().is_empty());
    }
}
