//! A device: a process that dies and begins again over what it kept, and what its user sees of it.

use super::clock::SimulatedClock;
use super::house::House;
use super::life::Life;
use super::log::Witness;
use super::network::{Names, SimulatedTransport};
use super::platform::{MortalStore, Simulation};
use super::trace::Trace;
use super::weather::{Way, Weather};
use crate::faults::dice::Dice;
use futures_util::StreamExt as _;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sotto_client_sdk::protocol::{ChatId, DeviceAddress};
use sotto_client_sdk::store::{MemoryStore, Records};
use sotto_client_sdk::testing::{StoredChat, stored_chats};
use sotto_client_sdk::{
    Account, Body, Client, ClientConfig, ConnectionState, Event, LogOutReason, Message, MessagesBefore,
    StoreKey,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How often something is looked at that is waited for.
const LOOK: Duration = Duration::from_millis(50);

/// What all devices of an episode share.
#[derive(Clone)]
pub struct Neighbourhood {
    /// The server.
    pub house: House,
    /// The time.
    pub clock: SimulatedClock,
    /// What happens.
    pub trace: Trace,
    /// Who is in which chat.
    pub witness: Witness,
    /// What ids are called.
    pub names: Names,
    /// The weather of a device that is new.
    pub weather: Weather,
}

/// What of a device outlives its process.
#[derive(Clone)]
pub struct Vault {
    store: MemoryStore,
}

impl Vault {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            store: MemoryStore::new(),
        }
    }

    /// The same as it is now, apart from the original.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            store: self.store.snapshot(),
        }
    }

    /// What is stored of the chats.
    pub async fn chats(&self) -> Vec<StoredChat> {
        let records = Records::new(self.store.snapshot(), store_key());
        stored_chats(&records).await.expect("the store can be read")
    }

    /// What is stored of one chat.
    pub async fn chat(&self, chat: ChatId) -> Option<StoredChat> {
        self.chats().await.into_iter().find(|stored| stored.chat == chat)
    }
}

impl Default for Vault {
    fn default() -> Self {
        Self::new()
    }
}

/// What is kept of what users asked for; a device takes others of its account out of its own accord.
fn kept_intents(chats: &[StoredChat]) -> Vec<(ChatId, String)> {
    let kept = chats
        .iter()
        .flat_map(|chat| chat.intents.iter().map(|intent| (chat.chat, intent.clone())));
    kept.filter(|(_, intent)| !intent.starts_with("RemoveDevice"))
        .collect()
}

/// The key is not what is tried here.
fn store_key() -> StoreKey {
    StoreKey::from_bytes([7; 32])
}

/// A device. Clones are the same one.
#[derive(Clone)]
pub struct Device {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    person: usize,
    way: Way,
    neighbourhood: Neighbourhood,
    /// Set when it is not to begin again.
    put_away: CancellationToken,
    state: Mutex<State>,
}

struct State {
    vault: Vault,
    dice: Dice,
    running: Option<Running>,
    /// How long it stays dead the next time.
    pause: Duration,
    /// The intents that were kept when its process ended last.
    kept: Vec<(ChatId, String)>,
    /// Chats that strangers have begun.
    requested: Vec<ChatId>,
    seen: Seen,
}

#[derive(Clone)]
struct Running {
    client: Client<Simulation>,
    life: Life,
}

/// What a user saw on a device, in all its lives.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// What was asked for before a restart and could not be done.
    pub failed_intents: Vec<ChatId>,
    /// Of what was asked for before a restart so much was kept.
    pub kept_intents: Vec<ChatId>,
    /// Something that no honest neighbour can cause.
    pub alarms: Vec<String>,
    /// The account's other devices have removed it, or its session has ended.
    pub is_logged_out: bool,
    /// How often its process has ended.
    pub ends: usize,
}

/// What was asked of a process that ended before it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessEnded;

impl Device {
    /// A device of this person over what it keeps; it runs from now on.
    #[must_use]
    pub fn begin(
        neighbourhood: &Neighbourhood,
        name: String,
        person: usize,
        vault: Vault,
        dice: Dice,
    ) -> Self {
        let mut dice = dice;
        let of_way = Dice::new(dice.number());
        let way = Way::new(
            name.clone(),
            neighbourhood.names.clone(),
            neighbourhood.trace.clone(),
            neighbourhood.weather,
            of_way,
        );
        let device = Self {
            inner: Arc::new(Inner {
                name,
                person,
                way,
                neighbourhood: neighbourhood.clone(),
                put_away: CancellationToken::new(),
                state: Mutex::new(State {
                    vault,
                    dice,
                    running: None,
                    pause: Duration::ZERO,
                    kept: Vec::new(),
                    requested: Vec::new(),
                    seen: Seen::default(),
                }),
            }),
        };
        tokio::spawn(device.clone().live());
        device
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> usize {
        self.inner.person
    }

    /// Its network.
    #[must_use]
    pub fn way(&self) -> &Way {
        &self.inner.way
    }

    /// What was seen on it.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.state().seen.clone()
    }

