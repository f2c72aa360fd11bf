//! When what is in which archive: the device that has something first writes it, a little later, so that much goes in one write.

use super::{Done, Engine, Input, OpenChat, Reply, SharedRecord as _};
use crate::account::AccountRecord;
use crate::archive::{
    ArchiveError, ArchiveHeads, ArchiveJob, ArchiveRecord, ArchiveStatus, Archived, ArchivedChat,
    ArchivedKind, FaultyArchive, Index, KnownIndex, Positions, Reader, Writer,
};
use crate::chats::Stage;
use crate::contacts::Reception;
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::{Platform, TransportError};
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use core::time::Duration;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{AccountRoot, ArchiveCipher};
use sotto_protocol::{ChatId, ProblemCode, Seq};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How long new messages wait to be archived, in milliseconds, and as much again at random: an account's devices are not to write the
/// same at the same time.
const NEW_WAIT_MS: u64 = 15_000;
/// How long what was deleted or edited waits.
const CHANGED_WAIT_MS: u64 = 1_000;
/// How long a chat waits that another device archives.
const CLAIMED_WAIT: Duration = Duration::from_mins(1);
/// How long it takes until the account's other devices hear how far this one has archived.
const HEADS_WAIT: Duration = Duration::from_secs(30);
/// How long that takes when one of them is new.
const HEADS_WAIT_OF_NEW: Duration = Duration::from_secs(1);
/// Of so many chats the index that was written last is held in memory.
const INDEXES: usize = 16;

/// What is under way.
#[derive(Default)]
pub(crate) struct Archiving {
    due: BTreeSet<ChatId>,
    /// When the next one is looked at: whether that is soon.
    timer: Option<Urgency>,
    under_way: Option<ChatId>,
    /// The indexes that were written last, the latest last.
    indexes: VecDeque<(ChatId, KnownIndex, Box<Index>)>,
    waiting: Vec<Reply<()>>,
    /// What the server answered to the last write, if it refuses them for want of room.
    pub(super) refused: Option<ProblemCode>,
    /// Why a chat could not be archived since somebody began to wait.
    failure: Option<ClientError>,
    /// The account's other devices are to hear how far it is archived.
    heads_wait: bool,
    /// One of them is new, and has what was said before it came from the archive alone.
    is_awaited: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    Later,
    Soon,
}

/// What the application asks of the archive.
pub(crate) enum ArchiveCommand {
    /// Brings all that is here into it.
    Now {
        reply: Reply<()>,
    },
    Status {
        reply: Reply<ArchiveStatus>,
    },
    /// The user has seen what is wrong.
    AcknowledgeFaults {
        reply: Reply<()>,
    },
}

/// What a write was to bring into an archive, and what came of it.
pub(crate) struct ArchiveOutcome {
    /// This device's state when it began.
    done: Seq,
    read: u64,
    is_left: bool,
    changed: BTreeMap<u64, Option<Seq>>,
    archived: Archived,
}

impl<P: Platform> Engine<P> {
    pub(super) async fn archive_command(&mut self, command: ArchiveCommand) {
        match command {
            ArchiveCommand::Now { reply } => self.archive_now(reply).await,
            ArchiveCommand::Status { reply } => reply.send(Ok(self.archive_status())),
            ArchiveCommand::AcknowledgeFaults { reply } => {
                reply.send(self.acknowledge_archive_faults().await);
            }
        }
    }

    /// Has a chat archived a little later.
    pub(super) fn archive_soon(&mut self, chat: ChatId, has_changed: bool) {
        self.archiving.due.insert(chat);
        let urgency = if has_changed {
            Urgency::Soon
        } else {
            Urgency::Later
        };
        if self.archiving.timer >= Some(urgency) || !self.is_online() {
            return;
        }
        self.archiving.timer = Some(urgency);
        let shortest = match urgency {
            Urgency::Later => NEW_WAIT_MS,
            Urgency::Soon => CHANGED_WAIT_MS,
        };
        let wait = shortest + super::up_to(&mut self.rng, shortest);
        self.later(Duration::from_millis(wait), Input::ArchivesDue);
    }

    /// Archives all that is not, and answers when that is done.
    async fn archive_now(&mut self, reply: Reply<()>) {
        if !self.is_online() {
            return reply.send(Err(offline()));
        }
        self.find_unarchived();
        self.archiving.waiting.push(reply);
        self.archive_next().await;
    }

    /// The chats of which something is not archived are due.
    pub(super) fn find_unarchived(&mut self) {
        for (id, chat) in &self.chats {
            let archive = self.archives.get(id);
            let (done, read, is_left) = (chat.record.done, chat.record.read, is_left(chat));
            let is_same = archive.is_some_and(|archive| {
                archive.archived >= done && archive.read >= read && archive.is_left == is_left
            });
            if !is_same {
                self.archiving.due.insert(*id);
            }
        }
        if let Some(&chat) = self.archiving.due.first() {
            self.archive_soon(chat, false);
        }
    }

