//! Connections: greeting, replacement, slow readers.

use super::house::{House, application, welcome};
use crate::delivery::DeliverySettings;
use crate::store::contract::fixture::{ALICE, BOB, EVE};
use sotto_protocol::frame::{ClientFrame, Goodbye, ServerFrame};
use sotto_protocol::rest::chat::Publish;
use sotto_protocol::{Retention, Seq, Suite};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_device_that_was_away_is_told_of_welcomes_then_cursors_then_ready() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let first = house.chat(1, ALICE, BOB).await;
    let second = house.chat(2, EVE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice.sends(first, 1).await;
    alice.is_accepted(request).await;
    let welcome = |chat, from| ServerFrame::Welcome {
        chat,
        after: Seq::ZERO,
        from,
        payload: welcome(),
    };
    let cursor = ServerFrame::Cursor {
        chat: first,
        acknowledged: Some(Seq::ZERO),
        last: Seq(1),
        suite: Suite::XWing,
    };
    let (bob, greeting) = house.greeted(BOB.device(1)).await;
    let welcomes = [welcome(first, ALICE.device(1)), welcome(second, EVE.device(1))];
    assert_eq!(greeting, [&welcomes[..], &[cursor]].concat());
    bob.acknowledges(first, 1).await;
    bob.acknowledges(second, 0).await;
    drop((alice, bob));
    house.restarted().await.connected(BOB.device(1)).await;
}

#[tokio::test]
async fn the_newer_connection_of_a_device_replaces_the_older() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut older = house.connected(ALICE.device(1)).await;
    let mut newer = house.connected(ALICE.device(1)).await;
    assert_eq!(older.next().await, ServerFrame::Goodbye(Goodbye::Replaced));
    assert_eq!(older.next_bytes().await, None);
    assert_eq!(older.connection.goodbye(), Some(Goodbye::Replaced));
    drop(older);
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = bob.sends(chat, 1).await;
    bob.is_accepted(request).await;
    assert_eq!(newer.gets_entry().await, 1);
}

#[tokio::test]
async fn a_slow_reader_is_cut_off_and_catches_up_while_nobody_waits_for_it() {
    let settings = DeliverySettings {
        outbox_frames: 5,
        ..DeliverySettings::default()
    };
    let house = House::with(&[ALICE, BOB], 1, settings).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    bob.acknowledges(chat, 0).await;
    for number in 1..=8 {
        let request = alice.sends(chat, number).await;
        alice.is_accepted(request).await;
    }
    assert_eq!(bob.next().await, ServerFrame::Goodbye(Goodbye::TooSlow));
    assert_eq!(bob.next_bytes().await, None);
    drop(bob);
    let (_, greeting) = house.greeted(BOB.device(1)).await;
    assert!(
        greeting
            .iter()
            .any(|frame| matches!(frame, ServerFrame::Cursor { last: Seq(8), .. }))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_entry_is_missed_between_the_cursor_and_the_first_live_one() {
    const MESSAGES: u32 = 400;
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let delivery = house.delivery.clone();
    let sender = tokio::spawn(async move {
        for number in 1..=MESSAGES {
            let publication = Publish {
                message: crate::store::contract::fixture::message(number),
                after: Seq::ZERO,
                retention: Retention::Keep,
                payload: application(chat, 1, number).into(),
            };
            delivery
                .publish(ALICE.device(1), chat, publication)
                .await
                .unwrap();
        }
    });
    let mut connections = 0;
    while !sender.is_finished() {
        connections += 1;
        let mut bob = house.connects(BOB.device(1));
        let mut known = Seq::ZERO;
        let mut live = BTreeSet::new();
        // Ready, then one more frame: live, or the answer to a ping at the end.
        loop {
            match bob.next().await {
                ServerFrame::Cursor { last, .. } => known = last,
                ServerFrame::Entry { entry, .. } => {
                    live.insert(entry.seq);
                }
                ServerFrame::Ready { .. } => bob.connection.receive(ClientFrame::Ping).await,
                ServerFrame::Pong => break,
                _ => {}
            }
        }
        if let (Some(first), Some(last)) = (live.first(), live.last()) {
            assert!(*first <= known.next(), "{known} {first}");
            assert_eq!(live.len() as u64, last.0 - first.0 + 1);
        }
    }
    assert!(connections > 0);
    sender.await.unwrap();
}

#[tokio::test]
async fn a_change_is_told_to_the_account_and_to_those_who_share_a_chat_with_it() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let mut eve = house.connected(EVE.device(1)).await;
    house.delivery.account_changed(ALICE.account()).await;
    house.delivery.key_packages_low(BOB.device(1));
    let changed = ServerFrame::Changed(sotto_protocol::frame::Change::User(ALICE.account()));
    assert_eq!(alice.next().await, changed);
    assert_eq!(bob.next().await, changed);
    let low = ServerFrame::Changed(sotto_protocol::frame::Change::KeyPackages);
    assert_eq!(bob.next().await, low);
    assert!(eve.has_nothing().await);
}
