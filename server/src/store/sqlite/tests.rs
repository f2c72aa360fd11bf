//! The contract suite on SQLite, and what is SQLite's own: files, folders, what is left on disk.

use super::{SqliteAccounts, SqliteLog, SqliteStores};
use crate::store::contract::fixture::*;
use crate::store::contract::{Backend, contract};
use crate::store::{LogStore as _, StoreError, Submission};
use bytes::Bytes;
use sotto_protocol::Retention;
use tempfile::TempDir;

struct Sqlite {
    stores: SqliteStores,
    folder: TempDir,
}

impl Backend for Sqlite {
    type Accounts = SqliteAccounts;
    type Log = SqliteLog;

    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
        Self { stores, folder }
    }

    fn accounts(&self) -> &SqliteAccounts {
        &self.stores.accounts
    }

    fn log(&self) -> &SqliteLog {
        &self.stores.logs[0]
    }

    async fn reopen(self) -> Self {
        let Self { stores, folder } = self;
        stores.close().await;
        drop(stores);
        let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
        Self { stores, folder }
    }
}

contract!(Sqlite);

/// Whether any file of the folder has these bytes.
fn is_on_disk(folder: &TempDir, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder.path()).unwrap().any(|file| {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[tokio::test]
async fn what_has_expired_is_on_disk_no_more() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let timed = |number, payload: Vec<u8>| Submission {
        payload: Bytes::from(payload),
        ..says(chat(1), ALICE.device(1), number).kept(Retention::For { seconds: 10 })
    };
    let small = b"a payload that was promised to vanish".to_vec();
    let large = small.repeat(1000);
    write(log, &[timed(1, small.clone()), timed(2, large)]).await;
    assert!(is_on_disk(&sqlite.folder, &small));
    let expired = log.expire(NOW.plus_millis(10_000), 10).await.unwrap();
    assert_eq!(expired.erased, 2);
    assert!(!is_on_disk(&sqlite.folder, &small));
}

#[tokio::test]
async fn a_fleeting_message_is_never_on_disk() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_one(log, says(chat(1), ALICE.device(1), 1).kept(Retention::Never)).await;
    assert!(!is_on_disk(&sqlite.folder, b"message 1"));
}

#[tokio::test]
async fn a_folder_has_one_server() {
    let sqlite = Sqlite::open().await;
    let second = SqliteStores::open(sqlite.folder.path(), 1).await;
    assert!(matches!(second, Err(StoreError::Mismatch { .. })));
}

#[tokio::test]
async fn a_shard_of_another_installation_is_refused() {
    let (one, other) = (Sqlite::open().await, Sqlite::open().await);
    one.stores.close().await;
    other.stores.close().await;
    std::fs::copy(one.folder.path().join("log-0.db"), other.folder.path().join("log-0.db")).unwrap();
    let folder = other.folder;
    drop(other.stores);
    let opened = SqliteStores::open(folder.path(), 1).await;
    assert!(matches!(opened, Err(StoreError::Mismatch { .. })));
}

#[tokio::test]
async fn a_shard_with_chats_cannot_be_left_out() {
    use crate::store::{AccountPair, DirectChatIndex as _, Reservation, ShardId};
    let sqlite = Sqlite::open().await;
    ALICE.registers(&sqlite).await;
    BOB.registers(&sqlite).await;
    let pair = AccountPair::new(ALICE.account(), BOB.account()).unwrap();
    let reserved = sqlite.accounts().reserve(pair, chat(1), ALICE.device(1), 2, NOW).await.unwrap();
    assert_eq!(reserved, Reservation::Reserved(ShardId(1)));
    let Sqlite { stores, folder } = sqlite;
    stores.close().await;
    drop(stores);
    assert!(matches!(SqliteStores::open(folder.path(), 1).await, Err(StoreError::Mismatch { .. })));
    assert!(SqliteStores::open(folder.path(), 2).await.is_ok());
}
