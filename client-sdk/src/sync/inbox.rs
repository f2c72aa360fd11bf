//! Entries of the log: strictly in the order of their seqs, each processed once, a batch written, then acknowledged.

use super::group::takes_a_voice;
use super::markers::TELLING_DEVICES;
use super::message_changes::{MessageChange, Said};
use super::notices::News;
use super::open_chat::{OpenChat, OpenError};
use super::refusal::{is_beyond_halt, refuse, resume};
use super::requests::Request;
use super::{Engine, Input, Reply};
use crate::ClientError;
use crate::chats::{Halt, KindRecord, Stage};
use crate::contacts::Observation;
use crate::events::Event;
use crate::groups::View;
use crate::messages::{MessageRecord, StoredBody, StoredState};
use crate::platform::Platform;
use crate::record_key;
use crate::reports::{KeptFranking, first_content};
use crate::store::Changes;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::content::ContentError;
use sotto_crypto_core::{Body, Committed, Content, Edit, Franked, ReceiveError, Received};
use sotto_protocol::frame::{ClientFrame, Entry, EntryKind, Page};
use sotto_protocol::{
    AccountId, ChatId, DeviceAddress, DeviceCredential, MessageId, ProblemCode, Retention, Seq, Timestamp,
    limits,
};
use std::collections::BTreeSet;

/// How long a gap may be there while this device is sending.
const GAP_PATIENCE: Duration = Duration::from_millis(250);

/// Something for a chat's log.
pub(crate) enum Arrived {
    /// An entry that was pushed.
    Entry(Entry),
    /// An entry out of a page: after the one before it there is nothing else.
    Fetched(Entry),
    /// The page's end.
    PageEnd {
        /// Up to here there is nothing else.
        seq: Seq,
        /// It is the log's end too.
        is_last: bool,
    },
    /// The server has accepted a message of this device.
    Accepted {
        /// The message.
        message: MessageId,
        /// Its position.
        seq: Seq,
        /// When.
        at: Timestamp,
    },
    /// The server has accepted this device's Commit.
    CommitAccepted {
        /// The entry's id.
        message: MessageId,
        /// Its position.
        seq: Seq,
        /// When.
        at: Timestamp,
    },
}

/// Somebody says something of an earlier message.
fn say(chat: &OpenChat, entry: &Entry, from: &DeviceCredential, change: MessageChange, work: &mut Work) {
    work.said
        .push(Said::new(chat, entry.into(), from.address(), change));
}

/// Somebody says an earlier message anew.
fn say_anew(
    chat: &OpenChat,
    entry: &Entry,
    from: &DeviceCredential,
    edit: Edit,
    franked: Franked,
    work: &mut Work,
) {
    let as_kept = Content {
        message: entry.message,
        retention: Retention::Keep,
        body: Body::Edit(edit.clone()),
    };
    let mut said = Said::new(chat, entry.into(), from.address(), MessageChange::Edit(edit));
    said.franking = Some(KeptFranking::new(franked, Some(&as_kept)));
    work.said.push(said);
}

/// What the store keeps of an entry that could not be decrypted, for diagnosis.
#[derive(Serialize, Deserialize)]
struct UndecryptableRecord {
    from: DeviceAddress,
    message: MessageId,
    at: Timestamp,
    reason: String,
}

/// One batch in the making.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each stands for one thing that has happened, whatever the others are"
)]
pub(crate) struct Work {
    pub(crate) changes: Changes,
    pub(crate) events: Vec<Event>,
    /// The server asks for, or has to hear again, how far this device is.
    acknowledge: bool,
    /// The group has changed, although the log has not moved on.
    pub(crate) dirty: bool,
    /// Contacts have changed: everybody is to see it.
    noted: bool,
    /// This device was let in.
    pub(crate) became_member: bool,
    /// There are entries that this device cannot read.
    pub(crate) missed: bool,
    /// What was said of earlier messages.
    pub(crate) said: Vec<Said>,
    /// Messages that may concern this account more than others do.
    pub(crate) news: Vec<News>,
    /// Entries are to be erased on the server.
    pub(crate) erases: bool,
    /// What this device has sent from the first of these positions on, up to the second, is to be sent again.
    pub(crate) send_again: Option<(Seq, Seq)>,
    /// What those are told who wait for something, once it is written.
    pub(crate) replies: Vec<(Reply<()>, Result<(), ClientError>)>,
}

