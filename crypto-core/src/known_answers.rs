//! One known answer for each label, computed by other implementations (`tests/vectors/labels.py`): what was sealed, signed
//! or derived by one version of Sotto has to open, verify and come out the same in every later one.

use crate::password::ExportKey;
use crate::signature::sign;
use crate::{
    AccountRecords, AccountRoot, ArchiveCipher, BotToken, DeviceCode, DeviceLink, EpochKeys,
    ExportAuthenticator, ExportSealer, FileCipher, FileKey, FileLayout, FrankingKey, GroupSigningKey,
    InviteLink, Label, LinkedAccount, Marker, OwnMarker, OwnMarkers, PasskeySecret, RecoveryCode,
    SafetyNumber, Secret, Signal, SignalKind, StoreKey, device_name, group_key_share, history_share, passkey,
    vault,
};
use ed25519_dalek::SigningKey;
use rand_core::{Infallible, TryCryptoRng, TryRng};
use sotto_protocol::{
    AccountId, Approval, BlobId, ChatId, Departure, DeviceAddress, DeviceId, DeviceKey, DeviceList, Epoch,
    FrankedPlace, GroupKey, GroupPicture, GroupProfile, IdentityKey, InvitationKey, InvitationUse,
    KeyPackageRef, LeafKeyHash, ListedDevice, LoginChallenge, MessageId, PictureDigest, RecordId, SegmentId,
    Seq, Timestamp, binary,
};
use std::collections::BTreeMap;

const ACCOUNT: AccountId = AccountId::from_bytes([0xa1; 16]);
const DEVICE: DeviceId = DeviceId::from_bytes([0xd1; 16]);
const CHALLENGE: LoginChallenge = LoginChallenge::from_bytes([0xc4; 32]);
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

const fn address(account: AccountId, device: DeviceId) -> DeviceAddress {
    DeviceAddress { account, device }
}

const fn newcomer() -> DeviceAddress {
    address(
        AccountId::from_bytes([0xb1; 16]),
        DeviceId::from_bytes([0xb2; 16]),
    )
}

fn by_device(label: Label, bytes: &[u8]) -> Vec<u8> {
    sign(&SigningKey::from_bytes(&[0xd2; 32]), label, bytes)
        .as_bytes()
        .to_vec()
}

