//! A message as the archive keeps it.

use crate::messages::{MessageRecord, StoredBody, StoredEdition, StoredState};
use crate::reports::KeptFranking;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, DeviceAddress, MessageId, Retention, Timestamp};

/// A message at its position. What is stored of it on one device alone is not here, nor what has a record of its own.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ArchivedMessage {
    pub(crate) position: u64,
    pub(crate) message: MessageId,
    pub(crate) from: DeviceAddress,
    pub(crate) body: StoredBody,
    pub(crate) at: Timestamp,
    pub(crate) retention: Retention,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) editions: Vec<StoredEdition>,
    pub(crate) reactions: Vec<(AccountId, String)>,
    /// The member who has told it, if this account came into the group later.
    pub(crate) told_by: Option<AccountId>,
    /// What shows to the server what it has said first.
    pub(crate) franking: Option<KeptFranking>,
}

impl ArchivedMessage {
    /// A stored message; `None` if it is nothing that other devices have, or nothing that is kept.
    pub(crate) fn new(position: u64, record: MessageRecord) -> Option<Self> {
        let is_in_log = matches!(record.state, StoredState::Accepted | StoredState::Received);
        if !is_in_log || record.retention == Retention::Never {
            return None;
        }
        Some(Self {
            position,
            message: record.message,
            from: record.from,
            body: record.body,
            at: record.at,
            retention: record.retention,
            expires_at: record.expires_at,
            editions: record.editions,
            reactions: record.reactions,
            told_by: record.told_by,
            franking: record.franking,
        })
    }

    /// As a device of `account` stores it, beside what only it knows.
    pub(crate) fn into_record(self, account: AccountId, is_starred: bool) -> MessageRecord {
        let state = if self.from.account == account {
            StoredState::Accepted
        } else {
            StoredState::Received
        };
        MessageRecord {
            retention: self.retention,
            expires_at: self.expires_at,
            editions: self.editions,
            reactions: self.reactions,
            is_starred,
            told_by: self.told_by,
            franking: self.franking,
            ..MessageRecord::new(self.message, self.from, self.body, self.at, state)
        }
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Bytes that it takes before compression.
    pub(crate) fn length(&self) -> usize {
        postcard::experimental::serialized_size(self).unwrap_or(usize::MAX)
    }

    /// Shortens one that no segment could hold: its former texts go, the first one first, and then the reactions to it.
    pub(crate) fn shorten(&mut self, longest: usize) {
        while self.length() > longest && !self.editions.is_empty() {
            self.editions.remove(0);
        }
        while self.length() > longest && self.reactions.pop().is_some() {}
    }
}
