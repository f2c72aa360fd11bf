//! Messages that are deleted for all, as devices meet with it.

use super::house::{Device, House};
use crate::delivery::DeliveryError;
use crate::store::PageRange;
use crate::store::contract::fixture::{ALICE, BOB, EVE, group_rules, message};
use sotto_protocol::frame::{ClientFrame, EntryKind, Outcome, Page, RequestId};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode, Seq};

/// The message with the number of its position.
fn named(seq: u32) -> NamedEntry {
    NamedEntry {
        seq: Seq(seq.into()),
        message: message(seq),
    }
}

async fn deletes(house: &House, by: DeviceAddress, chat: ChatId, seqs: &[u32]) -> Result<(), ProblemCode> {
    let entries = seqs.iter().copied().map(named).collect();
    match house.delivery.delete_entries(by, chat, entries).await {
        Ok(()) => Ok(()),
        Err(DeliveryError::Refused(refusal)) => Err(refusal.code),
        Err(error) => panic!("{error}"),
    }
}

/// What a device is given over its connection.
async fn fetches(device: &mut Device, chat: ChatId) -> Page {
    let request = RequestId(1_000);
    device
        .connection
        .receive(ClientFrame::Fetch {
            request,
            chat,
            after: Seq::ZERO,
            limit: 100,
        })
        .await;
    match device.answer(request).await {
        Outcome::Page(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_deleted_is_given_to_nobody_any_more_and_keeps_its_place() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    for number in 1..=3 {
        let request = alice.sends(chat, number).await;
        alice.is_accepted(request).await;
    }
    assert_eq!(deletes(&house, ALICE.device(1), chat, &[2]).await, Ok(()));
    assert!(alice.has_nothing().await, "deleting is told inside the chat");
    // A retry whose answer was lost gets that answer, and brings nothing back.
    let retry = alice.sends(chat, 2).await;
    assert_eq!(alice.is_accepted(retry).await, 2);

    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let page = fetches(&mut bob, chat).await;
    let kinds: Vec<_> = page.entries.iter().map(|entry| entry.kind).collect();
    let there = EntryKind::Application;
    assert_eq!(kinds, [there, EntryKind::Deleted, there]);
    assert!(page.entries[1].payload.is_empty());
    assert_eq!(page.entries[1].message, message(2));
    let range = PageRange {
        after: None,
        before: None,
        limit: 100,
    };
    let read = house.delivery.page(BOB.device(1), chat, range).await.unwrap();
    assert_eq!(read, page);
    let request = bob.sends(chat, 4).await;
    assert_eq!(bob.is_accepted(request).await, 4);
    assert_eq!(alice.gets_entry().await, 4);
}

#[tokio::test]
async fn whoever_may_not_delete_a_message_deletes_none() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let group = house.group(1, &group_rules(ALICE), &[BOB]).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = alice.sends(group, 1).await;
    alice.is_accepted(request).await;
    assert_eq!(bob.gets_entry().await, 1);
    let request = bob.sends(group, 2).await;
    bob.is_accepted(request).await;
    let by_bob = deletes(&house, BOB.device(1), group, &[1, 2]).await;
    assert_eq!(by_bob, Err(ProblemCode::Forbidden));
    for outsider in [EVE.device(1), BOB.device(2)] {
        let refused = deletes(&house, outsider, group, &[1, 2]).await;
        assert_eq!(refused, Err(ProblemCode::ChatNotFound));
    }
    let page = fetches(&mut bob, group).await;
    assert!(page.entries.iter().all(|entry| !entry.payload.is_empty()));
    // She owns it.
    assert_eq!(deletes(&house, ALICE.device(1), group, &[1, 2]).await, Ok(()));
    let page = fetches(&mut bob, group).await;
    assert_eq!(page.entries.len(), 2);
    assert!(page.entries.iter().all(|entry| entry.payload.is_empty()));
}
