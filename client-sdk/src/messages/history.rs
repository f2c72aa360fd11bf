//! Reading a chat's messages from the store. Nothing here needs the server or the engine.

use super::record::MessageRecord;
use super::{Message, MessagesBefore, QUEUED_POSITIONS};
use crate::chats::ChatRecord;
use crate::contacts::Names;
use crate::record_key;
use crate::store::{Changes, Records, RecordsError, Scan, Store};
use serde::{Deserialize, Serialize};
use sotto_protocol::{ChatId, MessageId, Timestamp};

/// At most `limit` messages, the newest of those asked for, oldest first.
pub(crate) async fn read_messages<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    before: MessagesBefore,
    limit: usize,
    now: Timestamp,
    names: &impl Names,
) -> Result<Vec<Message>, RecordsError> {
    let mut end = match before {
        MessagesBefore::Latest => None,
        MessagesBefore::Position(position) => Some(position),
    };
    let mut messages = Vec::new();
    // Those whose time is over may be there for another moment.
    while messages.len() < limit {
        let wanted = limit - messages.len();
        let mut scan = Scan::prefix(record_key::messages(chat))
            .descending()
            .limit(wanted);
        if let Some(position) = end {
            scan = scan.before(record_key::message(chat, position));
        }
        let found = records.scan::<MessageRecord>(scan).await?;
        let is_all = found.len() < wanted;
        for (key, record) in found {
            let Some(position) = record_key::last_number(&key) else {
                continue;
            };
            end = Some(position);
            if !record.is_over(now) {
                messages.push(record.into_message(chat, position, names));
            }
        }
        if is_all {
            break;
        }
    }
    messages.reverse();
    Ok(messages)
}

/// The message with this id.
pub(crate) async fn read_message<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    message: MessageId,
    now: Timestamp,
    names: &impl Names,
) -> Result<Option<Message>, RecordsError> {
    let found = find_message(records, chat, message, &Changes::new()).await?;
    Ok(found
        .filter(|(_, record)| !record.is_over(now))
        .map(|(position, record)| record.into_message(chat, position, names)))
}

/// The messages that are pinned and are here.
pub(crate) async fn read_pinned<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    now: Timestamp,
    names: &impl Names,
) -> Result<Vec<Message>, RecordsError> {
    let stored = records.get::<ChatRecord>(&record_key::chat(chat)).await?;
    let mut messages = Vec::new();
    for message in stored.map(|record| record.pinned).unwrap_or_default() {
        messages.extend(read_message(records, chat, message, now, names).await?);
    }
    Ok(messages)
}

/// The message with this id, and where it stands, once `changes` are made.
pub(crate) async fn find_message<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    message: MessageId,
    changes: &Changes,
) -> Result<Option<(u64, MessageRecord)>, RecordsError> {
    let place = record_key::place(chat, message);
    let mut looked_at = None;
    loop {
        let position = records.get_after::<u64>(changes, &place).await?;
        let Some(position) = position.filter(|_| position != looked_at) else {
            return Ok(None);
        };
        let key = record_key::message(chat, position);
        let record = records.get_after::<MessageRecord>(changes, &key).await?;
        if let Some(record) = record.filter(|record| record.message == message) {
            return Ok(Some((position, record)));
        }
        // The server may have accepted it meanwhile: then it is elsewhere now.
        looked_at = Some(position);
    }
}

/// The chat's last message.
pub(crate) async fn last_message<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    now: Timestamp,
    names: &impl Names,
) -> Result<Option<Message>, RecordsError> {
    let mut messages = read_messages(records, chat, MessagesBefore::Latest, 1, now, names).await?;
    Ok(messages.pop())
}

/// The first messages after a position, oldest first: at most `limit`.
pub(crate) async fn read_messages_after<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    after: u64,
    limit: usize,
    now: Timestamp,
    names: &impl Names,
) -> Result<Vec<Message>, RecordsError> {
    let mut after = after;
    let mut messages = Vec::new();
    while messages.len() < limit {
        let wanted = limit - messages.len();
        let scan = Scan::prefix(record_key::messages(chat))
            .after(record_key::message(chat, after))
            .limit(wanted);
        let found = records.scan::<MessageRecord>(scan).await?;
        let is_all = found.len() < wanted;
        for (key, record) in found {
            let Some(position) = record_key::last_number(&key) else {
                continue;
            };
            after = position;
            if !record.is_over(now) {
                messages.push(record.into_message(chat, position, names));
            }
        }
        if is_all {
            break;
        }
    }
    Ok(messages)
}

