//! The contract of [`LogStore::delete_entries`]: messages that are deleted for all.

use super::Backend;
use super::fixture::*;
use super::log_append::{open, whole_log};
use crate::store::objection::HEARING_MILLIS;
use crate::store::{Appended, Deleted, Deletion, LogStore, Objected, Objection, PageRange};
use sotto_protocol::chat_rules::Role;
use sotto_protocol::frame::{Entry, EntryKind};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{ChatId, ChatRules, DeviceAddress, Retention, Seq, Timestamp};

/// The message with this number at this position.
fn named(seq: u64, number: u32) -> NamedEntry {
    NamedEntry {
        seq: Seq(seq),
        message: message(number),
    }
}

async fn deletes_at(
    log: &impl LogStore,
    by: DeviceAddress,
    chat: ChatId,
    entries: &[NamedEntry],
    at: Timestamp,
) -> Option<Deleted> {
    let deletion = Deletion {
        chat,
        by,
        entries: entries.to_vec(),
        at,
    };
    log.delete_entries(deletion).await.unwrap()
}

/// Deletes messages of chat 1.
async fn deletes(log: &impl LogStore, by: DeviceAddress, entries: &[NamedEntry]) -> Option<Deleted> {
    deletes_at(log, by, chat(1), entries, NOW).await
}

/// What Bob reads of chat 1.
async fn entries(log: &impl LogStore) -> Vec<Entry> {
    whole_log(log, BOB.device(1), chat(1)).await.entries
}

/// Which of the positions are empty.
async fn empty(log: &impl LogStore) -> Vec<u64> {
    let entries = entries(log).await;
    let empty = entries.iter().filter(|entry| entry.payload.is_empty());
    empty.map(|entry| entry.seq.0).collect()
}

/// Chat 1 of Alice and Bob, with a message of hers, two of his and one of hers.
async fn talk(log: &impl LogStore) -> ChatId {
    let chat = open(log).await;
    let (alice, bob) = (ALICE.device(1), BOB.device(1));
    let said = [
        says(chat, alice, 1),
        says(chat, bob, 2),
        says(chat, bob, 3),
        says(chat, alice, 4),
    ];
    write(log, &said).await;
    chat
}

pub(crate) async fn a_message_that_its_account_deletes_is_an_empty_position<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = talk(log).await;
    let mut expected = entries(log).await;
    write_one(log, commits(chat, ALICE.device(1), 5).adding(ALICE.device(2))).await;
    // By another device of the account than the one that has sent it.
    let gone = deletes(log, ALICE.device(2), &[named(1, 1)]).await;
    assert_eq!(gone, Some(Deleted::Erased));
    expected[0].kind = EntryKind::Deleted;
    expected[0].payload.clear();
    assert_eq!(entries(log).await[..4], expected);
    let newest = PageRange {
        after: None,
        before: Some(Seq(2)),
        limit: 1,
    };
    let page = log
        .page(ALICE.device(1), chat, newest, NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&page.entries[0], page.last), (&expected[0], Seq(5)));
    let next = write_one(log, says(chat, BOB.device(1), 6).in_epoch(2)).await;
    assert_eq!(position(&next), 6);
}

pub(crate) async fn a_repeat_changes_nothing<B: Backend>(backend: B) {
    let log = backend.log();
    talk(log).await;
    let request = [named(2, 2), named(3, 3), named(2, 2)];
    assert_eq!(deletes(log, BOB.device(1), &request).await, Some(Deleted::Erased));
    let after = entries(log).await;
    assert_eq!(empty(log).await, [2, 3]);
    assert_eq!(deletes(log, BOB.device(1), &request).await, Some(Deleted::Erased));
    // Nor does somebody else learn whose it was.
    assert_eq!(
        deletes(log, ALICE.device(1), &request).await,
        Some(Deleted::Erased)
    );
    assert_eq!(entries(log).await, after);
}

pub(crate) async fn another_accounts_message_keeps_all_that_are_named<B: Backend>(backend: B) {
    let log = backend.log();
    talk(log).await;
    let before = entries(log).await;
    for request in [
        vec![named(2, 2)],
        vec![named(1, 1), named(2, 2), named(4, 4)],
        vec![named(4, 4), named(9, 9), named(3, 3)],
    ] {
        let refused = deletes(log, ALICE.device(1), &request).await;
        assert_eq!(refused, Some(Deleted::Refused), "{request:?}");
        assert_eq!(entries(log).await, before);
    }
}

