//! The contract of [`LogStore::write`]: positions, retries, refusals.

use super::Backend;
use super::fixture::*;
use crate::store::{Appended, LogStore, PageRange};
use sotto_protocol::frame::{EntryKind, Page};
use sotto_protocol::limits::UNREAD_ENTRIES;
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

/// Puts messages of Alice's into a chat that is empty: the one at each position has it as its number.
async fn fill(log: &impl LogStore, chat: ChatId, up_to: u64) {
    let numbers = 1..=u32::try_from(up_to).unwrap();
    let messages: Vec<_> = numbers
        .map(|number| says(chat, ALICE.device(1), number))
        .collect();
    for batch in messages.chunks(100) {
        let read = u64::from(u32::from_be_bytes(
            batch[0].message.as_bytes()[..4].try_into().unwrap(),
        )) - 1;
        let batch: Vec<_> = batch.iter().cloned().map(|message| message.after(read)).collect();
        for outcome in write(log, &batch).await {
            position(&outcome);
        }
    }
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

pub(crate) async fn a_retry_is_recognised_however_much_came_between<B: Backend>(backend: B) {
    let chat = open(backend.log()).await;
    fill(backend.log(), chat, 300).await;
    let retries: Vec<(u64, u64)> = [1, 2, 150, 235, 236, 237, 299, 300]
        .into_iter()
        .flat_map(|number| [(number, 0), (number, number / 2), (number, number - 1)])
        .collect();
    let check = async |log: &B::Log| {
        let retry = |&(number, after): &(u64, u64)| {
            says(chat, ALICE.device(1), u32::try_from(number).unwrap()).after(after)
        };
        let found = |number| Appended::Duplicate {
            seq: Seq(number),
            at: NOW,
        };
        let all: Vec<_> = retries.iter().map(retry).collect();
        let expected: Vec<_> = retries.iter().map(|(number, _)| found(*number)).collect();
        assert_eq!(write(log, &all).await, expected);
        for (retry, expected) in all.into_iter().zip(expected) {
            assert_eq!(write_one(log, retry).await, expected);
        }
    };
    check(backend.log()).await;
    // And by one that has not seen the chat before.
    let backend = backend.reopen().await;
    check(backend.log()).await;
    let new = says(chat, ALICE.device(1), 301).after(300);
    assert_eq!(position(&write_one(backend.log(), new).await), 301);
    check(backend.log()).await;
}

pub(crate) async fn a_message_is_not_looked_for_in_what_its_sender_has_read<B: Backend>(backend: B) {
    let chat = open(backend.log()).await;
    fill(backend.log(), chat, 200).await;
    let doubled = [
        says(chat, ALICE.device(1), 20).after(20),
        says(chat, ALICE.device(1), 190).after(200),
    ];
    let outcomes = write(backend.log(), &doubled).await;
    assert_eq!((position(&outcomes[0]), position(&outcomes[1])), (201, 202));
    let backend = backend.reopen().await;
    // Both entries are there now: the first of them that its sender has not read is meant.
    let retries = [
        says(chat, ALICE.device(1), 20).after(19),
        says(chat, ALICE.device(1), 20).after(20),
        says(chat, ALICE.device(1), 190).after(189),
        says(chat, ALICE.device(1), 190).after(201),
    ];
    let outcomes = write(backend.log(), &retries).await;
    let expected = [20, 201, 190, 202].map(|seq| Appended::Duplicate {
        seq: Seq(seq),
        at: NOW,
    });
    assert_eq!(outcomes, expected);
}

pub(crate) async fn a_sender_that_has_read_too_little_is_to_catch_up<B: Backend>(backend: B) {
    let chat = open(backend.log()).await;
    let last = UNREAD_ENTRIES + 10;
    fill(backend.log(), chat, last).await;
    let alice = ALICE.device(1);
    let check = async |log: &B::Log| {
        let batch = [
            says(chat, alice, 1).after(0),
            says(chat, alice, 9_001).after(9),
            commits(chat, BOB.device(1), 9_002).after(9).in_epoch(2),
            says(chat, EVE.device(1), 9_003).after(9),
            says(chat, alice, 9_004).after(9).kept(Retention::Never),
            says(chat, alice, 11).after(10),
        ];
        let outcomes = write(log, &batch).await;
        for behind in &outcomes[..3] {
            assert_eq!(refusal(behind), ProblemCode::Behind);
        }
        assert_eq!(refusal(&outcomes[3]), ProblemCode::ChatNotFound);
        assert!(matches!(outcomes[4], Appended::Accepted { seq: None, .. }));
        assert_eq!(
            outcomes[5],
            Appended::Duplicate {
                seq: Seq(11),
                at: NOW
            }
        );
    };
    check(backend.log()).await;
    let backend = backend.reopen().await;
    check(backend.log()).await;
    let outcomes = write(
        backend.log(),
        &[
            says(chat, alice, 9_001).after(10),
            // How far it is to the end counts before the batch, and what is in the batch is found.
            says(chat, alice, 9_005).after(10),
            says(chat, alice, 9_001).after(9),
        ],
    )
    .await;
    assert_eq!(
        (position(&outcomes[0]), position(&outcomes[1])),
        (last + 1, last + 2)
    );
    let seq = Seq(last + 1);
    assert_eq!(outcomes[2], Appended::Duplicate { seq, at: NOW });
}

pub(crate) async fn a_sender_that_has_read_a_longer_log_is_not_believed<B: Backend>(backend: B) {
    let chat = open(backend.log()).await;
    let last = UNREAD_ENTRIES + 10;
    fill(backend.log(), chat, last).await;
    let backend = backend.reopen().await;
    let log = backend.log();
    let alice = ALICE.device(1);
    for read in [last + 1, u64::MAX] {
        for number in [11, last] {
            let retry = says(chat, alice, u32::try_from(number).unwrap()).after(read);
            let seq = Seq(number);
            assert_eq!(write_one(log, retry).await, Appended::Duplicate { seq, at: NOW });
        }
    }
    let new = says(chat, alice, 9_001).after(last + 5);
    assert_eq!(position(&write_one(log, new.clone()).await), last + 1);
    let seq = Seq(last + 1);
    assert_eq!(write_one(log, new).await, Appended::Duplicate { seq, at: NOW });
}

pub(crate) async fn a_batch_of_one_chat_that_is_written_twice_is_there_once<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let numbers = 1..=u32::try_from(UNREAD_ENTRIES).unwrap();
    let messages = numbers.map(|number| says(chat, ALICE.device(1), number));
    let batch: Vec<_> = messages.flat_map(|message| [message.clone(), message]).collect();
    let outcomes = write(log, &batch).await;
    for (pair, seq) in outcomes.chunks(2).zip(1..) {
        assert_eq!(position(&pair[0]), seq);
        assert_eq!(
            pair[1],
            Appended::Duplicate {
                seq: Seq(seq),
                at: NOW
            }
        );
    }
    let outcomes = write_at(log, &batch, NOW.plus_millis(1)).await;
    for (pair, seq) in outcomes.chunks(2).zip(1..) {
        let seq = Seq(seq);
        assert_eq!(pair, [(); 2].map(|()| Appended::Duplicate { seq, at: NOW }));
    }
    let page = whole_log(log, BOB.device(1), chat).await;
    assert_eq!(page.last, Seq(UNREAD_ENTRIES));
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
