//! PostgreSQL: one database (or schema) for accounts and one for each log shard, used by any number of nodes at once.
//!
//! Nothing here relies on being alone: every promise of the traits is kept by locks on rows, which are always taken in the
//! same order, and by unique indexes.

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
mod key_packages;
mod log;
mod notifications;
mod oidc;
mod overview;
mod passkeys;
mod people;
mod pictures;
mod public_keys;
mod records;
mod reports;
mod retention_key;
mod secrets;
mod sessions;
#[cfg(test)]
mod tests;
mod versions;

pub(in crate::store) use error::is_passing;
pub use log::PostgresLog;

use super::StoreError;
use super::retention_key::RetentionKeys;
use database::{Database, Purpose};
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;
use std::time::Duration;

/// Pools and timeouts, for each database alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresSettings {
    /// Connections for reads.
    pub read_connections: u32,
    /// Connections for writes, beside the one that a log shard's writer has for itself.
    pub write_connections: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
}

impl PostgresSettings {
    /// How long a database that works ever takes: after that it is unavailable.
    fn patience(&self) -> Duration {
        self.connect_timeout + self.statement_timeout
    }
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            read_connections: 8,
            write_connections: 4,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
        }
    }
}

/// The accounts database and the log shards of one installation.
#[derive(Debug)]
pub struct PostgresStores {
    /// Accounts and what belongs to them.
    pub accounts: PostgresAccounts,
    /// The log shards, in the order of [`super::ShardId`].
    pub logs: Vec<PostgresLog>,
}

impl PostgresStores {
    /// Opens the databases, and creates or migrates the tables that are missing.
    ///
    /// A shard that is added takes part in placing new chats; no chat moves. A shard that chats were placed in cannot be
    /// left out.
    pub async fn open(
        accounts: &PgConnectOptions,
        logs: &[PgConnectOptions],
        settings: PostgresSettings,
    ) -> Result<Self, StoreError> {
        let accounts = PostgresAccounts::open(accounts, settings).await?;
        let installation = accounts.installation().await?;
        accounts.check_shards(logs.len()).await?;
        let mut opened = Vec::with_capacity(logs.len());
        for (shard, options) in (0..).zip(logs) {
            opened.push(PostgresLog::open(options, settings, &installation, shard).await?);
        }
        Ok(Self {
            accounts,
            logs: opened,
        })
    }

    /// Closes every connection, after what runs on it.
    pub async fn close(&self) {
        for log in &self.logs {
            log.close().await;
        }
        self.accounts.close().await;
    }
}

/// The accounts database. A clone is the same database.
#[derive(Clone, Debug)]
pub struct PostgresAccounts {
    database: Database,
    retention_keys: Arc<RetentionKeys>,
}

impl PostgresAccounts {
    /// Opens it, and creates or migrates the tables that are missing.
    pub(crate) async fn open(
        options: &PgConnectOptions,
        settings: PostgresSettings,
    ) -> Result<Self, StoreError> {
        let migrator = sqlx::migrate!("src/store/postgres/migrations/accounts");
        let database = Database::open(options, settings, Purpose::Accounts, migrator).await?;
        let accounts = Self {
            database,
            retention_keys: Arc::default(),
        };
        accounts.make_searchable().await?;
        Ok(accounts)
    }

    /// Closes every connection, after what runs on it.
    pub(crate) async fn close(&self) {
        self.database.close().await;
    }

    async fn installation(&self) -> Result<Vec<u8>, StoreError> {
        Ok(sqlx::query_scalar("SELECT id FROM installation")
            .fetch_one(self.database.readers())
            .await?)
    }

    async fn check_shards(&self, shards: usize) -> Result<(), StoreError> {
        let used: Option<i64> = sqlx::query_scalar(
            "SELECT max(shard) FROM (SELECT shard FROM shards GROUP BY shard HAVING sum(chats) > 0) AS used",
        )
        .fetch_one(self.database.readers())
        .await?;
        super::check_shards(shards, used)
    }
}
