//! The order in which entries of a chat go to this node's devices, when they come from several nodes: each entry is pushed
//! after the one before it, once, or never.
//!
//! Each node hands on what it accepted in the order of the log, but two nodes that write to a chat by turns are heard in
//! any order. So an entry whose predecessor is missing is held for a moment. If that does not come, the entry is
//! pushed after a gap, which the device sees and fetches; and if it comes later, it is not pushed any more.

use super::lock;
use sotto_protocol::{ChatId, Seq};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long an entry waits for the one before it: many times a message's way over the bus. If that is lost, a hole in the
/// bus's numbers tells the device sooner.
const HOLD: Duration = Duration::from_millis(250);
/// Bytes of one chat that are held.
const CHAT_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of all chats that are held.
const BYTES: usize = 64 * 1024 * 1024;
/// How long it is remembered which entry of a chat was pushed last.
const MEMORY: Duration = Duration::from_secs(10);
/// Locks: several writers and the bus push at the same time.
const PARTS: usize = 64;

/// The chats that had entries lately.
pub(super) struct Order<T> {
    parts: Vec<Mutex<Lines<T>>>,
    /// When held entries are to be pushed at the latest, the earliest first.
    deadlines: Mutex<VecDeque<(Instant, ChatId)>>,
    begun: Notify,
    bytes: AtomicUsize,
}

#[derive(Debug)]
struct Lines<T> {
    young: HashMap<ChatId, Line<T>>,
    old: HashMap<ChatId, Line<T>>,
    turned_at: Option<Instant>,
}

/// A chat's place.
#[derive(Debug)]
struct Line<T> {
    pushed: Seq,
    held: BTreeMap<Seq, Held<T>>,
    bytes: usize,
}

#[derive(Debug)]
struct Held<T> {
    since: Instant,
    bytes: usize,
    entry: T,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            turned_at: None,
        }
    }
}

