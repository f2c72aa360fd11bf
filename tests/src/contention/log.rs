//! Who was in which chat when, by what was sent to the server and what it has written: the truth that devices are held against.

use sotto_client_sdk::protocol::frame::{ClientFrame, Entry, EntryKind, ServerFrame};
use sotto_client_sdk::protocol::{AccountId, ChatId, DeviceAddress, MessageId, Seq};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Notes what Commits declare. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    founders: BTreeMap<ChatId, Vec<DeviceAddress>>,
    commits: HashMap<MessageId, Declared>,
    /// Accounts that have left a chat: the log does not tell, and a device that joins again at once takes the place of its leaf.
    left: BTreeSet<(ChatId, AccountId)>,
    reversals: usize,
}

/// What a Commit declares.
#[derive(Clone, Debug, Default)]
struct Declared {
    added: Vec<DeviceAddress>,
    removed: Vec<DeviceAddress>,
    /// By a device whose account had left.
    is_return: bool,
}

/// A device's time in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// After this entry it can read.
    pub begins: Seq,
    /// The Commit that took it out, if one did.
    pub ends: Option<Seq>,
}

/// The history of a chat's members, and its log.
#[derive(Clone, Debug, Default)]
pub struct ChatLog {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Of each device, in order.
    pub stays: BTreeMap<DeviceAddress, Vec<Stay>>,
}

impl Witness {
    /// A chat was created with these members.
    pub fn created(&self, chat: ChatId, members: Vec<DeviceAddress>) {
        self.state().founders.entry(chat).or_insert(members);
    }

    /// An account has left a chat.
    pub fn left(&self, chat: ChatId, account: AccountId) {
        self.state().left.insert((chat, account));
    }

    /// Every chat that was created.
    #[must_use]
    pub fn chats(&self) -> Vec<ChatId> {
        self.state().founders.keys().copied().collect()
    }

    /// Whether any Commit was taken back: among honest devices none is.
    #[must_use]
    pub fn has_reversals(&self) -> bool {
        self.state().reversals > 0
    }

    pub(super) fn sent(&self, frame: &ClientFrame) {
        if let ClientFrame::Commit {
            chat,
            message,
            added,
            removed,
            ..
        } = frame
        {
            let mut state = self.state();
            let is_return = added
                .iter()
                .any(|device| state.left.contains(&(*chat, device.account)));
            let declared = Declared {
                added: added.clone(),
                removed: removed.clone(),
                is_return,
            };
            state.commits.insert(*message, declared);
        }
    }

    pub(super) fn received(&self, frame: &ServerFrame) {
        if let ServerFrame::Entry { entry, .. } = frame
            && matches!(entry.kind, EntryKind::Reversal | EntryKind::TakenBack)
        {
            self.state().reversals += 1;
        }
    }

    /// What a chat's entries mean for its members.
    #[must_use]
    pub fn read(&self, chat: ChatId, entries: Vec<Entry>) -> ChatLog {
        let state = self.state();
        let mut stays: BTreeMap<DeviceAddress, Vec<Stay>> = BTreeMap::new();
        let begin = |stays: &mut BTreeMap<_, Vec<Stay>>, device, begins| {
            stays.entry(device).or_default().push(Stay { begins, ends: None });
        };
        for &device in state.founders.get(&chat).into_iter().flatten() {
            begin(&mut stays, device, Seq::ZERO);
        }
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Commit) {
            let declared = state.commits.get(&entry.message).cloned().unwrap_or_default();
            // Whoever joins anew was in all the time, but for having left: nothing is to be missing.
            let stayed = |device: &DeviceAddress| {
                declared.removed.contains(device) && declared.added.contains(device) && !declared.is_return
            };
            for device in declared.removed.iter().filter(|device| !stayed(device)) {
                let last = stays.get_mut(device).and_then(|stays| stays.last_mut());
                let returns = declared.added.contains(device);
                let ends = if returns { Seq(entry.seq.0 - 1) } else { entry.seq };
                if let Some(stay) = last {
                    stay.ends = stay.ends.or(Some(ends));
                }
            }
            for device in declared.added.iter().filter(|device| !stayed(device)) {
                begin(&mut stays, *device, entry.seq);
            }
        }
        ChatLog { entries, stays }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChatLog {
    /// The devices that are in the chat at its end.
    #[must_use]
    pub fn members(&self) -> BTreeSet<DeviceAddress> {
        let is_in = |stays: &&Vec<Stay>| stays.last().is_some_and(|stay| stay.ends.is_none());
        let members = self.stays.iter().filter(|(_, stays)| is_in(stays));
        members.map(|(device, _)| *device).collect()
    }

    /// Since when a device is in the chat, if it is at its end.
    #[must_use]
    pub fn member_since(&self, device: DeviceAddress) -> Option<Seq> {
        let stay = self.stays.get(&device)?.last()?;
        stay.ends.is_none().then_some(stay.begins)
    }

    /// Whether a device of an account can have read an entry: what one has read, the others find in the account's archive.
    #[must_use]
    pub fn might_read(&self, account: AccountId, seq: Seq) -> bool {
        let stays = self.stays.iter().filter(|(device, _)| device.account == account);
        stays
            .flat_map(|(_, stays)| stays)
            .any(|stay| stay.begins < seq && stay.ends.is_none_or(|end| seq <= end))
    }
}
