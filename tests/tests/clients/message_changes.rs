//! What becomes of messages after they were sent: answered, edited, deleted, reacted to, pinned, passed on. In the order of the log, the
//! same on every device.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::Request;
use sotto_client_sdk::protocol::frame::ClientFrame;
use sotto_client_sdk::protocol::{ChatId, MessageId, Retention};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{
    Body, ClientError, Event, GroupSettings, Mention, Message, MessageState, NewMessage, Role, Text,
};
use sotto_tests::process::ServerProcess;
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Pair, Vault, World, gardeners, next, text_of};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

async fn is_sent(device: &Device, chat: ChatId, message: MessageId) {
    device
        .sees(chat, message, |message| message.state != MessageState::Queued)
        .await;
}

fn says(text: &str) -> impl Fn(&Message) -> bool {
    move |message| text_of(message) == text
}

fn is_deleted(message: &Message) -> bool {
    matches!(message.body, Body::Deleted { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_says_what_it_answers_also_to_those_who_do_not_have_it() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    let answer = NewMessage::text("hello yourself").in_reply_to(hello);
    let answer = bob.client.send(chat, answer).await.unwrap();
    for device in [&alice, &phone] {
        let seen = device.sees(chat, answer, |_| true).await;
        let answered = seen.in_reply_to.unwrap();
        assert_eq!(
            (answered.message, answered.from.account),
            (hello, alice.account())
        );
        assert_eq!(answered.text, "hello");
    }
    assert_eq!(phone.client.message(chat, hello).await.unwrap(), None);
    // Of what vanishes nothing is repeated.
    let timed = NewMessage::text("not for long").kept(Retention::For { seconds: 60 });
    let timed = alice.client.send(chat, timed).await.unwrap();
    bob.sees(chat, timed, |_| true).await;
    let answer = bob
        .client
        .send(chat, NewMessage::text("really?").in_reply_to(timed))
        .await
        .unwrap();
    let seen = alice.sees(chat, answer, |_| true).await;
    assert_eq!(seen.in_reply_to.unwrap().text, "");
    let unknown = MessageId::from_bytes([9; 16]);
    assert_eq!(
        bob.client
            .send(chat, NewMessage::text("what?").in_reply_to(unknown))
            .await,
        Err(ClientError::MessageNotFound)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_seen_by_all_and_what_was_said_before_can_be_read() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    alice.client.edit(chat, hello, "hello, Bob").await.unwrap();
    // Here at once, and there soon.
    assert!(says("hello, Bob")(
        &alice.client.message(chat, hello).await.unwrap().unwrap()
    ));
    let seen = bob.sees(chat, hello, says("hello, Bob")).await;
    let editions: Vec<_> = seen
        .editions
        .iter()
        .map(|edition| edition.text.text.as_str())
        .collect();
    assert_eq!(editions, ["hello", "hello, Bob"]);
    assert_eq!(bob.texts(chat).await, ["hello, Bob"]);
    // Nobody edits what another has said.
    assert_eq!(
        bob.client.edit(chat, hello, "I am a fool").await,
        Err(ClientError::MessageRefused)
    );
    assert_eq!(
        alice.client.edit(chat, hello, "").await,
        Err(ClientError::TextEmpty)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_edits_the_later_one_in_the_log_holds_on_every_device() {
    let Pair {
        world,
        alice,
        bob,
        chat,
        ..
    } = Pair::start().await;
    let phone = world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    let said = alice.client.send_text(chat, "first").await.unwrap();
    phone.sees(chat, said, |_| true).await;
    bob.sees(chat, said, |_| true).await;
    is_sent(&alice, chat, said).await;
    alice.client.disconnect().await.unwrap();
    alice.client.edit(chat, said, "from the laptop").await.unwrap();
    phone.client.edit(chat, said, "from the phone").await.unwrap();
    bob.sees(chat, said, says("from the phone")).await;
    alice.client.connect().await.unwrap();
    for device in [&bob, &phone, &alice] {
        let seen = device
            .sees(chat, said, |message| message.editions.len() == 3)
            .await;
        let editions: Vec<_> = seen
            .editions
            .iter()
            .map(|edition| edition.text.text.as_str())
            .collect();
        assert_eq!(editions, ["first", "from the phone", "from the laptop"]);
        assert_eq!(text_of(&seen), "from the laptop");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_message_is_on_no_device_and_not_on_the_server() {
    let mut server = ServerProcess::start().await;
    let sent = Arc::new(Mutex::new(Vec::<(MessageId, Vec<u8>)>::new()));
    let erased = Arc::new(Notify::new());
    let transport = {
        let (sent, erased) = (Arc::clone(&sent), Arc::clone(&erased));
        Tampering::new(HttpTransport::new(&server.url()).unwrap(), honest())
            .with_sent(Arc::new(Mutex::new(move |frame: ClientFrame| {
                if let ClientFrame::Send { message, payload, .. } = &frame {
                    sent.lock().unwrap().push((*message, payload.to_vec()));
                }
                vec![frame]
            })))
            .with_answers(Arc::new(move |request: &Request, answer| {
                if request.path.ends_with("/deletion") {
                    assert_eq!(answer.status, 204);
                    erased.notify_one();
                }
                answer
            }))
    };
    let alice = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    alice.client.register("alice", PASSWORD).await.unwrap();
    let bob = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    bob.client.register("bob", PASSWORD).await.unwrap();
    bob.is_online().await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    bob.takes(chat).await;
    let mut ids = Vec::new();
    for text in ["a needle in a haystack", "straw"] {
        let said = alice.client.send_text(chat, text).await.unwrap();
        bob.sees(chat, said, |_| true).await;
        is_sent(&alice, chat, said).await;
        ids.push(said);
    }
    let said = bob.messages(chat).await[0].id;
    assert_eq!(
        bob.client.delete(chat, said).await,
        Err(ClientError::MessageRefused)
    );
    for device in [&alice, &bob] {
        assert!(device.vault.holds("needle").await);
    }
    alice.client.delete(chat, said).await.unwrap();
    for device in [&alice, &bob] {
        let seen = device.sees(chat, said, is_deleted).await;
        assert!(matches!(seen.body, Body::Deleted { by } if by.account == alice.account()));
        assert!(!device.vault.holds("needle").await);
    }
    erased.notified().await;
    // Which empties the write-ahead log, as the sweep does while it runs.
    server.stop().await;
    let files = server.files();
    let is_on_server = |payload: &[u8]| {
        let part = &payload[payload.len() / 2..][..16];
        files
            .iter()
            .any(|(_, content)| content.windows(part.len()).any(|window| window == part))
    };
    let sent = sent.lock().unwrap();
    let [needle, straw] = [ids[0], ids[1]].map(|id| {
        // What was not answered in time is sent again.
        let attempts: Vec<_> = sent.iter().filter(|(message, _)| *message == id).collect();
        assert!(!attempts.is_empty());
        attempts.iter().any(|(_, payload)| is_on_server(payload))
    });
    assert!(!needle && straw);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_here_is_there_still() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    bob.client.delete_here(chat, hello).await.unwrap();
    assert_eq!(bob.texts(chat).await, Vec::<String>::new());
    assert_eq!(alice.texts(chat).await, ["hello"]);
    assert_eq!(
        bob.client.delete_here(chat, hello).await,
        Err(ClientError::MessageNotFound)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_office_holders_delete_and_pin_what_others_have_said() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    let carol = world.person("carol").await;
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob", "carol"])).await;
    bob.takes(group).await;
    carol.takes(group).await;
    let said = carol.client.send_text(group, "buy my lotion").await.unwrap();
    bob.sees(group, said, |_| true).await;
    assert_eq!(
        bob.client.delete(group, said).await,
        Err(ClientError::MessageRefused)
    );
    assert_eq!(
        bob.client.pin(group, said, true).await,
        Err(ClientError::MessageRefused)
    );
    let settings = GroupSettings {
        roles: vec![(bob.account(), Role::Admin)],
        ..GroupSettings::default()
    };
    alice.client.set_group(group, settings).await.unwrap();
    bob.sees_group(group, |group| group.own_role == Some(Role::Admin))
        .await;
    let rules = alice.client.send_text(group, "no lotions").await.unwrap();
    bob.sees(group, rules, |_| true).await;
    bob.client.pin(group, rules, true).await.unwrap();
    bob.client.delete(group, said).await.unwrap();
    for device in [&alice, &carol] {
        device.sees(group, said, is_deleted).await;
        let pinned = device.client.pinned(group).await.unwrap();
        assert_eq!(
            pinned.iter().map(|message| message.id).collect::<Vec<_>>(),
            [rules]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_come_and_go_and_each_is_counted_once() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    for _ in 0..2 {
        bob.client.react(chat, hello, "👍", true).await.unwrap();
    }
    alice.client.react(chat, hello, "👍", true).await.unwrap();
    bob.client.react(chat, hello, "🎉", true).await.unwrap();
    for device in [&alice, &bob] {
        let seen = device
            .sees(chat, hello, |message| {
                message
                    .reactions
                    .iter()
                    .map(|reactions| reactions.by.len())
                    .sum::<usize>()
                    == 3
            })
            .await;
        let of = |emoji: &str| {
            seen.reactions
                .iter()
                .find(|reactions| reactions.emoji == emoji)
                .unwrap()
        };
        assert_eq!((of("👍").by.len(), of("🎉").by.len()), (2, 1));
    }
    bob.client.react(chat, hello, "👍", false).await.unwrap();
    alice
        .sees(chat, hello, |message| {
            message
                .reactions
                .iter()
                .any(|reactions| reactions.emoji == "👍" && reactions.by.len() == 1)
        })
        .await;
    assert_eq!(
        bob.client.react(chat, hello, "", true).await,
        Err(ClientError::InvalidReaction)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_named_is_told() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
        ..
    } = Pair::start().await;
    let text = Text {
        mentions: vec![Mention {
            start: 5,
            end: 9,
            account: bob.account(),
        }],
        ..Text::from("look @bob")
    };
    let said = alice.client.send(chat, NewMessage::text(text)).await.unwrap();
    assert!(bob.sees(chat, said, |_| true).await.mentions_own);
    assert!(!alice.sees(chat, said, |_| true).await.mentions_own);
    let nowhere = Text {
        mentions: vec![Mention {
            start: 5,
            end: 10,
            account: bob.account(),
        }],
        ..Text::from("look @bob")
    };
    assert_eq!(
        alice.client.send(chat, NewMessage::text(nowhere)).await,
        Err(ClientError::InvalidMention)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_passed_on_says_so_and_what_is_not_kept_is_not_passed_on() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    let notes = bob.client.notes().await.unwrap();
    let passed_on = bob.client.forward(chat, hello, notes).await.unwrap();
    let seen = bob.sees(notes, passed_on, says("hello")).await;
    assert!(matches!(
        seen.body,
        Body::Text(Text {
            is_forwarded: true,
            ..
        })
    ));
    let timed = NewMessage::text("not for long").kept(Retention::For { seconds: 60 });
    let timed = alice.client.send(chat, timed).await.unwrap();
    bob.sees(chat, timed, |_| true).await;
    assert_eq!(
        bob.client.forward(chat, timed, notes).await,
        Err(ClientError::MessageRefused)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_not_sent_is_edited_or_withdrawn_before_anybody_sees_it() {
    let Pair {
        world,
        alice,
        bob,
        chat,
        ..
    } = Pair::start().await;
    let vault = alice.goes_away().await;
    let alice = Device::open("http://127.0.0.1:9", vault, Faults::none()).await;
    let kept = alice.client.send_text(chat, "see yuo").await.unwrap();
    let withdrawn = alice.client.send_text(chat, "you fool").await.unwrap();
    alice.client.edit(chat, kept, "see you").await.unwrap();
    alice.client.delete(chat, withdrawn).await.unwrap();
    assert_eq!(
        alice.client.react(chat, kept, "👍", true).await,
        Err(ClientError::NotSentYet)
    );
    let _alice = alice.crashes_and_restarts(&world).await;
    bob.reads(chat, &["hello", "see you"]).await;
    let seen = bob.client.message(chat, kept).await.unwrap().unwrap();
    assert!(seen.editions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_as_changes_of_the_message() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = alice.messages(chat).await[0].id;
    let mut at_bob = bob.client.events();
    alice.client.edit(chat, hello, "hello, Bob").await.unwrap();
    loop {
        match next(&mut at_bob).await {
            Event::MessageChanged(message) => {
                assert_eq!(message.id, hello);
                assert_eq!(text_of(&message), "hello, Bob");
                break;
            }
            Event::MessageAdded(message) => panic!("{message:?}"),
            _ => {}
        }
    }
}
