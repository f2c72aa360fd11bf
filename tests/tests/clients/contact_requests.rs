//! Strangers, through a real server: requests, what becomes of them, and blocks, on all devices.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{ChatId, ProblemCode};
use sotto_client_sdk::{ChatSummary, ClientError, Event, MessageState, Role};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, World, gardeners, next, until};

/// Waits until the device's list of chats is as wanted.
async fn sees(device: &Device, wanted: impl Fn(&[ChatSummary]) -> bool) -> Vec<ChatSummary> {
    let mut events = device.client.events();
    loop {
        let chats = device.client.chats().await.unwrap();
        if wanted(&chats) {
            return chats;
        }
        next(&mut events).await;
    }
}

fn is_request(chats: &[ChatSummary], chat: ChatId) -> bool {
    chats
        .iter()
        .any(|known| known.chat == chat && known.request.is_some() && known.last.is_some())
}

fn is_open(chats: &[ChatSummary], chat: ChatId) -> bool {
    chats
        .iter()
        .any(|known| known.chat == chat && known.request.is_none())
}

fn is_hidden(chats: &[ChatSummary], chat: ChatId) -> bool {
    chats.iter().all(|known| known.chat != chat)
}

/// Bob has written to Alice, who has never heard of him.
async fn hello(alice: &Device, bob: &Device) -> ChatId {
    let chat = bob.client.start_chat("alice").await.unwrap();
    bob.sends(chat, "hello").await;
    sees(alice, |chats| is_request(chats, chat)).await;
    chat
}

