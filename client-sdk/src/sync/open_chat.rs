//! A chat as the engine holds it: its records in memory, and where the conversation with the server about it stands.

use super::Reply;
use super::group::GivenHistory;
use crate::chats::{ChatRecord, OutboxRecord, PendingCommitRecord, PendingReason, Stage, Told};
use crate::error::ClientError;
use crate::groups::IntentRecord;
use crate::messages::{MessageRecord, QueuedBody};
use crate::record_key;
use crate::store::{Changes, Records, RecordsError, Scan, Store};
use bytes::Bytes;
use sotto_crypto_core::{Chat, InvitedDevice, RecordChange};
use sotto_protocol::frame::Entry;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Epoch, MessageId, Seq, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many of a chat's last messages are remembered by id, to find one that comes again in another ciphertext.
const REMEMBERED: usize = 256;
/// Entries that are kept until those before them have come.
const EARLY: usize = 256;
/// After how long a device renews its keys in a group, in milliseconds: a week.
const RENEW_AFTER_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// A chat in memory.
pub(crate) struct OpenChat {
    pub(crate) id: ChatId,
    /// As stored.
    pub(crate) record: ChatRecord,
    /// The MLS group, once it was needed.
    pub(crate) group: Option<Chat>,
    /// As stored, in the order of sending.
    pub(crate) outbox: VecDeque<Queued>,
    /// As stored.
    pub(crate) pending: Option<PendingCommitRecord>,
    /// As stored, in the order in which they were asked for.
    pub(crate) intents: VecDeque<Intent>,
    /// How this device gets in, if it was taken out while it was away, once it has read that it was; or if its own way in proves
    /// void. It comes again on each connection.
    pub(crate) welcome_back: Option<WelcomeBack>,
    /// The ids of the last messages, once they were needed.
    recent: Option<VecDeque<MessageId>>,
    /// Whether the log was read to its end since this process has the chat. Only that shows whether the store was set back: then
    /// this device has said there what it does not remember, and may not use the keys again that it has used for it.
    pub(crate) is_checked: bool,
    /// What is between the server and this device now; gone with the connection.
    pub(crate) line: Line,
}

/// A message in the outbox.
pub(crate) struct Queued {
    pub(crate) ordinal: u64,
    pub(crate) record: OutboxRecord,
    /// Whether it was sent on this connection and is not answered.
    pub(crate) in_flight: bool,
}

/// A Welcome into a chat that this device is in still, as far as it knows, or on its way into.
pub(crate) struct WelcomeBack {
    /// The Commit that lets it in again.
    pub(crate) after: Seq,
    /// Whose it is, by what the server says.
    pub(crate) from: AccountId,
    /// The MLS Welcome.
    pub(crate) payload: Bytes,
}

impl WelcomeBack {
    pub(crate) fn new(after: Seq, from: AccountId, payload: &Bytes) -> Self {
        Self {
            after,
            from,
            payload: payload.clone(),
        }
    }
}

/// Something that was asked for in a group and is not done.
pub(crate) struct Intent {
    pub(crate) ordinal: u64,
    /// As stored, but for the names of accounts that were looked up since.
    pub(crate) record: IntentRecord,
    /// Why a part of it cannot be, which does not keep the rest from happening.
    pub(crate) failure: Option<ClientError>,
    /// Who waits for it.
    pub(crate) waiting: Vec<Reply<()>>,
    pub(crate) newcomers: Newcomers,
}

/// The devices that an intent adds.
pub(crate) struct Newcomers {
    pub(crate) search: Search,
    /// Those that were found and may be invited, an account's one after the other.
    pub(crate) invited: Vec<InvitedDevice>,
}

impl Newcomers {
    /// How many accounts of theirs are not among these.
    fn absent_from(&self, present: &BTreeSet<AccountId>) -> usize {
        let accounts: BTreeSet<AccountId> = self
            .invited
            .iter()
            .map(|device| device.address().account)
            .collect();
        accounts.difference(present).count()
    }
}

