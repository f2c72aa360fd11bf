//! The engine: one task that owns all state that changes, and so never uses one ratchet twice at a time.
//!
//! Its order makes crashes harmless: persist, then send; process, persist, then acknowledge. Whatever belongs to one
//! operation goes into the store in one batch. If the store refuses it, what is in memory is dropped and read anew.

mod archiving;
mod backoff;
mod catching_up;
#[cfg(test)]
mod catching_up_tests;
mod commands;
mod commits;
mod devices;
mod erasures;
mod expiry;
mod exporting;
mod group;
mod inbox;
mod input;
mod join;
mod key_packages;
mod link;
#[cfg(test)]
mod link_tests;
mod log_in;
mod markers;
mod message_changes;
mod new_communities;
mod newcomers;
mod notices;
mod oidc;
mod online;
mod open_chat;
mod other_logins;
mod outbox;
mod own_devices;
mod own_marks;
mod passkeys;
mod people;
mod presence;
mod privacy;
mod refusal;
mod register;
mod requests;
mod restoring;
mod retention;
#[cfg(test)]
mod scripted;
mod shared_records;
mod signals;
mod start;
mod uploads;
mod verdicts;
mod wake_up;
mod welcome;

pub(crate) use archiving::ArchiveCommand;
pub(crate) use backoff::{Backoff, up_to};
pub(crate) use exporting::{ExportCommand, ExportPlan};
pub(crate) use group::GroupCommand;
pub(crate) use input::{Command, Done, Input, NewBlob, Reply};
pub(crate) use message_changes::MessageChange;
pub(crate) use oidc::OidcCommand;
pub(crate) use open_chat::{OpenChat, put_group_changes};
pub(crate) use other_logins::LoginCommand;
pub(crate) use own_devices::DeviceCommand;
pub(crate) use own_marks::MarkCommand;
pub(crate) use passkeys::{OwnersProof, PasskeyCommand};
#[cfg(test)]
pub(crate) use scripted::{Scripted, ScriptedTransport};
pub(crate) use shared_records::SharedRecord;
pub(crate) use wake_up::WakeUpCommand;

