//! Notices: what happened to an account, from where it happens to where it is looked at.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use futures_util::StreamExt as _;
use sotto_client_sdk::protocol::{ChatId, MessageId, Retention};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{Event, Mention, Message, MessageState, NewMessage, Notice, NoticeAbout, Text, Whom};
use sotto_tests::world::{
    BY_MEMBERS, Device, PASSWORD, PATIENCE, Pair, World, gardeners, next, text_of, until,
};

async fn notices(device: &Device) -> Vec<Notice> {
    device.client.notices(100, None).await.unwrap()
}

/// What the notices of a device say, the latest first.
async fn told(device: &Device) -> Vec<String> {
    notices(device).await.iter().map(said).collect()
}

fn said(notice: &Notice) -> String {
    let name = |whom: &Whom| whom.name.as_ref().map(ToString::to_string).unwrap_or_default();
    match &notice.about {
        NoticeAbout::Mention { message } => format!("named: {}", text_of(message)),
        NoticeAbout::Reply { message } => format!("answered: {}", text_of(message)),
        NoticeAbout::Reaction { message, by, emoji } => {
            format!("{} {emoji} {}", name(by), text_of(message))
        }
        NoticeAbout::Added { by, .. } => format!("added by {}", by.as_ref().map(name).unwrap_or_default()),
        NoticeAbout::Request { by, .. } => format!("{} writes", name(by)),
        NoticeAbout::Device { .. } => "device".to_owned(),
        NoticeAbout::Community { .. } => "community".to_owned(),
    }
}

/// Waits until the notices of a device say this, the latest first.
async fn tells(device: &Device, expected: &[&str]) {
    let mut events = device.client.events();
    loop {
        let told = told(device).await;
        if told == expected {
            return;
        }
        let waited = tokio::time::timeout(PATIENCE, events.next()).await;
        assert!(waited.is_ok(), "expected {expected:?}, tells {told:?}");
    }
}

/// How many of a device's notices are new, once that is so.
async fn has_new(device: &Device, expected: usize) {
    let mut events = device.client.events();
    while notices(device)
        .await
        .iter()
        .filter(|notice| notice.is_new)
        .count()
        != expected
    {
        next(&mut events).await;
    }
}

fn naming(device: &Device, text: &str) -> NewMessage {
    NewMessage::text(Text {
        mentions: vec![Mention {
            start: 0,
            end: 1,
            account: device.account(),
        }],
        ..Text::from(text)
    })
}

