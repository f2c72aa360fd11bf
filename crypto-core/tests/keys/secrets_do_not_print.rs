//! No secret prints: `Debug` of whatever holds one gives a name, and nothing that came from the secret.

use crate::new_chat::NewChat;
use crate::{ACCOUNT, DEVICE, rng};
use core::fmt::Debug;
use sotto_crypto_core::password::{Login, Registration};
use sotto_crypto_core::suite::SuiteCrypto;
use sotto_crypto_core::{
    AccountRoot, Body, Content, Device, DeviceLink, DeviceLinkCode, FileKey, Franked, FrankingKey,
    LinkedAccount, OwnMarkers, PasskeySecret, Received, RecordChange, RecoveryCode, SafetyNumber, Secret,
    SecretBytes, StoreKey, Text,
};
use sotto_protocol::{DeviceKey, ListedDevice, MessageId, Retention};
use zeroize::ZeroizeOnDrop;

/// What a type prints, in both forms.
#[track_caller]
fn prints(value: &impl Debug, expected: &str) {
    assert_eq!(format!("{value:?}"), expected);
    let pretty = format!("{value:#?}");
    let on_one_line: String = pretty.split_whitespace().collect();
    let expected: String = expected.split_whitespace().collect();
    assert_eq!(
        on_one_line
            .replace(",}", "}")
            .replace(",)", ")")
            .replace(",]", "]"),
        expected
    );
}

#[test]
fn secrets_print_only_their_types_name() {
    let root = AccountRoot::generate(&mut rng(1));
    prints(&Secret::from_bytes([0xa5; 32]), "Secret");
    prints(&Some(Secret::from_bytes([0xa5; 64])), "Some(Secret)");
    prints(&SecretBytes::from(vec![0xa5; 100]), "SecretBytes");
    prints(&root, "AccountRoot");
    prints(&root.identity(), "Identity");
    prints(&root.archive_key(), "Secret");
    prints(&StoreKey::generate(&mut rng(1)), "StoreKey");
    prints(&FileKey::generate(&mut rng(1)), "FileKey");
    prints(&FrankingKey::generate(&mut rng(1)), "FrankingKey");
    prints(&RecoveryCode::generate(&mut rng(1)), "RecoveryCode");
    prints(
        &PasskeySecret::try_from([0xa5; 32].as_slice()).unwrap(),
        "PasskeySecret",
    );
    prints(&OwnMarkers::new(&root), "OwnMarkers");
    let link = DeviceLink::generate(&mut rng(1));
    prints(&link, "DeviceLink");
    let code = DeviceLinkCode {
        link,
        name: "alice".parse().unwrap(),
        server: "https://example.org".to_owned(),
    };
    prints(&code, "DeviceLinkCode");
    let linked = LinkedAccount {
        root,
        offered_by: ListedDevice {
            device: DEVICE,
            device_key: DeviceKey::from_bytes([7; 32]),
        },
        list_version: 1,
    };
    prints(&linked, "LinkedAccount");
    prints(
        &Registration::start(&mut rng(1), b"secret").unwrap().0,
        "Registration",
    );
    prints(&Login::start(&mut rng(1), b"secret").unwrap().0, "Login");
}

#[test]
fn a_device_prints_its_address_alone() {
    let identity = AccountRoot::generate(&mut rng(1)).identity();
    prints(
        &Device::generate(&mut rng(2), ACCOUNT, DEVICE, &identity),
        "Device(DeviceAddress { account: AccountId(a1a1a1a1…), device: DeviceId(d1d1d1d1…) })",
    );
}

#[test]
fn a_message_prints_nothing_of_what_it_says() {
    let message = MessageId::from_bytes([7; 16]);
    let body = Body::Text(Text::from("meet me at eight"));
    prints(
        &Content {
            message,
            retention: Retention::Keep,
            body,
        },
        "Content { message: MessageId(07070707…), retention: Keep, body: Text }",
    );
    let body = Body::Unknown {
        kind: 9,
        bytes: b"meet me at eight".to_vec(),
    };
    prints(
        &Content {
            message,
            retention: Retention::Keep,
            body,
        },
        "Content { message: MessageId(07070707…), retention: Keep, body: Unknown(9) }",
    );
}

#[test]
fn a_safety_number_says_who_knows_whom_and_prints_only_when_asked() {
    let key = AccountRoot::generate(&mut rng(1)).identity().public_key();
    prints(&SafetyNumber::of((ACCOUNT, key), (ACCOUNT, key)), "SafetyNumber");
}

#[test]
fn a_record_of_mls_prints_its_key_alone() {
    let change = RecordChange {
        key: vec![1],
        value: Some(vec![0xa5; 100].into()),
    };
    prints(&change, "RecordChange { key: [1], value: Some(SecretBytes) }");
}

/// Of a chat that was made or joined, what holds secrets is the [`sotto_crypto_core::Chat`]; the rest is on its way to the
/// server.
#[test]
fn a_chat_prints_its_id_and_epoch_alone() {
    let chat = NewChat::new();
    prints(&chat.chat, "Chat { id: ChatId(c1c1c1c1…), epoch: Epoch(1), .. }");
    prints(&chat.bobs_key_packages, "KeyPackages { len: 1, .. }");
    prints(
        &chat.bob_as_invited,
        "InvitedDevice(DeviceAddress { account: AccountId(b1b1b1b1…), device: DeviceId(b1b1b1b1…) })",
    );
}

#[test]
fn a_message_that_came_in_prints_its_sender_alone() {
    let identity = AccountRoot::generate(&mut rng(1)).identity();
    let from = identity.sign_device(ACCOUNT, DEVICE, DeviceKey::from_bytes([1; 32]));
    let content = Content {
        message: MessageId::from_bytes([7; 16]),
        retention: Retention::Keep,
        body: Body::Text(Text::from("meet me at eight")),
    };
    let franked = Franked {
        key: FrankingKey::generate(&mut rng(1)),
        content: content.encode().unwrap().into(),
    };
    prints(&franked, "Franked");
    prints(
        &Received::Message {
            from,
            content,
            franked,
        },
        "Message(DeviceAddress { account: AccountId(a1a1a1a1…), device: DeviceId(d1d1d1d1…) })",
    );
}

/// Compiles only if the type has no `Debug` at all. Once one of these has, test above what it prints.
macro_rules! cannot_print {
    ($($kind:ty),+ $(,)?) => {$(
        const _: fn() = || {
            struct Printable;
            trait IsAmbiguousIfPrintable<A> {
                fn found() {}
            }
            impl<T: ?Sized> IsAmbiguousIfPrintable<()> for T {}
            impl<T: ?Sized + Debug> IsAmbiguousIfPrintable<Printable> for T {}
            let _ = <$kind as IsAmbiguousIfPrintable<_>>::found;
        };
    )+};
}
cannot_print!(SuiteCrypto);

#[test]
fn secrets_are_wiped_when_dropped() {
    const fn is_wiped<T: ZeroizeOnDrop>() {}
    is_wiped::<Secret<32>>();
    is_wiped::<SecretBytes>();
    is_wiped::<ed25519_dalek::SigningKey>();
    is_wiped::<chacha20poly1305::XChaCha20Poly1305>();
    is_wiped::<x25519_dalek::StaticSecret>();
    is_wiped::<x_wing::DecapsulationKey>();
    is_wiped::<ml_kem::ml_kem_768::DecapsulationKey>();
    is_wiped::<opaque_ke::ClientLogin<sotto_protocol::opaque::OpaqueSuite>>();
    is_wiped::<opaque_ke::ClientRegistration<sotto_protocol::opaque::OpaqueSuite>>();
}
