//! What is posted of a message.

use serde::Serialize;
use sotto_client_sdk::protocol::{AccountName, ChatId, MessageId};
use sotto_client_sdk::{Body, ChatKind, Message, MessageState, Text};

/// What is posted: its kind, its time, and the rest, as Standard Webhooks proposes.
#[derive(Debug, Serialize)]
pub(crate) struct Posted<'a> {
    r#type: &'static str,
    /// When the server took the message (RFC 3339).
    timestamp: String,
    data: Said<'a>,
}

#[derive(Debug, Serialize)]
struct Said<'a> {
    message: MessageId,
    chat: ChatId,
    /// `direct`, `group` or `notes`.
    chat_kind: &'static str,
    /// Of a group, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_title: Option<&'a str>,
    from: Author<'a>,
    /// What it says; of a file what is said about it, which may be empty.
    text: &'a str,
    /// Whether it names the bot.
    mentions_bot: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File<'a>>,
}

#[derive(Debug, Serialize)]
struct Author<'a> {
    account: String,
    /// Unless it is not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

/// What a file is by what its sender says. Its content stays with the bot.
#[derive(Debug, Serialize)]
struct File<'a> {
    name: &'a str,
    media_type: &'a str,
    bytes: u64,
}

impl<'a> Posted<'a> {
    /// What is posted of a message, if it is one that somebody else has said to the bot.
    pub(crate) fn of(message: &'a Message, kind: &'a ChatKind) -> Option<Self> {
        let is_from_others = message.state == MessageState::Received && !message.own;
        // What the bot was told of the time before it came is not said to it, and nobody can check it.
        if !is_from_others || message.from_blocked || message.told_by.is_some() {
            return None;
        }
        let (Text { text, .. }, file) = match &message.body {
            Body::Text(text) => (text, None),
            Body::File { info, caption } => {
                let file = File {
                    name: &info.name,
                    media_type: &info.media_type,
                    bytes: info.length,
                };
                (caption, Some(file))
            }
            Body::GroupChanges(_) | Body::Deleted { .. } | Body::Unknown { .. } => return None,
        };
        let (chat_kind, chat_title) = match kind {
            ChatKind::Direct { .. } => ("direct", None),
            ChatKind::Group { title, .. } => ("group", title.as_deref()),
            ChatKind::Notes => ("notes", None),
        };
        let at = i64::try_from(message.at.0).unwrap_or(i64::MAX);
        Some(Self {
            r#type: "message",
            // A time out of all bounds is the server's word: the message is posted all the same.
            timestamp: jiff::Timestamp::from_millisecond(at)
                .unwrap_or(jiff::Timestamp::MAX)
                .to_string(),
            data: Said {
                message: message.id,
                chat: message.chat,
                chat_kind,
                chat_title,
                from: Author {
                    account: message.from.account.to_string(),
                    name: message.from.name.as_ref().map(AccountName::as_str),
                },
                text,
                mentions_bot: message.mentions_own,
                in_reply_to: message.in_reply_to.as_ref().map(|answered| answered.message),
                file,
            },
        })
    }
}