/// Where something stands in the log.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) message: MessageId,
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
}

impl From<&Entry> for Stamp {
    fn from(entry: &Entry) -> Self {
        Self {
            message: entry.message,
            seq: entry.seq,
            at: entry.at,
        }
    }
}

impl Work {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            changes: Changes::new(),
            events: Vec::new(),
            acknowledge: false,
            dirty: false,
            noted: false,
            became_member: false,
            missed: false,
            said: Vec::new(),
            news: Vec::new(),
            erases: false,
            send_again: None,
            replies: Vec::new(),
        }
    }
}

impl<P: Platform> Engine<P> {
    /// Processes what came for a chat, writes it in one batch, and acknowledges it.
    pub(crate) async fn process(&mut self, id: ChatId, arrived: Vec<Arrived>) {
        // The chat is out of the map while it is worked on: if the store fails, it stays out.
        let Some(mut chat) = self.chats.remove(&id) else {
            // An entry of a chat that this device is not in yet: it is read when it is.
            return;
        };
        match chat.open(&self.surroundings.records).await {
            Ok(()) => {}
            Err(OpenError::Group) => {
                chat.line.lost = true;
                self.chats.insert(id, chat);
                self.advance(id).await;
                return;
            }
            Err(OpenError::Records(_)) => {
                self.store_failed();
                return;
            }
        }
        let mut work = Work::new();
        let before = chat.record.done;
        for arrived in arrived {
            self.take(&mut chat, arrived, &mut work);
        }
        let has_changed = !work.said.is_empty();
        if self.apply_changes(&mut chat, &mut work).await.is_err()
            || self.note_news(&chat, &mut work).await.is_err()
            || self.send_again(&mut chat, &mut work).await.is_err()
        {
            self.store_failed();
            return;
        }
        let advanced = chat.record.done > before;
        if work.missed {
            self.archives.entry(id).or_default().missed(id, &mut work.changes);
        }
        if advanced || work.dirty || !work.changes.is_empty() {
            chat.write_to(&mut work.changes);
            if self.flush(work.changes).await.is_err() {
                self.store_failed();
                return;
            }
        }
        self.watch_gap(&mut chat);
        let (done, peer) = (chat.record.done, chat.record.kind.peer());
        self.chats.insert(id, chat);
        if advanced || work.acknowledge {
            self.acknowledge(id, done);
        }
        if work.noted {
            self.publish();
        }
        for event in &work.events {
            self.events.emit(event);
        }
        for (reply, result) in work.replies {
            reply.send(result);
        }
        if work.became_member {
            self.became_member(id, peer);
            self.consult_archive(id).await;
        }
        if work.erases {
            self.erase_entries().await;
        }
        if advanced {
            self.archive_soon(id, has_changed);
        }
        self.open_held_markers(id).await;
        self.tell_marker(id);
        self.come_back(id).await;
        self.advance(id).await;
        for chat in self.requests.released() {
            self.advance(chat).await;
        }
    }

    fn take(&mut self, chat: &mut OpenChat, arrived: Arrived, work: &mut Work) {
        // What comes after the Commit that took this device out is not for it.
        if is_beyond_halt(chat, &arrived) || chat.record.stage == Stage::Left {
            return;
        }
        match arrived {
            Arrived::Entry(entry) if entry.seq == Seq::ZERO => self.take_fleeting(chat, &entry, work),
            Arrived::Entry(entry) if entry.seq <= chat.record.done => work.acknowledge = true,
            Arrived::Entry(entry) if entry.seq == chat.record.done.next() => {
                self.take_entry(chat, &entry, work);
            }
            Arrived::Entry(entry) => chat.keep_early(entry),
            Arrived::Fetched(entry) => {
                chat.line.seen = chat.line.seen.max(entry.seq);
                if entry.seq > chat.record.done {
                    self.take_entry(chat, &entry, work);
                }
            }
            Arrived::PageEnd { seq, is_last } => {
                chat.advance_to(seq);
                chat.is_checked |= is_last;
            }
            // What was said before it decides what it means.
            Arrived::Accepted { message, seq, .. }
                if chat.is_new_profile(message) && seq > chat.record.done.next() =>
            {
                chat.line.seen = chat.line.seen.max(seq);
            }
            Arrived::Accepted { message, seq, at } => {
                self.take_acceptance(chat, message, seq, at, work);
                chat.settle_own(seq);
            }
            Arrived::CommitAccepted { message, seq, at } => {
                chat.commit_answered(message);
                self.take_commit_acceptance(chat, message, seq, at, work);
            }
        }
        while let Some(entry) = chat.take_early() {
            self.take_entry(chat, &entry, work);
        }
    }

