//! The two streams between this node and another: what has been sent and what has come, by number. No I/O, no clock.

use super::message::{Heard, StreamHead};
use sotto_protocol::Timestamp;
use std::collections::VecDeque;

/// This node's stream to the other.
#[derive(Debug)]
pub(super) struct OutStream {
    /// Which; later ones of one source have higher numbers.
    pub(super) stream: u64,
    /// The last number given.
    pub(super) number: u64,
    /// The list of this node's connected devices.
    pub(super) list: List,
    /// Up to where the changes of connected devices have been sent.
    pub(super) sent_changes: u64,
    /// [`StreamHead::settled`] of the last message after which nothing waited.
    pub(super) settled: Option<Timestamp>,
    /// The other node has heard of this stream.
    is_heard: bool,
    /// The last number that it has said to have seen.
    heard: u64,
    /// Up to where it knows the changes.
    known_changes: u64,
    /// The numbers of messages that carried changes, with up to where they did.
    unheard_changes: VecDeque<(u64, u64)>,
}

/// How far the other node has been told of all connected devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Not at all, or in vain.
    Needed,
    /// Up to this part of the registry.
    Part(usize),
    /// All but the end.
    Ending,
    /// All, in the messages up to this number.
    Sent(u64),
}

impl OutStream {
    pub(super) fn new(stream: u64) -> Self {
        Self {
            stream,
            number: 0,
            list: List::Needed,
            sent_changes: 0,
            settled: None,
            is_heard: false,
            heard: 0,
            known_changes: 0,
            unheard_changes: VecDeque::new(),
        }
    }

    /// The number of the next message.
    pub(super) fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// The message with this number carried the last of [`Self::sent_changes`].
    pub(super) fn carried_changes(&mut self, number: u64) {
        self.unheard_changes.push_back((number, self.sent_changes));
    }

    /// The whole list is about to be sent, and before its end all changes up to here.
    pub(super) fn list_ends_after(&mut self, changes: u64) {
        self.list = List::Ending;
        self.known_changes = changes;
    }

    /// The other node has said what it has seen.
    pub(super) fn hears(&mut self, heard: Heard) {
        if heard.stream != self.stream {
            return;
        }
        self.is_heard = true;
        self.heard = self.heard.max(heard.number);
        while let Some(&(number, up_to)) = self.unheard_changes.front()
            && number <= self.heard
        {
            self.known_changes = self.known_changes.max(up_to);
            self.unheard_changes.pop_front();
        }
        if let List::Sent(end) = self.list
            && !heard.whole
            && heard.number >= end
        {
            self.list = List::Needed;
        }
    }

    /// Up to where the other node heeds changes of the connected devices: by knowing them, or by sending everything.
    pub(super) fn heeded_changes(&self) -> u64 {
        match self.list {
            _ if !self.is_heard => 0,
            // It does not know all devices before the list's end, and sends everything until then.
            List::Needed | List::Part(_) => u64::MAX,
            List::Ending | List::Sent(_) => self.known_changes,
        }
    }
}

/// The other node's stream to this one.
#[derive(Debug, Default)]
pub(super) struct InStream {
    /// What has come.
    pub(super) heard: Heard,
    /// [`StreamHead::settled`] of the last message before which nothing was missing.
    pub(super) settled: Option<Timestamp>,
    /// A list is coming, and nothing of it is missing so far.
    list: bool,
}

/// What a message's number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is of a stream that was given up, or was here before: not to be looked at.
    Old,
    /// It is the next.
    Next,
    /// It is a new stream's.
    First {
        /// Whether its very first message is this one.
        is_complete: bool,
    },
    /// Something before it is lost.
    AfterHole,
}

