//! What goes at its time: from the pages, the write-ahead log and the file's size.

use super::Sqlite;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::{Deleted, Deletion, LogStore as _, PageRange, Submission};
use bytes::Bytes;
use memchr::memmem;
use sotto_protocol::frame::{Entry, EntryKind};
use sotto_protocol::rest::chat::NamedEntry;
use sotto_protocol::{Retention, Seq, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::collections::BTreeSet;
use tempfile::TempDir;

/// Milliseconds after which what is kept for ten seconds, and its key, are over.
const OVER: u64 = 20_000;

/// Whether any file of the folder has these bytes.
pub(super) fn is_on_disk(folder: &TempDir, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder.path()).unwrap().any(|file| {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        memmem::find(&content, bytes).is_some()
    })
}

fn timed(number: u32, seconds: u32, payload: Vec<u8>) -> Submission {
    Submission {
        payload: Bytes::from(payload),
        ..says(chat(1), ALICE.device(1), number).kept(Retention::For { seconds })
    }
}

/// Whoever operates the server, at its files.
async fn operator(sqlite: &Sqlite) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(sqlite.folder.path().join("log-0.db"));
    options.connect().await.unwrap()
}

/// The keys there are, those first whose payloads are over first.
pub(super) async fn keys(sqlite: &Sqlite) -> Vec<Vec<u8>> {
    let mut operator = operator(sqlite).await;
    let keys = sqlx::query_scalar("SELECT key FROM retention_keys ORDER BY ends_at, width")
        .fetch_all(&mut operator)
        .await
        .unwrap();
    operator.close().await.unwrap();
    keys
}

async fn entry(sqlite: &Sqlite, seq: u64, at: Timestamp) -> Entry {
    let range = PageRange {
        after: Some(Seq(seq - 1)),
        before: None,
        limit: 1,
    };
    let page = sqlite.log().page(BOB.device(1), chat(1), range, at).await;
    page.unwrap().unwrap().entries.remove(0)
}

#[tokio::test]
async fn a_timed_payload_is_never_on_disk_unsealed_and_its_key_no_more_when_it_is_over() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let secret = b"a payload that was promised to vanish".to_vec();
    let submissions = [
        timed(1, 10, secret.clone()),
        timed(2, 10, secret.repeat(1000)),
        timed(3, 86_400, secret.clone()),
    ];
    write(log, &submissions).await;
    let sqlite = sqlite.reopen().await;
    for (seq, submission) in (1..).zip(&submissions) {
        assert_eq!(entry(&sqlite, seq, NOW).await.payload, submission.payload);
    }
    assert!(!is_on_disk(&sqlite.folder, &secret), "not even before its time");
    let keys = keys(&sqlite).await;
    assert!(keys.iter().all(|key| is_on_disk(&sqlite.folder, key)));

    let end = NOW.plus_millis(OVER);
    assert_eq!(sqlite.log().expire(end, 10).await.unwrap().erased, 2);
    assert!(!is_on_disk(&sqlite.folder, &keys[0]), "the key of what is over");
    assert!(is_on_disk(&sqlite.folder, &keys[1]), "the key of what is not");
    for seq in [1, 2] {
        let gone = entry(&sqlite, seq, NOW).await;
        assert_eq!((gone.kind, gone.payload.len()), (EntryKind::Deleted, 0));
    }
    assert_eq!(entry(&sqlite, 3, end).await.payload, secret);
}

#[tokio::test]
async fn however_rows_move_no_key_is_left_when_its_time_is_over() {
    const ENTRIES: u32 = 3000;
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    // In every order, so that what is over and what is not lie side by side.
    let seconds = [10, 3600, 25, 86_400, 60, 10 * 86_400, 300];
    let submissions: Vec<_> = (0..ENTRIES)
        .zip(seconds.into_iter().cycle())
        .map(|(number, seconds)| timed(number, seconds, vec![7; 300]))
        .collect();
    for batch in submissions.chunks(100) {
        write(log, batch).await;
    }
    let all = keys(&sqlite).await;
    assert_eq!(all.len(), seconds.len());
    for after in [OVER, 100_000, 4_000_000, 90_000_000, 900_000_000] {
        while log.expire(NOW.plus_millis(after), 100).await.unwrap().more {}
        let kept = keys(&sqlite).await;
        for key in &all {
            assert_eq!(
                is_on_disk(&sqlite.folder, key),
                kept.contains(key),
                "after {after} ms"
            );
        }
    }
    assert!(keys(&sqlite).await.is_empty());
}

