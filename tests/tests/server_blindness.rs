//! The server can read nothing: after people have talked through it, nothing of theirs is in any byte that it wrote.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{DeviceCredential, MessageId};
use sotto_client_sdk::store::Scan;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{GroupSettings, NewGroup, Role};
use sotto_crypto_core::AccountRoot;
use sotto_tests::process::ServerProcess;
use sotto_tests::world::{BY_ADMINS, DEVICE_NAME, Device, Vault, gardeners};

const PASSWORD: &str = "Xylophon-47-Quittenmus";
const TEXTS: [&str; 3] = [
    "the heron lands at dawn, north pier",
    "Zwölf Boxkämpfer jagen Viktor",
    "暗号化された秘密の言葉です",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_message_password_or_private_key_is_in_anything_that_the_server_wrote() {
    let mut server = ServerProcess::start().await;
    let alice = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    let code = alice.client.register("alice", PASSWORD).await.unwrap();
    let bob = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    bob.client.register("bob", PASSWORD).await.unwrap();
    bob.is_online().await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    for text in TEXTS {
        alice.sends(chat, text).await;
    }
    bob.reads(chat, &TEXTS).await;
    let laptop = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    laptop.client.log_in("alice", PASSWORD).await.unwrap();
    laptop.has_chat(chat).await;
    laptop.sends(chat, TEXTS[0]).await;
    bob.has_messages(chat, 4).await;
    let entry = alice.messages(chat).await[0].id;
    let (unlisted, listed) = groups(&alice, &bob).await;

    let mut secrets: Vec<(&str, Vec<u8>)> = TEXTS
        .iter()
        .map(|text| ("a text", text.as_bytes().to_vec()))
        .collect();
    secrets.push(("an unlisted group's title", unlisted.title.into_bytes()));
    secrets.push((
        "an unlisted group's description",
        unlisted.description.into_bytes(),
    ));
    secrets.push(("a device's name", DEVICE_NAME.as_bytes().to_vec()));
    secrets.push(("the password", PASSWORD.as_bytes().to_vec()));
    secrets.push(("the recovery code", code.words().as_bytes().to_vec()));
    for device in [&alice, &bob, &laptop] {
        let (root, signing_key) = private_keys(device).await;
        secrets.push(("an account's root", root));
        secrets.push(("a device's private key", signing_key));
    }
    server.kill().await;
    let files = server.files();
    assert!(
        found(&files, entry),
        "the search finds what is there: a message's id"
    );
    assert!(
        files
            .iter()
            .any(|(_, content)| contains(content, listed.title.as_bytes())),
        "the search finds what is there: a listed group's title"
    );
    for (what, secret) in &secrets {
        for (form, bytes) in forms(secret) {
            for (path, content) in &files {
                assert!(
                    !contains(content, &bytes),
                    "{what} is in {} as {form}",
                    path.display()
                );
            }
        }
    }
}

/// Two people in an unlisted and in a listed group, who have talked in both, given a role and renamed.
async fn groups(alice: &Device, bob: &Device) -> (NewGroup, NewGroup) {
    let new = |title: &str, description: &str, is_listed| NewGroup {
        title: title.to_owned(),
        description: description.to_owned(),
        is_listed,
        ..gardeners(BY_ADMINS, &["bob"])
    };
    let unlisted = new(
        "Freunde der stillen Teiche",
        "where the newts are counted after dusk",
        false,
    );
    let listed = new("Public heron counters", "everyone may know of us", true);
    for group in [&unlisted, &listed] {
        let id = alice.client.create_group(group.clone()).await.unwrap();
        bob.has_chat(id).await;
        bob.sees_group(id, |seen| seen.title.as_ref() == Some(&group.title))
            .await;
        bob.sends(id, TEXTS[1]).await;
        alice.hears(id, &[TEXTS[1]]).await;
        let settings = GroupSettings {
            roles: vec![(bob.account(), Role::Admin)],
            ..GroupSettings::default()
        };
        alice.client.set_group(id, settings).await.unwrap();
        let renamed = format!("{} II", group.title);
        alice
            .client
            .describe_group(id, &renamed, &group.description)
            .await
            .unwrap();
        bob.sees_group(id, |seen| seen.title.as_ref() == Some(&renamed))
            .await;
    }
    (unlisted, listed)
}

/// The account's root and the device's signing key, out of the device's own sealed store: the account's record.
async fn private_keys(device: &Device) -> (Vec<u8>, Vec<u8>) {
    let account = device
        .vault
        .records()
        .scan_bytes(Scan::prefix(vec![0x01]))
        .await
        .unwrap();
    let record = account.first().unwrap().1.expose().to_vec();
    let tail = 32 + 1;
    let credential_at = record.len() - tail - DeviceCredential::ENCODED_LENGTH;
    let credential = DeviceCredential::decode(&record[credential_at..record.len() - tail]).unwrap();
    // Before the credential stand the encoded device's length, in two bytes, and its version.
    let root: [u8; 32] = record[credential_at - 3 - 32..credential_at - 3]
        .try_into()
        .unwrap();
    let identity = AccountRoot::from_bytes(root).identity();
    assert_eq!(identity.public_key(), credential.identity_key, "this is the root");
    (
        root.to_vec(),
        record[record.len() - tail..record.len() - 1].to_vec(),
    )
}

fn found(files: &[(std::path::PathBuf, Vec<u8>)], message: MessageId) -> bool {
    files
        .iter()
        .any(|(_, content)| contains(content, message.as_bytes()))
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    memchr::memmem::find(content, wanted).is_some()
}

/// The secret as it is, in hexadecimal, and in base64 of both alphabets at each of its three alignments.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap();
    let hex: String = secret
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect();
    let mut forms = vec![
        ("it is", secret.to_vec()),
        ("upper-case hex", hex.to_uppercase().into_bytes()),
        ("hex", hex.into_bytes()),
    ];
    for (form, engine) in [("base64", &STANDARD_NO_PAD), ("base64url", &URL_SAFE_NO_PAD)] {
        for skipped in 0..3 {
            // Whole groups of three alone: what is around them does not change their encoding.
            let whole = &secret[skipped..];
            let whole = &whole[..whole.len() / 3 * 3];
            forms.push((form, engine.encode(whole).into_bytes()));
        }
    }
    forms
}
