//! What the store keeps of a chat beside its messages and its MLS group.

use crate::archive::Positions;
use crate::messages::{QueuedBody, Unread};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::{
    AnswerSecret, Chat, EpochKeys, FileKey, FrankingKey, GroupKeyRequest, HistoryFile, HistoryRequest,
    ToldGroupProfile,
};
use sotto_protocol::rest::chat::CreateDirectChat;
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::{
    AccountId, Approval, Binary, ChatRules, Departure, DeviceAddress, Epoch, GroupKey, GroupProfile,
    MessageId, Retention, Seq, SignedGroupProfile, Suite, Timestamp,
};
use std::collections::{BTreeMap, VecDeque};

/// Epochs of which the keys for signals and markers are kept: what was sealed in one may come in the next.
const EPOCHS: usize = 3;

/// A chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ChatRecord {
    /// What kind of chat it is.
    pub(crate) kind: KindRecord,
    /// How far this device is in it.
    pub(crate) stage: Stage,
    /// Every entry up to here is processed, and its outcome is stored.
    pub(crate) done: Seq,
    /// This device's time in the group begins after this entry: of what comes before it can read nothing but that it has sent
    /// it itself.
    pub(crate) begins: Seq,
    /// Positions up to `done` of which this device could not read what was said there. It may be in the archive.
    pub(crate) missing: Positions,
    /// Every message up to this position was read.
    pub(crate) read: u64,
    /// Messages of others after that.
    pub(crate) unread: Unread,
    /// The number of the last message that was put into the outbox.
    pub(crate) last_ordinal: u64,
    /// When this device last renewed its keys in the group; `None` if it is due since it joined.
    pub(crate) renewed_at: Option<Timestamp>,
    /// Entries that could not be decrypted.
    pub(crate) undecryptable: u64,
    /// Whether its members were held against the account's list of devices since this device came in: one that was removed before may
    /// have been in it.
    pub(crate) own_devices_checked: bool,
    /// When something last happened.
    pub(crate) active_at: Timestamp,
    /// The server has moved the chat on in a way that this device does not accept: nothing is sent, and it is not joined anew, as
    /// that would be to accept it.
    pub(crate) halted: Option<Halt>,
    /// How many Commits one after the other this device could not process, and has seen taken back.
    pub(crate) unprocessable: u8,
    /// A Commit was taken back, and the chat is in this epoch again: one of its members has to bring a GroupInfo.
    pub(crate) restored: Option<Epoch>,
    /// How long messages are kept that do not say otherwise; of a group, what its rules say.
    pub(crate) retention: Retention,
    /// The entry that has said so, in a chat without rules about it.
    pub(crate) retention_set: Seq,
    /// Messages that are shown above the others, the latest last.
    pub(crate) pinned: Vec<MessageId>,
    /// The last entry in which somebody else has said something.
    pub(crate) heard: Seq,
    /// How far the others know this device to be.
    pub(crate) told: Told,
    /// The keys of the last epochs for signals and markers, the newest last.
    pub(crate) epoch_keys: VecDeque<EpochKeys>,
    /// Of the newest of them, as RFC 9420, section 8.7, has it: it tells the state of the group apart from every other.
    pub(crate) epoch_authenticator: Vec<u8>,
    /// How many devices are in the group.
    pub(crate) devices: usize,
    /// Somebody has come in alone and was not told yet what was said before and holds still: a group's profile, or how long
    /// messages are kept.
    pub(crate) has_newcomer: bool,
}

impl ChatRecord {
    /// What is kept of a group beside its MLS state.
    pub(crate) fn group(&self) -> Option<&GroupRecord> {
        match &self.kind {
            KindRecord::Group(group) => Some(group),
            KindRecord::Direct { .. } | KindRecord::Notes => None,
        }
    }

    /// As [`Self::group`], to be changed.
    pub(crate) fn group_mut(&mut self) -> Option<&mut GroupRecord> {
        match &mut self.kind {
            KindRecord::Group(group) => Some(group),
            KindRecord::Direct { .. } | KindRecord::Notes => None,
        }
    }

