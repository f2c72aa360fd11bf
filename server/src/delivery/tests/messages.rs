//! Messages, signals and markers.

use super::house::{House, application, commit};
use crate::delivery::DeliveryError;
use crate::store::PageRange;
use crate::store::contract::fixture::{ALICE, BOB, EVE, NOW, message};
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Entry, EntryKind, Goodbye, Outcome, RequestId, ServerFrame};
use sotto_protocol::limits::UNREAD_ENTRIES;
use sotto_protocol::rest::chat::Publish;
use sotto_protocol::{ChatId, Epoch, ProblemCode, Retention, Seq, limits};
use std::collections::BTreeSet;

const ALL: PageRange = PageRange {
    after: Some(Seq::ZERO),
    before: None,
    limit: u16::MAX,
};

fn publication(chat: ChatId, number: u32) -> Publish {
    Publish {
        message: message(number),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: application(chat, 1, number).into(),
    }
}

#[tokio::test]
async fn a_sender_that_has_read_nothing_of_a_long_chat_is_to_catch_up() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let publish = async |number: u32, after: u64| {
        let publication = Publish {
            after: Seq(after),
            ..publication(chat, number)
        };
        let published = house.delivery.publish(ALICE.device(1), chat, publication);
        match published.await {
            Ok(published) => Ok(published.seq),
            Err(DeliveryError::Refused(refusal)) => Err(refusal.code),
            Err(error) => panic!("{error}"),
        }
    };
    for number in 1..=u32::try_from(UNREAD_ENTRIES).unwrap() + 1 {
        let seq = u64::from(number);
        assert_eq!(publish(number, seq - 1).await, Ok(Some(Seq(seq))));
    }
    assert_eq!(publish(5_000, 0).await, Err(ProblemCode::Behind));
    assert_eq!(publish(2, 1).await, Ok(Some(Seq(2))));
    assert_eq!(publish(5_000, 1).await, Ok(Some(Seq(UNREAD_ENTRIES + 2))));
}

#[tokio::test]
async fn a_message_reaches_the_other_device_and_its_sender_gets_the_answer() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = alice.sends(chat, 7).await;
    let accepted = Outcome::Accepted {
        seq: Some(Seq(1)),
        at: NOW,
        reached: 1,
    };
    assert_eq!(alice.answer(request).await, accepted);
    let entry = Entry {
        seq: Seq(1),
        from: ALICE.device(1),
        message: message(7),
        at: NOW,
        retention: Retention::Keep,
        kind: EntryKind::Application,
        payload: application(chat, 1, 7),
    };
    assert_eq!(
        bob.next().await,
        ServerFrame::Entry {
            chat,
            entry: entry.clone()
        }
    );
    assert!(alice.has_nothing().await);
    assert_eq!(
        house
            .delivery
            .page(BOB.device(1), chat, ALL)
            .await
            .unwrap()
            .entries,
        [entry]
    );
}

#[tokio::test]
async fn a_retry_is_answered_and_reaches_nobody_again() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    for _ in 0..2 {
        let request = alice.sends(chat, 1).await;
        assert_eq!(alice.is_accepted(request).await, 1);
    }
    assert_eq!(bob.gets_entry().await, 1);
    assert!(bob.has_nothing().await);
}

#[tokio::test]
async fn one_encoded_frame_is_shared_by_all_recipients() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let (mut second, _) = house.greeted(ALICE.device(2)).await;
    let change = super::house::Change {
        added: vec![ALICE.device(2)],
        external: true,
        ..Default::default()
    };
    let request = second.commits(chat, 1, 1, change).await;
    second.is_accepted(request).await;
    bob.gets_entry().await;
    let publication = Publish {
        payload: application(chat, 2, 2).into(),
        ..publication(chat, 2)
    };
    let published = house
        .delivery
        .publish(ALICE.device(1), chat, publication)
        .await
        .unwrap();
    assert_eq!((published.seq, published.reached), (Some(Seq(2)), 2));
    let frames = (
        bob.next_bytes().await.unwrap(),
        second.next_bytes().await.unwrap(),
    );
    assert_eq!(frames.0.as_ptr(), frames.1.as_ptr());
}

#[tokio::test]
async fn a_fleeting_message_is_relayed_and_nowhere_else() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let request = alice
        .submits(chat, 1, Retention::Never, application(chat, 1, 1))
        .await;
    let accepted = Outcome::Accepted {
        seq: None,
        at: NOW,
        reached: 1,
    };
    assert_eq!(alice.answer(request).await, accepted);
    assert_eq!(bob.gets_entry().await, 0);
    let page = house.delivery.page(BOB.device(1), chat, ALL).await.unwrap();
    assert_eq!((page.entries.len(), page.last), (0, Seq::ZERO));
}

