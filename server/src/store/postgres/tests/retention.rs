//! What is left on disk of messages that are to vanish.

use super::{Postgres, settings};
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::contract::log_append::whole_log;
use crate::store::postgres::PostgresStores;
use crate::store::{
    Appended, ArchiveAllowance, ArchiveStore as _, ArchiveWrite, Deleted, Deletion, LogStore as _,
    NewSegment, PageRange, Submission,
};
use crate::test_postgres::PostgresServer;
use bytes::Bytes;
use sotto_protocol::frame::EntryKind;
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{Retention, SegmentId, Seq};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

fn timed(number: u32, seconds: u32, payload: Vec<u8>) -> Submission {
    Submission {
        payload: Bytes::from(payload),
        ..says(chat(1), ALICE.device(1), number).kept(Retention::For { seconds })
    }
}

#[tokio::test]
async fn what_has_expired_can_be_read_from_no_file_any_more() {
    // Its own server: what other tests' transactions can still see would stay.
    let server = PostgresServer::start(&["wal_recycle=off", "autovacuum=off"]);
    let place = async |schema: &str| {
        let options: PgConnectOptions = server.url(schema).parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        let create = format!("CREATE SCHEMA {schema}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut connection)
            .await
            .unwrap();
        (options, connection)
    };
    let (accounts, _) = place("accounts").await;
    let (shard, mut operator) = place("log_0").await;
    let stores = PostgresStores::open(&accounts, &[shard], settings())
        .await
        .unwrap();
    let log = &stores.logs[0];
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let secret = b"a payload that was promised to vanish".to_vec();
    let kept = b"a payload that is kept".to_vec();
    write(
        log,
        &[
            timed(1, 10, secret.clone()),
            timed(2, 10, secret.repeat(1000)),
            timed(3, 86_400, secret.clone()),
            Submission {
                payload: Bytes::from(kept.clone()),
                ..says(chat(1), ALICE.device(1), 4)
            },
        ],
    )
    .await;
    let read = whole_log(log, BOB.device(1), chat(1)).await;
    assert_eq!(read.entries[0].payload, secret);
    assert_eq!(read.entries[1].payload, secret.repeat(1000));
    assert_eq!(read.entries[2].payload, secret);
    sqlx::raw_sql("CHECKPOINT").execute(&mut operator).await.unwrap();
    assert!(server.has_on_disk(&kept));
    assert!(!server.has_on_disk(&secret), "not even before its time");
    let keys: Vec<Vec<u8>> = sqlx::query_scalar("SELECT key FROM retention_keys ORDER BY ends_at")
        .fetch_all(&mut operator)
        .await
        .unwrap();
    assert!(keys.iter().all(|key| server.has_on_disk(key)));

    let end = NOW.plus_millis(20_000);
    let expired = log.expire(end, 10).await.unwrap();
    assert_eq!(expired.erased, 2);
    // What an operator's settings do in time: see docs/databases.md.
    sqlx::raw_sql("SELECT pg_switch_wal()")
        .execute(&mut operator)
        .await
        .unwrap();
    sqlx::raw_sql("CHECKPOINT").execute(&mut operator).await.unwrap();
    assert!(!server.has_on_disk(&keys[0]), "the key of what is over");
    assert!(server.has_on_disk(&keys[1]), "the key of what is not");
    let range = PageRange {
        after: None,
        before: None,
        limit: 10,
    };
    let page = log
        .page(BOB.device(1), chat(1), range, end)
        .await
        .unwrap()
        .unwrap();
    let kinds: Vec<_> = page.entries.iter().map(|entry| entry.kind).collect();
    let (gone, there) = (EntryKind::Deleted, EntryKind::Application);
    assert_eq!(kinds, [gone, gone, there, there]);
    assert_eq!(page.entries[2].payload, secret);
    operator.close().await.unwrap();
    stores.close().await;
}

#[tokio::test]
async fn a_segment_that_is_over_can_be_read_from_no_file_any_more() {
    // Its own server: what other tests' transactions can still see would stay.
    let server = PostgresServer::start(&["wal_recycle=off", "autovacuum=off"]);
    let mut places = Vec::new();
    for schema in ["accounts", "log_0"] {
        let options: PgConnectOptions = server.url(schema).parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
            .execute(&mut connection)
            .await
            .unwrap();
        places.push((options, connection));
    }
    let (shard, _) = places.pop().unwrap();
    let (accounts, mut operator) = places.pop().unwrap();
    let stores = PostgresStores::open(&accounts, &[shard], settings())
        .await
        .unwrap();
    let archives = &stores.accounts;
    crate::store::AccountStore::create_account(archives, ALICE.registration())
        .await
        .unwrap();
    let secret = b"a segment that was promised to vanish".to_vec();
    let kept = b"a segment that is kept".to_vec();
    let ids = [1, 2, 3].map(|number| SegmentId::from_bytes([number; 16]));
    let ends =
        [Some(10_000), Some(86_400_000), None].map(|millis| millis.map(|millis| NOW.plus_millis(millis)));
    let sealed = [secret.repeat(1000), secret.clone(), kept.clone()];
    let adds = ids.into_iter().zip(ends).zip(sealed);
    let write = ArchiveWrite {
        by: ALICE.device(1),
        chat: chat(1),
        replaces: 0,
        index: Bytes::from_static(b"index"),
        adds: adds
            .map(|((segment, ends_at), sealed)| NewSegment {
                segment,
                sealed: sealed.into(),
                ends_at,
            })
            .collect(),
        removes: Vec::new(),
        releases: false,
        at: NOW,
    };
    let allowance = ArchiveAllowance {
        bytes: 1 << 30,
        segments: 10,
        chats: 10,
    };
    assert_eq!(archives.write_archive(write, allowance).await.unwrap(), 1);
    sqlx::raw_sql("CHECKPOINT").execute(&mut operator).await.unwrap();
    assert!(server.has_on_disk(&kept));
    assert!(!server.has_on_disk(&secret), "not even before its time");
    let keys: Vec<Vec<u8>> = sqlx::query_scalar("SELECT key FROM accounts.retention_keys ORDER BY ends_at")
        .fetch_all(&mut operator)
        .await
        .unwrap();
    assert!(keys.iter().all(|key| server.has_on_disk(key)));

    let end = NOW.plus_millis(20_000);
    assert_eq!(archives.sweep_archives(end, 10).await.unwrap().erased, 1);
    // What an operator's settings do in time: see docs/databases.md.
    sqlx::raw_sql("SELECT pg_switch_wal()")
        .execute(&mut operator)
        .await
        .unwrap();
    sqlx::raw_sql("CHECKPOINT").execute(&mut operator).await.unwrap();
    assert!(!server.has_on_disk(&keys[0]), "the key of what is over");
    assert!(server.has_on_disk(&keys[1]), "the key of what is not");
    let found = archives.archive_segments(ALICE.account(), chat(1), &ids, end);
    let found = found.await.unwrap().segments.into_iter();
    let found: Vec<_> = found.map(|found| found.sealed).collect();
    assert_eq!(found, [secret, kept]);
    operator.close().await.unwrap();
    stores.close().await;
}

#[tokio::test]
async fn a_fleeting_message_is_never_on_disk() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let fleeting = b"a payload that nobody ever writes down";
    let submission = Submission {
        payload: Bytes::from_static(fleeting),
        ..says(chat(1), ALICE.device(1), 1).kept(Retention::Never)
    };
    write_one(log, submission).await;
    assert!(!PostgresServer::shared().has_on_disk(fleeting));
}

