//! Passkeys through a real server: what they open, and what a server that is not to be trusted can do with them.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

#[allow(
    dead_code,
    reason = "what each of the two programs uses of it is not the same"
)]
#[path = "../../../server/tests/edge/support/authenticator.rs"]
mod authenticator;

use authenticator::Authenticator;
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{Request, Response};
use sotto_client_sdk::protocol::ProblemCode;
use sotto_client_sdk::protocol::rest::passkey::{CreationOptions, RequestOptions};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, OwnPasskey, OwnerProof, PasskeyAnswer};
use sotto_crypto_core::PasskeySecret;
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{Device, PASSWORD, Vault, World};
use std::sync::{Arc, Mutex};

const ORIGIN: &str = "https://chat.example.org";

async fn world() -> World {
    World::start_with(|config| {
        config.passkeys.enabled = true;
        config.passkeys.origins = vec![ORIGIN.to_owned()];
    })
    .await
}

/// The answer to `navigator.credentials.create()`, and what the PRF gives for the input that the options say.
fn creates(key: &mut Authenticator, options: &str) -> (String, Vec<u8>) {
    let asked: CreationOptions = serde_json::from_str(options).unwrap();
    let credential = serde_json::to_string(&key.creates(&asked)).unwrap();
    (credential, prf(key, options))
}

/// The same of `navigator.credentials.get()`.
fn gets(key: &mut Authenticator, options: &str) -> (String, Vec<u8>) {
    let asked: RequestOptions = serde_json::from_str(options).unwrap();
    let credential = serde_json::to_string(&key.gets(&asked)).unwrap();
    (credential, prf(key, options))
}

fn prf(key: &Authenticator, options: &str) -> Vec<u8> {
    let options: serde_json::Value = serde_json::from_str(options).unwrap();
    let input = options["extensions"]["prf"]["eval"]["first"].as_str().unwrap();
    let input = sotto_client_sdk::protocol::binary::decode(input).unwrap();
    assert_eq!(input, PasskeySecret::input());
    key.prf(&input)
}

async fn adds(device: &Device, key: &mut Authenticator, name: &str) {
    let proof = OwnerProof::Password(PASSWORD);
    let options = device.client.passkey_registration(proof).await.unwrap();
    let (credential, secret) = creates(key, &options);
    let answer = PasskeyAnswer::new(&credential, &secret);
    device.client.add_passkey(name, answer).await.unwrap();
}

async fn logs_in(device: &Device, key: &mut Authenticator) -> Result<(), ClientError> {
    let options = device.client.passkey_login().await?;
    let (credential, secret) = gets(key, &options);
    let answer = PasskeyAnswer::new(&credential, &secret);
    device.client.log_in_by_passkey(answer).await
}

