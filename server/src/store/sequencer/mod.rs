//! Decides on submissions, one after the other, in memory: what becomes of each, and what has to be written for it.

mod broadcast;
mod change;
mod chat_state;
mod invitation;
mod members;
mod search;
mod tag;
mod tail;

pub(in crate::store) use chat_state::{ChatCache, ChatState, LoadedChats};
pub(in crate::store) use invitation::{Use, Used, Uses, uses_of};
pub(in crate::store) use members::{Leaf, Members};
pub(in crate::store) use search::{Candidate, Earlier, Lookup, Search, Stretch};
pub(in crate::store) use tag::{Tag, TagKey};
pub(in crate::store) use tail::Tail;

use crate::store::objection::CommitChange;
use crate::store::{Appended, CommitParts, Submission, stored_rules};
use change::PartyChange;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::frame::{EntryKind, Refusal};
use sotto_protocol::{AccountId, ChatRules, DeviceAddress, Epoch, MessageId, ProblemCode, Seq, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// An entry to be written.
#[derive(Debug)]
pub(in crate::store) struct NewEntry<'a> {
    pub(in crate::store) chat: i64,
    pub(in crate::store) seq: Seq,
    pub(in crate::store) tag: Tag,
    pub(in crate::store) sender: i64,
    pub(in crate::store) kind: EntryKind,
    pub(in crate::store) submission: &'a Submission,
}

/// What a Commit changes beside its entry.
#[derive(Debug)]
pub(in crate::store) struct CommitEffect<'a> {
    pub(in crate::store) chat: i64,
    pub(in crate::store) epoch: Epoch,
    pub(in crate::store) seq: Seq,
    pub(in crate::store) sender: i64,
    /// When it was accepted.
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) parts: &'a CommitParts,
    /// The rules, if they are others from now on.
    pub(in crate::store) rules: Option<Arc<ChatRules>>,
    /// The members' keys.
    pub(in crate::store) added: Vec<i64>,
    /// The members' keys.
    pub(in crate::store) removed: Vec<i64>,
    /// Accounts that are parties of the group from now on.
    pub(in crate::store) newcomers: Vec<AccountId>,
    /// Accounts that are no parties of the group any more.
    pub(in crate::store) gone: Vec<AccountId>,
    /// The invitation by which its sender has come in.
    pub(in crate::store) used: Option<Use>,
    /// Accounts whose Commits are taken again.
    pub(in crate::store) readmitted: Vec<AccountId>,
    /// What is kept to take it back, but for the leaves that it removes.
    pub(in crate::store) change: CommitChange,
}

/// A device that the shard knows.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct KnownDevice {
    pub(in crate::store) key: i64,
    /// It was removed from its account: it never enters a chat again.
    pub(in crate::store) departed: bool,
}

/// The decisions of one batch.
#[derive(Debug)]
pub(in crate::store) struct Sequencer<'a> {
    at: Timestamp,
    /// Devices beyond the members that the database knows, among those that the batch names.
    known_devices: HashMap<DeviceAddress, KnownDevice>,
    next_device_key: i64,
    pub(in crate::store) new_devices: Vec<(DeviceAddress, i64)>,
    pub(in crate::store) entries: Vec<NewEntry<'a>>,
    pub(in crate::store) commits: Vec<CommitEffect<'a>>,
    /// The positions of the entries, by chat, sender and message.
    positions: HashMap<(i64, DeviceAddress, MessageId), Seq>,
    uses: Uses,
}

impl<'a> Sequencer<'a> {
    pub(in crate::store) fn new(
        at: Timestamp,
        known_devices: HashMap<DeviceAddress, KnownDevice>,
        uses: Uses,
        next_device_key: i64,
        capacity: usize,
    ) -> Self {
        Self {
            at,
            known_devices,
            next_device_key,
            new_devices: Vec::new(),
            entries: Vec::with_capacity(capacity),
            commits: Vec::new(),
            positions: HashMap::with_capacity(capacity),
            uses,
        }
    }