    /// What is missing before something that is here: it is on its way if this device is sending, as answers and entries
    /// overtake each other; if not, it was missed.
    fn watch_gap(&mut self, chat: &mut OpenChat) {
        if !chat.has_gap() || chat.line.gap_is_watched {
            return;
        }
        if chat.line.own_ahead.is_empty() && !chat.has_in_flight() && chat.line.commit_in_flight.is_none() {
            chat.see_gap();
        } else {
            chat.line.gap_is_watched = true;
            self.later(GAP_PATIENCE, Input::GapOverdue(chat.id));
        }
    }

    /// A gap had its time to close.
    pub(crate) async fn gap_overdue(&mut self, id: ChatId) {
        if let Some(chat) = self.chats.get_mut(&id)
            && core::mem::take(&mut chat.line.gap_is_watched)
            && chat.has_gap()
        {
            chat.see_gap();
            self.advance(id).await;
        }
    }

    /// The next entry of the log.
    fn take_entry(&mut self, chat: &mut OpenChat, entry: &Entry, work: &mut Work) {
        let seq = entry.seq;
        let own = self.me.as_ref().is_some_and(|me| me.address() == entry.from);
        // What halted the chat is judged anew each time it is seen.
        let halted = chat
            .record
            .halted
            .take_if(|halt| matches!(halt, Halt::Commit { .. }));
        match entry.kind {
            EntryKind::Commit if own && chat.is_pending(entry.message) => {
                self.confirm_commit(chat, seq, entry.at, work);
            }
            // Deleted or not: what is counted as processed has to be out of the outbox, see `ClientFrame::Send::after`.
            EntryKind::Application | EntryKind::Deleted if own && chat.is_queued(entry.message) => {
                self.take_acceptance(chat, entry.message, seq, entry.at, work);
            }
            EntryKind::TakenBack if own && chat.is_pending(entry.message) => {
                chat.discard_commit(&mut work.changes);
            }
            EntryKind::Deleted | EntryKind::TakenBack => {}
            _ if seq <= chat.record.begins => {}
            EntryKind::Reversal => self.take_reversal(chat, entry, work),
            // It was settled when its acceptance came; unless the server only says that it is this device's, to hide it.
            EntryKind::Application if own => match self.decrypt(chat, entry) {
                Ok(Received::Message {
                    from,
                    content,
                    franked,
                }) => {
                    self.take_content(chat, entry, &from, content, franked, work);
                }
                // This device has said it, and does not remember: its store was set back.
                Ok(Received::Own) if !chat.is_checked && !chat.has_recent(entry.message) => {
                    chat.line.lost = true;
                }
                Ok(_) | Err(_) => {}
            },
            // A Commit of this device that it does not remember: it was confirmed when its acceptance came.
            EntryKind::Commit if own => {}
            EntryKind::Application | EntryKind::Commit => self.receive(chat, entry, halted, work),
        }
        if matches!(chat.record.halted, Some(Halt::Commit { .. })) {
            return;
        }
        if let Some(halted) = halted {
            resume(chat, halted, work);
        }
        chat.advance_to(seq);
        if chat.hears(entry.from) {
            chat.record.active_at = chat.record.active_at.max(entry.at);
        }
    }