/// The position of the first message of this time or later; of the last one, if all are earlier; `None` if there is none.
///
/// The server's times do not go back along the log, or hardly: of those that stand close together any may be found.
pub(crate) async fn position_at<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    at: Timestamp,
) -> Result<Option<u64>, RecordsError> {
    let all = || Scan::prefix(record_key::messages(chat)).before(record_key::message(chat, QUEUED_POSITIONS));
    let (Some((first, _)), Some((last, newest))) = (
        one(records, all()).await?,
        one(records, all().descending()).await?,
    ) else {
        return Ok(None);
    };
    if newest < at {
        return Ok(Some(last));
    }
    // The message that is looked for stands at or after `from`, and at or before `to`.
    let (mut from, mut to) = (first, last);
    while from < to {
        let middle = from + (to - from) / 2;
        // The last message up to the middle: there is one, as the first is.
        let scan = all().before(record_key::message(chat, middle + 1)).descending();
        match one(records, scan).await? {
            Some((position, found)) if position >= from && found < at => from = middle + 1,
            Some((position, _)) if position >= from => to = position,
            // Nothing between `from` and the middle.
            Some(_) | None => from = middle + 1,
        }
    }
    Ok(Some(to))
}

/// The first message of a scan: its position and time.
async fn one<S: Store>(records: &Records<S>, scan: Scan) -> Result<Option<(u64, Timestamp)>, RecordsError> {
    let found = records.scan::<MessageRecord>(scan.limit(1)).await?;
    Ok(found
        .first()
        .and_then(|(key, record)| Some((record_key::last_number(key)?, record.at))))
}

/// What of a chat was not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unread {
    /// Messages of others.
    pub(crate) messages: u32,
    /// Of those, how many name this account.
    pub(crate) mentions: u32,
}

impl Unread {
    /// With one more.
    pub(crate) const fn add(&mut self, names_own: bool) {
        self.messages = self.messages.saturating_add(1);
        self.mentions = self.mentions.saturating_add(names_own as u32);
    }

    /// Without one of them.
    pub(crate) const fn remove(&mut self, names_own: bool) {
        self.messages = self.messages.saturating_sub(1);
        self.mentions = self.mentions.saturating_sub(names_own as u32);
    }
}

/// The messages of others that come after this position.
pub(crate) async fn unread_after<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    position: u64,
    names: &impl Names,
) -> Result<Unread, RecordsError> {
    let scan = Scan::prefix(record_key::messages(chat))
        .after(record_key::message(chat, position))
        .before(record_key::message(chat, QUEUED_POSITIONS));
    let mut unread = Unread::default();
    if scan.is_empty() {
        return Ok(unread);
    }
    let found = records.scan::<MessageRecord>(scan).await?;
    for (_, record) in found {
        if !names.is_own(record.from.account) {
            unread.add(record.names_own(names));
        }
    }
    Ok(unread)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "what fails here is a test")]

    use super::*;
    use crate::messages::{StoredBody, StoredState, Text};
    use crate::store::{Batch, MemoryStore, Record, StoreError};
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng as _;
    use sotto_crypto_core::StoreKey;
    use sotto_protocol::{AccountId, DeviceAddress, DeviceId};
    use std::sync::Mutex;

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    fn records<S: Store>(store: S) -> Records<S> {
        Records::new(store, StoreKey::from_bytes([7; 32]))
    }

    async fn write(store: &MemoryStore, changes: Changes) {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        records(store.clone()).apply(&mut rng, changes).await.unwrap();
    }

    fn message() -> MessageRecord {
        let from = DeviceAddress {
            account: AccountId::from_bytes([2; 16]),
            device: DeviceId::from_bytes([3; 16]),
        };
        let body = StoredBody::Text(Text::from("on its way"));
        let id = MessageId::from_bytes([4; 16]);
        MessageRecord::new(id, from, body, Timestamp(1), StoredState::Queued)
    }

    /// A store in which something is written between its first answer and its second.
    struct Overtaken {
        store: MemoryStore,
        written: Mutex<Vec<Changes>>,
    }

    impl Store for Overtaken {
        async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            let found = self.store.get(key).await;
            let written = self.written.lock().unwrap().pop();
            if let Some(changes) = written {
                write(&self.store, changes).await;
            }
            found
        }

        async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
            self.store.scan(scan).await
        }

        async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
            self.store.apply(batch).await
        }

        async fn erase(&self) -> Result<(), StoreError> {
            self.store.erase().await
        }

        async fn close(&self) {
            self.store.close().await;
        }
    }

    #[tokio::test]
    async fn a_message_that_the_server_accepts_while_it_is_sought_is_found() {
        let (queued, accepted) = (1 << 52, 9);
        let store = MemoryStore::new();
        let mut changes = Changes::new();
        message().put(CHAT, queued, &mut changes);
        write(&store, changes).await;
        let mut moved = Changes::new();
        moved.delete(record_key::message(CHAT, queued));
        message().put(CHAT, accepted, &mut moved);
        let overtaken = Overtaken {
            store,
            written: Mutex::new(vec![moved]),
        };
        let none = Changes::new();
        let found = find_message(&records(overtaken), CHAT, message().message, &none).await;
        assert_eq!(found.unwrap().unwrap().0, accepted);
    }

    #[tokio::test]
    async fn a_message_whose_place_is_empty_is_not_here() {
        let store = MemoryStore::new();
        let mut changes = Changes::new();
        message().put(CHAT, 9, &mut changes);
        changes.delete(record_key::message(CHAT, 9));
        write(&store, changes).await;
        let none = Changes::new();
        let found = find_message(&records(store), CHAT, message().message, &none).await;
        assert!(found.unwrap().is_none());
    }
}
