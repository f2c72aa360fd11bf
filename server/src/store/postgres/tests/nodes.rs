//! Several nodes at one shard, and connections that are lost.

use super::proxy::{Cut, Proxy};
use super::{Postgres, settings};
use crate::clock::SystemClock;
use crate::delivery::{Delivery, DeliverySettings};
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::postgres::{PostgresLog, PostgresSettings, PostgresStores};
use crate::store::{
    Appended, CursorAdvance, ListPosition, LogStore as _, PageRange, StoreError, Submission, WriteBatch,
};
use bytes::Bytes;
use sotto_protocol::limits::UNREAD_ENTRIES;
use sotto_protocol::rest::chat::Publish;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, Retention, Seq};
use sqlx::Connection as _;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const CHATS: u8 = 5;
const ROUNDS: u32 = 30;

fn batch(submissions: &[Submission]) -> WriteBatch<'_> {
    WriteBatch {
        submissions,
        cursors: &[],
        markers: &[],
        at: NOW,
    }
}

/// Writes like a node's writer: what is busy goes into the next batch, and what the store cannot answer for is given again, as
/// clients do. Returns what each submission was told.
async fn writes(log: &PostgresLog, submissions: Vec<Submission>) -> Vec<(Submission, u64)> {
    let mut waiting = submissions;
    let mut told = Vec::new();
    while !waiting.is_empty() {
        let Ok(outcomes) = log.write(batch(&waiting)).await else {
            continue;
        };
        let mut busy = Vec::new();
        for (submission, outcome) in waiting.into_iter().zip(outcomes) {
            match outcome {
                Appended::Accepted { seq: Some(seq), .. } | Appended::Duplicate { seq, .. } => {
                    told.push((submission, seq.0));
                }
                Appended::Busy => busy.push(submission),
                other => panic!("{other:?}"),
            }
        }
        waiting = busy;
    }
    told
}

/// Everything in a chat's log, with whether its positions run without a gap.
async fn log_of(log: &PostgresLog, chat: ChatId) -> Vec<(DeviceAddress, MessageId)> {
    let mut entries = Vec::new();
    loop {
        let range = PageRange {
            after: Some(Seq(entries.len() as u64)),
            before: None,
            limit: u16::MAX,
        };
        let page = log
            .page(ALICE.device(1), chat, range, NOW)
            .await
            .unwrap()
            .unwrap();
        if page.entries.is_empty() {
            assert_eq!(page.last.0, entries.len() as u64);
            return entries;
        }
        for entry in page.entries {
            assert_eq!(entry.seq.0, entries.len() as u64 + 1, "a gap");
            entries.push((entry.from, entry.message));
        }
    }
}

