//! Credentials and device lists: what nobody without the identity key can make others believe.

use crate::{ACCOUNT, DEVICE, rng};
use proptest::prelude::*;
use sotto_crypto_core::device::{CredentialError, DeviceListError, DeviceRecordError};
use sotto_crypto_core::{AccountRoot, Device, Identity, verify_credential, verify_device_list};
use sotto_protocol::{
    AccountId, Binary, DeviceCredential, DeviceId, DeviceKey, DeviceList, IdentityKey, ListedDevice,
    Signature, SignedDeviceList,
};

fn identity(seed: u64) -> Identity {
    AccountRoot::generate(&mut rng(seed)).identity()
}

fn device() -> Device {
    Device::generate(&mut rng(2), ACCOUNT, DEVICE, &identity(1))
}

/// The encodings of points of small order: under such a key one signature can hold for many messages.
const SMALL_ORDER: [[u8; 32]; 3] = {
    let zero = [0; 32];
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    [zero, one, minus_one]
};

#[test]
fn a_credential_holds_if_its_identity_key_signed_it() {
    let device = device();
    assert_eq!(verify_credential(device.credential()), Ok(()));
    assert_eq!(device.credential().identity_key, identity(1).public_key());
    assert_eq!(device.address().account, ACCOUNT);
    assert_eq!(device.address().device, DEVICE);
}

#[test]
fn a_credential_altered_in_any_bit_does_not_hold() {
    let encoded = device().credential().encode();
    for bit in 8..encoded.len() * 8 {
        let mut altered = encoded.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let altered = DeviceCredential::decode(&altered).unwrap();
        assert!(verify_credential(&altered).is_err(), "bit {bit}");
    }
}

#[test]
fn a_credential_signed_by_another_identity_does_not_hold() {
    let genuine = device().credential().clone();
    let ghost = identity(9).sign_device(ACCOUNT, DEVICE, genuine.device_key);
    assert_eq!(
        verify_credential(&DeviceCredential {
            identity_key: genuine.identity_key,
            ..ghost
        }),
        Err(CredentialError::Signature)
    );
}

#[test]
fn a_credential_given_to_another_account_or_device_does_not_hold() {
    let genuine = device().credential().clone();
    for stolen in [
        DeviceCredential {
            account: AccountId::from_bytes([0xee; 16]),
            ..genuine.clone()
        },
        DeviceCredential {
            device: DeviceId::from_bytes([0xee; 16]),
            ..genuine.clone()
        },
        DeviceCredential {
            device_key: DeviceKey::from_bytes(*identity(9).public_key().as_bytes()),
            ..genuine.clone()
        },
    ] {
        assert_eq!(verify_credential(&stolen), Err(CredentialError::Signature));
    }
}

#[test]
fn keys_of_small_order_are_refused_wherever_they_stand() {
    let identity = identity(1);
    for point in SMALL_ORDER {
        let weak_device = identity.sign_device(ACCOUNT, DEVICE, DeviceKey::from_bytes(point));
        assert_eq!(verify_credential(&weak_device), Err(CredentialError::DeviceKey));

        // R = the identity, s = 0: a signature that lax verification takes for any message.
        let mut signature = [0; 64];
        signature[0] = 1;
        let weak_identity = DeviceCredential {
            identity_key: IdentityKey::from_bytes(point),
            signature: Signature::from_bytes(signature),
            ..device().credential().clone()
        };
        assert_eq!(
            verify_credential(&weak_identity),
            Err(CredentialError::IdentityKey)
        );
        let list = SignedDeviceList {
            list: Binary::from(list(1).encode()),
            signature: Signature::from_bytes(signature),
        };
        assert_eq!(
            verify_device_list(&list, ACCOUNT, IdentityKey::from_bytes(point), 0),
            Err(DeviceListError::Signature)
        );
    }
}

#[test]
fn a_signature_for_a_device_is_none_for_a_list_nor_the_other_way() {
    let identity = identity(1);
    let credential = device().credential().clone();
    let signed_bytes = DeviceCredential::signed_bytes(
        credential.account,
        credential.device,
        credential.device_key,
        credential.identity_key,
    );
    let crossed = SignedDeviceList {
        list: Binary::from(signed_bytes),
        signature: credential.signature,
    };
    assert_eq!(
        verify_device_list(&crossed, ACCOUNT, identity.public_key(), 0),
        Err(DeviceListError::Signature)
    );
    let crossed = DeviceCredential {
        signature: identity.sign_device_list(&list(1)).signature,
        ..credential
    };
    assert_eq!(verify_credential(&crossed), Err(CredentialError::Signature));
}

fn list(version: u64) -> DeviceList {
    let device = device();
    DeviceList {
        account: ACCOUNT,
        name: "alice".parse().unwrap(),
        identity_key: identity(1).public_key(),
        version,
        devices: vec![ListedDevice {
            device: DEVICE,
            device_key: device.credential().device_key,
        }],
    }
}

#[test]
fn a_list_is_believed_if_the_identity_key_signed_it() {
    let signed = identity(1).sign_device_list(&list(3));
    let verified = verify_device_list(&signed, ACCOUNT, identity(1).public_key(), 3);
    assert_eq!(verified, Ok(list(3)));
}