#[tokio::test]
async fn a_payload_whose_key_another_nodes_clock_has_destroyed_is_over() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_one(log, timed(1, 10, b"timed".to_vec())).await;
    installation.operate("DELETE FROM retention_keys").await;
    let other = installation.another_node().await;
    let entries = whole_log(&other.logs[0], BOB.device(1), chat(1)).await.entries;
    assert_eq!(entries[0].kind, EntryKind::Deleted);
    assert!(entries[0].payload.is_empty());
}

#[tokio::test]
async fn what_one_node_has_deleted_no_other_shows_nor_takes_again() {
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let node = installation.another_node().await;
    let other = &node.logs[0];
    let kept = says(chat(1), ALICE.device(1), 1);
    let submissions = [kept.clone(), timed(2, 600, b"timed".to_vec())];
    write(log, &submissions).await;
    // It has read both, and has the timed one's key.
    let read = whole_log(other, BOB.device(1), chat(1)).await;
    assert!(read.entries.iter().all(|entry| !entry.payload.is_empty()));
    let named = |number: u32| NamedEntry {
        seq: Seq(number.into()),
        message: message(number),
    };
    let deletion = Deletion {
        chat: chat(1),
        by: ALICE.device(1),
        entries: vec![named(1), named(2)],
        at: NOW,
    };
    let deleted = log.delete_entries(deletion.clone()).await.unwrap();
    assert_eq!(deleted, Some(Deleted::Erased));
    for entry in whole_log(other, BOB.device(1), chat(1)).await.entries {
        assert_eq!(entry.kind, EntryKind::Deleted);
        assert!(entry.payload.is_empty());
    }
    let again = other.delete_entries(deletion).await.unwrap();
    assert_eq!(again, Some(Deleted::Erased));
    let retry = write_one(other, kept).await;
    assert_eq!(retry, Appended::Duplicate { seq: Seq(1), at: NOW });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_deletes_writes_and_sweeps_on_several_nodes_at_once_does_not_stop_the_others() {
    const ENTRIES: u32 = 100;
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let submissions: Vec<_> = (1..=ENTRIES)
        .map(|number| timed(number, 10, b"timed".to_vec()))
        .collect();
    write(log, &submissions).await;
    let mut tasks = Vec::new();
    for backwards in [false, true] {
        let node = installation.another_node().await;
        let mut entries: Vec<_> = (1..=ENTRIES)
            .map(|number| NamedEntry {
                seq: Seq(number.into()),
                message: message(number),
            })
            .collect();
        if backwards {
            entries.reverse();
        }
        tasks.push(tokio::spawn(async move {
            for entries in entries.chunks(10) {
                let deletion = Deletion {
                    chat: chat(1),
                    by: ALICE.device(1),
                    entries: entries.to_vec(),
                    at: NOW,
                };
                let deleted = node.logs[0].delete_entries(deletion).await.unwrap();
                assert_eq!(deleted, Some(Deleted::Erased));
            }
        }));
    }
    let node = installation.another_node().await;
    tasks.push(tokio::spawn(async move {
        let end = NOW.plus_millis(10_000);
        while node.logs[0].expire(end, 7).await.unwrap().more {}
    }));
    let node = installation.another_node().await;
    tasks.push(tokio::spawn(async move {
        for number in ENTRIES + 1..=ENTRIES + 30 {
            let said = says(chat(1), BOB.device(1), number).after(u64::from(ENTRIES));
            position(&write_one(&node.logs[0], said).await);
        }
    }));
    for task in tasks {
        task.await.unwrap();
    }
    let page = whole_log(log, BOB.device(1), chat(1)).await;
    let there = page.entries.iter().filter(|entry| !entry.payload.is_empty());
    assert!(there.eq(page.entries.iter().skip(ENTRIES as usize)));
    assert_eq!(page.last, Seq(u64::from(ENTRIES) + 30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sweeps_of_several_nodes_share_the_work() {
    const ENTRIES: u32 = 200;
    let installation = Postgres::open_with_shards(1).await;
    let log = installation.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let submissions: Vec<_> = (0..ENTRIES)
        .map(|number| timed(number, 10, b"timed".to_vec()))
        .collect();
    write(log, &submissions).await;
    let end = NOW.plus_millis(30_000);
    let mut sweeps = Vec::new();
    for _ in 0..3 {
        let node = installation.another_node().await;
        sweeps.push(tokio::spawn(async move {
            let mut erased = 0;
            loop {
                let expired = node.logs[0].expire(end, 7).await.unwrap();
                erased += expired.erased;
                if !expired.more {
                    return erased;
                }
            }
        }));
    }
    let mut erased = 0;
    for sweep in sweeps {
        erased += sweep.await.unwrap();
    }
    assert_eq!(erased + log.expire(end, 500).await.unwrap().erased, ENTRIES);
    let range = PageRange {
        after: None,
        before: None,
        limit: u16::MAX,
    };
    let page = log
        .page(BOB.device(1), chat(1), range, NOW)
        .await
        .unwrap()
        .unwrap();
    assert!(page.entries.iter().all(|entry| entry.kind == EntryKind::Deleted));
}
