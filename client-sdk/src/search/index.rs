//! The messages that can be found, in memory: what each says, folded, and by what it is filtered.

use super::arena::{Arena, Place};
use super::fold::fold;
use super::terms::{Terms, folding_room};
use super::{SearchCursor, SearchKind};
use crate::messages::{MessageRecord, StoredBody};
use core::cmp::Reverse;
use core::ops::{Bound, RangeBounds as _};
use sotto_crypto_core::content::{File, FileInfo};
use sotto_protocol::{AccountId, ChatId, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::hash::Hash;

/// The kinds that a message is of, as bits. A message can be of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    const NONE: Self = Self(0);

    const fn of(kind: SearchKind) -> Self {
        Self(match kind {
            SearchKind::Text => 1,
            SearchKind::Link => 1 << 1,
            SearchKind::Image => 1 << 2,
            SearchKind::Video => 1 << 3,
            SearchKind::Voice => 1 << 4,
            SearchKind::File => 1 << 5,
        })
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it is of this kind.
    pub(super) const fn has(self, kind: SearchKind) -> bool {
        self.0 & Self::of(kind).0 != 0
    }
}

/// What of a message is searched: what somebody has written, of a file its name behind that, and of which kinds it is. `None` of one that
/// says nothing that could be found.
pub(super) fn searched(record: &MessageRecord) -> Option<(Cow<'_, str>, Kinds)> {
    // What it answers is another message, and what it has said before is not what it says.
    let words = record.body.words()?.text.as_str();
    let links = if has_link(words) {
        Kinds::of(SearchKind::Link)
    } else {
        Kinds::NONE
    };
    match &record.body {
        StoredBody::Text(_) => Some((words.into(), links.and(Kinds::of(SearchKind::Text)))),
        StoredBody::File(File { info, .. }) | StoredBody::Upload { info, .. } => {
            let text = format!("{words}\n{}", info.name);
            Some((text.into(), links.and(Kinds::of(kind_of(info)))))
        }
        StoredBody::GroupChanges(_) | StoredBody::Unknown { .. } | StoredBody::Deleted { .. } => None,
    }
}

fn kind_of(info: &FileInfo) -> SearchKind {
    match info.media_type.split_once('/') {
        _ if info.waveform.is_some() => SearchKind::Voice,
        Some(("image", _)) => SearchKind::Image,
        Some(("video", _)) => SearchKind::Video,
        Some(_) | None => SearchKind::File,
    }
}

/// Whether an address of the web stands in a text.
fn has_link(text: &str) -> bool {
    ["https://", "http://", "www."].into_iter().any(|scheme| {
        let starts = text.char_indices().filter_map(|(start, _)| {
            let rest = text.get(start..)?;
            rest.get(..scheme.len())?
                .eq_ignore_ascii_case(scheme)
                .then(|| rest.get(scheme.len()..))?
        });
        let mut hosts = starts.filter_map(|host| host.chars().next());
        hosts.any(char::is_alphanumeric)
    })
}

/// A message, as it is filtered.
struct Entry {
    at: Timestamp,
    position: u64,
    /// The numbers of chat and sender.
    chat: u32,
    sender: u32,
    text: Place,
    /// None of a place that is free.
    kinds: Kinds,
}

/// Ids that come up often, by small numbers.
struct Numbers<T> {
    ids: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Copy + Eq + Hash> Numbers<T> {
    fn number(&mut self, id: T) -> Option<u32> {
        if let Some(&known) = self.numbers.get(&id) {
            return Some(known);
        }
        let number = u32::try_from(self.ids.len()).ok()?;
        self.ids.push(id);
        self.numbers.insert(id, number);
        Some(number)
    }

    fn id(&self, number: u32) -> Option<&T> {
        self.ids.get(number as usize)
    }

    /// What holds for each of them, by their numbers.
    fn each(&self, holds: impl Fn(T) -> bool) -> Vec<bool> {
        self.ids.iter().map(|&id| holds(id)).collect()
    }
}

/// Which messages are wanted.
pub(super) struct Wanted<'a, C, A> {
    pub(super) terms: &'a Terms,
    /// Whether messages of a chat are.
    pub(super) of_chat: C,
    /// Whether those of a sender are.
    pub(super) of_sender: A,
    /// From when and until when.
    pub(super) at: (Bound<Timestamp>, Bound<Timestamp>),
    pub(super) kind: Option<SearchKind>,
    /// Only those before this place.
    pub(super) before: Option<SearchCursor>,
}

/// Every message that was put into it.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    free: Vec<u32>,
    texts: Arena,
    chats: Numbers<ChatId>,
    senders: Numbers<AccountId>,
    /// Of each chat, by its number, which entry is at a position.
    positions: Vec<BTreeMap<u64, u32>>,
}

