//! People, devices and messages to test with.

use super::Backend;
use crate::store::{
    AccountStore as _, Appended, CommitParts, Findings, LogStore, NewAccount, NewChat, NewSession,
    RefreshTokenHashes, SessionId, Submission, TokenHash, WriteBatch,
};
use bytes::Bytes;
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::chat_rules::{DirectRules, EXTENSION_TYPE, Inviters, JoinPolicy, Party};
use sotto_protocol::message_header::SignedGroupInfo;
use sotto_protocol::rest::admin::NamedAccount;
use sotto_protocol::{
    AccountId, AccountName, Approval, ChatId, ChatRules, Departure, DeviceAddress, DeviceId, DeviceKey,
    DeviceList, Epoch, Evidence, GroupKey, GroupRules, IdentityKey, KeyPackageRef, LeafKeyHash, ListedDevice,
    LoginKey, MessageId, Retention, Seq, Signature, SignedDeviceList, Suite, Timestamp,
};
use std::sync::Arc;

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// An account by a number, with as many devices as wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Person(pub(crate) u8);

impl Person {
    pub(crate) fn account(self) -> AccountId {
        AccountId::from_bytes([self.0; 16])
    }

    pub(crate) fn name(self) -> AccountName {
        format!("person-{}", self.0).parse().unwrap()
    }

    pub(crate) fn named(self) -> NamedAccount {
        NamedAccount {
            account: self.account(),
            name: self.name(),
        }
    }

    pub(crate) fn identity_key(self) -> IdentityKey {
        IdentityKey::from_bytes([self.0; 32])
    }

    /// The account, as rules name it.
    pub(crate) fn party(self) -> Party {
        Party {
            account: self.account(),
            identity_key: self.identity_key(),
        }
    }

    /// The address of the account's device with this number.
    pub(crate) fn device(self, number: u8) -> DeviceAddress {
        let mut bytes = [number; 16];
        bytes[0] = self.0;
        DeviceAddress {
            account: self.account(),
            device: DeviceId::from_bytes(bytes),
        }
    }

    pub(crate) fn device_key(self, number: u8) -> DeviceKey {
        DeviceKey::from_bytes(signing_key(self.device(number)).verifying_key().to_bytes())
    }

    pub(crate) fn device_list(self, version: u64, devices: &[u8]) -> SignedDeviceList {
        let list = DeviceList {
            account: self.account(),
            name: self.name(),
            identity_key: self.identity_key(),
            version,
            devices: devices
                .iter()
                .map(|&number| ListedDevice {
                    device: self.device(number).device,
                    device_key: self.device_key(number),
                })
                .collect(),
        };
        SignedDeviceList {
            list: list.encode().into(),
            signature: Signature::from_bytes([self.0; 64]),
        }
    }

    /// A registration with device 1.
    pub(crate) fn registration(self) -> NewAccount {
        NewAccount {
            account: self.account(),
            name: self.name(),
            opaque_record: Bytes::from_static(b"record"),
            identity_key: self.identity_key(),
            vault_by_password: Bytes::from_static(b"by password"),
            vault_by_recovery_code: Bytes::from_static(b"by code"),
            recovery_key: LoginKey::from_bytes([self.0; 32]),
            device: self.device(1).device,
            device_key: self.device_key(1),
            device_list: self.device_list(1, &[1]),
            device_name: Some(Bytes::from_static(b"sealed name")),
            session: session(self.0),
            invite: None,
            captcha: None,
            oidc: None,
            bot: None,
            at: NOW,
        }
    }

    pub(crate) async fn registers(self, backend: &impl Backend) -> Self {
        backend
            .accounts()
            .create_account(self.registration())
            .await
            .unwrap();
        self
    }
}

/// A session by a number, for an hour.
pub(crate) fn session(number: u8) -> NewSession {
    NewSession {
        id: SessionId([number; 16]),
        refresh: RefreshTokenHashes {
            family: TokenHash([number; 32]),
            secret: secret(0),
        },
        expires_at: NOW.plus_millis(3_600_000),
    }
}

pub(crate) fn secret(number: u8) -> TokenHash {
    TokenHash([number; 32])
}

pub(crate) const ALICE: Person = Person(1);
pub(crate) const BOB: Person = Person(2);
pub(crate) const EVE: Person = Person(3);

