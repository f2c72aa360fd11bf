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
    let Some(position) = records.get_after::<u64>(changes, &place).await? else {
        return Ok(None);
    };
    let key = record_key::message(chat, position);
    let record = records.get_after::<MessageRecord>(changes, &key).await?;
    Ok(record
        .filter(|record| record.message == message)
        .map(|record| (position, record)))
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
