//! Devices' names: sealed, of one length, and each in its own place.

use crate::{ACCOUNT, DEVICE, rng};
use sotto_crypto_core::AccountRoot;
use sotto_crypto_core::device_name::{DeviceNameError, open, seal};
use sotto_protocol::{AccountId, DeviceAddress, DeviceId, limits};

const HERE: DeviceAddress = DeviceAddress {
    account: ACCOUNT,
    device: DEVICE,
};

#[test]
fn a_name_opens_for_the_account_on_its_device_alone() {
    let root = AccountRoot::generate(&mut rng(1));
    let sealed = seal(&mut rng(2), &root, HERE, "Zoë’s laptop").unwrap();
    assert_eq!(open(&root, HERE, &sealed).unwrap(), "Zoë’s laptop");
    let other_device = DeviceAddress {
        device: DeviceId::from_bytes([9; 16]),
        ..HERE
    };
    let other_account = DeviceAddress {
        account: AccountId::from_bytes([9; 16]),
        ..HERE
    };
    for elsewhere in [other_device, other_account] {
        assert_eq!(open(&root, elsewhere, &sealed), Err(DeviceNameError::DoesNotOpen));
    }
    let other = AccountRoot::generate(&mut rng(3));
    assert_eq!(open(&other, HERE, &sealed), Err(DeviceNameError::DoesNotOpen));
}

#[test]
fn the_length_of_a_name_does_not_show_and_is_within_its_limit() {
    let root = AccountRoot::generate(&mut rng(1));
    let longest = "x".repeat(limits::DEVICE_NAME_BYTES);
    let lengths =
        ["a", "Firefox on Linux", &longest].map(|name| seal(&mut rng(2), &root, HERE, name).unwrap().len());
    assert!(lengths.iter().all(|&length| length == lengths[0]));
    assert!(lengths[0] <= limits::SEALED_DEVICE_NAME_BYTES);
}

#[test]
fn an_empty_long_or_unprintable_name_is_refused() {
    let root = AccountRoot::generate(&mut rng(1));
    let long = "x".repeat(limits::DEVICE_NAME_BYTES + 1);
    for name in ["", " ", &long, "a\u{1b}[2J", "two\nlines"] {
        assert_eq!(
            seal(&mut rng(2), &root, HERE, name),
            Err(DeviceNameError::Invalid)
        );
    }
}