async fn another_device(world: &World, name: &str) -> Device {
    let device = world.device().await;
    device.client.log_in(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

/// Waits until the last message of this device in the chat was refused.
async fn is_refused(device: &Device, chat: ChatId) -> ProblemCode {
    let mut events = device.client.events();
    loop {
        let messages = device.messages(chat).await;
        if let MessageState::Failed { code } = messages.last().unwrap().state {
            return code;
        }
        next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_first_messages_wait_as_a_request_that_can_be_read() {
    let world = World::start().await;
    let (mut alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = hello(&alice, &bob).await;
    until(
        &mut alice.events,
        |event| matches!(event, Event::ContactRequested { chat: of } if *of == chat),
    )
    .await;
    let chats = alice.client.chats().await.unwrap();
    let request = chats[0].request.as_ref().unwrap();
    assert_eq!(request.from.as_ref().unwrap().name.as_str(), "bob");
    assert_eq!(chats[0].unread, 0);
    alice.reads(chat, &["hello"]).await;
    // Whoever has begun it waits for nothing.
    assert!(is_open(&bob.client.chats().await.unwrap(), chat));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_into_a_request_before_it_is_accepted() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = hello(&alice, &bob).await;
    bob.sends(chat, "are you there?").await;
    alice.reads(chat, &["hello", "are you there?"]).await;
    let position = alice.messages(chat).await[1].position;
    alice.client.mark_read(chat, position).await.unwrap();
    // A renewal of Alice's keys would stand between Bob's messages.
    bob.sends(chat, "well").await;
    alice.reads(chat, &["hello", "are you there?", "well"]).await;
    // Bob knows the position of his own once the server has answered him too.
    bob.reads(chat, &["hello", "are you there?", "well"]).await;
    let positions: Vec<u64> = bob
        .messages(chat)
        .await
        .iter()
        .map(|said| said.position)
        .collect();
    let gaps = positions.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
    assert_eq!(gaps, 0, "{positions:?}");

    alice.client.accept_request(chat).await.unwrap();
    let chats = sees(&alice, |chats| is_open(chats, chat)).await;
    assert_eq!(chats[0].unread, 1);
    alice.sends(chat, "yes").await;
    bob.reads(chat, &["hello", "are you there?", "well", "yes"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_answer_is_to_accept_on_all_devices_of_today_and_tomorrow() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let phone = another_device(&world, "alice").await;
    let chat = hello(&alice, &bob).await;
    sees(&phone, |chats| is_request(chats, chat)).await;
    alice.sends(chat, "hello yourself").await;
    sees(&alice, |chats| is_open(chats, chat)).await;
    sees(&phone, |chats| is_open(chats, chat)).await;
    let tablet = another_device(&world, "alice").await;
    sees(&tablet, |chats| is_open(chats, chat)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_declined_is_seen_no_more_whatever_else_they_write() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let phone = another_device(&world, "alice").await;
    let chat = hello(&alice, &bob).await;
    alice.client.decline_request(chat).await.unwrap();
    sees(&alice, |chats| is_hidden(chats, chat)).await;
    sees(&phone, |chats| is_hidden(chats, chat)).await;
    // Bob is told nothing: what he writes is accepted as ever.
    bob.sends(chat, "hello?").await;
    bob.reads(chat, &["hello", "hello?"]).await;
    alice.reads(chat, &["hello", "hello?"]).await;
    assert!(is_hidden(&alice.client.chats().await.unwrap(), chat));
    let tablet = another_device(&world, "alice").await;
    tablet.has_messages(chat, 0).await;
    assert!(is_hidden(&tablet.client.chats().await.unwrap(), chat));
    // Alice may think better of it.
    assert_eq!(alice.client.start_chat("bob").await.unwrap(), chat);
    alice.sends(chat, "sorry").await;
    sees(&phone, |chats| is_open(chats, chat)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_takes_nothing_from_somebody_who_is_blocked() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let mut phone = another_device(&world, "alice").await;
    let chat = hello(&alice, &bob).await;
    alice.client.block(bob.account()).await.unwrap();
    assert!(is_hidden(&alice.client.chats().await.unwrap(), chat));
    sees(&phone, |chats| is_hidden(chats, chat)).await;
    let blocked = alice.client.blocked();
    assert_eq!(blocked[0].person.as_ref().unwrap().name.as_str(), "bob");

    bob.client.send_text(chat, "you cannot do this").await.unwrap();
    assert_eq!(is_refused(&bob, chat).await, ProblemCode::Undeliverable);
    assert_eq!(
        alice.client.send_text(chat, "oh yes").await,
        Err(ClientError::Blocked)
    );
    assert_eq!(alice.client.start_chat("bob").await, Err(ClientError::Blocked));

    // From another device, to which nobody has said it but the account's record.
    phone.client.unblock(bob.account()).await.unwrap();
    until(&mut phone.events, |event| *event == Event::BlockedChanged).await;
    sees(&alice, |chats| is_open(chats, chat)).await;
    bob.sends(chat, "thank you").await;
    alice.ends_with(chat, "thank you").await;
    assert!(alice.client.blocked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_blocked_begins_nothing_new() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    alice.client.block(bob.account()).await.unwrap();
    // As with somebody who has no device.
    assert_eq!(bob.client.start_chat("alice").await, Err(ClientError::NoDevice));
    let group = bob.founds(gardeners(BY_ADMINS, &[])).await;
    assert!(bob.client.add_to_group(group, &["alice"]).await.is_err());
    assert!(alice.client.chats().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_was_decided_offline_is_carried_out_later() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = hello(&alice, &bob).await;
    alice.client.disconnect().await.unwrap();
    alice.client.block(bob.account()).await.unwrap();
    let alice = alice.crashes_and_restarts(&world).await;
    // The client says nothing when it is done: Bob finds out.
    loop {
        bob.client.send_text(chat, "hello?").await.unwrap();
        let mut events = bob.client.events();
        let last = loop {
            let state = bob.messages(chat).await.last().unwrap().state;
            if state != MessageState::Queued {
                break state;
            }
            next(&mut events).await;
        };
        if last
            == (MessageState::Failed {
                code: ProblemCode::Undeliverable,
            })
        {
            break;
        }
    }
    assert!(is_hidden(&alice.client.chats().await.unwrap(), chat));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_a_stranger_adds_one_to_waits_and_is_left_when_declined() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = bob.founds(gardeners(BY_ADMINS, &["alice"])).await;
    let chats = sees(&alice, |chats| {
        chats.iter().any(|chat| {
            chat.chat == group
                && chat
                    .request
                    .as_ref()
                    .is_some_and(|request| request.from.is_some())
        })
    })
    .await;
    let request = chats[0].request.as_ref().unwrap();
    assert_eq!(request.from.as_ref().unwrap().name.as_str(), "bob");
    alice.client.decline_request(group).await.unwrap();
    sees(&alice, |chats| is_hidden(chats, group)).await;
    bob.sees_group(group, |shown| shown.members == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_somebody_known_waits_for_nothing() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = hello(&alice, &bob).await;
    alice.client.accept_request(chat).await.unwrap();
    let group = bob.founds(gardeners(BY_ADMINS, &["alice"])).await;
    sees(&alice, |chats| is_open(chats, group)).await;
    assert_eq!(
        alice.client.group(group).await.unwrap().own_role,
        Some(Role::Member)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_blocked_says_in_a_group_is_marked() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    bob.has_chat(group).await;
    alice.client.block(bob.account()).await.unwrap();
    bob.sends(group, "nonsense").await;
    alice.ends_with(group, "nonsense").await;
    assert!(alice.messages(group).await.last().unwrap().from_blocked);
    alice.client.unblock(bob.account()).await.unwrap();
    assert!(!alice.messages(group).await.last().unwrap().from_blocked);
}
