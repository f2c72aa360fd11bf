//! One known answer for each label, computed by other implementations (`tests/vectors/labels.py`): what was sealed, signed
//! or derived by one version of Sotto has to open, verify and come out the same in every later one.

use crate::password::ExportKey;
use crate::signature::sign;
use crate::{AccountRoot, GroupSigningKey, Label, RecoveryCode, SafetyNumber, Secret, StoreKey, vault};
use ed25519_dalek::SigningKey;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use sotto_protocol::{
    AccountId, Approval, BlobId, ChatId, Departure, DeviceAddress, DeviceId, DeviceKey, DeviceList, GroupKey,
    GroupProfile, IdentityKey, KeyPackageRef, LeafKeyHash, ListedDevice,
};
use std::collections::BTreeMap;

const ACCOUNT: AccountId = AccountId::from_bytes([0xa1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([0xd1; 16]);
const GROUP: ChatId = ChatId::from_bytes([0xc1; 16]);

/// Gives out 200, 201, … and thereby the nonce that the vectors have.
struct Counting(u8);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0;
            self.0 += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}

fn counting<const N: usize>(from: u8) -> [u8; N] {
    std::array::from_fn(|index| from + u8::try_from(index).unwrap())
}

fn public_key(seed: [u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(&seed).verifying_key().to_bytes()
}

fn by_device(label: Label, bytes: &[u8]) -> Vec<u8> {
    sign(&SigningKey::from_bytes(&[0xd2; 32]), label, bytes)
        .as_bytes()
        .to_vec()
}

/// What the label is for, done with the vectors' inputs.
fn answer(label: Label) -> Vec<u8> {
    let root = AccountRoot::from_bytes(counting(0));
    let identity = root.identity();
    let device_key = DeviceKey::from_bytes(public_key([0xd2; 32]));
    let nonce = &mut Counting(200);
    match label {
        Label::IdentityKey => identity.public_key().as_bytes().to_vec(),
        Label::ArchiveKey => root.archive_key().expose().to_vec(),
        Label::ProfileKey => root.profile_key().expose().to_vec(),
        Label::VaultRecordKey => root.vault_record_key().expose().to_vec(),
        Label::DeviceCredential => identity
            .sign_device(ACCOUNT, DEVICE, device_key)
            .signature
            .as_bytes()
            .to_vec(),
        Label::DeviceList => {
            let list = DeviceList {
                account: ACCOUNT,
                name: "alice".parse().unwrap(),
                identity_key: identity.public_key(),
                version: 7,
                devices: vec![ListedDevice {
                    device: DEVICE,
                    device_key,
                }],
            };
            identity.sign_device_list(&list).signature.as_bytes().to_vec()
        }
        Label::VaultByPassword => {
            let key = ExportKey(Secret::from_bytes(counting(0)));
            vault::seal_by_password(nonce, &key, ACCOUNT, &root)
        }
        Label::VaultByRecoveryCode => {
            let code = RecoveryCode(Secret::from_bytes(counting(100)));
            vault::seal_by_recovery_code(nonce, &code, ACCOUNT, &root)
        }
        Label::StoreRecord => StoreKey::from_bytes(counting(0)).seal(nonce, b"record/1", b"what is stored"),
        Label::StoreKeyFromPassphrase => StoreKey::from_passphrase(b"a passphrase", &[0x5a; 16])
            .unwrap()
            .expose()
            .to_vec(),
        Label::GroupProfile => {
            let profile = GroupProfile {
                group: GROUP,
                revision: 7,
                title: "Gardeners".to_owned(),
                description: "Slugs".to_owned(),
                picture: Some(BlobId::from_bytes([0xb0; 16])),
            };
            let key =
                GroupSigningKey::decode(&counting::<32>(0), GroupKey::from_bytes(public_key(counting(0))));
            key.unwrap().sign_profile(&profile).signature.as_bytes().to_vec()
        }
        Label::Approval => {
            let newcomer = DeviceAddress {
                account: AccountId::from_bytes([0xb1; 16]),
                device: DeviceId::from_bytes([0xb2; 16]),
            };
            let key_package = KeyPackageRef::from_bytes([0x4b; 32]);
            let bytes = Approval::signed_bytes(GROUP, 5, newcomer, key_package);
            by_device(label, &bytes)
        }
        Label::Departure => {
            let bytes = Departure::signed_bytes(GROUP, ACCOUNT, LeafKeyHash::from_bytes([0x1e; 32]));
            by_device(label, &bytes)
        }
        Label::SafetyNumber => SafetyNumber::of(
            (ACCOUNT, identity.public_key()),
            (
                AccountId::from_bytes([0xb1; 16]),
                IdentityKey::from_bytes(public_key([0xb2; 32])),
            ),
        )
        .to_string()
        .into_bytes(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[test]
fn every_label_gives_its_known_answer() {
    let mut known: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../tests/vectors/labels.json")).unwrap();
    for &label in Label::ALL {
        let expected = known
            .remove(label.as_str())
            .unwrap_or_else(|| panic!("{label:?} has no known answer: add it to labels.py and labels.json"));
        assert_eq!(hex(&answer(label)), expected, "{label:?}");
    }
    assert_eq!(known, BTreeMap::new(), "known answers of labels that are no more");
}
