//! How long messages are kept: for good, for a time, or not at all. What is over is in no byte of any client's store.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::protocol::Retention;
use sotto_client_sdk::protocol::frame::{Outcome, ServerFrame};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{
    ClientError, Event, Events, GroupChange, GroupSettings, Message, MessageState, NewGroup, NewMessage,
};
use sotto_tests::process::ServerProcess;
use sotto_tests::tampering::Tampering;
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Pair, Vault, World, gardeners, next, text_of, until};
use std::sync::{Arc, Mutex};

const SHORT: Retention = Retention::For { seconds: 2 };
const A_DAY: Retention = Retention::For { seconds: 86_400 };
const SECRET: &str = "burn after reading, says the heron";

async fn has_added(events: &mut Events, text: &str) -> Message {
    let added = until(
        events,
        |event| matches!(event, Event::MessageAdded(message) if text_of(message) == text),
    );
    match added.await {
        Event::MessageAdded(message) => message,
        other => panic!("{other:?}"),
    }
}

async fn is_removed(events: &mut Events, wanted: &Message) {
    until(
        events,
        |event| matches!(event, Event::MessageRemoved { message, .. } if *message == wanted.id),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_time_vanishes_everywhere_when_it_is_over() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let (mut at_alice, mut at_bob) = (alice.client.events(), bob.client.events());
    alice
        .client
        .send(chat, NewMessage::text(SECRET).kept(SHORT))
        .await
        .unwrap();
    let received = has_added(&mut at_bob, SECRET).await;
    assert_eq!(received.retention, SHORT);
    assert_eq!(received.expires_at, Some(received.at.plus_seconds(2)));
    assert_eq!(bob.texts(chat).await, ["hello", SECRET]);
    assert!(bob.vault.holds(SECRET).await, "the search finds what is there");
    is_removed(&mut at_bob, &received).await;
    is_removed(&mut at_alice, &received).await;
    for device in [&alice, &bob] {
        assert_eq!(device.texts(chat).await, ["hello"]);
        assert!(!device.vault.holds(SECRET).await);
        let summary = &device.client.chats().await.unwrap()[0];
        assert_eq!(summary.last.as_ref().map(text_of).as_deref(), Some("hello"));
    }
    // Nobody had read it, and there is nothing to be read any more.
    assert_eq!(bob.client.chats().await.unwrap()[0].unread, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_never_shows_what_was_over_when_it_came_back() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let away = bob.goes_away().await;
    let mut at_alice = alice.client.events();
    alice
        .client
        .send(chat, NewMessage::text(SECRET).kept(SHORT))
        .await
        .unwrap();
    let sent = has_added(&mut at_alice, SECRET).await;
    is_removed(&mut at_alice, &sent).await;
    alice.sends(chat, "and now?").await;
    let bob = Device::open(&world.url(), away, Faults::none()).await;
    let mut at_bob = bob.client.events();
    loop {
        match next(&mut at_bob).await {
            Event::MessageAdded(message) if text_of(&message) == "and now?" => break,
            Event::MessageAdded(message) => assert_ne!(text_of(&message), SECRET),
            _ => {}
        }
    }
    assert_eq!(bob.texts(chat).await, ["hello", "and now?"]);
    assert!(!bob.vault.holds(SECRET).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_when_a_client_starts_is_gone_before_it_shows_anything() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let (mut at_alice, mut at_bob) = (alice.client.events(), bob.client.events());
    alice
        .client
        .send(chat, NewMessage::text(SECRET).kept(SHORT))
        .await
        .unwrap();
    let received = has_added(&mut at_bob, SECRET).await;
    let away = bob.goes_away().await;
    assert!(away.holds(SECRET).await);
    is_removed(&mut at_alice, &received).await;
    // No server: it is this device that lets it go.
    let bob = Device::open("http://127.0.0.1:9", away, Faults::none()).await;
    assert_eq!(bob.texts(chat).await, ["hello"]);
    assert!(!bob.vault.holds(SECRET).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleeting_message_is_shown_to_whoever_is_there_and_stored_nowhere() {
    let mut server = ServerProcess::start().await;
    let alice = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    alice.client.register("alice", PASSWORD).await.unwrap();
    let bob = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    bob.client.register("bob", PASSWORD).await.unwrap();
    bob.is_online().await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.takes(chat).await;
    alice.sends(chat, "hello").await;
    bob.reads(chat, &["hello"]).await;
    let (mut at_alice, mut at_bob) = (alice.client.events(), bob.client.events());
    let id = alice
        .client
        .send(chat, NewMessage::text(SECRET).kept(Retention::Never))
        .await
        .unwrap();
    let received = has_added(&mut at_bob, SECRET).await;
    assert_eq!((received.id, received.retention), (id, Retention::Never));
    assert_eq!(received.state, MessageState::Received);
    let relayed = until(
        &mut at_alice,
        |event| matches!(event, Event::MessageChanged(message) if message.id == id),
    );
    let Event::MessageChanged(relayed) = relayed.await else {
        panic!("it waited for nothing else");
    };
    assert_eq!(relayed.state, MessageState::Relayed { reached: 1 });
    // Its place is behind what was said before.
    assert_eq!(received.position, bob.messages(chat).await[0].position);
    for device in [&alice, &bob] {
        assert_eq!(device.texts(chat).await, ["hello"]);
        assert!(!device.vault.holds(SECRET).await);
        assert_eq!(
            device.client.chats().await.unwrap()[0].unread,
            u32::from(device.account() == bob.account())
        );
    }
    server.kill().await;
    for (path, content) in server.files() {
        let is_in = content.windows(16).any(|window| window == id.as_bytes());
        assert!(!is_in, "its id is in {}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleeting_message_that_was_not_sent_dies_with_its_process() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let vault = alice.goes_away().await;
    let alice = Device::open("http://127.0.0.1:9", vault, Faults::none()).await;
    alice
        .client
        .send(chat, NewMessage::text(SECRET).kept(Retention::Never))
        .await
        .unwrap();
    alice
        .client
        .send(chat, NewMessage::text("see you").kept(None))
        .await
        .unwrap();
    assert!(!alice.vault.holds(SECRET).await);
    let alice = alice.crashes_and_restarts(&world).await;
    bob.reads(chat, &["hello", "see you"]).await;
    alice.reads(chat, &["hello", "see you"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_has_a_time_that_holds_for_what_says_nothing_else_and_either_can_set_it() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    alice.client.set_retention(chat, A_DAY).await.unwrap();
    bob.sees_change(chat, alice.account(), &GroupChange::Retention(A_DAY))
        .await;
    let mut at_alice = alice.client.events();
    assert_eq!(bob.client.chats().await.unwrap()[0].retention, A_DAY);
    bob.sends(chat, "for a day").await;
    let heard = has_added(&mut at_alice, "for a day").await;
    assert_eq!(heard.expires_at, Some(heard.at.plus_seconds(86_400)));
    bob.client
        .send(chat, NewMessage::text("for good").kept(Retention::Keep))
        .await
        .unwrap();
    assert_eq!(has_added(&mut at_alice, "for good").await.expires_at, None);
    bob.client.set_retention(chat, Retention::Keep).await.unwrap();
    alice
        .sees_change(chat, bob.account(), &GroupChange::Retention(Retention::Keep))
        .await;
    assert_eq!(alice.client.chats().await.unwrap()[0].retention, Retention::Keep);
    let nonsense = Retention::For { seconds: 0 };
    assert_eq!(
        alice.client.set_retention(chat, nonsense).await,
        Err(ClientError::RetentionOutOfBounds)
    );
    assert_eq!(
        alice
            .client
            .send(chat, NewMessage::text("x").kept(nonsense))
            .await,
        Err(ClientError::RetentionOutOfBounds)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_right_after_a_time_was_set_has_it_also_offline() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let mut at_bob = bob.client.events();
    alice.client.disconnect().await.unwrap();
    alice.client.set_retention(chat, A_DAY).await.unwrap();
    assert_eq!(alice.client.chats().await.unwrap()[0].retention, A_DAY);
    alice.sends(chat, "for a day").await;
    alice.client.set_retention(chat, Retention::Keep).await.unwrap();
    alice.sends(chat, "for good").await;
    alice.client.connect().await.unwrap();
    assert_eq!(has_added(&mut at_bob, "for a day").await.retention, A_DAY);
    assert_eq!(
        has_added(&mut at_bob, "for good").await.retention,
        Retention::Keep
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_comes_later_is_told_how_long_messages_are_kept() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    alice.client.set_retention(chat, A_DAY).await.unwrap();
    bob.sees_change(chat, alice.account(), &GroupChange::Retention(A_DAY))
        .await;
    let phone = world.device().await;
    let mut at_phone = phone.client.events();
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    while phone.client.chats().await.unwrap()[0].retention != A_DAY {
        until(&mut at_phone, |event| matches!(event, Event::ChatChanged { .. })).await;
    }
    // It was not set anew: nothing is said of it but what the archive may have brought meanwhile.
    let (at_phone, at_alice) = (phone.texts(chat).await, alice.texts(chat).await);
    assert!(at_alice.ends_with(&at_phone), "{at_phone:?}");
    let mut at_bob = bob.client.events();
    phone.sends(chat, "for a day").await;
    assert_eq!(has_added(&mut at_bob, "for a day").await.retention, A_DAY);
    // What was told does not undo what is set later.
    phone.client.set_retention(chat, Retention::Keep).await.unwrap();
    bob.sees_change(chat, alice.account(), &GroupChange::Retention(Retention::Keep))
        .await;
    assert_eq!(bob.client.chats().await.unwrap()[0].retention, Retention::Keep);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_time_is_its_rules_and_holds_for_newcomers_too() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    let carol = world.person("carol").await;
    let group = alice
        .founds(NewGroup {
            retention: A_DAY,
            ..gardeners(BY_ADMINS, &["bob"])
        })
        .await;
    bob.takes(group).await;
    let mut at_alice = alice.client.events();
    bob.sends(group, "for a day").await;
    let heard = has_added(&mut at_alice, "for a day").await;
    assert_eq!(heard.retention, A_DAY);
    // A member without an office does not set it.
    assert!(bob.client.set_retention(group, Retention::Keep).await.is_err());
    let settings = GroupSettings {
        retention: Some(Retention::Keep),
        ..GroupSettings::default()
    };
    alice.client.set_group(group, settings).await.unwrap();
    alice.client.add_to_group(group, &["carol"]).await.unwrap();
    carol.takes(group).await;
    carol.sends(group, "for good").await;
    assert_eq!(
        has_added(&mut at_alice, "for good").await.retention,
        Retention::Keep
    );
    assert_eq!(carol.client.chats().await.unwrap()[0].retention, Retention::Keep);
}

/// What the sender has sealed counts, unless the server says less.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_that_a_message_is_kept_longer_is_not_believed() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let away = bob.goes_away().await;
    let longer: sotto_tests::tampering::Tamper = Arc::new(Mutex::new(|mut frame: ServerFrame| {
        match &mut frame {
            ServerFrame::Entry { entry, .. } => entry.retention = Retention::Keep,
            ServerFrame::Response {
                outcome: Outcome::Page(page),
                ..
            } => page
                .entries
                .iter_mut()
                .for_each(|entry| entry.retention = Retention::Keep),
            _ => {}
        }
        vec![frame]
    }));
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), longer);
    let bob = Device::open_over(transport, away, Faults::none()).await.unwrap();
    bob.is_online().await;
    let mut at_bob = bob.client.events();
    alice
        .client
        .send(chat, NewMessage::text(SECRET).kept(A_DAY))
        .await
        .unwrap();
    let received = has_added(&mut at_bob, SECRET).await;
    assert_eq!(received.retention, A_DAY);
    assert!(received.expires_at.is_some());
}