    fn receive(&mut self, chat: &mut OpenChat, entry: &Entry, halted: Option<Halt>, work: &mut Work) {
        if entry.kind == EntryKind::Commit {
            // The epoch has ended with another's Commit: this device's is void.
            chat.discard_commit(&mut work.changes);
        }
        let before = chat
            .group
            .as_ref()
            .filter(|_| entry.kind == EntryKind::Commit)
            .and_then(View::of);
        match self.decrypt(chat, entry) {
            Ok(Received::Message { content, .. }) if content.message != entry.message => {
                let reason = "the entry has another id than the message in it";
                undecryptable(chat, entry, reason.to_owned(), work);
            }
            // The server would take a report for one of somebody else.
            Ok(Received::Message { from, .. }) if from.address() != entry.from => {
                let reason = "the entry is from another device than the message in it";
                undecryptable(chat, entry, reason.to_owned(), work);
            }
            Ok(Received::Message {
                from,
                content,
                franked,
            }) => {
                self.take_content(chat, entry, &from, content, franked, work);
            }
            Ok(Received::Unreadable {
                from,
                error: ContentError::NewerVersion,
            }) if chat.hears(from.address()) => {
                let body = StoredBody::Unknown {
                    kind: 0,
                    bytes: Vec::new(),
                };
                let record = self.record_of(entry, &from, entry.retention, body);
                self.add_message(chat, entry, record, None, work);
            }
            Ok(Received::Unreadable { error, .. }) => {
                undecryptable(chat, entry, error.to_string(), work);
            }
            Ok(Received::Commit(committed)) => {
                // If it came under a false name, that has not happened yet.
                chat.discard_commit(&mut work.changes);
                chat.record.unprocessable = 0;
                chat.is_restored();
                self.take_commit(chat, entry, &committed, before.as_ref(), work);
            }
            // Sent by this device, whatever the server says of whom it is from: it was settled when it was accepted.
            Ok(Received::Own) => {}
            Err(error) => self.not_received(chat, entry, &error, halted, work),
        }
    }

    /// What somebody else, or another own device, has said.
    fn take_content(
        &mut self,
        chat: &mut OpenChat,
        entry: &Entry,
        from: &DeviceCredential,
        Content { retention, body, .. }: Content,
        franked: Franked,
        work: &mut Work,
    ) {
        if takes_a_voice(&body) && !chat.hears(from.address()) {
            return;
        }
        match body {
            Body::Text(text) => {
                let record = self.record_of(entry, from, retention, StoredBody::Text(text));
                self.add_message(chat, entry, record, Some(franked), work);
            }
            Body::File(file) => {
                let record = self.record_of(entry, from, retention, StoredBody::File(file));
                self.add_message(chat, entry, record, Some(franked), work);
            }
            Body::Edit(edit) => say_anew(chat, entry, from, edit, franked, work),
            Body::Deletion(deletion) => say(chat, entry, from, MessageChange::Deletion(deletion), work),
            Body::Reaction(reaction) => say(chat, entry, from, MessageChange::Reaction(reaction), work),
            Body::Pin(pin) => say(chat, entry, from, MessageChange::Pin(pin), work),
            Body::Retention(said) => {
                self.take_retention(chat, entry.into(), from.address(), said, work);
            }
            Body::GroupProfile(profile) => self.take_group_profile(chat, entry, from, profile, work),
            Body::Departure(departure) => self.take_departure(chat, from, departure, work),
            Body::Approval(approval) => self.take_approval(chat, from, approval, work),
            Body::GroupKeyRequest(request) => self.take_key_request(chat, from, request, work),
            Body::GroupKeyShare(share) => self.take_key_share(chat, from, &share, work),
            Body::HistoryRequest(request) => {
                self.take_history_request(chat, from, entry.seq, request, work);
            }
            Body::HistoryShare(share) => self.take_history_share(chat, from, &share, work),
            Body::Unknown { kind, bytes } => {
                let record = self.record_of(entry, from, retention, StoredBody::Unknown { kind, bytes });
                self.add_message(chat, entry, record, Some(franked), work);
            }
        }
    }

