//! What a hostile server or member can do to MLS messages. libFuzzer would not find a valid one, so each input alters one:
//! the first byte says which, the next two where, the rest replaces what stands there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sotto_crypto_core::{
    AccountRoot, Body, Chat, Content, Device, InvitedDevice, KeyPackages, KnownIdentities, Text,
};
use sotto_protocol::chat_rules::ChatRules;
use sotto_protocol::{
    AccountId, ChatId, DeviceId, DeviceList, IdentityKey, ListedDevice, MessageId, Retention, Suite,
    Timestamp,
};
use std::cell::RefCell;

const NOW: Timestamp = Timestamp(1_790_000_000_000);
const SUITE: Suite = Suite::X25519;

struct NobodyKnown;

impl KnownIdentities for NobodyKnown {
    fn identity_of(&self, _: AccountId) -> Option<IdentityKey> {
        None
    }
}

/// Alice's chat with Bob, and one valid message of each kind. Bob has joined, and has received nothing yet.
struct World {
    alice: Device,
    bob: Device,
    bobs_list: DeviceList,
    bobs_key_packages: KeyPackages,
    bobs_chat: Chat,
    key_package: Vec<u8>,
    welcome: Vec<u8>,
    group_info: Vec<u8>,
    message: Vec<u8>,
    commit: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [alice, bob] = [0xa1, 0xb1].map(|number| {
            let identity = AccountRoot::from_bytes([number; 32]).identity();
            let account = AccountId::from_bytes([number; 16]);
            Device::generate(&mut rng, account, DeviceId::from_bytes([number; 16]), &identity)
        });
        let mut bobs_key_packages = KeyPackages::new();
        let mut key_package = || {
            bobs_key_packages
                .generate(&mut rng, &bob, SUITE, NOW, true)
                .expect("a KeyPackage")
        };
        let key_package = key_package();
        let credential = bob.credential();
        let bobs_list = DeviceList {
            account: credential.account,
            name: "bob".parse().expect("a name"),
            identity_key: credential.identity_key,
            version: 1,
            devices: vec![ListedDevice {
                device: credential.device,
                device_key: credential.device_key,
            }],
        };
        let invited = InvitedDevice::verify(
            &key_package,
            SUITE,
            NOW,
            credential.identity_key,
            credential.account,
            &bobs_list,
        )
        .expect("Bob's KeyPackage");
        let id = ChatId::from_bytes([0xc1; 16]);
        let rules = ChatRules::direct(alice.credential().into(), credential.into()).expect("two people");
        let created = Chat::create(&mut rng, &alice, NOW, id, SUITE, rules, &[invited]).expect("a chat");
        let welcome = created.welcome.expect("a Welcome for Bob");
        let mut alices_chat = created.chat;
        let bobs_chat =
            Chat::join(&bob, &mut bobs_key_packages, &welcome, &NobodyKnown).expect("Bob's Welcome");
        let content = Content {
            message: MessageId::from_bytes([7; 16]),
            retention: Retention::Keep,
            body: Body::Text(Text::from("hello")),
        };
        let message = alices_chat
            .encrypt(&mut rng, &alice, &content)
            .expect("a message")
            .payload;
        let commit = alices_chat
            .self_update(&mut rng, &alice)
            .expect("a Commit")
            .commit;
        Self {
            alice,
            bob,
            bobs_list,
            bobs_key_packages,
            bobs_chat,
            key_package,
            welcome,
            group_info: created.group_info,
            message,
            commit,
        }
    }

    fn take(&mut self, which: u8, at: usize, with: &[u8]) {
        let genuine = match which % 5 {
            0 => &self.key_package,
            1 => &self.welcome,
            2 => &self.group_info,
            3 => &self.message,
            _ => &self.commit,
        };
        let mut altered = genuine.clone();
        let at = at % altered.len();
        let end = altered.len().min(at + with.len());
        altered.splice(at..end, with.iter().copied());
        if altered == *genuine {
            return;
        }
        match which % 5 {
            0 => {
                let credential = self.bob.credential();
                let (key, account) = (credential.identity_key, credential.account);
                let verified = InvitedDevice::verify(&altered, SUITE, NOW, key, account, &self.bobs_list);
                assert!(verified.is_err(), "an altered KeyPackage was believed");
            }
            1 => {
                let joined = Chat::join(&self.bob, &mut self.bobs_key_packages, &altered, &NobodyKnown);
                assert!(joined.is_err(), "an altered Welcome was believed");
            }
            2 => {
                let mut rng = ChaCha20Rng::seed_from_u64(2);
                let joined = Chat::join_external(&mut rng, &self.alice, &altered, &NobodyKnown);
                assert!(joined.is_err(), "an altered GroupInfo was believed");
            }
            _ => {
                let received = self.bobs_chat.receive(&altered, NOW, &NobodyKnown);
                assert!(received.is_err(), "an altered message was believed");
            }
        }
    }
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|data: &[u8]| {
    if let [which, at_high, at_low, with @ ..] = data {
        let at = usize::from(u16::from_be_bytes([*at_high, *at_low]));
        WORLD.with_borrow_mut(|world| world.take(*which, at, with));
    }
});
