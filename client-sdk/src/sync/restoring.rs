//! What this device has missed, out of the archive: the end of every chat first, then what is older, the newest first.

use super::{Done, Engine, OpenChat};
use crate::api::ApiError;
use crate::archive::{
    ArchiveFault, ArchiveRecord, ArchivedMessage, Index, KnownIndex, ReadError, ReadSegments, Restoration,
    SegmentEntry, ShownArchive,
};
use crate::chats::{ChatRecord, KindRecord, Stage};
use crate::contacts::{Reception, Subject, Verdict, subject};
use crate::events::Event;
use crate::messages::{MessageRecord, unread_after};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use core::cmp::Reverse;
use sotto_protocol::{ChatId, SegmentId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Segments that are read first of a chat, and then at once.
const FIRST_SEGMENTS: usize = 2;
const SEGMENTS_AT_ONCE: usize = 16;
/// Of so many chats the list of all archives is read rather than that of each.
const MANY: usize = 4;

/// What is under way.
#[derive(Default)]
pub(crate) struct Restoring {
    is_listing: bool,
    /// How far the archives go that the server has shown on this connection.
    seen: BTreeMap<ChatId, u64>,
    /// Archives that the server has shown, of chats of which not all is read.
    shown: BTreeMap<ChatId, (KnownIndex, Box<Index>)>,
    /// Chats whose archives were asked for.
    asked: BTreeSet<ChatId>,
    /// Chats of which segments are to be read.
    queue: VecDeque<ChatId>,
    under_way: Option<ChatId>,
    progress: Restoration,
}

impl Restoring {
    /// How far it is, if there is anything to be read.
    pub(super) fn progress(&self) -> Option<Restoration> {
        let is_on = self.is_listing || self.under_way.is_some() || !self.queue.is_empty();
        is_on.then_some(self.progress)
    }
}

/// What the list of archives has shown.
pub(crate) struct ShownPage {
    archives: Vec<ShownArchive>,
    next: Option<String>,
}

impl<P: Platform> Engine<P> {
    /// Looks in the archive for all that this device has missed.
    pub(super) async fn begin_restoring(&mut self) {
        let lacking: Vec<ChatId> = self.chats.keys().copied().filter(|&id| self.lacks(id)).collect();
        let records = self.surroundings.records.clone();
        let Ok(listed) = records.get::<()>(&record_key::archives_listed()).await else {
            return self.store_failed();
        };
        if listed.is_none() || lacking.len() >= MANY {
            self.list_archives(None).await;
            return;
        }
        for id in lacking {
            self.consult_archive(id).await;
        }
    }

    /// There is no connection.
    pub(super) fn stop_restoring(&mut self) {
        self.restoring = Restoring::default();
    }

    /// Whether a chat's archive may have what this device does not: nobody has looked there, or another device has told since that it
    /// goes further, and did not go as far as what is missing.
    pub(super) fn lacks(&self, id: ChatId) -> bool {
        let Some(record) = self.chats.get(&id).map(|chat| &chat.record) else {
            return false;
        };
        if !matches!(record.stage, Stage::Member | Stage::Left) || record.missing.is_empty() {
            return false;
        }
        let consulted = self.archives.get(&id).and_then(|archive| archive.consulted);
        consulted.is_none_or(|seen| seen < record.missing.last() && seen < self.archive_heads.of(id))
    }

    /// Asks for what a chat's archive has, if this device has missed something.
    pub(super) async fn consult_archive(&mut self, id: ChatId) {
        if !self.lacks(id) || !self.is_online() {
            return;
        }
        if self.restoring.shown.contains_key(&id) {
            return self.restore(id).await;
        }
        if !self.restoring.is_listing {
            self.ask_for_archive(id).await;
        }
    }

    async fn ask_for_archive(&mut self, id: ChatId) {
        if !self.restoring.asked.insert(id) {
            return;
        }
        let Ok(Some(reader)) = self.archive_reader().await else {
            return;
        };
        self.start(async move {
            let result = reader.archive(id).await;
            Done::ArchiveShown {
                chat: id,
                result: result.map(|shown| shown.map(Box::new)),
            }
        });
    }

    async fn list_archives(&mut self, after: Option<String>) {
        if after.is_none() && core::mem::replace(&mut self.restoring.is_listing, true) {
            return;
        }
        let Ok(Some(reader)) = self.archive_reader().await else {
            return;
        };
        self.start(async move {
            let result = reader.page(after.as_deref()).await;
            let result = result.map(|(archives, next)| Box::new(ShownPage { archives, next }));
            Done::ArchivesListed { result }
        });
    }

    /// A page of the list has come.
    pub(super) async fn archives_listed(&mut self, result: Result<Box<ShownPage>, ApiError>) {
        if !self.restoring.is_listing {
            return;
        }
        let Ok(page) = result else {
            // Asked for again on the next connection.
            self.restoring.is_listing = false;
            return;
        };
        for shown in page.archives {
            self.take_shown(shown).await;
        }
        if let Some(next) = page.next {
            return self.list_archives(Some(next)).await;
        }
        self.restoring.is_listing = false;
        let mut changes = Changes::new();
        changes.put(record_key::archives_listed(), &());
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        let lacking: Vec<ChatId> = self.chats.keys().copied().filter(|&id| self.lacks(id)).collect();
        for id in lacking {
            if !self.restoring.seen.contains_key(&id) {
                self.nothing_archived(id).await;
            }
        }
        self.events.emit(&Event::ArchiveChanged);
    }

    /// A chat's archive has come, or there is none.
    pub(super) async fn archive_shown(
        &mut self,
        id: ChatId,
        result: Result<Option<Box<ShownArchive>>, ApiError>,
    ) {
        self.restoring.asked.remove(&id);
        match result {
            Ok(Some(shown)) => self.take_shown(*shown).await,
            Ok(None) => self.nothing_archived(id).await,
            Err(_) => {}
        }
    }

    /// Keeps an archive that was shown until its chat can have it.
    async fn take_shown(&mut self, shown: ShownArchive) {
        let ShownArchive {
            chat: id,
            known,
            index,
        } = shown;
        let index = match index {
            Ok(index) => index,
            Err(ReadError::Foreign) => {
                let noted = self.note_archive_fault(id, ArchiveFault::Foreign).await;
                // Until the others tell of more.
                self.restoring.seen.insert(id, self.archive_heads.of(id));
                if noted.is_err() || self.consulted(id).await.is_err() {
                    self.store_failed();
                }
                return;
            }
            Err(ReadError::Newer | ReadError::Api(_)) => return,
        };
        self.restoring.seen.insert(id, index.covered.last());
        let seen = self.archives.get(&id).and_then(|archive| archive.known);
        let mut fault = seen.and_then(|seen| index.follows(known, seen).err());
        if index.covered.last() < self.archive_heads.of(id) {
            fault = fault.or(Some(ArchiveFault::RolledBack));
        }
        if let Some(fault) = fault
            && self.note_archive_fault(id, fault).await.is_err()
        {
            return self.store_failed();
        }
        if index.about.is_left
            && !self.chats.contains_key(&id)
            && self.bring_back_left(id, &index).await.is_err()
        {
            return self.store_failed();
        }
        let lacks = self.lacks(id);
        let stage = self.chats.get(&id).map(|chat| chat.record.stage);
        // A new device comes into its chats one after the other.
        if lacks || matches!(stage, None | Some(Stage::Creating | Stage::Joining)) {
            self.restoring.shown.insert(id, (known, index));
        }
        if lacks {
            self.restore(id).await;
        }
    }

    /// The other devices have told how far they have archived. If the server has shown less, it is asked again: they may have
    /// archived more since, and what this device lacks with it.
    pub(super) async fn compare_archive_heads(&mut self) {
        let behind = |(&id, &seen): (&ChatId, &u64)| (seen < self.archive_heads.of(id)).then_some(id);
        let mut behind: BTreeSet<ChatId> = self.restoring.seen.iter().filter_map(behind).collect();
        let was_consulted = |id: &ChatId| {
            let archive = self.archives.get(id);
            archive.is_some_and(|archive| archive.consulted.is_some())
        };
        behind.extend(
            self.chats
                .keys()
                .copied()
                .filter(|id| was_consulted(id) && self.lacks(*id)),
        );
        for id in behind {
            self.restoring.seen.remove(&id);
            self.ask_for_archive(id).await;
        }
    }

    /// There is no archive of a chat.
    async fn nothing_archived(&mut self, id: ChatId) {
        let was_archived = self.archive_heads.of(id) > 0
            || self
                .archives
                .get(&id)
                .is_some_and(|archive| archive.known.is_some());
        self.restoring.seen.insert(id, 0);
        let noted = if was_archived {
            self.note_archive_fault(id, ArchiveFault::Cut).await
        } else {
            Ok(())
        };
        if noted.is_err() || self.consulted(id).await.is_err() {
            self.store_failed();
        }
    }

    /// A chat that the account has left is history, and is shown as such.
    async fn bring_back_left(&mut self, id: ChatId, index: &Index) -> Result<(), RecordsError> {
        let mut record = ChatRecord::new(KindRecord::from(&index.about.kind), self.now());
        record.stage = Stage::Left;
        record.missing = index.covered.clone();
        let mut chat = OpenChat::unopened(id, record);
        let mut changes = Changes::new();
        chat.write_to(&mut changes);
        self.flush(changes).await?;
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatAdded { chat: id });
        Ok(())
    }

    /// Gives a chat the end of what its archive has, and has the rest read.
    async fn restore(&mut self, id: ChatId) {
        let Some((known, index)) = self.restoring.shown.remove(&id) else {
            return;
        };
        if !self.is_restoring(id) && self.restore_end(id, known, &index).await.is_err() {
            return self.store_failed();
        }
        let rest = self.segments_left(id, &index).len() as u64;
        self.restoring.shown.insert(id, (known, index));
        if rest == 0 {
            return self.restored(id).await;
        }
        if !self.restoring.queue.contains(&id) && self.restoring.under_way != Some(id) {
            self.restoring.progress.of += rest;
            self.restoring.queue.push_back(id);
        }
        self.read_next().await;
    }

    /// Whether segments of a chat's archive were read, of which more are to be.
    fn is_restoring(&self, id: ChatId) -> bool {
        let archive = self.archives.get(&id);
        archive.is_some_and(|archive| !archive.restored.is_empty())
    }

    /// The newest messages, what was read, and what is pinned.
    async fn restore_end(
        &mut self,
        id: ChatId,
        known: KnownIndex,
        index: &Index,
    ) -> Result<(), RecordsError> {
        let mut changes = Changes::new();
        let last = index.tail.last().map(|message| message.at);
        self.put_restored(id, index.tail.clone(), &mut changes).await?;
        if let Some(chat) = self.chats.get_mut(&id) {
            let record = &mut chat.record;
            record.read = record.read.max(index.read);
            if record.pinned.is_empty() {
                record.pinned.clone_from(&index.pinned);
            }
            index.about.kind.tell_profile(&mut record.kind);
            // That this device came in is nothing that has happened in the chat.
            if let Some(last) = last.filter(|_| record.done <= record.begins) {
                record.active_at = last;
            }
        }
        let archive = self.archives.entry(id).or_default();
        archive.known = Some(known);
        archive.read = archive.read.max(index.read);
        changes.put(record_key::archive(id), &*archive);
        let accepted = self.accept_restored(id, index.about.is_accepted, &mut changes);
        self.write_restored(id, changes).await?;
        if let Some(about) = accepted {
            self.decided(&[about]).await;
        }
        Ok(())
    }

    /// A chat that was among the account's chats is no stranger's request on a new device, unless another decided otherwise.
    pub(super) fn accept_restored(
        &mut self,
        id: ChatId,
        was_accepted: bool,
        changes: &mut Changes,
    ) -> Option<Subject> {
        let kind = &self.chats.get(&id)?.record.kind;
        let is_requested = self.contacts.reception(id, kind) == Reception::Requested;
        let about = subject(id, kind).filter(|_| is_requested && was_accepted)?;
        self.contacts
            .decide(about, Verdict::Accepted, changes)
            .then_some(about)
    }

    /// Segments of which this device lacks something, the newest first.
    fn segments_left(&self, id: ChatId, index: &Index) -> Vec<SegmentEntry> {
        let now = self.now();
        let missing = self.chats.get(&id).map(|chat| &chat.record.missing);
        let restored = self.archives.get(&id).map(|archive| &archive.restored);
        let mut left: Vec<SegmentEntry> = index
            .segments
            .iter()
            .filter(|entry| entry.ends_at.is_none_or(|ends_at| ends_at > now))
            .filter(|entry| restored.is_none_or(|restored| !restored.contains(&entry.segment)))
            .filter(|entry| missing.is_some_and(|missing| missing.has_any(entry.first..=entry.last)))
            .copied()
            .collect();
        left.sort_by_key(|entry| Reverse(entry.last));
        left
    }

    async fn read_next(&mut self) {
        while self.restoring.under_way.is_none() && self.is_online() {
            let Some(id) = self.restoring.queue.pop_front() else {
                return;
            };
            let Some((known, index)) = self.restoring.shown.get(&id) else {
                continue;
            };
            let revision = known.revision;
            let mut wanted = self.segments_left(id, index);
            wanted.truncate(if self.is_restoring(id) {
                SEGMENTS_AT_ONCE
            } else {
                FIRST_SEGMENTS
            });
            if wanted.is_empty() {
                self.restored(id).await;
                continue;
            }
            let Ok(Some(reader)) = self.archive_reader().await else {
                return;
            };
            self.restoring.under_way = Some(id);
            self.start(async move {
                let result = reader.segments(id, &wanted).await;
                Done::SegmentsRead {
                    chat: id,
                    revision,
                    result: result.map(Box::new),
                }
            });
        }
    }

    /// Some segments have come.
    pub(super) async fn segments_read(
        &mut self,
        id: ChatId,
        revision: u64,
        result: Result<Box<ReadSegments>, ReadError>,
    ) {
        if self.restoring.under_way.take() != Some(id) {
            return;
        }
        let Ok(mut read) = result else {
            // It goes on with the next connection.
            return self.read_next().await;
        };
        if read.is_fruitless() {
            // A server that always has no room has it not.
            read.absent.append(&mut read.left_out);
        }
        if self.keep_segments(id, &mut read).await.is_err() {
            return self.store_failed();
        }
        if read.absent.is_empty() {
            // A chat of which something was read goes on behind those of which nothing was.
            self.restoring.queue.push_back(id);
        } else {
            // Another device may have written the archive anew meanwhile.
            self.look_again(id, revision, read.absent).await;
        }
        self.events.emit(&Event::ArchiveChanged);
        self.read_next().await;
    }

    async fn keep_segments(&mut self, id: ChatId, read: &mut ReadSegments) -> Result<(), RecordsError> {
        if !read.foreign.is_empty() {
            self.note_archive_fault(id, ArchiveFault::Foreign).await?;
        }
        self.restoring.progress.done += (read.read.len() + read.foreign.len()) as u64;
        let mut changes = Changes::new();
        let newest = self
            .put_restored(id, core::mem::take(&mut read.messages), &mut changes)
            .await?;
        let archive = self.archives.entry(id).or_default();
        archive.restored.extend(read.read.iter().chain(&read.foreign));
        changes.put(record_key::archive(id), &*archive);
        let read_up_to = self.chats.get(&id).map_or(0, |chat| chat.record.read);
        if newest > read_up_to {
            return self.write_restored(id, changes).await;
        }
        self.flush(changes).await?;
        self.events.emit(&Event::HistoryRestored { chat: id });
        Ok(())
    }

    async fn look_again(&mut self, id: ChatId, revision: u64, absent: Vec<SegmentId>) {
        let Ok(Some(reader)) = self.archive_reader().await else {
            return;
        };
        self.start(async move {
            let result = reader.archive(id).await;
            Done::ArchiveShownAgain {
                chat: id,
                revision,
                absent,
                result: result.map(|shown| shown.map(Box::new)),
            }
        });
    }

    /// The archive has come of which something was not there.
    pub(super) async fn archive_shown_again(
        &mut self,
        id: ChatId,
        revision: u64,
        absent: Vec<SegmentId>,
        result: Result<Option<Box<ShownArchive>>, ApiError>,
    ) {
        if !self.restoring.shown.contains_key(&id) {
            // The connection on which it was asked for is over: the next one begins anew.
            return;
        }
        match result {
            Ok(Some(shown)) if shown.known.revision != revision => self.take_shown(*shown).await,
            Ok(_) => {
                let archive = self.archives.entry(id).or_default();
                self.restoring.progress.done += absent.len() as u64;
                archive.restored.extend(absent);
                if self.note_archive_fault(id, ArchiveFault::Cut).await.is_err() {
                    return self.store_failed();
                }
                self.restoring.queue.push_back(id);
                self.read_next().await;
            }
            Err(_) => {}
        }
    }

    /// All that a chat's archive has is here.
    async fn restored(&mut self, id: ChatId) {
        if let Some((_, index)) = self.restoring.shown.remove(&id)
            && let Some(chat) = self.chats.get_mut(&id)
        {
            chat.record.missing.remove_all(&index.covered);
        }
        if self.consulted(id).await.is_err() {
            self.store_failed();
        }
    }

    /// Nothing more is looked for in a chat's archive, until more is missed.
    async fn consulted(&mut self, id: ChatId) -> Result<(), RecordsError> {
        let seen = self.restoring.seen.get(&id).copied().unwrap_or(0);
        let archive: &mut ArchiveRecord = self.archives.entry(id).or_default();
        archive.consulted = Some(seen);
        archive.restored.clear();
        let mut changes = Changes::new();
        changes.put(record_key::archive(id), &*archive);
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.write_to(&mut changes);
        }
        self.flush(changes).await?;
        self.imported_is_held(id).await?;
        // A newcomer to a group asks its members for what is in no archive.
        self.advance_again(id).await;
        Ok(())
    }

    /// Puts messages where this device has none but what came out of an export, and gives the position of the newest of them; 0 if
    /// there are none.
    async fn put_restored(
        &mut self,
        id: ChatId,
        messages: Vec<ArchivedMessage>,
        changes: &mut Changes,
    ) -> Result<u64, RecordsError> {
        let imported = self.imported(id).await?;
        let (Some(me), Some(chat)) = (&self.me, self.chats.get(&id)) else {
            return Ok(0);
        };
        let (account, now) = (me.account, self.now());
        let is_group = chat.record.group().is_some();
        let (mut newest, mut senders, mut ends) = (0, BTreeSet::new(), Vec::new());
        for message in messages {
            let position = message.position;
            if !chat.record.missing.contains(position) || message.is_over(now) {
                continue;
            }
            let is_starred = self.stars.contain(id, message.message);
            let record = message.into_record(account, is_starred);
            if imported.contains(position) {
                let key = record_key::message(id, position);
                let there = self.surroundings.records.get::<MessageRecord>(&key).await?;
                if there.is_some_and(|there| there.is_later_than(&record)) {
                    continue;
                }
            }
            record.put(id, position, changes);
            newest = position.max(newest);
            senders.insert(record.from.account);
            ends.extend(record.expires_at);
        }
        if is_group {
            for sender in senders {
                self.look_up_nameless(sender);
            }
        }
        for expires_at in ends {
            self.watch_expiry(expires_at);
        }
        Ok(newest)
    }

    /// Writes messages that came, and counts anew what of the chat was not read.
    pub(super) async fn write_restored(&mut self, id: ChatId, changes: Changes) -> Result<(), RecordsError> {
        self.flush(changes).await?;
        let records = self.surroundings.records.clone();
        let Some(read) = self.chats.get(&id).map(|chat| chat.record.read) else {
            return Ok(());
        };
        let unread = unread_after(&records, id, read, &self.contacts).await?;
        let mut changes = Changes::new();
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.record.unread = unread;
            chat.write_to(&mut changes);
        }
        self.flush(changes).await?;
        self.events.emit(&Event::HistoryRestored { chat: id });
        self.events.emit(&Event::ChatChanged { chat: id });
        Ok(())
    }
}