impl Index {
    /// Takes in what a message says now, or forgets it if that cannot be found.
    pub(super) fn put(&mut self, chat: ChatId, position: u64, record: &MessageRecord) {
        self.remove(chat, position);
        if let Some((text, kinds)) = searched(record) {
            let mut folded = folding_room(&text);
            fold(&text, &mut folded, |_| {});
            // 4 GiB of text, or as many chats or messages as 32 bits count: beyond that the rest is not found.
            let _ = self.add(chat, position, record, &folded, kinds);
        }
    }

    fn add(
        &mut self,
        chat: ChatId,
        position: u64,
        record: &MessageRecord,
        folded: &str,
        kinds: Kinds,
    ) -> Option<()> {
        let chat = self.chats.number(chat)?;
        let sender = self.senders.number(record.from.account)?;
        let number = match self.free.last() {
            Some(&number) => number,
            None => u32::try_from(self.entries.len()).ok()?,
        };
        let entry = Entry {
            at: record.at,
            position,
            chat,
            sender,
            text: self.texts.add(folded)?,
            kinds,
        };
        if self.free.pop().is_some() {
            *self.entries.get_mut(number as usize)? = entry;
        } else {
            self.entries.push(entry);
        }
        let of_chat = chat as usize;
        if self.positions.len() <= of_chat {
            self.positions.resize_with(of_chat + 1, BTreeMap::new);
        }
        self.positions.get_mut(of_chat)?.insert(position, number);
        Some(())
    }

    /// Forgets the message at a place, if there is one.
    pub(super) fn remove(&mut self, chat: ChatId, position: u64) {
        let number = self.chats.numbers.get(&chat).and_then(|&chat| {
            let positions = self.positions.get_mut(chat as usize)?;
            positions.remove(&position)
        });
        let Some(number) = number else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(number as usize) {
            entry.kinds = Kinds::NONE;
            self.texts.remove(entry.text);
            self.free.push(number);
        }
        if self.texts.has_holes() {
            self.close_holes();
        }
    }

    /// Moves all texts together.
    fn close_holes(&mut self) {
        let mut together = Arena::default();
        for entry in &mut self.entries {
            if entry.kinds == Kinds::NONE {
                continue;
            }
            let moved = core::str::from_utf8(self.texts.get(entry.text)).ok();
            if let Some(place) = moved.and_then(|text| together.add(text)) {
                entry.text = place;
            }
        }
        self.texts = together;
    }

    /// The places of the newest messages that are wanted, the newest first, `limit` at most.
    pub(super) fn find<C, A>(&self, wanted: &Wanted<'_, C, A>, limit: usize) -> Vec<SearchCursor>
    where
        C: Fn(ChatId) -> bool,
        A: Fn(AccountId) -> bool,
    {
        let chats = self.chats.each(&wanted.of_chat);
        let senders = self.senders.each(&wanted.of_sender);
        let holds = |which: &[bool], number: u32| which.get(number as usize) == Some(&true);
        // The oldest of the newest is on top.
        let mut newest: BinaryHeap<Reverse<SearchCursor>> = BinaryHeap::with_capacity(limit + 1);
        for entry in &self.entries {
            if entry.kinds == Kinds::NONE
                || !holds(&chats, entry.chat)
                || !holds(&senders, entry.sender)
                || !wanted.at.contains(&entry.at)
                || wanted.kind.is_some_and(|kind| !entry.kinds.has(kind))
            {
                continue;
            }
            let Some(&chat) = self.chats.id(entry.chat) else {
                continue;
            };
            let place = SearchCursor {
                at: entry.at,
                chat,
                position: entry.position,
            };
            // Whether it comes too late is known sooner than what it says.
            let comes_too_late = newest.len() >= limit && newest.peek().is_none_or(|oldest| place < oldest.0);
            if comes_too_late || wanted.before.is_some_and(|before| place >= before) {
                continue;
            }
            if wanted.terms.are_in(self.texts.get(entry.text)) {
                newest.push(Reverse(place));
                if newest.len() > limit {
                    newest.pop();
                }
            }
        }
        let newest = newest.into_sorted_vec();
        newest.into_iter().map(|Reverse(place)| place).collect()
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// The memory that it takes, but for what allocating it costs.
    pub(super) fn memory(&self) -> usize {
        // A node of the standard library's trees has room for eleven, and is two thirds full.
        const OF_A_POSITION: usize = (size_of::<u64>() + size_of::<u32>()) * 3 / 2;
        let positions: usize = self.positions.iter().map(BTreeMap::len).sum();
        self.texts.memory()
            + self.entries.capacity() * size_of::<Entry>()
            + self.free.capacity() * size_of::<u32>()
            + positions * OF_A_POSITION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_web_are_links_and_mere_beginnings_of_them_are_not() {
        for text in [
            "https://sotto.example",
            "see http://a.example/b",
            "HTTPS://Sotto.example",
            "www.sotto.example",
            "見て：https://例え.jp",
        ] {
            assert!(has_link(text), "{text}");
        }
        for text in [
            "",
            "https://",
            "http:// nothing",
            "www.",
            "a word",
            "…www. ",
            "httpx://a",
        ] {
            assert!(!has_link(text), "{text}");
        }
    }
}
