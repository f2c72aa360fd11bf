//! Stopping without losing anything.

use super::house::{House, application};
use crate::delivery::{DeliveryError, Stopping};
use crate::store::PageRange;
use crate::store::contract::fixture::{ALICE, BOB, message};
use sotto_protocol::frame::{Goodbye, Outcome, ServerFrame};
use sotto_protocol::rest::chat::Publish;
use sotto_protocol::{ProblemCode, Retention, Seq};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_answers_all_that_was_taken_and_keeps_all_that_was_accepted() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let sends: Vec<_> = (0..200)
        .map(|number| {
            let delivery = house.delivery.clone();
            let publication = Publish {
                message: message(number),
                after: Seq::ZERO,
                retention: Retention::Keep,
                payload: application(chat, 1, number).into(),
            };
            tokio::spawn(async move { delivery.publish(ALICE.device(1), chat, publication).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let house = house.restarted().await;
    let mut accepted = 0;
    for send in sends {
        match send.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(DeliveryError::Refused(refused)) => assert_eq!(refused.code, ProblemCode::Unavailable),
            Err(error) => panic!("{error}"),
        }
    }
    let range = PageRange {
        after: Some(Seq::ZERO),
        before: None,
        limit: 200,
    };
    let page = house.delivery.page(BOB.device(1), chat, range).await.unwrap();
    assert_eq!(page.last, Seq(accepted));
}

#[tokio::test]
async fn a_shutdown_says_goodbye_and_takes_nothing_more() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice.sends(chat, 1).await;
    house.delivery.shutdown().await;
    assert_eq!(alice.is_accepted(request).await, 1);
    assert_eq!(alice.next().await, ServerFrame::Goodbye(Goodbye::Restarting));
    assert_eq!(alice.next_bytes().await, None);
    assert!(matches!(house.delivery.connect(ALICE.device(1)), Err(Stopping)));
    let publication = Publish {
        message: message(2),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: application(chat, 1, 2).into(),
    };
    let refused = house.delivery.publish(ALICE.device(1), chat, publication).await;
    assert!(
        matches!(refused, Err(DeliveryError::Refused(refused)) if refused.code == ProblemCode::Unavailable)
    );
    house.delivery.shutdown().await;
}

#[tokio::test]
async fn cursors_survive_a_shutdown() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice.sends(chat, 1).await;
    assert!(matches!(alice.answer(request).await, Outcome::Accepted { .. }));
    alice.acknowledges(chat, 1).await;
    drop(alice);
    let house = house.restarted().await;
    house.connected(ALICE.device(1)).await;
}