pub(crate) async fn the_owner_and_the_admins_of_a_group_delete_anybodys<B: Backend>(backend: B) {
    let log = backend.log();
    let group = chat(1);
    log.create_chat(new_group(1, ALICE, &[BOB, EVE])).await.unwrap();
    let (alice, bob, eve) = (ALICE.device(1), BOB.device(1), EVE.device(1));
    let said: Vec<_> = (1..=4).map(|number| says(group, eve, number)).collect();
    write(log, &said).await;
    write_one(log, says(group, alice, 5)).await;
    assert_eq!(deletes(log, bob, &[named(1, 1)]).await, Some(Deleted::Refused));
    assert_eq!(deletes(log, alice, &[named(1, 1)]).await, Some(Deleted::Erased));
    // By the rules as they are.
    let mut rules = group_rules(ALICE);
    rules.appoint(BOB.party(), Role::Admin);
    let appoints = commits(group, alice, 6).under(&ChatRules::Group(rules));
    assert_eq!(position(&write_one(log, appoints).await), 6);
    let request = [named(2, 2), named(5, 5)];
    assert_eq!(deletes(log, bob, &request).await, Some(Deleted::Erased));
    let dismisses = commits(group, alice, 7).under(&ChatRules::Group(group_rules(ALICE)));
    assert_eq!(position(&write_one(log, dismisses.in_epoch(2)).await), 7);
    assert_eq!(deletes(log, bob, &[named(3, 3)]).await, Some(Deleted::Refused));
    assert_eq!(deletes(log, eve, &[named(4, 4)]).await, Some(Deleted::Erased));
    assert_eq!(empty(log).await, [1, 2, 4, 5]);
}

pub(crate) async fn what_is_not_there_is_passed_over<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = talk(log).await;
    log.create_chat(new_chat(2, ALICE, EVE)).await.unwrap();
    write_one(log, says(super::fixture::chat(2), ALICE.device(1), 1)).await;
    let before = entries(log).await;
    let absent = [
        named(0, 1),
        named(5, 5),
        named(u64::MAX, 1),
        // Another message than the one at the position, Alice's or Bob's.
        named(1, 4),
        named(2, 1),
    ];
    assert_eq!(
        deletes(log, ALICE.device(1), &absent).await,
        Some(Deleted::Erased)
    );
    assert_eq!(entries(log).await, before);
    let request = [&absent[..], &[named(4, 4)]].concat();
    assert_eq!(
        deletes(log, ALICE.device(1), &request).await,
        Some(Deleted::Erased)
    );
    assert_eq!(empty(log).await, [4]);
    // The same position and id in another chat are another message.
    let other = super::fixture::chat(2);
    assert_eq!(
        deletes(log, ALICE.device(1), &[named(1, 1)]).await,
        Some(Deleted::Erased)
    );
    let page = whole_log(log, EVE.device(1), other).await;
    assert_eq!(page.entries[0].payload, "message 1");
    assert_eq!(whole_log(log, BOB.device(1), chat).await.last, Seq(4));
}

pub(crate) async fn a_commit_is_never_deleted<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = talk(log).await;
    write_one(log, commits(chat, ALICE.device(1), 5)).await;
    // Neither one's own nor another's.
    for by in [ALICE, BOB] {
        let passed_over = deletes(log, by.device(1), &[named(5, 5)]).await;
        assert_eq!(passed_over, Some(Deleted::Erased));
    }
    let commit = entries(log).await.remove(4);
    assert_eq!(commit.kind, EntryKind::Commit);
    assert_eq!(commit.payload, "commit 5");
}

pub(crate) async fn a_timed_message_is_deleted_before_its_time<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let retention = Retention::For { seconds: 600 };
    let said: Vec<_> = (1..=3)
        .map(|number| says(chat, ALICE.device(1), number).kept(retention))
        .collect();
    write(log, &said).await;
    assert_eq!(
        deletes(log, BOB.device(1), &[named(2, 2)]).await,
        Some(Deleted::Refused)
    );
    assert_eq!(
        deletes(log, ALICE.device(1), &[named(2, 2)]).await,
        Some(Deleted::Erased)
    );
    let entries = entries(log).await;
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind).collect();
    let there = EntryKind::Application;
    assert_eq!(kinds, [there, EntryKind::Deleted, there]);
    assert!(entries[1].payload.is_empty());
    assert_eq!(
        (entries[1].retention, entries[1].message),
        (retention, message(2))
    );
    assert_eq!(entries[2].payload, "message 3");
    // The others go at their time, and it does not go again.
    let expired = log.expire(NOW.plus_seconds(600), 10).await.unwrap();
    assert_eq!((expired.erased, expired.next), (2, None));
}

