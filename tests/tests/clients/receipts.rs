//! What members tell each other beside messages: how far they are, that they write, that they are there. And what they do not tell.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::{AccountId, ChatId};
use sotto_client_sdk::{Event, Events, Presence, Privacy, Receipt};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Pair, World, gardeners, next, until};

const QUIET: Privacy = Privacy {
    delivery_receipts: false,
    read_receipts: false,
    typing: false,
    presence: false,
};

/// Where the last message that this device has in the chat stands.
async fn last(device: &Device, chat: ChatId) -> u64 {
    device.messages(chat).await.last().unwrap().position
}

async fn reads_everything(device: &Device, chat: ChatId) -> u64 {
    let position = last(device, chat).await;
    device.client.mark_read(chat, position).await.unwrap();
    position
}

/// Waits until this device knows an account to be this far.
async fn sees(device: &Device, chat: ChatId, account: AccountId, wanted: impl Fn(&Receipt) -> bool) {
    let mut events = device.client.events();
    loop {
        let receipts = device.client.receipts(chat).await.unwrap();
        let of_account = receipts.iter().find(|receipt| receipt.who.account == account);
        if of_account.is_some_and(&wanted) {
            return;
        }
        until(&mut events, |event| {
            matches!(event, Event::ReceiptsChanged { .. })
        })
        .await;
    }
}

async fn receipt(device: &Device, chat: ChatId, account: AccountId) -> Receipt {
    let receipts = device.client.receipts(chat).await.unwrap();
    let mut of_account = receipts
        .into_iter()
        .filter(|receipt| receipt.who.account == account);
    of_account.next().unwrap()
}

async fn sees_typing(events: &mut Events, account: AccountId, wanted: bool) {
    until(events, |event| {
        matches!(event, Event::Typing { who, is_typing, .. } if who.account == account && *is_typing == wanted)
    })
    .await;
}

