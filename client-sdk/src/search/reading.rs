//! Reading the store for the index: from all chats, the newest messages first.

use super::Search;
use crate::chats::ChatRecord;
use crate::messages::{MessageRecord, QUEUED_POSITIONS};
use crate::platform::{Clock as _, Platform, let_others_run};
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use crate::surroundings::Surroundings;
use core::time::Duration;
use sotto_protocol::{ChatId, Timestamp};
use std::sync::Arc;

/// Records that are read at once of a chat at first, so that the newest of all chats are there soon.
const FIRST: usize = 16;
/// Records that are read at once later, twice as many each time until then: what opening them takes holds up nobody for longer than a
/// few milliseconds.
const AT_ONCE: usize = 256;
/// After so long without a search, and at most twice as long, the index is wiped. The next search builds it anew.
const UNUSED: Duration = Duration::from_mins(10);

/// How far the store is read.
#[derive(Default)]
pub(super) struct Reading {
    /// For which index.
    generation: u64,
    /// The chats that are not read to their beginning.
    chats: Vec<Unread>,
}

/// The part of a chat that is not read.
struct Unread {
    chat: ChatId,
    /// It ends before this position, if it is not the whole chat.
    before: Option<u64>,
    /// Nothing in it is newer. (But for a server whose clock was set back: what is from before that may then come late, on no page of
    /// a search that was begun while the store was read.)
    newest: Timestamp,
    /// How many records are read of it next.
    at_once: usize,
}

impl Reading {
    async fn begin<S: Store>(records: &Records<S>, generation: u64) -> Result<Self, RecordsError> {
        let chats = records
            .scan::<ChatRecord>(Scan::prefix(record_key::chats()))
            .await?;
        let chats = chats.into_iter().filter_map(|(key, record)| {
            Some(Unread {
                chat: record_key::first_id(&key)?,
                before: None,
                newest: record.active_at,
                at_once: FIRST,
            })
        });
        Ok(Self {
            generation,
            chats: chats.collect(),
        })
    }

    /// Which chat has the newest messages that are not read.
    fn next(&self) -> Option<usize> {
        let chats = self.chats.iter().enumerate();
        let newest = chats.max_by_key(|(_, unread)| unread.newest);
        newest.map(|(number, _)| number)
    }
}

impl Search {
    /// Reads some more of the store. `false` if there is no more, or no index to read for.
    pub(crate) async fn read_on<S: Store>(&self, records: &Records<S>) -> Result<bool, RecordsError> {
        let mut reading = self.reading.lock().await;
        let Some(generation) = self.unfinished() else {
            *reading = Reading::default();
            return Ok(false);
        };
        if reading.generation != generation {
            *reading = Reading::begin(records, generation).await?;
        }
        let Some((number, unread)) = reading
            .next()
            .and_then(|number| Some((number, reading.chats.get_mut(number)?)))
        else {
            self.take_in(generation, [], None);
            return Ok(false);
        };
        let chat = unread.chat;
        let mut scan = Scan::prefix(record_key::messages(chat))
            .descending()
            .limit(unread.at_once);
        if let Some(position) = unread.before {
            scan = scan.before(record_key::message(chat, position));
        }
        let found = records.scan::<MessageRecord>(scan).await?;
        let is_all = found.len() < unread.at_once;
        unread.at_once = AT_ONCE.min(unread.at_once * 2);
        let mut read = Vec::with_capacity(found.len());
        for (key, record) in found {
            let Some((_, position)) = record_key::message_parts(&key) else {
                continue;
            };
            unread.before = Some(position);
            // What is queued has the time of this device.
            if position < QUEUED_POSITIONS {
                unread.newest = unread.newest.min(record.at);
            }
            read.push((chat, position, record));
        }
        if is_all {
            reading.chats.swap_remove(number);
        }
        let looked_to = reading.chats.iter().map(|unread| unread.newest).max();
        self.take_in(generation, read, looked_to);
        Ok(looked_to.is_some())
    }
}

/// Looks through the whole store for an index that was begun, and wipes it when it was not used for a while.
pub(crate) async fn look_through<P: Platform>(surroundings: Arc<Surroundings<P>>) {
    let search = &surroundings.search;
    let Some(generation) = search.generation() else {
        return;
    };
    // If the store fails, whoever searches reads on, and is told.
    while let Ok(true) = search.read_on(&surroundings.records).await {
        let_others_run().await;
    }
    while search.keep_if_used(generation) {
        surroundings.clock.sleep(UNUSED).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::SystemClock;
    use crate::store::MemoryStore;
    use crate::sync::{Scripted, ScriptedTransport};
    use sotto_crypto_core::StoreKey;

    fn surroundings() -> Arc<Surroundings<Scripted>> {
        let (transport, _) = ScriptedTransport::new(|_| unreachable!("search asks no server"));
        let search = Arc::new(Search::default());
        search.allow(true);
        Arc::new(Surroundings {
            transport,
            clock: SystemClock,
            records: Records::new(MemoryStore::new(), StoreKey::from_bytes([3; 32])),
            search,
        })
    }

    #[tokio::test(start_paused = true)]
    async fn an_index_that_nobody_uses_is_wiped_and_one_that_is_used_stays() {
        let surroundings = surroundings();
        assert_eq!(surroundings.search.begin(), Ok(true));
        let looking = tokio::spawn(look_through(Arc::clone(&surroundings)));
        for _ in 0..5 {
            tokio::time::sleep(UNUSED / 2).await;
            assert_eq!(surroundings.search.begin(), Ok(false));
        }
        looking.await.unwrap();
        assert_eq!(surroundings.search.size(), None);
        assert_eq!(surroundings.search.begin(), Ok(true));
    }

    #[tokio::test]
    async fn what_is_read_for_an_index_that_is_gone_is_not_taken_for_the_next() {
        let surroundings = surroundings();
        let search = &surroundings.search;
        search.begin().unwrap();
        let gone = search.generation().unwrap();
        search.allow(false);
        search.allow(true);
        search.begin().unwrap();
        search.take_in(gone, [], None);
        assert_eq!(search.unfinished(), search.generation());
        assert!(!search.keep_if_used(gone));
        assert!(search.generation().is_some());
    }
}
