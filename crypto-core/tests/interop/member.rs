//! A member of a chat, whichever implementation it runs on.

use crate::mls_rs_member::MlsRsMember;
use crate::our_member::OurMember;
use crate::setup::Manners;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{AccountRoot, Body, Content, Device, InvitedDevice, KeyPackageError, Label, Text};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::{
    AccountId, Approval, ChatId, ChatRules, DeviceAddress, DeviceCredential, DeviceId, DeviceList, Evidence,
    ListedDevice, MessageId, Retention, Suite, Timestamp,
};

/// Some day in 2026.
pub const NOW: Timestamp = Timestamp(1_790_000_000_000);
pub const CHAT: ChatId = ChatId::from_bytes([0xC4; 16]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implementation {
    Ours,
    MlsRs,
    /// mls-rs with extensions that nobody else knows.
    Newer,
}

/// Who acts, and who answers.
pub const BOTH_WAYS: [[Implementation; 2]; 2] = [
    [Implementation::Ours, Implementation::MlsRs],
    [Implementation::MlsRs, Implementation::Ours],
];

impl Implementation {
    /// A device of an account of that name.
    pub fn member(self, name: &str) -> Box<dyn Member> {
        match self {
            Self::Ours => Box::new(OurMember::new(name)),
            Self::MlsRs => Box::new(MlsRsMember::new(name)),
            Self::Newer => Box::new(MlsRsMember::with(
                name,
                Manners {
                    unknown: &[0xF0F1, 0xF0F2],
                    ..Manners::OURS
                },
            )),
        }
    }
}

/// What a member does in these stories.
pub trait Member {
    fn device(&self) -> &Device;
    fn key_package(&mut self, last_resort: bool) -> Vec<u8>;
    /// Creates the chat and invites those in a first Commit that nobody else sees; the epoch is 1.
    fn founds(&mut self, rules: &ChatRules, invited: &[Invitation]) -> Founded;
    fn joins(&mut self, welcome: &[u8]);
    /// Joins alone, or takes the place of its own leaf. The server accepts at once.
    fn joins_alone(&mut self, group_info: &[u8]) -> Flight;
    /// Makes a Commit, which is not in force before [`Self::confirms`].
    fn commits(&mut self, change: &Change) -> Flight;
    fn confirms(&mut self);
    /// Takes a Commit of somebody else. Its authenticated data, if the implementation hands it out: ours keeps it to itself.
    fn takes(&mut self, commit: &[u8]) -> Option<Vec<u8>>;
    fn approves(&mut self, newcomer: &InvitedDevice) -> Approval;
    fn encrypts(&mut self, content: &Content) -> Vec<u8>;
    fn decrypts(&mut self, payload: &[u8]) -> (DeviceAddress, Content);
    fn is_member(&self) -> bool;
    /// What every member has to see alike.
    fn view(&self) -> View;

    fn address(&self) -> DeviceAddress {
        self.device().address()
    }

    fn party(&self) -> Party {
        Party::from(self.device().credential())
    }

    fn invitation(&mut self) -> Invitation {
        let key_package = self.key_package(false);
        let device = self.verified(&key_package).unwrap();
        Invitation { key_package, device }
    }

    /// A KeyPackage of this member, checked as our inviters do.
    fn verified(&self, key_package: &[u8]) -> Result<InvitedDevice, KeyPackageError> {
        InvitedDevice::verify(
            key_package,
            Suite::X25519,
            NOW,
            self.device().credential().identity_key,
            self.address().account,
            &device_list(self.device()),
        )
    }
}

/// A KeyPackage as it came, and as our client has checked it.
#[derive(Clone)]
pub struct Invitation {
    pub key_package: Vec<u8>,
    pub device: InvitedDevice,
}

#[derive(Clone, Default)]
pub struct Change {
    pub added: Vec<Invitation>,
    pub removed: Vec<DeviceAddress>,
    pub rules: Option<ChatRules>,
    pub evidence: Evidence,
}

pub struct Founded {
    pub welcome: Option<Vec<u8>>,
    pub group_info: Vec<u8>,
}

/// What a Commit brings to the server.
pub struct Flight {
    pub commit: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
    pub group_info: Vec<u8>,
}

#[derive(Debug, PartialEq)]
pub struct View {
    pub epoch: u64,
    /// In the order of their leaves.
    pub members: Vec<DeviceCredential>,
    pub rules: ChatRules,
    pub exported: Vec<Vec<u8>>,
}

/// What is exported to be compared: of one block, and of several that end within one.
pub const EXPORTS: [(Label, &[u8], usize); 2] = [
    (Label::GroupProfile, b"", 32),
    (Label::SafetyNumber, b"a context", 77),
];

pub fn device(name: &str) -> Device {
    let root = AccountRoot::from_bytes(seed(name, 0));
    let account = AccountId::from_bytes(seed(name, 0)[..16].try_into().unwrap());
    let mut rng = ChaCha20Rng::from_seed(seed(name, 1));
    Device::generate(&mut rng, account, DeviceId::from_bytes([1; 16]), &root.identity())
}

/// A seed for one use by one member.
pub fn seed(name: &str, use_of_it: u8) -> [u8; 32] {
    let mut seed = [use_of_it; 32];
    seed[..16].fill(0);
    seed[..name.len()].copy_from_slice(name.as_bytes());
    seed
}

/// The seed of the device's signature key, from its record.
pub fn seed_of(device: &Device) -> [u8; 32] {
    let record = device.encode();
    record.expose()[record.expose().len() - 32..].try_into().unwrap()
}

fn device_list(device: &Device) -> DeviceList {
    let credential = device.credential();
    DeviceList {
        account: credential.account,
        name: "somebody".parse().unwrap(),
        identity_key: credential.identity_key,
        version: 1,
        devices: vec![ListedDevice {
            device: credential.device,
            device_key: credential.device_key,
        }],
    }
}

pub fn text(text: &str) -> Content {
    Content {
        message: MessageId::from_bytes([7; 16]),
        retention: Retention::Keep,
        body: Body::Text(Text::from(text)),
    }
}
