//! [`OverviewStore`] on SQLite.

use super::SqliteAccounts;
use super::admin::read_ban;
use super::column::{id, integer, name, number, time};
use super::json::JsonRows;
use crate::store::overview::day_of;
use crate::store::people::folded;
use crate::store::{ListAccounts, OverviewStore, StoreError};
use sotto_protocol::rest::admin::{ListedAccount, NamedAccount, StorageTotals};
use sotto_protocol::{AccountId, RoleName, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl OverviewStore for SqliteAccounts {
    async fn list_accounts(
        &self,
        list: ListAccounts,
        now: Timestamp,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        // The devices of those alone are counted that are on the page.
        sqlx::query(
            "WITH page AS MATERIALIZED (
                 SELECT accounts.account, accounts.name, display_name, created_at,
                     coalesce(account_roles.role, 'member') AS role, reason, banned_at, ends_at, banned_by
                 FROM accounts
                 LEFT JOIN account_roles ON account_roles.account = accounts.account
                 LEFT JOIN bans ON bans.account = accounts.account AND (ends_at IS NULL OR ends_at > ?1)
                 WHERE accounts.name > ?2
                     AND (?3 IS NULL OR instr(accounts.name, ?3) > 0 OR instr(display_name_folded, ?3) > 0)
                     AND (?4 IS NULL OR coalesce(account_roles.role, 'member') = ?4)
                     AND (?5 IS NULL OR (banned_at IS NOT NULL) = ?5)
                 ORDER BY accounts.name LIMIT ?6
             )
             SELECT page.*,
                 (SELECT count(*) FROM devices WHERE devices.account = page.account) AS devices,
                 (SELECT max(last_seen_at) FROM devices WHERE devices.account = page.account) AS last_seen_at,
                 coalesce(stored_blobs.blobs, 0) AS blobs, coalesce(stored_blobs.bytes, 0) AS blob_bytes,
                 coalesce(stored_archives.bytes, 0) AS archive_bytes
             FROM page
             LEFT JOIN stored_blobs ON stored_blobs.account = page.account
             LEFT JOIN stored_archives ON stored_archives.account = page.account
             ORDER BY page.name",
        )
        .bind(integer(now.0))
        .bind(list.after.as_ref().map_or("", |name| name.as_str()))
        .bind(list.text.as_deref().map(folded))
        .bind(list.role.as_ref().map(RoleName::as_str))
        .bind(list.banned)
        .bind(list.limit)
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(read)
        .collect()
    }

    async fn listed_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<ListedAccount>, StoreError> {
        sqlx::query(
            "SELECT accounts.account, accounts.name, display_name, created_at,
                 coalesce(account_roles.role, 'member') AS role, reason, banned_at, ends_at, banned_by,
                 (SELECT count(*) FROM devices WHERE devices.account = accounts.account) AS devices,
                 (SELECT max(last_seen_at) FROM devices WHERE devices.account = accounts.account) AS last_seen_at,
                 coalesce(stored_blobs.blobs, 0) AS blobs, coalesce(stored_blobs.bytes, 0) AS blob_bytes,
                 coalesce(stored_archives.bytes, 0) AS archive_bytes
             FROM accounts
             LEFT JOIN account_roles ON account_roles.account = accounts.account
             LEFT JOIN bans ON bans.account = accounts.account AND (ends_at IS NULL OR ends_at > ?2)
             LEFT JOIN stored_blobs ON stored_blobs.account = accounts.account
             LEFT JOIN stored_archives ON stored_archives.account = accounts.account
             WHERE accounts.account = ?1",
        )
        .bind(account.as_bytes().as_slice())
        .bind(integer(now.0))
        .fetch_optional(&mut *self.database.reader().await?)
        .await?
        .map(|row| read(&row))
        .transpose()
    }

    async fn names_of(&self, accounts: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError> {
        sqlx::query(
            "SELECT account, name FROM accounts WHERE account IN (SELECT unhex(value) FROM json_each(?)) ORDER BY name",
        )
        .bind(JsonRows::of_bytes(accounts.iter().map(|account| account.as_bytes().as_slice())))
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(read_name)
        .collect()
    }

    async fn storage_totals(&self, now: Timestamp) -> Result<StorageTotals, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM accounts) AS accounts,
                 (SELECT count(*) FROM bans WHERE ends_at IS NULL OR ends_at > ?) AS banned_accounts,
                 (SELECT count(*) FROM devices) AS devices,
                 (SELECT coalesce(sum(chats), 0) FROM shards) AS chats,
                 (SELECT coalesce(sum(blobs), 0) FROM stored_blobs) AS blobs,
                 (SELECT coalesce(sum(bytes), 0) FROM stored_blobs) AS blob_bytes,
                 (SELECT coalesce(sum(segments), 0) FROM stored_archives) AS archive_segments,
                 (SELECT coalesce(sum(bytes), 0) FROM stored_archives) AS archive_bytes,
                 (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()) AS database_bytes",
        )
        .bind(integer(now.0))
        .fetch_one(&mut *self.database.reader().await?)
        .await?;
        Ok(StorageTotals {
            accounts: number(&row, "accounts")?,
            banned_accounts: number(&row, "banned_accounts")?,
            devices: number(&row, "devices")?,
            chats: number(&row, "chats")?,
            blobs: number(&row, "blobs")?,
            blob_bytes: number(&row, "blob_bytes")?,
            archive_segments: number(&row, "archive_segments")?,
            archive_bytes: number(&row, "archive_bytes")?,
            accounts_database_bytes: number(&row, "database_bytes")?,
        })
    }
}

fn read(row: &SqliteRow) -> Result<ListedAccount, StoreError> {
    let is_banned = row.try_get::<Option<i64>, _>("banned_at")?.is_some();
    let is_seen = row.try_get::<Option<i64>, _>("last_seen_at")?.is_some();
    Ok(ListedAccount {
        account: id(row, "account")?,
        name: name(row, "name")?,
        display_name: row.try_get("display_name")?,
        created_at: time(row, "created_at")?,
        role: name(row, "role")?,
        ban: is_banned.then(|| read_ban(row)).transpose()?,
        devices: number(row, "devices")?,
        last_seen_day: is_seen
            .then(|| time(row, "last_seen_at"))
            .transpose()?
            .map(day_of),
        blobs: number(row, "blobs")?,
        blob_bytes: number(row, "blob_bytes")?,
        archive_bytes: number(row, "archive_bytes")?,
    })
}

fn read_name(row: &SqliteRow) -> Result<NamedAccount, StoreError> {
    Ok(NamedAccount {
        account: id(row, "account")?,
        name: name(row, "name")?,
    })
}