    /// Keeps the keys of the epoch that the group is in, and how many are in it.
    pub(crate) fn note_epoch(&mut self, group: &Chat) {
        let state = group.epoch_authenticator().unwrap_or_default();
        if self.epoch_authenticator == state {
            return;
        }
        self.epoch_authenticator = state.to_vec();
        self.devices = group.members().len();
        // Whoever was taken out of the group has none, nor any use for them.
        if let Ok(keys) = group.epoch_keys() {
            // A Commit that was not accepted, or was taken back, had led to an epoch of the same number.
            self.epoch_keys.retain(|known| known.epoch() < keys.epoch());
            self.epoch_keys.push_back(keys);
            if self.epoch_keys.len() > EPOCHS {
                self.epoch_keys.pop_front();
            }
        }
    }

    /// A chat that begins now on this device, which is due to renew its keys in the group.
    pub(crate) fn new(kind: KindRecord, now: Timestamp) -> Self {
        Self {
            kind,
            stage: Stage::Member,
            done: Seq::ZERO,
            begins: Seq::ZERO,
            missing: Positions::default(),
            read: 0,
            unread: Unread::default(),
            last_ordinal: 0,
            renewed_at: None,
            undecryptable: 0,
            own_devices_checked: false,
            active_at: now,
            halted: None,
            unprocessable: 0,
            restored: None,
            retention: Retention::Keep,
            retention_set: Seq::ZERO,
            pinned: Vec::new(),
            heard: Seq::ZERO,
            told: Told::default(),
            epoch_keys: VecDeque::new(),
            epoch_authenticator: Vec::new(),
            devices: 0,
            has_newcomer: false,
        }
    }
}

/// How far a device has told the others of a chat that it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// It has everything up to here.
    pub(crate) delivered: Seq,
    /// It was read up to here.
    pub(crate) read: Seq,
}

/// What of a chat this device does not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Halt {
    /// A Commit: everything before it is processed.
    Commit {
        /// Its position.
        seq: Seq,
        /// Who made it, by what the server says.
        by: DeviceAddress,
        /// Whether the rules forbid it, or what it led to; otherwise it cannot be processed, which may pass.
        is_forbidden: bool,
    },
    /// The state by which it could be joined anew.
    State,
}

impl Halt {
    /// Whether it is to be told.
    pub(crate) const fn is_forbidden(&self) -> bool {
        matches!(
            self,
            Self::State
                | Self::Commit {
                    is_forbidden: true,
                    ..
                }
        )
    }

    /// Whose Commit it is.
    pub(crate) const fn by(&self) -> Option<DeviceAddress> {
        match self {
            Self::Commit { by, .. } => Some(*by),
            Self::State => None,
        }
    }
}

/// What kind of chat it is, with what the kind has beside.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum KindRecord {
    /// With another account.
    Direct {
        /// The other account.
        peer: AccountId,
    },
    /// Of members with roles.
    Group(Box<GroupRecord>),
    /// With oneself.
    Notes,
}

/// What is kept of a group that its MLS state does not say.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct GroupRecord {
    /// The newest profile seen.
    pub(crate) profile: Option<SignedGroupProfile>,
    /// The key of the profile's picture, if that is sealed.
    pub(crate) picture_key: Option<FileKey>,
    /// The group's key: by it the group is known again, whatever else about it has changed.
    pub(crate) group_key: Option<GroupKey>,
    /// Of members who leave and are in the group still.
    pub(crate) departures: Vec<Departure>,
    /// Of newcomers who are not in yet, the latest last; this account's own among them.
    pub(crate) approvals: Vec<Approval>,
    /// The entries by which members have come in, of those of whom this device has seen it.
    pub(crate) joined: BTreeMap<AccountId, Seq>,
    /// The owner or an admin has told the profile, or this device has written it.
    pub(crate) is_vouched_for: bool,
    /// How this device stands to the secret of the group's key.
    pub(crate) key: KeyStanding,
    /// Devices that have asked for it and were not answered, as far as is known here; the latest last.
    pub(crate) key_requests: Vec<(DeviceAddress, GroupKeyRequest)>,
    /// How this device stands to what was said before it came.
    pub(crate) history: HistoryStanding,
    /// Newcomers' devices that have asked, and where in the log, and were not answered, as far as is known here; the latest last.
    pub(crate) history_requests: Vec<(DeviceAddress, Seq, HistoryRequest)>,
    /// Its rules say so, for good.
    pub(crate) is_broadcast: bool,
}

