//! Commits that are taken back, as devices hear of it.

use super::house::{Change, House, application};
use crate::delivery::DeliveryError;
use crate::store::contract::fixture::{ALICE, BOB, EVE, group_rules, message};
use sotto_protocol::frame::{EntryKind, Outcome, Reversal, ServerFrame};
use sotto_protocol::rest::chat::ObjectionOutcome::{Final, Noted, TakenBack};
use sotto_protocol::{Epoch, ProblemCode, Retention, Seq};

#[tokio::test]
async fn everybody_is_told_that_a_commit_was_taken_back_and_the_epoch_is_the_one_before() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = alice.commits(chat, 1, 1, Change::default()).await;
    assert_eq!(alice.is_accepted(request).await, 1);
    assert_eq!(bob.gets_entry().await, 1);
    let object = |device| house.delivery.object(device, chat, Seq(1));
    assert_eq!(object(ALICE.device(1)).await.unwrap(), Final);
    assert_eq!(object(BOB.device(1)).await.unwrap(), TakenBack);
    for device in [&mut alice, &mut bob] {
        let ServerFrame::Entry { entry, .. } = device.next().await else {
            panic!("nothing was told");
        };
        assert_eq!((entry.seq, entry.kind), (Seq(2), EntryKind::Reversal));
        assert_eq!((entry.from, entry.message), (ALICE.device(1), message(1)));
        let reversal = Reversal::decode(&entry.payload).unwrap();
        assert_eq!((reversal.first, reversal.epoch), (Seq(1), Epoch(1)));
    }
    assert_eq!(object(BOB.device(1)).await.unwrap(), TakenBack);
    // Nobody can join before there is a GroupInfo again, and that passes.
    let joins = house.delivery.group_info(BOB.device(2), chat).await;
    assert!(
        matches!(joins, Err(DeliveryError::Refused(refusal)) if refusal.code == ProblemCode::Unavailable)
    );
    let late = alice
        .submits(chat, 2, Retention::Keep, application(chat, 2, 2))
        .await;
    let Outcome::Refused(refusal) = alice.answer(late).await else {
        panic!("accepted in an epoch that is not");
    };
    assert_eq!(
        (refusal.code, refusal.epoch),
        (ProblemCode::StaleEpoch, Some(Epoch(1)))
    );
    let request = bob.commits(chat, 1, 3, Change::default()).await;
    assert_eq!(bob.is_accepted(request).await, 3);
    assert!(house.delivery.group_info(BOB.device(2), chat).await.is_ok());
}

#[tokio::test]
async fn a_commit_of_a_group_stands_until_those_who_accept_it_had_time_to_say_so() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let rules = group_rules(ALICE);
    let chat = house.group(1, &rules, &[BOB, EVE]).await;
    let (mut alice, _) = house.greeted(ALICE.device(1)).await;
    let (mut eve, _) = house.greeted(EVE.device(1)).await;
    let request = eve.commits(chat, 1, 1, Change::in_group(&rules)).await;
    assert_eq!(eve.is_accepted(request).await, 1);
    assert_eq!(alice.gets_entry().await, 1);
    let object = |device| house.delivery.object(device, chat, Seq(1));
    assert_eq!(object(ALICE.device(1)).await.unwrap(), Noted);
    assert!(alice.has_nothing().await);
    house.clock.advance(5_000);
    assert_eq!(object(ALICE.device(1)).await.unwrap(), TakenBack);
    assert_eq!(alice.gets_entry().await, 2);
    assert_eq!(eve.gets_entry().await, 2);
    // Eve changes nothing any more.
    let request = eve.commits(chat, 1, 2, Change::in_group(&rules)).await;
    let Outcome::Refused(refusal) = eve.answer(request).await else {
        panic!("a Commit of hers was accepted");
    };
    assert_eq!(refusal.code, ProblemCode::MembershipRefused);
}

#[tokio::test]
async fn whoever_is_not_in_a_chat_objects_to_nothing() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice.commits(chat, 1, 1, Change::default()).await;
    alice.is_accepted(request).await;
    for stranger in [EVE.device(1), BOB.device(2)] {
        let refused = house.delivery.object(stranger, chat, Seq(1)).await;
        assert!(
            matches!(refused, Err(DeliveryError::Refused(refusal)) if refusal.code == ProblemCode::ChatNotFound)
        );
    }
}
