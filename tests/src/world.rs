//! A server of its own, and people with devices on it: what a test of the whole needs.

use crate::tampering::{Tampering, honest};
use futures_util::StreamExt as _;
use sotto_client_sdk::native::{HttpTransport, SystemClock, file_at};
use sotto_client_sdk::platform::{FileContent, MaybeSend, Platform};
use sotto_client_sdk::protocol::rest::report::{Report, ReportState};
use sotto_client_sdk::protocol::{AccountId, ChatId, MessageId, Retention, RoleName};
use sotto_client_sdk::store::{Batch, MemoryStore, RecordKey, Records, Scan, Store as _};
use sotto_client_sdk::testing::{Faults, FaultyStore, FaultyTransport};
use sotto_client_sdk::{
    Body, Client, ClientConfig, ClientError, ConnectionState, Event, Events, Group, GroupChange, GroupSize,
    Inviters, JoinPolicy, Message, MessageState, MessagesBefore, NewGroup, StoreKey,
};
use sotto_server::admin::{self, AccountCommand, AdminCommand};
use sotto_server::config::{Config, Rate};
use sotto_server::store::ReportStore as _;
use sotto_server::store::sqlite::SqliteStores;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Whatever takes longer than this will not happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The password of everybody here.
pub const PASSWORD: &str = "correct horse battery staple";

/// What every device here calls itself.
pub const DEVICE_NAME: &str = "Kornblume on Linux";

/// A real server over real SQLite on a free port.
pub struct World {
    // Deleted with it.
    _directory: TempDir,
    config: Config,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// Alice and Bob, who have talked.
pub struct Pair {
    /// Where they are.
    pub world: World,
    /// She has begun the chat.
    pub alice: Device,
    /// He has accepted it.
    pub bob: Device,
    /// With one message in it: hello.
    pub chat: ChatId,
}

impl Pair {
    /// Both are online.
    pub async fn start() -> Self {
        let world = World::start().await;
        let alice = world.person("alice").await;
        let bob = world.person("bob").await;
        let chat = alice.client.start_chat("bob").await.unwrap();
        bob.takes(chat).await;
        alice.sends(chat, "hello").await;
        bob.reads(chat, &["hello"]).await;
        alice.reads(chat, &["hello"]).await;
        Self {
            world,
            alice,
            bob,
            chat,
        }
    }
}

impl World {
    /// Starts the server over an empty directory.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts the server over an empty directory, with another configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::in_directory(directory.path());
        config.captcha.enabled = false;
        // Whoever is stopped at each step logs in and connects more often than a person does.
        config.limits.logins_per_name = Rate::new(1_000, 1_000);
        config.limits.connects_per_device = Rate::new(1_000, 1_000);
        change(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, server) = serve(config.clone(), listener);
        Self {
            _directory: directory,
            config,
            address,
            stop: Some(stop),
            server,
        }
    }

    /// The server's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the server listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server in order.
    pub async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
            (&mut self.server).await.unwrap();
        }
    }

    /// Gives an account a role on the server's command line.
    pub async fn gives_role(&mut self, name: &str, role: RoleName) {
        let command = AdminCommand::Account(AccountCommand::Role {
            name: name.parse().unwrap(),
            role,
            reason: String::new(),
        });
        self.operates(command).await;
    }

    /// Starts the server again with another configuration.
    pub async fn restarts_with(&mut self, change: impl FnOnce(&mut Config)) {
        self.stop().await;
        change(&mut self.config);
        self.start_again().await;
    }

    /// Does something on the server's command line. In one process a database is opened once: so the server is stopped for it.
    pub async fn operates(&mut self, command: AdminCommand) {
        self.stop().await;
        admin::run(&self.config, command, &sotto_server::clock::SystemClock)
            .await
            .unwrap();
        self.start_again().await;
    }

    /// Stops the server: what was reported to it, the oldest first, each with all that it shows.
    pub async fn reports(&mut self) -> Vec<Report> {
        self.stop().await;
        let stores = SqliteStores::open(&self.config.storage.data, 1).await.unwrap();
        let open = stores
            .accounts
            .reports(ReportState::Open, None, None, 100)
            .await
            .unwrap();
        let mut reports = Vec::new();
        for report in open {
            reports.extend(stores.accounts.report(report.report).await.unwrap());
        }
        stores.close().await;
        reports
    }

    /// Starts the server again at the same address, over what it kept.
    pub async fn start_again(&mut self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let (stop, server) = serve(self.config.clone(), listener);
        (self.stop, self.server) = (Some(stop), server);
    }

    /// A device with an empty store.
    pub async fn device(&self) -> Device {
        Device::open(&self.url(), Vault::new(), Faults::none()).await
    }

    /// Registers an account on a device of its own, which is online and can be invited when this returns.
    pub async fn person(&self, name: &str) -> Device {
        let device = self.device().await;
        device.client.register(name, PASSWORD).await.unwrap();
        device.is_online().await;
        device
    }
}

