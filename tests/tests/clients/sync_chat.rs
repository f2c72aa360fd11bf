//! People talk through a real server: chats begin, messages arrive once and in order, devices come and go.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::limits;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, Event, IdentityStatus, LogOutReason, MessageState, MessagesBefore};
use sotto_tests::world::{Device, PASSWORD, World, text_of, until};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_both_ways() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;

    alice.sends(chat, "Hello, Bob!").await;
    bob.reads(chat, &["Hello, Bob!"]).await;
    bob.sends(chat, "Grüß dich! 你好 👋🏽").await;
    alice.reads(chat, &["Hello, Bob!", "Grüß dich! 你好 👋🏽"]).await;
    bob.reads(chat, &["Hello, Bob!", "Grüß dich! 你好 👋🏽"]).await;

    let messages = alice.messages(chat).await;
    assert!(messages[0].own && !messages[1].own);
    assert_eq!(messages[0].state, MessageState::Accepted);
    assert_eq!(messages[1].state, MessageState::Received);
    assert_eq!(messages[1].from.name.as_ref().unwrap().as_str(), "bob");
    assert!(messages[0].position < messages[1].position);
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_a_chat_again_from_either_side_gives_the_same_chat() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    assert_eq!(alice.client.start_chat("bob").await.unwrap(), chat);
    assert_eq!(bob.client.start_chat("alice").await.unwrap(), chat);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_start_a_chat_at_the_same_moment_have_one() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (from_alice, from_bob) = tokio::join!(alice.client.start_chat("bob"), bob.client.start_chat("alice"));
    let chat = from_alice.unwrap();
    assert_eq!(from_bob.unwrap(), chat);
    alice.sends(chat, "one").await;
    bob.reads(chat, &["one"]).await;
    assert_eq!(alice.client.chats().await.unwrap().len(), 1);
    assert_eq!(bob.client.chats().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_chat_is_refused_with_the_reason() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let start = async |name| alice.client.start_chat(name).await.unwrap_err();
    assert_eq!(start("alice").await, ClientError::WithOneself);
    assert_eq!(start("nobody").await, ClientError::UserNotFound);
    assert!(matches!(start("No Name").await, ClientError::InvalidName(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_written_offline_queue_and_go_out_in_order() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    alice.client.disconnect().await.unwrap();
    let texts: Vec<String> = (0..200).map(|number| format!("message {number}")).collect();
    for text in &texts {
        alice.sends(chat, text).await;
    }
    let queued = alice.messages(chat).await;
    assert!(queued.iter().all(|message| message.state == MessageState::Queued));
    alice.client.connect().await.unwrap();
    let expected: Vec<&str> = texts.iter().map(String::as_str).collect();
    bob.reads(chat, &expected).await;
    alice.reads(chat, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_offline_gets_everything_in_order() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.takes(chat).await;
    bob.client.disconnect().await.unwrap();
    let texts: Vec<String> = (0..500).map(|number| format!("message {number}")).collect();
    for text in &texts {
        alice.sends(chat, text).await;
    }
    let expected: Vec<&str> = texts.iter().map(String::as_str).collect();
    alice.reads(chat, &expected).await;
    let bob = bob.crashes_and_restarts(&world).await;
    bob.reads(chat, &expected).await;
    let summary = &bob.client.chats().await.unwrap()[0];
    assert_eq!((summary.unread, summary.undecryptable), (500, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_joins_the_chats_of_its_account_by_itself() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    alice.sends(chat, "before").await;
    bob.reads(chat, &["before"]).await;

    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    phone.sends(chat, "from the phone").await;
    bob.reads(chat, &["before", "from the phone"]).await;
    alice.reads(chat, &["before", "from the phone"]).await;
    bob.sends(chat, "to both").await;
    alice.reads(chat, &["before", "from the phone", "to both"]).await;
    phone.reads(chat, &["from the phone", "to both"]).await;
    assert!(alice.messages(chat).await[1].own);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_begins_after_a_second_device_has_both_devices_in_it() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (phone, bobs_phone) = (world.device().await, world.device().await);
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    bobs_phone.client.log_in("bob", PASSWORD).await.unwrap();
    phone.is_online().await;
    bobs_phone.is_online().await;
    let chat = phone.client.start_chat("bob").await.unwrap();
    phone.sends(chat, "hello all").await;
    for device in [&alice, &bob, &bobs_phone] {
        device.has_chat(chat).await;
        device.reads(chat, &["hello all"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_device_has_its_history_before_it_is_online() {
    let mut world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    alice.sends(chat, "kept").await;
    alice.reads(chat, &["kept"]).await;
    bob.reads(chat, &["kept"]).await;
    world.stop().await;
    let alice = alice.crashes_and_restarts(&world).await;
    assert_eq!(alice.texts(chat).await, ["kept"]);
    assert_eq!(
        alice.client.chats().await.unwrap()[0]
            .kind
            .with()
            .unwrap()
            .name
            .as_str(),
        "bob"
    );
    assert_eq!(alice.client.account().unwrap().name.as_str(), "alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_loses_and_doubles_nothing() {
    let mut world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    let texts: Vec<String> = (0..300).map(|number| format!("message {number}")).collect();
    for (number, text) in texts.iter().enumerate() {
        if number == 100 || number == 200 {
            world.stop().await;
        }
        if number == 150 || number == 250 {
            world.start_again().await;
            alice.client.connect().await.unwrap();
            bob.client.connect().await.unwrap();
        }
        alice.sends(chat, text).await;
    }
    let expected: Vec<&str> = texts.iter().map(String::as_str).collect();
    alice.reads(chat, &expected).await;
    bob.reads(chat, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_send_at_once_while_keys_are_renewed_and_read_the_same_order() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    let send = async |device: &Device, name: &str| {
        for number in 0..100 {
            device.sends(chat, &format!("{name} {number}")).await;
        }
    };
    let phone = world.device().await;
    let join = async {
        phone.client.log_in("bob", PASSWORD).await.unwrap();
        phone.has_chat(chat).await;
    };
    tokio::join!(send(&alice, "alice"), send(&bob, "bob"), join);
    alice.has_messages(chat, 200).await;
    bob.has_messages(chat, 200).await;
    let (alices, bobs) = (alice.texts(chat).await, bob.texts(chat).await);
    assert_eq!(alices, bobs);
    for name in ["alice", "bob"] {
        let own: Vec<&String> = alices.iter().filter(|text| text.starts_with(name)).collect();
        let expected: Vec<String> = (0..100).map(|number| format!("{name} {number}")).collect();
        assert!(own.into_iter().eq(expected.iter()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_text_arrives_and_a_longer_one_is_refused() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    let longest = "é".repeat(limits::TEXT_BYTES / 2);
    alice.sends(chat, &longest).await;
    bob.reads(chat, &[&longest]).await;
    let longer = format!("{longest}.");
    assert_eq!(
        alice.client.send_text(chat, longer).await,
        Err(ClientError::TextTooLong)
    );
    assert_eq!(
        alice.client.send_text(chat, "").await,
        Err(ClientError::TextEmpty)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_messages_are_counted_until_they_are_marked_and_own_ones_are_not() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    for text in ["one", "two", "three"] {
        alice.sends(chat, text).await;
    }
    bob.reads(chat, &["one", "two", "three"]).await;
    bob.takes(chat).await;
    let unread = async || bob.client.chats().await.unwrap()[0].unread;
    assert_eq!(unread().await, 3);
    let messages = bob.messages(chat).await;
    bob.client.mark_read(chat, messages[1].position).await.unwrap();
    assert_eq!(unread().await, 1);
    bob.client.mark_read(chat, messages[2].position).await.unwrap();
    assert_eq!(unread().await, 0);
    let alices = alice.client.chats().await.unwrap();
    assert_eq!(alices[0].unread, 0);
    assert_eq!(text_of(alices[0].last.as_ref().unwrap()), "three");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_pages_backwards_without_gap_or_overlap() {
    let world = World::start().await;
    let (alice, _bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    for number in 0..25 {
        alice.sends(chat, &number.to_string()).await;
    }
    alice.has_messages(chat, 25).await;
    let mut before = MessagesBefore::Latest;
    let mut texts = Vec::new();
    loop {
        let page = alice.client.messages(chat, before, 10).await.unwrap();
        let Some(first) = page.first() else { break };
        before = MessagesBefore::Position(first.position);
        texts.splice(0..0, page.iter().map(text_of));
    }
    let expected: Vec<String> = (0..25).map(|number| number.to_string()).collect();
    assert_eq!(texts, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_logging_out_history_stays_and_logging_in_again_keeps_the_device() {
    let world = World::start().await;
    let (mut alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    alice.sends(chat, "before").await;
    bob.reads(chat, &["before"]).await;
    alice.reads(chat, &["before"]).await;
    let device = alice.client.account().unwrap().device;

    alice.client.log_out().await.unwrap();
    let reason = LogOutReason::Requested;
    until(&mut alice.events, |event| *event == Event::LoggedOut { reason }).await;
    assert_eq!(alice.client.account(), None);
    assert_eq!(alice.texts(chat).await, ["before"]);
    alice.sends(chat, "queued").await;
    bob.sends(chat, "meanwhile").await;
    bob.reads(chat, &["before", "meanwhile"]).await;

    alice.client.log_in("alice", PASSWORD).await.unwrap();
    assert_eq!(alice.client.account().unwrap().device, device);
    alice.reads(chat, &["before", "meanwhile", "queued"]).await;
    bob.reads(chat, &["before", "meanwhile", "queued"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_name_are_not_told_apart() {
    let world = World::start().await;
    let _alice = world.person("alice").await;
    let device = world.device().await;
    for name in ["alice", "nobody"] {
        assert_eq!(
            device.client.log_in(name, "not her password").await,
            Err(ClientError::WrongCredentials)
        );
    }
    assert_eq!(
        device.client.register("alice", PASSWORD).await.err(),
        Some(ClientError::NameTaken)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_one_account_takes_no_other_until_it_is_erased() {
    let world = World::start().await;
    let (alice, _bob) = (world.person("alice").await, world.person("bob").await);
    alice.client.log_out().await.unwrap();
    assert_eq!(
        alice.client.log_in("bob", PASSWORD).await,
        Err(ClientError::AnotherAccount)
    );
    alice.client.erase().await.unwrap();
    alice.client.log_in("bob", PASSWORD).await.unwrap();
    assert_eq!(alice.client.account().unwrap().name.as_str(), "bob");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_name_with_what_is_known_of_them() {
    let world = World::start().await;
    let (alice, _bob) = (world.person("alice").await, world.person("bob").await);
    let found = async || alice.client.search_people("bo", None).await.unwrap().people;
    assert_eq!(found().await[0].person.name.as_str(), "bob");
    assert_eq!(found().await[0].person.identity, IdentityStatus::New);
    alice.client.start_chat("bob").await.unwrap();
    assert_eq!(found().await[0].person.identity, IdentityStatus::Known);
    let person = alice.client.person("bob").await.unwrap();
    assert_eq!(person.identity, IdentityStatus::Known);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_people_see_the_same_safety_number() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.has_chat(chat).await;
    let account = |device: &Device| device.client.account().unwrap().account;
    let of_bob = alice.client.safety_number(account(&bob)).unwrap().to_string();
    let of_alice = bob.client.safety_number(account(&alice)).unwrap().to_string();
    assert_eq!(of_bob, of_alice);
    assert_eq!(
        alice
            .client
            .contact(account(&bob))
            .unwrap()
            .name
            .unwrap()
            .as_str(),
        "bob"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_client_on_one_device_takes_its_place_and_the_first_does_not_fight() {
    let world = World::start().await;
    let mut alice = world.person("alice").await;
    let copy = Device::open(&world.url(), alice.vault.snapshot(), Faults::none()).await;
    copy.is_online().await;
    let offline = Event::Connection(sotto_client_sdk::ConnectionState::Offline);
    until(&mut alice.events, |event| *event == offline).await;
    alice.client.search_people("a", None).await.unwrap();
    assert_eq!(
        alice.client.connection(),
        sotto_client_sdk::ConnectionState::Offline
    );
    assert_eq!(
        copy.client.connection(),
        sotto_client_sdk::ConnectionState::Online
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_client_says_so() {
    let world = World::start().await;
    let mut alice = world.person("alice").await;
    alice.client.close().await.unwrap();
    alice.client.close().await.unwrap();
    assert_eq!(alice.client.start_chat("bob").await, Err(ClientError::Closed));
    loop {
        let event = tokio::time::timeout(
            sotto_tests::world::PATIENCE,
            futures_util::StreamExt::next(&mut alice.events),
        );
        if event.await.unwrap().is_none() {
            break;
        }
    }
}
