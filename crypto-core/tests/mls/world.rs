//! Devices with their stores, so that a test reads as a story: `alice.sends("hi").to(&mut bob)`.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sotto_crypto_core::chat::{Chat, Committed, KnownIdentities, PendingCommit, Received};
use sotto_crypto_core::{
    AccountRoot, Body, Content, Device, InvitedDevice, KeyPackages, ReceiveError, RecordChange, Text,
};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::{
    AccountId, ChatId, ChatRules, DeviceAddress, DeviceId, DeviceList, IdentityKey, ListedDevice, MessageId,
    Retention, Suite, Timestamp,
};
use std::collections::BTreeMap;

/// Some day in 2026.
pub const NOW: Timestamp = Timestamp(1_790_000_000_000);
pub const CHAT: ChatId = ChatId::from_bytes([0xC4; 16]);

/// What the disk holds.
pub type Disk = BTreeMap<Vec<u8>, Vec<u8>>;

/// A device, its records, and what its user knows.
pub struct Client {
    pub name: &'static str,
    pub device: Device,
    pub key_packages: KeyPackages,
    pub known: BTreeMap<AccountId, IdentityKey>,
    pub disk: Disk,
    pub rng: ChaCha20Rng,
    chat: Option<Chat>,
    sent: u8,
}

/// Who has seen nobody.
pub struct NobodyKnown;

impl KnownIdentities for NobodyKnown {
    fn identity_of(&self, _: AccountId) -> Option<IdentityKey> {
        None
    }
}

struct Known<'a>(&'a BTreeMap<AccountId, IdentityKey>);

impl KnownIdentities for Known<'_> {
    fn identity_of(&self, account: AccountId) -> Option<IdentityKey> {
        self.0.get(&account).copied()
    }
}

impl Client {
    /// The first device of an account.
    pub fn new(name: &'static str) -> Self {
        Self::device_of(name, 1)
    }

    /// A device of the account of that name.
    pub fn device_of(name: &'static str, number: u8) -> Self {
        let mut seed = [number; 32];
        seed[..name.len()].copy_from_slice(name.as_bytes());
        let rng = ChaCha20Rng::from_seed(seed);
        let mut root = [0; 32];
        root[..name.len()].copy_from_slice(name.as_bytes());
        Self::with_root(name, root, number, rng)
    }

    /// A device of somebody who has taken the account's id, with another identity.
    pub fn impostor_of(name: &'static str, number: u8) -> Self {
        Self::with_root(name, [0xEE; 32], number, ChaCha20Rng::from_seed([0xEE; 32]))
    }

    fn with_root(name: &'static str, root: [u8; 32], number: u8, mut rng: ChaCha20Rng) -> Self {
        let root = AccountRoot::from_bytes(root);
        let device = Device::generate(
            &mut rng,
            account_of(name),
            DeviceId::from_bytes([number; 16]),
            &root.identity(),
        );
        Self {
            name,
            device,
            key_packages: KeyPackages::new(),
            known: BTreeMap::new(),
            disk: Disk::new(),
            rng,
            chat: None,
            sent: 0,
        }
    }

    pub fn account(&self) -> AccountId {
        self.device.credential().account
    }

    pub fn address(&self) -> DeviceAddress {
        self.device.address()
    }

    pub fn identity_key(&self) -> IdentityKey {
        self.device.credential().identity_key
    }

    pub fn party(&self) -> Party {
        Party::from(self.device.credential())
    }

    pub fn knows(&mut self, other: &Self) {
        self.known.insert(other.account(), other.identity_key());
    }

    pub fn chat(&mut self) -> &mut Chat {
        self.chat.as_mut().unwrap()
    }

    /// What an operation that may fail takes.
    pub fn parts(&mut self) -> (&mut Chat, &mut ChaCha20Rng, &Device) {
        (self.chat.as_mut().unwrap(), &mut self.rng, &self.device)
    }

    pub fn key_package(&mut self, suite: Suite) -> Vec<u8> {
        self.key_packages
            .generate(&mut self.rng, &self.device, suite, NOW, false)
            .unwrap()
    }

    /// The account's list, with this device on it and those given.
    pub fn device_list(&self, others: &[&Self]) -> DeviceList {
        let mut devices = vec![listed(&self.device)];
        devices.extend(others.iter().map(|other| listed(&other.device)));
        DeviceList {
            account: self.account(),
            name: self.name.parse().unwrap(),
            identity_key: self.identity_key(),
            version: 1,
            devices,
        }
    }

    /// A KeyPackage of this device, checked as its inviter does.
    pub fn invitation(&mut self, suite: Suite) -> InvitedDevice {
        let key_package = self.key_package(suite);
        self.verified(&key_package, suite)
    }

    pub fn verified(&self, key_package: &[u8], suite: Suite) -> InvitedDevice {
        InvitedDevice::verify(
            key_package,
            suite,
            NOW,
            self.identity_key(),
            self.account(),
            &self.device_list(&[]),
        )
        .unwrap()
    }

    /// Creates the chat with the other account and invites those devices. The Welcome and the GroupInfo.
    pub fn creates_chat(
        &mut self,
        suite: Suite,
        peer: Party,
        invited: &[InvitedDevice],
    ) -> (Vec<u8>, Vec<u8>) {
        let rules = ChatRules::direct(self.party(), peer).unwrap();
        let (welcome, group_info) = self.creates(suite, rules, invited);
        (welcome.unwrap(), group_info)
    }

    /// Creates a chat with these rules: the Welcome, if anybody is invited, and the GroupInfo.
    pub fn creates(
        &mut self,
        suite: Suite,
        rules: ChatRules,
        invited: &[InvitedDevice],
    ) -> (Option<Vec<u8>>, Vec<u8>) {
        let created = Chat::create(&mut self.rng, &self.device, NOW, CHAT, suite, rules, invited).unwrap();
        self.has_chat(created.chat);
        (created.welcome, created.group_info)
    }