pub(crate) fn chat(number: u8) -> ChatId {
    ChatId::from_bytes([number; 16])
}

pub(crate) fn message(number: u32) -> MessageId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    MessageId::from_bytes(bytes)
}

/// The rules of a direct chat.
pub(crate) fn direct(one: Person, other: Person) -> ChatRules {
    ChatRules::Direct(DirectRules::new(one.party(), other.party()).unwrap())
}

/// The rules of a new group into which members invite.
pub(crate) fn group_rules(owner: Person) -> GroupRules {
    let by = Inviters::Members;
    GroupRules::new(
        GroupKey::from_bytes([7; 32]),
        owner.party(),
        JoinPolicy::Invite { by },
    )
}

/// A group that its owner's device 1 makes with the others' devices 1.
pub(crate) fn new_group(number: u8, owner: Person, others: &[Person]) -> NewChat {
    NewChat {
        rules: Arc::new(ChatRules::Group(group_rules(owner))),
        added: others.iter().map(|other| other.device(1)).collect(),
        welcome: (!others.is_empty()).then(|| Bytes::from_static(b"welcome")),
        ..new_chat(number, owner, Person(0))
    }
}

/// A direct chat of two people, made by the first one's device 1 with the other's.
pub(crate) fn new_chat(number: u8, creator: Person, other: Person) -> NewChat {
    NewChat {
        chat: chat(number),
        rules: Arc::new(direct(creator, other)),
        creator: creator.device(1),
        suite: Suite::XWing,
        added: vec![other.device(1)],
        welcome: Some(Bytes::from_static(b"welcome")),
        group_info: Bytes::from_static(b"group info 1"),
        at: NOW,
    }
}

/// The key with which a device signs: it follows from its address.
pub(crate) fn signing_key(device: DeviceAddress) -> SigningKey {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(device.account.as_bytes());
    seed[16..].copy_from_slice(device.device.as_bytes());
    SigningKey::from_bytes(&seed)
}

/// What a device signs for this purpose.
pub(crate) fn signed(by: DeviceAddress, label: &str, bytes: &[u8]) -> Signature {
    let message = [label.as_bytes(), &[0], bytes].concat();
    Signature::from_bytes(signing_key(by).sign(&message).to_bytes())
}

/// A GroupInfo of a chat with these rules, as far as a server reads it, signed by the device.
pub(crate) fn group_info(by: DeviceAddress, chat: ChatId, epoch: u64, rules: &ChatRules) -> Bytes {
    let extension = |kind: u16, data: &[u8]| [&kind.to_be_bytes()[..], &vector(data)].concat();
    let mut bytes = vec![0, 1, 0, 4, 0, 1];
    bytes.extend_from_slice(&Suite::XWing.code_point().to_be_bytes());
    bytes.extend(vector(chat.as_bytes()));
    bytes.extend_from_slice(&epoch.to_be_bytes());
    // Tree hash and transcript hash.
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend(vector(&extension(EXTENSION_TYPE, &rules.encode().unwrap())));
    let external_pub = vector(&[u8::try_from(epoch % 256).unwrap(); 32]);
    bytes.extend(vector(&extension(4, &external_pub)));
    // The confirmation tag, and the place of the signer's leaf.
    bytes.extend_from_slice(&[0, 0, 0, 0, 0]);
    let unsigned = [bytes.as_slice(), &[0]].concat();
    let content = SignedGroupInfo::read(&unsigned).unwrap().signed_bytes();
    bytes.extend(vector(&signing_key(by).sign(&content).to_bytes()));
    bytes.into()
}

/// A vector of bytes with its length (RFC 9420, section 2.1.2).
pub(crate) fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut vector = if length < 64 {
        vec![u8::try_from(length).unwrap()]
    } else {
        (length | 0x4000).to_be_bytes().to_vec()
    };
    vector.extend_from_slice(bytes);
    vector
}

/// An application message in epoch 1.
pub(crate) fn says(chat: ChatId, from: DeviceAddress, number: u32) -> Submission {
    Submission {
        chat,
        from,
        message: message(number),
        after: Seq::ZERO,
        epoch: Epoch(1),
        retention: Retention::Keep,
        payload: Bytes::from(format!("message {number}")),
        commit: None,
    }
}

