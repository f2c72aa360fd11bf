//! [`ArchiveStore`] on SQLite.

mod read;
mod sweep;
mod write;

use super::SqliteAccounts;
use super::column::{id, integer, number, time};
use crate::store::{
    ArchiveAllowance, ArchiveClaimed, ArchivePosition, ArchiveStore, ArchiveWrite, Expired, FoundSegments,
    NewArchiveClaim, StoreError, StoredArchive, StoredArchives, WriteArchiveError,
};
use sotto_protocol::{AccountId, ChatId, SegmentId, Timestamp, limits};
use sqlx::sqlite::SqliteConnection;

impl ArchiveStore for SqliteAccounts {
    async fn write_archive(
        &self,
        write: ArchiveWrite,
        allowance: ArchiveAllowance,
    ) -> Result<u64, WriteArchiveError> {
        self.write_to_archive(&write, allowance).await
    }

    async fn archive(&self, account: AccountId, chat: ChatId) -> Result<Option<StoredArchive>, StoreError> {
        self.read_archive(account, chat).await
    }

    async fn archives(
        &self,
        account: AccountId,
        after: Option<ArchivePosition>,
        limit: u16,
    ) -> Result<Vec<StoredArchive>, StoreError> {
        self.read_archives(account, after, limit).await
    }

    async fn archive_segments(
        &self,
        account: AccountId,
        chat: ChatId,
        segments: &[SegmentId],
        now: Timestamp,
    ) -> Result<FoundSegments, StoreError> {
        self.read_segments(account, chat, segments, now).await
    }

    async fn delete_archive(&self, account: AccountId, chat: ChatId) -> Result<bool, StoreError> {
        self.erase_archive(account, chat).await
    }

    async fn claim_archive(&self, claim: NewArchiveClaim) -> Result<ArchiveClaimed, StoreError> {
        let mut transaction = self.database.begin().await?;
        if !exists(&mut transaction, claim.by.account).await? {
            return Ok(ArchiveClaimed::AccountNotFound);
        }
        let claimed = take_claim(&mut transaction, &claim).await?;
        transaction.commit().await?;
        Ok(claimed)
    }

    async fn stored_archives(&self, account: AccountId) -> Result<StoredArchives, StoreError> {
        stored(&mut *self.database.reader().await?, account).await
    }

    async fn sweep_archives(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        self.sweep_contents(now, limit).await
    }
}

async fn take_claim(
    connection: &mut SqliteConnection,
    claim: &NewArchiveClaim,
) -> Result<ArchiveClaimed, StoreError> {
    let account = claim.by.account.as_bytes().as_slice();
    sqlx::query("DELETE FROM archive_claims WHERE account = ? AND (ends_at <= ? OR chat = ? AND device = ?)")
        .bind(account)
        .bind(integer(claim.at.0))
        .bind(claim.chat.as_bytes().as_slice())
        .bind(claim.by.device.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    let holder = sqlx::query("SELECT device, ends_at FROM archive_claims WHERE account = ? AND chat = ?")
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
            "SELECT count(*) AS claims, min(ends_at) AS ends_at FROM archive_claims WHERE account = ?",
        )
        .bind(account)
        .fetch_one(&mut *connection)
        .await?;
        if number::<u32>(&others, "claims")? >= limits::ARCHIVE_CLAIMS {
            return Ok(ArchiveClaimed::TooMany {
                until: time(&others, "ends_at")?,
            });
        }
        sqlx::query("INSERT INTO archive_claims (account, chat, device, ends_at) VALUES (?, ?, ?, ?)")
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

async fn exists(connection: &mut SqliteConnection, account: AccountId) -> Result<bool, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?)")
            .bind(account.as_bytes().as_slice())
            .fetch_one(connection)
            .await?,
    )
}

async fn stored(connection: &mut SqliteConnection, account: AccountId) -> Result<StoredArchives, StoreError> {
    let row = sqlx::query("SELECT bytes, segments, chats FROM stored_archives WHERE account = ?")
        .bind(account.as_bytes().as_slice())
        .fetch_optional(connection)
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
    connection: &mut SqliteConnection,
    account: AccountId,
    stored: StoredArchives,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO stored_archives (account, bytes, segments, chats) VALUES (?, ?, ?, ?)
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
