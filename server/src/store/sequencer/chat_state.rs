//! What the writer knows of a chat: enough to decide on a submission without reading.

use super::members::Members;
use super::tail::Tail;
use crate::store::Submission;
use crate::store::objection::Refused;
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress, Epoch, Suite};
use std::collections::HashMap;
use std::sync::Arc;

/// A chat as it is after the last transaction.
#[derive(Clone, Debug)]
pub(in crate::store) struct ChatState {
    pub(in crate::store) chat: ChatId,
    /// The chat's key in the database.
    pub(in crate::store) key: i64,
    pub(in crate::store) suite: Suite,
    /// `None` of a chat that an older server created, and whose GroupInfo has none that can be read: nobody changes it.
    pub(in crate::store) rules: Option<Arc<ChatRules>>,
    pub(in crate::store) epoch: Epoch,
    pub(in crate::store) tail: Tail,
    pub(in crate::store) members: Members,
    /// The accounts whose submissions are refused: somebody has blocked them.
    pub(in crate::store) silenced: Vec<AccountId>,
    /// Goes up with each change of the members.
    pub(in crate::store) members_version: i64,
    /// Whose Commits are not taken any more.
    pub(in crate::store) refused: Refused,
}

impl ChatState {
    /// Bytes of memory, roughly.
    fn weight(&self) -> usize {
        let rules = self.rules.as_ref().map_or(0, |rules| match &**rules {
            ChatRules::Group(rules) => {
                256 + rules.offices.len() * 56 + rules.banned.len() * 16 + rules.invitations.len() * 48
            }
            ChatRules::Direct(_) | ChatRules::Notes(_) => 256,
        });
        256 + rules + self.tail.weight() + self.members.weight() + self.refused.weight()
    }
}

/// The states of the chats that a batch is for, and which of them each submission is for.
#[derive(Debug)]
pub(in crate::store) struct LoadedChats {
    pub(in crate::store) states: Vec<ChatState>,
    /// In the order of the submissions; `None` if there is no such chat.
    pub(in crate::store) of_submission: Vec<Option<usize>>,
    places: HashMap<ChatId, Option<usize>>,
}

impl LoadedChats {
    /// `places` says which of the states is whose; `None` if there is no such chat.
    pub(in crate::store) fn new(
        submissions: &[Submission],
        states: Vec<ChatState>,
        places: HashMap<ChatId, Option<usize>>,
    ) -> Self {
        let place = |submission: &Submission| places.get(&submission.chat).copied().flatten();
        Self {
            of_submission: submissions.iter().map(place).collect(),
            states,
            places,
        }
    }

    pub(in crate::store) fn get(&self, chat: ChatId) -> Option<&ChatState> {
        self.states.get((*self.places.get(&chat)?)?)
    }
}

/// Chats lately written to. Two generations: what is not asked for while one fills is forgotten with it.
#[derive(Debug)]
pub(in crate::store) struct ChatCache {
    young: HashMap<ChatId, ChatState>,
    old: HashMap<ChatId, ChatState>,
    young_weight: usize,
    generation_weight: usize,
}

impl ChatCache {
    /// A cache of about so many bytes.
    pub(in crate::store) fn new(bytes: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            young_weight: 0,
            generation_weight: bytes / 2,
        }
    }

    /// What is known of a chat; this does not count as use.
    pub(in crate::store) fn get(&self, chat: ChatId) -> Option<&ChatState> {
        self.young.get(&chat).or_else(|| self.old.get(&chat))
    }

    /// Takes a chat out: it comes back by [`Self::put`] when the transaction that changes it is durable, and is
    /// forgotten if that fails.
    pub(in crate::store) fn take(&mut self, chat: ChatId) -> Option<ChatState> {
        match self.young.remove(&chat) {
            Some(state) => {
                self.young_weight = self.young_weight.saturating_sub(state.weight());
                Some(state)
            }
            None => self.old.remove(&chat),
        }
    }

    pub(in crate::store) fn put(&mut self, state: ChatState) {
        self.young_weight += state.weight();
        self.young.insert(state.chat, state);
        if self.young_weight > self.generation_weight {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
    }

    /// Forgets a chat that something beside a batch has changed.
    pub(in crate::store) fn forget(&mut self, chat: ChatId) {
        drop(self.take(chat));
    }

    pub(in crate::store) fn forget_with_device(&mut self, device: DeviceAddress) {
        let without = |state: &ChatState| state.members.key(device).is_none();
        self.young.retain(|_, state| without(state));
        self.old.retain(|_, state| without(state));
        self.young_weight = self.young.values().map(ChatState::weight).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(number: u8) -> ChatState {
        ChatState {
            chat: ChatId::from_bytes([number; 16]),
            key: i64::from(number),
            suite: Suite::default(),
            rules: None,
            epoch: Epoch(1),
            tail: Tail::default(),
            members: Members::new(Vec::new()),
            silenced: Vec::new(),
            members_version: 0,
            refused: Refused::default(),
        }
    }

    #[test]
    fn the_cache_keeps_what_is_used_and_stays_within_its_bytes() {
        let mut cache = ChatCache::new(256 * 20);
        let used = state(0).chat;
        cache.put(state(0));
        for number in 1..=100 {
            cache.put(state(number));
            let taken = cache.take(used).expect("used all the time");
            cache.put(taken);
        }
        assert!(cache.young.len() + cache.old.len() <= 24);
        assert!(cache.take(state(1).chat).is_none());
    }
}