/// Each of the nodes writes to all chats, and gives some of another node's messages again; `disturb` runs beside it.
async fn write_from_many_nodes(installation: &Postgres, disturb: impl Future<Output = ()>) {
    let log = installation.log();
    for number in 1..=CHATS {
        log.create_chat(new_chat(number, ALICE, BOB)).await.unwrap();
    }
    let nodes = [
        installation.another_node().await,
        installation.another_node().await,
        installation.another_node().await,
    ];
    let tasks: Vec<_> = (0_u32..)
        .zip(&nodes)
        .map(|(node, stores)| {
            let log = stores.logs[0].clone();
            tokio::spawn(async move {
                let mut told = Vec::new();
                for round in 0..ROUNDS {
                    let own = node * 1000 + round;
                    let others = (node + 1) % 3 * 1000 + round;
                    let submissions = (1..=CHATS).flat_map(|number| {
                        let from = if node == 0 { BOB } else { ALICE }.device(1);
                        let other = if (node + 1) % 3 == 0 { BOB } else { ALICE }.device(1);
                        [
                            says(chat(number), from, own),
                            // The other node has this message too, perhaps at this moment.
                            says(chat(number), other, others),
                        ]
                    });
                    told.extend(writes(&log, submissions.collect()).await);
                }
                told
            })
        })
        .collect();
    let everyone = async {
        let mut told = Vec::new();
        for task in tasks {
            told.extend(task.await.unwrap());
        }
        told
    };
    let (told, ()) = tokio::join!(everyone, disturb);
    let mut positions: HashMap<(ChatId, DeviceAddress, MessageId), u64> = HashMap::new();
    for (submission, seq) in told {
        let id = (submission.chat, submission.from, submission.message);
        assert_eq!(
            *positions.entry(id).or_insert(seq),
            seq,
            "two positions for one message"
        );
    }
    for number in 1..=CHATS {
        let entries = log_of(log, chat(number)).await;
        assert_eq!(entries.len(), 3 * ROUNDS as usize, "lost or doubled");
        for (place, (from, message)) in entries.into_iter().enumerate() {
            assert_eq!(positions[&(chat(number), from, message)], place as u64 + 1);
        }
    }
    for node in nodes {
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_write_to_the_same_chats_leave_no_gap_and_double_nothing() {
    let installation = Postgres::open_with_shards(1).await;
    write_from_many_nodes(&installation, async {}).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_lost_lose_nothing_that_was_acknowledged() {
    let installation = Postgres::open_with_shards(1).await;
    let terminate = async {
        let mut connection = installation.connect().await;
        let mut terminated = 0;
        // One at a time, whichever PostgreSQL names first, about as often as a transaction is under way.
        while terminated < 25 {
            let victims: i64 = sqlx::query_scalar(
                "SELECT count(pg_terminate_backend(pid)) FROM (
                     SELECT pid FROM pg_stat_activity
                     WHERE application_name = $1 AND state <> 'idle' AND pid <> pg_backend_pid()
                     ORDER BY random() LIMIT 1) AS victim",
            )
            .bind(installation.log_connections())
            .fetch_one(&mut connection)
            .await
            .unwrap();
            terminated += victims;
            tokio::task::yield_now().await;
        }
    };
    let disturb = tokio::time::timeout(Duration::from_secs(5), terminate);
    Box::pin(write_from_many_nodes(&installation, async {
        let _ = disturb.await;
    }))
    .await;
}

#[tokio::test]
async fn a_chat_that_another_node_holds_waits_and_the_others_do_not() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    log.create_chat(new_chat(2, ALICE, EVE)).await.unwrap();
    let mut other_node = installation.connect().await;
    let mut held = other_node.begin().await.unwrap();
    hold(&mut held, 1).await;
    let submissions = [
        says(chat(1), ALICE.device(1), 1),
        says(chat(2), ALICE.device(1), 2),
        says(chat(1), ALICE.device(1), 3),
    ];
    for seq in [1, 2] {
        let outcomes = write(log, &submissions).await;
        assert_eq!((&outcomes[0], &outcomes[2]), (&Appended::Busy, &Appended::Busy));
        if seq == 1 {
            assert_eq!(position(&outcomes[1]), 1);
        }
    }
    held.rollback().await.unwrap();
    let outcomes = write(log, &submissions).await;
    assert_eq!((position(&outcomes[0]), position(&outcomes[2])), (1, 2));
}

async fn hold(connection: &mut sqlx::PgConnection, number: u8) {
    sqlx::query("SELECT FROM heads WHERE chat = (SELECT key FROM chats WHERE chat = $1) FOR UPDATE")
        .bind(chat(number).as_bytes().as_slice())
        .execute(connection)
        .await
        .unwrap();
}

/// Ready when a connection of the installation waits for a lock.
async fn somebody_waits(installation: &Postgres, connection: &mut sqlx::PgConnection) {
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
        )
        .bind(installation.log_connections())
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        if waiting > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_batch_of_nothing_but_busy_chats_waits_for_one_of_them() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let mut other_node = installation.connect().await;
    let mut watcher = installation.connect().await;
    let mut held = other_node.begin().await.unwrap();
    hold(&mut held, 1).await;
    let (outcome, ()) = tokio::join!(write_one(log, says(chat(1), ALICE.device(1), 1)), async {
        somebody_waits(&installation, &mut watcher).await;
        held.commit().await.unwrap();
    });
    assert_eq!(position(&outcome), 1);
}

