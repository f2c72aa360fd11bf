//! What waits to be sent to one node.

use super::lock;
use super::message::Relay;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes that may wait for one node; beyond, entries are left to the database.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes from which on signals are dropped.
const BYTES_FOR_SIGNALS: usize = BYTES_MAX / 4;

/// How much a relay matters when there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// It is in the database: if it is left out, the other node is told to look there.
    Durable,
    /// It is nowhere else, but worth the room.
    Passing,
    /// It is dropped first: typing, presence in a chat.
    Signal,
}

/// Another node, as the Delivery Service sees it.
#[derive(Debug)]
pub(super) struct Peer {
    /// Not all of its devices are known here: everything goes to it.
    pub(super) takes_all: AtomicBool,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    relays: VecDeque<Relay>,
    bytes: usize,
    missed: bool,
}

/// What is taken out of a queue at once.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) relays: Vec<Relay>,
    /// Durable relays were left out before these or among them.
    pub(super) missed: bool,
    /// Nothing is left.
    pub(super) is_all: bool,
}

impl Peer {
    pub(super) fn new() -> Self {
        Self {
            takes_all: AtomicBool::new(true),
            queue: Mutex::default(),
        }
    }

    pub(super) fn takes_all(&self) -> bool {
        self.takes_all.load(Ordering::Acquire)
    }

    /// `false` if there is no room for it.
    pub(super) fn push(&self, relay: Relay, priority: Priority) -> bool {
        let bytes = relay.bytes_max();
        let mut queue = lock(&self.queue);
        let room = match priority {
            Priority::Durable | Priority::Passing => BYTES_MAX,
            Priority::Signal => BYTES_FOR_SIGNALS,
        };
        if queue.bytes + bytes > room {
            queue.missed |= priority == Priority::Durable;
            return false;
        }
        queue.bytes += bytes;
        queue.relays.push_back(relay);
        true
    }

    /// Bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        lock(&self.queue).bytes
    }

    /// Has the node told that it missed something.
    pub(super) fn note_missed(&self) {
        lock(&self.queue).missed = true;
    }

    /// Takes the first relays that fit in `room` bytes, or the very first if it fits in `limit`. One that would not fit in
    /// `largest` is left out.
    pub(super) fn take(&self, room: usize, limit: usize, largest: usize) -> Taken {
        let mut queue = lock(&self.queue);
        let mut taken = Taken {
            missed: std::mem::take(&mut queue.missed),
            ..Taken::default()
        };
        let mut bytes = 0;
        while let Some(next) = queue.relays.front().map(Relay::bytes_max) {
            let is_too_large = next > largest;
            let fits = bytes + next <= room || taken.relays.is_empty() && next <= limit;
            if !is_too_large && !fits {
                break;
            }
            let Some(relay) = queue.relays.pop_front() else {
                break;
            };
            queue.bytes -= next;
            if is_too_large {
                taken.missed = true;
            } else {
                bytes += next;
                taken.relays.push(relay);
            }
        }
        taken.is_all = queue.relays.is_empty();
        if taken.is_all && queue.relays.capacity() > 1024 {
            queue.relays = VecDeque::new();
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::FIELDS_BYTES;
    use super::*;
    use bytes::Bytes;

    fn frame(bytes: usize) -> Relay {
        Relay::Frame {
            frame: Bytes::from(vec![0; bytes]),
            to: Vec::new(),
            is_signal: false,
        }
    }

    #[test]
    fn what_does_not_fit_is_told_of_and_a_full_queue_takes_no_more() {
        let peer = Peer::new();
        let mebibyte = || frame(1024 * 1024 - FIELDS_BYTES);
        let taken = (0..100)
            .take_while(|_| peer.push(mebibyte(), Priority::Durable))
            .count();
        assert_eq!(taken, 32);
        let first = peer.take(3 * 1024 * 1024, usize::MAX, 2 * 1024 * 1024);
        assert_eq!((first.relays.len(), first.missed, first.is_all), (3, true, false));
        let alone = peer.take(1000, 2 * 1024 * 1024, 2 * 1024 * 1024);
        assert_eq!(
            (alone.relays.len(), alone.missed, alone.is_all),
            (1, false, false)
        );
        let last = peer.take(usize::MAX, usize::MAX, 1000);
        assert_eq!((last.relays.len(), last.missed, last.is_all), (0, true, true));
    }

    #[test]
    fn signals_are_dropped_first_and_in_silence() {
        let peer = Peer::new();
        while peer.push(frame(100_000), Priority::Signal) {}
        assert!(peer.push(frame(100_000), Priority::Durable));
        assert!(!peer.take(usize::MAX, usize::MAX, usize::MAX).missed);
    }
}
