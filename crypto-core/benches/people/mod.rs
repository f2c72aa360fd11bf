//! Accounts with a device each.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::{AccountRoot, Device, InvitedDevice, KeyPackages, KnownIdentities};
use sotto_protocol::{AccountId, DeviceId, DeviceList, IdentityKey, ListedDevice, Suite, Timestamp};

/// Some day in 2026.
pub const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// Who has seen nobody.
pub struct Nobody;

impl KnownIdentities for Nobody {
    fn identity_of(&self, _: AccountId) -> Option<IdentityKey> {
        None
    }
}

/// An account's one device.
pub struct Person {
    pub device: Device,
    pub key_packages: KeyPackages,
    pub rng: ChaCha20Rng,
}

impl Person {
    pub fn new(number: u16) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(number.into());
        let identity = AccountRoot::generate(&mut rng).identity();
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let account = AccountId::from_bytes(id);
        let device = Device::generate(&mut rng, account, DeviceId::from_bytes(id), &identity);
        Self {
            device,
            key_packages: KeyPackages::new(),
            rng,
        }
    }

    pub fn key_package(&mut self, suite: Suite) -> Vec<u8> {
        self.key_packages
            .generate(&mut self.rng, &self.device, suite, NOW, false)
            .unwrap()
    }

    pub fn verified(&self, key_package: &[u8], suite: Suite) -> InvitedDevice {
        let credential = self.device.credential();
        let list = DeviceList {
            account: credential.account,
            name: "someone".parse().unwrap(),
            identity_key: credential.identity_key,
            version: 1,
            devices: vec![ListedDevice {
                device: credential.device,
                device_key: credential.device_key,
            }],
        };
        InvitedDevice::verify(
            key_package,
            suite,
            NOW,
            credential.identity_key,
            credential.account,
            &list,
        )
        .unwrap()
    }
}
