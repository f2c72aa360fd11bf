//! One SQLite file: a connection that writes, and some that read.

use super::readers::{Reader, Readers};
use crate::store::StoreError;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long a statement waits for a lock before it fails. Only a backup from outside ever holds one for long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a caller waits for a connection before it fails.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// Takes the lock at once, so no transaction fails half-way for want of it.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";
/// Negative: KiB.
const WRITER_CACHE: &str = "-8192";
const READER_CACHE: &str = "-1024";

/// Whether a connection is in no transaction. A transaction that SQLite has rolled back by itself, as it does when the disk
/// is full or fails, stays open for sqlx, which then lets none begin on that connection ever again.
pub(super) async fn is_free(connection: &mut SqliteConnection) -> bool {
    // A rollback that is on its way is over when the ping is answered.
    !connection.is_in_transaction() || connection.ping().await.is_ok() && !connection.is_in_transaction()
}

/// Moves the WAL's content into the database and cuts it to nothing: it still has what was erased. `false` if a reader was in
/// the way.
pub(super) async fn empty_wal(connection: &mut SqliteConnection) -> Result<bool, StoreError> {
    sqlx::query("PRAGMA busy_timeout = 100")
        .execute(&mut *connection)
        .await?;
    let blocked = sqlx::query_scalar::<_, bool>("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut *connection)
        .await;
    sqlx::query("PRAGMA busy_timeout = 10000")
        .execute(&mut *connection)
        .await?;
    Ok(!blocked?)
}

/// One SQLite file. A clone is the same one.
#[derive(Clone, Debug)]
pub(super) struct Database {
    /// One connection.
    writer: SqlitePool,
    readers: Arc<Readers>,
    /// One connection, opened when it is first asked for.
    checkpointer: SqlitePool,
    /// The file itself, to sync it. Open as long as the connections: POSIX takes their locks away when any handle of the
    /// file is closed.
    file: Arc<File>,
}

impl Database {
    /// Opens the file, and creates or migrates what is missing. Its writer moves the WAL's content into the database by itself
    /// when that has `checkpoint_pages`.
    pub(super) async fn open(
        path: &Path,
        migrator: &Migrator,
        checkpoint_pages: u32,
    ) -> Result<Self, StoreError> {
        let database = Self::connect(path, checkpoint_pages).await?;
        migrator.run(&database.writer).await?;
        Ok(database)
    }

    /// Opens the file as it is.
    pub(super) async fn connect(path: &Path, checkpoint_pages: u32) -> Result<Self, StoreError> {
        // Never analysed: the plans are those that the queries were written for, and with statistics (STAT4) SQLite prepares a
        // statement anew whenever another value is bound.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF");
        let writing = options
            .clone()
            .create_if_missing(true)
            .pragma("wal_autocheckpoint", checkpoint_pages.to_string())
            // A WAL that one large batch has stretched is cut back at the next checkpoint.
            .pragma("journal_size_limit", "67108864")
            .pragma("cache_size", WRITER_CACHE);
        let moving = options.clone().pragma("wal_autocheckpoint", "0");
        let reading = options
            .pragma("query_only", "ON")
            .pragma("wal_autocheckpoint", "0")
            .pragma("cache_size", READER_CACHE);
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
                .after_release(|connection, _| Box::pin(async move { Ok(is_free(connection).await) }))
        };
        let writer = pool()
            .min_connections(1)
            .max_connections(1)
            .connect_with(writing)
            .await?;
        let readers = Arc::new(Readers::new(reading));
        let checkpointer = pool().max_connections(1).connect_lazy_with(moving);
        let file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Self {
            writer,
            readers,
            checkpointer,
            file: Arc::new(file),
        })
    }

    /// The last migration that was done here.
    pub(super) async fn version(&self) -> Result<Option<i64>, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
                .fetch_one(&mut *self.reader().await?)
                .await?,
        )
    }

    /// For reads. A transaction on it is a snapshot.
    pub(super) async fn reader(&self) -> Result<Reader<'_>, StoreError> {
        self.readers.lend().await
    }

    /// The connection that writes, outside a transaction: for a single statement.
    pub(super) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// The connection that moves the WAL's content beside the writer.
    pub(super) fn checkpointer(&self) -> &SqlitePool {
        &self.checkpointer
    }

    /// Makes durable what has been moved from the WAL.
    pub(super) async fn sync(&self) -> Result<(), StoreError> {
        let file = Arc::clone(&self.file);
        tokio::task::spawn_blocking(move || file.sync_data())
            .await
            .map_err(std::io::Error::from)
            .flatten()
            .map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    /// A transaction that writes. Dropped, it is rolled back.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with(BEGIN).await?)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.checkpointer.close().await;
        self.writer.close().await;
    }
}
