//! [`LogStore`] on SQLite: one shard, one file.

pub(super) mod checkpoint;
mod create;
mod cursor;
mod deletion;
mod erase;
mod group;
mod grown;
mod invitation;
mod load;
mod member;
mod objection;
mod read;
mod rows;
mod silence;
mod write;

use super::database::{Database, is_free};
use super::json;
use crate::store::retention_key::RetentionKeys;
use crate::store::sequencer::{ChatCache, TagKey};
use crate::store::{
    Appended, ChatCreation, ChatMembers, Deleted, Deletion, Expired, GroupStanding, GroupVersion, GrownChat,
    Leaving, ListPosition, LogStore, NewChat, Objected, Objection, PageRange, PendingWelcome, Standing,
    StoreError, StoredGroup, WriteBatch,
};
use checkpoint::WalGrowth;
use cursor::CursorStatements;
#[cfg(test)]
pub(super) use load::CANDIDATES;
use rows::RowStatements;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::frame::Page;
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Epoch, Timestamp};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, Sqlite};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::{Mutex, MutexGuard};

/// Bytes of memory for what the writer knows of chats.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// One shard of the log, `log-<n>.db`. A clone is the same shard.
#[derive(Clone, Debug)]
pub struct SqliteLog {
    database: Database,
    tag_key: TagKey,
    retention_keys: Arc<RetentionKeys>,
    /// Held by whoever changes members or entries, from before its transaction until after.
    writer: Arc<Mutex<Writer>>,
    entry_rows: Arc<RowStatements>,
    timed_rows: Arc<RowStatements>,
    cursor_statements: Arc<CursorStatements>,
    /// Whether the WAL certainly has nothing that was erased. Not at first: the server may have been killed.
    wal_is_clean: Arc<AtomicBool>,
    /// Held by whoever moves the WAL's content, and taken before `writer`.
    checkpointing: Arc<Mutex<()>>,
}

/// The one writer: its connection, and what it knows without reading.
#[derive(Debug)]
struct Writer {
    /// Out of its pool for good, which would take a turn of the runtime for each transaction. `None` once closed, and
    /// after a failure that it did not survive.
    connection: Option<PoolConnection<Sqlite>>,
    chats: ChatCache,
    /// The first key of the table `devices` that is free.
    next_device_key: i64,
    growth: WalGrowth,
}

impl Writer {
    /// The parts, to be borrowed side by side.
    fn parts(&mut self) -> Result<(&mut SqliteConnection, &mut ChatCache, &mut i64), StoreError> {
        let connection = self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        Ok((connection, &mut self.chats, &mut self.next_device_key))
    }
}

impl SqliteLog {
    pub(super) async fn open(
        database: Database,
        installation: &[u8],
        shard: u16,
    ) -> Result<Self, StoreError> {
        let mut connection = database.writer().acquire().await?;
        sqlx::query(
            "INSERT INTO shard (only, installation, shard, tag_key) VALUES (1, ?, ?, randomblob(16)) ON CONFLICT DO NOTHING",
        )
        .bind(installation)
        .bind(i64::from(shard))
        .execute(&mut *connection)
        .await?;
        let row = sqlx::query("SELECT installation, shard, tag_key FROM shard")
            .fetch_one(&mut *connection)
            .await?;
        if row.try_get::<&[u8], _>("installation")? != installation {
            return Err(StoreError::Mismatch {
                reason: format!("log-{shard}.db belongs to another accounts database"),
            });
        }
        if row.try_get::<i64, _>("shard")? != i64::from(shard) {
            return Err(StoreError::Mismatch {
                reason: format!("log-{shard}.db is another log shard under this name"),
            });
        }
        let next_device_key = read_next_device_key(&mut connection).await?;
        Ok(Self {
            database,
            tag_key: row.try_get::<Vec<u8>, _>("tag_key")?.try_into()?,
            writer: Arc::new(Mutex::new(Writer {
                connection: Some(connection),
                chats: ChatCache::new(CACHE_BYTES),
                next_device_key,
                growth: WalGrowth::default(),
            })),
            retention_keys: Arc::default(),
            entry_rows: Arc::new(write::entry_rows()),
            timed_rows: Arc::new(write::timed_rows()),
            cursor_statements: Arc::default(),
            wal_is_clean: Arc::default(),
            checkpointing: Arc::default(),
        })
    }

