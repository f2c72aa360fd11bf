//! [`OverviewStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::admin::read_ban;
use super::blocks::bytes_of;
use super::column::{id, integer, name, number, time};
use crate::store::overview::day_of;
use crate::store::people::folded;
use crate::store::{ListAccounts, OverviewStore, StoreError};
use sotto_protocol::rest::admin::{ListedAccount, NamedAccount, StorageTotals};
use sotto_protocol::{AccountId, RoleName, Timestamp};
use sqlx::Row;
use sqlx::postgres::PgRow;

impl OverviewStore for PostgresAccounts {
    async fn list_accounts(
        &self,
        list: ListAccounts,
        now: Timestamp,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        if list.text.as_ref().is_some_and(|text| text.contains('\0')) {
            // PostgreSQL has no text with this character: no name has it.
            return Ok(Vec::new());
        }
        // The devices of those alone are counted that are on the page.
        let found = sqlx::query(
            "WITH page AS MATERIALIZED (
                 SELECT accounts.account, accounts.name, display_name, created_at,
                     coalesce(account_roles.role, 'member') AS role, reason, banned_at, ends_at, banned_by
                 FROM accounts
                 LEFT JOIN account_roles ON account_roles.account = accounts.account
                 LEFT JOIN bans ON bans.account = accounts.account AND (ends_at IS NULL OR ends_at > $1)
                 WHERE accounts.name > $2
                     AND ($3::text IS NULL OR strpos(accounts.name, $3) > 0 OR strpos(display_name_folded, $3) > 0)
                     AND ($4::text IS NULL OR coalesce(account_roles.role, 'member') = $4)
                     AND ($5::boolean IS NULL OR (banned_at IS NOT NULL) = $5)
                 ORDER BY accounts.name LIMIT $6
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
        .bind(i64::from(list.limit))
        .fetch_all(self.database.readers());
        let rows = self
            .database
            .patiently(async { Ok::<_, StoreError>(found.await?) })
            .await?;
        rows.iter().map(read).collect()
    }

    async fn listed_account(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<ListedAccount>, StoreError> {
        let found = sqlx::query(
            "SELECT accounts.account, accounts.name, display_name, created_at,
                 coalesce(account_roles.role, 'member') AS role, reason, banned_at, ends_at, banned_by,
                 (SELECT count(*) FROM devices WHERE devices.account = accounts.account) AS devices,
                 (SELECT max(last_seen_at) FROM devices WHERE devices.account = accounts.account) AS last_seen_at,
                 coalesce(stored_blobs.blobs, 0) AS blobs, coalesce(stored_blobs.bytes, 0) AS blob_bytes,
                 coalesce(stored_archives.bytes, 0) AS archive_bytes
             FROM accounts
             LEFT JOIN account_roles ON account_roles.account = accounts.account
             LEFT JOIN bans ON bans.account = accounts.account AND (ends_at IS NULL OR ends_at > $2)
             LEFT JOIN stored_blobs ON stored_blobs.account = accounts.account
             LEFT JOIN stored_archives ON stored_archives.account = accounts.account
             WHERE accounts.account = $1",
        )
        .bind(account.as_bytes().as_slice())
        .bind(integer(now.0))
        .fetch_optional(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(found.await?) })
            .await?;
        row.map(|row| read(&row)).transpose()
    }

    async fn names_of(&self, accounts: &[AccountId]) -> Result<Vec<NamedAccount>, StoreError> {
        let read = sqlx::query("SELECT account, name FROM accounts WHERE account = ANY($1) ORDER BY name")
            .bind(bytes_of(accounts))
            .fetch_all(self.database.readers());
        let rows = self
            .database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?;
        rows.iter().map(read_name).collect()
    }

    async fn storage_totals(&self, now: Timestamp) -> Result<StorageTotals, StoreError> {
        let counted = sqlx::query(
            "SELECT (SELECT count(*) FROM accounts) AS accounts,
                 (SELECT count(*) FROM bans WHERE ends_at IS NULL OR ends_at > $1) AS banned_accounts,
                 (SELECT count(*) FROM devices) AS devices,
                 (SELECT coalesce(sum(chats), 0)::bigint FROM shards) AS chats,
                 (SELECT coalesce(sum(blobs), 0)::bigint FROM stored_blobs) AS blobs,
                 (SELECT coalesce(sum(bytes), 0)::bigint FROM stored_blobs) AS blob_bytes,
                 (SELECT coalesce(sum(segments), 0)::bigint FROM stored_archives) AS archive_segments,
                 (SELECT coalesce(sum(bytes), 0)::bigint FROM stored_archives) AS archive_bytes,
                 (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
                     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'm')) AS database_bytes",
        )
        .bind(integer(now.0))
        .fetch_one(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(counted.await?) })
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

fn read(row: &PgRow) -> Result<ListedAccount, StoreError> {
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

fn read_name(row: &PgRow) -> Result<NamedAccount, StoreError> {
    Ok(NamedAccount {
        account: id(row, "account")?,
        name: name(row, "name")?,
    })
}
