//! Whom accounts block, and how many chats they begin.

use super::house::{Change, Device, House};
use crate::delivery::{CreateChatError, DeliverySettings};
use crate::store::contract::fixture::{ALICE, BOB, EVE, Person, chat, group_rules};
use crate::store::{ChatIndex as _, GroupStore as _, NewJoinRequest, ReservedFor};
use bytes::Bytes;
use sotto_protocol::frame::{Change as Changed, ClientFrame, Outcome, RequestId, ServerFrame};
use sotto_protocol::{ChatId, ProblemCode};

async fn is_refused(device: &mut Device, request: RequestId) -> ProblemCode {
    match device.answer(request).await {
        Outcome::Refused(refusal) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

async fn signals(device: &Device, chat: ChatId) {
    let payload = Bytes::from_static(b"sealed");
    for frame in [
        ClientFrame::Signal {
            chat,
            payload: payload.clone(),
        },
        ClientFrame::Marker { chat, payload },
    ] {
        device.connection.receive(frame).await;
    }
}

#[tokio::test]
async fn nothing_of_a_blocked_account_reaches_the_one_that_blocks_it() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, BOB, ALICE).await;
    let (mut alice, _) = house.greeted(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = bob.sends(chat, 1).await;
    assert_eq!(bob.is_accepted(request).await, 1);
    assert_eq!(alice.gets_entry().await, 1);
    signals(&bob, chat).await;
    assert!(matches!(alice.next().await, ServerFrame::Signal { .. }));
    assert!(matches!(alice.next().await, ServerFrame::Marker { .. }));

    house
        .delivery
        .block(ALICE.device(1), BOB.account())
        .await
        .unwrap();
    let request = bob.sends(chat, 2).await;
    assert_eq!(is_refused(&mut bob, request).await, ProblemCode::Undeliverable);
    let request = bob.commits(chat, 1, 3, Change::default()).await;
    assert_eq!(is_refused(&mut bob, request).await, ProblemCode::Undeliverable);
    signals(&bob, chat).await;
    assert!(alice.has_nothing().await);
    // Bob hears of it by nothing else.
    assert!(bob.has_nothing().await);

    house
        .delivery
        .unblock(ALICE.device(1), BOB.account())
        .await
        .unwrap();
    signals(&bob, chat).await;
    assert!(matches!(alice.next().await, ServerFrame::Signal { .. }));
    assert!(matches!(alice.next().await, ServerFrame::Marker { .. }));
    let request = bob.sends(chat, 2).await;
    assert_eq!(bob.is_accepted(request).await, 2);
    assert_eq!(alice.gets_entry().await, 2);
}

#[tokio::test]
async fn the_other_devices_of_an_account_are_told_that_it_blocks_somebody() {
    let house = House::of(&[ALICE, BOB]).await;
    let mut one = house.connected(ALICE.device(1)).await;
    let mut other = house.connected(ALICE.device(2)).await;
    house
        .delivery
        .block(ALICE.device(1), BOB.account())
        .await
        .unwrap();
    assert_eq!(other.next().await, ServerFrame::Changed(Changed::Records));
    assert!(one.has_nothing().await);
}

#[tokio::test]
async fn a_blocked_account_begins_no_chat_with_the_one_that_blocks_it() {
    let house = House::of(&[ALICE, BOB]).await;
    house
        .delivery
        .block(ALICE.device(1), BOB.account())
        .await
        .unwrap();
    let refused = house.creates(chat(1), BOB, ALICE).await;
    assert!(matches!(
        refused,
        Err(CreateChatError::Refused(ProblemCode::Undeliverable))
    ));
    // Whoever blocks may; the blocked one cannot answer.
    house.creates(chat(2), ALICE, BOB).await.unwrap();
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = bob.sends(chat(2), 1).await;
    assert_eq!(is_refused(&mut bob, request).await, ProblemCode::Undeliverable);
}

#[tokio::test]
async fn a_blocked_account_brings_nobody_into_a_group_who_blocks_it_and_has_not_asked() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = group_rules(BOB);
    house
        .delivery
        .block(ALICE.device(1), BOB.account())
        .await
        .unwrap();
    let request = super::house::group_creation(chat(1), &rules, &[ALICE]);
    let created = house
        .delivery
        .create_group(BOB.device(1), BOB.party(), chat(1), request)
        .await;
    assert!(matches!(
        created,
        Err(CreateChatError::Refused(ProblemCode::MembershipRefused))
    ));

    let group = house.group(2, &rules, &[EVE]).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let adding = |person: Person| Change {
        added: vec![person.device(1)],
        ..Change::in_group(&rules)
    };
    let request = bob.commits(group, 1, 1, adding(ALICE)).await;
    assert_eq!(
        is_refused(&mut bob, request).await,
        ProblemCode::MembershipRefused
    );
    house
        .stores
        .accounts
        .confirm(ReservedFor::Group, group)
        .await
        .unwrap();
    house
        .stores
        .accounts
        .ask_to_join(NewJoinRequest {
            group,
            account: ALICE.account(),
            key_package: Bytes::from_static(b"key package"),
            at: crate::store::contract::fixture::NOW,
        })
        .await
        .unwrap();
    let request = bob.commits(group, 1, 2, adding(ALICE)).await;
    assert_eq!(bob.is_accepted(request).await, 1);
}

#[tokio::test]
async fn so_many_chats_are_begun_in_a_day() {
    let settings = DeliverySettings {
        chats_begun_per_day: 2,
        ..DeliverySettings::default()
    };
    let people: Vec<Person> = (1..=5).map(Person).collect();
    let house = House::with(&people, 1, settings).await;
    house.creates(chat(9), ALICE, ALICE).await.unwrap();
    house.creates(chat(1), ALICE, BOB).await.unwrap();
    house.clock.advance(1000);
    house.creates(chat(2), ALICE, EVE).await.unwrap();
    house.clock.advance(500);
    let refused = house.creates(chat(3), ALICE, Person(4)).await;
    let wait = match refused {
        Err(CreateChatError::TooMany { retry_after }) => u64::from(retry_after),
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(wait, 24 * 60 * 60 - 1);
    // The same creation again, and whoever is written to.
    house.creates(chat(2), ALICE, EVE).await.unwrap();
    house.creates(chat(4), Person(4), ALICE).await.unwrap();
    house.clock.advance(wait * 1000);
    house.creates(chat(5), ALICE, Person(5)).await.unwrap();
}
