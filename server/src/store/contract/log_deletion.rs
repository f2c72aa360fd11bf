//! The contract of [`LogStore`]: groups end.

use super::Backend;
use super::fixture::*;
use super::log_append::whole_log;
use crate::store::{ChatCreation, CursorAdvance, ListPosition, LogStore, MarkerUpdate, WriteBatch};
use bytes::Bytes;
use sotto_protocol::{AccountId, DeviceAddress, ProblemCode, Retention, Seq};

/// Group 1 of Alice and Bob, with so many messages, some of them timed, a cursor and a marker.
async fn open(log: &impl LogStore, messages: u32) {
    log.create_chat(new_group(1, ALICE, &[BOB])).await.unwrap();
    let submissions: Vec<_> = (1..=messages)
        .map(|number| {
            let said = says(chat(1), ALICE.device(1), number);
            if number % 3 == 0 {
                said.kept(Retention::For { seconds: 600 })
            } else {
                said
            }
        })
        .collect();
    let device = BOB.device(1);
    let cursor = CursorAdvance {
        device,
        chat: chat(1),
        acknowledged: Seq(1),
    };
    let marker = MarkerUpdate {
        device,
        chat: chat(1),
        payload: Bytes::from_static(b"marker"),
    };
    log.write(WriteBatch {
        submissions: &submissions,
        cursors: &[cursor],
        markers: &[marker],
        at: NOW,
    })
    .await
    .unwrap();
}

async fn deletes(log: &impl LogStore) -> Vec<AccountId> {
    let mut accounts = log.delete_group(chat(1)).await.unwrap();
    accounts.sort_unstable();
    accounts
}

async fn is_told(log: &impl LogStore, device: DeviceAddress) -> bool {
    !log.standings(device, ListPosition::default(), 10)
        .await
        .unwrap()
        .is_empty()
}

pub(crate) async fn of_a_deleted_group_nothing_is_left<B: Backend>(mut backend: B) {
    open(backend.log(), 25).await;
    assert_eq!(deletes(backend.log()).await, [ALICE.account(), BOB.account()]);
    // Cut off here, the rest is done later.
    backend = backend.reopen().await;
    let log = backend.log();
    assert_eq!(deletes(log).await, []);
    assert!(log.members(chat(1)).await.unwrap().is_none());
    assert!(log.group(chat(1)).await.unwrap().is_none());
    assert!(log.group_info(ALICE.account(), chat(1)).await.unwrap().is_none());
    assert!(!is_told(log, BOB.device(1)).await);
    let welcomes = log.pending_welcomes(BOB.device(1), ListPosition::default());
    assert_eq!(welcomes.await.unwrap(), []);
    let late = write_one(log, says(chat(1), ALICE.device(1), 100)).await;
    assert_eq!(refusal(&late), ProblemCode::ChatNotFound);

    let mut steps = 0;
    while log.erase_deleted(10).await.unwrap() {
        steps += 1;
    }
    assert_eq!(steps, 3);
    assert!(!log.erase_deleted(10).await.unwrap());
    // There is nothing any more whose time could be over.
    let later = NOW.plus_seconds(601);
    let expired = log.expire(later, 100).await.unwrap();
    assert_eq!((expired.erased, expired.next), (0, None));
    let grown = log.grown_since(NOW, ListPosition::default(), 10).await.unwrap();
    assert_eq!(grown, []);
}

pub(crate) async fn other_chats_stay_when_a_group_is_deleted<B: Backend>(backend: B) {
    let log = backend.log();
    open(log, 3).await;
    log.create_chat(new_chat(2, ALICE, BOB)).await.unwrap();
    write_one(log, says(chat(2), ALICE.device(1), 1)).await;
    deletes(log).await;
    while log.erase_deleted(10).await.unwrap() {}
    assert_eq!(whole_log(log, BOB.device(1), chat(2)).await.entries.len(), 1);
    // Only groups are deleted.
    assert_eq!(log.delete_group(chat(2)).await.unwrap(), []);
    assert_eq!(
        position(&write_one(log, says(chat(2), ALICE.device(1), 2)).await),
        2
    );
}

pub(crate) async fn a_deleted_group_can_never_be_created_again<B: Backend>(backend: B) {
    let log = backend.log();
    open(log, 3).await;
    deletes(log).await;
    for new in [new_group(1, ALICE, &[BOB]), new_chat(1, ALICE, BOB)] {
        assert_eq!(log.create_chat(new).await.unwrap(), ChatCreation::Taken);
    }
    // Nor one that was never there.
    assert_eq!(log.delete_group(chat(5)).await.unwrap(), []);
    let new = new_group(5, ALICE, &[BOB]);
    assert_eq!(log.create_chat(new).await.unwrap(), ChatCreation::Taken);
}

pub(crate) async fn a_chat_after_a_deleted_one_has_none_of_its_entries<B: Backend>(backend: B) {
    let log = backend.log();
    open(log, 5).await;
    deletes(log).await;
    log.create_chat(new_chat(2, ALICE, BOB)).await.unwrap();
    let page = whole_log(log, ALICE.device(1), chat(2)).await;
    assert_eq!((page.entries.len(), page.last), (0, Seq::ZERO));
    while log.erase_deleted(2).await.unwrap() {}
    assert_eq!(
        position(&write_one(log, says(chat(2), ALICE.device(1), 1)).await),
        1
    );
    log.delete_group(chat(2)).await.unwrap();
    assert_eq!(whole_log(log, ALICE.device(1), chat(2)).await.last, Seq(1));
}