    /// Another device's Commit has changed the chat's members or rules, or nothing but keys.
    fn take_commit(
        &mut self,
        chat: &mut OpenChat,
        entry: &Entry,
        committed: &Committed,
        before: Option<&View>,
        work: &mut Work,
    ) {
        // Whoever came or went: what the account's signed list says now is to be known here.
        let devices = committed.added.iter().chain(&committed.removed);
        let accounts: BTreeSet<AccountId> = devices.map(|device| device.account).collect();
        let joined_alone = committed.added.contains(&committed.from);
        if chat.record.group().is_none() {
            for account in accounts {
                self.look_up(account);
            }
            if joined_alone {
                self.introduce(chat);
            }
            return;
        }
        if !accounts.is_empty() {
            work.events.push(Event::ChatChanged { chat: chat.id });
        }
        let kind = chat.record.kind.clone();
        self.note_members(&kind, &committed.added, work);
        self.note_changes(chat, entry.into(), committed.from.address(), before, work);
        if joined_alone {
            self.introduce(chat);
        }
        if !committed.added.is_empty() {
            self.repeat_departure(chat, work);
        }
        // This device's own attempt to take them out is void, if it was under way.
        self.watch_departures(chat);
        if chat.group.as_ref().is_some_and(|group| !group.is_member()) {
            self.part(chat, entry.at, work);
        }
    }

    /// Says in the history what a Commit has changed, and forgets the departures of those who are gone.
    pub(crate) fn note_changes(
        &mut self,
        chat: &mut OpenChat,
        stamp: Stamp,
        from: DeviceAddress,
        before: Option<&View>,
        work: &mut Work,
    ) {
        let after = chat.group.as_ref().and_then(View::of);
        let (Some(before), Some(after)) = (before, after) else {
            return;
        };
        let members: BTreeSet<DeviceAddress> = chat
            .group
            .iter()
            .flat_map(sotto_crypto_core::Chat::members)
            .map(|member| member.address())
            .collect();
        let mut departed = BTreeSet::new();
        if let Some(record) = chat.record.group_mut() {
            record.joined.retain(|&account, _| after.has(account));
            if members.len() <= TELLING_DEVICES {
                record
                    .joined
                    .extend(after.newcomers_since(before).map(|account| (account, stamp.seq)));
            }
            departed.extend(record.departures.iter().map(|departure| departure.by.account));
            record
                .departures
                .retain(|departure| members.contains(&departure.by));
            record
                .approvals
                .retain(|approval| !members.contains(&approval.newcomer));
        }
        if after.has_other_offices_than(before) {
            let own = self.me.as_ref().map(super::Me::address);
            let is_entitled = own
                .zip(chat.group.as_ref())
                .is_some_and(|(own, group)| group.holds_office(own));
            if let Some(record) = chat.record.group_mut() {
                record.look_after_key(is_entitled);
            }
        }
        let changes = after.changes_since(before, from.account, stamp.at, &departed);
        if !changes.is_empty() {
            work.events.push(Event::ChatChanged { chat: chat.id });
        }
        self.add_notice(chat, stamp, from, changes, work);
    }

    /// Holds the identity keys that members show against those that are known. In a direct chat another key is told at once, and
    /// a first one trusted. In a group anybody can put a leaf that claims anything: what it shows is no reason to trust or to
    /// doubt, but one to read the account's profile again, which is.
    pub(crate) fn note_members(&mut self, kind: &KindRecord, members: &[DeviceCredential], work: &mut Work) {
        let own = self.me.as_ref().map(|me| me.account);
        for member in members.iter().filter(|member| Some(member.account) != own) {
            let account = member.account;
            if matches!(kind, KindRecord::Group(_)) {
                let known = self.contacts.get(account).map(|contact| contact.identity_key);
                if known.is_some_and(|known| known != member.identity_key) {
                    self.look_up(account);
                }
                continue;
            }
            let was_held = self.contacts.is_held(account);
            let observation = self
                .contacts
                .note_identity(account, member.identity_key, &mut work.changes);
            if observation == Observation::IdentityChanged && !was_held {
                work.events.push(Event::IdentityChanged { account });
            }
            work.noted = true;
        }
    }