fn serve(config: Config, listener: TcpListener) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let shutdown = async {
            let _ = stopped.await;
        };
        sotto_server::serve(config, listener, shutdown).await.unwrap();
    });
    (stop, server)
}

/// The test's platform: real sockets, a store in memory, faults in both.
pub enum Simulated {}

impl Platform for Simulated {
    type Transport = FaultyTransport<Tampering>;
    type Store = FaultyStore<MemoryStore>;
    type Clock = SystemClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        tokio::spawn(task);
    }

    async fn find_file(reference: &str) -> Option<FileContent> {
        file_at(reference).await.ok()
    }
}

/// What of a device outlives its process.
#[derive(Clone)]
pub struct Vault {
    store: MemoryStore,
    key: [u8; 32],
}

impl Vault {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            store: MemoryStore::new(),
            key: [7; 32],
        }
    }

    /// The records in it, unsealed.
    #[must_use]
    pub fn records(&self) -> Records<MemoryStore> {
        Records::new(self.store.clone(), StoreKey::from_bytes(self.key))
    }

    /// Whether this is in any record, unsealed.
    pub async fn holds(&self, text: &str) -> bool {
        let records = self.records().scan_bytes(Scan::all()).await.unwrap();
        let needle = text.as_bytes();
        records.iter().any(|(key, value)| {
            [key.as_slice(), value.expose()]
                .iter()
                .any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
        })
    }

    /// Deletes the records of a chat's MLS group.
    pub async fn loses_group(&self, chat: ChatId) {
        self.changes_group(chat, |_| None).await;
    }

    /// Damages the records of a chat's MLS group where they lie: none of them opens any more.
    pub async fn damages_group(&self, chat: ChatId) {
        self.changes_group(chat, |mut sealed| {
            *sealed.last_mut().unwrap() ^= 1;
            Some(sealed)
        })
        .await;
    }

    async fn changes_group(&self, chat: ChatId, change: impl Fn(Vec<u8>) -> Option<Vec<u8>>) {
        const KIND: u8 = 0x11;
        let prefix = RecordKey::new(KIND).id(chat.as_bytes());
        let found = self.store.scan(Scan::prefix(prefix)).await.unwrap();
        assert!(!found.is_empty());
        let mut batch = Batch::new();
        for (key, sealed) in found {
            match change(sealed) {
                Some(sealed) => batch.put(key, sealed),
                None => batch.delete(key),
            }
        }
        self.store.apply(batch).await.unwrap();
    }

    /// The same as it is now, apart from the original.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self {
            store: self.store.snapshot(),
            key: self.key,
        }
    }
}

impl Default for Vault {
    fn default() -> Self {
        Self::new()
    }
}

/// A running device.
pub struct Device {
    /// Its client.
    pub client: Client<Simulated>,
    /// What happens on it.
    pub events: Events,
    /// What it keeps.
    pub vault: Vault,
    /// What goes wrong on it.
    faults: Faults,
}

impl Device {
    /// Opens a client over what a device keeps.
    pub async fn open(url: &str, vault: Vault, faults: Faults) -> Self {
        Self::try_open(url, vault, faults).await.unwrap()
    }

    /// [`Device::open`] of a device that may have faults.
    pub async fn try_open(url: &str, vault: Vault, faults: Faults) -> Result<Self, ClientError> {
        let transport = Tampering::new(HttpTransport::new(url).unwrap(), honest());
        Self::open_over(transport, vault, faults).await
    }

