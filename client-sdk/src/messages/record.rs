//! What the store keeps of a message.

use super::{Answered, Body, Message, MessageState, QUEUED_POSITIONS, Sender};
use crate::contacts::Names;
use crate::groups::{StoredChange, Whom};
use crate::record_key;
use crate::reports::KeptFranking;
use crate::store::Changes;
use crate::sync::MessageChange;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::content::{ChatRetention, File, FileInfo};
use sotto_crypto_core::{
    Deletion, Edit, GroupKeyRequest, GroupKeyShare, HistoryRequest, HistoryShare, Pin, Reaction, Text,
    ToldGroupProfile, content,
};
use sotto_protocol::{
    AccountId, Approval, ChatId, Departure, DeviceAddress, MessageId, ProblemCode, Retention, Seq, Timestamp,
};

/// A message, stored at its position in its chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MessageRecord {
    pub(crate) message: MessageId,
    pub(crate) from: DeviceAddress,
    pub(crate) body: StoredBody,
    pub(crate) at: Timestamp,
    pub(crate) state: StoredState,
    pub(crate) retention: Retention,
    /// When its time is over, once that has begun.
    pub(crate) expires_at: Option<Timestamp>,
    /// What it has said, the first text first, if it was ever edited.
    pub(crate) editions: Vec<Edition>,
    /// Who has reacted, and how, the first one first.
    pub(crate) reactions: Vec<(AccountId, String)>,
    /// Whether this account has starred it.
    pub(crate) is_starred: bool,
    /// The member who has told it, if this account came into the group later.
    pub(crate) told_by: Option<AccountId>,
    /// What shows to the server what it has said first.
    pub(crate) franking: Option<KeptFranking>,
}

/// What a message said from some time on.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Edition {
    /// The message that has said so: itself, or an edit.
    pub(crate) by: MessageId,
    /// Where in the log an edit stands, once it does.
    pub(crate) seq: Option<Seq>,
    pub(crate) at: Timestamp,
    pub(crate) text: Text,
    /// What shows to the server what an edit says; of the first text the message has it.
    pub(crate) franking: Option<KeptFranking>,
}

/// [`Body`] as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum StoredBody {
    Text(Text),
    GroupChanges(Vec<StoredChange>),
    /// The bytes are kept for a version that can read them.
    Unknown {
        kind: u16,
        bytes: Vec<u8>,
    },
    /// It said something that is to be shown no more.
    Deleted {
        by: AccountId,
    },
    File(File),
    /// A file that is not on the server yet.
    Upload {
        info: FileInfo,
        caption: Text,
    },
}

/// What waits to be sent.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum QueuedBody {
    Text(Text),
    /// As it is, to those who do not know it.
    GroupProfile(ToldGroupProfile),
    /// As the intent with this number would have it.
    NewGroupProfile {
        intent: u64,
        told: ToldGroupProfile,
    },
    Approval(Approval),
    Departure(Departure),
    GroupKeyRequest(GroupKeyRequest),
    GroupKeyShare(GroupKeyShare),
    HistoryRequest(HistoryRequest),
    HistoryShare(HistoryShare),
    Retention(ChatRetention),
    Edit(Edit),
    Deletion(Deletion),
    Reaction(Reaction),
    Pin(Pin),
    File(File),
}

impl QueuedBody {
    /// As it is shown and stored; `None` if it is for other clients alone.
    pub(crate) fn shown(&self) -> Option<StoredBody> {
        match self {
            Self::Text(text) => Some(StoredBody::Text(text.clone())),
            Self::File(file) => Some(StoredBody::File(file.clone())),
            Self::GroupProfile(_)
            | Self::NewGroupProfile { .. }
            | Self::Approval(_)
            | Self::Departure(_)
            | Self::GroupKeyRequest(_)
            | Self::GroupKeyShare(_)
            | Self::HistoryRequest(_)
            | Self::HistoryShare(_)
            | Self::Retention(_)
            | Self::Edit(_)
            | Self::Deletion(_)
            | Self::Reaction(_)
            | Self::Pin(_) => None,
        }
    }
}