use crate::account::{Account, AccountRecord, Session, SessionRecord};
use crate::api::Api;
use crate::archive::{ArchiveHeads, ArchiveRecord};
use crate::chats::{ChatPreferences, CreationRecord, Stage};
use crate::contacts::Contacts;
use crate::error::ClientError;
use crate::events::{ConnectionState, Event, EventHub, LogOutReason};
use crate::messages::{Drafts, Stars};
use crate::notices::Notices;
use crate::platform::{Clock, MaybeSend, Platform};
use crate::privacy::PrivacyRecord;
use crate::record_key;
use crate::shared::Shared;
use crate::store::{Changes, RecordsError, Scan};
use crate::surroundings::Surroundings;
use archiving::Archiving;
use async_channel::{Receiver, Sender};
use core::time::Duration;
use inbox::Arrived;
use oidc::HeldTicket;
use online::LinkHandle;
use passkeys::PendingPasskey;
use presence::Company;
use requests::Requests;
use restoring::Restoring;
use shared_records::Sharing;
use signals::Signals;
use sotto_crypto_core::{AccountRoot, CryptoRng, Device, InviteLink, KeyPackages, OwnMarkers};
use sotto_protocol::{AccountId, AccountName, Ban, ChatId, DeviceAddress, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uploads::Uploads;
use wake_up::WakeUps;

/// Randomness for the client: the operating system's, or in a simulation a seeded one.
pub type ClientRng = Box<dyn CryptoRng + Send + Sync>;

/// How many inputs are taken from the queue at once: entries among them share a batch.
const INPUTS_AT_ONCE: usize = 256;
/// How often the engine looks whether something is due.
const TICK: Duration = Duration::from_hours(1);

/// The engine. See the module.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each stands for one thing that is so or not, whatever the others are"
)]
pub(crate) struct Engine<P: Platform> {
    surroundings: Arc<Surroundings<P>>,
    shared: Arc<Shared>,
    session: Arc<Session<P>>,
    api: Api<P>,
    rng: ClientRng,
    /// What the application calls this device, for when it enrols.
    device_name: Option<String>,
    events: EventHub,
    inputs: Receiver<Input>,
    to_self: Sender<Input>,
    me: Option<Me>,
    /// Whether there is a session.
    logged_in: bool,
    contacts: Contacts,
    key_packages: KeyPackages,
    chats: BTreeMap<ChatId, OpenChat>,
    /// Chats that this device is creating.
    creations: BTreeMap<ChatId, Creation>,
    /// Who waits for a chat that another device began.
    awaited: BTreeMap<ChatId, Vec<Reply<ChatId>>>,
    /// Invite links by which groups are being joined.
    links: BTreeMap<ChatId, InviteLink>,
    /// A passkey for which the browser is being asked.
    passkey: Option<PendingPasskey>,
    /// What shows who somebody is at the OpenID provider.
    oidc: Option<HeldTicket>,
    /// Chats that are joined alone until there is a record of them.
    joining: BTreeSet<ChatId>,
    /// Chats that this device has come into are about to be held against the list of devices.
    watching_new_chats: bool,
    /// Profiles that are being read.
    looking_up: BTreeSet<AccountId>,
    /// How often the own profile is being read.
    own_profiles_awaited: usize,
    /// Members of groups whose names are wanted.
    nameless: BTreeSet<AccountId>,
    /// The server is being asked to erase entries.
    erasing: bool,
    /// When the next message vanishes, as far as a timer is set for it.
    next_expiry: Option<Timestamp>,
    /// The stock of KeyPackages is being looked after.
    stocking: bool,
    requests: Requests,
    /// What is decided about strangers, and what others are told, is being shared.
    sharing: Sharing,
    /// What others are told.
    privacy: PrivacyRecord,
    /// What the account has marked for itself.
    stars: Stars,
    preferences: ChatPreferences,
    drafts: Drafts,
    uploads: Uploads,
    /// What is known of each chat's archive, as stored.
    archives: BTreeMap<ChatId, ArchiveRecord>,
    /// As stored.
    archive_heads: ArchiveHeads,
    archiving: Archiving,
    restoring: Restoring,
    wake_ups: WakeUps,
    notices: Notices,
    /// It is being asked for new communities.
    looks_for_communities: bool,
    signals: Signals,
    company: Company,
    link: Option<LinkHandle>,
    attempts: u64,
    backoff: Backoff,
    /// Whether a connection is wanted.
    wanted: bool,
    /// The store has failed: memory is to be read anew before anything else.
    unloaded: bool,
    closed: bool,
}

/// Oneself.
pub(crate) struct Me {
    pub(crate) account: AccountId,
    pub(crate) name: AccountName,
    pub(crate) device: Device,
    pub(crate) own_markers: OwnMarkers,
}

impl Me {
    /// The account and device.
    pub(crate) const fn address(&self) -> DeviceAddress {
        self.device.address()
    }

    /// What a stored record says, if the server has confirmed the device.
    pub(crate) fn from_record(record: &AccountRecord) -> Result<Self, ClientError> {
        let device =
            Device::decode(&record.device).map_err(|_| ClientError::Store(RecordsError::Malformed))?;
        Ok(Self {
            account: record.account,
            name: record.name.clone(),
            device,
            own_markers: OwnMarkers::new(&AccountRoot::from_bytes(record.root)),
        })
    }

    /// The account as the application sees it.
    pub(crate) fn to_account(&self) -> Account {
        Account {
            account: self.account,
            name: self.name.clone(),
            device: self.device.address().device,
        }
    }
}

/// A chat that is being created.
pub(crate) struct Creation {
    pub(crate) record: CreationRecord,
    pub(crate) in_flight: bool,
    pub(crate) waiting: Vec<Reply<ChatId>>,
}

/// What the engine is made of.
pub(crate) struct EngineParts<P: Platform> {
    pub(crate) surroundings: Arc<Surroundings<P>>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) session: Arc<Session<P>>,
    pub(crate) session_ended: Receiver<Option<Ban>>,
    pub(crate) events: EventHub,
    pub(crate) rng: ClientRng,
    pub(crate) device_name: Option<String>,
    pub(crate) inputs: Receiver<Input>,
    pub(crate) to_self: Sender<Input>,
}