    /// Opens a client over what a device keeps, which hears of its server what this transport lets it.
    pub async fn open_over(transport: Tampering, vault: Vault, faults: Faults) -> Result<Self, ClientError> {
        let client = Client::open(ClientConfig {
            transport: FaultyTransport::new(transport, faults.clone()),
            store: FaultyStore::new(vault.store.clone(), faults.clone()),
            store_key: StoreKey::from_bytes(vault.key),
            clock: SystemClock,
            rng: Box::new(rand_core::UnwrapErr(getrandom::SysRng)),
            device_name: DEVICE_NAME.to_owned(),
        })
        .await?;
        let events = client.events();
        Ok(Self {
            client,
            events,
            vault,
            faults,
        })
    }

    /// The process ends without a word, and begins again with what its store holds.
    pub async fn crashes_and_restarts(self, world: &World) -> Self {
        let vault = self.crashes();
        Self::open(&world.url(), vault, Faults::none()).await
    }

    /// The process ends without a word, wherever it is in what it does: what its store holds. Whatever it has sent until then, or
    /// sends yet, was in the store before.
    #[must_use]
    pub fn crashes(self) -> Vault {
        self.faults.stop();
        self.vault.snapshot()
    }

    /// The device is switched off: what its store holds. The server knows that it is gone.
    pub async fn goes_away(self) -> Vault {
        self.client.disconnect().await.unwrap();
        while self.client.connection() != ConnectionState::Offline {
            tokio::task::yield_now().await;
        }
        self.crashes()
    }

    /// Waits until the device hears of everything.
    pub async fn is_online(&self) {
        let mut events = self.client.events();
        while self.client.connection() != ConnectionState::Online {
            next(&mut events).await;
        }
    }

    /// Waits until the device has this chat.
    pub async fn has_chat(&self, chat: ChatId) {
        let mut events = self.client.events();
        loop {
            let chats = self.client.chats().await.unwrap();
            if chats.iter().any(|summary| summary.chat == chat) {
                return;
            }
            next(&mut events).await;
        }
    }

    /// Waits until the device has this chat, which somebody else has begun, and accepts it: only then does anything of the
    /// device's own accord go into it.
    pub async fn takes(&self, chat: ChatId) {
        self.has_chat(chat).await;
        self.client.accept_request(chat).await.unwrap();
    }

    /// Sends a text.
    pub async fn sends(&self, chat: ChatId, text: &str) {
        self.client.send_text(chat, text).await.unwrap();
    }

    /// The texts of a chat, in order, none of them queued any more.
    pub async fn texts(&self, chat: ChatId) -> Vec<String> {
        let messages = self.messages(chat).await;
        messages.iter().map(text_of).collect()
    }

    /// Waits until the message is so on this device.
    pub async fn sees(&self, chat: ChatId, message: MessageId, wanted: impl Fn(&Message) -> bool) -> Message {
        let mut events = self.client.events();
        loop {
            // A store with faults fails once.
            if let Ok(Some(found)) = self.client.message(chat, message).await
                && wanted(&found)
            {
                return found;
            }
            next(&mut events).await;
        }
    }