/// A Commit in epoch 1 that changes no member of a chat of Alice and Bob.
pub(crate) fn commits(chat: ChatId, from: DeviceAddress, number: u32) -> Submission {
    Submission {
        payload: Bytes::from(format!("commit {number}")),
        commit: Some(Box::new(CommitParts {
            group_info: Bytes::from(format!("group info of {number}")),
            suite: Suite::XWing,
            rules: Arc::new(direct(ALICE, BOB)),
            evidence: Evidence::default(),
            added: Vec::new(),
            removed: Vec::new(),
            welcome: None,
            external: false,
            as_newcomer: false,
            findings: Findings::default(),
        })),
        ..says(chat, from, number)
    }
}

impl Submission {
    pub(crate) fn in_epoch(self, epoch: u64) -> Self {
        Self {
            epoch: Epoch(epoch),
            ..self
        }
    }

    pub(crate) fn after(self, seq: u64) -> Self {
        Self {
            after: Seq(seq),
            ..self
        }
    }

    pub(crate) fn kept(self, retention: Retention) -> Self {
        Self { retention, ..self }
    }

    /// Adds a device by a Welcome.
    pub(crate) fn adding(mut self, device: DeviceAddress) -> Self {
        let commit = self.commit.as_mut().unwrap();
        commit.added.push(device);
        commit.welcome = Some(Bytes::from_static(b"later welcome"));
        self
    }

    pub(crate) fn removing(mut self, device: DeviceAddress) -> Self {
        self.commit.as_mut().unwrap().removed.push(device);
        self
    }

    /// Says by a Commit that the chat has these rules from then on.
    pub(crate) fn under(mut self, rules: &ChatRules) -> Self {
        self.commit.as_mut().unwrap().rules = Arc::new(rules.clone());
        self
    }

    /// Brings an approval along.
    pub(crate) fn approved_by(mut self, by: DeviceAddress, newcomer: DeviceAddress) -> Self {
        self.commit.as_mut().unwrap().evidence.approvals.push(Approval {
            newcomer,
            key_package: KeyPackageRef::from_bytes([1; 32]),
            by,
            signature: Signature::from_bytes([2; 64]),
        });
        self
    }

    /// Brings along that an account leaves.
    pub(crate) fn with_departure_of(mut self, by: DeviceAddress) -> Self {
        self.commit.as_mut().unwrap().evidence.departures.push(Departure {
            by,
            leaf_key: LeafKeyHash::from_bytes([1; 32]),
            signature: Signature::from_bytes([2; 64]),
        });
        self
    }

    /// Makes it an external Commit by which its sender joins.
    pub(crate) fn joining(mut self) -> Self {
        let commit = self.commit.as_mut().unwrap();
        commit.added = vec![self.from];
        commit.external = true;
        self
    }

    /// As [`Self::joining`], and its account is to come into the group by it.
    pub(crate) fn joining_as_newcomer(self) -> Self {
        let mut submission = self.joining();
        submission.commit.as_mut().unwrap().as_newcomer = true;
        submission
    }
}

/// Writes submissions as one batch.
pub(crate) async fn write(log: &impl LogStore, submissions: &[Submission]) -> Vec<Appended> {
    write_at(log, submissions, NOW).await
}

pub(crate) async fn write_at(
    log: &impl LogStore,
    submissions: &[Submission],
    at: Timestamp,
) -> Vec<Appended> {
    let batch = WriteBatch {
        submissions,
        cursors: &[],
        markers: &[],
        at,
    };
    log.write(batch).await.unwrap()
}

/// Writes one submission.
pub(crate) async fn write_one(log: &impl LogStore, submission: Submission) -> Appended {
    write(log, &[submission]).await.remove(0)
}

/// The position of an accepted entry.
pub(crate) fn position(appended: &Appended) -> u64 {
    match appended {
        Appended::Accepted {
            seq: Some(Seq(seq)), ..
        } => *seq,
        other => panic!("not accepted: {other:?}"),
    }
}

pub(crate) fn refusal(appended: &Appended) -> sotto_protocol::ProblemCode {
    match appended {
        Appended::Refused(refusal) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}