impl<T> Order<T> {
    pub(super) fn new() -> Self {
        Self {
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            deadlines: Mutex::default(),
            begun: Notify::new(),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Takes an entry of so many bytes. `push` is called with it and with what waited for it, in order, before anything else of the chat can
    /// be pushed. An entry that is too late is given back.
    pub(super) fn arrive(
        &self,
        now: Instant,
        chat: ChatId,
        seq: Seq,
        bytes: usize,
        entry: T,
        mut push: impl FnMut(T),
    ) -> Option<T> {
        let mut lines = lock(self.part(chat));
        lines.turn(now);
        let line = lines.line(chat, seq);
        if seq <= line.pushed {
            return Some(entry);
        }
        if seq == line.pushed.next() {
            line.pushed = seq;
            push(entry);
            self.release(line.push_next(&mut push));
            return None;
        }
        let held = &mut line.held;
        if held.contains_key(&seq) {
            return Some(entry);
        }
        held.insert(
            seq,
            Held {
                since: now,
                bytes,
                entry,
            },
        );
        line.bytes += bytes;
        let all = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        lock(&self.deadlines).push_back((now + HOLD, chat));
        self.begun.notify_one();
        if line.bytes > CHAT_BYTES || all > BYTES {
            self.release(line.push_held(now + HOLD, &mut push));
        }
        None
    }

    /// An entry that nobody here is to get takes its place, if the chat had others lately.
    pub(super) fn skip(&self, chat: ChatId, seq: Seq, mut push: impl FnMut(T)) {
        let mut lines = lock(self.part(chat));
        if let Some(line) = lines.known(chat)
            && seq == line.pushed.next()
        {
            line.pushed = seq;
            self.release(line.push_next(&mut push));
        }
    }

    fn release(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Pushes what has been held for too long.
    pub(super) fn push_overdue(&self, now: Instant, mut push: impl FnMut(T)) {
        loop {
            let due = {
                let mut deadlines = lock(&self.deadlines);
                match deadlines.front() {
                    Some((at, _)) if *at <= now => deadlines.pop_front(),
                    _ => None,
                }
            };
            let Some((_, chat)) = due else {
                return;
            };
            if let Some(line) = lock(self.part(chat)).known(chat) {
                self.release(line.push_held(now, &mut push));
            }
        }
    }

    /// Ready when something may be overdue.
    pub(super) async fn overdue(&self) {
        loop {
            let first = lock(&self.deadlines).front().map(|(at, _)| *at);
            match first {
                Some(at) => return tokio::time::sleep_until(at).await,
                None => self.begun.notified().await,
            }
        }
    }

    #[allow(clippy::indexing_slicing, reason = "a remainder of the length is within it")]
    fn part(&self, chat: ChatId) -> &Mutex<Lines<T>> {
        let [first, ..] = chat.as_bytes();
        &self.parts[usize::from(*first) % self.parts.len()]
    }
}

impl<T> Lines<T> {
    /// Forgets chats that had no entry for a while and hold none.
    fn turn(&mut self, now: Instant) {
        let turned_at = *self.turned_at.get_or_insert(now);
        if now.saturating_duration_since(turned_at) < MEMORY {
            return;
        }
        self.turned_at = Some(now);
        let old = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        self.young
            .extend(old.into_iter().filter(|(_, line)| !line.held.is_empty()));
    }

    fn known(&mut self, chat: ChatId) -> Option<&mut Line<T>> {
        if let Some(line) = self.old.remove(&chat) {
            self.young.insert(chat, line);
        }
        self.young.get_mut(&chat)
    }

    /// The chat's line. Of a chat that is not known, what came before is taken for pushed: it is what devices were told when
    /// they connected.
    fn line(&mut self, chat: ChatId, seq: Seq) -> &mut Line<T> {
        if let Some(line) = self.old.remove(&chat) {
            self.young.insert(chat, line);
        }
        self.young.entry(chat).or_insert(Line {
            pushed: Seq(seq.0.saturating_sub(1)),
            held: BTreeMap::new(),
            bytes: 0,
        })
    }
}

impl<T> Line<T> {
    /// Pushes what was held and has its turn now. Returns its bytes.
    fn push_next(&mut self, push: &mut impl FnMut(T)) -> usize {
        let mut released = 0;
        while let Some(Held { bytes, entry, .. }) = self.held.remove(&self.pushed.next()) {
            self.pushed = self.pushed.next();
            released += bytes;
            push(entry);
        }
        self.bytes -= released;
        released
    }

    /// Pushes, after gaps, the entries that are held up to the last that has been held for long enough, and those that
    /// follow it. Returns their bytes.
    fn push_held(&mut self, now: Instant, push: &mut impl FnMut(T)) -> usize {
        let overdue = self.held.iter().rev().find(|(_, held)| held.since + HOLD <= now);
        let Some((&last, _)) = overdue else {
            return 0;
        };
        let mut released = 0;
        while let Some(first) = self.held.first_entry()
            && *first.key() <= last
        {
            let (seq, Held { bytes, entry, .. }) = first.remove_entry();
            self.pushed = seq;
            released += bytes;
            push(entry);
        }
        self.bytes -= released;
        released + self.push_next(push)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MEBIBYTE: usize = 1024 * 1024;
    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    struct Device {
        order: Order<u64>,
        now: Instant,
        seen: Vec<u64>,
    }

    impl Device {
        fn new() -> Self {
            Self {
                order: Order::new(),
                now: Instant::now(),
                seen: Vec::new(),
            }
        }

        fn gets(&mut self, seq: u64) -> bool {
            let seen = &mut self.seen;
            let late = self
                .order
                .arrive(self.now, CHAT, Seq(seq), MEBIBYTE, seq, |entry| seen.push(entry));
            late.is_none()
        }

        fn waits(&mut self, time: Duration) {
            self.now += time;
            let seen = &mut self.seen;
            self.order.push_overdue(self.now, |entry| seen.push(entry));
        }
    }

    #[test]
    fn an_entry_waits_for_the_one_before_it() {
        let mut device = Device::new();
        for seq in [5, 8, 7] {
            assert!(device.gets(seq));
        }
        assert_eq!(device.seen, [5]);
        assert!(device.gets(6));
        assert_eq!(device.seen, [5, 6, 7, 8]);
    }

    #[test]
    fn an_entry_whose_predecessor_does_not_come_is_pushed_after_a_gap_and_the_predecessor_not_any_more() {
        let mut device = Device::new();
        for seq in [5, 7, 8, 11] {
            assert!(device.gets(seq));
        }
        device.waits(HOLD / 2);
        assert_eq!(device.seen, [5]);
        device.waits(HOLD / 2);
        assert_eq!(device.seen, [5, 7, 8, 11]);
        assert!(!device.gets(6));
        assert!(!device.gets(11));
        assert_eq!(device.seen, [5, 7, 8, 11]);
    }

    #[test]
    fn what_is_held_longest_is_pushed_with_all_before_it() {
        let mut device = Device::new();
        device.gets(1);
        device.gets(9);
        device.waits(HOLD / 2);
        device.gets(5);
        device.waits(HOLD / 2);
        assert_eq!(device.seen, [1, 5, 9]);
    }

    #[test]
    fn too_many_are_not_held() {
        let mut device = Device::new();
        device.gets(1);
        for seq in 3..=6 {
            device.gets(seq);
        }
        assert_eq!(device.seen, [1]);
        device.gets(8);
        assert_eq!(device.seen, [1, 3, 4, 5, 6, 8]);
        assert_eq!(device.order.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_chat_that_had_no_entry_for_long_begins_anew() {
        let mut device = Device::new();
        device.gets(1);
        let order = &device.order;
        let other = ChatId::from_bytes([65; 16]);
        for turn in 1..=3 {
            let now = device.now + MEMORY * turn;
            order.arrive(now, other, Seq(1), 1, 0, |_| {});
        }
        assert!(device.gets(50));
        assert_eq!(device.seen, [1, 50]);
    }

    proptest! {
        #[test]
        fn whatever_comes_in_whatever_order_what_is_pushed_ascends(
            arrivals in proptest::collection::vec((1_u64..40, 0_u64..120), 1..120),
        ) {
            let mut device = Device::new();
            let mut came = Vec::new();
            for (seq, wait) in arrivals {
                device.waits(Duration::from_millis(wait));
                if device.gets(seq) {
                    prop_assert!(!came.contains(&seq));
                    came.push(seq);
                }
            }
            device.waits(HOLD);
            prop_assert!(device.seen.is_sorted_by(|one, other| one < other));
            came.sort_unstable();
            prop_assert_eq!(&device.seen, &came);
        }
    }
}
