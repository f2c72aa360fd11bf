//! For whom something was stored: what is left for whoever wakes devices.

use super::house::{Change, House, application};
use crate::delivery::Wake;
use crate::store::contract::fixture::{ALICE, BOB, NOW};
use sotto_protocol::frame::Outcome;
use sotto_protocol::{DeviceAddress, Retention, Timestamp};
use std::collections::BTreeSet;
use tokio::sync::mpsc::Receiver;

/// The devices of what has been left by now, each list apart.
fn left(stored: &mut Receiver<Wake>) -> Vec<Vec<DeviceAddress>> {
    std::iter::from_fn(|| stored.try_recv().ok())
        .map(|wake| wake.devices)
        .collect()
}

#[tokio::test]
async fn a_message_that_is_stored_is_left_and_what_is_fleeting_or_a_commit_is_not() {
    let house = House::of(&[ALICE, BOB]).await;
    let mut stored = house.delivery.listen_to_wakes().stored;
    let chat = house.chat(1, ALICE, BOB).await;
    assert_eq!(left(&mut stored), [[BOB.device(1)]], "the Welcome of the chat");
    let mut alice = house.connected(ALICE.device(1)).await;
    let kept = alice.sends(chat, 1).await;
    alice.is_accepted(kept).await;
    let wake = stored.try_recv().unwrap();
    assert_eq!((wake.chat, wake.from), (chat, ALICE.account()));
    assert_eq!(wake.devices, [BOB.device(1)]);

    let again = alice.sends(chat, 1).await;
    alice.is_accepted(again).await;
    let fleeting = application(chat, 1, 2);
    let fleeting = alice.submits(chat, 2, Retention::Never, fleeting).await;
    assert!(matches!(
        alice.answer(fleeting).await,
        Outcome::Accepted { seq: None, .. }
    ));
    let commit = alice.commits(chat, 1, 3, Change::default()).await;
    alice.is_accepted(commit).await;
    assert!(left(&mut stored).is_empty());
}

#[tokio::test]
async fn a_commit_is_left_for_the_devices_of_others_that_it_brings_in() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut stored = house.delivery.listen_to_wakes().stored;
    let mut alice = house.connected(ALICE.device(1)).await;
    let change = Change {
        added: vec![BOB.device(2), ALICE.device(2)],
        ..Change::default()
    };
    let commit = alice.commits(chat, 1, 1, change).await;
    alice.is_accepted(commit).await;
    assert_eq!(left(&mut stored), [[BOB.device(2)]]);
    let said = alice
        .submits(chat, 2, Retention::Keep, application(chat, 2, 2))
        .await;
    alice.is_accepted(said).await;
    let mut devices = left(&mut stored);
    devices[0].sort_unstable();
    assert_eq!(devices, [[BOB.device(1), BOB.device(2)]]);
}

#[tokio::test]
async fn a_device_is_connected_from_its_beginning_to_its_end() {
    let house = House::of(&[ALICE]).await;
    assert!(!house.delivery.is_connected(ALICE.device(1)).await);
    let alice = house.connected(ALICE.device(1)).await;
    assert!(house.delivery.is_connected(ALICE.device(1)).await);
    assert!(!house.delivery.is_connected(ALICE.device(2)).await);
    drop(alice);
    assert!(!house.delivery.is_connected(ALICE.device(1)).await);
}

#[tokio::test]
async fn what_a_device_has_not_acknowledged_when_its_connection_ends_is_unseen() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut gone = house.delivery.listen_to_wakes().gone;
    let mut alice = house.connected(ALICE.device(1)).await;
    let unseen = async |by| house.delivery.unseen(BOB.device(1), by).await.unwrap();
    let of_alice = BTreeSet::from([(chat, ALICE.account())]);
    assert_eq!(unseen(NOW).await, of_alice, "the Welcome");
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    bob.acknowledges(chat, 0).await;
    let said = alice.sends(chat, 1).await;
    alice.is_accepted(said).await;
    assert_eq!(bob.gets_entry().await, 1);
    drop(bob);
    let ended = gone.recv().await.unwrap();
    assert_eq!((ended.device, ended.at), (BOB.device(1), NOW));
    assert_eq!(unseen(NOW).await, of_alice);
    let before = Timestamp(NOW.0 - 1);
    let unread = async || house.delivery.unseen(BOB.device(1), before).await.unwrap();

    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    bob.acknowledges(chat, 1).await;
    // What Bob says himself is none that he misses.
    let said = bob.sends(chat, 2).await;
    bob.is_accepted(said).await;
    drop(bob);
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !unseen(NOW).await.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert!(unread().await.is_empty());
}