/// What the label is for, done with the vectors' inputs.
#[allow(clippy::too_many_lines, reason = "one arm a label")]
fn answer(label: Label) -> Vec<u8> {
    let root = AccountRoot::from_bytes(counting(0));
    let identity = root.identity();
    let device_key = DeviceKey::from_bytes(public_key([0xd2; 32]));
    let nonce = &mut Counting(200);
    let records = AccountRecords::new(ACCOUNT, &root);
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
        Label::VaultByPasskey => {
            let secret = PasskeySecret(Secret::from_bytes(counting(100)));
            vault::seal_by_passkey(nonce, &secret, ACCOUNT, b"credential", &root)
        }
        Label::PasskeyPrf => PasskeySecret::input().to_vec(),
        Label::PasskeyName => {
            let passkey = passkey::passkey_id(b"credential");
            passkey::seal_name(nonce, &root, ACCOUNT, passkey, "Zoë’s laptop").unwrap()
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
                picture: Some(GroupPicture {
                    blob: BlobId::from_bytes([0xb0; 16]),
                    length: 300,
                    digest: PictureDigest::from_bytes([0xb1; 32]),
                    is_sealed: true,
                }),
            };
            let key =
                GroupSigningKey::decode(&counting::<32>(0), GroupKey::from_bytes(public_key(counting(0))));
            key.unwrap().sign_profile(&profile).signature.as_bytes().to_vec()
        }
        Label::Approval => {
            let key_package = KeyPackageRef::from_bytes([0x4b; 32]);
            let bytes = Approval::signed_bytes(GROUP, 5, newcomer(), key_package);
            by_device(label, &bytes)
        }
        Label::Departure => {
            let bytes = Departure::signed_bytes(GROUP, ACCOUNT, LeafKeyHash::from_bytes([0x1e; 32]));
            by_device(label, &bytes)
        }
        Label::GroupKeyShare => group_key_share::context(GROUP, address(ACCOUNT, DEVICE), newcomer()).info(),
        Label::HistoryShare => history_share::context(GROUP, address(ACCOUNT, DEVICE), newcomer()).info(),
        Label::InviteLink => {
            let group_key = GroupKey::from_bytes(public_key(counting(0)));
            let group_key = GroupSigningKey::decode(&counting::<32>(0), group_key).unwrap();
            let title = Some("Gardeners".to_owned());
            let link = InviteLink::generate(
                &mut Counting(50),
                GROUP,
                &group_key,
                title,
                Timestamp(1_000_000),
                20,
            );
            binary::decode(&link.encode()).unwrap()
        }
        Label::InvitationUse => {
            let key = InvitationKey::from_bytes(public_key([0x17; 32]));
            let bytes = InvitationUse::signed_bytes(GROUP, key, newcomer(), device_key);
            sign(&SigningKey::from_bytes(&[0x17; 32]), label, &bytes)
                .as_bytes()
                .to_vec()
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
        Label::File => {
            let content = b"what is in the file";
            let layout = FileLayout::new(content.len() as u64).unwrap();
            let sealed = FileCipher::new(&FileKey(Secret::from_bytes(counting(0))), layout)
                .seal(0, content)
                .unwrap();
            // The padded whole is long; its end has the tag.
            sealed[sealed.len() - 32..].to_vec()
        }
        Label::RecoveryLogin => {
            let code = RecoveryCode(Secret::from_bytes(counting(100)));
            let proof = code.prove(&"alice".parse().unwrap(), CHALLENGE);
            proof.as_bytes().to_vec()
        }
        Label::DeviceLinkId => link().id().as_bytes().to_vec(),
        Label::DeviceLinkDevice => link().device().as_bytes().to_vec(),
        Label::DeviceLinkVault => {
            let linked = LinkedAccount {
                root,
                offered_by: ListedDevice {
                    device: DEVICE,
                    device_key,
                },
                list_version: 7,
            };
            link().seal(nonce, ACCOUNT, &linked)
        }
        Label::DeviceLinkLogin => link().prove(CHALLENGE).as_bytes().to_vec(),
        Label::DeviceName => {
            let address = DeviceAddress {
                account: ACCOUNT,
                device: DEVICE,
            };
            device_name::seal(nonce, &root, address, "Zoë’s laptop").unwrap()
        }
        Label::DeviceCode => DeviceCode::of(ACCOUNT, DEVICE, device_key)
            .to_string()
            .into_bytes(),
        Label::AccountRecordId => records.id("contacts").as_bytes().to_vec(),
        Label::AccountRecord => {
            let place = RecordId::from_bytes([0xe1; 16]);
            records.seal(nonce, place, b"what is kept").unwrap()
        }
        Label::Signal => {
            let signal = Signal {
                at: Timestamp(1_000_000),
                kind: SignalKind::Typing,
            };
            epoch_keys().seal_signal(nonce, address(ACCOUNT, DEVICE), signal)
        }
        Label::Marker => {
            let marker = Marker {
                delivered: Some(Seq(7)),
                read: Some(Seq(5)),
                seen_at: None,
                own: vec![1, 2],
            };
            epoch_keys().seal_marker(nonce, address(ACCOUNT, DEVICE), &marker)
        }
        Label::OwnMarker => {
            let marker = OwnMarker { read: Seq(5) };
            OwnMarkers::new(&root).seal(nonce, GROUP, address(ACCOUNT, DEVICE), marker)
        }
        Label::ArchiveIndex => ArchiveCipher::new(ACCOUNT, &root)
            .seal_index(nonce, GROUP, 5, b"an index")
            .unwrap(),
        Label::ArchiveSegment => {
            let segment = SegmentId::from_bytes([0xe2; 16]);
            ArchiveCipher::new(ACCOUNT, &root)
                .seal_segment(nonce, GROUP, segment, b"a segment")
                .unwrap()
        }
        Label::Export => {
            let (sealer, beginning) = ExportSealer::new(nonce, "a passphrase").unwrap();
            [beginning, sealed_export(sealer, b"what was said")].concat()
        }
        Label::ExportBlock => {
            let beginning = counting(100);
            ExportAuthenticator::new(&root, &beginning)
                .tag(5, b"a block")
                .to_vec()
        }
        Label::Franking => {
            let place = FrankedPlace {
                chat: GROUP,
                message: MessageId::from_bytes([0x3e; 16]),
                from: address(ACCOUNT, DEVICE),
            };
            let key = FrankingKey(Secret::from_bytes(counting(0)));
            key.commit(&place, b"what is said").as_bytes().to_vec()
        }
        Label::BotAdmission => bot_token().admission().expose().to_vec(),
        Label::BotPassword => binary::decode(&bot_token().password()).unwrap(),
    }
}

fn bot_token() -> BotToken {
    let secret = binary::encode(&counting::<32>(0));
    format!("sotto-bot:weather:{secret}").parse().unwrap()
}

fn sealed_export(mut sealer: ExportSealer, content: &[u8]) -> Vec<u8> {
    [sealer.write(content).unwrap(), sealer.finish().unwrap()].concat()
}

fn epoch_keys() -> EpochKeys {
    EpochKeys {
        chat: GROUP,
        epoch: Epoch(5),
        signals: Secret::from_bytes(counting(0)),
        markers: Secret::from_bytes(counting(32)),
    }
}

fn link() -> DeviceLink {
    DeviceLink(Secret::from_bytes(counting(50)))
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
