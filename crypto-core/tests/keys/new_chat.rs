//! A chat for tests whose subject is something else. (Chats themselves: the tests in `../mls`.)

use crate::rng;
use sotto_crypto_core::{AccountRoot, Chat, Device, InvitedDevice, KeyPackages};
use sotto_protocol::chat_rules::Party;
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceId, DeviceList, ListedDevice, Suite, Timestamp};

/// Alice has invited Bob's only device.
pub(crate) struct NewChat {
    pub(crate) alice: Device,
    pub(crate) chat: Chat,
    pub(crate) bobs_key_packages: KeyPackages,
    pub(crate) bob_as_invited: InvitedDevice,
}

const NOW: Timestamp = Timestamp(1_790_000_000_000);

impl NewChat {
    pub(crate) fn new() -> Self {
        let mut rng = rng(1);
        let [alice, bob] = [0xa1, 0xb1].map(|number| {
            let identity = AccountRoot::generate(&mut rng).identity();
            let account = AccountId::from_bytes([number; 16]);
            Device::generate(&mut rng, account, DeviceId::from_bytes([number; 16]), &identity)
        });
        let mut bobs_key_packages = KeyPackages::new();
        let key_package = bobs_key_packages
            .generate(&mut rng, &bob, Suite::X25519, NOW, false)
            .unwrap();
        let bob = bob.credential();
        let list = DeviceList {
            account: bob.account,
            name: "bob".parse().unwrap(),
            identity_key: bob.identity_key,
            version: 1,
            devices: vec![ListedDevice {
                device: bob.device,
                device_key: bob.device_key,
            }],
        };
        let invite = || {
            InvitedDevice::verify(
                &key_package,
                Suite::X25519,
                NOW,
                bob.identity_key,
                bob.account,
                &list,
            )
            .unwrap()
        };
        let peer = Party {
            account: bob.account,
            identity_key: bob.identity_key,
        };
        let id = ChatId::from_bytes([0xc1; 16]);
        let rules = ChatRules::direct(Party::from(alice.credential()), peer).unwrap();
        let created = Chat::create(&mut rng, &alice, NOW, id, Suite::X25519, rules, &[invite()]).unwrap();
        Self {
            alice,
            chat: created.chat,
            bobs_key_packages,
            bob_as_invited: invite(),
        }
    }
}
