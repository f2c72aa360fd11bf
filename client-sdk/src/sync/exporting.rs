//! What exports need of the engine: what there is to be written, and taking in what was read.
//!
//! An export fills what this device lacks, as the archive does. Where both have a message, the later of the two counts: either may be of
//! before an edit or a deletion. So what came out of an export stays among what is looked for in the archive until that has been.

use super::{Engine, OpenChat, Reply};
use crate::archive::{ArchivedChat, ArchivedKind, ArchivedMessage, Positions};
use crate::chats::{ChatRecord, KindRecord, Stage};
use crate::contacts::Reception;
use crate::error::ClientError;
use crate::events::Event;
use crate::export::{ExportedChat, is_exported};
use crate::messages::{MessageRecord, QUEUED_POSITIONS, Stars};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use crate::sync::SharedRecord as _;
use sotto_protocol::{AccountId, ChatId, IdentityKey, MessageId, Seq, Timestamp};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What exports ask for.
pub(crate) enum ExportCommand {
    /// What there is to be exported.
    Plan { reply: Reply<ExportPlan> },
    /// Messages of a chat, out of an export.
    TakeIn {
        chat: Box<ExportedChat>,
        messages: Vec<ArchivedMessage>,
        reply: Reply<TakenIn>,
    },
    /// That was all of this chat.
    Settle {
        chat: Box<ExportedChat>,
        reply: Reply<()>,
    },
}

/// What there is to be exported.
pub(crate) struct ExportPlan {
    pub(crate) account: AccountId,
    pub(crate) identity_key: IdentityKey,
    /// The latest active first.
    pub(crate) chats: Vec<ExportedChat>,
    /// Whether nothing more is to come out of the archive.
    pub(crate) is_complete: bool,
    /// Randomness for sealing it.
    pub(crate) seed: Zeroizing<[u8; 32]>,
}

/// What came of some messages of an export.
#[derive(Default)]
pub(crate) struct TakenIn {
    /// So many were not here.
    pub(crate) new: u64,
    /// So many were, or are not to come back.
    pub(crate) known: u64,
}

impl<P: Platform> Engine<P> {
    pub(super) async fn export_command(&mut self, command: ExportCommand) {
        match command {
            ExportCommand::Plan { reply } => reply.send(self.plan_export().await),
            ExportCommand::TakeIn {
                chat,
                messages,
                reply,
            } => {
                let taken = self.take_exported(&chat, messages).await;
                reply.send(taken);
            }
            ExportCommand::Settle { chat, reply } => reply.send(self.settle_imported(&chat).await),
        }
    }

    async fn plan_export(&mut self) -> Result<ExportPlan, ClientError> {
        self.ensure_loaded().await?;
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let (account, identity_key) = (me.account, me.device.credential().identity_key);
        let mut starred: BTreeMap<ChatId, Vec<MessageId>> = BTreeMap::new();
        for (chat, message) in self.stars.latest_first().into_iter().rev() {
            starred.entry(chat).or_default().push(message);
        }
        let mut chats: Vec<(Timestamp, ExportedChat)> = self
            .chats
            .iter()
            .filter_map(|(&id, chat)| {
                let about = self.exported(id, &chat.record)?;
                let starred = starred.remove(&id).unwrap_or_default();
                Some((chat.record.active_at, ExportedChat { starred, ..about }))
            })
            .collect();
        chats.sort_by_key(|(active_at, chat)| (core::cmp::Reverse(*active_at), chat.chat));
        let is_lacking = self
            .chats
            .iter()
            .any(|(&id, chat)| chat.record.stage == Stage::Joining || self.lacks(id));
        Ok(ExportPlan {
            account,
            identity_key,
            chats: chats.into_iter().map(|(_, chat)| chat).collect(),
            is_complete: !is_lacking && self.restoring.progress().is_none(),
            seed: Zeroizing::new(self.random()),
        })
    }

    /// A chat as it is exported; `None` if it is not shown.
    fn exported(&self, id: ChatId, record: &ChatRecord) -> Option<ExportedChat> {
        let is_accepted = match self.contacts.reception(id, &record.kind) {
            Reception::Open => true,
            Reception::Requested => false,
            Reception::Declined | Reception::Blocked => return None,
        };
        // What is here may have come from elsewhere than the log.
        let covered = Positions::of(1..=record.done.0.max(record.missing.last()));
        if covered.is_empty() {
            return None;
        }
        Some(ExportedChat {
            chat: id,
            about: ArchivedChat {
                kind: ArchivedKind::from(&record.kind),
                is_left: matches!(record.stage, Stage::Leaving | Stage::Left),
                is_accepted,
            },
            covered,
            read: record.read,
            pinned: record.pinned.clone(),
            starred: Vec::new(),
        })
    }

