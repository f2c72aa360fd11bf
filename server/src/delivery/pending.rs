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
/// Cursors, and markers, in one transaction, so that no message waits long behind them. Not few: those of different chats mostly lie on
/// different pages of a small table, and each transaction writes all pages that it touches.
const PER_BATCH: usize = 512;
/// So many transactions take all that is due, however much it is.
const BATCHES: usize = 64;
/// Time between these, in which messages have the writer for themselves.
const PAUSE: Duration = Duration::from_millis(20);
/// When so many gather, they are due at once.
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
    /// When the first began to wait of those that gather.
    since: Option<Instant>,
    /// Gathered for long enough.
    due: Due,
    /// How many of each go into a transaction, and from when on the next may.
    per_batch: usize,
    next_at: Option<Instant>,
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
        lock(&self.state).due_at()
    }

    /// Takes some of what is due.
    pub(super) fn take_due(&self) -> Due {
        let mut state = lock(&self.state);
        match state.due_at() {
            Some(at) if at <= Instant::now() => state.take(),
            _ => Due::default(),
        }
    }

    /// Takes some of what waits, due or not; nothing only if nothing waits.
    pub(super) fn take(&self) -> Due {
        lock(&self.state).take()
    }
}

impl State {
    fn due_at(&self) -> Option<Instant> {
        if !self.due.is_empty() {
            return self.next_at;
        }
        let since = self.since?;
        let is_full = self.cursors.len() >= CURSORS_WAITING;
        Some(if is_full { since } else { since + GATHERING })
    }

    fn take(&mut self) -> Due {
        if self.due.is_empty() {
            self.gather_no_more();
        }
        self.next_at = Some(Instant::now() + PAUSE);
        Due {
            cursors: split_off_last(&mut self.due.cursors, self.per_batch),
            markers: split_off_last(&mut self.due.markers, self.per_batch),
        }
    }

    /// All that has gathered is due.
    fn gather_no_more(&mut self) {
        let cursors = std::mem::take(&mut self.cursors);
        let markers = std::mem::take(&mut self.markers);
        self.since = None;
        self.per_batch = PER_BATCH.max(cursors.len().max(markers.len()) / BATCHES);
        self.due = Due {
            cursors: cursors
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
        };
    }
}

fn split_off_last<T>(all: &mut Vec<T>, most: usize) -> Vec<T> {
    if all.len() <= most {
        return std::mem::take(all);
    }
    all.split_off(all.len() - most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::{AccountId, DeviceId};
    use std::collections::HashSet;

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    fn device(number: u32) -> DeviceAddress {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        DeviceAddress {
            account: AccountId::from_bytes(bytes),
            device: DeviceId::from_bytes(bytes),
        }
    }

    #[test]
    fn of_a_devices_cursors_the_furthest_counts() {
        let pending = Pending::default();
        for seq in [3, 7, 5] {
            pending.acknowledge(CHAT, device(1), Seq(seq));
        }
        let due = pending.take();
        assert_eq!(due.cursors.len(), 1);
        assert_eq!(due.cursors[0].acknowledged, Seq(7));
        assert!(pending.take().is_empty());
    }

    #[test]
    fn much_goes_a_part_at_a_time_and_none_is_left() {
        for count in [1, 512, 513, 2_000, 60_000] {
            let pending = Pending::default();
            for number in 0..count {
                pending.acknowledge(CHAT, device(number), Seq(1));
                pending.mark(CHAT, device(number), Bytes::from_static(b"read"));
            }
            let mut cursors = HashSet::new();
            let mut markers = HashSet::new();
            let mut batches = 0;
            loop {
                let due = pending.take();
                if due.is_empty() {
                    break;
                }
                batches += 1;
                let most = PER_BATCH.max(count as usize / BATCHES);
                assert!(due.cursors.len() <= most && due.markers.len() <= most);
                cursors.extend(due.cursors.iter().map(|cursor| cursor.device));
                markers.extend(due.markers.iter().map(|marker| marker.device));
            }
            assert!(batches <= BATCHES + 1);
            assert_eq!((cursors.len(), markers.len()), (count as usize, count as usize));
        }
    }

    #[test]
    fn nothing_more_is_due_right_after_a_part_was_taken() {
        let pending = Pending::default();
        for number in 0..2_000 {
            pending.acknowledge(CHAT, device(number), Seq(1));
        }
        let before = Instant::now();
        assert_eq!(pending.take().cursors.len(), PER_BATCH);
        assert!(pending.due_at().unwrap() >= before + PAUSE);
    }
}
