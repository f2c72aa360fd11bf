//! The list of chats, read from the store alone: nothing here needs the server or the engine.

use super::{ChatKind, ChatRecord, ChatSummary, KindRecord, Stage};
use crate::contacts::{ContactRecord, Contacts};
use crate::messages::last_message;
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use sotto_protocol::ChatId;

/// Every chat that can be shown, the latest active first.
pub(crate) async fn read_summaries<S: Store>(
    records: &Records<S>,
    contacts: &Contacts,
) -> Result<Vec<ChatSummary>, RecordsError> {
    let found = records
        .scan::<ChatRecord>(Scan::prefix(record_key::chats()))
        .await?;
    let mut summaries = Vec::with_capacity(found.len());
    for (key, record) in found {
        let (Some(chat), Stage::Member | Stage::Leaving | Stage::Left) =
            (record_key::first_id::<ChatId>(&key), record.stage)
        else {
            continue;
        };
        let Some(kind) = kind(&record, contacts) else {
            continue;
        };
        summaries.push(ChatSummary {
            chat,
            kind,
            last: last_message(records, chat, contacts).await?,
            unread: record.unread,
            read_up_to: record.read,
            undecryptable: record.undecryptable,
            active_at: record.active_at,
            is_halted: record.halted,
        });
    }
    summaries.sort_by(|one, other| {
        other
            .active_at
            .cmp(&one.active_at)
            .then(one.chat.cmp(&other.chat))
    });
    Ok(summaries)
}

/// `None` of a direct chat whose other account has no profile here yet: without it there is no name to show.
fn kind(record: &ChatRecord, contacts: &Contacts) -> Option<ChatKind> {
    Some(match &record.kind {
        KindRecord::Direct { peer } => ChatKind::Direct {
            with: contacts.get(*peer).and_then(ContactRecord::to_person)?,
        },
        KindRecord::Group(group) => ChatKind::Group {
            title: group.profile().map(|profile| profile.title),
            is_member: record.stage == Stage::Member,
        },
        KindRecord::Notes => ChatKind::Notes,
    })
}