impl QueuedBody {
    /// How long the chat's messages are kept from it on, if it sets that.
    pub(crate) fn sets_retention(&self) -> Option<Retention> {
        match self {
            Self::Retention(said) if said.set_at.is_none() => Some(said.retention),
            _ => None,
        }
    }

    /// What it changes of another message, if it does.
    pub(crate) fn message_change(&self) -> Option<MessageChange> {
        Some(match self {
            Self::Edit(edit) => MessageChange::Edit(edit.clone()),
            Self::Deletion(deletion) => MessageChange::Deletion(*deletion),
            Self::Reaction(reaction) => MessageChange::Reaction(reaction.clone()),
            Self::Pin(pin) => MessageChange::Pin(*pin),
            Self::Text(_)
            | Self::File(_)
            | Self::GroupProfile(_)
            | Self::NewGroupProfile { .. }
            | Self::Approval(_)
            | Self::Departure(_)
            | Self::GroupKeyRequest(_)
            | Self::GroupKeyShare(_)
            | Self::HistoryRequest(_)
            | Self::HistoryShare(_)
            | Self::Retention(_) => return None,
        })
    }
}

impl From<QueuedBody> for content::Body {
    fn from(body: QueuedBody) -> Self {
        match body {
            QueuedBody::Text(text) => Self::Text(text),
            QueuedBody::File(file) => Self::File(file),
            QueuedBody::Edit(edit) => Self::Edit(edit),
            QueuedBody::Deletion(deletion) => Self::Deletion(deletion),
            QueuedBody::Reaction(reaction) => Self::Reaction(reaction),
            QueuedBody::Pin(pin) => Self::Pin(pin),
            QueuedBody::GroupProfile(told) | QueuedBody::NewGroupProfile { told, .. } => {
                Self::GroupProfile(told)
            }
            QueuedBody::Approval(approval) => Self::Approval(approval),
            QueuedBody::Departure(departure) => Self::Departure(departure),
            QueuedBody::GroupKeyRequest(request) => Self::GroupKeyRequest(request),
            QueuedBody::GroupKeyShare(share) => Self::GroupKeyShare(share),
            QueuedBody::HistoryRequest(request) => Self::HistoryRequest(request),
            QueuedBody::HistoryShare(share) => Self::HistoryShare(share),
            QueuedBody::Retention(retention) => Self::Retention(retention),
        }
    }
}

/// [`MessageState`] as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredState {
    Queued,
    Accepted,
    Failed(ProblemCode),
    Received,
    /// Of a fleeting message: it has reached so many devices. It is stored nowhere.
    Relayed(u32),
}

impl StoredBody {
    /// What somebody has written: the text, or what is said about a file.
    pub(crate) const fn words(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::File(File { caption, .. }) | Self::Upload { caption, .. } => Some(caption),
            Self::GroupChanges(_) | Self::Unknown { .. } | Self::Deleted { .. } => None,
        }
    }

    /// As it is sent, if it was.
    pub(crate) fn queued(&self) -> Option<QueuedBody> {
        match self {
            Self::Text(text) => Some(QueuedBody::Text(text.clone())),
            Self::File(file) => Some(QueuedBody::File(file.clone())),
            Self::Upload { .. } | Self::GroupChanges(_) | Self::Unknown { .. } | Self::Deleted { .. } => None,
        }
    }

    /// As it is shown.
    fn shown(self, names: &impl Names) -> Body {
        match self {
            Self::Text(text) => Body::Text(text),
            Self::File(File { info, caption, .. }) | Self::Upload { info, caption } => {
                Body::File { info, caption }
            }
            Self::Deleted { by } => Body::Deleted {
                by: Whom {
                    account: by,
                    name: names.name_of(by),
                },
            },
            Self::GroupChanges(changes) => {
                Body::GroupChanges(changes.into_iter().map(|change| change.shown(names)).collect())
            }
            Self::Unknown { kind, .. } => Body::Unknown { kind },
        }
    }
}

impl From<StoredState> for MessageState {
    fn from(state: StoredState) -> Self {
        match state {
            StoredState::Queued => Self::Queued,
            StoredState::Accepted => Self::Accepted,
            StoredState::Failed(code) => Self::Failed { code },
            StoredState::Received => Self::Received,
            StoredState::Relayed(reached) => Self::Relayed { reached },
        }
    }
}