    pub fn has_chat(&mut self, chat: Chat) {
        self.chat = Some(chat);
        self.disk.clear();
        self.flushes();
    }

    pub fn joins(&mut self, welcome: &[u8]) {
        let chat = Chat::join(&self.device, &mut self.key_packages, welcome, &Known(&self.known)).unwrap();
        self.has_chat(chat);
    }

    pub fn tries_to_join(&mut self, welcome: &[u8]) -> Result<Chat, sotto_crypto_core::JoinError> {
        Chat::join(&self.device, &mut self.key_packages, welcome, &Known(&self.known))
    }

    /// Joins alone. The external Commit and the new GroupInfo; it still has to be confirmed.
    pub fn joins_externally(&mut self, group_info: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let joined = self.tries_to_join_externally(group_info).unwrap();
        self.has_chat(joined.chat);
        (joined.commit, joined.group_info)
    }

    pub fn tries_to_join_externally(
        &mut self,
        group_info: &[u8],
    ) -> Result<sotto_crypto_core::JoinedExternally, sotto_crypto_core::JoinError> {
        Chat::join_external(&mut self.rng, &self.device, group_info, &Known(&self.known))
    }

    /// Writes what has changed to the disk.
    pub fn flushes(&mut self) {
        for RecordChange { key, value } in self.chat.as_mut().unwrap().take_changes() {
            match value {
                Some(value) => self.disk.insert(key, value.expose().to_vec()),
                None => self.disk.remove(&key),
            };
        }
    }

    /// Loses its memory and starts again from the disk.
    pub fn restarts(&mut self) {
        self.chat = Some(Chat::load(self.disk.clone()).unwrap());
    }

    pub fn content(&mut self, text: &str) -> Content {
        self.sent = self.sent.wrapping_add(1);
        content(self.sent, text)
    }

    pub fn encrypts(&mut self, text: &str) -> Vec<u8> {
        let content = self.content(text);
        let payload = self
            .chat
            .as_mut()
            .unwrap()
            .encrypt(&mut self.rng, &self.device, &content)
            .unwrap()
            .payload;
        self.flushes();
        payload
    }

    pub fn sends(&mut self, text: &'static str) -> Sent {
        Sent {
            from: self.address(),
            text,
            payload: self.encrypts(text),
        }
    }

    pub fn receives(&mut self, payload: &[u8]) -> Result<Received, ReceiveError> {
        self.receives_at(payload, NOW)
    }

    /// An entry that the server says it has accepted then.
    pub fn receives_at(&mut self, payload: &[u8], accepted_at: Timestamp) -> Result<Received, ReceiveError> {
        let chat = self.chat.as_mut().unwrap();
        let received = chat.receive(payload, accepted_at, &Known(&self.known));
        self.flushes();
        received
    }

    pub fn receives_commit(&mut self, payload: &[u8]) -> Committed {
        match self.receives(payload).unwrap() {
            Received::Commit(committed) => committed,
            _ => panic!("{} received no Commit", self.name),
        }
    }

    pub fn updates_itself(&mut self) -> PendingCommit {
        let pending = self
            .chat
            .as_mut()
            .unwrap()
            .self_update(&mut self.rng, &self.device)
            .unwrap();
        self.flushes();
        pending
    }

    pub fn adds(&mut self, invited: &[InvitedDevice]) -> PendingCommit {
        let pending = self
            .chat
            .as_mut()
            .unwrap()
            .add(&mut self.rng, &self.device, invited)
            .unwrap();
        self.flushes();
        pending
    }

    pub fn removes(&mut self, removed: &Self) -> PendingCommit {
        let removed = [removed.address()];
        let pending = self
            .chat
            .as_mut()
            .unwrap()
            .remove(&mut self.rng, &self.device, &removed)
            .unwrap();
        self.flushes();
        pending
    }

    pub fn confirms(&mut self) {
        self.chat().confirm_commit().unwrap();
        self.flushes();
    }
}

/// A message on its way.
pub struct Sent {
    from: DeviceAddress,
    text: &'static str,
    pub payload: Vec<u8>,
}

impl Sent {
    /// It arrives and says what was sent.
    #[track_caller]
    pub fn to(&self, recipient: &mut Client) {
        match recipient.receives(&self.payload).unwrap() {
            Received::Message { from, content, .. } => {
                assert_eq!(from.address(), self.from);
                assert!(matches!(content.body, Body::Text(text) if text.text == self.text));
            }
            _ => panic!("{} received no message", recipient.name),
        }
    }
}

pub fn account_of(name: &str) -> AccountId {
    let mut id = [0; 16];
    id[..name.len()].copy_from_slice(name.as_bytes());
    AccountId::from_bytes(id)
}

fn listed(device: &Device) -> ListedDevice {
    let credential = device.credential();
    ListedDevice {
        device: credential.device,
        device_key: credential.device_key,
    }
}

pub fn content(number: u8, text: &str) -> Content {
    Content {
        message: MessageId::from_bytes([number; 16]),
        retention: Retention::Keep,
        body: Body::Text(Text::from(text)),
    }
}

/// Alice and Bob, who know each other and have a chat.
pub fn alice_and_bob(suite: Suite) -> (Client, Client) {
    let mut alice = Client::new("alice");
    let mut bob = Client::new("bob");
    alice.knows(&bob);
    bob.knows(&alice);
    let invited = bob.invitation(suite);
    let (welcome, _) = alice.creates_chat(suite, bob.party(), &[invited]);
    bob.joins(&welcome);
    (alice, bob)
}
