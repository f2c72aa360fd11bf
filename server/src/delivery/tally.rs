//! How many devices a fleeting message reached on other nodes: each node that may have some is asked.

use super::lock;
use crate::bus::Slot;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long the others may take to answer. What they have not said by then is not counted.
const PATIENCE: Duration = Duration::from_secs(2);

/// The messages whose reach is being counted.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    tallies: HashMap<u64, Tally>,
}

#[derive(Debug)]
struct Tally {
    awaited: Vec<Slot>,
    devices: u32,
    done: Option<oneshot::Sender<()>>,
}

impl Tallies {
    /// Begins to count with what this node reached itself. Returns the number under which the others answer.
    pub(super) fn begin(&self, devices: u32, awaited: Vec<Slot>) -> (u64, oneshot::Receiver<()>) {
        let (done, all_answered) = oneshot::channel();
        let mut state = lock(&self.state);
        state.next += 1;
        let request = state.next;
        let tally = Tally {
            awaited,
            devices,
            done: Some(done),
        };
        state.tallies.insert(request, tally);
        (request, all_answered)
    }

    /// Waits for the answers, and returns the count.
    pub(super) async fn count(&self, request: u64, all_answered: oneshot::Receiver<()>) -> u32 {
        // Answered by all, or out of patience: the count is what it is.
        let _ = tokio::time::timeout(PATIENCE, all_answered).await;
        let tally = lock(&self.state).tallies.remove(&request);
        tally.map_or(0, |tally| tally.devices)
    }

    /// A node has answered.
    pub(super) fn add(&self, request: u64, from: Slot, devices: u32) {
        let mut state = lock(&self.state);
        if let Some(tally) = state.tallies.get_mut(&request)
            && tally.awaited.contains(&from)
        {
            tally.devices = tally.devices.saturating_add(devices);
            tally.answered(from);
        }
    }

    /// A node will not answer any more.
    pub(super) fn give_up(&self, node: Slot) {
        for tally in lock(&self.state).tallies.values_mut() {
            tally.answered(node);
        }
    }

    /// A node was not asked after all.
    pub(super) fn give_up_one(&self, request: u64, node: Slot) {
        self.add(request, node, 0);
    }
}

impl Tally {
    fn answered(&mut self, node: Slot) {
        self.awaited.retain(|awaited| *awaited != node);
        if self.awaited.is_empty()
            && let Some(done) = self.done.take()
        {
            // Whoever waited may have lost patience.
            let _ = done.send(());
        }
    }
}
