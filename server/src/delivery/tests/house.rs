//! A Delivery Service on the real store in a temporary folder, and devices that talk to it.

use crate::clock::Clock;
use crate::delivery::{Connection, CreateChatError, Delivery, DeliverySettings};
pub(super) use crate::store::contract::fixture::group_info;
use crate::store::contract::fixture::{ALICE, BOB, NOW, Person, direct, message, session, vector};
use crate::store::sqlite::{SqliteAccounts, SqliteLog, SqliteStores};
use crate::store::{AccountStore as _, DeviceStore as _, NewDevice};
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Outcome, RequestId, ServerFrame};
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::{
    ChatId, ChatRules, DeviceAddress, Evidence, GroupRules, Retention, Seq, Suite, Timestamp,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(super) struct StandingClock(AtomicU64);

impl StandingClock {
    pub(super) fn at(time: Timestamp) -> Self {
        Self(AtomicU64::new(time.0))
    }

    pub(super) fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

pub(super) type TestDelivery = Delivery<SqliteAccounts, SqliteLog>;

pub(super) struct House {
    pub(super) delivery: TestDelivery,
    pub(super) stores: SqliteStores,
    pub(super) clock: Arc<StandingClock>,
    shards: u16,
    folder: TempDir,
}

impl House {
    /// With these people registered, each with devices 1 and 2.
    pub(super) async fn of(people: &[Person]) -> Self {
        Self::with(people, 1, DeliverySettings::default()).await
    }

    pub(super) async fn with(people: &[Person], shards: u16, settings: DeliverySettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = Self::start(folder, shards, settings).await;
        for person in people {
            house
                .stores
                .accounts
                .create_account(person.registration())
                .await
                .unwrap();
            let second = NewDevice {
                address: person.device(2),
                device_key: person.device_key(2),
                device_list: Some(person.device_list(2, &[1, 2])),
                name: None,
                session: session(100 + person.0),
                at: NOW,
            };
            house.stores.accounts.enrol_device(second).await.unwrap();
        }
        house
    }

    async fn start(folder: TempDir, shards: u16, settings: DeliverySettings) -> Self {
        let stores = SqliteStores::open(folder.path(), shards).await.unwrap();
        let clock = Arc::new(StandingClock::at(NOW));
        let delivery = Delivery::start(
            stores.accounts.clone(),
            stores.logs.clone(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            settings,
        );
        Self {
            delivery,
            stores,
            clock,
            shards,
            folder,
        }
    }

    /// Shuts down and starts again on the same files.
    pub(super) async fn restarted(self) -> Self {
        let Self {
            delivery,
            stores,
            folder,
            shards,
            ..
        } = self;
        delivery.shutdown().await;
        stores.close().await;
        drop((delivery, stores));
        Self::start(folder, shards, DeliverySettings::default()).await
    }

    /// A device that connects and is greeted with nothing but `Ready`.
    pub(super) async fn connected(&self, device: DeviceAddress) -> Device {
        let (device, greeting) = self.greeted(device).await;
        assert_eq!(greeting, []);
        device
    }

    /// A device that connects, and what it is told before `Ready`.
    pub(super) async fn greeted(&self, device: DeviceAddress) -> (Device, Vec<ServerFrame>) {
        let mut device = self.connects(device);
        let mut greeting = Vec::new();
        loop {
            match device.next().await {
                ServerFrame::Ready { .. } => return (device, greeting),
                frame => greeting.push(frame),
            }
        }
    }

    /// A device that connects, with its greeting still to come.
    pub(super) fn connects(&self, device: DeviceAddress) -> Device {
        Device::of(&self.delivery, device)
    }

    /// `creator`'s device 1 creates the chat with `other`'s.
    pub(super) async fn chat(&self, number: u8, creator: Person, other: Person) -> ChatId {
        let chat = crate::store::contract::fixture::chat(number);
        self.delivery
            .create_direct_chat(
                creator.device(1),
                chat,
                creation(chat, creator, other),
                direct(creator, other),
            )
            .await
            .unwrap();
        chat
    }

    /// `creator`'s device 1 creates a chat with `other`'s, or tries to.
    pub(super) async fn creates(
        &self,
        chat: ChatId,
        creator: Person,
        other: Person,
    ) -> Result<ChatCreated, CreateChatError> {
        let request = creation(chat, creator, other);
        let rules = if creator == other {
            ChatRules::Notes(creator.party())
        } else {
            direct(creator, other)
        };
        self.delivery
            .create_direct_chat(creator.device(1), chat, request, rules)
            .await
    }

    /// `owner`'s device 1 creates a group with these rules and the others' devices 1.
    pub(super) async fn group(&self, number: u8, rules: &GroupRules, others: &[Person]) -> ChatId {
        let chat = crate::store::contract::fixture::chat(number);
        let owner = Person(rules.offices[0].holder.account.as_bytes()[0]);
        self.delivery
            .create_group(
                owner.device(1),
                owner.party(),
                chat,
                group_creation(chat, rules, others),
            )
            .await
            .unwrap();
        chat
    }
}

pub(super) fn creation(chat: ChatId, creator: Person, other: Person) -> CreateDirectChat {
    let (rules, added) = if creator == other {
        (ChatRules::Notes(creator.party()), Vec::new())
    } else {
        (direct(creator, other), vec![other.device(1)])
    };
    CreateDirectChat {
        with: other.account(),
        suite: Suite::XWing,
        welcome: (!added.is_empty()).then(|| welcome().into()),
        added,
        group_info: group_info(creator.device(1), chat, 1, &rules).into(),
    }
}

pub(super) fn group_creation(chat: ChatId, rules: &GroupRules, others: &[Person]) -> CreateGroup {
    let owner = Person(rules.offices[0].holder.account.as_bytes()[0]);
    CreateGroup {
        suite: Suite::XWing,
        added: others.iter().map(|other| other.device(1)).collect(),
        welcome: (!others.is_empty()).then(|| welcome().into()),
        group_info: group_info(owner.device(1), chat, 1, &ChatRules::Group(rules.clone())).into(),
        profile: None,
    }
}

/// A connected device.
pub(super) struct Device {
    pub(super) connection: Connection<SqliteAccounts, SqliteLog>,
    address: DeviceAddress,
    waiting: VecDeque<Bytes>,
    requests: u32,
}

impl Device {
    /// A device that connects, with its greeting still to come.
    pub(super) fn of(delivery: &TestDelivery, device: DeviceAddress) -> Self {
        Self {
            connection: delivery.connect(device).unwrap(),
            address: device,
            waiting: VecDeque::new(),
            requests: 0,
        }
    }

    /// The next frame; a test that waits for one that never comes fails.
    pub(super) async fn next(&mut self) -> ServerFrame {
        self.next_bytes()
            .await
            .map(|bytes| ServerFrame::decode(&bytes).unwrap())
            .expect("the connection is open")
    }

    pub(super) async fn next_bytes(&mut self) -> Option<Bytes> {
        if self.waiting.is_empty() {
            let next = tokio::time::timeout(Duration::from_secs(20), self.connection.next());
            self.waiting = next.await.expect("a frame comes")?;
        }
        self.waiting.pop_front()
    }

    /// Whether nothing has been sent to the device: a `Ping` is answered by `Pong` next.
    pub(super) async fn has_nothing(&mut self) -> bool {
        self.connection.receive(ClientFrame::Ping).await;
        self.next().await == ServerFrame::Pong
    }

    pub(super) async fn sends(&mut self, chat: ChatId, number: u32) -> RequestId {
        self.submits(chat, number, Retention::Keep, application(chat, 1, number))
            .await
    }

    pub(super) async fn submits(
        &mut self,
        chat: ChatId,
        number: u32,
        retention: Retention,
        payload: Bytes,
    ) -> RequestId {
        let request = self.request();
        self.connection
            .receive(ClientFrame::Send {
                request,
                chat,
                message: message(number),
                after: Seq::ZERO,
                retention,
                payload,
            })
            .await;
        request
    }

    /// Commits in this epoch.
    pub(super) async fn commits(
        &mut self,
        chat: ChatId,
        epoch: u64,
        number: u32,
        change: Change,
    ) -> RequestId {
        let request = self.request();
        self.connection
            .receive(ClientFrame::Commit {
                request,
                chat,
                message: message(number),
                after: Seq::ZERO,
                commit: if change.external {
                    external_commit(chat, epoch)
                } else {
                    commit_showing(chat, epoch, &change.evidence)
                },
                group_info: change
                    .group_info
                    .unwrap_or_else(|| group_info(self.address, chat, epoch + 1, &change.rules)),
                welcome: (!change.added.is_empty() && !change.external).then(welcome),
                added: change.added,
                removed: change.removed,
                as_newcomer: change.as_newcomer,
            })
            .await;
        request
    }

    pub(super) async fn acknowledges(&self, chat: ChatId, seq: u64) {
        self.connection
            .receive(ClientFrame::Ack { chat, seq: Seq(seq) })
            .await;
    }

    fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    /// The answer to this request, which has to be the next frame.
    pub(super) async fn answer(&mut self, expected: RequestId) -> Outcome {
        match self.next().await {
            ServerFrame::Response { request, outcome } if request == expected => outcome,
            other => panic!("no answer to {expected:?}: {other:?}"),
        }
    }

    /// The position of the entry that comes next.
    pub(super) async fn gets_entry(&mut self) -> u64 {
        match self.next().await {
            ServerFrame::Entry { entry, .. } => entry.seq.0,
            other => panic!("no entry: {other:?}"),
        }
    }

    /// The position that this request was given.
    pub(super) async fn is_accepted(&mut self, request: RequestId) -> u64 {
        match self.answer(request).await {
            Outcome::Accepted { seq: Some(seq), .. } => seq.0,
            other => panic!("not accepted: {other:?}"),
        }
    }
}

/// What a Commit declares.
pub(super) struct Change {
    pub(super) added: Vec<DeviceAddress>,
    pub(super) removed: Vec<DeviceAddress>,
    pub(super) external: bool,
    pub(super) as_newcomer: bool,
    pub(super) rules: ChatRules,
    pub(super) evidence: Evidence,
    /// `None` for one that its sender has signed.
    pub(super) group_info: Option<Bytes>,
}

impl Default for Change {
    /// Nothing, in a direct chat of Alice and Bob.
    fn default() -> Self {
        Self {
            added: Vec::new(),
            removed: Vec::new(),
            external: false,
            as_newcomer: false,
            rules: direct(ALICE, BOB),
            evidence: Evidence::default(),
            group_info: None,
        }
    }
}

impl Change {
    /// Nothing, in a group with these rules.
    pub(super) fn in_group(rules: &GroupRules) -> Self {
        Self {
            rules: ChatRules::Group(rules.clone()),
            ..Self::default()
        }
    }
}

/// An `MLSMessage` with a `PrivateMessage`, as far as a server reads it.
fn private_message(chat: ChatId, epoch: u64, content: u8) -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 2, 16];
    bytes.extend_from_slice(chat.as_bytes());
    bytes.extend_from_slice(&epoch.to_be_bytes());
    bytes.push(content);
    bytes
}

pub(super) fn application(chat: ChatId, epoch: u64, number: u32) -> Bytes {
    let mut bytes = private_message(chat, epoch, 1);
    bytes.extend_from_slice(format!("message {number}").as_bytes());
    bytes.into()
}

pub(super) fn commit(chat: ChatId, epoch: u64) -> Bytes {
    commit_showing(chat, epoch, &Evidence::default())
}

fn commit_showing(chat: ChatId, epoch: u64, evidence: &Evidence) -> Bytes {
    let mut bytes = private_message(chat, epoch, 3);
    bytes.extend(vector(&evidence.encode()));
    bytes.into()
}

fn external_commit(chat: ChatId, epoch: u64) -> Bytes {
    let mut bytes = vec![0, 1, 0, 1, 16];
    bytes.extend_from_slice(chat.as_bytes());
    bytes.extend_from_slice(&epoch.to_be_bytes());
    bytes.extend_from_slice(&[4, 0, 3]);
    bytes.into()
}

pub(super) fn welcome() -> Bytes {
    let mut bytes = vec![0, 1, 0, 3];
    bytes.extend_from_slice(&Suite::XWing.code_point().to_be_bytes());
    bytes.into()
}