    /// One life after the other.
    async fn live(self) {
        while !self.inner.put_away.is_cancelled() {
            let life = Life::new();
            tokio::select! {
                biased;
                () = life.over() => {}
                () = self.live_once(life.clone()) => {}
            }
            life.end();
            let (vault, pause) = {
                let mut state = self.state();
                state.running = None;
                state.seen.ends += 1;
                state.vault = state.vault.copy();
                (state.vault.clone(), std::mem::take(&mut state.pause))
            };
            let kept = kept_intents(&vault.chats().await);
            self.say(format_args!("ends; {} intents kept", kept.len()));
            {
                let mut state = self.state();
                let mut before = std::mem::replace(&mut state.kept, kept.clone());
                for intent in kept {
                    // One that was kept at the end before this one is counted already.
                    match before.iter().position(|known| *known == intent) {
                        Some(place) => drop(before.swap_remove(place)),
                        None => state.seen.kept_intents.push(intent.0),
                    }
                }
            }
            sleep(pause).await;
        }
    }

    async fn live_once(&self, life: Life) {
        let Neighbourhood {
            house,
            clock,
            witness,
            ..
        } = self.inner.neighbourhood.clone();
        let (vault, rng) = {
            let mut state = self.state();
            let rng = ChaCha20Rng::from_seed(state.dice.bytes());
            (state.vault.clone(), rng)
        };
        let config = ClientConfig::<Simulation> {
            transport: SimulatedTransport::new(house, self.inner.way.clone(), life.clone(), witness),
            store: MortalStore::new(vault.store, life.clone()),
            store_key: store_key(),
            clock,
            rng: Box::new(rng),
            device_name: "Kornblume on Linux".to_owned(),
        };
        let client = Client::open(config).await.expect("a whole store can be opened");
        let mut events = client.events();
        {
            let mut state = self.state();
            // It was told so in the moment in which its process ended.
            state.seen.is_logged_out |= state.seen.ends > 0 && client.account().is_none();
            state.running = Some(Running { client, life });
        }
        self.say("begins");
        loop {
            tokio::select! {
                biased;
                () = self.inner.put_away.cancelled() => return,
                event = events.next() => match event {
                    Some(event) => self.sees(event),
                    None => return,
                },
            }
            self.accept_strangers().await;
        }
    }

    /// Its user takes whatever others have begun.
    async fn accept_strangers(&self) {
        let requested = std::mem::take(&mut self.state().requested);
        for chat in requested {
            if let Some(client) = self.running_client() {
                // What cannot be accepted now is met again when everything comes to rest.
                let _ = client.accept_request(chat).await;
            }
        }
    }

    fn sees(&self, event: Event) {
        let names = &self.inner.neighbourhood.names;
        let mut state = self.state();
        let alarm = match event {
            Event::IntentFailed { chat, error } => {
                self.say(format_args!("intent failed in {}: {error}", names.chat(chat)));
                state.seen.failed_intents.push(chat);
                return;
            }
            Event::LoggedOut {
                reason: LogOutReason::SessionEnded,
            } => {
                self.say("is logged out");
                state.seen.is_logged_out = true;
                return;
            }
            Event::ChatHalted { chat } => format!("{} is halted", names.chat(chat)),
            Event::IdentityChanged { account } => {
                format!("{} shows another identity", names.account(account))
            }
            Event::Undecryptable { chat, seq } => {
                format!("entry {} of {} cannot be decrypted", seq.0, names.chat(chat))
            }
            Event::StoreFailed => "the store has failed".to_owned(),
            Event::ChatAdded { chat } => {
                self.say(format_args!("has {}", names.chat(chat)));
                return;
            }
            Event::Banned(_) => "is banned".to_owned(),
            Event::ContactRequested { chat } => {
                state.requested.push(chat);
                return;
            }
            Event::Lagged
            | Event::StarsChanged
            | Event::HistoryRestored { .. }
            | Event::ArchiveChanged
            | Event::Transfer(_)
            | Event::DraftChanged { .. }
            | Event::Connection(_)
            | Event::LoggedIn(_)
            | Event::LoggedOut { .. }
            | Event::ChatChanged { .. }
            | Event::MessageAdded(_)
            | Event::MessageChanged(_)
            | Event::MessageRemoved { .. }
            | Event::ReceiptsChanged { .. }
            | Event::Typing { .. }
            | Event::PresenceChanged { .. }
            | Event::PrivacyChanged
            | Event::DevicesChanged
            | Event::DeviceAdded { .. }
            | Event::JoinRequestsChanged { .. }
            | Event::BlockedChanged
            | Event::NoticesChanged
            | Event::RoleChanged => return,
        };
        self.say(format_args!("alarm: {alarm}"));
        state.seen.alarms.push(alarm);
    }

