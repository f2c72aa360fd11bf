//! Reading notices.

use super::{About, Notice, NoticeAbout, NoticeId, NoticeRecord};
use crate::chats::ChatRecord;
use crate::client::Client;
use crate::contacts::{Contacts, Names as _, Reception};
use crate::error::ClientError;
use crate::groups::Whom;
use crate::messages::{Message, MessageRecord, find_message};
use crate::platform::{Clock as _, Platform};
use crate::record_key;
use crate::store::{Changes, Records, RecordsError, Scan, Store};
use crate::sync::Command;
use sotto_protocol::{AccountId, ChatId, Timestamp};
use std::collections::BTreeMap;

/// The longest page of [`Client::notices`].
pub const NOTICES_AT_ONCE: usize = 100;

impl<P: Platform> Client<P> {
    /// What happened to this account, the latest first: at most `limit` and [`NOTICES_AT_ONCE`], of those before the one with the id
    /// `before`. Of messages that are not there any more, of chats that are not shown, and of accounts that are blocked there are none.
    /// At most [`NOTICES`](super::NOTICES) are kept. Local.
    pub async fn notices(&self, limit: usize, before: Option<NoticeId>) -> Result<Vec<Notice>, ClientError> {
        let contacts = self.shared().contacts();
        let mut reader = Reader {
            records: self.records(),
            contacts: &contacts,
            now: self.clock().now(),
            receptions: BTreeMap::new(),
        };
        let mut scan = Scan::prefix(record_key::notices()).descending();
        if let Some(before) = before {
            scan = scan.before(record_key::notice(before));
        }
        let mut notices = Vec::new();
        for (key, record) in self.records().scan::<NoticeRecord>(scan).await? {
            if notices.len() == limit.min(NOTICES_AT_ONCE) {
                break;
            }
            if let Some(id) = record_key::notice_id(&key) {
                notices.extend(reader.shown(id, record).await?);
            }
        }
        Ok(notices)
    }

    /// All notices there are have been looked at, on this device.
    pub async fn mark_notices_seen(&self) -> Result<(), ClientError> {
        self.ask(|reply| Command::MarkNoticesSeen { reply }).await
    }
}

struct Reader<'a, S> {
    records: &'a Records<S>,
    contacts: &'a Contacts,
    now: Timestamp,
    receptions: BTreeMap<ChatId, Option<Reception>>,
}

impl<S: Store> Reader<'_, S> {
    /// The notice as it is shown; `None` if it is not.
    async fn shown(&mut self, id: NoticeId, record: NoticeRecord) -> Result<Option<Notice>, RecordsError> {
        if let Some(chat) = record.about.chat() {
            match self.reception(chat).await? {
                Some(Reception::Open) => {}
                Some(Reception::Requested) if record.about.spot().is_none() => {}
                Some(Reception::Requested | Reception::Declined | Reception::Blocked) | None => {
                    return Ok(None);
                }
            }
        }
        let message = match record.about.spot() {
            None => None,
            Some(spot) => {
                let found = find_message(self.records, spot.chat, spot.message, &Changes::new()).await?;
                let found = found.filter(|(position, message)| {
                    *position == spot.position
                        && !message.is_over(self.now)
                        && record.about.holds(message, self.contacts)
                });
                let Some((_, message)) = found else {
                    return Ok(None);
                };
                Some(message)
            }
        };
        let about = self.about(record.about, message);
        Ok(about.map(|about| Notice {
            id,
            at: id.at(),
            is_new: !record.is_seen,
            about,
        }))
    }

    fn about(&self, about: About, message: Option<MessageRecord>) -> Option<NoticeAbout> {
        let shown = |message: MessageRecord, chat, position| -> Option<Box<Message>> {
            let message = message.into_message(chat, position, self.contacts);
            (!message.from_blocked).then(|| Box::new(message))
        };
        Some(match about {
            About::Mention(spot) => NoticeAbout::Mention {
                message: shown(message?, spot.chat, spot.position)?,
            },
            About::Reply(spot) => NoticeAbout::Reply {
                message: shown(message?, spot.chat, spot.position)?,
            },
            About::Reaction { to, by, .. } => {
                let message = message?;
                let mut latest = message.reactions.iter().rev();
                let emoji = latest.find(|(account, _)| *account == by)?.1.clone();
                NoticeAbout::Reaction {
                    by: self.whom(by)?,
                    emoji,
                    message: shown(message, to.chat, to.position)?,
                }
            }
            About::Added { chat, by } => NoticeAbout::Added {
                chat,
                by: match by {
                    Some(by) => Some(self.whom(by)?),
                    None => None,
                },
            },
            About::Request { chat, by } => NoticeAbout::Request {
                chat,
                by: self.whom(by)?,
            },
            About::Device(device) => NoticeAbout::Device { device },
            About::Community(community) => NoticeAbout::Community { community },
        })
    }

    /// Who that is, unless they are blocked.
    fn whom(&self, account: AccountId) -> Option<Whom> {
        (!self.contacts.is_blocked(account)).then(|| Whom {
            account,
            name: self.contacts.name_of(account),
        })
    }

    async fn reception(&mut self, chat: ChatId) -> Result<Option<Reception>, RecordsError> {
        if let Some(known) = self.receptions.get(&chat) {
            return Ok(*known);
        }
        let record = self.records.get::<ChatRecord>(&record_key::chat(chat)).await?;
        let reception = record.map(|record| self.contacts.reception(chat, &record.kind));
        self.receptions.insert(chat, reception);
        Ok(reception)
    }
}