/// How far they have been looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// There is more to ask for.
    Open,
    /// It was asked for.
    Asked,
    /// All that can be found was found.
    Over,
}

impl Intent {
    fn new(ordinal: u64, record: IntentRecord) -> Self {
        Self {
            ordinal,
            record,
            failure: None,
            waiting: Vec::new(),
            newcomers: Newcomers {
                search: Search::Open,
                invited: Vec::new(),
            },
        }
    }

    /// Whether there is nothing to ask for before it is carried out.
    pub(crate) fn is_ready(&self) -> bool {
        match self.record {
            IntentRecord::Add { .. } | IntentRecord::Admit { .. } => self.newcomers.search == Search::Over,
            IntentRecord::PublishProfile => false,
            IntentRecord::Remove { .. }
            | IntentRecord::Settings(_)
            | IntentRecord::RemoveDevice(_)
            | IntentRecord::Invite(_)
            | IntentRecord::Revoke(_)
            | IntentRecord::Describe(_) => true,
        }
    }
}

/// Something that one member is to do for all, after a wait whose length is random: if another does it first, it is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Turn {
    /// There is nothing to do.
    #[default]
    None,
    /// The wait is on.
    Waits,
    /// It is this device's to do.
    Due,
}

/// How the objection to what halted a chat stands.
#[derive(Default)]
pub(crate) struct Objection {
    /// How often the server has noted it.
    pub(crate) times: u8,
    /// It is made, or to be made later.
    pub(crate) waits: bool,
    /// The Commit is to be looked at again.
    pub(crate) look: bool,
    /// It is to be tried whether the chat can be joined anew as it is.
    pub(crate) follow: bool,
}

/// Where the conversation with the server stands.
#[derive(Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each stands for one thing that is under way, whatever the others are"
)]
pub(crate) struct Line {
    /// The last entry that the server is known to have.
    pub(crate) seen: Seq,
    /// The server has refused something as stale: there is more than was seen.
    pub(crate) probe: bool,
    /// A page was asked for.
    pub(crate) fetching: bool,
    /// Own entries after `done` whose outcome is stored already.
    pub(crate) own_ahead: BTreeSet<Seq>,
    /// Entries that were pushed before those that come before them.
    pub(crate) early: BTreeMap<Seq, Entry>,
    /// A gap is given a moment to close by itself.
    pub(crate) gap_is_watched: bool,
    /// The Commit that was sent last, if it is not answered. Another's may have made it void meanwhile.
    pub(crate) commit_in_flight: Option<MessageId>,
    /// The pending Commit was refused as stale.
    pub(crate) commit_refused: bool,
    /// Whether the Commit that joins was sent with and without this device's earlier leaf.
    pub(crate) join_was_turned: bool,
    /// The last page that was fetched brought nothing of what is known to be there.
    pub(crate) is_fruitless: bool,
    /// The last entry that this device had read when the server refused something because that was not enough.
    pub(crate) behind: Option<Seq>,
    /// The epoch that the server named when it refused something made in the epoch before.
    pub(crate) epoch_on_server: Option<Epoch>,
    /// The group's state leads nowhere: join anew.
    pub(crate) lost: bool,
    /// What is needed to join was asked for.
    pub(crate) joining: bool,
    /// How the objection to what halted the chat stands.
    pub(crate) objection: Objection,
    /// The server wants to be left alone for a moment.
    pub(crate) paused: bool,
    /// Members who leave are to be taken out of the group.
    pub(crate) departures: Turn,
    /// Somebody who came in alone is to be told the group's profile.
    pub(crate) introduction: Turn,
    /// Newcomers whom this account and others have approved are to be let in.
    pub(crate) admissions: Turn,
    /// Devices that have asked for the group's key are to be answered.
    pub(crate) key_shares: Turn,
    /// Newcomers who have asked for what was said before are to be answered.
    pub(crate) history_shares: Turn,
    /// The file in which history was given last.
    pub(crate) given_history: Option<GivenHistory>,
    /// What this device was told of that is being read.
    pub(crate) fetches_history: bool,
    /// A marker was sent a moment ago.
    pub(crate) marker_waits: bool,
    /// Markers were sent, and perhaps not received.
    pub(crate) has_told: bool,
    /// Nobody is at this device any more, and the last marker does not say so.
    pub(crate) is_leaving_sight: bool,
    /// Others' markers of epochs that are to come.
    pub(crate) held_markers: BTreeMap<DeviceAddress, Bytes>,
    /// The epoch in which these were kept last.
    pub(crate) held_in: Option<Epoch>,
    /// Those who join need a GroupInfo, as the last was taken back with its Commit.
    pub(crate) restoration: Turn,
}