#[tokio::test]
async fn what_a_reader_keeps_in_the_wal_goes_with_a_later_sweep() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_one(log, timed(1, 10, b"timed".to_vec())).await;
    let key = keys(&sqlite).await.remove(0);
    let mut reader = operator(&sqlite).await;
    let mut snapshot = reader.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM entries")
        .execute(&mut *snapshot)
        .await
        .unwrap();
    let end = NOW.plus_millis(OVER);
    assert_eq!(log.expire(end, 10).await.unwrap().erased, 1);
    assert!(is_on_disk(&sqlite.folder, &key));
    snapshot.rollback().await.unwrap();
    assert_eq!(log.expire(end, 10).await.unwrap().erased, 0);
    assert!(!is_on_disk(&sqlite.folder, &key));
}

#[tokio::test]
async fn the_room_of_what_is_over_is_used_again() {
    const PAYLOAD: usize = 400;
    const TIMES: u32 = 10;
    const ENTRIES: u32 = 2000;
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    for time in 0..TIMES {
        let timed: Vec<_> = (0..ENTRIES)
            .map(|number| timed(time * ENTRIES + number, 10, vec![7; PAYLOAD]))
            .collect();
        write(log, &timed).await;
        while log.expire(NOW.plus_millis(OVER), 1000).await.unwrap().more {}
    }
    // What stays is a position and who wrote it. The payloads of one time need room, not those of all.
    let file = std::fs::metadata(sqlite.folder.path().join("log-0.db")).unwrap();
    let positions = usize::try_from(TIMES * ENTRIES).unwrap() * 120;
    let payloads = usize::try_from(ENTRIES).unwrap() * PAYLOAD;
    let most = u64::try_from(positions + 2 * payloads).unwrap();
    assert!(file.len() < most, "{} bytes", file.len());
}

#[tokio::test]
async fn payloads_that_an_older_version_kept_among_the_entries_are_read_and_vanish() {
    let sqlite = Sqlite::open().await;
    sqlite.log().create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_one(sqlite.log(), timed(1, 10, b"sealed".to_vec())).await;
    let mut operator = operator(&sqlite).await;
    sqlx::raw_sql(
        "UPDATE entries SET payload = CAST('kept for ten seconds' AS BLOB), expires_at = accepted_at + 10000;
         DELETE FROM timed_payloads; DELETE FROM retention_keys",
    )
    .execute(&mut operator)
    .await
    .unwrap();
    operator.close().await.unwrap();
    assert_eq!(entry(&sqlite, 1, NOW).await.payload, "kept for ten seconds");
    let expired = sqlite.log().expire(NOW.plus_millis(10_000), 10).await.unwrap();
    assert_eq!(expired.erased, 1);
    assert_eq!(entry(&sqlite, 1, NOW).await.kind, EntryKind::Deleted);
    assert!(!is_on_disk(&sqlite.folder, b"kept for ten seconds"));
}

/// Alice deletes the messages with these numbers at these positions.
async fn deletes(sqlite: &Sqlite, messages: impl IntoIterator<Item = (u64, u32)>) {
    let entries = messages.into_iter().map(|(seq, number)| NamedEntry {
        seq: Seq(seq),
        message: message(number),
    });
    let deletion = Deletion {
        chat: chat(1),
        by: ALICE.device(1),
        entries: entries.collect(),
        at: NOW,
    };
    let deleted = sqlite.log().delete_entries(deletion).await.unwrap();
    assert_eq!(deleted, Some(Deleted::Erased));
}

