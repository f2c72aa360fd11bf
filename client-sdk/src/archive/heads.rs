//! How far each chat is archived, as the account's devices tell each other: what a new device holds an archive against that it is
//! shown for the first time.

use crate::sync::SharedRecord;
use serde::{Deserialize, Serialize};
use sotto_protocol::ChatId;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Of so many chats it is told, those that are archived furthest: it has to fit into a record.
const SHARED: usize = 1_500;

/// By chat, the last position that its archive covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchiveHeads(BTreeMap<ChatId, u64>);

impl ArchiveHeads {
    /// Notes that a chat is archived up to here. Whether that is news.
    pub(crate) fn note(&mut self, chat: ChatId, position: u64) -> bool {
        let known = self.0.entry(chat).or_default();
        let is_news = position > *known;
        *known = position.max(*known);
        is_news
    }

    pub(crate) fn of(&self, chat: ChatId) -> u64 {
        self.0.get(&chat).copied().unwrap_or_default()
    }
}

impl SharedRecord for ArchiveHeads {
    const NAME: &'static str = "archives";

    fn shared(&self) -> Cow<'_, Self> {
        if self.0.len() <= SHARED {
            return Cow::Borrowed(self);
        }
        let mut furthest: Vec<(ChatId, u64)> = self.0.iter().map(|(&chat, &head)| (chat, head)).collect();
        furthest.sort_by_key(|&(_, head)| core::cmp::Reverse(head));
        Cow::Owned(Self(furthest.into_iter().take(SHARED).collect()))
    }

    fn merge(&mut self, other: &Self) {
        for (&chat, &head) in &other.0 {
            self.note(chat, head);
        }
    }
}