    /// The first key for a device that is still free.
    pub(in crate::store) fn next_device_key(&self) -> i64 {
        self.next_device_key
    }

    /// Decides on a submission to the chat with this state, and changes the state by it. `lookup` is what the log said of
    /// it before the batch.
    pub(in crate::store) fn decide(
        &mut self,
        state: &mut ChatState,
        submission: &'a Submission,
        tag: Tag,
        lookup: Lookup,
    ) -> Appended {
        if let Lookup::Found(Earlier { seq, at }) = lookup {
            return Appended::Duplicate { seq, at };
        }
        let identity = (state.key, submission.from, submission.message);
        if let Some(&seq) = self.positions.get(&identity)
            && !submission.is_fleeting()
        {
            return Appended::Duplicate { seq, at: self.at };
        }
        let sender = state.members.key(submission.from);
        let joining = submission.commit.as_deref().filter(|commit| commit.external);
        let allowed = match joining {
            Some(_) if self.has_departed(submission.from) => Err(ProblemCode::ChatNotFound),
            Some(parts) => self.lets_in(state, submission.from, parts),
            None => sender.map(drop).ok_or(ProblemCode::ChatNotFound),
        };
        if let Err(code) = allowed {
            return refused(code);
        }
        if state.silenced.contains(&submission.from.account) {
            return refused(ProblemCode::Undeliverable);
        }
        // Before all that says that it is not in the log.
        if lookup == Lookup::Behind {
            return refused(ProblemCode::Behind);
        }
        if submission.epoch != state.epoch {
            return Appended::Refused(Refusal {
                code: ProblemCode::StaleEpoch,
                epoch: Some(state.epoch),
            });
        }
        match (&submission.commit, sender) {
            (Some(parts), _) => self.commit(state, submission, parts, tag),
            (None, Some(sender)) => self.application(state, submission, sender, tag),
            (None, None) => refused(ProblemCode::ChatNotFound),
        }
    }

    /// Whether a device may come in by this external Commit.
    fn lets_in(
        &self,
        state: &ChatState,
        from: DeviceAddress,
        parts: &CommitParts,
    ) -> Result<(), ProblemCode> {
        let account = from.account;
        let Some(invited) = invitation::shown(state, parts, account, self.at) else {
            return change::may_join_alone(state, account, parts)
                .then_some(())
                .ok_or(ProblemCode::ChatNotFound);
        };
        let used = use_of(state, invited, account);
        state
            .rules
            .as_deref()
            .and_then(|rules| stored_rules::invitation_for(rules, account, invited))
            .filter(|invitation| self.uses.has_room(invitation, used))
            .map(drop)
            .ok_or(ProblemCode::InvitationRefused)
    }

    fn application(
        &mut self,
        state: &mut ChatState,
        submission: &'a Submission,
        sender: i64,
        tag: Tag,
    ) -> Appended {
        if !broadcast::is_taken(state, submission) {
            return refused(ProblemCode::Forbidden);
        }
        let seq = (!submission.is_fleeting())
            .then(|| self.enter(state, submission, sender, tag, EntryKind::Application));
        Appended::Accepted {
            seq,
            members: state.members.addresses().clone(),
            removed: Vec::new(),
            group: None,
        }
    }

