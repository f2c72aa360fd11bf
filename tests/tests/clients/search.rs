//! What is found on devices that talk through a real server: what is there now, and nothing that is not to be seen any more.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::Retention;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, ConnectionState, Event, NewMessage, SearchQuery};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Pair, World, gardeners, next, text_of, until};

/// What a query finds, the newest first.
async fn found(device: &Device, query: &str) -> Vec<String> {
    let query = SearchQuery::text(query);
    let (mut texts, mut before) = (Vec::new(), None);
    loop {
        let page = device.client.search(&query, 2, before).await.unwrap();
        texts.extend(page.found.iter().map(|found| text_of(&found.message)));
        match page.next {
            None => return texts,
            next => before = next,
        }
    }
}

/// Waits until a query finds this.
async fn finds(device: &Device, query: &str, expected: &[&str]) {
    let mut events = device.client.events();
    while found(device, query).await != expected {
        next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_found_as_it_reads_now_on_both_sides_and_after_a_restart() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let roses = alice.client.send_text(chat, "the roses are red").await.unwrap();
    finds(&bob, "roses", &["the roses are red"]).await;
    alice.reads(chat, &["hello", "the roses are red"]).await;
    assert_eq!(found(&alice, "ROSES").await, ["the roses are red"]);
    alice
        .client
        .edit(chat, roses, "the tulips are red")
        .await
        .unwrap();
    assert!(found(&alice, "roses").await.is_empty());
    finds(&bob, "tulips", &["the tulips are red"]).await;
    assert!(found(&bob, "roses").await.is_empty());
    let bob = bob.crashes_and_restarts(&world).await;
    assert!(found(&bob, "roses").await.is_empty());
    assert_eq!(found(&bob, "red tulip").await, ["the tulips are red"]);
    bob.is_online().await;
    alice.client.delete(chat, roses).await.unwrap();
    assert!(found(&alice, "tulips").await.is_empty());
    finds(&bob, "tulips", &[]).await;
    assert_eq!(found(&bob, "hell").await, ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_to_be_sent_is_found_and_once_only_when_it_is() {
    let Pair {
        world: _world,
        alice,
        bob: _bob,
        chat,
    } = Pair::start().await;
    assert_eq!(found(&alice, "hello").await, ["hello"]);
    alice.client.disconnect().await.unwrap();
    let mut events = alice.client.events();
    while alice.client.connection() != ConnectionState::Offline {
        next(&mut events).await;
    }
    alice.sends(chat, "hello again").await;
    assert_eq!(found(&alice, "hello").await, ["hello again", "hello"]);
    alice.client.connect().await.unwrap();
    alice.reads(chat, &["hello", "hello again"]).await;
    assert_eq!(found(&alice, "hello").await, ["hello again", "hello"]);
    let message = alice.messages(chat).await.pop().unwrap().id;
    alice.client.delete_here(chat, message).await.unwrap();
    assert_eq!(found(&alice, "hello").await, ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_is_found_until_then_and_what_is_fleeting_never() {
    let Pair {
        world: _world,
        alice,
        mut bob,
        chat,
    } = Pair::start().await;
    assert_eq!(found(&bob, "hello").await, ["hello"]);
    let timed = NewMessage::text("hello for a moment").kept(Some(Retention::For { seconds: 3 }));
    alice.client.send(chat, timed).await.unwrap();
    finds(&bob, "moment", &["hello for a moment"]).await;
    let fleeting = NewMessage::text("hello in passing").kept(Some(Retention::Never));
    alice.client.send(chat, fleeting).await.unwrap();
    until(
        &mut bob.events,
        |event| matches!(event, Event::MessageAdded(message) if text_of(message) == "hello in passing"),
    )
    .await;
    assert!(found(&bob, "passing").await.is_empty());
    assert!(found(&alice, "passing").await.is_empty());
    until(&mut bob.events, |event| {
        matches!(event, Event::MessageRemoved { .. })
    })
    .await;
    assert_eq!(found(&bob, "hello").await, ["hello"]);
    finds(&alice, "hello", &["hello"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_as_a_request_or_comes_from_somebody_blocked_is_not_found() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = bob.client.start_chat("alice").await.unwrap();
    bob.sends(chat, "hello from a stranger").await;
    alice.reads(chat, &["hello from a stranger"]).await;
    assert!(found(&alice, "stranger").await.is_empty());
    alice.client.accept_request(chat).await.unwrap();
    assert_eq!(found(&alice, "stranger").await, ["hello from a stranger"]);
    alice.client.block(bob.account()).await.unwrap();
    assert!(found(&alice, "stranger").await.is_empty());
    alice.client.unblock(bob.account()).await.unwrap();
    assert_eq!(found(&alice, "stranger").await, ["hello from a stranger"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_what_others_say_is_found_without_those_who_are_blocked() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    bob.takes(group).await;
    bob.sends(group, "roses, says Bob").await;
    alice.sends(group, "roses, says Alice").await;
    finds(&alice, "says bob", &["roses, says Bob"]).await;
    let query = SearchQuery {
        from: Some(bob.account()),
        chat: Some(group),
        ..SearchQuery::default()
    };
    let page = alice.client.search(&query, 10, None).await.unwrap();
    assert_eq!(page.found.len(), 1);
    alice.client.block(bob.account()).await.unwrap();
    assert_eq!(found(&alice, "roses").await, ["roses, says Alice"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_found_without_a_session_and_everything_again_with_the_next() {
    let Pair {
        world,
        alice,
        bob: _bob,
        chat: _chat,
    } = Pair::start().await;
    assert_eq!(found(&alice, "hello").await, ["hello"]);
    alice.client.log_out().await.unwrap();
    let searched = alice.client.search(&SearchQuery::text("hello"), 10, None).await;
    assert_eq!(searched, Err(ClientError::NotLoggedIn));
    alice.client.log_in("alice", PASSWORD).await.unwrap();
    assert_eq!(found(&alice, "hello").await, ["hello"]);
    alice.client.erase().await.unwrap();
    let searched = alice.client.search(&SearchQuery::text("hello"), 10, None).await;
    assert_eq!(searched, Err(ClientError::NotLoggedIn));
    // Whoever uses this device next finds nothing of it.
    let next = Device::open(&world.url(), alice.crashes(), Faults::none()).await;
    next.client.register("carol", PASSWORD).await.unwrap();
    assert!(found(&next, "hello").await.is_empty());
}
