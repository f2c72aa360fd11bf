//! What a node says to the other nodes of the installation: which devices are connected to it, and what it has accepted
//! for devices that are connected elsewhere. The database is the truth; the bus only saves the others from asking it.
//!
//! ```text
//! delivery → Bus: routes by account, a bounded queue a node → sending: numbers, seals → Network (core NATS)
//! delivery ← LocalNode ← receiving: opens, counts, tells what was missed ← Network
//! ```
//!
//! Nothing here waits for another node, and nothing is sent twice: what is lost shows as a hole in the numbers, and the
//! receiving node reads the database ([`LocalNode::missed`]).

mod clock;
mod handle;
mod key;
mod link;
mod message;
mod nats;
mod network;
mod node;
mod queue;
mod receiving;
mod routes;
mod seal;
mod sending;
mod tasks;
#[cfg(test)]
mod tests;

pub(crate) use handle::{Bus, BusState, Change, LocalNode, PartOfDevices, Ticket};
pub(crate) use key::BusKey;
pub(crate) use message::{Relay, RelayedCommit};
pub(crate) use nats::Nats;
pub(crate) use network::Network;
pub use network::NetworkError;
pub(crate) use node::{ConnectionStamp, Slot};
pub(crate) use queue::Priority;
pub(crate) use tasks::RunningBus;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. What the lock guards is whole between any two statements, so a panic elsewhere leaves it sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