pub(crate) async fn what_is_over_is_nobodys_to_refuse<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = open(log).await;
    let timed = says(chat, ALICE.device(1), 1).kept(Retention::For { seconds: 10 });
    write(log, &[timed, says(chat, BOB.device(1), 2)]).await;
    let request = [named(1, 1), named(2, 2)];
    let bob = BOB.device(1);
    let early = deletes_at(log, bob, chat, &request, NOW.plus_millis(9_999)).await;
    assert_eq!(early, Some(Deleted::Refused));
    // Whether a sweep has been there or not.
    let over = NOW.plus_seconds(10);
    assert_eq!(
        deletes_at(log, bob, chat, &request, over).await,
        Some(Deleted::Erased)
    );
    log.expire(over, 10).await.unwrap();
    assert_eq!(
        deletes_at(log, bob, chat, &request, over).await,
        Some(Deleted::Erased)
    );
    assert_eq!(empty(log).await, [1, 2]);
}

pub(crate) async fn a_retry_of_a_deleted_message_gets_its_position<B: Backend>(mut backend: B) {
    let chat = talk(backend.log()).await;
    let request = [named(2, 2)];
    let gone = deletes(backend.log(), BOB.device(1), &request).await;
    assert_eq!(gone, Some(Deleted::Erased));
    for _ in 0..2 {
        let again = write_one(backend.log(), says(chat, BOB.device(1), 2)).await;
        assert_eq!(again, Appended::Duplicate { seq: Seq(2), at: NOW });
        // Known from the log too, when nothing is in memory.
        backend = backend.reopen().await;
    }
    assert_eq!(empty(backend.log()).await, [2]);
}

pub(crate) async fn only_who_is_in_a_chat_deletes<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = talk(log).await;
    // Alice's second device is not in the group.
    for outsider in [EVE.device(1), ALICE.device(2)] {
        assert_eq!(deletes(log, outsider, &[named(1, 1)]).await, None);
    }
    let nowhere = super::fixture::chat(9);
    let none = deletes_at(log, ALICE.device(1), nowhere, &[named(1, 1)], NOW).await;
    assert_eq!(none, None);
    log.remove_devices(&[ALICE.device(1)]).await.unwrap();
    assert_eq!(deletes(log, ALICE.device(1), &[named(1, 1)]).await, None);
    assert_eq!(empty(log).await, [0; 0]);
    assert_eq!(whole_log(log, BOB.device(1), chat).await.entries.len(), 4);
}

pub(crate) async fn what_was_deleted_is_taken_back_with_the_commit_before_it<B: Backend>(backend: B) {
    let log = backend.log();
    let chat = talk(log).await;
    let alice = ALICE.device(1);
    write_one(log, commits(chat, alice, 5)).await;
    write_one(log, says(chat, alice, 6).in_epoch(2)).await;
    assert_eq!(deletes(log, alice, &[named(6, 6)]).await, Some(Deleted::Erased));
    let objection = Objection {
        chat,
        from: BOB.device(1),
        seq: Seq(5),
        at: NOW.plus_millis(HEARING_MILLIS),
    };
    let objected = log.object(objection).await.unwrap();
    assert!(matches!(objected, Some(Objected::TakenBack(_))), "{objected:?}");
    // What was taken back, and what says so, is no message.
    let request = [named(5, 5), named(6, 6), named(7, 5)];
    for by in [ALICE, BOB] {
        assert_eq!(deletes(log, by.device(1), &request).await, Some(Deleted::Erased));
    }
    let kinds: Vec<_> = entries(log).await[4..].iter().map(|entry| entry.kind).collect();
    let gone = EntryKind::TakenBack;
    assert_eq!(kinds, [gone, gone, EntryKind::Reversal]);
}

pub(crate) async fn a_deletion_survives_a_restart<B: Backend>(backend: B) {
    talk(backend.log()).await;
    let request = [named(1, 1), named(4, 4)];
    let gone = deletes(backend.log(), ALICE.device(1), &request).await;
    assert_eq!(gone, Some(Deleted::Erased));
    let before = entries(backend.log()).await;
    let backend = backend.reopen().await;
    assert_eq!(entries(backend.log()).await, before);
    assert_eq!(empty(backend.log()).await, [1, 4]);
}