async fn sees_presence(device: &Device, account: AccountId, wanted: impl Fn(Presence) -> bool) {
    let mut events = device.client.events();
    while !wanted(device.client.presence(account).await.unwrap()) {
        until(&mut events, |event| {
            matches!(event, Event::PresenceChanged { .. })
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_learns_that_a_message_arrived_and_then_that_it_was_read() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = last(&bob, chat).await;
    sees(&alice, chat, bob.account(), |told| told.delivered >= hello).await;
    assert_eq!(receipt(&alice, chat, bob.account()).await.read, 0);
    reads_everything(&bob, chat).await;
    sees(&alice, chat, bob.account(), |told| told.read >= hello).await;
    assert_eq!(
        receipt(&alice, chat, bob.account()).await.who.name,
        Some("bob".parse().unwrap())
    );
    // Bob has nothing of Alice's to know: she has received nothing.
    let told = receipt(&bob, chat, alice.account()).await;
    assert_eq!((told.delivered, told.read), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_each_member_has_a_receipt_of_its_own() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    let carol = world.person("carol").await;
    let group = alice.founds(gardeners(BY_ADMINS, &["bob", "carol"])).await;
    bob.takes(group).await;
    carol.takes(group).await;
    alice.sends(group, "who waters?").await;
    bob.ends_with(group, "who waters?").await;
    carol.ends_with(group, "who waters?").await;
    let question = last(&bob, group).await;
    reads_everything(&bob, group).await;
    sees(&alice, group, bob.account(), |told| told.read >= question).await;
    sees(&alice, group, carol.account(), |told| told.delivered >= question).await;
    assert!(receipt(&alice, group, carol.account()).await.read < question);
    // Members see how far the others are, too.
    sees(&carol, group, bob.account(), |told| told.read >= question).await;
    assert_eq!(alice.client.receipts(group).await.unwrap().len(), 2);
    // Whoever comes later has nothing to do with it.
    let dan = world.person("dan").await;
    alice.client.add_to_group(group, &["dan"]).await.unwrap();
    sees(&alice, group, dan.account(), |told| told.since > question).await;
    assert_eq!(receipt(&alice, group, bob.account()).await.since, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_has_read_is_read_on_the_accounts_others_whatever_is_told_to_others() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    bob.client.set_privacy(QUIET).await.unwrap();
    let phone = world.device().await;
    phone.client.log_in("bob", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    let mut at_phone = phone.client.events();
    alice.sends(chat, "are you there?").await;
    phone.ends_with(chat, "are you there?").await;
    bob.ends_with(chat, "are you there?").await;
    assert_eq!(phone.client.chats().await.unwrap()[0].unread, 1);
    reads_everything(&bob, chat).await;
    while phone.client.chats().await.unwrap()[0].unread != 0 {
        until(&mut at_phone, |event| matches!(event, Event::ChatChanged { .. })).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_tell_is_not_told_either_and_all_devices_know_it() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let private = Privacy {
        read_receipts: false,
        ..Privacy::default()
    };
    bob.client.set_privacy(private).await.unwrap();
    let phone = world.device().await;
    let mut at_phone = phone.client.events();
    phone.client.log_in("bob", PASSWORD).await.unwrap();
    while phone.client.privacy().await.unwrap() != private {
        until(&mut at_phone, |event| matches!(event, Event::PrivacyChanged)).await;
    }
    alice.sends(chat, "did you read it?").await;
    bob.ends_with(chat, "did you read it?").await;
    let position = reads_everything(&bob, chat).await;
    bob.sends(chat, "I might have").await;
    alice.ends_with(chat, "I might have").await;
    reads_everything(&alice, chat).await;
    // What comes after it has come, and has not said it.
    bob.sends(chat, "or not").await;
    alice.ends_with(chat, "or not").await;
    sees(&alice, chat, bob.account(), |told| told.delivered >= position).await;
    assert_eq!(receipt(&alice, chat, bob.account()).await.read, 0);
    assert_eq!(receipt(&bob, chat, alice.account()).await.read, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_was_told_while_the_sender_was_away_is_there_when_it_comes_back() {
    let Pair {
        world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = last(&bob, chat).await;
    sees(&alice, chat, bob.account(), |told| told.delivered >= hello).await;
    let away = alice.goes_away().await;
    reads_everything(&bob, chat).await;
    let alice = Device::open(&world.url(), away, sotto_client_sdk::testing::Faults::none()).await;
    sees(&alice, chat, bob.account(), |told| told.read >= hello).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_somebody_writes_is_seen_until_they_send_or_cease() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let mut at_bob = bob.client.events();
    alice.client.set_typing(chat, true).await.unwrap();
    sees_typing(&mut at_bob, alice.account(), true).await;
    alice.sends(chat, "there").await;
    sees_typing(&mut at_bob, alice.account(), false).await;
    alice.client.set_typing(chat, true).await.unwrap();
    sees_typing(&mut at_bob, alice.account(), true).await;
    alice.client.set_typing(chat, false).await.unwrap();
    sees_typing(&mut at_bob, alice.account(), false).await;
    // Whoever falls silent is not thought to write for ever.
    alice.client.set_typing(chat, true).await.unwrap();
    sees_typing(&mut at_bob, alice.account(), true).await;
    sees_typing(&mut at_bob, alice.account(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_told_nothing_before_they_are_accepted() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let bob = world.person("bob").await;
    // What is said here comes after what is not said there.
    let group = alice.founds(gardeners(BY_ADMINS, &["bob"])).await;
    bob.takes(group).await;
    let chat = alice.client.start_chat("bob").await.unwrap();
    alice.sends(chat, "do I know you?").await;
    bob.hears(chat, &["do I know you?"]).await;
    let position = reads_everything(&bob, chat).await;
    let mut at_alice = alice.client.events();
    bob.client.set_active(true).await.unwrap();
    bob.client.set_typing(chat, true).await.unwrap();
    let unknown = alice.client.presence(bob.account()).await.unwrap();
    assert_eq!(unknown, Presence::Unknown);
    bob.sends(group, "who is that?").await;
    loop {
        match next(&mut at_alice).await {
            Event::Typing { .. } | Event::PresenceChanged { .. } => panic!("it was told"),
            Event::MessageAdded(message) if message.chat == group => break,
            _ => {}
        }
    }
    let told = receipt(&alice, chat, bob.account()).await;
    assert_eq!((told.delivered, told.read), (0, 0));
    bob.client.accept_request(chat).await.unwrap();
    sees(&alice, chat, bob.account(), |told| told.read >= position).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_somebody_is_there_is_told_to_whom_they_talk_with_and_asked_for() {
    let Pair {
        world, alice, bob, ..
    } = Pair::start().await;
    bob.client.set_active(true).await.unwrap();
    sees_presence(&alice, bob.account(), |presence| presence == Presence::Online).await;
    bob.client.set_active(false).await.unwrap();
    let was_there = |presence| matches!(presence, Presence::LastSeen { .. });
    sees_presence(&alice, bob.account(), was_there).await;
    // It is known after a restart too.
    let alice = alice.crashes_and_restarts(&world).await;
    alice.is_online().await;
    sees_presence(&alice, bob.account(), was_there).await;
    // And not to those who have asked not to be told.
    alice.client.set_privacy(QUIET).await.unwrap();
    assert_eq!(
        alice.client.presence(bob.account()).await.unwrap(),
        Presence::Unknown
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_at_which_nobody_is_does_not_say_that_somebody_was() {
    let Pair {
        world: _world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    let hello = last(&bob, chat).await;
    sees(&alice, chat, bob.account(), |told| told.delivered >= hello).await;
    let presence = alice.client.presence(bob.account()).await.unwrap();
    assert_eq!(presence, Presence::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tells_no_more_is_not_there_any_more_for_those_who_were_told() {
    let Pair {
        world: _world,
        alice,
        bob,
        ..
    } = Pair::start().await;
    bob.client.set_active(true).await.unwrap();
    sees_presence(&alice, bob.account(), |presence| presence == Presence::Online).await;
    bob.client.set_privacy(QUIET).await.unwrap();
    sees_presence(&alice, bob.account(), |presence| presence != Presence::Online).await;
}
