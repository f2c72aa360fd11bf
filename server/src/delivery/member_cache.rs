//! Who is in a chat, as far as it was lately read: signals and markers are as many as messages, and go to the members.

use super::generations::Generations;
use super::lock;
use crate::store::ChatMembers;
use sotto_protocol::ChatId;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// How long members count as such without a look into the log. What changes them here is seen at once; this bounds how long
/// a change by another node goes unseen.
const TRUSTED: Duration = Duration::from_secs(5);
const CHATS: usize = 32_768;

/// The members of chats.
#[derive(Debug)]
pub(super) struct MemberCache {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    known: Generations<ChatId, Known>,
    /// How often members have changed: what was read before that is not kept.
    changes: u64,
}

#[derive(Debug)]
struct Known {
    members: Arc<ChatMembers>,
    until: Instant,
}

/// When a look into the log began, in changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading(u64);

impl Default for MemberCache {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                known: Generations::new(CHATS),
                changes: 0,
            }),
        }
    }
}

impl MemberCache {
    /// The chat's members, if they were lately read.
    pub(super) fn get(&self, chat: ChatId) -> Option<Arc<ChatMembers>> {
        self.get_at(chat, Instant::now())
    }

    fn get_at(&self, chat: ChatId, now: Instant) -> Option<Arc<ChatMembers>> {
        let mut state = lock(&self.state);
        let known = state.known.get(chat)?;
        (known.until > now).then(|| Arc::clone(&known.members))
    }

    /// To be called before the log is read.
    pub(super) fn begin_reading(&self) -> Reading {
        Reading(lock(&self.state).changes)
    }

    /// Keeps what was read, unless something has changed meanwhile.
    pub(super) fn put(&self, chat: ChatId, members: Arc<ChatMembers>, reading: Reading) {
        let mut state = lock(&self.state);
        if state.changes == reading.0 {
            let until = Instant::now() + TRUSTED;
            state.known.put(chat, Known { members, until });
        }
    }

    /// The chat's members have changed.
    pub(super) fn forget(&self, chat: ChatId) {
        let mut state = lock(&self.state);
        state.changes += 1;
        state.known.remove(&chat);
    }

    /// The members of many chats have changed.
    pub(super) fn forget_all(&self) {
        let mut state = lock(&self.state);
        state.changes += 1;
        state.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::{AccountId, DeviceAddress, DeviceId};

    fn chat(number: u32) -> ChatId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        ChatId::from_bytes(bytes)
    }

    fn members() -> Arc<ChatMembers> {
        Arc::new(ChatMembers {
            devices: vec![DeviceAddress {
                account: AccountId::from_bytes([1; 16]),
                device: DeviceId::from_bytes([2; 16]),
            }],
            silenced: Vec::new(),
        })
    }

    #[test]
    fn members_are_known_for_a_while() {
        let cache = MemberCache::default();
        assert!(cache.get(chat(1)).is_none());
        cache.put(chat(1), members(), cache.begin_reading());
        assert_eq!(cache.get(chat(1)), Some(members()));
        assert!(cache.get_at(chat(1), Instant::now() + TRUSTED).is_none());
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let cache = MemberCache::default();
        let reading = cache.begin_reading();
        cache.forget(chat(1));
        cache.put(chat(1), members(), reading);
        assert!(cache.get(chat(1)).is_none());
        cache.put(chat(1), members(), cache.begin_reading());
        cache.forget_all();
        assert!(cache.get(chat(1)).is_none());
    }
}
