//! What was begun to be written, in each chat: on all of the account's devices.

use crate::decisions::Decisions;
use crate::sync::SharedRecord;
use core::fmt;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::Mention;
use sotto_protocol::{ChatId, MessageId};
use std::borrow::Cow;

/// Bytes of text up to which the account's other devices get a draft.
const SHARED_BYTES: usize = 4 * 1024;
/// Bytes of all drafts that they get; of more the oldest stay behind.
const ALL_SHARED_BYTES: usize = 48 * 1024;
/// Chats of which it is known whether there is a draft.
const MOST: usize = 500;

/// What was begun to be written. Nothing that is to be fleeting is kept as one.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Draft {
    /// The text.
    pub text: String,
    /// Whom it names.
    pub mentions: Vec<Mention>,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
}

/// Not what it says.
impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("reply_to", &self.reply_to)
            .finish_non_exhaustive()
    }
}

/// The drafts of all chats; `None` where one was sent or thrown away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drafts {
    decisions: Decisions<ChatId, Option<Draft>>,
}

impl Drafts {
    /// The chat's draft.
    pub(crate) fn of(&self, chat: ChatId) -> Option<&Draft> {
        self.decisions.of(chat)?.as_ref()
    }

    /// Keeps a draft, or none any more. `false` if that is so already.
    pub(crate) fn set(&mut self, chat: ChatId, draft: Option<Draft>) -> bool {
        if self.of(chat) == draft.as_ref() {
            return false;
        }
        self.decisions.decide(chat, draft);
        self.prune();
        true
    }

    /// Takes in the drafts of another device. Says in which chats there is another one now.
    pub(crate) fn take_in(&mut self, other: &Self) -> Vec<ChatId> {
        let changed = self.decisions.take_in(&other.decisions);
        self.prune();
        changed
    }

    fn prune(&mut self) {
        self.decisions.keep(MOST, Option::is_some);
    }
}

impl SharedRecord for Drafts {
    const NAME: &'static str = "drafts";

    /// A draft that is too long for the others is none to them: better than what it was when it was shorter.
    fn shared(&self) -> Cow<'_, Self> {
        let mut left = ALL_SHARED_BYTES;
        let decisions = self.decisions.latest_first(|draft| {
            let text = draft.as_ref().map_or(0, |draft| draft.text.len());
            let draft = draft.as_ref().filter(|_| text <= SHARED_BYTES).cloned();
            let bytes = postcard::experimental::serialized_size(&draft).ok()? + 32;
            left = left.checked_sub(bytes)?;
            Some(draft)
        });
        Cow::Owned(Self { decisions })
    }

    fn merge(&mut self, other: &Self) {
        self.take_in(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);
    const OTHER: ChatId = ChatId::from_bytes([2; 16]);

    fn draft(text: &str) -> Draft {
        Draft {
            text: text.to_owned(),
            ..Draft::default()
        }
    }

    fn shared(drafts: &Drafts) -> Drafts {
        Drafts::decode(&drafts.encode().unwrap()).unwrap()
    }

    #[test]
    fn the_latest_draft_holds_on_every_device() {
        let mut here = Drafts::default();
        assert!(here.set(CHAT, Some(draft("so"))));
        let mut there = shared(&here);
        assert_eq!(there.of(CHAT), Some(&draft("so")));
        assert!(there.set(CHAT, Some(draft("so far"))));
        assert_eq!(here.take_in(&shared(&there)), [CHAT]);
        assert!(here.set(CHAT, None));
        assert!(!here.set(CHAT, None));
        assert_eq!(there.take_in(&shared(&here)), [CHAT]);
        assert_eq!(there.of(CHAT), None);
    }

    #[test]
    fn a_long_draft_stays_on_its_device_and_the_others_show_none() {
        let long = draft(&"long ".repeat(1_000));
        let mut here = Drafts::default();
        here.set(CHAT, Some(draft("short")));
        let mut there = shared(&here);
        here.set(CHAT, Some(long.clone()));
        assert_eq!(there.take_in(&shared(&here)), [CHAT]);
        assert_eq!(there.of(CHAT), None);
        assert_eq!(here.take_in(&shared(&there)), []);
        assert_eq!(here.of(CHAT), Some(&long));
    }

    #[test]
    fn of_very_many_drafts_the_newest_are_shared() {
        let mut drafts = Drafts::default();
        drafts.set(OTHER, Some(draft("the oldest")));
        for number in 10..40_u8 {
            let chat = ChatId::from_bytes([number; 16]);
            drafts.set(chat, Some(draft(&"x".repeat(SHARED_BYTES))));
        }
        drafts.set(CHAT, Some(draft("the newest")));
        let bytes = drafts.encode().unwrap();
        assert!(bytes.len() < 56 * 1024, "{}", bytes.len());
        assert_eq!(shared(&drafts).of(CHAT), Some(&draft("the newest")));
        assert_eq!(shared(&drafts).of(OTHER), None);
        assert_eq!(drafts.take_in(&shared(&drafts)), []);
    }

    #[test]
    fn a_draft_is_not_printed() {
        assert!(!format!("{:?}", draft("secret")).contains("secret"));
    }
}