#[tokio::test]
async fn a_chat_that_is_always_busy_is_waited_for_in_the_end() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    log.create_chat(new_chat(2, ALICE, EVE)).await.unwrap();
    let mut other_node = installation.connect().await;
    let mut watcher = installation.connect().await;
    let mut held = other_node.begin().await.unwrap();
    hold(&mut held, 1).await;
    let both = |number| {
        [
            says(chat(1), ALICE.device(1), 1),
            says(chat(2), ALICE.device(1), number),
        ]
    };
    let mut number = 2;
    let waits = async {
        loop {
            let outcomes = write(log, &both(number)).await;
            number += 1;
            if outcomes[0] != Appended::Busy {
                break position(&outcomes[0]);
            }
            assert!(number < 50, "never waited for");
        }
    };
    let (seq, ()) = tokio::join!(waits, async {
        somebody_waits(&installation, &mut watcher).await;
        held.commit().await.unwrap();
    });
    assert_eq!(seq, 1);
}

#[tokio::test]
async fn what_waits_for_a_busy_chat_keeps_its_order() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    log.create_chat(new_chat(2, ALICE, EVE)).await.unwrap();
    let mut other_node = installation.connect().await;
    let mut held = other_node.begin().await.unwrap();
    hold(&mut held, 1).await;
    let node = installation.another_node().await;
    let delivery = Delivery::start(
        node.accounts.clone(),
        node.logs.clone(),
        Arc::new(SystemClock),
        DeliverySettings::default(),
    );
    let publishes = async |to: u8, number: u32| {
        let published = delivery
            .publish(ALICE.device(1), chat(to), publication(chat(to), number))
            .await;
        published.unwrap().seq.unwrap().0
    };
    let (first, second, third, ()) = tokio::join!(publishes(1, 1), publishes(1, 2), publishes(1, 3), async {
        assert_eq!(publishes(2, 4).await, 1, "another chat does not wait");
        held.commit().await.unwrap();
    });
    assert_eq!([first, second, third], [1, 2, 3]);
    delivery.shutdown().await;
}

fn publication(chat: ChatId, number: u32) -> Publish {
    // The header of a PrivateMessage with application content in epoch 1 (RFC 9420, section 6.3).
    let mut payload = vec![0, 1, 0, 2, 16];
    payload.extend_from_slice(chat.as_bytes());
    payload.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 1, 1]);
    Publish {
        message: message(number),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: Bytes::from(payload).into(),
    }
}

