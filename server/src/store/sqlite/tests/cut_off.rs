//! Operations whose futures are dropped on the way, as a request is whose client is gone: whatever was erased goes from the
//! write-ahead log all the same.

use super::Sqlite;
use super::retention::is_on_disk;
use crate::store::LogStore as _;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::{Objection, StoreError};
use sotto_protocol::{Retention, Seq, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Long after everything was written.
const LATER: Timestamp = NOW.plus_millis(1_000_000);

/// Polls the future so many times and drops it. `true` if it was ready by then.
async fn cut_off<T>(future: impl Future<Output = Result<T, StoreError>>, polls: u32) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(done) => {
                done.map(drop).unwrap();
                Poll::Ready(true)
            }
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Whether the database still has a row by this query.
async fn has(sqlite: &Sqlite, query: &'static str) -> bool {
    let options = SqliteConnectOptions::new().filename(sqlite.folder.path().join("log-0.db"));
    let mut operator = options.connect().await.unwrap();
    let has = sqlx::query_scalar(query).fetch_one(&mut operator).await.unwrap();
    operator.close().await.unwrap();
    has
}

/// Prepares an installation, cuts an operation off at each of its waits in turn, and asserts that what it has erased, if it has,
/// is in no file after the next sweep at this time.
macro_rules! erases_whenever_cut_off {
    ($prepare:expr, $operate:expr, $has:expr, $erased:expr, $sweep_at:expr) => {
        let mut polls = 0;
        loop {
            polls += 1;
            let sqlite = Sqlite::open().await;
            $prepare(&sqlite).await;
            // Nothing is left to be emptied of what was before.
            sqlite.log().expire(NOW, 10).await.unwrap();
            let erased: Vec<u8> = $erased(&sqlite).await;
            assert!(is_on_disk(&sqlite.folder, &erased));
            let is_done = cut_off($operate(&sqlite), polls).await;
            // What was begun is over when the writer is free.
            sqlite.log().fence_chat(chat(9)).await.unwrap();
            sqlite.log().expire($sweep_at, 10).await.unwrap();
            if !has(&sqlite, $has).await {
                assert!(!is_on_disk(&sqlite.folder, &erased), "after {polls} polls");
            }
            if is_done {
                assert!(polls > 1, "it has waits to be cut off at");
                break;
            }
        }
    };
}

const SECRET: &[u8] = b"a payload that is to go";

/// Group 1 of Alice and Bob, in which the secret was said in the epoch of a Commit.
async fn group(sqlite: &Sqlite) {
    let log = sqlite.log();
    log.create_chat(new_group(1, ALICE, &[BOB])).await.unwrap();
    let rules = sotto_protocol::ChatRules::Group(group_rules(ALICE));
    let said = crate::store::Submission {
        payload: SECRET.into(),
        ..says(chat(1), BOB.device(1), 2).in_epoch(2)
    };
    let commit = commits(chat(1), BOB.device(1), 1).under(&rules);
    for appended in write(log, &[commit, said]).await {
        position(&appended);
    }
}

#[tokio::test]
async fn a_commit_that_is_taken_back() {
    let objection = Objection {
        chat: chat(1),
        from: ALICE.device(1),
        seq: Seq(1),
        at: LATER,
    };
    erases_whenever_cut_off!(
        group,
        |sqlite: &Sqlite| sqlite.log().clone().objected(objection),
        "SELECT EXISTS (SELECT 1 FROM entries WHERE seq = 2 AND kind = 0)",
        async |_| SECRET.to_vec(),
        NOW
    );
}

#[tokio::test]
async fn a_group_that_is_deleted() {
    erases_whenever_cut_off!(
        group,
        |sqlite: &Sqlite| sqlite.log().clone().deleted(),
        "SELECT EXISTS (SELECT 1 FROM group_infos)",
        async |_| b"group info of 1".to_vec(),
        NOW
    );
}

#[tokio::test]
async fn the_entries_of_a_deleted_group() {
    async fn deleted_group(sqlite: &Sqlite) {
        group(sqlite).await;
        sqlite.log().delete_group(chat(1)).await.unwrap();
    }
    erases_whenever_cut_off!(
        deleted_group,
        |sqlite: &Sqlite| sqlite.log().clone().swept_of_deleted(),
        "SELECT EXISTS (SELECT 1 FROM entries)",
        async |_| SECRET.to_vec(),
        NOW
    );
}

#[tokio::test]
async fn a_key_whose_time_is_over() {
    async fn timed(sqlite: &Sqlite) {
        sqlite.log().create_chat(new_chat(1, ALICE, BOB)).await.unwrap();
        let timed = says(chat(1), ALICE.device(1), 1).kept(Retention::For { seconds: 10 });
        write_one(sqlite.log(), timed).await;
    }
    async fn key(sqlite: &Sqlite) -> Vec<u8> {
        super::retention::keys(sqlite).await.remove(0)
    }
    erases_whenever_cut_off!(
        timed,
        |sqlite: &Sqlite| sqlite.log().clone().expired(),
        "SELECT EXISTS (SELECT 1 FROM retention_keys)",
        key,
        LATER
    );
}

impl crate::store::sqlite::SqliteLog {
    async fn objected(self, objection: Objection) -> Result<(), StoreError> {
        self.object(objection).await.map(drop)
    }

    async fn deleted(self) -> Result<(), StoreError> {
        self.delete_group(chat(1)).await.map(drop)
    }

    async fn swept_of_deleted(self) -> Result<(), StoreError> {
        self.erase_deleted(100).await.map(drop)
    }

    async fn expired(self) -> Result<(), StoreError> {
        self.expire(LATER, 100).await.map(drop)
    }
}
