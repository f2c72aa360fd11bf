//! The SDK's types, as JavaScript gets them: ids as base64url strings, times and positions as numbers. The npm package's
//! `api.ts` describes the fields.

use serde::Serialize;
use sotto_client_sdk as sdk;
use tsify::{Ts, Tsify};

use crate::error::{Answer, Rejection};
use crate::group_types::Retention;
use crate::message_types::Message;

/// The largest integer that a JavaScript number holds exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

#[allow(clippy::cast_precision_loss, reason = "a number up to the bound is exact")]
pub(crate) fn number(value: u64) -> f64 {
    value.min(MAX_SAFE_INTEGER) as f64
}

/// A value of the SDK as the object that JavaScript gets.
pub(crate) fn given<T: Tsify + Serialize>(value: impl Into<T>) -> Answer<Ts<T>> {
    value.into().into_ts().map_err(|_| Rejection::internal())
}

/// A position that JavaScript passes: what is no such number is before or after all messages.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates, which is what is wanted"
)]
pub(crate) const fn position(value: f64) -> u64 {
    value as u64
}

#[derive(Tsify, Serialize)]
pub struct Account {
    account: String,
    name: String,
}

impl From<sdk::Account> for Account {
    fn from(account: sdk::Account) -> Self {
        Self {
            account: account.account.to_string(),
            name: account.name.to_string(),
        }
    }
}

impl From<sdk::Whom> for Account {
    fn from(whom: sdk::Whom) -> Self {
        Self {
            account: whom.account.to_string(),
            name: whom.name.map(|name| name.to_string()).unwrap_or_default(),
        }
    }
}

impl From<sdk::Sender> for Account {
    fn from(sender: sdk::Sender) -> Self {
        Self {
            account: sender.account.to_string(),
            name: sender.name.map(|name| name.to_string()).unwrap_or_default(),
        }
    }
}

/// The account that is logged in, or `null`.
#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(transparent)]
pub struct LoggedIn(Option<Account>);

impl From<Option<sdk::Account>> for LoggedIn {
    fn from(account: Option<sdk::Account>) -> Self {
        Self(account.map(Account::from))
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityStatus {
    New,
    Known,
    Changed,
}

impl From<sdk::IdentityStatus> for IdentityStatus {
    fn from(status: sdk::IdentityStatus) -> Self {
        match status {
            sdk::IdentityStatus::New => Self::New,
            sdk::IdentityStatus::Known => Self::Known,
            sdk::IdentityStatus::Changed => Self::Changed,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    account: String,
    name: String,
    display_name: String,
    identity: IdentityStatus,
}

impl From<sdk::Person> for Person {
    fn from(person: sdk::Person) -> Self {
        Self {
            account: person.account.to_string(),
            name: person.name.to_string(),
            display_name: person.display_name,
            identity: person.identity.into(),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct Messages(Vec<Message>);

impl From<Vec<sdk::Message>> for Messages {
    fn from(messages: Vec<sdk::Message>) -> Self {
        Self(messages.into_iter().map(Message::from).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ChatKind {
    Direct {
        with: Person,
    },
    Group {
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        picture: Option<String>,
        is_member: bool,
        is_broadcast: bool,
    },
    Notes,
}

impl From<sdk::ChatKind> for ChatKind {
    fn from(kind: sdk::ChatKind) -> Self {
        match kind {
            sdk::ChatKind::Direct { with } => Self::Direct { with: with.into() },
            sdk::ChatKind::Group {
                title,
                picture,
                is_member,
                is_broadcast,
            } => Self::Group {
                title,
                picture: picture.map(|picture| picture.to_string()),
                is_member,
                is_broadcast,
            },
            sdk::ChatKind::Notes => Self::Notes,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatSummary {
    chat: String,
    kind: ChatKind,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Message>,
    unread: u32,
    unread_mentions: u32,
    read_to: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<Muted>,
    is_archived: bool,
    undecryptable: f64,
    retention: Retention,
    is_halted: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    halted_by: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<ContactRequest>,
}

/// Characters of a draft that a list of chats shows.
const DRAFT_SHOWN: usize = 200;

#[derive(Tsify, Serialize)]
pub struct Muted {
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<f64>,
}

impl From<sdk::Mute> for Muted {
    fn from(mute: sdk::Mute) -> Self {
        Self {
            until: match mute {
                sdk::Mute::Until(end) => Some(number(end.0)),
                sdk::Mute::Always => None,
            },
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct ContactRequest {
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Person>,
}

#[derive(Tsify, Serialize)]
pub struct BlockedAccount {
    account: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct BlockedAccounts(Vec<BlockedAccount>);

impl From<Vec<sdk::BlockedAccount>> for BlockedAccounts {
    fn from(blocked: Vec<sdk::BlockedAccount>) -> Self {
        let converted = blocked.into_iter().map(|blocked| BlockedAccount {
            account: blocked.account.to_string(),
            person: blocked.person.map(Person::from),
        });
        Self(converted.collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct ChatSummaries(Vec<ChatSummary>);

impl From<Vec<sdk::ChatSummary>> for ChatSummaries {
    fn from(chats: Vec<sdk::ChatSummary>) -> Self {
        let converted = chats.into_iter().map(|summary| ChatSummary {
            chat: summary.chat.to_string(),
            kind: summary.kind.into(),
            last: summary.last.map(Message::from),
            unread: summary.unread,
            unread_mentions: summary.unread_mentions,
            read_to: number(summary.read_up_to),
            draft: summary
                .draft
                .map(|draft| draft.text.chars().take(DRAFT_SHOWN).collect()),
            muted: summary.mute.map(Muted::from),
            is_archived: summary.is_archived,
            undecryptable: number(summary.undecryptable),
            retention: summary.retention.into(),
            is_halted: summary.is_halted,
            halted_by: summary
                .halted_by
                .and_then(|by| by.name)
                .map(|name| name.to_string()),
            request: summary.request.map(|request| ContactRequest {
                from: request.from.map(Person::from),
            }),
        });
        Self(converted.collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionState {
    Offline,
    Connecting,
    Online,
}

impl From<sdk::ConnectionState> for ConnectionState {
    fn from(state: sdk::ConnectionState) -> Self {
        match state {
            sdk::ConnectionState::Offline => Self::Offline,
            sdk::ConnectionState::Connecting => Self::Connecting,
            sdk::ConnectionState::Online => Self::Online,
        }
    }
}
