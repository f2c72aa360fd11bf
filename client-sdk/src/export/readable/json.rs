//! The history for programs. Version 1 of the schema is in `docs/export.md`: fields may be added to it.

use super::files::Fetched;
use super::names::line;
use super::words::{self, Moment};
use super::write::ReadableChat;
use crate::groups::Whom;
use crate::messages::{Answered, Body, Edition, Message, Reactions, Text};
use serde::Serialize;
use serde_json::{Value, json};
use sotto_protocol::{AccountId, AccountName, Timestamp};

/// What `history.json` and each chat's file say they are.
pub(super) const FORMAT: &str = "sotto-history";
pub(super) const VERSION: u32 = 1;

/// A message. What is absent is `null` or not there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "as programs read it")]
pub(super) struct ReadableMessage<'a> {
    id: String,
    position: u64,
    at: String,
    from: Value,
    own: bool,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<Value>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    is_forwarded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_by: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    editions: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told_by: Option<Value>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    starred: bool,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pinned: bool,
}

impl<'a> ReadableMessage<'a> {
    pub(super) fn new(message: &'a Message, chat: &ReadableChat, fetched: &Fetched) -> Self {
        let mut readable = Self {
            id: message.id.to_string(),
            position: message.position,
            at: time(message.at),
            from: whom(message.from.account, message.from.name.as_ref()),
            own: message.own,
            kind: "text",
            text: None,
            mentions: Vec::new(),
            is_forwarded: false,
            reply_to: message.in_reply_to.as_ref().map(answered),
            file: None,
            changes: Vec::new(),
            deleted_by: None,
            editions: message.editions.iter().map(edition).collect(),
            reactions: message.reactions.iter().map(reaction).collect(),
            told_by: message
                .told_by
                .as_ref()
                .map(|teller| whom(teller.account, teller.name.as_ref())),
            starred: message.is_starred,
            pinned: chat.is_pinned(message.id),
        };
        match &message.body {
            Body::Text(text) => readable.say(text),
            Body::File { info, caption } => {
                readable.kind = "file";
                readable.file = Some(json!({
                    "name": info.name,
                    "mediaType": info.media_type,
                    "size": info.length,
                    "path": fetched.path(message.id),
                }));
                readable.say(caption);
            }
            Body::GroupChanges(changes) => {
                readable.kind = "change";
                readable.changes = changes
                    .iter()
                    .map(|change| words::change(change, |at| Moment::utc(at).rfc3339()))
                    .collect();
            }
            Body::Deleted { by } => {
                readable.kind = "deleted";
                readable.deleted_by = Some(of(by));
            }
            Body::Unknown { .. } => readable.kind = "unknown",
        }
        readable
    }

    fn say(&mut self, text: &'a Text) {
        self.text = Some(&text.text);
        self.is_forwarded = text.is_forwarded;
        self.mentions = text
            .mentions
            .iter()
            .map(|mention| json!({ "start": mention.start, "end": mention.end, "account": mention.account.to_string() }))
            .collect();
    }
}

/// What the list of chats says of one.
pub(super) fn listed(chat: &ReadableChat, messages: u64, files: &[String], pages: &[String]) -> Value {
    json!({ "chat": self::chat(chat), "messages": messages, "files": files, "pages": pages })
}

/// What stands before a chat's messages in a file of it.
pub(super) fn begin(chat: &ReadableChat) -> String {
    let (format, about) = (json!(FORMAT), self::chat(chat));
    format!("{{\"format\":{format},\"version\":{VERSION},\"chat\":{about},\"messages\":[")
}

/// What stands after them.
pub(super) const END: &str = "\n]}\n";

/// What is said of a chat.
pub(super) fn chat(chat: &ReadableChat) -> Value {
    json!({
        "number": chat.number,
        "id": chat.id.to_string(),
        "kind": chat.kind_word(),
        "title": line(&chat.title),
        "isLeft": chat.is_left,
    })
}

/// A moment in UTC.
pub(super) fn time(at: Timestamp) -> String {
    Moment::utc(at).rfc3339()
}

fn whom(account: AccountId, name: Option<&AccountName>) -> Value {
    json!({ "account": account.to_string(), "name": name.map(AccountName::as_str) })
}

fn of(person: &Whom) -> Value {
    whom(person.account, person.name.as_ref())
}

fn answered(answered: &Answered) -> Value {
    json!({ "message": answered.message.to_string(), "from": of(&answered.from), "text": answered.text })
}

fn edition(edition: &Edition) -> Value {
    json!({ "at": time(edition.at), "text": edition.text.text })
}

fn reaction(reactions: &Reactions) -> Value {
    json!({ "emoji": reactions.emoji, "by": reactions.by.iter().map(of).collect::<Vec<_>>() })
}