impl OpenChat {
    /// A chat that is new to this device.
    pub(crate) fn new(id: ChatId, record: ChatRecord, group: Chat) -> Self {
        Self {
            id,
            record,
            group: Some(group),
            outbox: VecDeque::new(),
            pending: None,
            intents: VecDeque::new(),
            welcome_back: None,
            recent: None,
            is_checked: true,
            line: Line::default(),
        }
    }

    /// A chat of which the group is not in memory, if this device has it.
    pub(crate) fn unopened(id: ChatId, record: ChatRecord) -> Self {
        Self {
            id,
            record,
            group: None,
            outbox: VecDeque::new(),
            pending: None,
            intents: VecDeque::new(),
            welcome_back: None,
            recent: None,
            is_checked: false,
            line: Line::default(),
        }
    }

    /// Every chat in the store, without the groups.
    pub(crate) async fn load_all<S: Store>(records: &Records<S>) -> Result<Vec<Self>, RecordsError> {
        let found = records
            .scan::<ChatRecord>(Scan::prefix(record_key::chats()))
            .await?;
        let mut chats: BTreeMap<ChatId, Self> = found
            .into_iter()
            .filter_map(|(key, record)| {
                let id = record_key::first_id(&key)?;
                Some((id, Self::unopened(id, record)))
            })
            .collect();
        let outboxes = records
            .scan::<OutboxRecord>(Scan::prefix(record_key::outboxes()))
            .await?;
        for (key, record) in outboxes {
            let Some((id, ordinal)) = record_key::outbox_parts(&key) else {
                continue;
            };
            if let Some(chat) = chats.get_mut(&id) {
                chat.outbox.push_back(Queued {
                    ordinal,
                    record,
                    in_flight: false,
                });
            }
        }
        let pending = records
            .scan::<PendingCommitRecord>(Scan::prefix(record_key::pending_commits()))
            .await?;
        for (key, record) in pending {
            if let Some(chat) = record_key::first_id(&key).and_then(|id| chats.get_mut(&id)) {
                chat.pending = Some(record);
            }
        }
        let intents = records
            .scan::<IntentRecord>(Scan::prefix(record_key::intents()))
            .await?;
        for (key, record) in intents {
            let (Some(id), Some(ordinal)) = (record_key::first_id(&key), record_key::last_number(&key))
            else {
                continue;
            };
            if let Some(chat) = chats.get_mut(&id) {
                chat.intents.push_back(Intent::new(ordinal, record));
            }
        }
        Ok(chats.into_values().collect())
    }

    /// Keeps an intent behind those that are kept.
    pub(crate) fn want(&mut self, record: IntentRecord, changes: &mut Changes) {
        let ordinal = self.intents.back().map_or(0, |intent| intent.ordinal) + 1;
        changes.put(record_key::intent(self.id, ordinal), &record);
        self.intents.push_back(Intent::new(ordinal, record));
    }

