//! Which KeyPackages are taken for an invitation.

use crate::world::{Client, NOW};
use sotto_crypto_core::{InvitedDevice, KeyPackageError, KeyPackages};
use sotto_protocol::{DeviceList, IdentityKey, Suite, Timestamp};

const DAY: u64 = 24 * 60 * 60 * 1000;

struct Offer {
    key_package: Vec<u8>,
    suite: Suite,
    now: Timestamp,
    identity_key: IdentityKey,
    list: DeviceList,
}

impl Offer {
    fn of(bob: &mut Client) -> Self {
        Self {
            key_package: bob.key_package(Suite::X25519),
            suite: Suite::X25519,
            now: NOW,
            identity_key: bob.identity_key(),
            list: bob.device_list(&[]),
        }
    }

    fn verified(&self) -> Result<InvitedDevice, KeyPackageError> {
        InvitedDevice::verify(
            &self.key_package,
            self.suite,
            self.now,
            self.identity_key,
            self.list.account,
            &self.list,
        )
    }
}

#[test]
fn a_listed_device_is_invited_in_either_suite() {
    let mut bob = Client::new("bob");
    for suite in Suite::ALL {
        let offer = Offer {
            key_package: bob.key_package(suite),
            suite,
            ..Offer::of(&mut bob)
        };
        let invited = offer.verified().unwrap();
        assert_eq!(invited.address(), bob.address());
        assert_eq!(invited.credential(), bob.device.credential());
    }
}

#[test]
fn a_device_that_is_not_on_the_accounts_list_is_not_invited() {
    let mut bob = Client::new("bob");
    let mut offer = Offer::of(&mut bob);
    offer.list = Client::device_of("bob", 2).device_list(&[]);
    assert!(matches!(offer.verified(), Err(KeyPackageError::NotListed)));
    // Listed, but with another key.
    let mut offer = Offer::of(&mut bob);
    offer.list.devices[0].device_key = Client::device_of("bob", 2).device.credential().device_key;
    assert!(matches!(offer.verified(), Err(KeyPackageError::NotListed)));
}

#[test]
fn a_device_under_another_identity_key_is_not_invited() {
    let mut bob = Client::new("bob");
    let mut offer = Offer::of(&mut bob);
    offer.identity_key = Client::impostor_of("bob", 9).identity_key();
    assert!(matches!(offer.verified(), Err(KeyPackageError::OtherIdentity)));
    let mut offer = Offer::of(&mut bob);
    offer.key_package = Client::impostor_of("bob", 1).key_package(Suite::X25519);
    assert!(matches!(offer.verified(), Err(KeyPackageError::OtherIdentity)));
}

#[test]
fn a_device_of_another_account_is_not_invited() {
    let mut bob = Client::new("bob");
    let mut offer = Offer::of(&mut bob);
    offer.key_package = Client::new("carol").key_package(Suite::X25519);
    assert!(matches!(offer.verified(), Err(KeyPackageError::OtherAccount)));
}

#[test]
fn a_key_package_for_another_suite_is_refused() {
    let mut bob = Client::new("bob");
    let offer = Offer {
        suite: Suite::XWing,
        ..Offer::of(&mut bob)
    };
    assert!(matches!(offer.verified(), Err(KeyPackageError::OtherSuite)));
}

#[test]
fn a_key_package_that_was_kept_back_is_refused() {
    let mut bob = Client::new("bob");
    let offer = Offer {
        now: Timestamp(NOW.0 + 89 * DAY),
        ..Offer::of(&mut bob)
    };
    assert!(offer.verified().is_ok());
    let offer = Offer {
        now: Timestamp(NOW.0 + 92 * DAY),
        ..Offer::of(&mut bob)
    };
    assert!(matches!(offer.verified(), Err(KeyPackageError::Expired)));
    let offer = Offer {
        now: Timestamp(NOW.0 - 3 * DAY),
        ..Offer::of(&mut bob)
    };
    assert!(matches!(offer.verified(), Err(KeyPackageError::Lifetime)));
}

#[test]
fn expired_key_packages_are_deleted_with_their_private_keys() {
    let mut bob = Client::new("bob");
    let later = Timestamp(NOW.0 + 60 * DAY);
    bob.key_package(Suite::X25519);
    bob.key_packages
        .generate(&mut bob.rng, &bob.device, Suite::XWing, later, true)
        .unwrap();
    let stored: Vec<_> = bob
        .key_packages
        .take_changes()
        .into_iter()
        .map(|change| (change.key, change.value.unwrap().expose().to_vec()))
        .collect();
    let mut key_packages = KeyPackages::from_records(stored);
    assert_eq!(key_packages.len(), 2);
    assert_eq!(
        key_packages.delete_expired(Timestamp(NOW.0 + 80 * DAY)).unwrap(),
        0
    );
    assert!(key_packages.take_changes().is_empty());
    assert_eq!(
        key_packages.delete_expired(Timestamp(NOW.0 + 100 * DAY)).unwrap(),
        1
    );
    let changes = key_packages.take_changes();
    assert!(changes.len() == 1 && changes[0].value.is_none());
    assert_eq!(key_packages.len(), 1);
}

#[test]
fn a_key_package_altered_in_any_byte_is_refused() {
    let mut bob = Client::new("bob");
    let offer = Offer::of(&mut bob);
    for position in 0..offer.key_package.len() {
        let mut altered = Offer::of(&mut bob);
        altered.key_package.clone_from(&offer.key_package);
        altered.key_package[position] ^= 1 << (position % 8);
        assert!(altered.verified().is_err(), "at {position}");
    }
}
