//! A history without a server: for tests and benchmarks of the search in it.

use crate::chats::{ChatRecord, KindRecord};
use crate::contacts::{Contacts, Subject, Verdict};
use crate::error::ClientError;
use crate::messages::{MessageRecord, StoredBody, StoredState, Text};
use crate::platform::Clock;
use crate::record_key;
use crate::search::{Lookup, Search, SearchCursor, SearchPage, SearchQuery};
use crate::store::{Changes, Records, RecordsError, Store};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::StoreKey;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, DeviceId, MessageId, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Messages in chats with oneself, and the search in them.
pub struct History<S, C> {
    records: Records<S>,
    search: Arc<Search>,
    clock: C,
    contacts: Contacts,
    rng: ChaCha20Rng,
    chats: BTreeMap<ChatId, ChatRecord>,
}

/// What somebody has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where.
    pub chat: ChatId,
    /// At which position.
    pub position: u64,
    /// Who.
    pub from: AccountId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
    /// Until when it is kept, if not for good.
    pub expires_at: Option<Timestamp>,
}

impl<S: Store, C: Clock> History<S, C> {
    /// What is in `store`, if it was written by another one of these.
    #[must_use]
    pub fn new(store: S, clock: C) -> Self {
        let search = Arc::new(Search::default());
        search.allow(true);
        let observer: Arc<Search> = Arc::clone(&search);
        Self {
            records: Records::observed(store, StoreKey::from_bytes([7; 32]), observer),
            search,
            clock,
            contacts: Contacts::default(),
            rng: ChaCha20Rng::from_seed([7; 32]),
            chats: BTreeMap::new(),
        }
    }

    /// Stores messages, in one batch. One at a place that there is takes the place of the other.
    pub async fn say(&mut self, said: &[Said]) -> Result<(), RecordsError> {
        let mut changes = Changes::new();
        for said in said {
            let chat = self
                .chats
                .entry(said.chat)
                .or_insert_with(|| ChatRecord::new(KindRecord::Notes, said.at));
            chat.active_at = chat.active_at.max(said.at);
            let from = DeviceAddress {
                account: said.from,
                device: DeviceId::from_bytes([1; 16]),
            };
            let body = StoredBody::Text(Text::from(said.text.as_str()));
            let mut record =
                MessageRecord::new(id_at(said.position), from, body, said.at, StoredState::Received);
            record.expires_at = said.expires_at;
            record.put(said.chat, said.position, &mut changes);
        }
        for (chat, record) in &self.chats {
            changes.put(record_key::chat(*chat), record);
        }
        self.records.apply(&mut self.rng, changes).await
    }

    /// Deletes the message at a place.
    pub async fn delete(&mut self, chat: ChatId, position: u64) -> Result<(), RecordsError> {
        let key = record_key::message(chat, position);
        let mut changes = Changes::new();
        if let Some(record) = self.records.get::<MessageRecord>(&key).await? {
            record.delete(chat, position, &mut changes);
        }
        self.records.apply(&mut self.rng, changes).await
    }

    /// Blocks an account.
    pub fn block(&mut self, account: AccountId) {
        let subject = Subject::Account(account);
        self.contacts
            .decide(subject, Verdict::Blocked, &mut Changes::new());
    }

    /// Logs in or out.
    pub fn allow(&self, is_allowed: bool) {
        self.search.allow(is_allowed);
    }

    /// As [`Client::search`](crate::Client::search), but that nothing is read beside it.
    pub async fn search(
        &self,
        query: &SearchQuery,
        limit: usize,
        before: Option<SearchCursor>,
    ) -> Result<SearchPage, ClientError> {
        self.search.begin()?;
        let lookup = Lookup {
            search: &self.search,
            records: &self.records,
            clock: &self.clock,
            contacts: &self.contacts,
        };
        lookup.page(query, limit, before).await
    }

    /// Reads some more for the index, if one was begun. `false` if there is no more.
    pub async fn read_on(&self) -> Result<bool, RecordsError> {
        self.search.read_on(&self.records).await
    }

    /// How many messages the index has, and the memory that it takes, in bytes.
    #[must_use]
    pub fn index_size(&self) -> Option<(usize, usize)> {
        self.search.size()
    }
}

fn id_at(position: u64) -> MessageId {
    let mut id = [0; 16];
    id.split_at_mut(8).0.copy_from_slice(&position.to_be_bytes());
    MessageId::from_bytes(id)
}
