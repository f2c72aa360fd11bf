//! Cursors and markers that wait for the next group commit. Losing them in a crash costs a device nothing but entries
//! that it gets twice and knows by their position.

use super::lock;
use crate::store::{CursorAdvance, MarkerUpdate};
use bytes::Bytes;
use sotto_protocol::{ChatId, DeviceAddress, Seq};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long cursors gather before they are written: a device acknowledges more than once in that time.
const GATHERING: Duration = Duration::from_secs(2);
/// Cursors in one transaction, so that no message waits long behind them.
const CURSORS_PER_BATCH: usize = 512;
/// When so many wait, they are written at once.
const CURSORS_WAITING: usize = 65_536;

/// Cursors and markers of one shard, of each device and chat the latest.
#[derive(Debug, Default)]
pub(super) struct Pending {
    state: Mutex<State>,
    /// Something waits where nothing did.
    begun: Notify,
}

#[derive(Debug, Default)]
struct State {
    cursors: HashMap<(ChatId, DeviceAddress), Seq>,
    markers: HashMap<(ChatId, DeviceAddress), Bytes>,
    since: Option<Instant>,
}

/// What is to be written now.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) cursors: Vec<CursorAdvance>,
    pub(super) markers: Vec<MarkerUpdate>,
}

impl Due {
    pub(super) fn is_empty(&self) -> bool {
        self.cursors.is_empty() && self.markers.is_empty()
    }
}

impl Pending {
    pub(super) fn acknowledge(&self, chat: ChatId, device: DeviceAddress, seq: Seq) {
        self.add(|state| {
            let cursor = state.cursors.entry((chat, device)).or_insert(seq);
            *cursor = seq.max(*cursor);
        });
    }

    pub(super) fn mark(&self, chat: ChatId, device: DeviceAddress, marker: Bytes) {
        self.add(|state| {
            state.markers.insert((chat, device), marker);
        });
    }

    fn add(&self, change: impl FnOnce(&mut State)) {
        let mut state = lock(&self.state);
        change(&mut state);
        let is_first = state.since.is_none();
        if is_first {
            state.since = Some(Instant::now());
        }
        let is_full = state.cursors.len() == CURSORS_WAITING;
        drop(state);
        if is_first || is_full {
            self.begun.notify_one();
        }
    }

    /// Ready when there is something to be written.
    pub(super) async fn due(&self) {
        loop {
            let due_at = self.due_at();
            match due_at {
                Some(at) if at <= Instant::now() => return,
                Some(at) => {
                    // A notification means that it may be due earlier.
                    tokio::select! {
                        () = tokio::time::sleep_until(at) => {}
                        () = self.begun.notified() => {}
                    }
                }
                None => self.begun.notified().await,
            }
        }
    }

    fn due_at(&self) -> Option<Instant> {
        let state = lock(&self.state);
        let since = state.since?;
        let is_full = state.cursors.len() >= CURSORS_WAITING;
        Some(if is_full { since } else { since + GATHERING })
    }

    /// Takes what is due.
    pub(super) fn take_due(&self) -> Due {
        match self.due_at() {
            Some(at) if at <= Instant::now() => self.take(),
            _ => Due::default(),
        }
    }

    /// Takes some of what waits, due or not; nothing only if nothing waits.
    pub(super) fn take(&self) -> Due {
        let mut state = lock(&self.state);
        let taken: Vec<_> = state
            .cursors
            .iter()
            .take(CURSORS_PER_BATCH)
            .map(|(&key, &seq)| (key, seq))
            .collect();
        for (key, _) in &taken {
            state.cursors.remove(key);
        }
        let markers = std::mem::take(&mut state.markers);
        if state.cursors.is_empty() {
            state.cursors = HashMap::new();
            state.since = None;
        }
        drop(state);
        Due {
            cursors: taken
                .into_iter()
                .map(|((chat, device), acknowledged)| CursorAdvance {
                    device,
                    chat,
                    acknowledged,
                })
                .collect(),
            markers: markers
                .into_iter()
                .map(|((chat, device), payload)| MarkerUpdate {
                    device,
                    chat,
                    payload,
                })
                .collect(),
        }
    }
}