    /// Puts messages of an export where this device has none.
    async fn take_exported(
        &mut self,
        exported: &ExportedChat,
        messages: Vec<ArchivedMessage>,
    ) -> Result<TakenIn, ClientError> {
        self.ensure_loaded().await?;
        let account = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.account;
        let id = exported.chat;
        let mut changes = Changes::new();
        if !self.chats.contains_key(&id) {
            self.bring_in(exported, &mut changes);
        }
        let there = self.stored_among(id, &messages).await?;
        let Some(chat) = self.chats.get(&id) else {
            return Err(ClientError::ChatNotFound);
        };
        let mut taken = TakenIn::default();
        let mut imported = Positions::default();
        let mut nameless = Vec::new();
        for message in messages {
            let position = message.position;
            let is_lacking = is_lacking(&chat.record, position);
            let is_starred = self.stars.contain(id, message.message);
            let record = message.into_record(account, is_starred);
            if position == 0 || position >= QUEUED_POSITIONS || !is_exported(&record) {
                return Err(ClientError::ExportDamaged);
            }
            let present = there.get(&position);
            if present.is_some() || !is_lacking {
                taken.known += 1;
            } else {
                taken.new += 1;
            }
            let is_wanted = match present {
                None => is_lacking,
                Some(present) => {
                    is_lacking && present.message == record.message && record.is_later_than(present)
                }
            };
            if is_wanted {
                imported.add(position..=position);
                nameless.push(record.from.account);
                record.put(id, position, &mut changes);
            }
        }
        if !imported.is_empty() {
            self.note_imported(id, &imported, &mut changes).await?;
        }
        self.write(changes).await?;
        nameless.sort_unstable();
        nameless.dedup();
        for account in nameless {
            self.look_up_nameless(account);
        }
        Ok(taken)
    }

    /// What is stored at the positions of these messages.
    async fn stored_among(
        &self,
        id: ChatId,
        messages: &[ArchivedMessage],
    ) -> Result<BTreeMap<u64, MessageRecord>, RecordsError> {
        let positions = || messages.iter().map(|message| message.position);
        let (Some(first), Some(last)) = (positions().min(), positions().max()) else {
            return Ok(BTreeMap::new());
        };
        let mut there = BTreeMap::new();
        let mut from = first;
        // What an export says stands side by side may be far apart here.
        loop {
            let scan = Scan::prefix(record_key::messages(id))
                .starting_at(record_key::message(id, from))
                .before(record_key::message(id, last.min(QUEUED_POSITIONS - 1) + 1))
                .limit(AT_ONCE);
            if scan.is_empty() {
                return Ok(there);
            }
            let records = self.surroundings.records.clone();
            let found = records.scan::<MessageRecord>(scan).await?;
            let is_all = found.len() < AT_ONCE;
            for (key, record) in found {
                if let Some(position) = record_key::last_number(&key) {
                    from = position + 1;
                    there.insert(position, record);
                }
            }
            if is_all {
                return Ok(there);
            }
            let mut wanted: Vec<u64> = positions().collect();
            wanted.sort_unstable();
            there.retain(|position, _| wanted.binary_search(position).is_ok());
        }
    }

    /// A chat that this device does not have comes as one that was left: if it is not, the server says so, and the device joins it.
    fn bring_in(&mut self, exported: &ExportedChat, changes: &mut Changes) {
        let mut record = ChatRecord::new(KindRecord::from(&exported.about.kind), Timestamp(0));
        record.stage = Stage::Left;
        record.missing = exported.covered.clone();
        let mut chat = OpenChat::unopened(exported.chat, record);
        chat.write_to(changes);
        let peer = chat.record.kind.peer();
        self.chats.insert(exported.chat, chat);
        // Without a name it is not shown.
        if let Some(peer) = peer {
            self.look_up_nameless(peer);
        }
    }