/// How a device stands to what was said in a group before it came.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) enum HistoryStanding {
    /// There is nothing to be done.
    #[default]
    Settled,
    /// Its account is new in the group: to be asked for, if it is granted.
    Wanted {
        /// How often that was done.
        asked: u8,
    },
    /// It has asked. The answer is opened with this.
    Asked {
        /// How often.
        asked: u8,
        opens: AnswerSecret,
    },
    /// It was answered, and has not read it.
    Told {
        /// How often it has asked.
        asked: u8,
        by: AccountId,
        file: HistoryFile,
    },
}

/// How a device stands to the secret of a group's key.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) enum KeyStanding {
    /// To be looked after: it has come in, or the offices have changed.
    #[default]
    Unknown,
    /// Its account holds no office.
    NoOffice,
    /// It has asked for the secret. The answer is opened with this.
    Asked(AnswerSecret),
    /// It has the secret.
    Held,
}

impl KindRecord {
    /// The kind of a chat with these rules, for this account; `None` if it has no place in it.
    pub(crate) fn of(rules: &ChatRules, own: AccountId) -> Option<Self> {
        match rules {
            ChatRules::Direct(rules) => rules
                .parties()
                .iter()
                .find(|party| party.account != own)
                .map(|party| Self::Direct { peer: party.account }),
            ChatRules::Group(rules) => Some(Self::Group(Box::new(GroupRecord {
                group_key: Some(rules.group_key),
                is_broadcast: rules.is_broadcast,
                ..GroupRecord::default()
            }))),
            ChatRules::Notes(_) => Some(Self::Notes),
        }
    }

    /// Whether a chat with these rules can be this one: the server, which hands out what a device joins by, might hand out another
    /// chat's under its id.
    pub(crate) fn is_of(&self, rules: &ChatRules, own: AccountId) -> bool {
        match (self, rules) {
            (Self::Direct { peer }, ChatRules::Direct(_)) => {
                Self::of(rules, own).and_then(|kind| kind.peer()) == Some(*peer)
            }
            (Self::Group(group), ChatRules::Group(rules)) => group.group_key == Some(rules.group_key),
            (Self::Notes, ChatRules::Notes(party)) => party.account == own,
            _ => false,
        }
    }

    /// The other account of a direct chat.
    pub(crate) const fn peer(&self) -> Option<AccountId> {
        match self {
            Self::Direct { peer } => Some(*peer),
            Self::Group(_) | Self::Notes => None,
        }
    }
}

impl GroupRecord {
    /// What the profile says. Its signature was checked when it came.
    pub(crate) fn profile(&self) -> Option<GroupProfile> {
        self.profile.as_ref().and_then(|signed| signed.claimed().ok())
    }

    /// The profile as it is told to members.
    pub(crate) fn told_profile(&self) -> Option<ToldGroupProfile> {
        self.profile.clone().map(|profile| ToldGroupProfile {
            profile,
            picture_key: self.picture_key.clone(),
        })
    }

    /// Keeps a profile as it was told. Its signature was checked.
    pub(crate) fn keep_profile(&mut self, told: ToldGroupProfile, is_vouched_for: bool) {
        self.is_vouched_for = is_vouched_for;
        self.profile = Some(told.profile);
        self.picture_key = told.picture_key;
    }
}

