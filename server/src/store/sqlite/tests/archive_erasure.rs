//! What is left on disk of archives.

use super::Sqlite;
use super::retention::is_on_disk;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::{AccountStore as _, ArchiveAllowance, ArchiveStore as _, ArchiveWrite, NewSegment};
use bytes::Bytes;
use sotto_protocol::{SegmentId, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

const PLENTY: ArchiveAllowance = ArchiveAllowance {
    bytes: u64::MAX >> 1,
    segments: 1000,
    chats: 1000,
};

/// A write to Alice's archive of chat 1 that adds segments, of which some are timed.
fn adding(replaces: u64, segments: &[(u8, &[u8], Option<Timestamp>)]) -> ArchiveWrite {
    let adds = segments.iter().map(|&(number, sealed, ends_at)| NewSegment {
        segment: SegmentId::from_bytes([number; 16]),
        sealed: Bytes::copy_from_slice(sealed),
        ends_at,
    });
    ArchiveWrite {
        by: ALICE.device(1),
        chat: chat(1),
        replaces,
        index: Bytes::from(format!("the index that replaces {replaces}")),
        adds: adds.collect(),
        removes: Vec::new(),
        releases: false,
        at: NOW,
    }
}

fn removing(replaces: u64, numbers: &[u8]) -> ArchiveWrite {
    let removes = numbers.iter().map(|&number| SegmentId::from_bytes([number; 16]));
    ArchiveWrite {
        removes: removes.collect(),
        ..adding(replaces, &[])
    }
}

async fn write(sqlite: &Sqlite, write: ArchiveWrite) {
    sqlite.accounts().write_archive(write, PLENTY).await.unwrap();
}

async fn sweep(sqlite: &Sqlite, now: Timestamp) {
    while sqlite.accounts().sweep_archives(now, 4).await.unwrap().more {}
}

async fn operator(sqlite: &Sqlite) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(sqlite.folder.path().join("sotto.db"));
    options.connect().await.unwrap()
}

async fn keys(sqlite: &Sqlite) -> Vec<Vec<u8>> {
    let mut operator = operator(sqlite).await;
    let keys = sqlx::query_scalar("SELECT key FROM retention_keys ORDER BY ends_at, width")
        .fetch_all(&mut operator)
        .await
        .unwrap();
    operator.close().await.unwrap();
    keys
}

#[tokio::test]
async fn a_timed_segment_is_never_on_disk_unsealed_and_its_key_no_more_when_it_is_over() {
    let sqlite = Sqlite::open().await;
    ALICE.registers(&sqlite).await;
    let secret = b"a segment that was promised to vanish".to_vec();
    let (soon, later) = (NOW.plus_millis(10_000), NOW.plus_millis(86_400_000));
    let segments: [(u8, &[u8], _); 3] = [
        (1, &secret, Some(soon)),
        (2, &secret.repeat(1000), Some(soon)),
        (3, &secret, Some(later)),
    ];
    write(&sqlite, adding(0, &segments)).await;
    let sqlite = sqlite.reopen().await;
    assert!(!is_on_disk(&sqlite.folder, &secret), "not even before its time");
    let keys = keys(&sqlite).await;
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| is_on_disk(&sqlite.folder, key)));
    let end = NOW.plus_millis(20_000);
    sweep(&sqlite, end).await;
    assert!(!is_on_disk(&sqlite.folder, &keys[0]), "the key of what is over");
    assert!(is_on_disk(&sqlite.folder, &keys[1]), "the key of what is not");
    let ids = [1, 2, 3].map(|number| SegmentId::from_bytes([number; 16]));
    let found = sqlite
        .accounts()
        .archive_segments(ALICE.account(), chat(1), &ids, NOW);
    let found = found.await.unwrap().segments;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].sealed, secret);
}

#[tokio::test]
async fn what_was_removed_from_an_archive_is_in_no_file_after_the_next_sweep() {
    let sqlite = Sqlite::open().await;
    ALICE.registers(&sqlite).await;
    let removed = b"a segment that is to be removed".to_vec();
    let stays = b"a segment that stays beside it".to_vec();
    let segments: [(u8, &[u8], _); 4] = [
        (1, &stays, None),
        (2, &removed, None),
        // Over several pages.
        (3, &removed.repeat(1000), None),
        (4, &stays.repeat(1000), None),
    ];
    write(&sqlite, adding(0, &segments)).await;
    sweep(&sqlite, NOW).await;
    assert!(is_on_disk(&sqlite.folder, &removed));
    write(&sqlite, removing(1, &[2, 3])).await;
    sweep(&sqlite, NOW).await;
    assert!(!is_on_disk(&sqlite.folder, &removed));
    assert!(!is_on_disk(&sqlite.folder, b"the index that replaces 0"));
    assert!(is_on_disk(&sqlite.folder, b"the index that replaces 1"));
    assert!(is_on_disk(&sqlite.folder, &stays));
}

#[tokio::test]
async fn of_a_deleted_account_no_archive_is_in_any_file_after_the_next_sweep() {
    let sqlite = Sqlite::open().await;
    ALICE.registers(&sqlite).await;
    let secret = b"a segment of somebody who is gone".repeat(500);
    let segments: [(u8, &[u8], _); 3] = [(1, &secret, None), (2, &secret, None), (3, b"small", None)];
    write(&sqlite, adding(0, &segments)).await;
    let accounts = sqlite.accounts();
    assert!(accounts.delete_account(ALICE.account(), NOW).await.unwrap());
    // The server was stopped before it got to it.
    let sqlite = sqlite.reopen().await;
    sweep(&sqlite, NOW).await;
    assert!(!is_on_disk(&sqlite.folder, b"somebody who is gone"));
    assert!(!is_on_disk(&sqlite.folder, b"the index that replaces"));
}

#[tokio::test]
async fn what_a_reader_keeps_of_an_archive_in_the_wal_goes_with_a_later_sweep() {
    let sqlite = Sqlite::open().await;
    ALICE.registers(&sqlite).await;
    // Nothing is left to be emptied of what was before.
    sweep(&sqlite, NOW).await;
    write(&sqlite, adding(0, &[(1, b"to be removed", None)])).await;
    let mut reader = operator(&sqlite).await;
    let mut snapshot = reader.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM archive_contents")
        .execute(&mut *snapshot)
        .await
        .unwrap();
    write(&sqlite, removing(1, &[1])).await;
    sweep(&sqlite, NOW).await;
    assert!(is_on_disk(&sqlite.folder, b"to be removed"));
    snapshot.rollback().await.unwrap();
    sweep(&sqlite, NOW).await;
    assert!(!is_on_disk(&sqlite.folder, b"to be removed"));
}