impl MessageRecord {
    /// The message, as it is shown.
    pub(crate) fn into_message(self, chat: ChatId, position: u64, names: &impl Names) -> Message {
        let quote = self.body.words().and_then(|text| text.reply_to.as_ref());
        let in_reply_to = quote.map(|quote| Answered {
            message: quote.message,
            from: Whom {
                account: quote.from,
                name: names.name_of(quote.from),
            },
            text: quote.text.clone(),
        });
        let mentions_own = self.names_own(names);
        Message {
            id: self.message,
            chat,
            position,
            from: Sender {
                account: self.from.account,
                name: names.name_of(self.from.account),
                device: self.from.device,
            },
            own: names.is_own(self.from.account),
            from_blocked: names.is_blocked(self.from.account),
            body: self.body.shown(names),
            at: self.at,
            state: self.state.into(),
            retention: self.retention,
            expires_at: self.expires_at,
            in_reply_to,
            editions: self.editions.into_iter().map(super::Edition::from).collect(),
            reactions: shown_reactions(self.reactions, names),
            mentions_own,
            is_starred: self.is_starred,
            told_by: self.told_by.map(|account| Whom {
                account,
                name: names.name_of(account),
            }),
        }
    }

    /// Whether it names this account.
    pub(crate) fn names_own(&self, names: &impl Names) -> bool {
        self.body
            .words()
            .is_some_and(|text| text.mentions.iter().any(|mention| names.is_own(mention.account)))
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// One of which nothing more is known.
    pub(crate) const fn new(
        message: MessageId,
        from: DeviceAddress,
        body: StoredBody,
        at: Timestamp,
        state: StoredState,
    ) -> Self {
        Self {
            message,
            from,
            body,
            at,
            state,
            retention: Retention::Keep,
            expires_at: None,
            editions: Vec::new(),
            reactions: Vec::new(),
            is_starred: false,
            told_by: None,
            franking: None,
        }
    }

    /// Whether it is how the same message was later: deleted, or edited once more. What is neither is not later.
    pub(crate) fn is_later_than(&self, other: &Self) -> bool {
        let is_deleted = |record: &Self| matches!(record.body, StoredBody::Deleted { .. });
        let edited_at = |record: &Self| record.editions.last().map(|edition| (edition.seq, edition.at));
        match (is_deleted(self), is_deleted(other)) {
            (false, false) => edited_at(self) > edited_at(other),
            (is_deleted, was_deleted) => is_deleted && !was_deleted,
        }
    }

    /// Stores it at its place, and notes where that is and when it ends.
    pub(crate) fn put(&self, chat: ChatId, position: u64, changes: &mut Changes) {
        changes.put(record_key::message(chat, position), self);
        changes.put(record_key::place(chat, self.message), &position);
        if let Some(expires_at) = self.expires_at {
            changes.put(record_key::expiry(expires_at, chat, position), &());
        }
    }

    /// Deletes it from its place.
    pub(crate) fn delete(&self, chat: ChatId, position: u64, changes: &mut Changes) {
        changes.delete(record_key::message(chat, position));
        changes.delete(record_key::place(chat, self.message));
        if let Some(expires_at) = self.expires_at {
            changes.delete(record_key::expiry(expires_at, chat, position));
        }
    }
}

impl From<Edition> for super::Edition {
    fn from(edition: Edition) -> Self {
        Self {
            text: edition.text,
            at: edition.at,
        }
    }
}

/// Each reaction with all who have it, in the order in which they came.
fn shown_reactions(reactions: Vec<(AccountId, String)>, names: &impl Names) -> Vec<super::Reactions> {
    let mut shown: Vec<super::Reactions> = Vec::new();
    for (account, emoji) in reactions {
        let by = Whom {
            account,
            name: names.name_of(account),
        };
        match shown.iter_mut().find(|known| known.emoji == emoji) {
            Some(known) => known.by.push(by),
            None => shown.push(super::Reactions { emoji, by: vec![by] }),
        }
    }
    shown
}

/// The position of the message with this number in a chat's outbox.
pub(crate) const fn queued_position(ordinal: u64) -> u64 {
    QUEUED_POSITIONS + ordinal
}
