//! What an account marks for itself: on all of its devices, and told to nobody else.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::{
    ChatSummary, ClientError, Draft, Event, Mention, MessageState, Mute, NewMessage, Text,
};
use sotto_tests::world::{Device, PASSWORD, Pair, next, text_of, until};

/// Another device of Alice's, in the chat.
async fn phone(pair: &Pair) -> Device {
    let phone = pair.world.device().await;
    phone.client.log_in("alice", PASSWORD).await.unwrap();
    phone.has_chat(pair.chat).await;
    phone
}

async fn summary(device: &Device, chat: ChatId) -> ChatSummary {
    let chats = device.client.chats().await.unwrap();
    chats.into_iter().find(|summary| summary.chat == chat).unwrap()
}

/// Waits until the chat reads so in the list of this device.
async fn lists(device: &Device, chat: ChatId, wanted: impl Fn(&ChatSummary) -> bool) {
    let mut events = device.client.events();
    while !wanted(&summary(device, chat).await) {
        next(&mut events).await;
    }
}

fn draft(text: &str) -> Draft {
    Draft {
        text: text.to_owned(),
        ..Draft::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_star_is_on_every_device_of_the_account_and_on_no_other() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let phone = phone(&pair).await;
    let mut at_phone = phone.client.events();
    let said = bob.client.send_text(chat, "1 Sotto Street").await.unwrap();
    alice.reads(chat, &["hello", "1 Sotto Street"]).await;
    phone.reads(chat, &["1 Sotto Street"]).await;
    alice.client.star(chat, said, true).await.unwrap();
    until(&mut at_phone, |event| *event == Event::StarsChanged).await;
    for device in [alice, &phone] {
        let starred = device.client.starred(10, 0).await.unwrap();
        assert_eq!(
            starred.iter().map(text_of).collect::<Vec<_>>(),
            ["1 Sotto Street"]
        );
        assert!(starred[0].is_starred);
        assert_eq!(device.client.starred(10, 1).await.unwrap(), []);
    }
    assert_eq!(bob.client.starred(10, 0).await.unwrap(), []);
    // Whoever hears of the star first knows of it when the message comes.
    let hello = alice.messages(chat).await[0].id;
    assert_eq!(
        phone.client.star(chat, hello, true).await,
        Err(ClientError::MessageNotFound)
    );
    phone.client.star(chat, said, false).await.unwrap();
    let mut at_alice = alice.client.events();
    while alice
        .client
        .message(chat, said)
        .await
        .unwrap()
        .unwrap()
        .is_starred
    {
        next(&mut at_alice).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_message_is_starred_no_more() {
    let pair = Pair::start().await;
    let (alice, chat) = (&pair.alice, pair.chat);
    let hello = alice.messages(chat).await[0].id;
    alice.client.star(chat, hello, true).await.unwrap();
    alice.client.delete(chat, hello).await.unwrap();
    assert_eq!(alice.client.starred(10, 0).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_on_one_device_is_gone_on_with_on_another_and_ends_when_it_is_sent() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let phone = phone(&pair).await;
    let hello = alice.messages(chat).await[0].id;
    let begun = Draft {
        text: "dear @bob".to_owned(),
        mentions: vec![Mention {
            start: 5,
            end: 9,
            account: bob.account(),
        }],
        reply_to: Some(hello),
    };
    alice.client.set_draft(chat, Some(begun.clone())).await.unwrap();
    assert_eq!(summary(alice, chat).await.draft, Some(begun.clone()));
    lists(&phone, chat, |summary| summary.draft.as_ref() == Some(&begun)).await;
    assert_eq!(phone.client.draft(chat).await.unwrap(), Some(begun));
    assert_eq!(summary(bob, chat).await.draft, None);
    phone.client.send_text(chat, "dear Bob").await.unwrap();
    assert_eq!(phone.client.draft(chat).await.unwrap(), None);
    lists(alice, chat, |summary| summary.draft.is_none()).await;
    assert!(!alice.vault.holds("dear @bob").await);
    let too_long = draft(&"x".repeat(64 * 1024 + 1));
    assert_eq!(
        alice.client.set_draft(chat, Some(too_long)).await,
        Err(ClientError::TextTooLong)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_put_away_on_every_device_until_something_is_said_there() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let phone = phone(&pair).await;
    alice.client.archive(chat, true).await.unwrap();
    assert!(summary(alice, chat).await.is_archived);
    lists(&phone, chat, |summary| summary.is_archived).await;
    bob.client.send_text(chat, "are you there?").await.unwrap();
    for device in [alice, &phone] {
        lists(device, chat, |summary| !summary.is_archived).await;
    }
    alice.client.mute(chat, Some(Mute::Always)).await.unwrap();
    alice.client.archive(chat, true).await.unwrap();
    lists(&phone, chat, |summary| {
        summary.is_archived && summary.mute == Some(Mute::Always)
    })
    .await;
    bob.client.send_text(chat, "hello?").await.unwrap();
    alice.reads(chat, &["hello", "are you there?", "hello?"]).await;
    let listed = summary(alice, chat).await;
    assert!(listed.is_archived, "silent chats stay where they are");
    assert_eq!(listed.unread, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_name_this_account_are_counted_apart() {
    let pair = Pair::start().await;
    let (alice, bob, chat) = (&pair.alice, &pair.bob, pair.chat);
    let naming = Text {
        mentions: vec![Mention {
            start: 0,
            end: 6,
            account: alice.account(),
        }],
        ..Text::from("@alice look")
    };
    bob.client.send(chat, NewMessage::text(naming)).await.unwrap();
    bob.client.send_text(chat, "never mind").await.unwrap();
    alice.reads(chat, &["hello", "@alice look", "never mind"]).await;
    let listed = summary(alice, chat).await;
    assert_eq!((listed.unread, listed.unread_mentions), (2, 1));
    let messages = alice.messages(chat).await;
    alice.client.mark_read(chat, messages[1].position).await.unwrap();
    let listed = summary(alice, chat).await;
    assert_eq!((listed.unread, listed.unread_mentions), (1, 0));
    assert_eq!(listed.read_up_to, messages[1].position);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_read_forwards_and_from_a_day_on() {
    let pair = Pair::start().await;
    let (alice, chat) = (&pair.alice, pair.chat);
    for number in 1..=5 {
        alice.sends(chat, &format!("number {number}")).await;
    }
    let mut events = alice.client.events();
    let all = loop {
        let all = alice.messages(chat).await;
        if all.iter().all(|message| message.state == MessageState::Accepted) {
            break all;
        }
        next(&mut events).await;
    };
    let texts = |messages: &[sotto_client_sdk::Message]| messages.iter().map(text_of).collect::<Vec<_>>();
    let after = alice
        .client
        .messages_after(chat, all[1].position, 2)
        .await
        .unwrap();
    assert_eq!(texts(&after), ["number 2", "number 3"]);
    let after = alice
        .client
        .messages_after(chat, all[5].position, 2)
        .await
        .unwrap();
    assert_eq!(texts(&after), Vec::<String>::new());
    for message in &all {
        let found = alice.client.position_at(chat, message.at).await.unwrap().unwrap();
        let found = all.iter().find(|other| other.position == found).unwrap();
        assert_eq!(found.at, message.at, "one of those of that moment");
    }
    let last = all.last().unwrap();
    assert_eq!(
        alice
            .client
            .position_at(chat, last.at.plus_seconds(60))
            .await
            .unwrap(),
        Some(last.position)
    );
    let notes = alice.client.notes().await.unwrap();
    assert_eq!(alice.client.position_at(notes, last.at).await.unwrap(), None);
}