impl<P: Platform> Engine<P> {
    /// The engine over what the store holds.
    pub(crate) async fn load(parts: EngineParts<P>) -> Result<Self, ClientError> {
        let api = Api::new(Arc::clone(&parts.surroundings), Arc::clone(&parts.session));
        let mut engine = Self {
            surroundings: parts.surroundings,
            shared: parts.shared,
            session: parts.session,
            api,
            rng: parts.rng,
            device_name: parts.device_name,
            events: parts.events,
            inputs: parts.inputs,
            to_self: parts.to_self,
            me: None,
            logged_in: false,
            contacts: Contacts::default(),
            key_packages: KeyPackages::new(),
            chats: BTreeMap::new(),
            creations: BTreeMap::new(),
            awaited: BTreeMap::new(),
            links: BTreeMap::new(),
            passkey: None,
            oidc: None,
            joining: BTreeSet::new(),
            watching_new_chats: false,
            looking_up: BTreeSet::new(),
            own_profiles_awaited: 0,
            nameless: BTreeSet::new(),
            erasing: false,
            next_expiry: None,
            stocking: false,
            requests: Requests::default(),
            sharing: Sharing::default(),
            privacy: PrivacyRecord::default(),
            stars: Stars::default(),
            preferences: ChatPreferences::default(),
            drafts: Drafts::default(),
            uploads: Uploads::default(),
            archives: BTreeMap::new(),
            archive_heads: ArchiveHeads::default(),
            archiving: Archiving::default(),
            restoring: Restoring::default(),
            wake_ups: WakeUps::default(),
            notices: Notices::default(),
            looks_for_communities: false,
            signals: Signals::default(),
            company: Company::default(),
            link: None,
            attempts: 0,
            backoff: Backoff::default(),
            wanted: false,
            unloaded: false,
            closed: false,
        };
        engine.read_store().await?;
        engine.delete_expired().await?;
        engine.wanted = engine.logged_in;
        engine.forward_session_end(parts.session_ended);
        engine.tick_every(TICK);
        Ok(engine)
    }

    /// Reads everything that is held in memory.
    async fn read_store(&mut self) -> Result<(), ClientError> {
        let records = self.surroundings.records.clone();
        let account = records.get::<AccountRecord>(&record_key::account()).await?;
        let session = records.get::<SessionRecord>(&record_key::session()).await?;
        self.logged_in = session.is_some();
        self.me = match account {
            Some(record) if record.enrolled => Some(Me::from_record(&record)?),
            Some(_) | None => None,
        };
        let mut contacts = Contacts::load(&records).await?;
        if let Some(me) = &self.me {
            contacts.set_own(me.account, me.name.clone(), me.device.credential().identity_key);
        }
        self.contacts = contacts;
        let privacy = records.get::<PrivacyRecord>(&record_key::privacy()).await?;
        self.privacy = privacy.unwrap_or_default();
        self.stars = records.get(&record_key::stars()).await?.unwrap_or_default();
        self.preferences = records
            .get(&record_key::chat_preferences())
            .await?
            .unwrap_or_default();
        self.drafts = records.get(&record_key::drafts()).await?.unwrap_or_default();
        self.archive_heads = records
            .get(&record_key::archive_heads())
            .await?
            .unwrap_or_default();
        let archives = records
            .scan::<ArchiveRecord>(Scan::prefix(record_key::archives()))
            .await?;
        self.archives = archives
            .into_iter()
            .filter_map(|(key, record)| Some((record_key::first_id(&key)?, record)))
            .collect();
        self.read_uploads().await?;
        self.read_wake_up().await?;
        self.notices = Notices::load(&records).await?;
        self.read_key_packages().await?;
        let chats = OpenChat::load_all(&records).await?;
        self.chats = chats.into_iter().map(|chat| (chat.id, chat)).collect();
        let creations = records
            .scan::<CreationRecord>(Scan::prefix(record_key::creations()))
            .await?;
        self.creations = creations
            .into_iter()
            .filter_map(|(key, record)| {
                let creation = Creation {
                    record,
                    in_flight: false,
                    waiting: Vec::new(),
                };
                Some((record_key::first_id(&key)?, creation))
            })
            .collect();
        self.unloaded = false;
        self.publish();
        Ok(())
    }

