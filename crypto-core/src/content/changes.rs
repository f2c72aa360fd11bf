//! What is said about messages that were said before.

use super::{ContentError, Text};
use core::fmt;
use serde::{Deserialize, Serialize};
use sotto_protocol::{MessageId, limits};

/// A message of the same account reads otherwise now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The message.
    pub message: MessageId,
    /// What it says now.
    pub text: Text,
}

/// A message is to be shown to nobody any more: one of the same account, or in a group any, if an office holder says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// The message.
    pub message: MessageId,
}

/// What an account thinks of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The message.
    pub message: MessageId,
    /// In a few characters, most often one: at least 1 and at most [`limits::REACTION_BYTES`] bytes, none of them a control character.
    pub emoji: String,
    /// Whether it thinks so, or does not any more.
    pub is_set: bool,
}

/// A message is shown above all others, or is not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The message.
    pub message: MessageId,
    /// Whether it is.
    pub is_pinned: bool,
}

impl Edit {
    #[allow(
        clippy::expect_used,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub(super) fn encode(&self) -> Vec<u8> {
        let message = postcard::to_stdvec(&self.message).expect("plain data always encodes");
        self.text.encode_to(message)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let (message, text) = postcard::take_from_bytes(bytes).map_err(|_| ContentError::Malformed)?;
        Ok(Self {
            message,
            text: Text::decode(text)?,
        })
    }
}

impl Reaction {
    /// Whether every client takes it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        (1..=limits::REACTION_BYTES).contains(&self.emoji.len()) && !self.emoji.chars().any(char::is_control)
    }
}

/// Not what it says.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Not what it says.
impl fmt::Debug for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reaction")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
