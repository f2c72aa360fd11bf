//! Commits and members.

use super::house::{Change, House, welcome};
use crate::store::contract::fixture::{ALICE, BOB};
use sotto_protocol::frame::{EntryKind, Goodbye, Outcome, ServerFrame};
use sotto_protocol::{Epoch, ProblemCode, Seq};

#[tokio::test]
async fn of_two_commits_in_an_epoch_one_is_accepted() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let first = alice.commits(chat, 1, 1, Change::default()).await;
    let second = bob.commits(chat, 1, 2, Change::default()).await;
    assert_eq!(alice.is_accepted(first).await, 1);
    let ServerFrame::Entry { entry, .. } = bob.next().await else {
        panic!("the Commit did not come");
    };
    assert_eq!((entry.kind, entry.seq), (EntryKind::Commit, Seq(1)));
    let Outcome::Refused(refused) = bob.answer(second).await else {
        panic!("two Commits were accepted");
    };
    assert_eq!(
        (refused.code, refused.epoch),
        (ProblemCode::StaleEpoch, Some(Epoch(2)))
    );
}

#[tokio::test]
async fn a_device_that_is_added_gets_a_welcome_and_not_the_commit() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    let (mut second, _) = house.greeted(BOB.device(2)).await;
    let change = Change {
        added: vec![BOB.device(2)],
        ..Change::default()
    };
    let request = alice.commits(chat, 1, 1, change).await;
    alice.is_accepted(request).await;
    assert_eq!(bob.gets_entry().await, 1);
    let expected = ServerFrame::Welcome {
        chat,
        after: Seq(1),
        from: ALICE.device(1),
        payload: welcome(),
    };
    assert_eq!(second.next().await, expected);
    assert!(second.has_nothing().await);
    let (mut again, greeting) = house.greeted(BOB.device(2)).await;
    assert_eq!(greeting, [expected]);
    again.acknowledges(chat, 1).await;
    assert!(again.has_nothing().await);
}

#[tokio::test]
async fn a_device_that_is_removed_sees_the_commit_and_nothing_after() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let (mut second, greeting) = house.greeted(ALICE.device(2)).await;
    assert!(matches!(
        greeting[..],
        [ServerFrame::Cursor {
            acknowledged: None,
            ..
        }]
    ));
    let joining = Change {
        added: vec![ALICE.device(2)],
        external: true,
        ..Change::default()
    };
    let request = second.commits(chat, 1, 1, joining).await;
    second.is_accepted(request).await;
    let (mut alice, _) = house.greeted(ALICE.device(1)).await;
    let removing = Change {
        removed: vec![ALICE.device(2)],
        ..Change::default()
    };
    let request = alice.commits(chat, 2, 2, removing).await;
    alice.is_accepted(request).await;
    assert_eq!(second.gets_entry().await, 2);
    let payload = super::house::application(chat, 3, 3);
    let request = alice
        .submits(chat, 3, sotto_protocol::Retention::Keep, payload)
        .await;
    alice.is_accepted(request).await;
    assert!(second.has_nothing().await);
}

#[tokio::test]
async fn a_device_of_the_account_joins_alone_and_reads_from_its_commit_on() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice.sends(chat, 1).await;
    alice.is_accepted(request).await;
    let (mut joiner, greeting) = house.greeted(BOB.device(2)).await;
    let ServerFrame::Cursor {
        acknowledged: None,
        last,
        ..
    } = greeting[0]
    else {
        panic!("not told of the chat: {greeting:?}");
    };
    assert_eq!(last, Seq(1));
    let info = house.delivery.group_info(BOB.device(2), chat).await.unwrap();
    assert_eq!((info.epoch, info.last), (Epoch(1), Seq(1)));
    let joining = Change {
        added: vec![BOB.device(2)],
        external: true,
        ..Change::default()
    };
    let request = joiner.commits(chat, 1, 2, joining).await;
    assert_eq!(joiner.is_accepted(request).await, 2);
    assert_eq!(alice.gets_entry().await, 2);
    drop(joiner);
    house.connected(BOB.device(2)).await;
}

#[tokio::test]
async fn a_device_that_departs_is_told_and_is_out_of_its_chats() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let (mut bob, _) = house.greeted(BOB.device(1)).await;
    house.delivery.remove_devices(&[BOB.device(1)]).await.unwrap();
    assert_eq!(bob.next().await, ServerFrame::Goodbye(Goodbye::SessionEnded));
    assert_eq!(bob.next_bytes().await, None);
    let request = alice.sends(chat, 1).await;
    assert!(matches!(
        alice.answer(request).await,
        Outcome::Accepted { reached: 0, .. }
    ));
    let (_, greeting) = house.greeted(BOB.device(1)).await;
    assert!(matches!(
        greeting[..],
        [ServerFrame::Cursor {
            acknowledged: None,
            ..
        }]
    ));
}

#[tokio::test]
async fn a_member_is_no_newcomer() {
    let house = House::of(&[ALICE, BOB]).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    let as_newcomer = Change {
        as_newcomer: true,
        ..Change::default()
    };
    let request = alice.commits(chat, 1, 1, as_newcomer).await;
    let refused = Outcome::Refused(ProblemCode::MalformedMessage.into());
    assert_eq!(alice.answer(request).await, refused);
    let request = alice.commits(chat, 1, 1, Change::default()).await;
    assert_eq!(alice.is_accepted(request).await, 1);
}