/// How far a device is in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// It made the group, and the server has not confirmed the chat.
    Creating,
    /// It made an external Commit, and the server has not accepted it.
    Joining,
    /// It is in the group.
    Member,
    /// Its account has said that it leaves, and the server has not confirmed it.
    Leaving,
    /// Its account is not in the group any more. What was said before stays.
    Left,
}

impl Stage {
    /// Whether the device is in the group, and follows it.
    pub(crate) const fn is_in(self) -> bool {
        matches!(self, Self::Member | Self::Leaving)
    }
}

/// The request that creates a chat: the same after a crash.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CreationRecord {
    pub(crate) of: CreationOf,
    pub(crate) suite: Suite,
    pub(crate) added: Vec<DeviceAddress>,
    pub(crate) welcome: Option<Bytes>,
    pub(crate) group_info: Bytes,
}

/// What is created.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum CreationOf {
    /// A direct chat with this account; with the own one, notes.
    Direct(AccountId),
    /// A group, with its profile if it is listed.
    Group(Option<SignedGroupProfile>),
}

/// The request's body.
pub(crate) enum CreationRequest {
    /// `PUT /v1/chat/{id}`
    Direct(CreateDirectChat),
    /// `PUT /v1/group/{id}`
    Group(CreateGroup),
}

impl CreationRecord {
    /// The account of a direct chat.
    pub(crate) const fn with(&self) -> Option<AccountId> {
        match &self.of {
            CreationOf::Direct(account) => Some(*account),
            CreationOf::Group(_) => None,
        }
    }

    /// The request's body.
    pub(crate) fn into_request(self) -> CreationRequest {
        let Self {
            of,
            suite,
            added,
            welcome,
            group_info,
        } = self;
        let (welcome, group_info) = (welcome.map(Binary::from), group_info.into());
        match of {
            CreationOf::Direct(with) => CreationRequest::Direct(CreateDirectChat {
                with,
                suite,
                added,
                welcome,
                group_info,
            }),
            CreationOf::Group(profile) => CreationRequest::Group(CreateGroup {
                suite,
                added,
                welcome,
                group_info,
                profile,
            }),
        }
    }
}

/// A message that the server has not accepted.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OutboxRecord {
    pub(crate) message: MessageId,
    pub(crate) body: QueuedBody,
    pub(crate) retention: Retention,
    /// The message as it was encrypted last.
    pub(crate) sealed: Option<Sealed>,
}

/// An encrypted message.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The epoch that it was encrypted in: the server takes it in no other.
    pub(crate) epoch: Epoch,
    /// The MLS message.
    pub(crate) payload: Bytes,
    /// The key of its commitment.
    pub(crate) franking_key: FrankingKey,
}

/// A Commit that waits for the server's answer. The group's records hold the state that it leads to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingCommitRecord {
    /// The entry's id.
    pub(crate) message: MessageId,
    /// What it is for.
    pub(crate) reason: PendingReason,
    /// The MLS message.
    pub(crate) commit: Bytes,
    /// The GroupInfo of the epoch that it begins.
    pub(crate) group_info: Bytes,
    /// The Welcome for the devices that it adds.
    pub(crate) welcome: Option<Bytes>,
}

/// What a Commit is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PendingReason {
    /// New keys for this device.
    SelfUpdate,
    /// This device joins alone.
    Join {
        /// It takes the place of this device's earlier leaf, and declares to remove it.
        again: bool,
        /// The chat's last entry when the Commit was made: it comes after that.
        after: Seq,
        /// The account is to come into an open group by it, and is in it in no other way.
        as_newcomer: bool,
    },
    /// A change of members or rules.
    Change {
        /// The number of the intent that it carries out; `None` if nobody asked for it, as with those who leave.
        intent: Option<u64>,
        /// The devices that it adds.
        added: Vec<DeviceAddress>,
        /// The devices that it removes.
        removed: Vec<DeviceAddress>,
    },
}