    /// The writer, alone until it is dropped, on a connection that can begin a transaction.
    async fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let mut writer = self.writer.lock().await;
        let is_usable = match &mut writer.connection {
            Some(connection) => is_free(connection).await,
            None => false,
        };
        if !is_usable {
            // Its pool closes it, and has another; or has none any more, once it is closed itself.
            writer.connection = None;
            let mut connection = self.database.writer().acquire().await?;
            writer.next_device_key = read_next_device_key(&mut connection).await?;
            writer.chats = ChatCache::new(CACHE_BYTES);
            writer.connection = Some(connection);
        }
        Ok(writer)
    }

    /// Closes every connection, after what runs on it.
    pub async fn close(&self) {
        let _alone = self.checkpointing.lock().await;
        // Whoever waits for the writer gets it when there is no connection any more.
        let mut writer = self.writer.lock().await;
        writer.connection = None;
        self.database.close().await;
    }
}

async fn read_next_device_key(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT coalesce(max(key), 0) + 1 FROM devices")
        .fetch_one(connection)
        .await
}

impl LogStore for SqliteLog {
    async fn create_chat(&self, chat: NewChat) -> Result<ChatCreation, StoreError> {
        self.create(chat).await
    }

    async fn fence_chat(&self, chat: ChatId) -> Result<bool, StoreError> {
        self.fence(chat).await
    }

    async fn write(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
        self.write_batch(batch).await
    }

    async fn object(&self, objection: Objection) -> Result<Option<Objected>, StoreError> {
        self.hear(objection).await
    }

    async fn delete_entries(&self, deletion: Deletion) -> Result<Option<Deleted>, StoreError> {
        self.erase_entries(&deletion).await
    }

    async fn page(
        &self,
        device: DeviceAddress,
        chat: ChatId,
        range: PageRange,
        now: Timestamp,
    ) -> Result<Option<Page>, StoreError> {
        self.read_page(device, chat, range, now).await
    }

    async fn group_info(&self, account: AccountId, chat: ChatId) -> Result<Option<GroupInfo>, StoreError> {
        self.read_group_info(account, chat, None).await
    }

    async fn invited_group_info(
        &self,
        account: AccountId,
        chat: ChatId,
        invited: Invited,
    ) -> Result<Option<GroupInfo>, StoreError> {
        self.read_group_info(account, chat, Some(invited)).await
    }

    async fn group(&self, chat: ChatId) -> Result<Option<StoredGroup>, StoreError> {
        self.read_group(chat).await
    }

    async fn group_version(&self, group: ChatId) -> Result<Option<GroupVersion>, StoreError> {
        self.read_group_version(group).await
    }

    async fn group_standings(&self, chats: &[ChatId]) -> Result<Vec<GroupStanding>, StoreError> {
        self.read_group_standings(chats).await
    }

    async fn parties(&self, chat: ChatId) -> Result<Vec<AccountId>, StoreError> {
        self.read_parties(chat).await
    }

    async fn members(&self, chat: ChatId) -> Result<Option<Arc<ChatMembers>>, StoreError> {
        self.read_members(chat).await
    }

    async fn silence(&self, chat: ChatId, account: AccountId, silenced: bool) -> Result<bool, StoreError> {
        self.set_silenced(chat, account, silenced).await
    }

    async fn standings(
        &self,
        device: DeviceAddress,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<Standing>, StoreError> {
        self.read_standings(device, after, limit).await
    }

    async fn pending_welcomes(
        &self,
        device: DeviceAddress,
        after: ListPosition,
    ) -> Result<Vec<PendingWelcome>, StoreError> {
        self.read_welcomes(device, after).await
    }

    async fn grown_since(
        &self,
        since: Timestamp,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<GrownChat>, StoreError> {
        self.read_grown(since, after, limit).await
    }

    async fn peers(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
        self.read_peers(account).await
    }

    async fn remove_devices(&self, devices: &[DeviceAddress]) -> Result<(), StoreError> {
        self.erase_devices(devices).await
    }

    async fn leave_group(
        &self,
        group: ChatId,
        account: AccountId,
        epoch: Option<Epoch>,
    ) -> Result<Leaving, StoreError> {
        self.leave(group, account, epoch).await
    }

    async fn delete_group(&self, group: ChatId) -> Result<Vec<AccountId>, StoreError> {
        self.delete(group).await
    }

    async fn erase_deleted(&self, limit: u16) -> Result<bool, StoreError> {
        self.erase_deleted_entries(limit).await
    }

    async fn expire(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        self.erase_expired(now, limit).await
    }
}
