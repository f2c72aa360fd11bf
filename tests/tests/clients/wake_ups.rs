//! Devices that are away: woken through a push service, and then there is everything that they missed.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use crate::push::push_service::{Browser, PushService};
use crate::push::soon;
use sotto_client_sdk::native::{HttpTransport, SystemClock};
use sotto_client_sdk::platform::{Clock as _, Method, RequestBody};
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::protocol::rest::notification::PutSubscription;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, Mute, WakeUpAddress};
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Vault, World, gardeners};
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What a device has asked the server about wake-ups.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Told { endpoint: String, quiet: Vec<ChatId> },
    Checked,
    Removed,
}

/// A device whose requests about wake-ups come by here.
async fn watched(world: &World, vault: Vault) -> (Device, UnboundedReceiver<Asked>) {
    let (sender, asked) = unbounded_channel();
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest());
    let transport = transport.with_answers(Arc::new(move |request, answer| {
        if request.path == "/v1/notification/subscription" {
            let asked = match (request.method, &request.body) {
                (Method::Put, Some(RequestBody::Json(body))) => {
                    let told: PutSubscription = serde_json::from_slice(body).unwrap();
                    Asked::Told {
                        endpoint: told.endpoint,
                        quiet: told.quiet_chats,
                    }
                }
                (Method::Get, _) => Asked::Checked,
                (Method::Delete, _) => Asked::Removed,
                other => panic!("{:?}", other.0),
            };
            // The test may be over.
            let _ = sender.send(asked);
        }
        answer
    }));
    let device = Device::open_over(transport, vault, Faults::none()).await.unwrap();
    (device, asked)
}

/// A person whose requests about wake-ups come by here.
async fn watched_person(world: &World, name: &str) -> (Device, UnboundedReceiver<Asked>) {
    let (device, asked) = watched(world, Vault::new()).await;
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    (device, asked)
}

fn address(service: &PushService, browser: &Browser, name: &str) -> WakeUpAddress {
    let subscription = browser.subscription(format!("{}/{name}", service.origin()), Vec::new());
    WakeUpAddress {
        endpoint: subscription.endpoint,
        p256dh: subscription.p256dh.as_slice().to_vec(),
        auth: subscription.auth.as_slice().to_vec(),
    }
}

/// What was asked when nothing is any more: a round with the server lies in between.
async fn asked_until_now(device: &Device, asked: &mut UnboundedReceiver<Asked>) -> Vec<Asked> {
    device.client.catch_up().await.unwrap();
    std::iter::from_fn(|| asked.try_recv().ok()).collect()
}

fn told(address: &WakeUpAddress, quiet: &[ChatId]) -> Asked {
    Asked::Told {
        endpoint: address.endpoint.clone(),
        quiet: quiet.to_vec(),
    }
}

