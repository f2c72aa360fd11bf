//! What can be asked, and what is answered.

use crate::messages::Message;
use core::fmt;
use core::ops::Range;
use core::str::FromStr;
use sotto_protocol::{AccountId, ChatId, Timestamp};

/// What to look for. All that is given has to hold; if nothing is, nothing is found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words that a message has to say, in whatever order, each anywhere in it, also within a word. Case, accents and width make no
    /// difference. What stands in quotation marks stands together. May be empty if anything else is given.
    pub text: String,
    /// The chat that it is in.
    pub chat: Option<ChatId>,
    /// Who has written it.
    pub from: Option<AccountId>,
    /// From when on it was written.
    pub since: Option<Timestamp>,
    /// Until when it was written, that moment not among it.
    pub until: Option<Timestamp>,
    /// Of what kind it is.
    pub kind: Option<SearchKind>,
}

impl SearchQuery {
    /// Looks for what a text asks for, everywhere.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// What somebody looks for is as private as what they find: the text does not show.
impl fmt::Debug for SearchQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchQuery")
            .field("chat", &self.chat)
            .field("from", &self.from)
            .field("since", &self.since)
            .field("until", &self.until)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A kind of message. One can be of several: with a link in it, it is text all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchKind {
    /// Text.
    Text,
    /// With an address of the web in it.
    Link,
    /// A picture.
    Image,
    /// A video.
    Video,
    /// A voice note.
    Voice,
    /// Any other file.
    File,
}

/// A page of messages that were found, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPage {
    /// The messages. There may be fewer than asked for, or none, although more follow: see `looked_to`.
    pub found: Vec<Found>,
    /// Where to go on, if there may be more.
    pub next: Option<SearchCursor>,
    /// Back to which time everything was looked through so far; `None` once that is all. Whoever asks for the next page goes on from
    /// there.
    pub looked_to: Option<Timestamp>,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The message.
    pub message: Message,
    /// What of its text, or of what is said about a file, was asked for: ranges of bytes of UTF-8, in their order, that do not touch.
    pub marks: Vec<Range<usize>>,
}

/// Where a page ends: only what comes after it is on the next, the newest first. It holds after a restart too, and is `Display`ed as
/// text that can be parsed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SearchCursor {
    /// When the page's last message was written. Messages of one moment are told apart by the rest.
    pub(super) at: Timestamp,
    /// Its chat.
    pub(super) chat: ChatId,
    /// Its position there.
    pub(super) position: u64,
}

impl SearchCursor {
    /// The end of a page on which is everything that was written after `at`.
    pub(super) const fn all_after(at: Timestamp) -> Self {
        Self {
            at: at.plus_millis(1),
            chat: ChatId::from_bytes([0; ChatId::LENGTH]),
            position: 0,
        }
    }
}

impl fmt::Display for SearchCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at.0, self.position, self.chat)
    }
}

/// The text is not of a [`SearchCursor`]: begin the search anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not where a search can go on")]
pub struct InvalidCursor;

impl FromStr for SearchCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(InvalidCursor);
        Ok(Self {
            at: Timestamp(part()?.parse().map_err(|_| InvalidCursor)?),
            position: part()?.parse().map_err(|_| InvalidCursor)?,
            chat: part()?.parse().map_err(|_| InvalidCursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_as_text_and_nothing_else_is_one() {
        let cursor = SearchCursor {
            at: Timestamp(1_700_000_000_000),
            chat: ChatId::from_bytes([0xA7; 16]),
            position: 1 << 52,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in [
            "",
            "1",
            "1.2",
            "1.2.3",
            "-1.2.AAAAAAAAAAAAAAAAAAAAAA",
            "1.2.AAAAAAAAAAAAAAAAAAAAAA.4",
        ] {
            assert_eq!(text.parse::<SearchCursor>(), Err(InvalidCursor), "{text}");
        }
    }

    #[test]
    fn a_query_does_not_print_what_it_looks_for() {
        let query = SearchQuery::text("secret");
        assert!(!format!("{query:?}").contains("secret"));
    }
}
