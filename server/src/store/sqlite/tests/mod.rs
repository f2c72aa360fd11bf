//! The contract suite on SQLite, and what is SQLite's own: files, folders, what is left on disk.

mod archive_erasure;
mod cut_off;
mod retention;
mod upgrade;

use super::log::CANDIDATES;
use super::log::checkpoint::{CHECKPOINT_PAGES, PAGE_BYTES};
use super::{SqliteAccounts, SqliteLog, SqliteStores};
use crate::store::contract::fixture::*;
use crate::store::contract::log_append::open;
use crate::store::contract::{Backend, contract};
use crate::store::{
    AccountStore as _, Appended, CreateAccountError, CursorAdvance, LogStore as _, StoreError, Submission,
    WriteBatch,
};
use bytes::Bytes;
use sotto_protocol::Seq;
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

#[tokio::test]
async fn of_entries_with_one_tag_the_message_decides() {
    use sqlx::{ConnectOptions as _, Connection as _};
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    let chat = open(log).await;
    let messages: Vec<_> = (1..=100)
        .map(|number| says(chat, ALICE.device(1), number))
        .collect();
    write(log, &messages).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite.folder.path().join("log-0.db"));
    let mut operator = options.connect().await.unwrap();
    sqlx::query("UPDATE entries SET tag = (SELECT tag FROM entries WHERE seq = 50)")
        .execute(&mut operator)
        .await
        .unwrap();
    operator.close().await.unwrap();
    let sqlite = sqlite.reopen().await;
    assert_eq!(
        write_one(sqlite.log(), messages[49].clone()).await,
        Appended::Duplicate {
            seq: Seq(50),
            at: NOW
        }
    );
}

#[tokio::test]
async fn retries_are_looked_for_in_the_index_alone() {
    use sqlx::{ConnectOptions as _, Row as _};
    let sqlite = Sqlite::open().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite.folder.path().join("log-0.db"));
    let mut operator = options.connect().await.unwrap();
    let explain = format!("EXPLAIN QUERY PLAN {CANDIDATES}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(explain))
        .bind("[[1,0,9]]")
        .bind("[1]")
        .fetch_all(&mut operator)
        .await
        .unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    let position = "SEARCH entries USING INDEX entries_by_position (chat=? AND seq>? AND seq<?)";
    assert!(plan.iter().any(|step| step == position), "{plan:#?}");
    assert!(plan.iter().all(|step| !step.contains("CORRELATED")), "{plan:#?}");
}

