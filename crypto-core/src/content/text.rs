//! Text, with what it answers and whom it names.

use super::ContentError;
use core::fmt;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, MessageId, limits};

/// The body of a text message.
///
/// In a message it is encoded as the postcard of the text alone, behind which stands that of the rest, unless there is none. (A
/// client that stores it stores all four fields.)
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// At most [`limits::TEXT_BYTES`] bytes.
    pub text: String,
    /// The message that it answers.
    pub reply_to: Option<Quote>,
    /// Whom it names, in the order of their places, which do not overlap.
    pub mentions: Vec<Mention>,
    /// Whether somebody else has said it first, somewhere else.
    pub is_forwarded: bool,
}

/// A message that is answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Its id.
    pub message: MessageId,
    /// Who wrote it, by what the one says who answers.
    pub from: AccountId,
    /// Its beginning, by what the one says who answers, for those who do not have it: at most [`limits::QUOTE_BYTES`] bytes; empty if
    /// it is no text, or is not kept for good.
    pub text: String,
}

/// A place in a text that names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mention {
    /// Where it begins, in bytes.
    pub start: u32,
    /// Where it ends, in bytes.
    pub end: u32,
    /// Who is named.
    pub account: AccountId,
}

/// What stands behind the text.
#[derive(Serialize, Deserialize)]
struct More {
    reply_to: Option<Quote>,
    mentions: Vec<Mention>,
    is_forwarded: bool,
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

impl Text {
    /// Whether every client takes it: nothing is too long, and what it names stands in it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_quote_sound = |quote: &Quote| quote.text.len() <= limits::QUOTE_BYTES;
        self.text.len() <= limits::TEXT_BYTES
            && self.mentions.len() <= limits::MENTIONS
            && self.reply_to.as_ref().is_none_or(is_quote_sound)
            && self.are_mentions_sound()
    }

    fn are_mentions_sound(&self) -> bool {
        let mut end = 0;
        self.mentions.iter().all(|mention| {
            let follows = mention.start >= core::mem::replace(&mut end, mention.end);
            let place = mention.start as usize..mention.end as usize;
            follows && !place.is_empty() && self.text.get(place).is_some()
        })
    }

    /// Appends the text, and the rest if there is one.
    #[allow(
        clippy::expect_used,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub(super) fn encode_to(&self, bytes: Vec<u8>) -> Vec<u8> {
        let bytes = postcard::to_extend(&self.text, bytes).expect("plain data always encodes");
        if self.reply_to.is_none() && self.mentions.is_empty() && !self.is_forwarded {
            return bytes;
        }
        let more = More {
            reply_to: self.reply_to.clone(),
            mentions: self.mentions.clone(),
            is_forwarded: self.is_forwarded,
        };
        postcard::to_extend(&more, bytes).expect("plain data always encodes")
    }

    /// What the bytes say; what a newer version has appended is passed over.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let (text, rest) = postcard::take_from_bytes(bytes).map_err(|_| ContentError::Malformed)?;
        let mut text = Self {
            text,
            ..Self::default()
        };
        if !rest.is_empty() {
            let (more, _of_a_newer_version): (More, _) =
                postcard::take_from_bytes(rest).map_err(|_| ContentError::Malformed)?;
            text.reply_to = more.reply_to;
            text.mentions = more.mentions;
            text.is_forwarded = more.is_forwarded;
        }
        if text.is_sound() {
            Ok(text)
        } else {
            Err(ContentError::Malformed)
        }
    }
}

/// Not the text.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text")
    }
}

/// Not what it says.
impl fmt::Debug for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Quote")
    }
}
