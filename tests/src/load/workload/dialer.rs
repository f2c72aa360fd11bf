//! Connecting many clients, not all at once.

use super::super::engine::{ClientId, Clients, Session};
use super::super::measure::Recorder;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;

/// Connections that are begun in one turn of the event loop: beginning one takes some 15 µs, and meanwhile nothing is read.
const EACH_TURN: usize = 32;

/// Connects clients, so many at a time.
#[derive(Debug)]
pub(crate) struct Dialer {
    waiting: VecDeque<ClientId>,
    /// Bytes that the system holds for some clients when they do not read.
    buffers: HashMap<ClientId, usize>,
    at_once: usize,
    under_way: usize,
}

impl Dialer {
    pub(crate) fn new(clients: impl IntoIterator<Item = ClientId>, at_once: usize) -> Self {
        Self {
            waiting: clients.into_iter().collect(),
            buffers: HashMap::new(),
            at_once,
            under_way: 0,
        }
    }

    /// Bounds what the system holds for these clients when they do not read.
    pub(crate) fn with_buffers(mut self, clients: impl IntoIterator<Item = ClientId>, bytes: usize) -> Self {
        self.buffers
            .extend(clients.into_iter().map(|client| (client, bytes)));
        self
    }

    /// Connects further ones, as many as may be under way. Returns whether more may be begun in the next turn.
    pub(crate) fn tick<S: Session>(&mut self, clients: &mut Clients<S>, recorder: &mut Recorder<'_>) -> bool {
        for _ in 0..EACH_TURN {
            if self.under_way >= self.at_once {
                return false;
            }
            let Some(client) = self.waiting.pop_front() else {
                return false;
            };
            match clients.connect(client, self.buffers.get(&client).copied()) {
                Ok(()) => self.under_way += 1,
                Err(failure) => recorder.failed(failure),
            }
        }
        true
    }

    /// A connection is made that was there before.
    pub(crate) fn made(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// A connection was not made: it is tried again after the others.
    pub(crate) fn again(&mut self, client: ClientId) {
        self.under_way = self.under_way.saturating_sub(1);
        self.waiting.push_back(client);
    }

    /// A client is ready.
    pub(crate) fn ready(&mut self, recorder: &mut Recorder<'_>) {
        self.under_way = self.under_way.saturating_sub(1);
        recorder
            .control()
            .gauges
            .connected
            .fetch_add(1, Ordering::Relaxed);
    }

    /// A client did not become ready.
    pub(crate) fn failed(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }
}
