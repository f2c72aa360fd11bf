//! The list of chats, read from the store alone: nothing here needs the server or the engine.

use super::{ChatKind, ChatPreferences, ChatRecord, ChatSummary, KindRecord, OutboxRecord, Stage};
use crate::contacts::{ContactRecord, Contacts, Names as _, Reception};
use crate::groups::Whom;
use crate::messages::{Drafts, Unread, last_message};
use crate::record_key;
use crate::store::{Records, RecordsError, Scan, Store};
use sotto_protocol::{ChatId, Retention, Timestamp};
use std::collections::BTreeMap;

/// Every chat that can be shown, the latest active first.
pub(crate) async fn read_summaries<S: Store>(
    records: &Records<S>,
    contacts: &Contacts,
    now: Timestamp,
) -> Result<Vec<ChatSummary>, RecordsError> {
    let found = records
        .scan::<ChatRecord>(Scan::prefix(record_key::chats()))
        .await?;
    let preferences: ChatPreferences = records
        .get(&record_key::chat_preferences())
        .await?
        .unwrap_or_default();
    let drafts: Drafts = records.get(&record_key::drafts()).await?.unwrap_or_default();
    let set = set_retentions(records).await?;
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
        let is_requested = match contacts.reception(chat, &record.kind) {
            Reception::Open => false,
            Reception::Requested => true,
            Reception::Declined | Reception::Blocked => continue,
        };
        let last = last_message(records, chat, now, contacts).await?;
        let unread = if is_requested {
            Unread::default()
        } else {
            record.unread
        };
        summaries.push(ChatSummary {
            chat,
            kind,
            is_archived: preferences.is_archived(chat, last.as_ref().map_or(0, |last| last.position), now),
            mute: preferences.mute(chat, now),
            draft: drafts.of(chat).cloned(),
            last,
            unread: unread.messages,
            unread_mentions: unread.mentions,
            read_up_to: record.read,
            undecryptable: record.undecryptable,
            retention: set.get(&chat).copied().unwrap_or(record.retention),
            active_at: record.active_at,
            is_halted: record.halted.is_some_and(|halt| halt.is_forbidden()),
            halted_by: record.halted.and_then(|halt| halt.by()).map(|by| Whom {
                account: by.account,
                name: contacts.name_of(by.account),
            }),
            request: contacts.request(chat, &record.kind),
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

/// How long this device has set messages to be kept, where the log does not have it yet.
async fn set_retentions<S: Store>(records: &Records<S>) -> Result<BTreeMap<ChatId, Retention>, RecordsError> {
    let queued = records
        .scan::<OutboxRecord>(Scan::prefix(record_key::outboxes()))
        .await?;
    let set = queued.into_iter().filter_map(|(key, record)| {
        let (chat, _) = record_key::outbox_parts(&key)?;
        Some((chat, record.body.sets_retention()?))
    });
    Ok(set.collect())
}

/// `None` of a direct chat whose other account has no profile here yet: without it there is no name to show.
fn kind(record: &ChatRecord, contacts: &Contacts) -> Option<ChatKind> {
    Some(match &record.kind {
        KindRecord::Direct { peer } => ChatKind::Direct {
            with: contacts.get(*peer).and_then(ContactRecord::to_person)?,
        },
        KindRecord::Group(group) => {
            let profile = group.profile();
            ChatKind::Group {
                picture: profile.as_ref().and_then(|profile| Some(profile.picture?.digest)),
                title: profile.map(|profile| profile.title),
                is_member: record.stage == Stage::Member,
                is_broadcast: group.is_broadcast,
            }
        }
        KindRecord::Notes => ChatKind::Notes,
    })
}