#[tokio::test]
async fn what_was_deleted_is_in_no_file_after_the_next_sweep() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let kept = |number: u32, payload: Vec<u8>| Submission {
        payload: Bytes::from(payload),
        ..says(chat(1), ALICE.device(1), number)
    };
    let deleted = b"a payload that is to be deleted".to_vec();
    let stays = b"a payload that stays beside it".to_vec();
    let submissions = [
        kept(1, stays.clone()),
        kept(2, deleted.clone()),
        // Over several pages.
        kept(3, deleted.repeat(1000)),
        timed(4, 86_400, deleted.clone()),
        kept(5, stays.repeat(1000)),
    ];
    write(log, &submissions).await;
    assert!(is_on_disk(&sqlite.folder, &deleted));
    let sealed: Vec<u8> = {
        let mut operator = operator(&sqlite).await;
        let sealed = sqlx::query_scalar("SELECT payload FROM timed_payloads");
        sealed.fetch_one(&mut operator).await.unwrap()
    };
    deletes(&sqlite, [(2, 2), (3, 3), (4, 4)]).await;
    assert_eq!(log.expire(NOW, 10).await.unwrap().erased, 0);
    assert!(!is_on_disk(&sqlite.folder, &deleted));
    assert!(!is_on_disk(&sqlite.folder, &sealed));
    for seq in [2, 3, 4] {
        let gone = entry(&sqlite, seq, NOW).await;
        assert_eq!((gone.kind, gone.payload.len()), (EntryKind::Deleted, 0));
    }
    assert_eq!(entry(&sqlite, 1, NOW).await.payload, stays);
    assert_eq!(entry(&sqlite, 5, NOW).await.payload, stays.repeat(1000));
}

#[tokio::test]
async fn of_many_messages_side_by_side_those_that_were_deleted_are_on_no_page() {
    const ENTRIES: u32 = 1500;
    let payload = |number: u32| format!("<message {number:04}>").repeat(1 + number as usize % 17);
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let submissions: Vec<_> = (1..=ENTRIES)
        .map(|number| Submission {
            payload: payload(number).into(),
            ..says(chat(1), ALICE.device(1), number).after(u64::from(number - 1))
        })
        .collect();
    let is_deleted = |number: &u32| !number.is_multiple_of(3);
    let mut written = 0;
    // Others are written meanwhile, and the rest of a page that something was deleted from is used again.
    for batch in submissions.chunks(300) {
        write(log, batch).await;
        let numbers = (written + 1..=written + 300).filter(is_deleted);
        let named: Vec<_> = numbers.map(|number| (u64::from(number), number)).collect();
        for request in named.chunks(100) {
            deletes(&sqlite, request.iter().copied()).await;
        }
        written += 300;
    }
    log.expire(NOW, 10).await.unwrap();
    let mut files = Vec::new();
    for file in std::fs::read_dir(sqlite.folder.path()).unwrap() {
        files.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let found: BTreeSet<u32> = memmem::find_iter(&files, b"<message ")
        .filter_map(|start| {
            std::str::from_utf8(files.get(start + 9..start + 13)?)
                .ok()?
                .parse()
                .ok()
        })
        .collect();
    let kept: BTreeSet<u32> = (1..=ENTRIES).filter(|number| !is_deleted(number)).collect();
    assert_eq!(found, kept);
}

#[tokio::test]
async fn what_was_deleted_goes_from_the_wal_when_no_reader_is_in_the_way() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    // Nothing is left to be emptied of what was before.
    log.expire(NOW, 10).await.unwrap();
    write_one(log, says(chat(1), ALICE.device(1), 1)).await;
    let mut reader = operator(&sqlite).await;
    let mut snapshot = reader.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM entries")
        .execute(&mut *snapshot)
        .await
        .unwrap();
    deletes(&sqlite, [(1, 1)]).await;
    log.expire(NOW, 10).await.unwrap();
    assert!(is_on_disk(&sqlite.folder, b"message 1"));
    snapshot.rollback().await.unwrap();
    log.expire(NOW, 10).await.unwrap();
    assert!(!is_on_disk(&sqlite.folder, b"message 1"));
}

#[tokio::test]
async fn a_fleeting_message_is_never_on_disk() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_one(log, says(chat(1), ALICE.device(1), 1).kept(Retention::Never)).await;
    assert!(!is_on_disk(&sqlite.folder, b"message 1"));
}
