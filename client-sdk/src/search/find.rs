//! One page of a search: looked up in the index, read from the store, and held against the query again.

use super::index::{Wanted, searched};
use super::terms::Terms;
use super::{Found, Search, SearchCursor, SearchPage, SearchQuery};
use crate::chats::{ChatRecord, Stage};
use crate::contacts::{Contacts, Names as _, Reception};
use crate::error::ClientError;
use crate::messages::MessageRecord;
use crate::platform::Clock;
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use core::ops::Bound;
use futures_util::future::join_all;
use sotto_protocol::{ChatId, Timestamp};
use std::collections::HashSet;

/// The longest page.
const AT_ONCE: usize = 200;
/// How long a search waits for more to be read before it answers with what it has, in milliseconds.
const PATIENCE_MS: u64 = 100;
/// How often more is read between two looks into the index.
const READ_BETWEEN: usize = 16;

/// Where a search looks.
pub(crate) struct Lookup<'a, S, C> {
    pub(crate) search: &'a Search,
    pub(crate) records: &'a Records<S>,
    pub(crate) clock: &'a C,
    pub(crate) contacts: &'a Contacts,
}

impl<S: Store, C: Clock> Lookup<'_, S, C> {
    /// At most `limit` messages, and never more than 200, after those that end with `before`. An index was begun.
    pub(crate) async fn page(
        &self,
        query: &SearchQuery,
        limit: usize,
        before: Option<SearchCursor>,
    ) -> Result<SearchPage, ClientError> {
        let limit = limit.min(AT_ONCE);
        let terms = Terms::of(&query.text);
        let mut page = SearchPage {
            found: Vec::new(),
            next: None,
            looked_to: None,
        };
        let asks_for_nothing = terms.is_empty() && *query == SearchQuery::text(query.text.as_str());
        if limit == 0 || asks_for_nothing {
            page.looked_to = self.look(query, &terms, before, 0, &HashSet::new())?.1;
            return Ok(page);
        }
        let chats = self.chats(query.chat).await?;
        let patience_ends = self.clock.now().plus_millis(PATIENCE_MS);
        let mut end = before;
        let mut has_read = false;
        loop {
            let wanted = limit - page.found.len();
            // One more than is wanted says whether there are more.
            let (mut places, looked_to) = self.look(query, &terms, end, wanted + 1, &chats)?;
            page.looked_to = looked_to;
            let are_more = places.len() > wanted;
            places.truncate(wanted);
            if let Some(&last) = places.last() {
                end = Some(last);
            }
            page.found.extend(self.read(query, &terms, &places).await?);
            if are_more {
                if page.found.len() < limit {
                    // Some had just gone.
                    continue;
                }
                page.next = end;
                return Ok(page);
            }
            let Some(looked_to) = looked_to else {
                return Ok(page);
            };
            let all = SearchCursor::all_after(looked_to);
            let all = end.map_or(all, |end| end.min(all));
            if query.since.is_some_and(|since| looked_to < since) {
                // What is not read is not asked for.
                page.looked_to = None;
                return Ok(page);
            }
            // Every page goes further back, so that asking for the next comes to an end.
            if page.found.len() == limit || has_read && self.clock.now() >= patience_ends {
                page.next = Some(all);
                return Ok(page);
            }
            end = Some(all);
            has_read = true;
            for _ in 0..READ_BETWEEN {
                if !self.search.read_on(self.records).await? {
                    break;
                }
            }
        }
    }

    /// What the index knows, and how far it goes back.
    fn look(
        &self,
        query: &SearchQuery,
        terms: &Terms,
        before: Option<SearchCursor>,
        limit: usize,
        chats: &HashSet<ChatId>,
    ) -> Result<(Vec<SearchCursor>, Option<Timestamp>), ClientError> {
        let wanted = Wanted {
            terms,
            of_chat: |chat| chats.contains(&chat),
            of_sender: |sender| {
                query.from.is_none_or(|from| from == sender) && !self.contacts.is_blocked(sender)
            },
            at: (
                query.since.map_or(Bound::Unbounded, Bound::Included),
                query.until.map_or(Bound::Unbounded, Bound::Excluded),
            ),
            kind: query.kind,
            before,
        };
        // It is wiped at once when the session ends.
        let looked = self.search.look(wanted, limit).ok_or(ClientError::NotLoggedIn)?;
        Ok((looked.places, looked.looked_to))
    }

    /// The chats whose messages are shown: none that waits as a request, was declined, or is with somebody who is blocked.
    async fn chats(&self, only: Option<ChatId>) -> Result<HashSet<ChatId>, RecordsError> {
        let found: Vec<(ChatId, ChatRecord)> = if let Some(chat) = only {
            let record = self.records.get::<ChatRecord>(&record_key::chat(chat)).await?;
            record.map(|record| (chat, record)).into_iter().collect()
        } else {
            let scan = Scan::prefix(record_key::chats());
            let found = self.records.scan::<ChatRecord>(scan).await?.into_iter();
            let with_ids = found.filter_map(|(key, record)| Some((record_key::first_id(&key)?, record)));
            with_ids.collect()
        };
        let shown = found.into_iter().filter(|(chat, record)| {
            matches!(record.stage, Stage::Member | Stage::Leaving | Stage::Left)
                && self.contacts.reception(*chat, &record.kind) == Reception::Open
        });
        Ok(shown.map(|(chat, _)| chat).collect())
    }

    /// The messages at these places that still are what was looked for.
    async fn read(
        &self,
        query: &SearchQuery,
        terms: &Terms,
        places: &[SearchCursor],
    ) -> Result<Vec<Found>, RecordsError> {
        let now = self.clock.now();
        let records = join_all(places.iter().map(|place| {
            let key = record_key::message(place.chat, place.position);
            async move { self.records.get::<MessageRecord>(&key).await }
        }))
        .await;
        let mut found = Vec::with_capacity(places.len());
        for (place, record) in places.iter().zip(records) {
            let Some(record) = record?.filter(|record| record.at == place.at && !record.is_over(now)) else {
                continue;
            };
            let Some((text, kinds)) = searched(&record) else {
                continue;
            };
            let is_of_kind = query.kind.is_none_or(|kind| kinds.has(kind));
            if let Some(mut marks) = terms.marks(&text).filter(|_| is_of_kind) {
                // A file's name is not among what was written.
                let written = record.body.words().map_or(0, |words| words.text.len());
                marks.retain(|mark| mark.end <= written);
                let message = record.into_message(place.chat, place.position, self.contacts);
                found.push(Found { message, marks });
            }
        }
        Ok(found)
    }
}
