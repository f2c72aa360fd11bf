//! Logins without the password: what the recovery code and a device link show, and what they open.

use crate::{ACCOUNT, DEVICE, rng};
use ed25519_dalek::VerifyingKey;
use proptest::prelude::*;
use sotto_crypto_core::device_link::NotADeviceLinkCode;
use sotto_crypto_core::vault::VaultError;
use sotto_crypto_core::{AccountRoot, DeviceLink, DeviceLinkCode, Label, LinkedAccount, RecoveryCode};
use sotto_protocol::{AccountId, AccountName, DeviceKey, ListedDevice, LoginChallenge, LoginKey, Signature};

const CHALLENGE: LoginChallenge = LoginChallenge::from_bytes([1; 32]);
const LATER: LoginChallenge = LoginChallenge::from_bytes([2; 32]);

fn is_signed(key: LoginKey, label: Label, bytes: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    VerifyingKey::from_bytes(key.as_bytes())
        .unwrap()
        .verify_strict(&label.prefix(bytes), &signature)
        .is_ok()
}

fn linked() -> LinkedAccount {
    LinkedAccount {
        root: AccountRoot::generate(&mut rng(7)),
        offered_by: ListedDevice {
            device: DEVICE,
            device_key: DeviceKey::from_bytes([8; 32]),
        },
        list_version: 9,
    }
}

fn code(name: &str, server: &str) -> DeviceLinkCode {
    DeviceLinkCode {
        link: DeviceLink::generate(&mut rng(1)),
        name: name.parse().unwrap(),
        server: server.to_owned(),
    }
}

#[test]
fn a_recovery_codes_proof_is_of_one_name_and_one_challenge() {
    let code = RecoveryCode::generate(&mut rng(1));
    let (alice, bob): (AccountName, AccountName) = ("alice".parse().unwrap(), "bob".parse().unwrap());
    let proof = code.prove(&alice, CHALLENGE);
    let shows = |key, bytes: &[u8]| is_signed(key, Label::RecoveryLogin, bytes, &proof);
    assert!(shows(code.login_key(), &CHALLENGE.by_recovery_code(&alice)));
    assert!(!shows(code.login_key(), &CHALLENGE.by_recovery_code(&bob)));
    assert!(!shows(code.login_key(), &LATER.by_recovery_code(&alice)));
    let other = RecoveryCode::generate(&mut rng(2));
    assert!(!shows(other.login_key(), &CHALLENGE.by_recovery_code(&alice)));
}

#[test]
fn a_links_proof_is_of_one_challenge_and_worth_nothing_under_another_label() {
    let link = DeviceLink::generate(&mut rng(1));
    let proof = link.prove(CHALLENGE);
    let signed = CHALLENGE.by_device_link(link.id());
    assert!(is_signed(
        link.login_key(),
        Label::DeviceLinkLogin,
        &signed,
        &proof
    ));
    assert!(!is_signed(
        link.login_key(),
        Label::RecoveryLogin,
        &signed,
        &proof
    ));
    let later = LATER.by_device_link(link.id());
    assert!(!is_signed(
        link.login_key(),
        Label::DeviceLinkLogin,
        &later,
        &proof
    ));
}

#[test]
fn what_a_link_seals_opens_by_its_secret_for_its_account_alone() {
    let link = DeviceLink::generate(&mut rng(1));
    let sealed = link.seal(&mut rng(2), ACCOUNT, &linked());
    assert!(link.open(ACCOUNT, &sealed).unwrap() == linked());
    let other = DeviceLink::generate(&mut rng(3));
    assert_eq!(other.open(ACCOUNT, &sealed), Err(VaultError::DoesNotOpen));
    let elsewhere = AccountId::from_bytes([9; 16]);
    assert_eq!(link.open(elsewhere, &sealed), Err(VaultError::DoesNotOpen));
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert_eq!(link.open(ACCOUNT, &changed), Err(VaultError::DoesNotOpen));
        assert_eq!(
            link.open(ACCOUNT, &sealed[..position]),
            Err(VaultError::DoesNotOpen)
        );
    }
}

#[test]
fn nothing_that_the_server_is_told_is_the_secret_or_of_another_link() {
    let (one, other) = (
        DeviceLink::generate(&mut rng(1)),
        DeviceLink::generate(&mut rng(2)),
    );
    assert_ne!(one.id(), other.id());
    assert_ne!(one.device(), other.device());
    assert_ne!(one.login_key(), other.login_key());
    assert_ne!(one.id().as_bytes(), one.device().as_bytes());
    let text = code("alice", "https://example.org").text();
    for told in [
        one.id().to_string(),
        one.device().to_string(),
        one.login_key().to_string(),
    ] {
        assert!(!text.contains(&told));
    }
}

#[test]
fn a_code_is_read_as_it_was_shown_even_if_it_was_broken_into_lines() {
    let code = code("a234567890123456789012345678901z", "https://example.org:8443");
    let text = code.text();
    assert!(text.parse::<DeviceLinkCode>().unwrap() == code);
    let broken = format!("\n {}\n{} ", &text[..30], &text[30..]);
    assert!(broken.parse::<DeviceLinkCode>().unwrap() == code);
    assert!(
        code.url()
            .starts_with("https://example.org:8443/login#sotto-device:")
    );
    assert!(code.url().parse::<DeviceLinkCode>().unwrap() == code);
}

#[test]
fn a_code_of_another_version_kind_name_or_server_is_refused() {
    let text = code("alice", "https://example.org").text();
    // Cut within the secret or the name; what is cut later names another server.
    for length in 0..60 {
        assert!(text[..length].parse::<DeviceLinkCode>().is_err());
    }
    let bytes = |version: u8, name: &[u8], server: &[u8]| {
        let length = u8::try_from(name.len()).unwrap();
        [&[version][..], &[7; 32], &[length], name, server].concat()
    };
    let long = [b'a'; 256];
    for refused in [
        bytes(2, b"alice", b"https://example.org"),
        bytes(1, b"Not A Name", b"https://example.org"),
        bytes(1, b"", b"https://example.org"),
        bytes(1, b"alice", b""),
        bytes(1, b"alice", b"https://example.org/\x1b[2J"),
        bytes(1, b"alice", &long),
        bytes(1, b"alice", b"\xff"),
    ] {
        let text = format!("sotto-device:{}", sotto_protocol::binary::encode(&refused));
        assert!(matches!(text.parse::<DeviceLinkCode>(), Err(NotADeviceLinkCode)));
    }
    let read = sotto_protocol::binary::encode(&bytes(1, b"alice", b"https://example.org"));
    assert!(format!("sotto-device:{read}").parse::<DeviceLinkCode>().is_ok());
    assert!(format!("sotto-safety:{read}").parse::<DeviceLinkCode>().is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text: String) {
        let _ = text.parse::<DeviceLinkCode>();
        let _ = format!("sotto-device:{text}").parse::<DeviceLinkCode>();
    }
}