    /// How many accounts the intents are still to add, as far as that is known without looking who is in already.
    pub(crate) fn to_be_added(&self) -> usize {
        let present: BTreeSet<AccountId> = match &self.group {
            Some(group) => group.members().iter().map(|member| member.account).collect(),
            None => BTreeSet::new(),
        };
        self.intents
            .iter()
            .map(|intent| match (&intent.record, intent.newcomers.search) {
                (IntentRecord::Add { names }, Search::Open | Search::Asked) => {
                    names.len() + intent.newcomers.absent_from(&present)
                }
                (IntentRecord::Add { .. }, Search::Over) => intent.newcomers.absent_from(&present),
                (_, _) => 0,
            })
            .sum()
    }

    /// Whether this intent is kept already.
    pub(crate) fn wants(&self, record: &IntentRecord) -> bool {
        self.intents.iter().any(|intent| intent.record == *record)
    }

    /// Whether a Commit is to be made, or an intent to be carried out otherwise, as soon as nothing of this device is in flight.
    pub(crate) fn wants_commit(&self) -> bool {
        self.record.stage == Stage::Member && (self.line.departures == Turn::Due || self.has_next_intent())
    }

    /// Whether the first intent can be carried out, and is not being.
    pub(crate) fn has_next_intent(&self) -> bool {
        self.intents
            .front()
            .is_some_and(|intent| intent.is_ready() && !self.is_said(intent.ordinal))
    }

    /// Whether it is on its way in for the first time, and there is nothing here that would be lost.
    pub(crate) fn is_never_in(&self) -> bool {
        self.record.stage == Stage::Joining && self.record.done == Seq::ZERO && self.outbox.is_empty()
    }

    /// Whether this message is a new profile that waits in the outbox.
    pub(crate) fn is_new_profile(&self, message: MessageId) -> bool {
        self.outbox.iter().any(|queued| {
            queued.record.message == message
                && matches!(queued.record.body, QueuedBody::NewGroupProfile { .. })
        })
    }

    /// Whether what carries this intent out waits in the outbox.
    fn is_said(&self, ordinal: u64) -> bool {
        self.outbox.iter().any(|queued| {
            matches!(queued.record.body, QueuedBody::NewGroupProfile { intent, .. } if intent == ordinal)
        })
    }

    /// Reads what is needed of the store to encrypt and to decrypt, unless it is in memory already.
    pub(crate) async fn open<S: Store>(&mut self, records: &Records<S>) -> Result<(), OpenError> {
        if self.group.is_none() {
            let prefix: Vec<u8> = record_key::group(self.id).into();
            let found = match records.scan_bytes(Scan::prefix(prefix.clone())).await {
                Ok(found) => found,
                // The store itself is sound: of the group nothing is left that could be used.
                Err(RecordsError::Unopened) => return Err(OpenError::Group),
                Err(error) => return Err(error.into()),
            };
            let group_records = found.into_iter().filter_map(|(key, value)| {
                let key = key.strip_prefix(prefix.as_slice())?.to_vec();
                Some((key, value.expose().to_vec()))
            });
            self.group = Some(Chat::load(group_records).map_err(|_| OpenError::Group)?);
        }
        if self.recent.is_none() {
            let scan = Scan::prefix(record_key::messages(self.id))
                .descending()
                .limit(REMEMBERED);
            let found = records.scan::<MessageRecord>(scan).await?;
            self.recent = Some(
                found
                    .into_iter()
                    .rev()
                    .map(|(_, record)| record.message)
                    .collect(),
            );
        }
        Ok(())
    }

    /// Whether a message with this id is among the last.
    pub(crate) fn has_recent(&self, message: MessageId) -> bool {
        self.recent
            .as_ref()
            .is_some_and(|recent| recent.contains(&message))
    }

    /// Remembers a message.
    pub(crate) fn remember(&mut self, message: MessageId) {
        let recent = self.recent.get_or_insert_default();
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(message);
    }

    /// What the group has changed, and the chat's own record, for the operation's batch.
    pub(crate) fn write_to(&mut self, changes: &mut Changes) {
        if let Some(group) = &mut self.group {
            put_group_changes(self.id, group.take_changes(), changes);
            if let Some(rules) = group.rules().as_group() {
                self.record.retention = rules.retention;
            }
            self.record.note_epoch(group);
        }
        changes.put(record_key::chat(self.id), &self.record);
    }