    /// Every message of a chat, in order.
    pub async fn messages(&self, chat: ChatId) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut before = MessagesBefore::Latest;
        loop {
            // A store with faults fails once.
            let Ok(mut page) = self.client.messages(chat, before, 500).await else {
                continue;
            };
            let Some(first) = page.first() else {
                return messages;
            };
            before = MessagesBefore::Position(first.position);
            page.append(&mut messages);
            messages = page;
        }
    }

    /// Waits until the chat reads exactly so, with nothing queued.
    pub async fn reads(&self, chat: ChatId, expected: &[&str]) {
        let mut events = self.client.events();
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let messages = self.messages(chat).await;
                let queued = messages
                    .iter()
                    .any(|message| message.state == MessageState::Queued);
                if !queued && messages.iter().map(text_of).eq(expected.iter().copied()) {
                    return;
                }
                next(&mut events).await;
            }
        });
        if waited.await.is_err() {
            let found = self.messages(chat).await;
            panic!("expected {expected:?}, reads {found:?}");
        }
    }

    /// Waits until the people in this chat have said exactly this, with nothing queued; what changed in it does not count.
    pub async fn hears(&self, chat: ChatId, expected: &[&str]) {
        let mut events = self.client.events();
        let said = |messages: &[Message]| -> Vec<String> {
            messages
                .iter()
                .filter(|message| !matches!(message.body, Body::GroupChanges(_)))
                .map(text_of)
                .collect()
        };
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let messages = self.messages(chat).await;
                let queued = messages
                    .iter()
                    .any(|message| message.state == MessageState::Queued);
                if !queued && said(&messages) == expected {
                    return;
                }
                next(&mut events).await;
            }
        });
        if waited.await.is_err() {
            let found = self.messages(chat).await;
            panic!("expected {expected:?}, heard {found:?}");
        }
    }

    /// Makes a group.
    pub async fn founds(&self, new: NewGroup) -> ChatId {
        self.client.create_group(new).await.unwrap()
    }

    /// Waits until the group is so.
    pub async fn sees_group(&self, group: ChatId, wanted: impl Fn(&Group) -> bool) -> Group {
        let mut events = self.client.events();
        let seen = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Ok(seen) = self.client.group(group).await
                    && wanted(&seen)
                {
                    return seen;
                }
                next(&mut events).await;
            }
        });
        let Ok(seen) = seen.await else {
            panic!("the group is {:?}", self.client.group(group).await);
        };
        seen
    }

    /// Waits until the history says that a change of this account was taken back.
    pub async fn sees_refused(&self, chat: ChatId, account: AccountId) {
        self.sees_change(chat, account, &GroupChange::Refused).await;
    }

    /// Waits until the history says that this account has changed this.
    pub async fn sees_change(&self, chat: ChatId, by: AccountId, wanted: &GroupChange) {
        let mut events = self.client.events();
        loop {
            let messages = self.messages(chat).await;
            let is_there = messages.iter().any(|message| {
                message.from.account == by
                    && matches!(&message.body, Body::GroupChanges(changes) if changes.contains(wanted))
            });
            if is_there {
                return;
            }
            next(&mut events).await;
        }
    }

    /// The account that is logged in.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.client.account().unwrap().account
    }

    /// Waits until the chat's last message reads so.
    pub async fn ends_with(&self, chat: ChatId, expected: &str) {
        let mut events = self.client.events();
        while self.texts(chat).await.last().map(String::as_str) != Some(expected) {
            next(&mut events).await;
        }
    }

    /// Waits until the chat has so many messages and nothing is queued.
    pub async fn has_messages(&self, chat: ChatId, count: usize) {
        let mut events = self.client.events();
        loop {
            let messages = self.messages(chat).await;
            let queued = messages
                .iter()
                .any(|message| message.state == MessageState::Queued);
            if !queued && messages.len() >= count {
                return;
            }
            next(&mut events).await;
        }
    }
}

/// Admins let people in.
pub const BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };
/// Every member lets people in.
pub const BY_MEMBERS: JoinPolicy = JoinPolicy::Invite {
    by: Inviters::Members,
};

/// A group that is not listed, with these members from the beginning.
#[must_use]
pub fn gardeners(join_policy: JoinPolicy, members: &[&str]) -> NewGroup {
    NewGroup {
        title: "Gardeners".to_owned(),
        description: String::new(),
        size: GroupSize::Normal,
        join_policy,
        is_listed: false,
        retention: Retention::Keep,
        members: members.iter().map(|name| name.parse().unwrap()).collect(),
        community: None,
        is_broadcast: false,
    }
}

/// The next event, or the end of patience.
pub async fn next(events: &mut Events) -> Event {
    tokio::time::timeout(PATIENCE, events.next())
        .await
        .expect("nothing happened for a long time")
        .expect("the client has closed")
}

/// Waits for an event.
pub async fn until(events: &mut Events, mut wanted: impl FnMut(&Event) -> bool) -> Event {
    loop {
        let event = next(events).await;
        if wanted(&event) {
            return event;
        }
    }
}

/// What a message says.
#[must_use]
pub fn text_of(message: &Message) -> String {
    match &message.body {
        Body::Text(text) => text.text.clone(),
        Body::File { info, .. } => format!("<file {}>", info.name),
        Body::GroupChanges(changes) => format!("{changes:?}"),
        Body::Deleted { .. } => "<deleted>".to_owned(),
        Body::Unknown { kind } => format!("<kind {kind}>"),
    }
}