#[tokio::test]
async fn a_database_that_stalls_is_unavailable() {
    let installation = Postgres::open_with_shards(1).await;
    installation
        .log()
        .create_chat(new_chat(1, ALICE, BOB))
        .await
        .unwrap();
    // Not impatient in connecting: that is done before the stall, on a machine that may be busy.
    let impatient = PostgresSettings {
        statement_timeout: Duration::from_secs(1),
        lock_timeout: Duration::from_millis(200),
        ..settings()
    };
    let node = PostgresStores::open(&installation.accounts, &installation.logs, impatient)
        .await
        .unwrap();
    let mut operator = installation.connect().await;
    let mut held = operator.begin().await.unwrap();
    sqlx::query("LOCK TABLE heads IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *held)
        .await
        .unwrap();
    let submissions = [says(chat(1), ALICE.device(1), 1)];
    let written = node.logs[0].write(batch(&submissions)).await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    let read = node.logs[0]
        .standings(ALICE.device(1), ListPosition::default(), 1)
        .await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    held.rollback().await.unwrap();
    // It may be as slow again while it recovers: whoever sends sends again.
    let outcomes = loop {
        match node.logs[0].write(batch(&submissions)).await {
            Err(StoreError::Unavailable(_)) => {}
            written => break written.unwrap(),
        }
    };
    assert_eq!(position(&outcomes[0]), 1);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_still_handed_on() {
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let installation = Postgres::open_with_shards(1).await;
        let log = installation.log();
        log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
        let earlier = says(chat(1), ALICE.device(1), 9);
        write_one(log, earlier.clone()).await;
        let proxy = Proxy::start();
        let wire = installation.logs[0].clone().socket(proxy.folder());
        let node = PostgresStores::open(&installation.accounts, &[wire], settings())
            .await
            .unwrap();
        let submissions = [
            says(chat(1), ALICE.device(1), 1),
            earlier,
            commits(chat(1), BOB.device(1), 2).adding(BOB.device(2)),
        ];
        proxy.cut(cut);
        let outcomes = node.logs[0].write(batch(&submissions)).await.unwrap();
        assert!(proxy.was_cut());
        let Appended::Accepted { seq, members, .. } = &outcomes[0] else {
            panic!("{cut:?}: {:?}", outcomes[0]);
        };
        assert_eq!((seq, members.len()), (&Some(Seq(2)), 2));
        assert_eq!(outcomes[1], Appended::Duplicate { seq: Seq(1), at: NOW });
        let Appended::Accepted { seq, members, .. } = &outcomes[2] else {
            panic!("{cut:?}: {:?}", outcomes[2]);
        };
        assert_eq!((seq, members.len()), (&Some(Seq(3)), 3));
        assert_eq!(log_of(log, chat(1)).await.len(), 3);
        assert_eq!(log.members(chat(1)).await.unwrap().unwrap().len(), 3);
        node.close().await;
    }
}

#[tokio::test]
async fn a_long_batch_whose_answer_is_lost_is_still_handed_on() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let proxy = Proxy::start();
    let wire = installation.logs[0].clone().socket(proxy.folder());
    let node = PostgresStores::open(&installation.accounts, &[wire], settings())
        .await
        .unwrap();
    // When it is tried again, the log ends further behind what the senders have read than anything is looked for.
    let numbers = 1..=u32::try_from(UNREAD_ENTRIES).unwrap() + 100;
    let submissions: Vec<_> = numbers
        .map(|number| says(chat(1), ALICE.device(1), number))
        .collect();
    proxy.cut(Cut::AfterCommit);
    let outcomes = node.logs[0].write(batch(&submissions)).await.unwrap();
    assert!(proxy.was_cut());
    for (outcome, seq) in outcomes.iter().zip(1..) {
        assert_eq!(position(outcome), seq);
    }
    assert_eq!(log_of(log, chat(1)).await.len(), submissions.len());
    node.close().await;
}

#[tokio::test]
async fn a_retry_is_recognised_on_every_node_whichever_wrote_last() {
    let installation = Postgres::open_with_shards(1).await;
    let (one, other) = (installation.log(), &installation.another_node().await.logs[0]);
    one.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let alice = ALICE.device(1);
    for number in 1..=200 {
        // In turns of ten, so that each has written what is at the end and what is before it.
        let log = if number / 10 % 2 == 0 { one } else { other };
        let new = says(chat(1), alice, number).after(u64::from(number) - 1);
        assert_eq!(position(&write_one(log, new).await), u64::from(number));
        for log in [one, other] {
            for earlier in [1, number / 2, number.saturating_sub(12), number] {
                let earlier = earlier.max(1);
                let retry = says(chat(1), alice, earlier).after(u64::from(earlier) - 1);
                let seq = Seq(u64::from(earlier));
                assert_eq!(write_one(log, retry).await, Appended::Duplicate { seq, at: NOW });
            }
        }
    }
}