    /// Forgets what was between the server and this device.
    pub(crate) fn hang_up(&mut self) {
        if self.line.has_told {
            // It may have been lost with the connection.
            self.record.told = Told::default();
        }
        self.line = Line::default();
        self.welcome_back = None;
        for queued in &mut self.outbox {
            queued.in_flight = false;
        }
    }

    /// The last entry is processed, as far as is known.
    pub(crate) fn is_caught_up(&self) -> bool {
        !self.line.probe && !self.line.fetching && self.record.done >= self.line.seen
    }

    /// Whether the server has not accepted this message of this device yet, as far as is known.
    pub(crate) fn is_queued(&self, message: MessageId) -> bool {
        self.outbox.iter().any(|queued| queued.record.message == message)
    }

    /// Whether the log has to be read before this device says anything in the chat: see [`Self::is_checked`].
    pub(crate) fn is_to_be_checked(&self) -> bool {
        !self.is_checked && self.pending.is_none() && (!self.outbox.is_empty() || self.wants_commit())
    }

    /// Whether messages are on their way.
    pub(crate) fn has_in_flight(&self) -> bool {
        self.outbox.iter().any(|queued| queued.in_flight)
    }

    /// Whether this device ought to renew its keys in the group.
    pub(crate) fn is_renewal_due(&self, now: Timestamp) -> bool {
        let is_old = |at: Timestamp| at.plus_millis(RENEW_AFTER_MS) <= now;
        self.record.stage == Stage::Member
            && (self.line.restoration == Turn::Due || self.record.renewed_at.is_none_or(is_old))
    }

    /// A Commit has brought a GroupInfo.
    pub(crate) fn is_restored(&mut self) {
        self.record.restored = None;
        self.line.restoration = Turn::None;
    }

    /// The server has answered a Commit of this device.
    pub(crate) fn commit_answered(&mut self, message: MessageId) {
        if self.line.commit_in_flight == Some(message) {
            self.line.commit_in_flight = None;
        }
    }

    /// Counts an entry as processed, and own ones that follow it.
    pub(crate) fn advance_to(&mut self, seq: Seq) {
        self.record.done = self.record.done.max(seq);
        while self.line.own_ahead.remove(&self.record.done.next()) {
            self.record.done = self.record.done.next();
        }
        let next = self.record.done.next();
        self.line.own_ahead = self.line.own_ahead.split_off(&next);
        self.line.early = self.line.early.split_off(&next);
    }

    /// Counts an own entry, whose outcome goes into the batch, as processed as soon as those before it are.
    pub(crate) fn settle_own(&mut self, seq: Seq) {
        if seq == self.record.done.next() {
            self.advance_to(seq);
        } else if seq > self.record.done {
            self.line.own_ahead.insert(seq);
        }
    }

    /// Keeps an entry for when those before it have come. Of too many the last ones are fetched again.
    pub(crate) fn keep_early(&mut self, entry: Entry) {
        if self.line.early.len() < EARLY {
            self.line.early.insert(entry.seq, entry);
        } else {
            self.line.seen = self.line.seen.max(entry.seq);
        }
    }

    /// The next entry of the log, if it came early.
    pub(crate) fn take_early(&mut self) -> Option<Entry> {
        self.line.early.remove(&self.record.done.next())
    }

    /// Whether something is missing before what is here.
    pub(crate) fn has_gap(&self) -> bool {
        !self.line.own_ahead.is_empty() || !self.line.early.is_empty()
    }

    /// A gap has not closed by itself: it is to be fetched.
    pub(crate) fn see_gap(&mut self) {
        let own = self.line.own_ahead.last().copied();
        let early = self.line.early.keys().last().copied();
        self.line.seen = self.line.seen.max(own.max(early).unwrap_or_default());
    }

