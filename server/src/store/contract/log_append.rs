//! The contract of [`LogStore::write`]: positions, retries, refusals.

use super::Backend;
use super::fixture::*;
use crate::store::{Appended, LogStore, PageRange};
use sotto_protocol::frame::{EntryKind, Page};
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode, Retention, Seq};

/// The whole log of a chat, as a member reads it.
pub(crate) async fn whole_log(log: &impl LogStore, reader: DeviceAddress, chat: ChatId) -> Page {
    let range = PageRange {
        after: Some(Seq::ZERO),
        before: None,
        limit: u16::MAX,
    };
    log.page(reader, chat, range, NOW).await.unwrap().unwrap()
}

/// Chat 1 of Alice and Bob.
pub(crate) async fn open(log: &impl LogStore) -> ChatId {
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    chat(1)
}

pub(crate) async fn positions_run_from_one_without_gaps<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let mut expected = 0;
    for batch in [1, 2, 4, 40, 300] {
        let numbers = expected..expected + batch;
        let submissions: Vec<_> = numbers
            .map(|number| says(chat, if number % 2 == 0 { ALICE } else { BOB }.device(1), number))
            .collect();
        for appended in write(log, &submissions).await {
            expected += 1;
            assert_eq!(position(&appended), u64::from(expected));
        }
    }
    let mut after = Seq::ZERO;
    while after < Seq(u64::from(expected)) {
        let range = PageRange {
            after: Some(after),
            before: None,
            limit: 100,
        };
        let page = log
            .page(ALICE.device(1), chat, range, NOW)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(page.last, Seq(u64::from(expected)));
        for entry in page.entries {
            assert_eq!(entry.seq, after.next());
            let number = u32::try_from(after.0).unwrap();
            assert_eq!(entry.message, message(number));
            assert_eq!(entry.payload, format!("message {number}"));
            assert_eq!(
                (entry.kind, entry.at, entry.retention),
                (EntryKind::Application, NOW, Retention::Keep)
            );
            assert_eq!(
                entry.from,
                if number.is_multiple_of(2) { ALICE } else { BOB }.device(1)
            );
            after = entry.seq;
        }
    }
}

pub(crate) async fn a_retry_gets_the_same_answer<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let first = says(chat, ALICE.device(1), 1);
    write(log, &[first.clone(), says(chat, BOB.device(1), 2)]).await;
    let again = write_at(log, std::slice::from_ref(&first), NOW.plus_millis(5000)).await;
    let duplicate = Appended::Duplicate { seq: Seq(1), at: NOW };
    assert_eq!(again, std::slice::from_ref(&duplicate));
    let backend = backend.reopen().await;
    assert_eq!(write_one(backend.log(), first).await, duplicate);
    assert_eq!(whole_log(backend.log(), ALICE.device(1), chat).await.last, Seq(2));
}

pub(crate) async fn a_retry_gets_the_same_answer_after_the_epoch_has_moved_on<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let first = says(chat, ALICE.device(1), 1);
    let commit = commits(chat, ALICE.device(1), 2);
    write(log, &[first.clone(), commit.clone()]).await;
    let re_encrypted = first.in_epoch(2);
    assert_eq!(
        write_one(log, re_encrypted).await,
        Appended::Duplicate { seq: Seq(1), at: NOW }
    );
    assert_eq!(
        write_one(log, commit).await,
        Appended::Duplicate { seq: Seq(2), at: NOW }
    );
}

pub(crate) async fn a_retry_in_the_same_batch_is_a_duplicate<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let first = says(chat, ALICE.device(1), 1);
    let outcomes = write(log, &[first.clone(), says(chat, ALICE.device(1), 2), first]).await;
    assert_eq!(outcomes[2], Appended::Duplicate { seq: Seq(1), at: NOW });
    assert_eq!(whole_log(log, ALICE.device(1), chat).await.entries.len(), 2);
}

pub(crate) async fn the_same_id_of_another_device_is_another_message<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let outcomes = write(
        log,
        &[says(chat, ALICE.device(1), 1), says(chat, BOB.device(1), 1)],
    )
    .await;
    assert_eq!((position(&outcomes[0]), position(&outcomes[1])), (1, 2));
}

pub(crate) async fn a_refused_submission_spoils_no_other<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let nowhere = super::fixture::chat(99);
    let outcomes = write(
        log,
        &[
            says(chat, ALICE.device(1), 1),
            says(chat, EVE.device(1), 2),
            says(nowhere, ALICE.device(1), 3),
            says(chat, ALICE.device(1), 4).in_epoch(7),
            says(chat, ALICE.device(1), 5),
        ],
    )
    .await;
    assert_eq!(position(&outcomes[0]), 1);
    assert_eq!(refusal(&outcomes[1]), ProblemCode::ChatNotFound);
    assert_eq!(refusal(&outcomes[2]), ProblemCode::ChatNotFound);
    assert_eq!(refusal(&outcomes[3]), ProblemCode::StaleEpoch);
    assert_eq!(position(&outcomes[4]), 2);
}

pub(crate) async fn only_members_can_send<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    for stranger in [EVE.device(1), ALICE.device(2)] {
        let refused = write_one(log, says(chat, stranger, 1)).await;
        assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
        let refused = write_one(log, commits(chat, stranger, 1)).await;
        assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
    }
    assert_eq!(whole_log(log, ALICE.device(1), chat).await.last, Seq::ZERO);
}

pub(crate) async fn only_the_current_epoch_can_be_sent_in<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write_one(log, commits(chat, ALICE.device(1), 1)).await;
    for epoch in [0, 1, 3, u64::MAX] {
        let Appended::Refused(refused) = write_one(log, says(chat, BOB.device(1), 2).in_epoch(epoch)).await
        else {
            panic!("epoch {epoch} was accepted");
        };
        assert_eq!(refused.code, ProblemCode::StaleEpoch);
        assert_eq!(refused.epoch, Some(sotto_protocol::Epoch(2)));
    }
    assert_eq!(
        position(&write_one(log, says(chat, BOB.device(1), 2).in_epoch(2)).await),
        2
    );
}

pub(crate) async fn a_fleeting_message_leaves_no_trace<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let fleeting = says(chat, ALICE.device(1), 1).kept(Retention::Never);
    let Appended::Accepted { seq, members, .. } = write_one(log, fleeting.clone()).await else {
        panic!("not accepted");
    };
    assert_eq!((seq, &*members), (None, &[ALICE.device(1), BOB.device(1)][..]));
    assert_eq!(position(&write_one(log, says(chat, ALICE.device(1), 2)).await), 1);
    assert_eq!(whole_log(log, ALICE.device(1), chat).await.entries.len(), 1);
    let refused = write_one(log, fleeting.clone().in_epoch(2)).await;
    assert_eq!(refusal(&refused), ProblemCode::StaleEpoch);
    let refused = write_one(log, says(chat, EVE.device(1), 3).kept(Retention::Never)).await;
    assert_eq!(refusal(&refused), ProblemCode::ChatNotFound);
}

pub(crate) async fn what_was_written_is_there_after_a_restart<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    write_one(log, says(chat, ALICE.device(1), 1)).await;
    write_one(log, commits(chat, ALICE.device(1), 2).adding(BOB.device(2))).await;
    let before = whole_log(log, ALICE.device(1), chat).await;
    let backend = backend.reopen().await;
    let log = backend.log();
    assert_eq!(whole_log(log, ALICE.device(1), chat).await, before);
    assert_eq!(
        position(&write_one(log, says(chat, BOB.device(2), 3).in_epoch(2)).await),
        3
    );
}