impl InStream {
    /// Takes note of a message with or without records.
    pub(super) fn arrives(&mut self, head: &StreamHead, has_records: bool) -> Arrival {
        let expected = if has_records {
            head.number.saturating_sub(1)
        } else {
            head.number
        };
        if head.stream < self.heard.stream {
            return Arrival::Old;
        }
        let arrival = if head.stream > self.heard.stream {
            self.heard = Heard {
                stream: head.stream,
                number: head.number,
                whole: false,
            };
            Arrival::First {
                is_complete: expected == 0,
            }
        } else if has_records && head.number <= self.heard.number || head.number < self.heard.number {
            return Arrival::Old;
        } else if expected == self.heard.number {
            Arrival::Next
        } else {
            Arrival::AfterHole
        };
        self.heard.number = head.number;
        if arrival != Arrival::Next {
            self.heard.whole = false;
            self.list = false;
        }
        arrival
    }

    /// A list begins.
    pub(super) fn list_begins(&mut self) {
        self.list = true;
        self.heard.whole = false;
    }

    /// A list ends.
    pub(super) fn list_ends(&mut self) {
        self.heard.whole |= self.list;
        self.list = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(stream: u64, number: u64) -> StreamHead {
        StreamHead {
            stream,
            number,
            settled: Timestamp(0),
            heard: Heard::default(),
            answer: false,
        }
    }

    #[test]
    fn numbers_tell_what_is_missing_what_is_old_and_what_is_new() {
        let mut stream = InStream::default();
        let first = Arrival::First { is_complete: true };
        assert_eq!(stream.arrives(&head(5, 1), true), first);
        assert_eq!(stream.arrives(&head(5, 2), true), Arrival::Next);
        assert_eq!(stream.arrives(&head(5, 2), true), Arrival::Old);
        assert_eq!(stream.arrives(&head(5, 2), false), Arrival::Next);
        assert_eq!(stream.arrives(&head(5, 4), true), Arrival::AfterHole);
        assert_eq!(stream.arrives(&head(5, 3), true), Arrival::Old);
        assert_eq!(stream.arrives(&head(5, 3), false), Arrival::Old);
        // A lost tail shows when a message without records names its number.
        assert_eq!(stream.arrives(&head(5, 6), false), Arrival::AfterHole);
        assert_eq!(stream.arrives(&head(4, 7), true), Arrival::Old);
        let later = Arrival::First { is_complete: false };
        assert_eq!(stream.arrives(&head(6, 2), true), later);
    }

    #[test]
    fn a_list_with_a_hole_in_it_is_not_whole() {
        let mut stream = InStream::default();
        stream.arrives(&head(1, 1), true);
        stream.list_begins();
        stream.arrives(&head(1, 3), true);
        stream.list_ends();
        assert!(!stream.heard.whole);
        stream.list_begins();
        stream.arrives(&head(1, 4), true);
        stream.list_ends();
        assert!(stream.heard.whole);
        stream.arrives(&head(1, 6), true);
        assert!(!stream.heard.whole);
    }

    #[test]
    fn changes_are_heeded_when_they_are_known_or_everything_is_sent_anyway() {
        let mut stream = OutStream::new(9);
        let heard = |number, whole| Heard {
            stream: 9,
            number,
            whole,
        };
        assert_eq!(stream.heeded_changes(), 0);
        stream.hears(Heard {
            stream: 8,
            number: 100,
            whole: true,
        });
        assert_eq!(stream.heeded_changes(), 0);
        stream.hears(heard(0, false));
        assert_eq!(stream.heeded_changes(), u64::MAX);
        stream.list_ends_after(10);
        assert_eq!(stream.heeded_changes(), 10);
        stream.list = List::Sent(3);
        stream.sent_changes = 12;
        stream.carried_changes(4);
        assert_eq!(stream.heeded_changes(), 10);
        stream.hears(heard(4, true));
        assert_eq!(stream.heeded_changes(), 12);
        stream.hears(heard(5, false));
        assert_eq!(stream.list, List::Needed);
        assert_eq!(stream.heeded_changes(), u64::MAX);
    }
}