    /// Its client, as soon as it runs.
    pub async fn client(&self) -> Client<Simulation> {
        loop {
            if let Some(running) = self.running() {
                return running.client;
            }
            sleep(LOOK).await;
        }
    }

    /// Its client, if it runs.
    #[must_use]
    pub fn running_client(&self) -> Option<Client<Simulation>> {
        self.running().map(|running| running.client)
    }

    fn running(&self) -> Option<Running> {
        self.state().running.clone()
    }

    /// The account that is logged in on it.
    pub async fn account(&self) -> Option<Account> {
        self.client().await.account()
    }

    /// Its address, once it is logged in.
    #[must_use]
    pub fn address(&self) -> Option<DeviceAddress> {
        let account = self.running()?.client.account()?;
        Some(DeviceAddress {
            account: account.account,
            device: account.device,
        })
    }

    /// Waits until it hears of everything.
    pub async fn is_online(&self) {
        while self
            .running()
            .is_none_or(|running| running.client.connection() != ConnectionState::Online)
        {
            sleep(LOOK).await;
        }
    }

    /// Asks something of the process that runs, if one does.
    pub async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(Client<Simulation>) -> T,
    ) -> Result<T, ProcessEnded> {
        let Some(Running { client, life }) = self.running() else {
            return Err(ProcessEnded);
        };
        tokio::select! {
            biased;
            () = life.over() => Err(ProcessEnded),
            answer = question(client) => Ok(answer),
        }
    }

    /// Its process dies when it has written so many more batches, or after two seconds; and begins again after a while.
    pub async fn crash(&self, batches: u32, pause: Duration) {
        let Some(Running { life, .. }) = self.running() else {
            return;
        };
        self.state().pause = pause;
        life.end_after(batches);
        tokio::select! {
            () = life.over() => {}
            () = sleep(Duration::from_secs(2)) => life.end(),
        }
    }

    /// Its program is closed in order, and begins again after a while.
    pub async fn close(&self, pause: Duration) {
        let Some(Running { client, life }) = self.running() else {
            return;
        };
        self.state().pause = pause;
        let closing = async {
            let _ = client.close().await;
        };
        tokio::select! {
            () = life.over() => {}
            () = closing => life.end(),
        }
    }

    /// Ends for good. What it keeps.
    pub async fn end(&self) -> Vault {
        self.inner.put_away.cancel();
        self.close(Duration::ZERO).await;
        self.vault()
    }

    /// What it keeps now.
    #[must_use]
    pub fn vault(&self) -> Vault {
        self.state().vault.copy()
    }

    /// A chat's history, as its user sees it; empty if it does not run.
    pub async fn messages(&self, chat: ChatId) -> Vec<Message> {
        let Some(client) = self.running_client() else {
            return Vec::new();
        };
        let mut messages = Vec::new();
        let mut before = MessagesBefore::Latest;
        while let Ok(mut page) = client.messages(chat, before, 500).await
            && let Some(first) = page.first()
        {
            before = MessagesBefore::Position(first.position);
            page.append(&mut messages);
            messages = page;
        }
        messages
    }

    /// The texts of a chat's history, with their positions.
    pub async fn texts(&self, chat: ChatId) -> Vec<Message> {
        let mut messages = self.messages(chat).await;
        messages.retain(|message| matches!(message.body, Body::Text(_)));
        messages
    }

    fn say(&self, what: impl std::fmt::Display) {
        let name = &self.inner.name;
        self.inner
            .neighbourhood
            .trace
            .say(format_args!("{name:<6} {what}"));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