async fn another_device(world: &World, name: &str) -> Device {
    let device = world.device().await;
    device.client.log_in(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

/// The id of the message that says this, once it is there and not queued.
async fn hears(device: &Device, chat: ChatId, text: &str) -> MessageId {
    let mut events = device.client.events();
    loop {
        let messages = device.messages(chat).await;
        let is_it = |message: &&Message| text_of(message) == text && message.state != MessageState::Queued;
        if let Some(message) = messages.iter().find(is_it) {
            return message.id;
        }
        next(&mut events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_answered_or_reacted_to_is_told_and_of_nothing_else() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let hello = alice.messages(chat).await[0].id;
    assert_eq!(told(alice).await, Vec::<String>::new());
    bob.client.send(chat, naming(alice, "@ look")).await.unwrap();
    bob.client.send(chat, naming(bob, "@ that is me")).await.unwrap();
    let fleeting = naming(alice, "@ forget it").kept(Retention::Never);
    bob.client.send(chat, fleeting).await.unwrap();
    let answer = NewMessage::text("hello yourself").in_reply_to(hello);
    bob.client.send(chat, answer).await.unwrap();
    let look = hears(bob, chat, "@ look").await;
    let own = NewMessage::text("said before").in_reply_to(look);
    bob.client.send(chat, own).await.unwrap();
    bob.client.react(chat, hello, "👍", true).await.unwrap();
    bob.client.react(chat, hello, "🌱", true).await.unwrap();
    bob.client.react(chat, look, "🙄", true).await.unwrap();
    tells(
        alice,
        &["bob 🌱 hello", "answered: hello yourself", "named: @ look"],
    )
    .await;
    assert!(notices(alice).await.iter().all(|notice| notice.is_new));

    // What Alice does herself is no news for her; what she answers is for Bob.
    alice.client.react(chat, hello, "👍", true).await.unwrap();
    let back = NewMessage::text("well").in_reply_to(look);
    alice.client.send(chat, back).await.unwrap();
    tells(bob, &["answered: well", "alice writes"]).await;
    tells(
        alice,
        &["bob 🌱 hello", "answered: hello yourself", "named: @ look"],
    )
    .await;

    // A page at a time.
    let first = alice.client.notices(2, None).await.unwrap();
    assert_eq!(first.len(), 2);
    let rest = alice.client.notices(2, Some(first[1].id)).await.unwrap();
    assert_eq!(rest.iter().map(said).collect::<Vec<_>>(), ["named: @ look"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_goes_with_what_it_is_about() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let hello = alice.messages(chat).await[0].id;
    let deleted = bob.client.send(chat, naming(alice, "@ deleted")).await.unwrap();
    bob.client
        .send(chat, naming(alice, "@ deleted here"))
        .await
        .unwrap();
    let edited = bob.client.send(chat, naming(alice, "@ edited")).await.unwrap();
    hears(bob, chat, "@ edited").await;
    bob.client.react(chat, hello, "👍", true).await.unwrap();
    bob.client.react(chat, hello, "🌱", true).await.unwrap();
    tells(
        alice,
        &[
            "bob 🌱 hello",
            "named: @ edited",
            "named: @ deleted here",
            "named: @ deleted",
        ],
    )
    .await;
    bob.client.react(chat, hello, "🌱", false).await.unwrap();
    tells(
        alice,
        &[
            "bob 👍 hello",
            "named: @ edited",
            "named: @ deleted here",
            "named: @ deleted",
        ],
    )
    .await;
    bob.client.react(chat, hello, "👍", false).await.unwrap();
    tells(
        alice,
        &["named: @ edited", "named: @ deleted here", "named: @ deleted"],
    )
    .await;
    bob.client.edit(chat, edited, "nobody is named").await.unwrap();
    tells(alice, &["named: @ deleted here", "named: @ deleted"]).await;
    bob.client.delete(chat, deleted).await.unwrap();
    tells(alice, &["named: @ deleted here"]).await;
    let here = hears(alice, chat, "@ deleted here").await;
    alice.client.delete_here(chat, here).await.unwrap();
    tells(alice, &[]).await;
    // Of what vanishes nothing is left either.
    let mut events = alice.client.events();
    let timed = naming(alice, "@ not for long").kept(Retention::For { seconds: 2 });
    bob.client.send(chat, timed).await.unwrap();
    tells(alice, &["named: @ not for long"]).await;
    until(&mut events, |event| matches!(event, Event::MessageRemoved { .. })).await;
    tells(alice, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_new_until_the_list_was_looked_at_or_the_chat_was_read() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let phone = another_device(&pair.world, "alice").await;
    phone.has_chat(chat).await;
    // Alice has not let it in by a code.
    tells(alice, &["device"]).await;
    alice.client.acknowledge_devices().await.unwrap();
    for text in ["@ one", "@ two"] {
        bob.client.send(chat, naming(alice, text)).await.unwrap();
    }
    tells(alice, &["named: @ two", "named: @ one", "device"]).await;
    tells(&phone, &["named: @ two", "named: @ one"]).await;
    for device in [alice, &phone] {
        has_new(device, 2).await;
    }
    // Read up to the first, here and on the other device.
    let first = hears(alice, chat, "@ one").await;
    let first = alice.client.message(chat, first).await.unwrap().unwrap();
    alice.client.mark_read(chat, first.position).await.unwrap();
    for device in [alice, &phone] {
        has_new(device, 1).await;
        assert!(notices(device).await[0].is_new);
    }
    alice.client.mark_notices_seen().await.unwrap();
    has_new(alice, 0).await;
    // The list was looked at on one device; on the other the chat is read to its end.
    let last = phone.messages(chat).await.last().unwrap().position;
    phone.client.mark_read(chat, last).await.unwrap();
    has_new(&phone, 0).await;

    // A reaction stands at no place: it is seen with all that is there, read before or not.
    let own = alice.client.send_text(chat, "mine").await.unwrap();
    hears(bob, chat, "mine").await;
    hears(alice, chat, "mine").await;
    bob.client.react(chat, own, "👍", true).await.unwrap();
    has_new(alice, 1).await;
    let last = alice.messages(chat).await.last().unwrap().position;
    alice.client.mark_read(chat, last).await.unwrap();
    has_new(alice, 0).await;
    bob.client.react(chat, own, "🌱", true).await.unwrap();
    has_new(alice, 1).await;
    alice.client.mark_read(chat, last).await.unwrap();
    has_new(alice, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_groups_are_told_of_and_whom_this_account_blocks_is_not() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let (bob, mallory) = (world.person("bob").await, world.person("mallory").await);
    let chat = bob.client.start_chat("alice").await.unwrap();
    bob.client.send(chat, naming(&alice, "@ hello")).await.unwrap();
    tells(&alice, &["bob writes"]).await;
    has_new(&alice, 1).await;
    hears(&alice, chat, "@ hello").await;
    tells(&alice, &["bob writes"]).await;
    alice.client.accept_request(chat).await.unwrap();
    has_new(&alice, 0).await;
    bob.founds(gardeners(BY_MEMBERS, &["alice"])).await;
    tells(&alice, &["added by bob", "bob writes"]).await;
    assert_eq!(told(&bob).await, Vec::<String>::new());

    let person = alice.client.person("mallory").await.unwrap();
    let begun = mallory.client.start_chat("alice").await.unwrap();
    tells(&alice, &["mallory writes", "added by bob", "bob writes"]).await;
    alice.client.accept_request(begun).await.unwrap();
    mallory
        .client
        .send(begun, naming(&alice, "@ before"))
        .await
        .unwrap();
    tells(
        &alice,
        &["named: @ before", "mallory writes", "added by bob", "bob writes"],
    )
    .await;
    alice.client.block(person.account).await.unwrap();
    tells(&alice, &["added by bob", "bob writes"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_nobody_expected_is_told_of_until_it_is_removed() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let phone = another_device(&world, "alice").await;
    tells(&alice, &["device"]).await;
    let found = notices(&alice).await;
    let device = phone.client.account().unwrap().device;
    assert_eq!(found[0].about, NoticeAbout::Device { device });
    has_new(&alice, 1).await;
    alice.client.acknowledge_devices().await.unwrap();
    has_new(&alice, 0).await;
    assert_eq!(
        told(&phone).await,
        Vec::<String>::new(),
        "it has seen no other come"
    );
    alice.client.remove_device(device).await.unwrap();
    tells(&alice, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_outlive_the_process_and_come_of_what_was_missed() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    bob.client.send(chat, naming(&alice, "@ one")).await.unwrap();
    tells(&alice, &["named: @ one"]).await;
    alice.client.mark_notices_seen().await.unwrap();
    let vault = alice.goes_away().await;
    let missed = NewMessage::text(Text {
        mentions: vec![Mention {
            start: 0,
            end: 1,
            account: bob.messages(chat).await[0].from.account,
        }],
        ..Text::from("@ two")
    });
    bob.client.send(chat, missed).await.unwrap();
    let alice = Device::open(&world.url(), vault, Faults::none()).await;
    tells(&alice, &["named: @ two", "named: @ one"]).await;
    let are_new: Vec<bool> = notices(&alice).await.iter().map(|notice| notice.is_new).collect();
    assert_eq!(are_new, [true, false]);
    // A device that is new to the account has no history, and no notices of it.
    let phone = another_device(&world, "alice").await;
    phone.has_chat(chat).await;
    phone.client.catch_up().await.unwrap();
    assert_eq!(told(&phone).await, Vec::<String>::new());
}
