//! A newcomer is told what was said before, as far as the group's rules grant it: their device asks in the group, and a member's that
//! has it answers with the key of a file on the server.

use super::super::inbox::Work;
use super::super::open_chat::Turn;
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Done, Engine, Input, OpenChat};
use crate::api::{Api, ApiError};
use crate::archive::ArchivedMessage;
use crate::chats::{HistoryStanding, Stage};
use crate::events::Event;
use crate::files::{self, FILE_PART_BYTES};
use crate::groups::told_history::{Bounds, TOLD_FILE_BYTES, collect, pack, unpack};
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use sotto_crypto_core::{Chat, FileKey, FileLayout, HistoryFile, HistoryRequest, HistoryShare};
use sotto_protocol::{
    AccountId, ChatId, DeviceCredential, MessageId, ProblemCode, Retention, Seq, Timestamp, UploadId,
};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};

/// Requests that are remembered for one group.
const REQUESTS: usize = 64;
/// How often a newcomer asks, if what it is answered with is of no use.
const ATTEMPTS: u8 = 3;
/// How long a file stays on the server.
const FILE_SECONDS: u32 = 14 * 24 * 60 * 60;

/// How long a file is given to others, too: it stays as long again for whoever was given it last.
const FILE_GIVEN_MS: u64 = FILE_SECONDS as u64 * 1000 / 2;

/// A file in which history was given. Whoever asks next is given the same, if nothing was said since: a file for each who comes would be
/// a way to fill up the room that an account has.
#[derive(Clone)]
pub(crate) struct GivenHistory {
    /// A hash of its content.
    content: u64,
    file: HistoryFile,
    at: Timestamp,
}

/// What became of a file in which history is to be given.
pub(crate) enum StoredHistory {
    /// It is on the server.
    File(GivenHistory),
    /// There is nothing to give.
    Nothing,
    /// It could not be made now.
    Failed,
}

/// What became of a file in which history was given.
pub(crate) enum FetchedHistory {
    /// What it tells.
    Messages(Vec<ArchivedMessage>),
    /// It is of no use, and will not be.
    Unusable,
    /// It could not be read now.
    Failed,
}

impl<P: Platform> Engine<P> {
    /// Whether this device is to ask for what was said before it came: nobody else of the account has it.
    pub(crate) fn wants_history(&self, chat: &OpenChat) -> bool {
        let standing = chat.record.group().map(|record| &record.history);
        let is_consulted = self
            .archives
            .get(&chat.id)
            .is_some_and(|archive| archive.consulted.is_some());
        chat.record.stage == Stage::Member
            && matches!(standing, Some(HistoryStanding::Wanted { .. }))
            && is_consulted
    }