    /// Notes what has come out of exports and is to be held against the archive.
    async fn note_imported(
        &self,
        id: ChatId,
        positions: &Positions,
        changes: &mut Changes,
    ) -> Result<(), RecordsError> {
        let mut all = self.imported(id).await?;
        all.add_all(positions);
        changes.put(record_key::imported(id), &all);
        Ok(())
    }

    /// What of a chat has come out of exports, and was not held against the archive.
    pub(super) async fn imported(&self, id: ChatId) -> Result<Positions, RecordsError> {
        let records = self.surroundings.records.clone();
        let imported = records.get(&record_key::imported(id)).await?;
        Ok(imported.unwrap_or_default())
    }

    /// All of a chat that an export has is here.
    async fn settle_imported(&mut self, exported: &ExportedChat) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let id = exported.chat;
        let imported = self.imported(id).await?;
        if imported.is_empty() {
            return Ok(());
        }
        let last = record_key::message(id, imported.last());
        let last = self.surroundings.records.get::<MessageRecord>(&last).await?;
        let mut changes = Changes::new();
        let stars = self.star_imported(exported, &imported, &mut changes).await?;
        let accepted = self.accept_restored(id, exported.about.is_accepted, &mut changes);
        let Some(chat) = self.chats.get_mut(&id) else {
            return Ok(());
        };
        let record = &mut chat.record;
        let is_new = record.active_at == Timestamp(0);
        record.read = record.read.max(exported.read.min(exported.last()));
        if record.pinned.is_empty() {
            record.pinned.clone_from(&exported.pinned);
        }
        exported.about.kind.tell_profile(&mut record.kind);
        if let Some(last) = last.filter(|_| is_new || record.done <= record.begins) {
            record.active_at = record.active_at.max(last.at);
        }
        chat.write_to(&mut changes);
        if is_new {
            self.events.emit(&Event::ChatAdded { chat: id });
        }
        if let Err(error) = self.write_restored(id, changes).await {
            self.store_failed();
            return Err(error.into());
        }
        if let Some(stars) = stars {
            self.stars = stars;
            self.events.emit(&Event::StarsChanged);
            self.share(Stars::NAME, None).await;
        }
        if let Some(about) = accepted {
            self.decided(&[about]).await;
        }
        let archive = self.archives.get(&id);
        if archive.is_some_and(|archive| archive.consulted.is_some()) {
            self.imported_is_held(id).await?;
        } else {
            self.consult_archive(id).await;
        }
        Ok(())
    }

    /// Stars what was starred when it was exported, unless that was decided otherwise since.
    async fn star_imported(
        &self,
        exported: &ExportedChat,
        imported: &Positions,
        changes: &mut Changes,
    ) -> Result<Option<Stars>, RecordsError> {
        let (id, now) = (exported.chat, self.now());
        let mut stars = self.stars.clone();
        for &message in &exported.starred {
            let records = &self.surroundings.records;
            if stars.is_decided(id, message) || stars.are_full() {
                continue;
            }
            let found = crate::messages::find_message(records, id, message, changes).await?;
            let Some((position, mut record)) = found.filter(|(position, _)| imported.contains(*position))
            else {
                continue;
            };
            stars.set(id, message, true, now);
            record.is_starred = true;
            record.put(id, position, changes);
        }
        if stars == self.stars {
            return Ok(None);
        }
        changes.put(record_key::stars(), &stars);
        Ok(Some(stars))
    }

    /// The archive was looked into, and what came out of exports is here for good: it is archived like all that is.
    pub(super) async fn imported_is_held(&mut self, id: ChatId) -> Result<(), RecordsError> {
        let imported = self.imported(id).await?;
        if imported.is_empty() {
            return Ok(());
        }
        let mut changes = Changes::new();
        changes.delete(record_key::imported(id));
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.record.missing.remove_all(&imported);
            chat.write_to(&mut changes);
        }
        let archive = self.archives.entry(id).or_default();
        archive.archived = Seq::ZERO;
        changes.put(record_key::archive(id), &*archive);
        self.flush(changes).await?;
        self.archive_soon(id, false);
        Ok(())
    }
}

/// Records that are read at once.
const AT_ONCE: usize = 512;

/// Whether a device does not have what was said at a position, and will not have it from the server.
fn is_lacking(record: &ChatRecord, position: u64) -> bool {
    record.missing.contains(position) || (position > record.done.0 && !record.stage.is_in())
}
