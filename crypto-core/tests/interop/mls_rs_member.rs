//! A member that runs mls-rs.

use crate::member::{
    CHAT, Change, EXPORTS, Flight, Founded, Invitation, Member, View, device, seed, seed_of,
};
use crate::setup::{self, Config, Manners, clock, credential};
use ed25519_dalek::{Signer as _, SigningKey};
use mls_rs::error::MlsError;
use mls_rs::group::{CommitEffect, ReceivedMessage};
use mls_rs::{Client, Extension, Group, MlsMessage};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sotto_crypto_core::{Content, Device, Franked, FrankingKey, InvitedDevice, Label};
use sotto_protocol::{
    Approval, ChatRules, Commitment, DeviceAddress, DeviceCredential, FrankedPlace, Signature,
};

/// Where a message is said.
fn place(from: DeviceAddress, content: &Content) -> FrankedPlace {
    FrankedPlace {
        chat: CHAT,
        message: content.message,
        from,
    }
}

pub struct MlsRsMember {
    device: Device,
    client: Client<Config>,
    manners: Manners,
    group: Option<Group<Config>>,
    was_removed: bool,
}

impl MlsRsMember {
    pub fn new(name: &str) -> Self {
        Self::with(name, Manners::OURS)
    }

    pub fn with(name: &str, manners: Manners) -> Self {
        let device = device(name);
        let client = setup::client(&device, seed(name, 3), manners);
        Self {
            device,
            client,
            manners,
            group: None,
            was_removed: false,
        }
    }

    pub fn group(&mut self) -> &mut Group<Config> {
        self.group.as_mut().unwrap()
    }

    fn state(&self) -> &Group<Config> {
        self.group.as_ref().unwrap()
    }

    fn leaf_of(&self, address: DeviceAddress) -> u32 {
        let member = self
            .state()
            .roster()
            .members_iter()
            .find(|member| credential(&member.signing_identity).unwrap().address() == address);
        member.unwrap().index
    }

    /// Takes a message as a whole or not at all.
    ///
    /// mls-rs takes a message's key out of memory before it knows whether the message is authentic, and does not put it
    /// back: an altered copy that comes first makes the message itself unreadable. By RFC 9420, section 9.2, a key is
    /// consumed by a message that was decrypted successfully. So whoever uses mls-rs has to go back to what was stored.
    pub fn receives(&mut self, payload: &[u8]) -> Result<ReceivedMessage, MlsError> {
        let message = MlsMessage::from_bytes(payload)?;
        let received = self.group().process_incoming_message_with_time(message, clock());
        match received {
            Ok(_) => self.group().write_to_storage().unwrap(),
            Err(_) => self.group = Some(self.client.load_group(CHAT.as_bytes()).unwrap()),
        }
        received
    }

    /// Drops the Commit that it has made.
    pub fn discards(&mut self) {
        self.group().clear_pending_commit();
    }

    fn has(&mut self, mut group: Group<Config>) {
        group.write_to_storage().unwrap();
        self.group = Some(group);
    }
}

impl Member for MlsRsMember {
    fn device(&self) -> &Device {
        &self.device
    }

    fn key_package(&mut self, last_resort: bool) -> Vec<u8> {
        let mut extensions = self.manners.unknown_extensions();
        if last_resort {
            extensions.set(Extension::new(setup::LAST_RESORT, Vec::new()));
        }
        let begin = setup::begin_of_lifetimes();
        self.client
            .generate_key_package_message(extensions, self.manners.unknown_extensions(), Some(begin))
            .unwrap()
            .to_bytes()
            .unwrap()
    }

    fn founds(&mut self, rules: &ChatRules, invited: &[Invitation]) -> Founded {
        self.group = Some(setup::group(&self.client, rules, self.manners));
        let added = invited.to_vec();
        let flight = self.commits(&Change {
            added,
            ..Change::default()
        });
        self.confirms();
        Founded {
            welcome: flight.welcome,
            group_info: flight.group_info,
        }
    }

    fn joins(&mut self, welcome: &[u8]) {
        let welcome = MlsMessage::from_bytes(welcome).unwrap();
        let (group, _) = self.client.join_group(None, &welcome, Some(clock())).unwrap();
        assert_eq!(group.group_id(), CHAT.as_bytes());
        self.has(group);
    }

