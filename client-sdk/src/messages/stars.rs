//! Messages that the account has starred: marked for itself alone, on all of its devices.

use crate::decisions::Decisions;
use crate::sync::SharedRecord;
use serde::{Deserialize, Serialize};
use sotto_protocol::{ChatId, MessageId, Timestamp};

/// The most messages that are starred at a time.
pub const STARS: usize = 1_000;
/// With those that are starred no more: what comes to some 55 KiB.
const MOST: usize = 1_200;

/// Since when each message is starred; `None` if it is no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stars {
    decisions: Decisions<(ChatId, MessageId), Option<Timestamp>>,
}

impl Stars {
    /// Whether the message is starred.
    pub(crate) fn contain(&self, chat: ChatId, message: MessageId) -> bool {
        self.decisions.of((chat, message)).is_some_and(Option::is_some)
    }

    /// Whether somebody has starred the message, or has taken the star away.
    pub(crate) fn is_decided(&self, chat: ChatId, message: MessageId) -> bool {
        self.decisions.of((chat, message)).is_some()
    }

    /// Whether no more can be.
    pub(crate) fn are_full(&self) -> bool {
        self.decisions.iter().filter(|(_, since)| since.is_some()).count() >= STARS
    }

    /// The starred messages, the latest starred first.
    pub(crate) fn latest_first(&self) -> Vec<(ChatId, MessageId)> {
        let mut starred: Vec<(Timestamp, (ChatId, MessageId))> = self
            .decisions
            .iter()
            .filter_map(|(message, since)| Some(((*since)?, message)))
            .collect();
        starred.sort_unstable_by(|one, other| other.cmp(one));
        starred.into_iter().map(|(_, message)| message).collect()
    }

    /// Stars a message, or does not any more. `false` if that is so already.
    pub(crate) fn set(&mut self, chat: ChatId, message: MessageId, is_starred: bool, now: Timestamp) -> bool {
        if self.contain(chat, message) == is_starred {
            return false;
        }
        self.decisions.decide((chat, message), is_starred.then_some(now));
        self.prune();
        true
    }

    /// Takes in what another device has starred. Says which messages are, or are no more, other than before.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<(ChatId, MessageId)> {
        let changed = self.decisions.take_in(&other.decisions);
        self.prune();
        changed
    }

    fn prune(&mut self) {
        self.decisions.keep(MOST, Option::is_some);
    }
}

impl SharedRecord for Stars {
    const NAME: &'static str = "stars";

    fn merge(&mut self, other: &Self) {
        self.take_in(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    fn message(number: u32) -> MessageId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        MessageId::from_bytes(bytes)
    }

    #[test]
    fn the_latest_starred_comes_first_and_what_is_starred_no_more_does_not() {
        let mut stars = Stars::default();
        for number in 0..3 {
            assert!(stars.set(CHAT, message(number), true, Timestamp(u64::from(number))));
        }
        assert!(!stars.set(CHAT, message(0), true, Timestamp(9)));
        assert!(stars.set(CHAT, message(1), false, Timestamp(9)));
        assert_eq!(stars.latest_first(), [(CHAT, message(2)), (CHAT, message(0))]);
    }

    #[test]
    fn as_many_as_can_be_fit_into_a_record_and_none_of_them_is_forgotten() {
        let mut stars = Stars::default();
        let mut now = 1_700_000_000_000;
        for number in 0..3_000 {
            now += 1;
            stars.set(CHAT, message(number), true, Timestamp(now));
            if stars.are_full() && number < 2_999 {
                stars.set(CHAT, message(number), false, Timestamp(now));
            }
        }
        assert!(stars.are_full());
        assert!(stars.contain(CHAT, message(0)));
        assert!(stars.contain(CHAT, message(2_999)));
        let bytes = stars.encode().unwrap();
        assert!(bytes.len() < 56 * 1024, "{}", bytes.len());
        assert_eq!(Stars::decode(&bytes), Some(stars));
        assert_eq!(Stars::decode(&[&bytes[..], &[0]].concat()), None);
    }
}