#[tokio::test]
async fn a_node_learns_of_members_that_another_node_changed() {
    let installation = Postgres::open_with_shards(1).await;
    let (one, other) = (installation.log(), &installation.another_node().await.logs[0]);
    one.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    for log in [one, other] {
        write_one(log, says(chat(1), ALICE.device(1), 1)).await;
    }
    write_one(one, commits(chat(1), ALICE.device(1), 2).adding(ALICE.device(2))).await;
    let stale = write_one(other, says(chat(1), BOB.device(1), 3)).await;
    assert_eq!(refusal(&stale), sotto_protocol::ProblemCode::StaleEpoch);
    let by_the_new_device = says(chat(1), ALICE.device(2), 3).in_epoch(2);
    assert_eq!(position(&write_one(other, by_the_new_device.clone()).await), 3);
    one.remove_devices(&[ALICE.device(2)]).await.unwrap();
    let departed = write_one(other, says(chat(1), ALICE.device(2), 4).in_epoch(2)).await;
    assert_eq!(refusal(&departed), sotto_protocol::ProblemCode::ChatNotFound);
    let back = write_one(other, commits(chat(1), ALICE.device(2), 5).in_epoch(2).joining()).await;
    assert_eq!(refusal(&back), sotto_protocol::ProblemCode::ChatNotFound);
    assert_eq!(
        write_one(one, by_the_new_device).await,
        Appended::Duplicate { seq: Seq(3), at: NOW }
    );
}

#[tokio::test]
async fn nodes_that_bring_in_the_same_devices_at_once_do_not_disturb_each_other() {
    let installation = Postgres::open_with_shards(1).await;
    let nodes = [
        installation.another_node().await,
        installation.another_node().await,
    ];
    for number in 1..=20 {
        installation
            .log()
            .create_chat(new_chat(number, ALICE, BOB))
            .await
            .unwrap();
    }
    let add = |node: usize| {
        let log = nodes[node].logs[0].clone();
        async move {
            for number in 1..=10 {
                let to = chat(number * 2 - u8::try_from(node).unwrap());
                let commit = commits(to, ALICE.device(1), 1).adding(BOB.device(number + 1));
                assert_eq!(position(&write_one(&log, commit).await), 1);
            }
        }
    };
    tokio::join!(add(0), add(1));
}

#[tokio::test]
async fn a_cursor_of_two_nodes_only_moves_on() {
    let installation = Postgres::open_with_shards(1).await;
    let (one, other) = (installation.log(), &installation.another_node().await.logs[0]);
    one.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let submissions: Vec<_> = (1..=20)
        .map(|number| says(chat(1), ALICE.device(1), number))
        .collect();
    write(one, &submissions).await;
    let acknowledges = async |log: &PostgresLog, seqs: std::ops::RangeInclusive<u64>| {
        for seq in seqs {
            let cursor = CursorAdvance {
                device: BOB.device(1),
                chat: chat(1),
                acknowledged: Seq(seq),
            };
            let batch = WriteBatch {
                cursors: &[cursor],
                ..batch(&[])
            };
            log.write(batch).await.unwrap();
        }
    };
    tokio::join!(acknowledges(one, 1..=20), acknowledges(other, 1..=10));
    let standings = one
        .standings(BOB.device(1), ListPosition::default(), 1)
        .await
        .unwrap();
    assert_eq!(standings[0].acknowledged, Some(Seq(20)));
}

#[tokio::test]
async fn what_one_node_silences_every_node_refuses_at_once() {
    let installation = Postgres::open_with_shards(1).await;
    let one = installation.log();
    one.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let other = installation.another_node().await;
    let other = &other.logs[0];
    assert_eq!(
        position(&write_one(one, says(chat(1), BOB.device(1), 1)).await),
        1
    );
    assert!(other.silence(chat(1), BOB.account(), true).await.unwrap());
    let refused = write_one(one, says(chat(1), BOB.device(1), 2)).await;
    assert_eq!(refusal(&refused), sotto_protocol::ProblemCode::Undeliverable);
    assert!(one.silence(chat(1), BOB.account(), false).await.unwrap());
    assert_eq!(
        position(&write_one(other, says(chat(1), BOB.device(1), 3)).await),
        2
    );
    assert_eq!(
        position(&write_one(one, says(chat(1), BOB.device(1), 4)).await),
        3
    );
}
