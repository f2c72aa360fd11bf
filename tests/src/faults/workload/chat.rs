//! A chat as one device knows it.

use sotto_protocol::{ChatId, ChatRules, Epoch, Seq};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// A chat as one device knows it: how far it has read without a gap, and in which epoch that leaves it.
#[derive(Clone, Debug)]
pub(super) struct ChatView {
    pub(super) chat: ChatId,
    pub(super) rules: ChatRules,
    /// Everything up to here has been read.
    pub(super) read: Seq,
    /// The epoch after that.
    pub(super) epoch: Epoch,
    /// The highest position that the device has heard of.
    pub(super) last: Seq,
    /// What the server was told is safe.
    pub(super) acknowledged: Seq,
    /// Whether the last page ended where the chat does.
    pub(super) is_at_the_end: bool,
    /// Whether a page is on its way.
    pub(super) fetching: bool,
    /// A page was refused: not before then.
    pub(super) not_before: Option<Instant>,
    /// Positions behind a gap, and whether each is a Commit.
    beyond: BTreeMap<Seq, bool>,
}

impl ChatView {
    pub(super) fn new(chat: ChatId, rules: ChatRules) -> Self {
        Self {
            chat,
            rules,
            read: Seq::ZERO,
            epoch: Epoch(1),
            last: Seq::ZERO,
            acknowledged: Seq::ZERO,
            is_at_the_end: false,
            fetching: false,
            not_before: None,
            beyond: BTreeMap::new(),
        }
    }

    /// Takes an entry, or the position of one of the device's own.
    pub(super) fn take(&mut self, seq: Seq, is_commit: bool) {
        self.last = self.last.max(seq);
        if seq > self.read {
            self.beyond.insert(seq, is_commit);
        }
        while let Some(is_commit) = self.beyond.remove(&self.read.next()) {
            self.read = self.read.next();
            self.epoch.0 += u64::from(is_commit);
        }
    }

    /// Whether there is a gap.
    pub(super) fn is_behind(&self) -> bool {
        self.read < self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_behind_a_gap_count_when_it_is_filled() {
        let rules = crate::light::rules::group(sotto_protocol::AccountId::from_bytes([2; 16]));
        let mut view = ChatView::new(ChatId::from_bytes([1; 16]), rules);
        view.take(Seq(1), false);
        view.take(Seq(3), true);
        view.take(Seq(4), false);
        assert_eq!(
            (view.read, view.epoch, view.is_behind()),
            (Seq(1), Epoch(1), true)
        );
        view.take(Seq(2), true);
        view.take(Seq(2), true);
        assert_eq!(
            (view.read, view.epoch, view.is_behind()),
            (Seq(4), Epoch(3), false)
        );
    }
}