#[tokio::test]
async fn what_is_against_the_rules_is_refused_with_its_code() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let other_chat = ChatId::from_bytes([9; 16]);
    let mut alice = house.connected(ALICE.device(1)).await;
    let mut large = application(chat, 1, 1).to_vec();
    large.resize(limits::PAYLOAD_BYTES + 1, 0);
    let timed = |seconds| Retention::For { seconds };
    for (retention, payload, code) in [
        (
            Retention::Keep,
            Bytes::from_static(b"nonsense"),
            ProblemCode::MalformedMessage,
        ),
        (
            Retention::Keep,
            application(other_chat, 1, 1),
            ProblemCode::MalformedMessage,
        ),
        (Retention::Keep, commit(chat, 1), ProblemCode::MalformedMessage),
        (Retention::Keep, Bytes::from(large), ProblemCode::TooLarge),
        (timed(0), application(chat, 1, 1), ProblemCode::InvalidRetention),
        (
            timed(u32::MAX),
            application(chat, 1, 1),
            ProblemCode::InvalidRetention,
        ),
    ] {
        let request = alice.submits(chat, 1, retention, payload).await;
        assert_eq!(alice.answer(request).await, Outcome::Refused(code.into()));
    }
    let request = alice
        .submits(chat, 1, Retention::Keep, application(chat, 5, 1))
        .await;
    let Outcome::Refused(refused) = alice.answer(request).await else {
        panic!("accepted in another epoch");
    };
    assert_eq!(
        (refused.code, refused.epoch),
        (ProblemCode::StaleEpoch, Some(Epoch(1)))
    );
    let stranger = house
        .delivery
        .publish(EVE.device(1), chat, publication(chat, 1))
        .await;
    assert!(
        matches!(stranger, Err(DeliveryError::Refused(refused)) if refused.code == ProblemCode::ChatNotFound)
    );
    let stranger = house.delivery.page(EVE.device(1), chat, ALL).await;
    assert!(
        matches!(stranger, Err(DeliveryError::Refused(refused)) if refused.code == ProblemCode::ChatNotFound)
    );
    let stranger = house.delivery.group_info(EVE.device(1), chat).await;
    assert!(
        matches!(stranger, Err(DeliveryError::Refused(refused)) if refused.code == ProblemCode::ChatNotFound)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_senders_at_once_get_positions_without_gaps() {
    const SENDERS: u32 = 300;
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let sends: Vec<_> = (0..SENDERS)
        .map(|number| {
            let delivery = house.delivery.clone();
            let from = if number % 2 == 0 { ALICE } else { BOB }.device(1);
            tokio::spawn(async move {
                let published = delivery
                    .publish(from, chat, publication(chat, number))
                    .await
                    .unwrap();
                published.seq.unwrap().0
            })
        })
        .collect();
    let mut seqs = BTreeSet::new();
    for send in sends {
        seqs.insert(send.await.unwrap());
    }
    assert_eq!(seqs, (1..=u64::from(SENDERS)).collect());
}

#[tokio::test]
async fn a_fetch_is_answered_with_a_page() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    for number in 1..=3 {
        let request = alice.sends(chat, number).await;
        alice.is_accepted(request).await;
    }
    let request = RequestId(99);
    let after = Seq(1);
    alice
        .connection
        .receive(ClientFrame::Fetch {
            request,
            chat,
            after,
            limit: 10,
        })
        .await;
    let Outcome::Page(page) = alice.answer(request).await else {
        panic!("no page");
    };
    let seqs: Vec<u64> = page.entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!((seqs, page.last), (vec![2, 3], Seq(3)));
}

#[tokio::test]
async fn a_signal_reaches_the_other_members_that_are_connected() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let eve = house.connected(EVE.device(1)).await;
    let payload = Bytes::from_static(b"typing");
    let signal = ClientFrame::Signal {
        chat,
        payload: payload.clone(),
    };
    eve.connection.receive(signal.clone()).await;
    alice.connection.receive(signal).await;
    let from = ALICE.device(1);
    assert_eq!(bob.next().await, ServerFrame::Signal { chat, from, payload });
    assert!(bob.has_nothing().await);
    assert!(alice.has_nothing().await);

    let payload = Bytes::from(vec![0; limits::SIGNAL_BYTES + 1]);
    alice
        .connection
        .receive(ClientFrame::Signal { chat, payload })
        .await;
    assert_eq!(alice.next().await, ServerFrame::Goodbye(Goodbye::Malformed));
}

#[tokio::test]
async fn a_marker_is_relayed_and_told_to_those_who_come_later() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    bob.acknowledges(chat, 0).await;
    let payload = Bytes::from_static(b"read up to 3");
    alice
        .connection
        .receive(ClientFrame::Marker {
            chat,
            payload: payload.clone(),
        })
        .await;
    let from = ALICE.device(1);
    let marker = ServerFrame::Marker { chat, from, payload };
    assert_eq!(bob.next().await, marker);
    drop((alice, bob));
    let house = house.restarted().await;
    let (_, greeting) = house.greeted(BOB.device(1)).await;
    assert_eq!(greeting, [marker]);
}

#[tokio::test]
async fn an_entry_whose_time_is_over_is_read_as_deleted() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice
        .submits(chat, 1, Retention::For { seconds: 5 }, application(chat, 1, 1))
        .await;
    alice.is_accepted(request).await;
    let kind = async || {
        house
            .delivery
            .page(BOB.device(1), chat, ALL)
            .await
            .unwrap()
            .entries[0]
            .kind
    };
    assert_eq!(kind().await, EntryKind::Application);
    house.clock.advance(5000);
    assert_eq!(kind().await, EntryKind::Deleted);
    crate::delivery::sweep::sweep(&house.delivery.shared).await;
    let page = house.delivery.page(BOB.device(1), chat, ALL).await.unwrap();
    assert!(page.entries[0].payload.is_empty());
}