/// Writes until the WAL has had to be moved so many times.
async fn write_wals(log: &SqliteLog, times: usize) {
    let mut number = 0;
    for _ in 0..times * CHECKPOINT_PAGES / 500 {
        let batch: Vec<_> = (0..500)
            .map(|_| {
                number += 1;
                Submission {
                    payload: Bytes::from(vec![7; PAGE_BYTES]),
                    ..says(chat(1), ALICE.device(1), number)
                }
            })
            .collect();
        write(log, &batch).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wal_does_not_grow_while_it_is_written_to_without_a_pause() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_wals(log, 12).await;
    let wal = std::fs::metadata(sqlite.folder.path().join("log-0.db-wal")).unwrap();
    let pages = usize::try_from(wal.len()).unwrap() / PAGE_BYTES;
    assert!(pages < 6 * CHECKPOINT_PAGES, "the WAL has {pages} pages");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_can_be_closed_while_its_wal_is_being_moved() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    write_wals(log, 1).await;
    let sqlite = sqlite.reopen().await;
    assert!(sqlite.log().members(chat(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_has_one_server() {
    let sqlite = Sqlite::open().await;
    let second = SqliteStores::open(sqlite.folder.path(), 1).await;
    assert!(matches!(second, Err(StoreError::Mismatch { .. })));
    // Whoever has closed it leaves it, though something of it may still be held.
    sqlite.stores.close().await;
    let next = SqliteStores::open(sqlite.folder.path(), 1).await.unwrap();
    next.close().await;
}

#[tokio::test]
async fn a_shard_of_another_installation_is_refused() {
    let (one, other) = (Sqlite::open().await, Sqlite::open().await);
    one.stores.close().await;
    other.stores.close().await;
    std::fs::copy(
        one.folder.path().join("log-0.db"),
        other.folder.path().join("log-0.db"),
    )
    .unwrap();
    let folder = other.folder;
    drop(other.stores);
    let opened = SqliteStores::open(folder.path(), 1).await;
    assert!(matches!(opened, Err(StoreError::Mismatch { .. })));
}

#[tokio::test]
async fn a_shard_with_chats_cannot_be_left_out() {
    use crate::store::{AccountPair, ChatIndex as _, Reservation, ReservedFor, ShardId};
    let sqlite = Sqlite::open().await;
    ALICE.registers(&sqlite).await;
    BOB.registers(&sqlite).await;
    let pair = ReservedFor::Pair(AccountPair::new(ALICE.account(), BOB.account()));
    let reserved = sqlite
        .accounts()
        .reserve(pair, chat(1), ALICE.device(1), 2, NOW)
        .await
        .unwrap();
    assert_eq!(reserved, Reservation::Reserved(ShardId(1)));
    let Sqlite { stores, folder } = sqlite;
    stores.close().await;
    drop(stores);
    assert!(matches!(
        SqliteStores::open(folder.path(), 1).await,
        Err(StoreError::Mismatch { .. })
    ));
    assert!(SqliteStores::open(folder.path(), 2).await.is_ok());
}

#[tokio::test]
async fn a_welcome_for_many_is_stored_once_and_goes_with_the_last_of_them() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    let people: Vec<Person> = (10..20).map(Person).collect();
    log.create_chat(new_group(1, ALICE, &people)).await.unwrap();
    let shared = async || {
        use sqlx::{ConnectOptions as _, Connection as _};
        let file = sqlite.folder.path().join("log-0.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let mut operator = options.connect().await.unwrap();
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM shared_welcomes")
            .fetch_one(&mut operator)
            .await
            .unwrap();
        operator.close().await.unwrap();
        count
    };
    assert_eq!(shared().await, 1);
    let cursors: Vec<_> = people.iter().map(|person| read_everything(*person)).collect();
    for (number, cursor) in cursors.iter().enumerate() {
        assert_eq!(shared().await, 1, "{number}");
        let batch = WriteBatch {
            submissions: &[],
            cursors: std::slice::from_ref(cursor),
            markers: &[],
            at: NOW,
        };
        log.write(batch).await.unwrap();
    }
    assert_eq!(shared().await, 0);
}

fn read_everything(person: Person) -> CursorAdvance {
    CursorAdvance {
        device: person.device(1),
        chat: chat(1),
        acknowledged: Seq::ZERO,
    }
}

#[tokio::test]
async fn a_deleted_group_is_overwritten_on_disk() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    let secret = b"what was said in the group that is gone";
    log.create_chat(new_group(1, ALICE, &[BOB])).await.unwrap();
    let said: Vec<_> = (1..=40)
        .map(|number| Submission {
            payload: Bytes::from([secret.as_slice(), &[7; 2000]].concat()),
            ..says(chat(1), ALICE.device(1), number)
        })
        .collect();
    write(log, &said).await;
    let has_secret = || {
        let files = std::fs::read_dir(sqlite.folder.path()).unwrap();
        let mut contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        contents.any(|content| memchr::memmem::find(&content, secret).is_some())
    };
    assert!(has_secret());
    log.delete_group(chat(1)).await.unwrap();
    while log.erase_deleted(7).await.unwrap() {}
    // A sweep empties the write-ahead log.
    log.expire(NOW, 10).await.unwrap();
    assert!(!has_secret());
}

/// Runs statements on the shard from outside, as an operator might.
async fn from_outside(sqlite: &Sqlite, statements: &'static str) {
    from_outside_on(sqlite, "log-0.db", statements).await;
}

async fn from_outside_on(sqlite: &Sqlite, file: &str, statements: &'static str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(sqlite.folder.path().join(file));
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_batch_that_fails_changes_nothing_and_the_next_one_is_written() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let batch = [
        says(chat(1), ALICE.device(1), 1),
        commits(chat(1), ALICE.device(1), 2).adding(BOB.device(2)),
    ];
    let written = || WriteBatch {
        submissions: &batch,
        cursors: &[],
        markers: &[],
        at: NOW,
    };
    for failing in ["entries", "welcomes", "group_infos"] {
        let trigger = match failing {
            "entries" => {
                "CREATE TRIGGER failing BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END"
            }
            "welcomes" => {
                "CREATE TRIGGER failing BEFORE INSERT ON welcomes BEGIN SELECT RAISE(ABORT, 'no'); END"
            }
            _ => "CREATE TRIGGER failing BEFORE UPDATE ON group_infos BEGIN SELECT RAISE(ABORT, 'no'); END",
        };
        from_outside(&sqlite, trigger).await;
        assert!(
            matches!(log.write(written()).await, Err(StoreError::Failed(_))),
            "{failing}"
        );
        from_outside(&sqlite, "DROP TRIGGER failing").await;
        assert_eq!(log.members(chat(1)).await.unwrap().unwrap().len(), 2);
    }
    let outcomes = log.write(written()).await.unwrap();
    assert_eq!((position(&outcomes[0]), position(&outcomes[1])), (1, 2));
}

#[tokio::test]
async fn a_transaction_that_sqlite_itself_rolls_back_as_on_a_full_disk_ends_no_other() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    let batch = [says(chat(1), ALICE.device(1), 1)];
    let written = || WriteBatch {
        submissions: &batch,
        cursors: &[],
        markers: &[],
        at: NOW,
    };
    from_outside(
        &sqlite,
        "CREATE TRIGGER failing BEFORE INSERT ON entries BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    )
    .await;
    for _ in 0..3 {
        assert!(matches!(log.write(written()).await, Err(StoreError::Failed(_))));
    }
    from_outside(&sqlite, "DROP TRIGGER failing").await;
    assert_eq!(position(&log.write(written()).await.unwrap()[0]), 1);

    let accounts = "CREATE TRIGGER failing BEFORE INSERT ON devices BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    from_outside_on(&sqlite, "sotto.db", accounts).await;
    for _ in 0..3 {
        let created = sqlite.accounts().create_account(ALICE.registration()).await;
        assert!(
            matches!(created, Err(CreateAccountError::Store(StoreError::Failed(_)))),
            "{created:?}"
        );
    }
    from_outside_on(&sqlite, "sotto.db", "DROP TRIGGER failing").await;
    ALICE.registers(&sqlite).await;
}

#[tokio::test]
async fn a_write_that_is_given_up_half_way_changes_nothing_or_everything() {
    let sqlite = Sqlite::open().await;
    let log = sqlite.log();
    log.create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
    for number in 1..=60 {
        let batch = [says(chat(1), ALICE.device(1), number)];
        let write = log.write(WriteBatch {
            submissions: &batch,
            cursors: &[],
            markers: &[],
            at: NOW,
        });
        // Polled a little more often each time, then dropped.
        let mut write = std::pin::pin!(write);
        for _ in 0..number / 4 {
            if futures_util::poll!(write.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let outcomes = write(
        log,
        &(1..=60)
            .map(|number| says(chat(1), ALICE.device(1), number))
            .collect::<Vec<_>>(),
    )
    .await;
    let mut positions: Vec<u64> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Appended::Accepted { seq: Some(seq), .. } | Appended::Duplicate { seq, .. } => seq.0,
            other => panic!("{other:?}"),
        })
        .collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=60).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_search_for_a_beginning_uses_the_index_of_names() {
    let sqlite = Sqlite::open().await;
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(
        "EXPLAIN QUERY PLAN SELECT account, name, display_name FROM accounts
         WHERE name >= 'an' AND name < 'ao' AND name > '' ORDER BY name LIMIT 5",
    )
    .fetch_all(&mut *sqlite.stores.accounts.database.reader().await.unwrap())
    .await
    .unwrap();
    let plan: Vec<&str> = plan.iter().map(|(_, _, _, step)| step.as_str()).collect();
    assert!(
        plan.len() == 1 && plan[0].starts_with("SEARCH accounts USING"),
        "{plan:?}"
    );
}