    /// A message of somebody else, or of another own device. One that is here already, in another ciphertext, is not
    /// shown again.
    fn add_message(
        &mut self,
        chat: &mut OpenChat,
        entry: &Entry,
        mut record: MessageRecord,
        franked: Option<Franked>,
        work: &mut Work,
    ) {
        if chat.has_recent(entry.message) {
            return;
        }
        chat.remember(entry.message);
        if record.is_over(self.now()) {
            return;
        }
        record.franking = franked.map(|franked| KeptFranking::new(franked, first_content(&record).as_ref()));
        record.is_starred = self.stars.contain(chat.id, record.message);
        if chat.record.group().is_some() {
            self.look_up_nameless(record.from.account);
        }
        if record.state == StoredState::Received {
            chat.record.heard = entry.seq;
            // Another device of this account may have shown it already.
            if entry.seq.0 > chat.record.read {
                chat.record.unread.add(record.names_own(&self.contacts));
            }
            self.types_no_more(chat.id, record.from.account);
        }
        self.watch_news(chat, entry.seq, &record, work);
        self.keep(chat.id, entry.seq, &record, work);
        let message = record.into_message(chat.id, entry.seq.0, &self.contacts);
        work.events.push(Event::MessageAdded(message));
    }

    /// A message as it is stored. The server's word on how long it is kept, and on when that began, counts if it is the shorter one.
    fn record_of(
        &self,
        entry: &Entry,
        from: &DeviceCredential,
        retention: Retention,
        body: StoredBody,
    ) -> MessageRecord {
        let retention = retention.shorter(entry.retention);
        let own = self.me.as_ref().is_some_and(|me| me.account == from.account);
        let state = if own {
            StoredState::Accepted
        } else {
            StoredState::Received
        };
        MessageRecord {
            retention,
            expires_at: retention.expires_at(entry.at.min(self.now())),
            ..MessageRecord::new(entry.message, from.address(), body, entry.at, state)
        }
    }

    fn decrypt(&self, chat: &mut OpenChat, entry: &Entry) -> Result<Received, ReceiveError> {
        let group = chat.group.as_mut().ok_or(ReceiveError::Damaged)?;
        group.receive(&entry.payload, entry.at, &self.contacts)
    }

    fn not_received(
        &mut self,
        chat: &mut OpenChat,
        entry: &Entry,
        error: &ReceiveError,
        halted: Option<Halt>,
        work: &mut Work,
    ) {
        let is_commit = entry.kind == EntryKind::Commit;
        match error {
            // Replayed or doubled: what it says is here already.
            ReceiveError::AlreadyReceived => return,
            ReceiveError::IdentityMismatch { account } => self.look_up(*account),
            ReceiveError::FutureEpoch { .. } | ReceiveError::Removed | ReceiveError::Damaged => {
                chat.line.lost = true;
            }
            // The server has moved on with a Commit that this device does not accept, or cannot process.
            ReceiveError::NotAllowed(_) if is_commit => {
                return refuse(chat, entry, true, halted, work);
            }
            ReceiveError::Malformed | ReceiveError::OtherChat | ReceiveError::Invalid(_) if is_commit => {
                return refuse(chat, entry, false, halted, work);
            }
            // It has moved on from where this device is not any more.
            ReceiveError::StaleEpoch { .. } | ReceiveError::PendingCommit if is_commit => {
                chat.line.lost = true;
            }
            ReceiveError::Malformed
            | ReceiveError::OtherChat
            | ReceiveError::StaleEpoch { .. }
            | ReceiveError::Invalid(_)
            | ReceiveError::NotAllowed(_)
            | ReceiveError::PendingCommit => {}
        }
        undecryptable(chat, entry, error.to_string(), work);
    }

    /// A message that is nowhere but here and now: shown, and not stored.
    fn take_fleeting(&mut self, chat: &mut OpenChat, entry: &Entry, work: &mut Work) {
        if entry.retention != Retention::Never || entry.kind != EntryKind::Application {
            return;
        }
        // One that cannot be read is gone; there is nothing to repair.
        let Ok(received) = self.decrypt(chat, entry) else {
            return;
        };
        work.dirty = true;
        match received {
            Received::Message { from, content, .. }
                if content.message == entry.message
                    && from.address() == entry.from
                    && chat.hears(entry.from)
                    && !chat.has_recent(content.message) =>
            {
                chat.remember(content.message);
                let body = match content.body {
                    Body::Text(text) => StoredBody::Text(text),
                    Body::File(file) => {
                        self.shared.keep_fleeting_file(content.message, file.clone());
                        StoredBody::File(file)
                    }
                    Body::Unknown { kind, bytes } => StoredBody::Unknown { kind, bytes },
                    // Nobody says this in passing.
                    Body::GroupProfile(_)
                    | Body::Approval(_)
                    | Body::Departure(_)
                    | Body::GroupKeyRequest(_)
                    | Body::GroupKeyShare(_)
                    | Body::HistoryRequest(_)
                    | Body::HistoryShare(_)
                    | Body::Retention(_)
                    | Body::Edit(_)
                    | Body::Deletion(_)
                    | Body::Reaction(_)
                    | Body::Pin(_) => return,
                };
                let record = self.record_of(entry, &from, content.retention, body);
                let message = record.into_message(chat.id, chat.record.done.0, &self.contacts);
                work.events.push(Event::MessageAdded(message));
            }
            // The group has moved on by a Commit under a false name.
            Received::Commit(_) => chat.discard_commit(&mut work.changes),
            Received::Message { .. } | Received::Unreadable { .. } | Received::Own => {}
        }
    }

