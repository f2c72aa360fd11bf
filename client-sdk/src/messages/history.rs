//! Reading a chat's messages from the store. Nothing here needs the server or the engine.

use super::record::MessageRecord;
use super::{Message, MessagesBefore};
use crate::contacts::Names;
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use sotto_protocol::{ChatId, Timestamp};

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

/// How many messages of others come after this position.
pub(crate) async fn unread_after<S: Store>(
    records: &Records<S>,
    chat: ChatId,
    position: u64,
    names: &impl Names,
) -> Result<u32, RecordsError> {
    let scan = Scan::prefix(record_key::messages(chat))
        .after(record_key::message(chat, position))
        .before(record_key::message(chat, super::QUEUED_POSITIONS));
    if scan.is_empty() {
        return Ok(0);
    }
    let found = records.scan::<MessageRecord>(scan).await?;
    let unread = found
        .iter()
        .filter(|(_, record)| !names.is_own(record.from.account));
    Ok(u32::try_from(unread.count()).unwrap_or(u32::MAX))
}
