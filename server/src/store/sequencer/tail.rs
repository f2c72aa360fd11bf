//! The end of a chat's log.

use super::tag::Tag;
use sotto_protocol::Seq;
use std::collections::VecDeque;

/// Where a chat's log ends, and the tags of its latest entries: of those that were written while this was in memory, and no
/// more than [`Self::TAGS`].
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Tail {
    last: Seq,
    tags: VecDeque<Tag>,
}

impl Tail {
    /// A sender knows all but the entries that were on their way to it: they are nearly always among so many.
    const TAGS: usize = 64;

    /// A log that ends with this entry, of whose tags nothing is known.
    pub(in crate::store) fn at(last: Seq) -> Self {
        Self {
            last,
            tags: VecDeque::new(),
        }
    }

    /// The last entry.
    pub(in crate::store) fn last(&self) -> Seq {
        self.last
    }

    /// Of each entry after this one the tag is known.
    pub(in crate::store) fn known_after(&self) -> Seq {
        Seq(self.last.0.saturating_sub(self.tags.len() as u64))
    }

    /// Appends an entry.
    pub(in crate::store) fn push(&mut self, tag: Tag) -> Seq {
        if self.tags.len() >= Self::TAGS {
            self.tags.pop_front();
        }
        self.tags.push_back(tag);
        self.last = self.last.next();
        self.last
    }

    /// The entries after [`Self::known_after`] that have this tag.
    pub(in crate::store) fn with_tag(&self, tag: Tag) -> impl Iterator<Item = Seq> {
        let first = self.known_after().next();
        (first.0..)
            .zip(&self.tags)
            .filter(move |(_, other)| **other == tag)
            .map(|(seq, _)| Seq(seq))
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn weight(&self) -> usize {
        self.tags.capacity() * size_of::<Tag>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tail: &Tail, tag: u32) -> Vec<u64> {
        tail.with_tag(Tag(tag)).map(|Seq(seq)| seq).collect()
    }

    #[test]
    fn of_what_was_there_before_nothing_is_known() {
        let tail = Tail::at(Seq(1_000_000));
        assert_eq!(tail.last(), Seq(1_000_000));
        assert_eq!(tail.known_after(), Seq(1_000_000));
        assert!(found(&tail, 0).is_empty());
        assert_eq!(tail.weight(), 0);
    }

    #[test]
    fn what_was_appended_is_found_wherever_its_tag_stands() {
        let mut tail = Tail::at(Seq(10));
        for tag in [7, 8, 7] {
            tail.push(Tag(tag));
        }
        assert_eq!((tail.last(), tail.known_after()), (Seq(13), Seq(10)));
        assert_eq!(found(&tail, 7), [11, 13]);
        assert_eq!(found(&tail, 8), [12]);
        assert!(found(&tail, 9).is_empty());
    }

    #[test]
    fn the_oldest_tags_make_room_and_memory_stays_bounded() {
        let mut tail = Tail::default();
        let many = Tail::TAGS as u64 * 5;
        for number in 1..=many {
            let seq = tail.push(Tag(u32::try_from(number).unwrap()));
            assert_eq!(seq, Seq(number));
            assert_eq!(tail.known_after(), Seq(number.saturating_sub(Tail::TAGS as u64)));
        }
        let oldest = many - Tail::TAGS as u64 + 1;
        assert_eq!(found(&tail, u32::try_from(oldest).unwrap()), [oldest]);
        assert!(found(&tail, u32::try_from(oldest - 1).unwrap()).is_empty());
        assert_eq!(found(&tail, u32::try_from(many).unwrap()), [many]);
        assert_eq!(tail.weight(), Tail::TAGS * 4);
    }
}
