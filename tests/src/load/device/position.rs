//! How far a device is in its chat, and whether what comes next is what has to come next.

use super::super::engine::{Breach, Stamp};

use sotto_protocol::Seq;

/// What to make of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the next.
    Next,
    /// It is known, which is no wonder after a reconnect.
    Known,
    /// Something before it was missed: fetch.
    Ahead,
    /// A promise was broken.
    Broken(Breach),
}

/// A device's place in its chat.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    /// The last entry that it has, if it knows of any place at all.
    have: Option<Seq>,
    /// The last entry that it knows to be there.
    last: Seq,
    /// The number of the last message, by its stamp.
    number: Option<u32>,
}

impl Position {
    /// Everything up to here is of no interest, or the device has it.
    pub(crate) fn begin_at(&mut self, seq: Seq) {
        self.have = Some(seq);
        self.last = self.last.max(seq);
    }

    pub(crate) fn have(&self) -> Option<Seq> {
        self.have
    }

    pub(crate) fn is_behind(&self) -> bool {
        self.have.is_some_and(|have| have < self.last)
    }

    /// The chat's log goes on to here.
    pub(crate) fn reaches(&mut self, last: Seq) {
        self.last = self.last.max(last);
    }

    /// An entry that the server pushed.
    pub(crate) fn pushed(&mut self, seq: Seq) -> Verdict {
        let is_catching_up = self.is_behind();
        self.reaches(seq);
        match self.have {
            Some(have) if seq <= have => {
                if is_catching_up {
                    Verdict::Known
                } else {
                    Verdict::Broken(Breach::Doubled)
                }
            }
            Some(have) if seq > have.next() => Verdict::Ahead,
            _ => {
                self.have = Some(seq);
                Verdict::Next
            }
        }
    }

    /// An entry that was fetched: pages have no gaps.
    pub(crate) fn fetched(&mut self, seq: Seq) -> Verdict {
        self.reaches(seq);
        match self.have {
            Some(have) if seq <= have => Verdict::Known,
            Some(have) if seq > have.next() => {
                self.have = Some(seq);
                Verdict::Broken(Breach::Gap)
            }
            _ => {
                self.have = Some(seq);
                Verdict::Next
            }
        }
    }

    /// The stamp of an entry that is the next: every message once, and in the order of its sender.
    pub(crate) fn stamped(&mut self, stamp: Stamp) -> Result<(), Breach> {
        let before = self.number.replace(stamp.number);
        match before {
            Some(before) if stamp.number == before => Err(Breach::Doubled),
            Some(before) if stamp.number < before => Err(Breach::Disordered),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(number: u32) -> Stamp {
        Stamp {
            run: 0,
            sender: 0,
            number,
            intended: 0,
        }
    }

    #[test]
    fn entries_in_their_order_are_each_the_next() {
        let mut position = Position::default();
        for seq in 5..9 {
            assert_eq!(position.pushed(Seq(seq)), Verdict::Next);
        }
        assert_eq!(position.have(), Some(Seq(8)));
    }

    #[test]
    fn a_planted_double_a_hole_and_a_gap_are_each_seen() {
        let mut position = Position::default();
        position.begin_at(Seq(4));
        assert_eq!(position.pushed(Seq(5)), Verdict::Next);
        assert_eq!(position.pushed(Seq(5)), Verdict::Broken(Breach::Doubled));
        assert_eq!(position.pushed(Seq(8)), Verdict::Ahead);
        assert!(position.is_behind());
        assert_eq!(position.fetched(Seq(6)), Verdict::Next);
        assert_eq!(position.fetched(Seq(8)), Verdict::Broken(Breach::Gap));
        assert!(!position.is_behind());
    }

    #[test]
    fn what_comes_twice_while_catching_up_is_known() {
        let mut position = Position::default();
        position.begin_at(Seq(4));
        position.reaches(Seq(9));
        assert_eq!(position.fetched(Seq(5)), Verdict::Next);
        assert_eq!(position.pushed(Seq(5)), Verdict::Known);
    }

    #[test]
    fn a_planted_repetition_or_change_of_order_of_messages_is_seen() {
        let mut position = Position::default();
        assert_eq!(position.stamped(stamp(0)), Ok(()));
        assert_eq!(position.stamped(stamp(2)), Ok(()));
        assert_eq!(position.stamped(stamp(2)), Err(Breach::Doubled));
        assert_eq!(position.stamped(stamp(1)), Err(Breach::Disordered));
    }
}
