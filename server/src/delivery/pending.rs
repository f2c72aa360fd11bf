//! Cursors and markers that wait for a group commit. Losing them in a crash costs a device nothing but entries that it
//! gets twice and knows by their position, and markers that are not set again.

use super::lock;
use crate::store::{CursorAdvance, MarkerUpdate};
use bytes::Bytes;
use sotto_protocol::{ChatId, DeviceAddress, Seq};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long cursors gather before they are written: a device acknowledges more than once in that time.
const CURSORS_GATHER: Duration = Duration::from_secs(2);
/// How long markers do. Not as long: a device that connects meanwhile is told the marker before.
const MARKERS_GATHER: Duration = Duration::from_millis(500);
/// Cursors, and markers, in one transaction, so that no message waits long behind them. Not few: those of different
/// chats mostly lie on different pages of a small table, and each transaction writes all pages that it touches.
const PER_BATCH: usize = 512;
/// So many transactions take all that is due, however much it is.
const BATCHES: usize = 64;
/// Time between these, in which messages have the writer for themselves.
const PAUSE: Duration = Duration::from_millis(20);
/// When so many gather, they are due at once.
const MOST_WAITING: usize = 65_536;

/// Cursors and markers of one shard, of each device and chat the latest.
#[derive(Debug)]
pub(super) struct Pending {
    state: Mutex<State>,
    /// Something waits where nothing did.
    begun: Notify,
}

#[derive(Debug)]
struct State {
    cursors: Gathering<Seq>,
    markers: Gathering<Bytes>,
    /// From when on the next transaction may take some.
    next_at: Option<Instant>,
}

/// Whose it is.
type Key = (ChatId, DeviceAddress);

/// What gathers for a while, and is then written in parts.
#[derive(Debug)]
struct Gathering<T> {
    time: Duration,
    waiting: HashMap<Key, T>,
    /// When the first of these began to wait.
    since: Option<Instant>,
    /// Gathered for long enough.
    due: Vec<(Key, T)>,
    /// Since when that is.
    due_since: Option<Instant>,
    /// How many of these go into a transaction.
    per_batch: usize,
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

impl Default for Pending {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                cursors: Gathering::new(CURSORS_GATHER),
                markers: Gathering::new(MARKERS_GATHER),
                next_at: None,
            }),
            begun: Notify::new(),
        }
    }
}

impl Pending {
    pub(super) fn acknowledge(&self, chat: ChatId, device: DeviceAddress, seq: Seq) {
        let is_due_earlier = lock(&self.state)
            .cursors
            .add((chat, device), seq, |waiting| *waiting = seq.max(*waiting));
        if is_due_earlier {
            self.begun.notify_one();
        }
    }

    pub(super) fn mark(&self, chat: ChatId, device: DeviceAddress, marker: Bytes) {
        let is_due_earlier = lock(&self.state)
            .markers
            .add((chat, device), marker.clone(), |waiting| *waiting = marker);
        if is_due_earlier {
            self.begun.notify_one();
        }
    }

    /// Keeps what could not be written for later, unless there is something newer.
    pub(super) fn put_back(&self, due: Due) {
        let mut state = lock(&self.state);
        for cursor in due.cursors {
            let seq = cursor.acknowledged;
            state.cursors.add((cursor.chat, cursor.device), seq, |waiting| {
                *waiting = seq.max(*waiting);
            });
        }
        for marker in due.markers {
            state
                .markers
                .add((marker.chat, marker.device), marker.payload, |_| {});
        }
        drop(state);
        self.begun.notify_one();
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
        let now = Instant::now();
        lock(&self.state).take(Some(now))
    }

    /// Takes some of what waits, due or not; nothing only if nothing waits.
    pub(super) fn take(&self) -> Due {
        lock(&self.state).take(None)
    }
}

impl State {
    fn due_at(&self) -> Option<Instant> {
        let due = [self.cursors.due_at(), self.markers.due_at()];
        let first = due.into_iter().flatten().min()?;
        Some(self.next_at.map_or(first, |next_at| first.max(next_at)))
    }

    /// Takes some of what is due at a time, or of everything.
    fn take(&mut self, at: Option<Instant>) -> Due {
        if at.is_some_and(|at| self.due_at().is_none_or(|due_at| due_at > at)) {
            return Due::default();
        }
        let cursors = self.cursors.take(at).into_iter();
        let markers = self.markers.take(at).into_iter();
        self.next_at = Some(Instant::now() + PAUSE);
        Due {
            cursors: cursors
                .map(|((chat, device), acknowledged)| CursorAdvance {
                    device,
                    chat,
                    acknowledged,
                })
                .collect(),
            markers: markers
                .map(|((chat, device), payload)| MarkerUpdate {
                    device,
                    chat,
                    payload,
                })
                .collect(),
        }
    }
}

impl<T> Gathering<T> {
    fn new(time: Duration) -> Self {
        Self {
            time,
            waiting: HashMap::new(),
            since: None,
            due: Vec::new(),
            due_since: None,
            per_batch: PER_BATCH,
        }
    }

    /// `true` if there is something due earlier than before.
    fn add(&mut self, key: Key, value: T, renew: impl FnOnce(&mut T)) -> bool {
        match self.waiting.entry(key) {
            Entry::Occupied(waiting) => renew(waiting.into_mut()),
            Entry::Vacant(place) => {
                place.insert(value);
            }
        }
        let is_first = self.since.is_none();
        self.since.get_or_insert_with(Instant::now);
        is_first || self.waiting.len() == MOST_WAITING
    }

    fn due_at(&self) -> Option<Instant> {
        if !self.due.is_empty() {
            return self.due_since;
        }
        let since = self.since?;
        let is_full = self.waiting.len() >= MOST_WAITING;
        Some(if is_full { since } else { since + self.time })
    }

    fn take(&mut self, at: Option<Instant>) -> Vec<(Key, T)> {
        if at.is_some_and(|at| self.due_at().is_none_or(|due_at| due_at > at)) {
            return Vec::new();
        }
        if self.due.is_empty() {
            self.due_since = self.since.take();
            self.per_batch = PER_BATCH.max(self.waiting.len() / BATCHES);
            self.due = std::mem::take(&mut self.waiting).into_iter().collect();
        }
        if self.due.len() <= self.per_batch {
            return std::mem::take(&mut self.due);
        }
        self.due.split_off(self.due.len() - self.per_batch)
    }
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
    fn markers_do_not_wait_for_cursors() {
        let pending = Pending::default();
        let before = Instant::now();
        pending.acknowledge(CHAT, device(1), Seq(1));
        let cursors_due = pending.due_at().unwrap();
        assert!(cursors_due >= before + CURSORS_GATHER);
        pending.mark(CHAT, device(1), Bytes::from_static(b"read"));
        assert!(pending.due_at().unwrap() < cursors_due);
        let in_a_second = Instant::now() + Duration::from_secs(1);
        let due = lock(&pending.state).take(Some(in_a_second));
        assert_eq!((due.cursors.len(), due.markers.len()), (0, 1));
        assert_eq!(pending.due_at(), Some(cursors_due));
        assert!(pending.take_due().is_empty());
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