    /// Something made in `epoch` was refused because the server is in another one.
    pub(crate) fn note_stale(&mut self, epoch: Epoch, on_server: Option<Epoch>) {
        match on_server {
            // The server is behind what it has confirmed to this device: it was set back, or this device's state was.
            Some(on_server) if on_server < epoch => self.line.lost = true,
            _ => self.line.epoch_on_server = self.line.epoch_on_server.max(on_server),
        }
    }

    /// Something was refused because this device had read no further than `after`: what is left to read is read. `false` if that
    /// was done, and there was nothing.
    pub(crate) fn note_behind(&mut self, after: Seq) -> bool {
        if self.record.done > after || !self.is_caught_up() {
            return true;
        }
        self.line.probe = true;
        self.line.behind.replace(after) != Some(after)
    }

    /// Whether a message may be in the log although nothing here says so.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.outbox.iter().any(|queued| queued.record.sealed.is_some())
    }

    /// Whether the log was read to its end without reaching the epoch that the server is in.
    pub(crate) fn is_left_behind(&self) -> bool {
        let here = self.group.as_ref().map(Chat::epoch);
        self.is_caught_up()
            && self.line.epoch_on_server.is_some()
            && here.is_some()
            && self.line.epoch_on_server > here
    }

    /// Whether the pending Commit is this entry.
    pub(crate) fn is_pending(&self, message: MessageId) -> bool {
        self.pending
            .as_ref()
            .is_some_and(|pending| pending.message == message)
    }

    /// Makes the Commit that joins declare what it did not: whether this device has an earlier leaf in the group is for the
    /// server to say, as it may have been invited and have lost that. `false` if both were tried.
    pub(crate) fn turn_join(&mut self) -> bool {
        if core::mem::replace(&mut self.line.join_was_turned, true) {
            return false;
        }
        match &mut self.pending {
            Some(PendingCommitRecord {
                reason: PendingReason::Join { again, .. },
                ..
            }) => {
                *again = !*again;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether the pending Commit is to bring the account into an open group.
    pub(crate) fn joins_as_newcomer(&self) -> bool {
        let reason = self.pending.as_ref().map(|pending| &pending.reason);
        matches!(
            reason,
            Some(PendingReason::Join {
                as_newcomer: true,
                ..
            })
        )
    }

    /// The pending Commit, if there is one, will not be in the log.
    pub(crate) fn discard_commit(&mut self, changes: &mut Changes) {
        if self.pending.take().is_none() {
            return;
        }
        changes.delete(record_key::pending_commit(self.id));
        self.line.commit_refused = false;
        if let Some(group) = self.group.as_mut().filter(|group| group.has_pending_commit())
            && group.discard_commit().is_err()
        {
            self.line.lost = true;
        }
    }

    /// Puts this device's first renewal off, which is due as soon as it was added: a hundred devices that are added by one Commit
    /// would make a hundred at once, of which one is taken, and in a large group each is many bytes to every member.
    pub(crate) fn put_off_first_renewal(&mut self, now: Timestamp, wait_ms: u64) {
        self.record.renewed_at = (wait_ms > 0).then(|| {
            let renewed_at = now.0.saturating_add(wait_ms).saturating_sub(RENEW_AFTER_MS);
            Timestamp(renewed_at)
        });
    }

    /// Whether the device waits to be let in by its own external Commit.
    pub(crate) fn is_joining(&self) -> bool {
        self.pending
            .as_ref()
            .is_some_and(|pending| matches!(pending.reason, PendingReason::Join { .. }))
    }
}

/// Why a chat cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The store failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The group's records are damaged: join anew.
    #[error("the group's records cannot be read")]
    Group,
}

/// Adds a group's changes to a batch.
pub(crate) fn put_group_changes(chat: ChatId, group: Vec<RecordChange>, changes: &mut Changes) {
    for RecordChange { key, value } in group {
        let key = record_key::group_record(chat, &key);
        match value {
            Some(value) => changes.put_bytes(key, value),
            None => changes.delete(key),
        }
    }
}
