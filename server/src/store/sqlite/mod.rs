//! The embedded database: SQLite, one file for accounts and one for each log shard, all in one folder.
//!
//! WAL and `synchronous = FULL`: what is committed survives a power cut. `secure_delete`: what is deleted is overwritten.
//! Each file has one connection that writes and a few that only read; a log has one more that checkpoints. SQLite before
//! 3.51.3 could reset the WAL wrongly when two connections write or checkpoint at once: no older one may be linked.

mod accounts;
mod admin;
mod archives;
mod blobs;
mod blocks;
mod bots;
mod broadcasts;
mod captchas;
mod chat_index;
mod column;
mod communities;
mod database;
mod device_links;
mod devices;
mod error;
mod groups;
mod invites;
mod json;
mod key_packages;
mod log;
mod notifications;
mod oidc;
mod overview;
mod passkeys;
mod people;
mod pictures;
mod public_keys;
mod readers;
mod records;
mod reports;
mod retention_key;
mod secrets;
mod sessions;
#[cfg(test)]
mod tests;
mod versions;

pub(in crate::store) use error::is_passing;
pub use log::SqliteLog;

use super::StoreError;
use super::retention_key::RetentionKeys;
use database::Database;
use sqlx::migrate::Migrator;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

static ACCOUNTS: Migrator = sqlx::migrate!("src/store/sqlite/migrations/accounts");
/// Pages of 4 KiB that the WAL of the accounts grows to before its writer moves them into the database.
const ACCOUNTS_CHECKPOINT_PAGES: u32 = 4000;
/// The same of a log, where it comes to that only if what moves them beside the writer has failed.
const LOG_CHECKPOINT_PAGES: u32 = 32_000;

static LOG: Migrator = sqlx::migrate!("src/store/sqlite/migrations/log");

/// The accounts database and the log shards of one installation.
#[derive(Debug)]
pub struct SqliteStores {
    /// Accounts and what belongs to them.
    pub accounts: SqliteAccounts,
    /// The log shards, in the order of [`super::ShardId`].
    pub logs: Vec<SqliteLog>,
}

/// The accounts database, `sotto.db`. A clone is the same database.
#[derive(Clone, Debug)]
pub struct SqliteAccounts {
    database: Database,
    retention_keys: Arc<RetentionKeys>,
    /// Whether the WAL certainly has nothing that was erased. Not at first: the server may have been killed.
    wal_is_clean: Arc<AtomicBool>,
    /// Held as long as the database is open; `None` while a server holds it.
    lock: Option<Arc<File>>,
}

impl SqliteStores {
    /// Opens the databases in `folder`, and creates or migrates what is missing: `sotto.db`, and `shards` log shards
    /// `log-0.db`, `log-1.db`, …
    ///
    /// A shard that is added takes part in placing new chats; no chat moves. A shard that chats were placed in cannot be
    /// left out. The folder is locked: a second server in it is refused.
    pub async fn open(folder: &Path, shards: u16) -> Result<Self, StoreError> {
        let logs = (0..shards).map(|shard| folder.join(format!("log-{shard}.db")));
        Self::open_files(&folder.join("sotto.db"), &logs.collect::<Vec<_>>()).await
    }

    /// As [`Self::open`], with the files named one by one; their folders are created. The folder of the accounts database
    /// is the one that is locked.
    pub async fn open_files(accounts: &Path, logs: &[PathBuf]) -> Result<Self, StoreError> {
        for file in logs.iter().map(PathBuf::as_path).chain([accounts]) {
            std::fs::create_dir_all(folder_of(file))
                .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        }
        let lock = lock(folder_of(accounts))?.ok_or_else(|| StoreError::Mismatch {
            reason: "another server uses this folder".to_owned(),
        })?;
        let database = Database::open(accounts, &ACCOUNTS, ACCOUNTS_CHECKPOINT_PAGES).await?;
        let accounts = SqliteAccounts::of(database, Some(lock));
        accounts.make_searchable().await?;
        let installation = accounts.installation().await?;
        accounts.check_shards(logs.len()).await?;
        let mut opened = Vec::with_capacity(logs.len());
        for (shard, file) in (0..).zip(logs) {
            let database = Database::open(file, &LOG, LOG_CHECKPOINT_PAGES).await?;
            opened.push(SqliteLog::open(database, &installation, shard).await?);
        }
        Ok(Self {
            accounts,
            logs: opened,
        })
    }

    /// Closes every connection, after what runs on it: all of the WAL is then in the databases.
    pub async fn close(&self) {
        for log in &self.logs {
            log.close().await;
        }
        self.accounts.close().await;
    }
}

impl SqliteAccounts {
    fn of(database: Database, lock: Option<File>) -> Self {
        Self {
            database,
            retention_keys: Arc::default(),
            wal_is_clean: Arc::default(),
            lock: lock.map(Arc::new),
        }
    }

    /// Opens the database for a few operations, whether a server uses it just now or not. It is in another process than that
    /// server: in the same one, closing it would take the server's locks away. It is created or migrated if no server does so.
    pub(crate) async fn open_beside(file: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder_of(file)).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        if let Some(lock) = lock(folder_of(file))? {
            let database = Database::open(file, &ACCOUNTS, ACCOUNTS_CHECKPOINT_PAGES).await?;
            return Ok(Self::of(database, Some(lock)));
        }
        let database = Database::connect(file, ACCOUNTS_CHECKPOINT_PAGES).await?;
        if database.version().await? == ACCOUNTS.iter().map(|migration| migration.version).max() {
            Ok(Self::of(database, None))
        } else {
            database.close().await;
            Err(StoreError::Mismatch {
                reason: "the server that runs is of another version than this program, or is just starting"
                    .to_owned(),
            })
        }
    }

    /// Closes every connection, after what runs on it, and leaves the folder to the next: whoever still has a clone can do nothing
    /// with it.
    pub async fn close(&self) {
        self.database.close().await;
        if let Some(Err(error)) = self.lock.as_ref().map(|lock| lock.unlock()) {
            tracing::debug!(%error, "the folder is left when the last clone goes");
        }
    }

    async fn installation(&self) -> Result<Vec<u8>, StoreError> {
        Ok(sqlx::query_scalar("SELECT id FROM installation")
            .fetch_one(&mut *self.database.reader().await?)
            .await?)
    }

    async fn check_shards(&self, shards: usize) -> Result<(), StoreError> {
        let used: Option<i64> = sqlx::query_scalar("SELECT max(shard) FROM shards WHERE chats > 0")
            .fetch_one(&mut *self.database.reader().await?)
            .await?;
        super::check_shards(shards, used)
    }
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => file,
    }
}

/// The lock of the folder; `None` if another has it.
fn lock(folder: &Path) -> Result<Option<File>, StoreError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("sotto.lock"))
        .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StoreError::Unavailable(Box::new(error))),
    }
}
