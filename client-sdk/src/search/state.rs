//! The index as it comes and goes, and how it follows the store.

use super::index::{Index, Wanted};
use super::reading::Reading;
use crate::error::ClientError;
use crate::messages::MessageRecord;
use crate::record_key;
use crate::store::Observer;
use core::fmt;
use core::ops::Bound;
use sotto_crypto_core::secret::SecretBytes;
use sotto_protocol::{AccountId, ChatId, Timestamp};
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::SearchCursor;

/// The index, if there is one.
#[derive(Default)]
pub(crate) struct Search {
    /// Never held across an await.
    state: Mutex<State>,
    /// How far the store is read. Whoever holds it, reads on.
    pub(super) reading: async_lock::Mutex<Reading>,
}

#[derive(Default)]
struct State {
    /// Whether somebody is logged in, who may search.
    is_allowed: bool,
    /// Which index it is: that of an earlier one is not taken for another's.
    generation: u64,
    current: Option<Current>,
}

struct Current {
    index: Index,
    /// No message that the index still lacks is newer; `None` once it lacks none.
    looked_to: Option<Timestamp>,
    /// What has changed since the index was begun, until it lacks nothing: what was read of it may be from before.
    changed: HashSet<(ChatId, u64)>,
    /// Somebody has searched since this was asked last.
    was_used: bool,
}

/// What the index knows of a query.
pub(super) struct Looked {
    /// The places of the newest that match, the newest first.
    pub(super) places: Vec<SearchCursor>,
    /// No message that the index lacks is newer; `None` if it lacks none. Of those that it lacks, and those as old, nothing is among
    /// the places.
    pub(super) looked_to: Option<Timestamp>,
}

impl Search {
    /// Says whether anybody may search; if not, what was there is wiped.
    pub(crate) fn allow(&self, is_allowed: bool) {
        let mut state = self.state();
        state.is_allowed = is_allowed;
        if !is_allowed {
            state.current = None;
        }
    }

    /// Begins an index, if there is none: then it is `true`, and the store is to be looked through.
    pub(crate) fn begin(&self) -> Result<bool, ClientError> {
        let mut state = self.state();
        if !state.is_allowed {
            return Err(ClientError::NotLoggedIn);
        }
        if let Some(current) = &mut state.current {
            current.was_used = true;
            return Ok(false);
        }
        state.generation += 1;
        state.current = Some(Current {
            index: Index::default(),
            looked_to: Some(Timestamp(u64::MAX)),
            changed: HashSet::new(),
            was_used: true,
        });
        Ok(true)
    }

    /// Looks up what is wanted among all that is surely in the index. `None` if there is none any more.
    pub(super) fn look<C, A>(&self, wanted: Wanted<'_, C, A>, limit: usize) -> Option<Looked>
    where
        C: Fn(ChatId) -> bool,
        A: Fn(AccountId) -> bool,
    {
        let state = self.state();
        let current = state.current.as_ref()?;
        let (since, until) = wanted.at;
        let since = match (since, current.looked_to) {
            // What was read of older ones would come before what was not.
            (Bound::Included(since), Some(looked_to)) if since <= looked_to => Bound::Excluded(looked_to),
            (Bound::Unbounded | Bound::Excluded(_), Some(looked_to)) => Bound::Excluded(looked_to),
            (since, _) => since,
        };
        let wanted = Wanted {
            at: (since, until),
            ..wanted
        };
        Some(Looked {
            places: current.index.find(&wanted, limit),
            looked_to: current.looked_to,
        })
    }

    /// The index that lacks something still.
    pub(super) fn unfinished(&self) -> Option<u64> {
        let state = self.state();
        let current = state.current.as_ref()?;
        current.looked_to.map(|_| state.generation)
    }

    /// The index that there is.
    pub(super) fn generation(&self) -> Option<u64> {
        let state = self.state();
        state.current.as_ref().map(|_| state.generation)
    }

    /// Takes in what was read of the store, after which the index of this generation lacks nothing newer than `looked_to`.
    pub(super) fn take_in(
        &self,
        generation: u64,
        read: impl IntoIterator<Item = (ChatId, u64, MessageRecord)>,
        looked_to: Option<Timestamp>,
    ) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        let Some(current) = &mut state.current else {
            return;
        };
        for (chat, position, record) in read {
            if !current.changed.contains(&(chat, position)) {
                current.index.put(chat, position, &record);
            }
        }
        current.looked_to = looked_to;
        if looked_to.is_none() {
            current.changed = HashSet::new();
        }
    }

    /// Wipes the index of this generation if nobody has searched since this was asked last. `false` if it is gone.
    pub(super) fn keep_if_used(&self, generation: u64) -> bool {
        let mut state = self.state();
        if state.generation != generation {
            return false;
        }
        let is_kept = state
            .current
            .as_mut()
            .is_some_and(|current| core::mem::take(&mut current.was_used));
        if !is_kept {
            state.current = None;
        }
        is_kept
    }

    /// How many messages the index has, and the memory that it takes in bytes, but for what allocating it costs.
    pub(crate) fn size(&self) -> Option<(usize, usize)> {
        let state = self.state();
        let index = &state.current.as_ref()?.index;
        Some((index.len(), index.memory()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever is stored or deleted of messages comes by here, whoever does it.
impl Observer for Search {
    fn observes(&self, key: &[u8]) -> bool {
        record_key::message_parts(key).is_some()
    }

    fn changed(&self, key: &[u8], value: Option<&SecretBytes>) {
        let Some((chat, position)) = record_key::message_parts(key) else {
            return;
        };
        let mut state = self.state();
        let Some(current) = &mut state.current else {
            return;
        };
        if current.looked_to.is_some() {
            current.changed.insert((chat, position));
        }
        match value.map(crate::store::decode::<MessageRecord>) {
            Some(Ok(record)) => current.index.put(chat, position, &record),
            // What cannot be read back cannot be shown either.
            Some(Err(_)) | None => current.index.remove(chat, position),
        }
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search")
    }
}
