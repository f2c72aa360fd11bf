//! [`ArchiveStore`] on PostgreSQL.
//!
//! Whoever changes anything of an account's archives holds the account's row first, so nobody waits in a circle.

mod read;
mod sweep;
mod write;

use super::PostgresAccounts;
use super::column::{id, integer, number, time};
use crate::store::{
    ArchiveAllowance, ArchiveClaimed, ArchivePosition, ArchiveStore, ArchiveWrite, Expired, FoundSegments,
    NewArchiveClaim, StoreError, StoredArchive, StoredArchives, WriteArchiveError,
};
use sotto_protocol::{AccountId, ChatId, SegmentId, Timestamp, limits};
use sqlx::postgres::{PgConnection, PgExecutor};

impl ArchiveStore for PostgresAccounts {
    async fn write_archive(
        &self,
        write: ArchiveWrite,
        allowance: ArchiveAllowance,
    ) -> Result<u64, WriteArchiveError> {
        self.database
            .patiently(self.write_to_archive(&write, allowance))
            .await
    }

    async fn archive(&self, account: AccountId, chat: ChatId) -> Result<Option<StoredArchive>, StoreError> {
        self.database.patiently(self.read_archive(account, chat)).await
    }

    async fn archives(
        &self,
        account: AccountId,
        after: Option<ArchivePosition>,
        limit: u16,
    ) -> Result<Vec<StoredArchive>, StoreError> {
        self.database
            .patiently(self.read_archives(account, after, limit))
            .await
    }

    async fn archive_segments(
        &self,
        account: AccountId,
        chat: ChatId,
        segments: &[SegmentId],
        now: Timestamp,
    ) -> Result<FoundSegments, StoreError> {
        self.database
            .patiently(self.read_segments(account, chat, segments, now))
            .await
    }

    async fn delete_archive(&self, account: AccountId, chat: ChatId) -> Result<bool, StoreError> {
        self.database.patiently(self.erase_archive(account, chat)).await
    }

    async fn claim_archive(&self, claim: NewArchiveClaim) -> Result<ArchiveClaimed, StoreError> {
        self.database.patiently(self.take_claim(&claim)).await
    }

    async fn stored_archives(&self, account: AccountId) -> Result<StoredArchives, StoreError> {
        self.database
            .patiently(stored(self.database.readers(), account))
            .await
    }

    async fn sweep_archives(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        self.database.patiently(self.sweep_contents(now, limit)).await
    }
}

impl PostgresAccounts {
    async fn take_claim(&self, claim: &NewArchiveClaim) -> Result<ArchiveClaimed, StoreError> {
        let mut transaction = self.database.begin().await?;
        if !hold(&mut transaction, claim.by.account).await? {
            return Ok(ArchiveClaimed::AccountNotFound);
        }
        let claimed = replace_claim(&mut transaction, claim).await?;
        transaction.commit().await?;
        Ok(claimed)
    }
}

async fn replace_claim(
    connection: &mut PgConnection,
    claim: &NewArchiveClaim,
) -> Result<ArchiveClaimed, StoreError> {
    let account = claim.by.account.as_bytes().as_slice();
    sqlx::query(
        "DELETE FROM archive_claims WHERE account = $1 AND (ends_at <= $2 OR chat = $3 AND device = $4)",
    )
    .bind(account)
    .bind(integer(claim.at.0))
    .bind(claim.chat.as_bytes().as_slice())
    .bind(claim.by.device.as_bytes().as_slice())
    .execute(&mut *connection)
    .await?;
    let holder = sqlx::query("SELECT device, ends_at FROM archive_claims WHERE account = $1 AND chat = $2")
        .bind(account)
        .bind(claim.chat.as_bytes().as_slice())
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(row) = holder {
        return Ok(ArchiveClaimed::Held {
            by: id(&row, "device")?,
            until: time(&row, "ends_at")?,
        });
    }
    if claim.until > claim.at {
        let others = sqlx::query(
            "SELECT count(*) AS claims, min(ends_at) AS ends_at FROM archive_claims WHERE account = $1",
        )
        .bind(account)
        .fetch_one(&mut *connection)
        .await?;
        if number::<u32>(&others, "claims")? >= limits::ARCHIVE_CLAIMS {
            return Ok(ArchiveClaimed::TooMany {
                until: time(&others, "ends_at")?,
            });
        }
        sqlx::query("INSERT INTO archive_claims (account, chat, device, ends_at) VALUES ($1, $2, $3, $4)")
            .bind(account)
            .bind(claim.chat.as_bytes().as_slice())
            .bind(claim.by.device.as_bytes().as_slice())
            .bind(integer(claim.until.0))
            .execute(connection)
            .await?;
    }
    Ok(ArchiveClaimed::Held {
        by: claim.by.device,
        until: claim.until,
    })
}

/// Holds the account's row until the transaction ends. `false` if there is no such account.
async fn hold(connection: &mut PgConnection, account: AccountId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT FROM accounts WHERE account = $1 FOR NO KEY UPDATE")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

async fn stored(executor: impl PgExecutor<'_>, account: AccountId) -> Result<StoredArchives, StoreError> {
    let row = sqlx::query("SELECT bytes, segments, chats FROM stored_archives WHERE account = $1")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(executor)
        .await?;
    row.map_or(Ok(StoredArchives::default()), |row| {
        Ok(StoredArchives {
            bytes: number(&row, "bytes")?,
            segments: number(&row, "segments")?,
            chats: number(&row, "chats")?,
        })
    })
}

async fn set_stored(
    connection: &mut PgConnection,
    account: AccountId,
    stored: StoredArchives,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO stored_archives (account, bytes, segments, chats) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account) DO UPDATE SET bytes = excluded.bytes, segments = excluded.segments,
             chats = excluded.chats",
    )
    .bind(account.as_bytes().as_slice())
    .bind(integer(stored.bytes))
    .bind(integer(stored.segments))
    .bind(integer(stored.chats))
    .execute(connection)
    .await?;
    Ok(())
}