    /// Asks for what comes after the last entry that is done, unless that was asked for.
    pub(crate) fn fetch(&mut self, id: ChatId) {
        if let Some(done) = self.chats.get(&id).map(|chat| chat.record.done) {
            self.fetch_after(id, done);
        }
    }

    fn fetch_after(&mut self, id: ChatId, after: Seq) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| !chat.line.fetching) else {
            return;
        };
        chat.line.fetching = true;
        chat.line.probe = false;
        let request = self.requests.begin(Request::Fetch { chat: id });
        self.send_frame(&ClientFrame::Fetch {
            request,
            chat: id,
            after,
            limit: limits::PAGE_ENTRIES,
        });
    }

    /// A page has come. The next one is asked for before this one is worked on: the network and this device work at the
    /// same time.
    pub(crate) async fn page(&mut self, id: ChatId, page: Page) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| chat.record.stage.is_in()) else {
            return;
        };
        chat.line.fetching = false;
        chat.line.seen = chat.line.seen.max(page.last);
        let ascending = page.entries.is_sorted_by(|one, other| one.seq < other.seq)
            && page.entries.first().is_none_or(|entry| entry.seq > Seq::ZERO);
        if !ascending {
            // A server that cannot count is asked again after a while.
            self.restart_link();
            return;
        }
        // A page without entries ends the log, whatever is missing from it.
        let end = page.entries.last().map_or(page.last, |entry| entry.seq);
        let is_fruitless = end <= chat.record.done && chat.line.seen > chat.record.done;
        let was_fruitless = core::mem::replace(&mut chat.line.is_fruitless, is_fruitless);
        if is_fruitless && was_fruitless {
            // The first may have been read before something was pushed. A server that goes on hiding that is not asked again
            // at once.
            self.pause(id);
        }
        if end < page.last && !is_fruitless {
            self.fetch_after(id, end);
        }
        let mut arrived: Vec<Arrived> = page.entries.into_iter().map(Arrived::Fetched).collect();
        arrived.push(Arrived::PageEnd {
            seq: end,
            is_last: end >= page.last,
        });
        self.process(id, arrived).await;
    }

    /// The server does not show the chat's log now.
    pub(crate) async fn fetch_refused(&mut self, id: ChatId, code: ProblemCode) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        chat.line.fetching = false;
        chat.line.probe = true;
        if code == ProblemCode::ChatNotFound && chat.record.group().is_some() {
            // Removed, or the group deleted, while this device was away.
            self.gone(id).await;
        } else {
            self.pause(id);
        }
    }
}

/// Records an entry that cannot be read. It is counted as processed: it will not get better.
fn undecryptable(chat: &mut OpenChat, entry: &Entry, reason: String, work: &mut Work) {
    // What nobody would hear is no loss, as far as the group is followed.
    if !chat.line.lost && !chat.hears(entry.from) {
        return;
    }
    let record = UndecryptableRecord {
        from: entry.from,
        message: entry.message,
        at: entry.at,
        reason,
    };
    work.changes
        .put(record_key::undecryptable(chat.id, entry.seq), &record);
    chat.record.undecryptable = chat.record.undecryptable.saturating_add(1);
    chat.record.missing.add(entry.seq.0..=entry.seq.0);
    work.missed = true;
    work.events.push(Event::Undecryptable {
        chat: chat.id,
        seq: entry.seq,
    });
}