/// Alice and Bob, who may be woken, and have a chat with one message in it.
async fn talk(world: &World, bob: &Device) -> (Device, ChatId) {
    let alice = world.person("alice").await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.takes(chat).await;
    alice.sends(chat, "hello").await;
    alice.reads(chat, &["hello"]).await;
    bob.reads(chat, &["hello"]).await;
    (alice, chat)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_away_is_woken_and_has_everything_once_it_has_caught_up() {
    let mut service = PushService::start().await;
    let world = World::start_with(PushService::is_allowed).await;
    let bob = world.person("bob").await;
    let (alice, chat) = talk(&world, &bob).await;
    assert_eq!(bob.client.wake_up_key().await.unwrap()[0], 4);
    let browser = Browser::new();
    let address = address(&service, &browser, "bob");
    bob.client.set_wake_up_address(address.clone()).await.unwrap();
    assert_eq!(
        bob.client.wake_up_endpoint().await.unwrap(),
        Some(address.endpoint.clone())
    );
    let vault = bob.goes_away().await;

    // More than one page, and a group that is new.
    let mut expected = vec!["hello".to_owned()];
    for number in 0..250 {
        let text = format!("number {number}");
        alice.sends(chat, &text).await;
        expected.push(text);
    }
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    alice.sends(group, "welcome").await;
    alice.hears(group, &["welcome"]).await;
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    alice.reads(chat, &expected).await;
    let pushed = service.next().await;
    assert_eq!(pushed.path, "/bob");
    assert_eq!(browser.decrypt(&pushed.body), [1]);

    let bob = Device::open(&world.url(), vault, Faults::none()).await;
    bob.client.catch_up().await.unwrap();
    assert_eq!(bob.texts(chat).await, expected);
    assert!(bob.texts(group).await.contains(&"welcome".to_owned()));
    // It is there already.
    bob.client.catch_up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_told_again_after_a_login_and_not_what_it_knows() {
    let service = PushService::start().await;
    let world = World::start_with(PushService::is_allowed).await;
    let (bob, mut asked) = watched_person(&world, "bob").await;
    let address = address(&service, &Browser::new(), "bob");
    bob.client.set_wake_up_address(address.clone()).await.unwrap();
    bob.client.set_wake_up_address(address.clone()).await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, [told(&address, &[])]);

    let vault = bob.goes_away().await;
    let (bob, mut asked) = watched(&world, vault).await;
    bob.client.set_wake_up_address(address.clone()).await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, []);

    bob.client.log_out().await.unwrap();
    assert_eq!(
        bob.client.set_wake_up_address(address.clone()).await,
        Err(ClientError::NotLoggedIn)
    );
    assert_eq!(bob.client.catch_up().await, Err(ClientError::NotLoggedIn));
    bob.client.log_in("bob", PASSWORD).await.unwrap();
    assert_eq!(soon(asked.recv()).await, Some(told(&address, &[])));

    bob.client.remove_wake_up_address().await.unwrap();
    assert_eq!(bob.client.wake_up_endpoint().await.unwrap(), None);
    assert_eq!(asked_until_now(&bob, &mut asked).await, [Asked::Removed]);
    bob.client.remove_wake_up_address().await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_told_which_chats_are_silent_and_when_they_are_so_no_more() {
    let service = PushService::start().await;
    let world = World::start_with(PushService::is_allowed).await;
    let (bob, mut asked) = watched_person(&world, "bob").await;
    let (alice, chat) = talk(&world, &bob).await;
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    bob.takes(group).await;
    let browser = Browser::new();
    let address = address(&service, &browser, "bob");
    bob.client.mute(chat, Some(Mute::Always)).await.unwrap();
    bob.client.set_wake_up_address(address.clone()).await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, [told(&address, &[chat])]);

    // What is muted while there is no connection the server is told on the next.
    bob.client.disconnect().await.unwrap();
    bob.client.mute(group, Some(Mute::Always)).await.unwrap();
    bob.client.mute(chat, None).await.unwrap();
    assert!(asked.try_recv().is_err());
    bob.client.connect().await.unwrap();
    assert_eq!(soon(asked.recv()).await, Some(Asked::Checked));
    assert_eq!(soon(asked.recv()).await, Some(told(&address, &[group])));
    bob.client.mute(group, None).await.unwrap();
    assert_eq!(soon(asked.recv()).await, Some(Asked::Checked));
    assert_eq!(soon(asked.recv()).await, Some(told(&address, &[])));

    let end = alice.messages(chat).await.last().unwrap().at.plus_seconds(3600);
    bob.client.mute(group, Some(Mute::Until(end))).await.unwrap();
    assert_eq!(soon(asked.recv()).await, Some(Asked::Checked));
    assert_eq!(soon(asked.recv()).await, Some(told(&address, &[group])));
    let soon_over = SystemClock.now().plus_millis(500);
    let until_soon = Some(Mute::Until(soon_over));
    bob.client.mute(group, until_soon).await.unwrap();
    // Nobody does anything more: the time is over, and the server is told.
    assert_eq!(soon(asked.recv()).await, Some(Asked::Checked));
    assert_eq!(soon(asked.recv()).await, Some(told(&address, &[])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_gone_is_not_told_again() {
    let mut service = PushService::start().await;
    let world = World::start_with(PushService::is_allowed).await;
    let (bob, mut asked) = watched_person(&world, "bob").await;
    let (alice, chat) = talk(&world, &bob).await;
    let old = address(&service, &Browser::new(), "old");
    bob.client.set_wake_up_address(old.clone()).await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, [told(&old, &[])]);
    let vault = bob.goes_away().await;
    service.answers_next(410, None);
    alice.sends(chat, "are you there?").await;
    assert_eq!(service.next().await.path, "/old");

    let (bob, mut asked) = watched(&world, vault).await;
    assert_eq!(asked_until_now(&bob, &mut asked).await, []);
    // The server forgets it a moment after it was told so: until then it takes what it is told.
    let refused = loop {
        let chats = bob.client.chats().await.unwrap();
        let mute = chats[0].mute.is_none().then_some(Mute::Always);
        bob.client.mute(chat, mute).await.unwrap();
        // Its browser says that it has it still.
        if let Err(refused) = bob.client.set_wake_up_address(old.clone()).await {
            break refused;
        }
    };
    assert_eq!(refused.code(), "endpoint-refused");
    assert_eq!(bob.client.wake_up_endpoint().await.unwrap(), None);
    while asked.try_recv().is_ok() {}
    bob.client.mute(chat, Some(Mute::Always)).await.unwrap();
    bob.client.mute(chat, None).await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, []);
    let new = address(&service, &Browser::new(), "new");
    bob.client.set_wake_up_address(new.clone()).await.unwrap();
    assert_eq!(asked_until_now(&bob, &mut asked).await, [told(&new, &[])]);
    bob.goes_away().await;
    alice.sends(chat, "and now?").await;
    assert_eq!(service.next().await.path, "/new");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_server_does_not_send_to_is_refused_and_not_kept() {
    let world = World::start().await;
    let bob = world.person("bob").await;
    let service = PushService::start().await;
    let address = address(&service, &Browser::new(), "bob");
    let refused = bob.client.set_wake_up_address(address).await.unwrap_err();
    assert_eq!(refused.code(), "endpoint-refused");
    assert_eq!(bob.client.wake_up_endpoint().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_now_is_told_on_the_next_connection() {
    let service = PushService::start().await;
    let mut world = World::start_with(PushService::is_allowed).await;
    let (bob, mut asked) = watched_person(&world, "bob").await;
    world.stop().await;
    let address = address(&service, &Browser::new(), "bob");
    let failed = bob.client.set_wake_up_address(address.clone()).await.unwrap_err();
    assert_eq!(failed.code(), "unreachable");
    assert_eq!(
        bob.client.wake_up_endpoint().await.unwrap(),
        Some(address.endpoint.clone())
    );
    assert!(asked.try_recv().is_err());
    world.start_again().await;
    bob.client.connect().await.unwrap();
    assert_eq!(soon(asked.recv()).await, Some(told(&address, &[])));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_what_was_missed_is_told_that_no_connection_is_wanted() {
    let mut world = World::start().await;
    let bob = world.person("bob").await;
    world.stop().await;
    let client = bob.client.clone();
    let (waited, ()) = tokio::join!(client.catch_up(), async {
        // It has asked by then: what it asks goes the same way, and before.
        tokio::task::yield_now().await;
        bob.client.disconnect().await.unwrap();
    });
    assert_eq!(waited, Err(ClientError::Offline));
}