    fn joins_alone(&mut self, group_info: &[u8]) -> Flight {
        let mut builder = self
            .client
            .external_commit_builder()
            .unwrap()
            .with_leaf_node_extensions(self.manners.unknown_extensions())
            .commit_time(setup::begin_of_lifetimes());
        if let Some(lost) = &self.group {
            builder = builder.with_removal(lost.current_member_index());
        }
        let group_info = MlsMessage::from_bytes(group_info).unwrap();
        let (group, commit) = builder.build(group_info).unwrap();
        let group_info = group
            .group_info_message_allowing_ext_commit_with_extensions(true, self.manners.unknown_extensions())
            .unwrap();
        self.has(group);
        Flight {
            commit: commit.to_bytes().unwrap(),
            welcome: None,
            group_info: group_info.to_bytes().unwrap(),
        }
    }

    fn commits(&mut self, change: &Change) -> Flight {
        let removed: Vec<u32> = change
            .removed
            .iter()
            .map(|address| self.leaf_of(*address))
            .collect();
        let unknown = self.manners.unknown_extensions();
        let mut builder = self
            .group()
            .commit_builder()
            .commit_time(clock())
            .set_group_info_ext(unknown);
        for Invitation { key_package, .. } in &change.added {
            builder = builder
                .add_member(MlsMessage::from_bytes(key_package).unwrap())
                .unwrap();
        }
        for leaf in removed {
            builder = builder.remove_member(leaf).unwrap();
        }
        if let Some(rules) = &change.rules {
            builder = builder.set_group_context_ext(setup::extensions(rules)).unwrap();
        }
        let output = builder
            .authenticated_data(change.evidence.encode())
            .build()
            .unwrap();
        let bytes = |message: &MlsMessage| message.to_bytes().unwrap();
        Flight {
            commit: bytes(&output.commit_message),
            welcome: output.welcome_messages.first().map(bytes),
            group_info: bytes(output.external_commit_group_info.as_ref().unwrap()),
        }
    }

    fn confirms(&mut self) {
        let group = self.group();
        group.apply_pending_commit().unwrap();
        group.write_to_storage().unwrap();
    }

    fn takes(&mut self, commit: &[u8]) -> Option<Vec<u8>> {
        let ReceivedMessage::Commit(commit) = self.receives(commit).unwrap() else {
            panic!("no Commit")
        };
        self.was_removed = matches!(commit.effect, CommitEffect::Removed { .. });
        Some(commit.authenticated_data)
    }

    fn approves(&mut self, newcomer: &InvitedDevice) -> Approval {
        let removals = setup::rules(self.state()).as_group().unwrap().removals;
        let signed = Approval::signed_bytes(CHAT, removals, newcomer.address(), newcomer.reference());
        let key = SigningKey::from_bytes(&seed_of(&self.device));
        Approval {
            newcomer: newcomer.address(),
            key_package: newcomer.reference(),
            by: self.address(),
            signature: Signature::from_bytes(key.sign(&Label::Approval.prefix(&signed)).to_bytes()),
        }
    }

    fn encrypts(&mut self, content: &Content) -> Vec<u8> {
        let encoded = content.encode().unwrap();
        let key = FrankingKey::generate(&mut ChaCha20Rng::from_seed([7; 32]));
        let commitment = key.commit(&place(self.address(), content), &encoded);
        let group = self.group();
        let message = group
            .encrypt_application_message(
                &key.plain_text(&encoded),
                commitment.authenticated_data().to_vec(),
            )
            .unwrap();
        group.write_to_storage().unwrap();
        message.to_bytes().unwrap()
    }

    fn decrypts(&mut self, payload: &[u8]) -> (DeviceAddress, Content) {
        match self.receives(payload).unwrap() {
            ReceivedMessage::ApplicationMessage(message) => {
                let sender = self.group().member_at_index(message.sender_index).unwrap();
                let from = credential(&sender.signing_identity).unwrap();
                let franked = Franked::read(message.data()).unwrap();
                let said = franked.content.expose();
                let content = Content::decode(said).unwrap();
                let commitment = Commitment::of_authenticated_data(&message.authenticated_data).unwrap();
                assert!(
                    franked
                        .key
                        .fits(&place(from.address(), &content), said, &commitment)
                );
                (from.address(), content)
            }
            other => panic!("{other:?}"),
        }
    }

    fn is_member(&self) -> bool {
        !self.was_removed
    }

    fn view(&self) -> View {
        let group = self.state();
        let members: Vec<DeviceCredential> = group
            .roster()
            .members_iter()
            .map(|member| credential(&member.signing_identity).unwrap())
            .collect();
        View {
            epoch: group.current_epoch(),
            members,
            rules: setup::rules(group),
            exported: EXPORTS
                .into_iter()
                .map(|(label, context, length)| {
                    let label = label.as_str().as_bytes();
                    group
                        .export_secret(label, context, length)
                        .unwrap()
                        .as_bytes()
                        .to_vec()
                })
                .collect(),
        }
    }
}
