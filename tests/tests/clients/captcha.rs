//! The proof of work, as clients do it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this is a test")]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{Method, Request, Response, Transport as _};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, OwnerProof};
use sotto_server::config::Config;
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{Device, PASSWORD, PATIENCE, Vault, World};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

const CAPTCHA: &str = "/v1/auth/captcha";

/// A server that asks for little work.
async fn working() -> World {
    World::start_with(|config| ask_for(config, 2000)).await
}

fn ask_for(config: &mut Config, least: u64) {
    config.captcha.enabled = true;
    config.captcha.least = least;
    config.captcha.most = least;
}

/// A device that is shown another challenge the first so many times than its server gives, and how often it asks for one.
async fn misled(world: &World, other: &World, times: usize) -> (Device, Arc<AtomicUsize>) {
    let request = Request {
        method: Method::Get,
        path: CAPTCHA.to_owned(),
        token: None,
        body: None,
        range: None,
    };
    let of_another = HttpTransport::new(&other.url())
        .unwrap()
        .request(request)
        .await
        .unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let answers = {
        let asked = Arc::clone(&asked);
        move |request: &Request, answer: Response| {
            if request.path == CAPTCHA && asked.fetch_add(1, Ordering::SeqCst) < times {
                of_another.clone()
            } else {
                answer
            }
        }
    };
    let transport =
        Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(Arc::new(answers));
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    (device, asked)
}

#[tokio::test]
async fn who_registers_and_who_logs_in_after_many_guesses_does_the_work_unasked() {
    let world = World::start_with(|config| {
        ask_for(config, 2000);
        config.passkeys.enabled = true;
        config.passkeys.origins = vec!["https://chat.example.org".to_owned()];
    })
    .await;
    let alice = world.device().await;
    let code = alice.client.register("alice", PASSWORD).await.unwrap().words();
    let thief = world.device().await;
    for _ in 0..9 {
        let refused = thief.client.log_in("alice", "guess").await;
        assert_eq!(refused.err(), Some(ClientError::WrongCredentials));
    }
    let laptop = world.device().await;
    laptop.client.log_in("alice", PASSWORD).await.unwrap();
    alice
        .client
        .change_password(PASSWORD, "another password")
        .await
        .unwrap();
    // Each of these is a login to the same name, with the proof that goes with it.
    let phone = world.device().await;
    phone
        .client
        .log_in_by_recovery_code("alice", &code)
        .await
        .unwrap();
    phone
        .client
        .set_password_by_recovery_code(&code, PASSWORD)
        .await
        .unwrap();
    phone
        .client
        .passkey_registration(OwnerProof::RecoveryCode(&code))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_solution_that_is_not_taken_is_followed_by_another_one_once() {
    let (world, other) = (working().await, working().await);
    let (alice, asked) = misled(&world, &other, 1).await;
    alice.client.register("alice", PASSWORD).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);

    let (bob, asked) = misled(&world, &other, usize::MAX).await;
    let refused = bob.client.register("bob", PASSWORD).await;
    assert_eq!(refused.err(), Some(ClientError::CaptchaInvalid));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn work_that_nobody_waits_for_any_more_ends() {
    let world = World::start_with(|config| ask_for(config, 100_000_000)).await;
    let asked = Arc::new(Notify::new());
    let answers = {
        let asked = Arc::clone(&asked);
        move |request: &Request, answer: Response| {
            if request.path == CAPTCHA {
                asked.notify_one();
            }
            answer
        }
    };
    let transport =
        Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(Arc::new(answers));
    let alice = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    tokio::select! {
        registered = alice.client.register("alice", PASSWORD) => panic!("{:?}", registered.err()),
        () = asked.notified() => {}
    }
    tokio::time::timeout(PATIENCE, alice.client.close())
        .await
        .unwrap()
        .unwrap();
}
