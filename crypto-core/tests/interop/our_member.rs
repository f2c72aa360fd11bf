//! A member that runs our client.

use crate::member::{CHAT, Change, EXPORTS, Flight, Founded, Invitation, Member, NOW, View, device, seed};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{
    Chat, Content, Device, InvitedDevice, KeyPackages, KnownIdentities, PendingCommit, Plan, ReceiveError,
    Received, RecordChange,
};
use sotto_protocol::{AccountId, Approval, ChatRules, Departure, DeviceAddress, IdentityKey, Suite};
use std::collections::BTreeMap;

pub struct OurMember {
    device: Device,
    rng: ChaCha20Rng,
    key_packages: KeyPackages,
    chat: Option<Chat>,
    disk: BTreeMap<Vec<u8>, Vec<u8>>,
}

struct NobodyKnown;

impl KnownIdentities for NobodyKnown {
    fn identity_of(&self, _: AccountId) -> Option<IdentityKey> {
        None
    }
}

impl OurMember {
    pub fn new(name: &str) -> Self {
        Self {
            device: device(name),
            rng: ChaCha20Rng::from_seed(seed(name, 2)),
            key_packages: KeyPackages::new(),
            chat: None,
            disk: BTreeMap::new(),
        }
    }

    pub fn chat(&mut self) -> &mut Chat {
        self.chat.as_mut().unwrap()
    }

    pub fn departs(&mut self) -> Departure {
        let chat = self.chat.as_ref().unwrap();
        chat.depart(&self.device).unwrap()
    }

    pub fn receives(&mut self, payload: &[u8]) -> Result<Received, ReceiveError> {
        let received = self.chat().receive(payload, NOW, &NobodyKnown);
        self.restarts();
        received
    }

    fn has(&mut self, chat: Chat) {
        self.chat = Some(chat);
        self.disk.clear();
        self.restarts();
    }

    /// Goes on from what is on the disk alone, as every time.
    fn restarts(&mut self) {
        for RecordChange { key, value } in self.chat().take_changes() {
            match value {
                Some(value) => self.disk.insert(key, value.expose().to_vec()),
                None => self.disk.remove(&key),
            };
        }
        self.chat = Some(Chat::load(self.disk.clone()).unwrap());
    }
}

impl Member for OurMember {
    fn device(&self) -> &Device {
        &self.device
    }

    fn key_package(&mut self, last_resort: bool) -> Vec<u8> {
        self.key_packages
            .generate(&mut self.rng, &self.device, Suite::X25519, NOW, last_resort)
            .unwrap()
    }

    fn founds(&mut self, rules: &ChatRules, invited: &[Invitation]) -> Founded {
        let (device, rng) = (&self.device, &mut self.rng);
        let invited = devices(invited);
        let created = Chat::create(rng, device, NOW, CHAT, Suite::X25519, rules.clone(), &invited).unwrap();
        self.has(created.chat);
        Founded {
            welcome: created.welcome,
            group_info: created.group_info,
        }
    }

    fn joins(&mut self, welcome: &[u8]) {
        let chat = Chat::join(&self.device, &mut self.key_packages, welcome, &NobodyKnown).unwrap();
        self.has(chat);
    }

    fn joins_alone(&mut self, group_info: &[u8]) -> Flight {
        let joined = Chat::join_external(&mut self.rng, &self.device, group_info, &NobodyKnown).unwrap();
        self.has(joined.chat);
        self.confirms();
        Flight {
            commit: joined.commit,
            welcome: None,
            group_info: joined.group_info,
        }
    }

    fn commits(&mut self, change: &Change) -> Flight {
        let plan = Plan {
            added: devices(&change.added),
            removed: change.removed.clone(),
            rules: change
                .rules
                .as_ref()
                .map(|rules| rules.as_group().unwrap().clone()),
            evidence: change.evidence.clone(),
        };
        let chat = self.chat.as_mut().unwrap();
        let PendingCommit {
            commit,
            group_info,
            welcome,
            ..
        } = chat.commit(&mut self.rng, &self.device, &plan).unwrap();
        self.restarts();
        Flight {
            commit,
            welcome,
            group_info,
        }
    }

    fn confirms(&mut self) {
        self.chat().confirm_commit().unwrap();
        self.restarts();
    }

    fn takes(&mut self, commit: &[u8]) -> Option<Vec<u8>> {
        let received = self.receives(commit).unwrap();
        assert!(matches!(received, Received::Commit(_)), "{received:?}");
        None
    }

    fn approves(&mut self, newcomer: &InvitedDevice) -> Approval {
        let chat = self.chat.as_ref().unwrap();
        chat.approve(&self.device, newcomer).unwrap()
    }

    fn encrypts(&mut self, content: &Content) -> Vec<u8> {
        let chat = self.chat.as_mut().unwrap();
        let payload = chat
            .encrypt(&mut self.rng, &self.device, content)
            .unwrap()
            .payload;
        self.restarts();
        payload
    }

    fn decrypts(&mut self, payload: &[u8]) -> (DeviceAddress, Content) {
        match self.receives(payload).unwrap() {
            Received::Message { from, content, .. } => (from.address(), content),
            other => panic!("{other:?}"),
        }
    }

    fn is_member(&self) -> bool {
        self.chat.as_ref().unwrap().is_member()
    }

    fn view(&self) -> View {
        let chat = self.chat.as_ref().unwrap();
        View {
            epoch: chat.epoch().0,
            members: chat.members(),
            rules: chat.rules().clone(),
            exported: EXPORTS
                .into_iter()
                .map(|(label, context, length)| {
                    chat.export(label, context, length).unwrap().expose().to_vec()
                })
                .collect(),
        }
    }
}

fn devices(invited: &[Invitation]) -> Vec<InvitedDevice> {
    invited
        .iter()
        .map(|invitation| invitation.device.clone())
        .collect()
}