    fn commit(
        &mut self,
        state: &mut ChatState,
        submission: &'a Submission,
        parts: &'a CommitParts,
        tag: Tag,
    ) -> Appended {
        let from = submission.from;
        if let Some(code) = change::found_against(state, parts) {
            return refused(code);
        }
        let departed = parts.added.iter().any(|&address| self.has_departed(address));
        let has_gone = |address| self.has_departed(address);
        let is_refused = state.refused.forbids(from.account, parts.external);
        if departed || is_refused {
            return refused(ProblemCode::MembershipRefused);
        }
        if let Err(code) = change::check(state, from, parts, self.at, has_gone) {
            return refused(code);
        }
        let invited = invitation::shown(state, parts, from.account, self.at);
        let used = invited.map(|invited| use_of(state, invited, from.account));
        let newly_used = used.filter(|used| self.uses.note(*used));
        let removed_keys = parts
            .removed
            .iter()
            .filter_map(|&address| state.members.leaf_key(address))
            .collect();
        let removed: Vec<DeviceAddress> = parts
            .removed
            .iter()
            .copied()
            .filter(|&address| state.members.key(address).is_some())
            .collect();
        let added: Vec<(DeviceAddress, i64)> = parts
            .added
            .iter()
            .map(|&address| (address, self.device_key(state, address)))
            .collect();
        let sender = self.device_key(state, from);
        let seq = self.enter(state, submission, sender, tag, EntryKind::Commit);
        state.epoch = Epoch(state.epoch.0.saturating_add(1));
        state.members_version += 1;
        let members = change::members_after(&state.members, parts, &added);
        let PartyChange { newcomers, gone } = PartyChange::of(&state.members, &members, parts);
        let parties_before = gone
            .iter()
            .copied()
            .filter(|&account| state.members.has_party(account));
        let mut change = CommitChange {
            gone: parties_before.collect(),
            newcomers: newcomers.clone(),
            used: newly_used.map(|used| used.invitation),
            ..CommitChange::default()
        };
        let mut readmitted = Vec::new();
        if !parts.external && !state.refused.is_empty() {
            readmitted.extend(newcomers.iter().chain(&gone));
            state.refused.forget(&readmitted);
        }
        state.members = members;
        let before = state.rules.replace(Arc::clone(&parts.rules));
        let rules = (before.as_ref() != Some(&parts.rules)).then(|| Arc::clone(&parts.rules));
        if rules.is_some() {
            // Of a chat without rules that can be read nothing is allowed.
            change.rules = before
                .as_deref()
                .and_then(|rules| stored_rules::write(rules).ok());
        }
        let group = change::of_group(before.as_deref(), &parts.rules, &newcomers);
        let added: Vec<i64> = added.into_iter().map(|(_, key)| key).collect();
        change.added.clone_from(&added);
        self.commits.push(CommitEffect {
            chat: state.key,
            epoch: state.epoch,
            seq,
            sender,
            at: self.at,
            parts,
            rules,
            added,
            removed: removed_keys,
            newcomers,
            gone,
            used,
            readmitted,
            change,
        });
        Appended::Accepted {
            seq: Some(seq),
            members: Arc::clone(state.members.addresses()),
            removed,
            group,
        }
    }

    fn enter(
        &mut self,
        state: &mut ChatState,
        submission: &'a Submission,
        sender: i64,
        tag: Tag,
        kind: EntryKind,
    ) -> Seq {
        let seq = state.tail.push(tag);
        let identity = (state.key, submission.from, submission.message);
        self.positions.insert(identity, seq);
        self.entries.push(NewEntry {
            chat: state.key,
            seq,
            tag,
            sender,
            kind,
            submission,
        });
        seq
    }

    fn device_key(&mut self, state: &ChatState, address: DeviceAddress) -> i64 {
        if let Some(key) = state.members.leaf_key(address) {
            return key;
        }
        let known = self.known_devices.entry(address).or_insert_with(|| {
            let key = self.next_device_key;
            self.next_device_key += 1;
            self.new_devices.push((address, key));
            KnownDevice { key, departed: false }
        });
        known.key
    }

    fn has_departed(&self, address: DeviceAddress) -> bool {
        self.known_devices
            .get(&address)
            .is_some_and(|known| known.departed)
    }
}

fn use_of(state: &ChatState, invited: Invited, account: AccountId) -> Use {
    Use {
        chat: state.key,
        invitation: invited.by,
        account,
    }
}

fn refused(code: ProblemCode) -> Appended {
    Appended::Refused(code.into())
}