    /// Runs until the client is closed or nobody is left to want anything.
    pub(crate) async fn run(mut self) {
        if self.wanted {
            self.start_link(Duration::ZERO);
        }
        while !self.closed {
            let Ok(first) = self.inputs.recv().await else {
                break;
            };
            self.take_some(first).await;
        }
        if !self.closed {
            self.shut_down().await;
        }
    }

    /// Handles what is waiting. Entries that came for one chat are processed together: they share a batch.
    async fn take_some(&mut self, first: Input) {
        let mut arrived: BTreeMap<ChatId, Vec<Arrived>> = BTreeMap::new();
        let mut taken = 0;
        let mut next = Some(first);
        while let Some(input) = next.take() {
            if let Some(input) = self.gather(input, &mut arrived) {
                self.process_all(core::mem::take(&mut arrived)).await;
                self.handle(input).await;
                if self.closed {
                    return;
                }
            }
            taken += 1;
            if taken < INPUTS_AT_ONCE {
                next = self.inputs.try_recv().ok();
            }
        }
        self.process_all(arrived).await;
        self.look_after_catching_up();
    }

    async fn process_all(&mut self, arrived: BTreeMap<ChatId, Vec<Arrived>>) {
        for (chat, arrived) in arrived {
            self.process(chat, arrived).await;
        }
    }

