//! The SDK's messages, as JavaScript gets them and gives them: places in a text are in UTF-16 there, and in bytes of UTF-8 here.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::{NewFile, NewMessage};
use tsify::{Ts, Tsify};

use crate::error::Rejection;
use crate::files::FileInfo;
use crate::group_types::{GroupChange, Retention, account_id};
use crate::types::{Account, number};

#[derive(Tsify, Serialize, Deserialize)]
pub struct Mention {
    start: u32,
    end: u32,
    account: String,
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Body {
    Text {
        text: String,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Mention>,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        is_forwarded: bool,
    },
    File {
        file: FileInfo,
        caption: String,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Mention>,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        is_forwarded: bool,
    },
    GroupChanges {
        changes: Vec<GroupChange>,
    },
    Deleted {
        by: Account,
    },
    Unknown,
}

impl From<sdk::Body> for Body {
    fn from(body: sdk::Body) -> Self {
        match body {
            sdk::Body::Text(text) => Self::Text {
                mentions: shown_mentions(&text.text, &text.mentions),
                is_forwarded: text.is_forwarded,
                text: text.text,
            },
            sdk::Body::File { info, caption } => Self::File {
                file: info.into(),
                mentions: shown_mentions(&caption.text, &caption.mentions),
                is_forwarded: caption.is_forwarded,
                caption: caption.text,
            },
            sdk::Body::GroupChanges(changes) => Self::GroupChanges {
                changes: changes.into_iter().map(GroupChange::from).collect(),
            },
            sdk::Body::Deleted { by } => Self::Deleted { by: by.into() },
            sdk::Body::Unknown { .. } => Self::Unknown,
        }
    }
}

fn shown_mentions(text: &str, mentions: &[sdk::Mention]) -> Vec<Mention> {
    let units = |end: u32| {
        let before = text.get(..end as usize).unwrap_or_default();
        u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
    };
    mentions
        .iter()
        .map(|mention| Mention {
            start: units(mention.start),
            end: units(mention.end),
            account: mention.account.to_string(),
        })
        .collect()
}

/// The text with the places that JavaScript has given.
pub(crate) fn taken_text(text: String, mentions: &[Mention]) -> Result<sdk::Text, Rejection> {
    let mentions = mentions
        .iter()
        .map(|mention| {
            let bytes =
                |units: u32| byte_at(&text, units as usize).ok_or_else(|| Rejection::invalid("mentions"));
            Ok(sdk::Mention {
                start: bytes(mention.start)?,
                end: bytes(mention.end)?,
                account: account_id(&mention.account)?,
            })
        })
        .collect::<Result<_, Rejection>>()?;
    Ok(sdk::Text {
        mentions,
        ..sdk::Text::from(text)
    })
}

/// The byte at which a character begins, counted in UTF-16 units, or at which the text ends.
fn byte_at(text: &str, units: usize) -> Option<u32> {
    let mut passed = 0;
    let starts = text.char_indices().map(|(byte, character)| {
        let unit = passed;
        passed += character.len_utf16();
        (unit, byte)
    });
    let byte = starts
        .take_while(|(unit, _)| *unit <= units)
        .find_map(|(unit, byte)| (unit == units).then_some(byte));
    let end = || (text.encode_utf16().count() == units).then_some(text.len());
    byte.or_else(end).and_then(|byte| u32::try_from(byte).ok())
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageState {
    Queued,
    Accepted,
    Failed,
    Received,
    Relayed,
}

#[derive(Tsify, Serialize)]
pub struct Answered {
    message: String,
    from: Account,
    text: String,
}

impl From<sdk::Answered> for Answered {
    fn from(answered: sdk::Answered) -> Self {
        Self {
            message: answered.message.to_string(),
            from: answered.from.into(),
            text: answered.text,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct Edition {
    text: String,
    at: f64,
}

#[derive(Tsify, Serialize)]
pub struct Reactions {
    emoji: String,
    by: Vec<Account>,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each says one thing, whatever the others say"
)]
pub struct Message {
    id: String,
    chat: String,
    position: f64,
    from: Account,
    own: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    from_blocked: bool,
    body: Body,
    at: f64,
    state: MessageState,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reached: Option<u32>,
    retention: Retention,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<f64>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<Answered>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    editions: Vec<Edition>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reactions>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    mentions_own: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    is_starred: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    told_by: Option<Account>,
}

impl From<sdk::Message> for Message {
    fn from(message: sdk::Message) -> Self {
        let (state, problem) = match message.state {
            sdk::MessageState::Queued => (MessageState::Queued, None),
            sdk::MessageState::Accepted => (MessageState::Accepted, None),
            sdk::MessageState::Failed { code } => (MessageState::Failed, Some(code.as_str().to_owned())),
            sdk::MessageState::Received => (MessageState::Received, None),
            sdk::MessageState::Relayed { .. } => (MessageState::Relayed, None),
        };
        let reached = match message.state {
            sdk::MessageState::Relayed { reached } => Some(reached),
            _ => None,
        };
        let editions = message.editions.into_iter().map(|edition| Edition {
            text: edition.text.text,
            at: number(edition.at.0),
        });
        let reactions = message.reactions.into_iter().map(|reactions| Reactions {
            emoji: reactions.emoji,
            by: reactions.by.into_iter().map(Account::from).collect(),
        });
        Self {
            id: message.id.to_string(),
            chat: message.chat.to_string(),
            position: number(message.position),
            from: message.from.into(),
            own: message.own,
            from_blocked: message.from_blocked,
            body: message.body.into(),
            at: number(message.at.0),
            state,
            problem,
            reached,
            retention: message.retention.into(),
            expires_at: message.expires_at.map(|at| number(at.0)),
            reply_to: message.in_reply_to.map(Answered::from),
            editions: editions.collect(),
            reactions: reactions.collect(),
            mentions_own: message.mentions_own,
            is_starred: message.is_starred,
            told_by: message.told_by.map(Account::from),
        }
    }
}

/// What is wanted of a message beside its text.
#[derive(Default, Tsify, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SendOptions {
    #[tsify(optional)]
    retention: Option<Retention>,
    #[tsify(optional)]
    reply_to: Option<String>,
    #[tsify(optional)]
    mentions: Vec<Mention>,
}

impl SendOptions {
    /// What JavaScript has given, if anything.
    pub(crate) fn given(options: Option<Ts<Self>>) -> Result<Self, Rejection> {
        let options = options.map(|options| options.to_rust()).transpose();
        let options = options.map_err(|_| Rejection::invalid("options"))?;
        Ok(options.unwrap_or_default())
    }

    /// The file that JavaScript wants sent; the mentions are of its caption.
    pub(crate) fn file(self, file: NewFile) -> Result<NewFile, Rejection> {
        let caption = taken_text(file.caption().text.clone(), &self.mentions)?;
        let file = file.with_caption(caption).kept(self.retention.map(Into::into));
        Ok(match self.reply_to {
            Some(answered) => {
                let answered = answered.parse().map_err(|_| Rejection::invalid("replyTo"))?;
                file.in_reply_to(answered)
            }
            None => file,
        })
    }

    /// The message that JavaScript wants sent.
    pub(crate) fn message(self, text: String) -> Result<NewMessage, Rejection> {
        let message =
            NewMessage::text(taken_text(text, &self.mentions)?).kept(self.retention.map(Into::into));
        Ok(match self.reply_to {
            Some(answered) => {
                let answered = answered.parse().map_err(|_| Rejection::invalid("replyTo"))?;
                message.in_reply_to(answered)
            }
            None => message,
        })
    }
}

/// What was begun to be written.
#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    text: String,
    #[tsify(optional)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<Mention>,
    #[tsify(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
}

impl From<sdk::Draft> for Draft {
    fn from(draft: sdk::Draft) -> Self {
        Self {
            mentions: shown_mentions(&draft.text, &draft.mentions),
            reply_to: draft.reply_to.map(|message| message.to_string()),
            text: draft.text,
        }
    }
}

impl Draft {
    /// The draft that JavaScript wants kept.
    pub(crate) fn taken(self) -> Result<sdk::Draft, Rejection> {
        let sdk::Text { text, mentions, .. } = taken_text(self.text, &self.mentions)?;
        let reply_to = self.reply_to.map(|message| message.parse()).transpose();
        Ok(sdk::Draft {
            text,
            mentions,
            reply_to: reply_to.map_err(|_| Rejection::invalid("replyTo"))?,
        })
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mentions(pub(crate) Vec<Mention>);