    /// Asks for what was said before, if the rules grant it and the archive did not have it.
    pub(crate) async fn look_after_history(&mut self, id: ChatId) {
        let records = self.surroundings.records.clone();
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let (request, opens) = HistoryRequest::generate(&mut self.rng);
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if let Err(error) = chat.open(&records).await {
            return self.not_opened(chat, &error);
        }
        let own = self.me.as_ref().map(super::super::Me::address);
        let granted = chat.group.as_ref().and_then(Chat::history_granted_since);
        let begins = chat.record.begins.0;
        let lacks = chat.record.missing.has_any(1..=begins);
        let mut changes = Changes::new();
        let mut asks = None;
        if let Some(record) = chat.record.group_mut()
            && let HistoryStanding::Wanted { asked } = record.history
        {
            record.history = HistoryStanding::Settled;
            if granted.is_some() && lacks && asked < ATTEMPTS {
                record.history = HistoryStanding::Asked {
                    asked: asked + 1,
                    opens,
                };
                asks = own;
            }
        }
        if let Some(own) = asks {
            let body = QueuedBody::HistoryRequest(request);
            enqueue(&mut chat, own, Outgoing::kept(message, body), now, &mut changes);
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.advance_again(id).await;
    }

    /// A newcomer asks for what was said before.
    pub(crate) fn take_history_request(
        &mut self,
        chat: &mut OpenChat,
        from: &DeviceCredential,
        seq: Seq,
        request: HistoryRequest,
        work: &mut Work,
    ) {
        let asker = from.address();
        let is_granted = chat
            .group
            .as_ref()
            .is_some_and(|group| group.history_granted_since().is_some());
        // What the account's own devices have said they find in the archive.
        let is_own = self.me.as_ref().is_some_and(|me| me.account == asker.account);
        if let Some(record) = chat.record.group_mut().filter(|_| is_granted && !is_own) {
            record.history_requests.retain(|(known, ..)| *known != asker);
            record.history_requests.push((asker, seq, request));
            let over = record.history_requests.len().saturating_sub(REQUESTS);
            record.history_requests.drain(..over);
            work.dirty = true;
        }
        self.watch_history_requests(chat);
    }

    /// Has newcomers told what was said before, by this device if no other is faster.
    pub(crate) fn watch_history_requests(&mut self, chat: &mut OpenChat) {
        let waits = chat
            .record
            .group()
            .is_some_and(|record| !record.history_requests.is_empty());
        if waits && chat.record.stage == Stage::Member && chat.line.history_shares == Turn::None {
            chat.line.history_shares = Turn::Waits;
            let wait = self.turn(chat);
            self.later(wait, Input::HistorySharesDue(chat.id));
        }
    }

    /// Puts what newcomers are told on the server, if nobody else has told them.
    pub(crate) async fn history_shares_due(&mut self, id: ChatId) {
        let records = self.surroundings.records.clone();
        let is_online = self.is_online();
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if chat.line.history_shares != Turn::Waits {
            self.chats.insert(id, chat);
            return;
        }
        chat.line.history_shares = Turn::None;
        if let Err(error) = chat.open(&records).await {
            return self.not_opened(chat, &error);
        }
        // What was said to everyone is told by those who may say it.
        if !self.me.as_ref().is_some_and(|me| chat.hears(me.address())) {
            self.chats.insert(id, chat);
            return;
        }
        let group = chat.group.as_ref();
        let since = group.and_then(Chat::history_granted_since);
        let requests = chat.record.group().map(|record| &record.history_requests);
        let before = requests.and_then(|requests| requests.iter().map(|(_, seq, _)| seq.0).max());
        // Without a connection it is its turn again when there is one.
        if let (Some(since), Some(before), true) = (since, before, is_online) {
            chat.line.history_shares = Turn::Due;
            self.store_history(id, since, before, chat.line.given_history.clone());
        }
        self.chats.insert(id, chat);
    }

    fn store_history(&mut self, id: ChatId, since: Timestamp, before: u64, given: Option<GivenHistory>) {
        let upload = UploadId::from_bytes(self.random());
        let key = FileKey::generate(&mut self.rng);
        let (api, surroundings) = (self.api.clone(), self.surroundings.clone());
        let now = self.now();
        self.start(async move {
            let stored = async {
                let told = collect(&surroundings.records, id, since, before).await.ok()?;
                if told.is_empty() {
                    return Some(StoredHistory::Nothing);
                }
                let content = pack(told).ok()?;
                let hash = hash_of(&content);
                let is_same =
                    |given: &GivenHistory| given.content == hash && now < given.at.plus_millis(FILE_GIVEN_MS);
                if let Some(given) = given.filter(is_same) {
                    return Some(StoredHistory::File(given));
                }
                let sealed = files::seal(&key, &content).ok()?;
                let retention = Retention::For {
                    seconds: FILE_SECONDS,
                };
                let stored = files::upload(&api, &surroundings.clock, upload, retention, sealed).await;
                Some(StoredHistory::File(GivenHistory {
                    content: hash,
                    file: HistoryFile {
                        blob: stored.ok()?,
                        length: content.len() as u64,
                        key,
                    },
                    at: now,
                }))
            };
            Done::HistoryStored {
                chat: id,
                before,
                stored: Box::new(stored.await.unwrap_or(StoredHistory::Failed)),
            }
        });
    }

    /// A file in which history is given is on the server, or not: whoever nobody else has answered meanwhile is given its key.
    pub(crate) async fn history_stored(&mut self, id: ChatId, before: u64, stored: StoredHistory) {
        let records = self.surroundings.records.clone();
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        chat.line.history_shares = Turn::None;
        if let Err(error) = chat.open(&records).await {
            return self.not_opened(chat, &error);
        }
        let is_over = !matches!(stored, StoredHistory::Failed);
        let mut answered = Vec::new();
        if let Some(record) = chat.record.group_mut().filter(|_| is_over) {
            answered = record
                .history_requests
                .extract_if(.., |(_, seq, _)| seq.0 <= before)
                .collect();
        }
        let mut shares: Vec<HistoryShare> = Vec::new();
        if let (Some(me), Some(group), StoredHistory::File(given)) = (&self.me, &chat.group, &stored) {
            let rng = &mut self.rng;
            shares.extend(answered.iter().filter_map(|(asker, _, request)| {
                group
                    .share_history(rng, &me.device, *asker, request, &given.file)
                    .ok()
            }));
        }
        if let StoredHistory::File(given) = stored {
            chat.line.given_history = Some(given);
        }
        let (now, from) = (self.now(), self.me.as_ref().map(super::super::Me::address));
        let mut changes = Changes::new();
        for share in shares {
            let message = MessageId::from_bytes(self.random());
            let body = QueuedBody::HistoryShare(share);
            if let Some(from) = from {
                enqueue(&mut chat, from, Outgoing::kept(message, body), now, &mut changes);
            }
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        if is_over {
            // Somebody may have asked meanwhile. What failed is tried again on the next connection.
            self.watch_history_requests(&mut chat);
        }
        self.chats.insert(id, chat);
        self.advance(id).await;
    }

    /// A member has told a newcomer what was said before.
    pub(crate) fn take_history_share(
        &mut self,
        chat: &mut OpenChat,
        from: &DeviceCredential,
        share: &HistoryShare,
        work: &mut Work,
    ) {
        let (id, by) = (chat.id, from.address());
        let Some(record) = chat.record.group_mut() else {
            return;
        };
        record.history_requests.retain(|(asker, ..)| *asker != share.to());
        work.dirty = true;
        let (HistoryStanding::Asked { asked, opens }, Some(own)) =
            (&record.history, self.me.as_ref().map(super::super::Me::address))
        else {
            return;
        };
        if share.to() != own {
            return;
        }
        // One that does not open answers an earlier request, or nobody's.
        let Ok(file) = share.open(opens, id, by, own) else {
            return;
        };
        record.history = if file.length > TOLD_FILE_BYTES {
            HistoryStanding::Wanted { asked: *asked }
        } else {
            HistoryStanding::Told {
                asked: *asked,
                by: by.account,
                file,
            }
        };
    }

    /// Reads the file in which this device was told what was said before, if it was.
    pub(crate) fn fetch_history(&mut self, id: ChatId) {
        let is_online = self.is_online();
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        let standing = chat.record.group().map(|record| &record.history);
        let Some(HistoryStanding::Told { file, .. }) = standing else {
            return;
        };
        if !is_online || chat.line.fetches_history {
            return;
        }
        chat.line.fetches_history = true;
        let (file, api, surroundings) = (file.clone(), self.api.clone(), self.surroundings.clone());
        self.start(async move {
            let fetched = match fetch::<P>(&api, &surroundings.clock, &file).await {
                Ok(Some(content)) => {
                    unpack(&content).map_or(FetchedHistory::Unusable, FetchedHistory::Messages)
                }
                Ok(None) => FetchedHistory::Unusable,
                Err(error) if error.code() == Some(ProblemCode::BlobNotFound) => FetchedHistory::Unusable,
                Err(_) => FetchedHistory::Failed,
            };
            Done::HistoryFetched {
                chat: id,
                fetched: Box::new(fetched),
            }
        });
    }

    /// What was told was read, or not.
    pub(crate) async fn history_fetched(&mut self, id: ChatId, fetched: FetchedHistory) {
        let records = self.surroundings.records.clone();
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        chat.line.fetches_history = false;
        if let Err(error) = chat.open(&records).await {
            return self.not_opened(chat, &error);
        }
        let standing = chat.record.group().map(|record| record.history.clone());
        let Some(HistoryStanding::Told { asked, by, .. }) = standing else {
            self.chats.insert(id, chat);
            return;
        };
        let mut changes = Changes::new();
        let next = match fetched {
            // Read again on the next connection.
            FetchedHistory::Failed => {
                self.chats.insert(id, chat);
                return;
            }
            // Somebody else may know better.
            FetchedHistory::Unusable => HistoryStanding::Wanted { asked },
            FetchedHistory::Messages(messages) => {
                if self
                    .put_told(&mut chat, by, messages, &mut changes)
                    .await
                    .is_err()
                {
                    return self.store_failed();
                }
                HistoryStanding::Settled
            }
        };
        let is_told = matches!(next, HistoryStanding::Settled);
        if let Some(record) = chat.record.group_mut() {
            record.history = next;
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        if is_told {
            self.events.emit(&Event::HistoryRestored { chat: id });
            self.events.emit(&Event::ChatChanged { chat: id });
            self.archive_soon(id, false);
        }
        self.advance(id).await;
    }

    /// Puts messages that a member has told where this device has none.
    async fn put_told(
        &mut self,
        chat: &mut OpenChat,
        by: AccountId,
        messages: Vec<ArchivedMessage>,
        changes: &mut Changes,
    ) -> Result<(), RecordsError> {
        let (Some(own), Some(since)) = (
            self.me.as_ref().map(|me| me.account),
            chat.group.as_ref().and_then(Chat::history_granted_since),
        ) else {
            return Ok(());
        };
        let records = self.surroundings.records.clone();
        let (id, begins) = (chat.id, chat.record.begins.0);
        let bounds = Bounds {
            own,
            since,
            now: self.now(),
            begins,
            missing: &chat.record.missing,
        };
        let (mut first, mut senders) = (None, BTreeSet::new());
        for mut message in bounds.taken(messages) {
            // By its id, too, it takes nothing's place.
            let place = record_key::place(id, message.message);
            if records.get::<u64>(&place).await?.is_some() {
                continue;
            }
            let position = message.position;
            message.told_by = Some(by);
            senders.insert(message.from.account);
            message.into_record(own, false).put(id, position, changes);
            first = Some(first.map_or(position, |first: u64| first.min(position)));
        }
        // Of what was said since then nothing more will come.
        if let Some(first) = first {
            chat.record.missing.remove(first..=begins);
        }
        chat.record.read = chat.record.read.max(begins);
        for sender in senders {
            self.look_up_nameless(sender);
        }
        Ok(())
    }
}

/// The content of a file; `None` if it is not as it was sealed.
async fn fetch<P: Platform>(
    api: &Api<P>,
    clock: &P::Clock,
    file: &HistoryFile,
) -> Result<Option<Vec<u8>>, ApiError> {
    let Ok(layout) = FileLayout::new(file.length) else {
        return Ok(None);
    };
    let mut sealed = Vec::new();
    while (sealed.len() as u64) < layout.sealed_length() {
        let from = sealed.len() as u64;
        let to = layout.sealed_length().min(from + FILE_PART_BYTES);
        sealed.extend(files::download(api, clock, file.blob, from..to).await?);
    }
    Ok(files::open(&file.key, layout, &sealed).ok())
}

fn hash_of(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}
