//! What happens to this account is noted where it comes in, in the same batch. Own doings are not, nor what is fleeting, what blocked
//! accounts do, and what is said in chats that are not wanted or wait as requests.

use super::inbox::Work;
use super::message_changes::Said;
use super::{Engine, OpenChat};
use crate::chats::KindRecord;
use crate::contacts::{Names as _, Reception, Subject, subject};
use crate::error::ClientError;
use crate::messages::{MessageRecord, StoredState, find_message};
use crate::notices::{About, NoticeId, Spot};
use crate::platform::Platform;
use crate::store::{Changes, RecordsError};
use sotto_protocol::{AccountId, ChatId, DeviceId, MessageId, Seq, Timestamp};

/// A message that may concern this account more than others do.
pub(crate) struct News {
    message: MessageId,
    seq: Seq,
    at: Timestamp,
    names_own: bool,
    /// It answers this message, which is one of this account by what it says.
    answers: Option<MessageId>,
}

impl<P: Platform> Engine<P> {
    /// A message was added to the history.
    pub(super) fn watch_news(&self, chat: &OpenChat, seq: Seq, record: &MessageRecord, work: &mut Work) {
        if record.state != StoredState::Received || !self.may_concern(chat, record.from.account) {
            return;
        }
        let answered = record.body.words().and_then(|text| text.reply_to.as_ref());
        let news = News {
            message: record.message,
            seq,
            at: record.at,
            names_own: record.names_own(&self.contacts),
            answers: answered
                .filter(|quote| self.contacts.is_own(quote.from))
                .map(|quote| quote.message),
        };
        if news.names_own || news.answers.is_some() {
            work.news.push(news);
        }
    }

    /// Notes those of the messages that concern this account.
    pub(super) async fn note_news(&mut self, chat: &OpenChat, work: &mut Work) -> Result<(), RecordsError> {
        let records = self.surroundings.records.clone();
        for news in core::mem::take(&mut work.news) {
            let answers_own = match news.answers {
                None => false,
                Some(message) => {
                    let found = find_message(&records, chat.id, message, &work.changes).await?;
                    // Whoever answers may say anything of what they answer. If it is not here any more, there is nothing to hold it against.
                    found.is_none_or(|(_, answered)| self.contacts.is_own(answered.from.account))
                }
            };
            let spot = Spot {
                chat: chat.id,
                message: news.message,
                position: news.seq.0,
            };
            let about = if answers_own {
                About::Reply(spot)
            } else if news.names_own {
                About::Mention(spot)
            } else {
                continue;
            };
            let is_seen = news.seq.0 <= chat.record.read;
            let id = self.notice_id(news.at, news.seq, *news.message.as_bytes());
            self.notices.add(id, about, is_seen, &mut work.changes);
        }
        Ok(())
    }

    /// Somebody has begun to react to a message.
    pub(super) fn note_reaction(
        &mut self,
        chat: &OpenChat,
        said: &Said,
        position: u64,
        target: &MessageRecord,
        changes: &mut Changes,
    ) {
        let Some(seq) = said.seq else {
            return;
        };
        if !self.contacts.is_own(target.from.account) || !self.may_concern(chat, said.by) {
            return;
        }
        let to = Spot {
            chat: chat.id,
            message: target.message,
            position,
        };
        let about = About::Reaction {
            to,
            by: said.by,
            seq: seq.0,
        };
        let id = self.notice_id(said.at, seq, *said.message.as_bytes());
        self.notices.add(id, about, false, changes);
    }

    /// Somebody else has let this account into a chat by a Welcome. What a device joins alone is no news: the account is in it already, or
    /// has asked for it.
    pub(super) fn note_invitation(
        &mut self,
        chat: ChatId,
        kind: &KindRecord,
        from: Option<AccountId>,
        changes: &mut Changes,
    ) {
        let by = kind.peer().or(from);
        if by.is_some_and(|by| self.contacts.is_own(by) || self.contacts.is_blocked(by))
            || from.is_some_and(|from| self.contacts.is_own(from))
        {
            return;
        }
        let about = match (self.contacts.reception(chat, kind), kind, by) {
            (Reception::Requested, _, Some(by)) => About::Request { chat, by },
            (Reception::Requested | Reception::Open, KindRecord::Group(_), by) => About::Added { chat, by },
            (Reception::Requested | Reception::Open | Reception::Declined | Reception::Blocked, _, _) => {
                return;
            }
        };
        let id = self.notice_id(self.now(), Seq::ZERO, *chat.as_bytes());
        self.notices.add(id, about, false, changes);
    }

    /// A device has come that this one has not let in.
    pub(super) fn note_unexpected_device(&mut self, device: DeviceId, changes: &mut Changes) {
        let id = self.notice_id(self.now(), Seq::ZERO, *device.as_bytes());
        self.notices.add(id, About::Device(device), false, changes);
    }

    /// It was decided about these: whoever did so has seen that they wait.
    pub(super) fn invitations_seen(&mut self, subjects: &[Subject], changes: &mut Changes) {
        for chat in self.chats.values() {
            if subject(chat.id, &chat.record.kind).is_some_and(|about| subjects.contains(&about)) {
                self.notices.see_invitation(chat.id, changes);
            }
        }
    }

    /// All notices have been looked at.
    pub(super) async fn mark_notices_seen(&mut self) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let mut changes = Changes::new();
        self.notices.see_all(&mut changes);
        self.write(changes).await
    }

    /// Whether what this account does in a chat may concern the own one.
    fn may_concern(&self, chat: &OpenChat, by: AccountId) -> bool {
        !self.contacts.is_own(by)
            && !self.contacts.is_blocked(by)
            && self.contacts.reception(chat.id, &chat.record.kind) == Reception::Open
    }

    /// A server that is ahead of its time gets no place before all others.
    fn notice_id(&self, at: Timestamp, seq: Seq, of: [u8; 16]) -> NoticeId {
        NoticeId::new(at.min(self.now()), seq, of)
    }
}