    async fn handle(&mut self, input: Input) {
        match input {
            Input::Command(command) => self.command(command).await,
            Input::Link { attempt, event } => self.link_event(attempt, event).await,
            Input::Done(done) => self.done(*done).await,
            Input::SessionEnded(None) => self.session_over(LogOutReason::SessionEnded).await,
            Input::SessionEnded(Some(ban)) => self.banned(ban).await,
            Input::Tick => self.tick().await,
            Input::Resume(chat) => {
                if let Some(open) = self.chats.get_mut(&chat) {
                    open.line.paused = false;
                }
                self.advance(chat).await;
            }
            Input::GapOverdue(chat) => self.gap_overdue(chat).await,
            Input::WelcomeOverdue(chat) => self.welcome_overdue(chat),
            Input::ObjectionDue(chat) => self.objection_due(chat).await,
            Input::RestorationDue(chat) => self.restoration_due(chat).await,
            Input::DeparturesDue(chat) => self.departures_due(chat).await,
            Input::IntroductionDue(chat) => self.introduction_due(chat).await,
            Input::KeySharesDue(chat) => self.key_shares_due(chat).await,
            Input::HistorySharesDue(chat) => self.history_shares_due(chat).await,
            Input::DevicesDue(version) => self.devices_due(version).await,
            Input::NewChatsDue => self.new_chats_due().await,
            Input::OwnProfileDue => self.own_profile_due(),
            Input::ExpiryDue => self.expiry_due().await,
            Input::AdmissionsDue(chat) => self.admissions_due(chat).await,
            Input::MarkerDue(chat) => self.marker_due(chat),
            Input::TypingOverdue { chat, account } => self.typing_overdue(chat, account),
            Input::DraftsDue => self.drafts_due().await,
            Input::PresenceDue => self.presence_due(),
            Input::PresenceOverdue(device) => self.presence_overdue(device),
            Input::ArchivesDue => self.archives_due().await,
            Input::ArchiveUnclaimed(chat) => self.archive_unclaimed(chat).await,
            Input::ArchiveHeadsDue => self.archive_heads_due().await,
            Input::SilenceOver => self.silence_over(),
            Input::CatchUpOverdue(outage) => self.catch_up_overdue(outage),
        }
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Profile { account, result } => self.profile_read(account, result).await,
            Done::Person { starting, result } => self.person_read(starting, result).await,
            Done::Claimed { starting, result } => self.key_packages_claimed(starting, result).await,
            Done::Created { chat, result } => self.chat_created(chat, result).await,
            Done::Objected { chat, result } => self.objected(chat, result).await,
            Done::GroupInfo { chat, result } => self.group_info_read(chat, result).await,
            Done::Stock { result } => self.stock_read(result).await,
            Done::CommunitiesFound { since, result, reply } => {
                self.communities_found(since, result, reply).await;
            }
            Done::Published => self.stocking = false,
            Done::SharedRecords { result } => self.records_shared(result).await,
            Done::Newcomers {
                purpose,
                suite,
                found,
            } => self.newcomers_read(purpose, suite, found).await,
            Done::Left { chat, result } => self.left(chat, result).await,
            Done::Deleted { chat, reply, result } => self.deleted(chat, reply, result).await,
            Done::PublicGroup { reply, result } => self.public_group_read(reply, result).await,
            Done::GroupToAsk { reply, result } => self.ask_group(reply, result).await,
            Done::JoinRequests { chat, reply, result } => self.join_requests_read(chat, reply, result).await,
            Done::OwnProfile { result } => self.own_profile_read(result).await,
            Done::Answered { reply, result } => reply.send(result.map_err(Into::into)),
            Done::Erased {
                chat,
                entries,
                result,
            } => self.erased(chat, entries, result).await,
            Done::BlobErased { blob, result } => self.blob_erased(blob, result).await,
            Done::Uploaded { message, result } => self.uploaded(message, result).await,
            Done::Archived { chat, outcome } => self.archived(chat, *outcome).await,
            Done::HistoryStored { chat, before, stored } => self.history_stored(chat, before, *stored).await,
            Done::HistoryFetched { chat, fetched } => self.history_fetched(chat, *fetched).await,
            Done::ArchivesListed { result } => self.archives_listed(result).await,
            Done::ArchiveShown { chat, result } => self.archive_shown(chat, result).await,
            Done::ArchiveShownAgain {
                chat,
                revision,
                absent,
                result,
            } => self.archive_shown_again(chat, revision, absent, result).await,
            Done::SegmentsRead {
                chat,
                revision,
                result,
            } => self.segments_read(chat, revision, result).await,
            Done::ListedProfile { chat, result } => self.listed_profile_read(chat, result).await,
            Done::WakeUp { errand, result } => self.errand_done(errand, result).await,
            Done::ProfilePublished { chat, intent, result } => {
                self.profile_published(chat, intent, result).await;
            }
        }
    }

    async fn tick(&mut self) {
        if !self.is_online() {
            return;
        }
        self.look_after_key_packages();
        self.look_for_communities().await;
        self.look_after_wake_up(None);
        self.share_records(None).await;
        let chats: Vec<ChatId> = self.chats.keys().copied().collect();
        for chat in chats {
            self.advance(chat).await;
        }
    }

    /// The server has ended the session, or the user has: what is stored stays, and nothing is sent.
    async fn session_over(&mut self, reason: LogOutReason) {
        if !self.logged_in {
            return;
        }
        self.session.end().await;
        self.oidc = None;
        let mut changes = Changes::new();
        changes.delete(record_key::session());
        self.logged_in = false;
        self.wanted = false;
        self.stop_uploads();
        self.stop_link();
        self.answer_all(&ClientError::NotLoggedIn);
        if self.flush(changes).await.is_err() {
            // The tokens stay in the store. They are worth nothing; the next start finds that out again.
            self.events.emit(&Event::StoreFailed);
        }
        self.publish();
        self.events.emit(&Event::LoggedOut { reason });
    }

    /// The server lets the account in no more, for now or for good. The session may be good again when that is over, but a user who has
    /// to log in then knows what has happened.
    async fn banned(&mut self, ban: Ban) {
        if !self.logged_in {
            return;
        }
        self.answer_all(&ClientError::Banned(ban.clone()));
        self.events.emit(&Event::Banned(ban));
        self.session_over(LogOutReason::Banned).await;
    }

    fn forward_session_end(&self, session_ended: Receiver<Option<Ban>>) {
        let to_self = self.to_self.clone();
        P::spawn(async move {
            while let Ok(ban) = session_ended.recv().await {
                if to_self.send(Input::SessionEnded(ban)).await.is_err() {
                    break;
                }
            }
        });
    }

    fn tick_every(&self, period: Duration) {
        let surroundings = Arc::clone(&self.surroundings);
        let to_self = self.to_self.clone();
        P::spawn(async move {
            loop {
                surroundings.clock.sleep(period).await;
                if to_self.send(Input::Tick).await.is_err() {
                    break;
                }
            }
        });
    }

    /// Starts a task whose finding comes back as an input.
    fn start(&self, task: impl Future<Output = Done> + MaybeSend + 'static) {
        let to_self = self.to_self.clone();
        P::spawn(async move {
            // An engine that is gone has no use for it.
            let _ = to_self.send(Input::Done(Box::new(task.await))).await;
        });
    }

    /// Gives the engine this input after a while.
    fn later(&self, wait: Duration, input: Input) {
        let surroundings = Arc::clone(&self.surroundings);
        let to_self = self.to_self.clone();
        P::spawn(async move {
            surroundings.clock.sleep(wait).await;
            let _ = to_self.send(input).await;
        });
    }

    fn now(&self) -> Timestamp {
        self.surroundings.clock.now()
    }

    /// Writes `changes` in one batch, and what becomes of notices by them.
    async fn flush(&mut self, mut changes: Changes) -> Result<(), RecordsError> {
        self.notices.follow(&mut changes, &self.contacts);
        let are_others = changes
            .iter()
            .any(|(key, _)| record_key::notice_id(key).is_some());
        let sealed = self.surroundings.records.seal(&mut self.rng, changes);
        self.surroundings.records.apply_sealed(sealed).await?;
        if are_others {
            self.events.emit(&Event::NoticesChanged);
        }
        Ok(())
    }

    /// The store has refused a batch: what is in memory may be ahead of it, and is dropped. The connection goes with it, so
    /// that everything which was not acknowledged comes again after a while.
    fn store_failed(&mut self) {
        self.unloaded = true;
        self.answer_all(&ClientError::Failed("the store has refused a change"));
        self.events.emit(&Event::StoreFailed);
        self.restart_link();
    }

    /// Tells whoever waits for something that it will not be soon.
    fn answer_all(&mut self, error: &ClientError) {
        self.catch_up_fails(error);
        let creations = self.creations.values_mut();
        let created = creations.flat_map(|creation| core::mem::take(&mut creation.waiting));
        for reply in created.chain(core::mem::take(&mut self.awaited).into_values().flatten()) {
            reply.send(Err(error.clone()));
        }
        let intents = self.chats.values_mut().flat_map(|chat| &mut chat.intents);
        for reply in intents.flat_map(|intent| core::mem::take(&mut intent.waiting)) {
            reply.send(Err(error.clone()));
        }
    }

    /// Reads memory anew if the store has failed before.
    async fn ensure_loaded(&mut self) -> Result<(), ClientError> {
        if self.unloaded {
            self.read_store().await
        } else {
            Ok(())
        }
    }

    /// Lets readers see who is logged in and who the contacts are.
    fn publish(&self) {
        let account = self.me.as_ref().filter(|_| self.logged_in).map(Me::to_account);
        self.surroundings.search.allow(account.is_some());
        self.shared.set(
            account,
            self.me
                .as_ref()
                .map(|me| (me.account, me.device.credential().identity_key)),
            self.contacts.clone(),
        );
    }

    fn set_connection(&self, state: ConnectionState) {
        if self.shared.set_connection(state) {
            self.events.emit(&Event::Connection(state));
        }
    }

    /// The usable direct chat with an account, if there is one.
    fn chat_with(&self, account: AccountId) -> Option<ChatId> {
        let mut with = self
            .chats
            .values()
            .filter(|chat| chat.record.kind.peer() == Some(account) && chat.record.stage == Stage::Member);
        with.next().map(|chat| chat.id)
    }
}