async fn names(device: &Device) -> Vec<Option<String>> {
    let passkeys = device.client.passkeys().await.unwrap();
    passkeys.into_iter().map(|OwnPasskey { name, .. }| name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_alone_brings_up_a_new_device_and_sets_a_password() {
    let world = world().await;
    let alice = world.person("alice").await;
    let mut key = Authenticator::new(ORIGIN);
    adds(&alice, &mut key, "Key on my ring").await;
    let notes = alice.client.notes().await.unwrap();
    alice.sends(notes, "milk").await;

    let phone = world.device().await;
    logs_in(&phone, &mut key).await.unwrap();
    let here = phone.client.account().unwrap();
    assert_eq!(here.account, alice.account());
    assert_eq!(here.name, alice.client.account().unwrap().name);
    phone.reads(notes, &["milk"]).await;
    // What one device has sealed the other opens.
    assert_eq!(names(&phone).await, [Some("Key on my ring".to_owned())]);
    let passkey = phone.client.passkeys().await.unwrap()[0].passkey;
    phone.client.rename_passkey(passkey, " Blue key ").await.unwrap();
    assert_eq!(names(&alice).await, [Some("Blue key".to_owned())]);

    let options = phone.client.passkey_login().await.unwrap();
    let (credential, secret) = gets(&mut key, &options);
    let answer = PasskeyAnswer::new(&credential, &secret);
    phone
        .client
        .set_password_by_passkey(answer, "another one")
        .await
        .unwrap();
    let laptop = world.device().await;
    let refused = laptop.client.log_in("alice", PASSWORD).await;
    assert_eq!(refused, Err(ClientError::WrongCredentials));
    laptop.client.log_in("alice", "another one").await.unwrap();

    for _ in 0..2 {
        laptop.client.remove_passkey(passkey).await.unwrap();
    }
    assert_eq!(names(&phone).await, []);
    let late = logs_in(&world.device().await, &mut key).await.unwrap_err();
    assert_eq!(late.code(), ProblemCode::PasskeyRefused.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_belongs_to_what_was_begun_last_by_who_was_logged_in() {
    let world = world().await;
    let alice = world.person("alice").await;
    let (mut key, mut other) = (Authenticator::new(ORIGIN), Authenticator::new(ORIGIN));
    let wrong = OwnerProof::Password("wrong");
    let refused = alice.client.passkey_registration(wrong).await;
    assert_eq!(refused.err(), Some(ClientError::WrongCredentials));
    let begun = |password| alice.client.passkey_registration(OwnerProof::Password(password));
    let options = begun(PASSWORD).await.unwrap();
    let (credential, secret) = creates(&mut key, &options);
    let answer = PasskeyAnswer::new(&credential, &secret);
    assert!(matches!(
        alice.client.add_passkey("two\nlines", answer).await,
        Err(ClientError::InvalidPasskeyName(_))
    ));
    let no_secret = PasskeyAnswer::new(&credential, &[]);
    assert_eq!(
        alice.client.add_passkey("Key", no_secret).await,
        Err(ClientError::InvalidPasskeyAnswer)
    );
    // A login that was begun meanwhile is what an answer is for.
    alice.client.passkey_login().await.unwrap();
    assert_eq!(
        alice.client.add_passkey("Key", answer).await,
        Err(ClientError::PasskeyExpired)
    );
    let options = begun(PASSWORD).await.unwrap();
    let (credential, secret) = creates(&mut key, &options);
    let answer = PasskeyAnswer::new(&credential, &secret);
    alice.client.add_passkey("Key", answer).await.unwrap();
    assert_eq!(
        alice.client.add_passkey("Key", answer).await,
        Err(ClientError::PasskeyExpired)
    );
    // Nobody logs in where somebody is.
    assert_eq!(logs_in(&alice, &mut key).await, Err(ClientError::LoggedIn));
    let stranger = logs_in(&world.device().await, &mut other).await.unwrap_err();
    assert_eq!(stranger.code(), ProblemCode::PasskeyRefused.as_str());
}

/// What a server says of passkeys, in the place of what it should.
type Lie = fn(&str, &mut serde_json::Value);

/// A device whose server changes its answers.
async fn lied_to(world: &World, lie: Lie, seen: &Arc<Mutex<Vec<String>>>) -> Device {
    let seen = Arc::clone(seen);
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(
        Arc::new(move |request: &Request, mut answer: Response| {
            if !request.path.contains("passkey") {
                return answer;
            }
            seen.lock().unwrap().push(request.path.clone());
            let mut body = serde_json::from_slice(&answer.body).unwrap();
            lie(&request.path, &mut body);
            answer.body = serde_json::to_vec(&body).unwrap();
            answer
        }),
    );
    Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_less_or_hands_out_another_account_is_not_believed() {
    let world = world().await;
    let alice = world.person("alice").await;
    let mut key = Authenticator::new(ORIGIN);
    adds(&alice, &mut key, "Key").await;
    let lies: [Lie; 5] = [
        // The authenticator would give the secret of uses without verification.
        |path, body| {
            if path.ends_with("/auth/passkey") {
                body["options"]["userVerification"] = "discouraged".into();
            }
        },
        |path, body| {
            if path.ends_with("finish") {
                body["vault"] = "AAAA".into();
            }
        },
        |path, body| {
            if path.ends_with("finish") {
                body["account"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
            }
        },
        |path, body| {
            if path.ends_with("finish") {
                body["identity_key"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
            }
        },
        |path, body| {
            if path.ends_with("finish") {
                let list = &mut body["device_list"]["signature"];
                *list = "A".repeat(86).into();
            }
        },
    ];
    let seen = Arc::new(Mutex::new(Vec::new()));
    for lie in lies {
        let device = lied_to(&world, lie, &seen).await;
        let refused = logs_in(&device, &mut key).await;
        assert!(matches!(refused, Err(ClientError::Untrusted(_))), "{refused:?}");
        assert_eq!(device.client.account(), None);
    }
    let asked = seen.lock().unwrap().clone();
    assert!(asked.contains(&"/v1/auth/passkey/finish".to_owned()), "{asked:?}");
    // A passkey under another account's id would be found, and then be refused.
    let proof = OwnerProof::Password(PASSWORD);
    let device = lied_to(
        &world,
        |path, body| {
            if path.ends_with("registration") {
                body["options"]["user"]["id"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
            }
        },
        &seen,
    )
    .await;
    device.client.log_in("alice", PASSWORD).await.unwrap();
    let refused = device.client.passkey_registration(proof).await;
    assert!(matches!(refused, Err(ClientError::Untrusted(_))), "{refused:?}");
}
