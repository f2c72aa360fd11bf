//! [`LogStore`] on PostgreSQL: one shard, one database or schema, any number of nodes.

mod create;
mod cursor;
mod deletion;
mod erase;
mod group;
mod grown;
mod held;
mod invitation;
mod load;
mod member;
mod objection;
mod read;
mod silence;
mod write;
mod writer;

use super::PostgresSettings;
use super::database::{Database, Purpose};
use crate::store::retention_key::RetentionKeys;
use crate::store::sequencer::TagKey;
use crate::store::{
    Appended, ChatCreation, ChatMembers, Deleted, Deletion, Expired, GroupStanding, GroupVersion, GrownChat,
    Leaving, ListPosition, LogStore, NewChat, Objected, Objection, PageRange, PendingWelcome, Standing,
    StoreError, StoredGroup, WriteBatch,
};
#[cfg(test)]
pub(super) use grown::GROWN;
#[cfg(test)]
pub(super) use load::CANDIDATES;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::frame::Page;
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Epoch, Timestamp};
use sqlx::Row;
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;
use tokio::sync::Mutex;
use writer::Writer;

/// One shard of the log. A clone is the same shard.
#[derive(Clone, Debug)]
pub struct PostgresLog {
    database: Database,
    tag_key: TagKey,
    retention_keys: Arc<RetentionKeys>,
    writer: Arc<Mutex<Writer>>,
}

impl PostgresLog {
    /// Opens the shard of an installation, and creates or migrates what is missing.
    pub(super) async fn open(
        options: &PgConnectOptions,
        settings: PostgresSettings,
        installation: &[u8],
        shard: u16,
    ) -> Result<Self, StoreError> {
        let migrator = sqlx::migrate!("src/store/postgres/migrations/log");
        let database = Database::open(options, settings, Purpose::LogShard, migrator).await?;
        sqlx::query(
            "INSERT INTO shard (installation, shard, tag_key) VALUES ($1, $2, uuid_send(gen_random_uuid()))
             ON CONFLICT DO NOTHING",
        )
        .bind(installation)
        .bind(i64::from(shard))
        .execute(database.writers())
        .await?;
        let row = sqlx::query("SELECT installation, shard, tag_key FROM shard")
            .fetch_one(database.writers())
            .await?;
        if row.try_get::<&[u8], _>("installation")? != installation {
            return Err(StoreError::Mismatch {
                reason: format!("the database of log shard {shard} belongs to another accounts database"),
            });
        }
        let stored: i64 = row.try_get("shard")?;
        if stored != i64::from(shard) {
            return Err(StoreError::Mismatch {
                reason: format!("the database of log shard {shard} is that of log shard {stored}"),
            });
        }
        Ok(Self {
            database,
            tag_key: row.try_get::<Vec<u8>, _>("tag_key")?.try_into()?,
            retention_keys: Arc::default(),
            writer: Arc::default(),
        })
    }

    /// Closes every connection, after what runs on it.
    pub async fn close(&self) {
        self.writer.lock().await.close().await;
        self.database.close().await;
    }
}

impl LogStore for PostgresLog {
    async fn create_chat(&self, chat: NewChat) -> Result<ChatCreation, StoreError> {
        self.database.patiently(self.create(chat)).await
    }

    async fn fence_chat(&self, chat: ChatId) -> Result<bool, StoreError> {
        self.database.patiently(self.fence(chat)).await
    }

    async fn write(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
        self.write_batch(batch).await
    }

    async fn object(&self, objection: Objection) -> Result<Option<Objected>, StoreError> {
        self.database.patiently(self.hear(objection)).await
    }

    async fn delete_entries(&self, deletion: Deletion) -> Result<Option<Deleted>, StoreError> {
        self.database.patiently(self.erase_entries(&deletion)).await
    }

    async fn page(
        &self,
        device: DeviceAddress,
        chat: ChatId,
        range: PageRange,
        now: Timestamp,
    ) -> Result<Option<Page>, StoreError> {
        self.database
            .patiently(self.read_page(device, chat, range, now))
            .await
    }

    async fn group_info(&self, account: AccountId, chat: ChatId) -> Result<Option<GroupInfo>, StoreError> {
        self.database
            .patiently(self.read_group_info(account, chat, None))
            .await
    }

    async fn invited_group_info(
        &self,
        account: AccountId,
        chat: ChatId,
        invited: Invited,
    ) -> Result<Option<GroupInfo>, StoreError> {
        self.database
            .patiently(self.read_group_info(account, chat, Some(invited)))
            .await
    }

    async fn group(&self, chat: ChatId) -> Result<Option<StoredGroup>, StoreError> {
        self.database.patiently(self.read_group(chat)).await
    }

    async fn group_version(&self, group: ChatId) -> Result<Option<GroupVersion>, StoreError> {
        self.database.patiently(self.read_group_version(group)).await
    }

    async fn group_standings(&self, chats: &[ChatId]) -> Result<Vec<GroupStanding>, StoreError> {
        self.database.patiently(self.read_group_standings(chats)).await
    }

    async fn parties(&self, chat: ChatId) -> Result<Vec<AccountId>, StoreError> {
        self.database.patiently(self.read_parties(chat)).await
    }

    async fn members(&self, chat: ChatId) -> Result<Option<Arc<ChatMembers>>, StoreError> {
        self.database.patiently(self.read_members(chat)).await
    }

    async fn silence(&self, chat: ChatId, account: AccountId, silenced: bool) -> Result<bool, StoreError> {
        self.database
            .patiently(self.set_silenced(chat, account, silenced))
            .await
    }

    async fn standings(
        &self,
        device: DeviceAddress,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<Standing>, StoreError> {
        self.database
            .patiently(self.read_standings(device, after, limit))
            .await
    }

    async fn pending_welcomes(
        &self,
        device: DeviceAddress,
        after: ListPosition,
    ) -> Result<Vec<PendingWelcome>, StoreError> {
        self.database.patiently(self.read_welcomes(device, after)).await
    }

    async fn grown_since(
        &self,
        since: Timestamp,
        after: ListPosition,
        limit: u16,
    ) -> Result<Vec<GrownChat>, StoreError> {
        self.database
            .patiently(self.read_grown(since, after, limit))
            .await
    }

    async fn peers(&self, account: AccountId) -> Result<Vec<AccountId>, StoreError> {
        self.database.patiently(self.read_peers(account)).await
    }

    async fn remove_devices(&self, devices: &[DeviceAddress]) -> Result<(), StoreError> {
        self.database.patiently(self.erase_devices(devices)).await
    }

    async fn leave_group(
        &self,
        group: ChatId,
        account: AccountId,
        epoch: Option<Epoch>,
    ) -> Result<Leaving, StoreError> {
        self.database.patiently(self.leave(group, account, epoch)).await
    }

    async fn delete_group(&self, group: ChatId) -> Result<Vec<AccountId>, StoreError> {
        self.database.patiently(self.delete(group)).await
    }

    async fn erase_deleted(&self, limit: u16) -> Result<bool, StoreError> {
        self.database.patiently(self.erase_deleted_entries(limit)).await
    }

    async fn expire(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        self.database.patiently(self.erase_expired(now, limit)).await
    }
}