    /// The account has a new device: what was said until now is archived soon, and it is told.
    pub(super) fn archive_for_new_device(&mut self) {
        self.find_unarchived();
        if let Some(&chat) = self.archiving.due.first() {
            self.archiving.is_awaited = true;
            self.archive_soon(chat, true);
        }
    }

    /// It is time to archive.
    pub(super) async fn archives_due(&mut self) {
        if self.archiving.timer.take().is_some() {
            self.archive_next().await;
        }
    }

    /// There is no connection: what is under way is found out about on the next one.
    pub(super) fn stop_archiving(&mut self) {
        self.archiving.timer = None;
        for reply in core::mem::take(&mut self.archiving.waiting) {
            reply.send(Err(offline()));
        }
    }

    async fn archive_next(&mut self) {
        if self.archiving.under_way.is_some() || !self.is_online() || self.unloaded {
            return;
        }
        while let Some(chat) = self.archiving.due.pop_first() {
            match self.begin_archiving(chat).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(_) => return self.store_failed(),
            }
        }
        let failure = self.archiving.failure.take();
        for reply in core::mem::take(&mut self.archiving.waiting) {
            reply.send(failure.clone().map_or(Ok(()), Err));
        }
    }

    /// Another device has had its time to archive a chat.
    pub(super) async fn archive_unclaimed(&mut self, id: ChatId) {
        self.archiving.due.insert(id);
        self.archive_next().await;
    }

    /// Begins to archive a chat; `false` if there is nothing to archive.
    async fn begin_archiving(&mut self, id: ChatId) -> Result<bool, RecordsError> {
        let Some(chat) = self.chats.get(&id).filter(|chat| is_archivable(chat)) else {
            return Ok(false);
        };
        let (done, read) = (chat.record.done, chat.record.read);
        let mut held = Positions::of(1..=done.0);
        held.remove_all(&chat.record.missing);
        let pinned = chat.record.pinned.clone();
        let is_left = is_left(chat);
        let about = ArchivedChat {
            kind: ArchivedKind::from(&chat.record.kind),
            is_left,
            is_accepted: self.contacts.reception(id, &chat.record.kind) == Reception::Open,
        };
        let records = self.surroundings.records.clone();
        let changed: BTreeMap<u64, Option<Seq>> = records
            .scan::<Option<Seq>>(Scan::prefix(record_key::archive_changes(id)))
            .await?
            .into_iter()
            .filter_map(|(key, seq)| Some((record_key::last_number(&key)?, seq)))
            .collect();
        let record = self.archives.get(&id).cloned().unwrap_or_default();
        let is_same = record.archived >= done && record.read >= read && record.is_left == is_left;
        if is_same && changed.is_empty() {
            return Ok(false);
        }
        let Some(reader) = self.archive_reader().await? else {
            return Ok(false);
        };
        let place = self.archiving.indexes.iter().position(|(chat, ..)| *chat == id);
        let last = place.and_then(|place| self.archiving.indexes.remove(place));
        let last = last.map(|(_, known, index)| (known, index));
        let job = ArchiveJob {
            chat: id,
            held,
            changed: changed.clone(),
            read,
            pinned,
            about,
            known: record.known,
            last: last.filter(|(known, _)| record.known == Some(*known)),
        };
        let seed = Zeroizing::new(self.random());
        let mut writer = Writer {
            reader,
            surroundings: Arc::clone(&self.surroundings),
            rng: ChaCha20Rng::from_seed(*seed),
        };
        self.archiving.under_way = Some(id);
        self.start(async move {
            let archived = writer.bring_up_to_date(job).await;
            let outcome = ArchiveOutcome {
                done,
                read,
                is_left,
                changed,
                archived,
            };
            Done::Archived {
                chat: id,
                outcome: Box::new(outcome),
            }
        });
        Ok(true)
    }

    /// What reads this account's archives; `None` if nobody is logged in.
    pub(super) async fn archive_reader(&self) -> Result<Option<Reader<P>>, RecordsError> {
        let records = self.surroundings.records.clone();
        let account = records.get::<AccountRecord>(&record_key::account()).await?;
        let device = self.me.as_ref().map(|me| me.address().device);
        Ok(account.zip(device).map(|(account, device)| {
            let root = AccountRoot::from_bytes(account.root);
            Reader {
                api: self.api.clone(),
                cipher: ArchiveCipher::new(account.account, &root),
                device,
            }
        }))
    }

    /// A write is over.
    pub(super) async fn archived(&mut self, id: ChatId, outcome: ArchiveOutcome) {
        self.archiving.under_way = None;
        if self.keep_outcome(id, outcome).await.is_err() {
            return self.store_failed();
        }
        self.archive_next().await;
    }

    async fn keep_outcome(&mut self, id: ChatId, outcome: ArchiveOutcome) -> Result<(), RecordsError> {
        if let Some(fault) = outcome.archived.fault {
            self.note_archive_fault(id, fault).await?;
        }
        let index = match outcome.archived.result {
            Ok(index) => index,
            Err(error) => return self.not_archived(id, error).await,
        };
        let records = self.surroundings.records.clone();
        let mut changes = Changes::new();
        for (position, seq) in outcome.changed {
            let key = record_key::archive_change(id, position);
            // Something more may have been said of it meanwhile.
            if records.get::<Option<Seq>>(&key).await? == Some(seq) {
                changes.delete(key);
            }
        }
        let record = self.archives.entry(id).or_default();
        record.archived = record.archived.max(outcome.done);
        record.read = record.read.max(outcome.read);
        record.is_left = outcome.is_left;
        let mut is_news = false;
        if let Some((known, index)) = index {
            record.known = Some(known);
            is_news = self.archive_heads.note(id, index.covered.last());
            if is_news {
                changes.put(record_key::archive_heads(), &self.archive_heads);
            }
            self.archiving.indexes.push_back((id, known, index));
            if self.archiving.indexes.len() > INDEXES {
                self.archiving.indexes.pop_front();
            }
        }
        changes.put(record_key::archive(id), &*record);
        self.flush(changes).await?;
        self.archiving.refused = None;
        if is_news && !core::mem::replace(&mut self.archiving.heads_wait, true) {
            let wait = if self.archiving.is_awaited {
                HEADS_WAIT_OF_NEW
            } else {
                HEADS_WAIT
            };
            self.later(wait, Input::ArchiveHeadsDue);
        }
        Ok(())
    }

    async fn not_archived(&mut self, id: ChatId, error: ArchiveError) -> Result<(), RecordsError> {
        match error {
            ArchiveError::Claimed => {
                self.later(CLAIMED_WAIT, Input::ArchiveUnclaimed(id));
                Ok(())
            }
            ArchiveError::Faulty(fault) => self.note_archive_fault(id, fault).await,
            // It is tried again when there is more, and on the next connection.
            ArchiveError::Newer | ArchiveError::Unencodable => Ok(()),
            ArchiveError::Records(error) => Err(error),
            ArchiveError::Api(error) => {
                let code = error.code();
                let is_full = matches!(
                    code,
                    Some(
                        ProblemCode::ArchiveFull
                            | ProblemCode::TooManySegments
                            | ProblemCode::TooManyArchives
                    )
                );
                if is_full {
                    self.archiving.refused = code;
                    self.events.emit(&Event::ArchiveChanged);
                }
                self.archiving.failure = Some(error.into());
                Ok(())
            }
        }
    }

    /// Says that the server shows a wrong archive of a chat.
    pub(super) async fn note_archive_fault(
        &mut self,
        id: ChatId,
        fault: crate::archive::ArchiveFault,
    ) -> Result<(), RecordsError> {
        let record = self.archives.entry(id).or_default();
        if record.fault == Some(fault) {
            return Ok(());
        }
        record.fault = Some(fault);
        let mut changes = Changes::new();
        changes.put(record_key::archive(id), &*record);
        self.flush(changes).await?;
        self.events.emit(&Event::ArchiveChanged);
        Ok(())
    }

    /// The account's other devices are to hear how far it is archived.
    pub(super) async fn archive_heads_due(&mut self) {
        if core::mem::take(&mut self.archiving.heads_wait) {
            self.archiving.is_awaited = false;
            self.share(ArchiveHeads::NAME, None).await;
        }
    }

    /// How the archive stands.
    fn archive_status(&self) -> ArchiveStatus {
        let faulty = |(&chat, record): (&ChatId, &ArchiveRecord)| {
            let fault = record.fault?;
            Some(FaultyArchive { chat, fault })
        };
        ArchiveStatus {
            restoration: self.restoring.progress(),
            waiting: self.archiving.due.len() + usize::from(self.archiving.under_way.is_some()),
            refused: self.archiving.refused,
            faulty: self.archives.iter().filter_map(faulty).collect(),
        }
    }

    /// The user has seen what is wrong with archives.
    async fn acknowledge_archive_faults(&mut self) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let mut changes = Changes::new();
        for (&chat, record) in &mut self.archives {
            if record.fault.take().is_some() {
                changes.put(record_key::archive(chat), &*record);
            }
        }
        if !changes.is_empty() {
            self.write(changes).await?;
            self.events.emit(&Event::ArchiveChanged);
        }
        Ok(())
    }
}

fn offline() -> ClientError {
    TransportError::Unreachable("not connected".to_owned()).into()
}

/// Whether the account is not in it any more, or will not be.
fn is_left(chat: &OpenChat) -> bool {
    matches!(chat.record.stage, Stage::Leaving | Stage::Left)
}

fn is_archivable(chat: &OpenChat) -> bool {
    chat.record.stage == Stage::Member || is_left(chat)
}
