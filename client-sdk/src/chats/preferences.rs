//! What the account wants of its chats: that one is silent, or out of sight. For itself alone, on all of its devices.

use crate::decisions::Decisions;
use crate::sync::SharedRecord;
use serde::{Deserialize, Serialize};
use sotto_protocol::{ChatId, Timestamp};

/// Chats of which each of the two is known: what comes to some 55 KiB. Beyond, the oldest decisions go, those first that say the least.
const MOST: usize = 900;

/// How long a chat does not call for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mute {
    /// Until this time.
    Until(Timestamp),
    /// Until it is to again.
    Always,
}

impl Mute {
    /// Whether that holds still.
    #[must_use]
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Until(end) => now < end,
            Self::Always => true,
        }
    }
}

/// What was decided about chats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChatPreferences {
    muted: Decisions<ChatId, Option<Mute>>,
    /// Put away when the chat's last message was at this position.
    archived: Decisions<ChatId, Option<u64>>,
}

impl ChatPreferences {
    /// How long the chat is silent, if it is.
    pub(crate) fn mute(&self, chat: ChatId, now: Timestamp) -> Option<Mute> {
        self.muted
            .of(chat)
            .copied()
            .flatten()
            .filter(|mute| mute.holds(now))
    }

    /// The chats that are silent, the one that was silenced last first, each with the time at which it is so no more, if there is one.
    pub(crate) fn silent(&self, now: Timestamp) -> Vec<(ChatId, Option<Timestamp>)> {
        let latest = self.muted.by_time().into_iter();
        latest
            .filter_map(|(_, chat, mute)| match (*mute)? {
                mute if !mute.holds(now) => None,
                Mute::Until(end) => Some((chat, Some(end))),
                Mute::Always => Some((chat, None)),
            })
            .collect()
    }

    /// Whether the chat is put away. A message that has come since brings it back, unless the chat is silent.
    pub(crate) fn is_archived(&self, chat: ChatId, last: u64, now: Timestamp) -> bool {
        let archived = self.archived.of(chat).copied().flatten();
        archived.is_some_and(|at| last <= at || self.mute(chat, now).is_some())
    }

    /// Decides how long the chat is silent. `false` if that was decided already.
    pub(crate) fn set_mute(&mut self, chat: ChatId, mute: Option<Mute>) -> bool {
        let differs = self.muted.decide(chat, mute);
        self.prune();
        differs
    }

    /// Puts the chat away, with this position as its last, or brings it back. `false` if that was decided already.
    pub(crate) fn set_archived(&mut self, chat: ChatId, archived: Option<u64>) -> bool {
        let differs = self.archived.decide(chat, archived);
        self.prune();
        differs
    }

    /// Takes in what another device has decided. Says about which chats something else holds now.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<ChatId> {
        let mut changed = self.muted.take_in(&other.muted);
        changed.extend(self.archived.take_in(&other.archived));
        changed.sort_unstable();
        changed.dedup();
        self.prune();
        changed
    }

    fn prune(&mut self) {
        self.muted.keep(MOST, Option::is_some);
        self.archived.keep(MOST, Option::is_some);
    }
}

impl SharedRecord for ChatPreferences {
    const NAME: &'static str = "chats";

    fn merge(&mut self, other: &Self) {
        self.take_in(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);
    const NOON: Timestamp = Timestamp(12 * 60 * 60 * 1000);

    #[test]
    fn a_chat_that_was_put_away_comes_back_with_the_next_message_unless_it_is_silent() {
        let mut preferences = ChatPreferences::default();
        preferences.set_archived(CHAT, Some(7));
        assert!(preferences.is_archived(CHAT, 7, NOON));
        assert!(!preferences.is_archived(CHAT, 8, NOON));
        preferences.set_mute(CHAT, Some(Mute::Until(NOON.plus_seconds(1))));
        assert!(preferences.is_archived(CHAT, 8, NOON));
        assert!(!preferences.is_archived(CHAT, 8, NOON.plus_seconds(1)));
        assert_eq!(preferences.mute(CHAT, NOON.plus_seconds(1)), None);
        preferences.set_mute(CHAT, Some(Mute::Always));
        preferences.set_archived(CHAT, None);
        assert!(!preferences.is_archived(CHAT, 8, NOON));
    }

    #[test]
    fn silent_chats_are_those_that_are_so_still_the_latest_first() {
        let mut preferences = ChatPreferences::default();
        let chat = |number| ChatId::from_bytes([number; 16]);
        let end = NOON.plus_seconds(1);
        preferences.set_mute(chat(1), Some(Mute::Always));
        preferences.set_mute(chat(2), Some(Mute::Always));
        preferences.set_mute(chat(3), Some(Mute::Until(end)));
        preferences.set_mute(chat(4), Some(Mute::Until(NOON)));
        preferences.set_mute(chat(2), None);
        assert_eq!(preferences.silent(NOON), [(chat(3), Some(end)), (chat(1), None)]);
        assert_eq!(preferences.silent(end), [(chat(1), None)]);
    }

    #[test]
    fn what_is_known_of_very_many_chats_fits_into_a_record() {
        let mut preferences = ChatPreferences::default();
        for number in 0..1_500_u32 {
            let mut bytes = [0xFF; 16];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let chat = ChatId::from_bytes(bytes);
            preferences.set_mute(chat, Some(Mute::Until(Timestamp(1 << 41))));
            preferences.set_archived(chat, Some(1 << 40));
        }
        let bytes = preferences.encode().unwrap();
        assert!(bytes.len() < 56 * 1024, "{}", bytes.len());
        assert_eq!(ChatPreferences::decode(&bytes), Some(preferences));
    }
}
