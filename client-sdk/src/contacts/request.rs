//! Contact requests: chats that strangers have begun, and what becomes of them.

use super::verdicts::{Subject, Verdict};
use super::{ContactRecord, Contacts, Person};
use crate::chats::KindRecord;
use crate::record_key;
use crate::store::Changes;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, ChatId};

/// What the store keeps of a chat that a stranger has begun, or brought this account into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequestRecord {
    /// Who it was, if this device knows.
    pub(crate) from: Option<AccountId>,
}

/// A chat that waits until it is accepted, declined, or whoever is behind it blocked. What is in it can be read. Nothing is
/// sent there, not even that it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRequest {
    /// Who is behind it: the other account of a direct chat; of a group, who has brought this account in, as far as this device
    /// knows.
    pub from: Option<Person>,
}

/// An account that this one blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedAccount {
    /// The account.
    pub account: AccountId,
    /// Who that is, unless its profile has not been read yet.
    pub person: Option<Person>,
}

/// How welcome a chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reception {
    /// It is a chat like any other.
    Open,
    /// It waits as a request.
    Requested,
    /// It was declined: it is not shown.
    Declined,
    /// Its other account is blocked: it is not shown.
    Blocked,
}

impl Contacts {
    /// How welcome a chat is.
    pub(crate) fn reception(&self, chat: ChatId, kind: &KindRecord) -> Reception {
        let Some(subject) = subject(chat, kind) else {
            return Reception::Open;
        };
        match (self.verdicts.of(subject), self.requests.get(&chat)) {
            (Some(Verdict::Blocked), _) => Reception::Blocked,
            (Some(Verdict::Declined), _) => Reception::Declined,
            (None, Some(_)) => Reception::Requested,
            (Some(Verdict::Accepted), _) | (None, None) => Reception::Open,
        }
    }

    /// Whether somebody else has brought the chat into being, whatever was decided about it since.
    pub(crate) fn is_requested(&self, chat: ChatId) -> bool {
        self.requests.contains_key(&chat)
    }

    /// The request, if the chat waits as one.
    pub(crate) fn request(&self, chat: ChatId, kind: &KindRecord) -> Option<ContactRequest> {
        (self.reception(chat, kind) == Reception::Requested).then(|| ContactRequest {
            from: kind
                .peer()
                .or_else(|| self.requests.get(&chat)?.from)
                .and_then(|from| self.get(from)?.to_person()),
        })
    }

    /// Notes that a chat has come into being by somebody else's doing: it waits as a request, unless whoever that is has been
    /// accepted.
    pub(crate) fn note_request(
        &mut self,
        chat: ChatId,
        kind: &KindRecord,
        from: Option<AccountId>,
        changes: &mut Changes,
    ) {
        let is_accepted = |subject| self.verdicts.of(subject) == Some(Verdict::Accepted);
        let is_welcome = match kind {
            KindRecord::Notes => true,
            KindRecord::Direct { peer } => is_accepted(Subject::Account(*peer)),
            KindRecord::Group(_) => {
                is_accepted(Subject::Group(chat))
                    || from.is_some_and(|from| self.is_self(from) || is_accepted(Subject::Account(from)))
            }
        };
        if is_welcome || self.requests.contains_key(&chat) {
            return;
        }
        let record = RequestRecord { from };
        changes.put(record_key::request(chat), &record);
        self.requests.insert(chat, record);
    }

    /// Decides, here and in `changes`. `false` if that was decided already.
    pub(crate) fn decide(&mut self, subject: Subject, verdict: Verdict, changes: &mut Changes) -> bool {
        let decided = self.verdicts.decide(subject, verdict);
        if decided {
            changes.put(record_key::verdicts(), &self.verdicts);
        }
        decided
    }

    /// The accounts that are blocked.
    pub(crate) fn blocked(&self) -> Vec<BlockedAccount> {
        let blocked = self.verdicts.blocked().map(|account| BlockedAccount {
            account,
            person: self.get(account).and_then(ContactRecord::to_person),
        });
        blocked.collect()
    }
}

/// What a verdict on a chat is about; `None` of notes to oneself.
pub(crate) fn subject(chat: ChatId, kind: &KindRecord) -> Option<Subject> {
    match kind {
        KindRecord::Direct { peer } => Some(Subject::Account(*peer)),
        KindRecord::Group(_) => Some(Subject::Group(chat)),
        KindRecord::Notes => None,
    }
}