#[test]
fn a_list_names_the_identity_that_signs_it_whatever_it_named_before() {
    let signed = identity(9).sign_device_list(&list(1));
    let verified = verify_device_list(&signed, ACCOUNT, identity(9).public_key(), 0).unwrap();
    assert_eq!(verified.identity_key, identity(9).public_key());
}

#[test]
fn an_older_list_than_one_seen_before_is_refused() {
    let signed = identity(1).sign_device_list(&list(3));
    assert_eq!(
        verify_device_list(&signed, ACCOUNT, identity(1).public_key(), 4),
        Err(DeviceListError::RolledBack {
            version: 3,
            at_least: 4
        })
    );
}

#[test]
fn another_accounts_list_is_refused() {
    let signed = identity(1).sign_device_list(&list(1));
    let other = AccountId::from_bytes([0xee; 16]);
    assert_eq!(
        verify_device_list(&signed, other, identity(1).public_key(), 0),
        Err(DeviceListError::OtherAccount)
    );
}

#[test]
fn a_list_by_another_identity_key_is_refused() {
    let signed = identity(9).sign_device_list(&list(1));
    assert_eq!(
        verify_device_list(&signed, ACCOUNT, identity(1).public_key(), 0),
        Err(DeviceListError::Signature)
    );
}

#[test]
fn a_list_altered_in_any_bit_or_cut_anywhere_is_refused() {
    let key = identity(1).public_key();
    let signed = identity(1).sign_device_list(&list(1));
    let bytes = signed.list.as_slice();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.to_vec();
        altered[bit / 8] ^= 1 << (bit % 8);
        let altered = SignedDeviceList {
            list: Binary::from(altered),
            signature: signed.signature,
        };
        assert_eq!(
            verify_device_list(&altered, ACCOUNT, key, 0),
            Err(DeviceListError::Signature)
        );
    }
    for length in 0..bytes.len() {
        let cut = SignedDeviceList {
            list: Binary::from(bytes[..length].to_vec()),
            signature: signed.signature,
        };
        assert_eq!(
            verify_device_list(&cut, ACCOUNT, key, 0),
            Err(DeviceListError::Signature)
        );
    }
}

#[test]
fn a_device_survives_its_record() {
    let device = device();
    let decoded = Device::decode(device.encode().expose()).unwrap();
    assert_eq!(decoded.credential(), device.credential());
    assert_eq!(decoded.encode(), device.encode());
}

#[test]
fn a_device_record_cut_continued_or_of_another_version_is_refused() {
    let encoded = device().encode();
    for length in 0..encoded.expose().len() {
        assert_eq!(
            Device::decode(&encoded.expose()[..length]).unwrap_err(),
            DeviceRecordError::Malformed
        );
    }
    let mut longer = encoded.expose().to_vec();
    longer.push(0);
    assert_eq!(Device::decode(&longer).unwrap_err(), DeviceRecordError::Malformed);
    let mut newer = encoded.expose().to_vec();
    newer[0] = 2;
    assert_eq!(Device::decode(&newer).unwrap_err(), DeviceRecordError::Malformed);
}

#[test]
fn a_device_record_whose_key_or_credential_was_replaced_is_refused() {
    let mine = device().encode();
    let other = Device::generate(&mut rng(8), ACCOUNT, DEVICE, &identity(1)).encode();
    let at_key = mine.expose().len() - 32;
    let mixed = [&mine.expose()[..at_key], &other.expose()[at_key..]].concat();
    assert_eq!(Device::decode(&mixed).unwrap_err(), DeviceRecordError::OtherKey);

    let mut forged = mine.expose().to_vec();
    forged[at_key - 1] ^= 1;
    assert_eq!(
        Device::decode(&forged).unwrap_err(),
        DeviceRecordError::Credential(CredentialError::Signature)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_device_survives_its_record_and_its_credential_holds(seed: u64, account: [u8; 16], device: [u8; 16]) {
        let identity = identity(seed);
        let (account, device) = (AccountId::from_bytes(account), DeviceId::from_bytes(device));
        let device = Device::generate(&mut rng(seed.wrapping_add(1)), account, device, &identity);
        prop_assert_eq!(verify_credential(device.credential()), Ok(()));
        let decoded = Device::decode(device.encode().expose()).unwrap();
        prop_assert_eq!(decoded.encode(), device.encode());
    }

    #[test]
    fn any_list_that_is_signed_is_believed(numbers in proptest::collection::btree_set(any::<u8>(), 0..32), version in 1_u64..) {
        let mut list = list(version);
        list.devices = numbers.into_iter().map(|number| ListedDevice {
            device: DeviceId::from_bytes([number; 16]),
            device_key: DeviceKey::from_bytes([number; 32]),
        }).collect();
        let signed = identity(1).sign_device_list(&list);
        let verified = verify_device_list(&signed, ACCOUNT, identity(1).public_key(), version);
        prop_assert_eq!(verified, Ok(list));
    }

    #[test]
    fn random_bytes_are_no_device(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Device::decode(&bytes).is_err());
    }
}
