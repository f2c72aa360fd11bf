//! The store in an SQLite file.

use super::store_lock::StoreLock;
use crate::store::{Batch, Direction, Record, Scan, Store, StoreError};
use core::fmt;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, QueryBuilder, Row as _, Sqlite, Transaction};
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What this code writes. A change that older code would misread raises it.
const FORMAT: u32 = 1;

/// How many scans and gets run beside each other, and beside a write.
const READERS: u32 = 2;

/// A [`Store`] in an SQLite file. Clones are the same store.
///
/// Beside the file lies another with `-lock` at the end of its name: while it is locked, the store is in use. Deleted
/// values are overwritten with zeros.
#[derive(Clone)]
pub struct SqliteStore {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    writer: SqlitePool,
    readers: SqlitePool,
    lock: StoreLock,
    /// Held while the store key is looked up or made: a store has one.
    pub(super) unlocking: Mutex<()>,
}

impl SqliteStore {
    /// Opens the store in this file, or makes one. Its folder must exist.
    ///
    /// [`StoreError::Locked`] if a client has it open, in this process or another; a file that is no store of ours is
    /// [`StoreError::Corrupted`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let lock = StoreLock::acquire(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF")
            .disable_statement_logging();
        // A connection to a file does not go stale.
        let pool = || {
            SqlitePoolOptions::new()
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let writer = pool()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(failure)?;
        prepare(&writer).await?;
        let readers = pool()
            .max_connections(READERS)
            .connect_lazy_with(options.read_only(true));
        Ok(Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                lock,
                unlocking: Mutex::new(()),
            }),
        })
    }

    /// The header's value of this name.
    pub(super) async fn header(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT value FROM header WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.inner.readers)
            .await
            .map_err(failure)?;
        row.map(|row| row.try_get(0)).transpose().map_err(failure)
    }

    /// Sets values of the header, all or none.
    pub(super) async fn set_header(&self, values: Vec<(&'static str, Vec<u8>)>) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        to_the_end(async move {
            let mut transaction = inner.begin().await?;
            for (name, value) in values {
                sqlx::query("INSERT OR REPLACE INTO header (name, value) VALUES (?, ?)")
                    .bind(name)
                    .bind(value)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        })
        .await
    }
}

impl Inner {
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }
}

/// Runs a write to its end, also if the caller loses interest: it holds the store, and so the lock, until then. Otherwise
/// another client could open the store, read it, and only then see the write happen.
async fn to_the_end(
    write: impl Future<Output = Result<(), sqlx::Error>> + Send + 'static,
) -> Result<(), StoreError> {
    match tokio::spawn(write).await {
        Ok(result) => result.map_err(failure),
        // The runtime is shutting down.
        Err(_) => Err(StoreError::Closed),
    }
}

impl Store for SqliteStore {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT value FROM record WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.inner.readers)
            .await
            .map_err(failure)?;
        row.map(|row| row.try_get(0)).transpose().map_err(failure)
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT key, value FROM record WHERE true");
        match scan.from {
            Bound::Included(key) => query.push(" AND key >= ").push_bind(key),
            Bound::Excluded(key) => query.push(" AND key > ").push_bind(key),
            Bound::Unbounded => &mut query,
        };
        match scan.to {
            Bound::Included(key) => query.push(" AND key <= ").push_bind(key),
            Bound::Excluded(key) => query.push(" AND key < ").push_bind(key),
            Bound::Unbounded => &mut query,
        };
        query.push(match scan.direction {
            Direction::Ascending => " ORDER BY key ASC LIMIT ",
            Direction::Descending => " ORDER BY key DESC LIMIT ",
        });
        query.push_bind(i64::try_from(scan.limit).unwrap_or(i64::MAX));
        let rows = query.build().fetch_all(&self.inner.readers).await;
        let record = |row: SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
        rows.and_then(|rows| rows.into_iter().map(record).collect())
            .map_err(failure)
    }

    async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        to_the_end(async move {
            let mut transaction = inner.begin().await?;
            for (key, value) in batch {
                match value {
                    Some(value) => sqlx::query("INSERT OR REPLACE INTO record (key, value) VALUES (?, ?)")
                        .bind(key)
                        .bind(value),
                    None => sqlx::query("DELETE FROM record WHERE key = ?").bind(key),
                }
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await
        })
        .await
    }

    async fn erase(&self) -> Result<(), StoreError> {
        // Empties the write-ahead log, which may hold what was deleted since. Readers are waited for.
        let blocked = sqlx::query_scalar::<_, bool>("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&self.inner.writer)
            .await
            .map_err(failure)?;
        if blocked { Err(StoreError::Locked) } else { Ok(()) }
    }

    async fn close(&self) {
        self.inner.readers.close().await;
        // If it fails, the next opening does it.
        let _ = self.erase().await;
        self.inner.writer.close().await;
        self.inner.lock.release();
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

/// Makes the tables of a new file, and checks that those of an old one are ours.
async fn prepare(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(failure)?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            .fetch_all(&mut *transaction)
            .await
            .map_err(failure)?;
    if tables.is_empty() {
        create(&mut transaction).await.map_err(failure)?;
    } else if tables != ["header", "record"] {
        return Err(StoreError::Corrupted("it holds other tables".to_owned()));
    }
    let format: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM header WHERE name = 'format'")
        .fetch_optional(&mut *transaction)
        .await
        .map_err(failure)?;
    let format = format
        .and_then(|bytes| bytes.try_into().ok())
        .map(u32::from_be_bytes)
        .ok_or_else(|| StoreError::Corrupted("its header does not say its format".to_owned()))?;
    if format > FORMAT {
        return Err(StoreError::Newer { format });
    }
    transaction.commit().await.map_err(failure)
}

async fn create(transaction: &mut Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    for table in [
        "CREATE TABLE header (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE record (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    ] {
        sqlx::query(table).execute(&mut **transaction).await?;
    }
    sqlx::query("INSERT INTO header (name, value) VALUES ('format', ?)")
        .bind(FORMAT.to_be_bytes().to_vec())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// What a failure of SQLite means to the caller: its primary result code tells
/// (<https://www.sqlite.org/rescode.html>).
#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn failure(error: sqlx::Error) -> StoreError {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const NOT_A_DATABASE: u32 = 26;

    if matches!(error, sqlx::Error::PoolClosed) {
        return StoreError::Closed;
    }
    let text = error.to_string();
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<u32>().ok());
    match code.map(|extended| extended & 0xff) {
        Some(BUSY | LOCKED) => StoreError::Locked,
        Some(CORRUPT | NOT_A_DATABASE) => StoreError::Corrupted(text),
        Some(FULL) => StoreError::Full,
        Some(_) | None => StoreError::Unavailable(text),
    }
}
