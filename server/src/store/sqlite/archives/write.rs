//! Writing and deleting archives.

use super::{exists, set_stored, stored};
use crate::store::archive::{ArchiveChange, Follows};
use crate::store::retention_key::{Bucket, Place};
use crate::store::sqlite::column::{integer, number};
use crate::store::sqlite::json::JsonRows;
use crate::store::sqlite::{SqliteAccounts, retention_key};
use crate::store::{
    ArchiveAllowance, ArchiveWrite, NewSegment, StoreError, StoredArchives, WriteArchiveError,
};
use sotto_protocol::{AccountId, ChatId, SegmentId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use std::borrow::Cow;

/// An archive as it is before a write.
struct Current {
    key: i64,
    revision: u64,
    written: Vec<u8>,
    index_bytes: u64,
}

impl SqliteAccounts {
    pub(super) async fn write_to_archive(
        &self,
        write: &ArchiveWrite,
        allowance: ArchiveAllowance,
    ) -> Result<u64, WriteArchiveError> {
        let digest = write.digest();
        let account = write.by.account;
        // Before what is sealed with them, and durably: a key that is lost takes along what is not over.
        let buckets = write.added().filter_map(|added| bucket(write, added));
        let mut writer = self.database.writer().acquire().await?;
        retention_key::make(&self.retention_keys, &mut writer, buckets).await?;
        drop(writer);

        let mut transaction = self.database.begin().await?;
        if !exists(&mut transaction, account).await? {
            return Err(WriteArchiveError::AccountNotFound);
        }
        let current = read_current(&mut transaction, account, write.chat).await?;
        let archive = current
            .as_ref()
            .map(|current| (current.revision, current.written.as_slice()));
        let revision = match write.follows(archive, &digest)? {
            Follows::Next(revision) => revision,
            Follows::Done(revision) => return Ok(revision),
        };
        let mut change = ArchiveChange::default();
        if let Some(current) = &current {
            change.removed = remove(&mut transaction, current.key, &write.removes).await?;
            change.removed.bytes += current.index_bytes;
        }
        change.added = StoredArchives {
            bytes: write.index.len() as u64
                + write.added().map(|added| added.sealed.len() as u64).sum::<u64>(),
            segments: write.added().count() as u64,
            chats: u64::from(current.is_none()),
        };
        let stored = stored(&mut transaction, account)
            .await?
            .changed(change, allowance)?;
        let current = current.map(|current| current.key);
        let key = put_archive(&mut transaction, write, current, revision, &digest).await?;
        for added in write.added() {
            self.add(&mut transaction, write, key, added).await?;
        }
        set_stored(&mut transaction, account, stored).await?;
        if write.releases {
            release(&mut transaction, write).await?;
        }
        transaction.commit().await?;
        Ok(revision)
    }

    /// Adds a segment, if the archive has none of its id.
    async fn add(
        &self,
        connection: &mut SqliteConnection,
        write: &ArchiveWrite,
        archive: i64,
        added: &NewSegment,
    ) -> Result<(), WriteArchiveError> {
        let is_taken: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM archive_segments WHERE archive = ? AND segment = ?)",
        )
        .bind(archive)
        .bind(added.segment.as_bytes().as_slice())
        .fetch_one(&mut *connection)
        .await?;
        if is_taken {
            return Err(WriteArchiveError::SegmentTaken);
        }
        let bucket = bucket(write, added);
        let sealed = match bucket {
            Some(bucket) => {
                let place = Place::segment(added.segment);
                Cow::Owned(self.retention_keys.seal(bucket, place, &added.sealed)?)
            }
            None => Cow::Borrowed(&*added.sealed),
        };
        let content = put_content(&mut *connection, &sealed).await?;
        sqlx::query(
            "INSERT INTO archive_segments (archive, segment, bytes, ends_at, width, content)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(archive)
        .bind(added.segment.as_bytes().as_slice())
        .bind(integer(added.sealed.len() as u64))
        .bind(added.ends_at.map(|end| integer(end.0)))
        .bind(bucket.map(|bucket| bucket.width))
        .bind(content)
        .execute(connection)
        .await?;
        Ok(())
    }

    pub(super) async fn erase_archive(&self, account: AccountId, chat: ChatId) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query("DELETE FROM archive_claims WHERE account = ? AND chat = ?")
            .bind(account.as_bytes().as_slice())
            .bind(chat.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        let current = read_current(&mut transaction, account, chat).await?;
        if let Some(current) = &current {
            let row = sqlx::query(
                "SELECT coalesce(sum(bytes), 0) AS bytes, count(*) AS segments FROM archive_segments WHERE archive = ?",
            )
            .bind(current.key)
            .fetch_one(&mut *transaction)
            .await?;
            let stored = stored(&mut transaction, account).await?;
            let left = StoredArchives {
                bytes: stored
                    .bytes
                    .saturating_sub(number::<u64>(&row, "bytes")? + current.index_bytes),
                segments: stored.segments.saturating_sub(number(&row, "segments")?),
                chats: stored.chats.saturating_sub(1),
            };
            sqlx::query("DELETE FROM archives WHERE key = ?")
                .bind(current.key)
                .execute(&mut *transaction)
                .await?;
            set_stored(&mut transaction, account, left).await?;
        }
        transaction.commit().await?;
        Ok(current.is_some())
    }
}

/// The bucket whose key a segment is sealed with, if it is timed.
fn bucket(write: &ArchiveWrite, added: &NewSegment) -> Option<Bucket> {
    added.ends_at.map(|end| Bucket::until(write.at, end))
}

async fn read_current(
    connection: &mut SqliteConnection,
    account: AccountId,
    chat: ChatId,
) -> Result<Option<Current>, StoreError> {
    sqlx::query("SELECT key, revision, written, index_bytes FROM archives WHERE account = ? AND chat = ?")
        .bind(account.as_bytes().as_slice())
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| {
            Ok(Current {
                key: row.try_get("key")?,
                revision: number(&row, "revision")?,
                written: row.try_get("written")?,
                index_bytes: number(&row, "index_bytes")?,
            })
        })
        .transpose()
}

/// Removes those of the segments that are there, and says what they were.
async fn remove(
    connection: &mut SqliteConnection,
    archive: i64,
    segments: &[SegmentId],
) -> Result<StoredArchives, StoreError> {
    let mut removed = StoredArchives::default();
    if segments.is_empty() {
        return Ok(removed);
    }
    let ids = JsonRows::of_bytes(segments.iter().map(|segment| segment.as_bytes().as_slice()));
    let rows = sqlx::query(
        "DELETE FROM archive_segments WHERE archive = ? AND segment IN (SELECT unhex(value) FROM json_each(?))
         RETURNING bytes",
    )
    .bind(archive)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        removed.bytes += number::<u64>(row, "bytes")?;
        removed.segments += 1;
    }
    Ok(removed)
}

/// Makes the archive, or its next revision, and returns its key.
async fn put_archive(
    connection: &mut SqliteConnection,
    write: &ArchiveWrite,
    current: Option<i64>,
    revision: u64,
    digest: &[u8],
) -> Result<i64, StoreError> {
    let content = put_content(&mut *connection, &write.index).await?;
    let statement = match current {
        Some(_) => {
            "UPDATE archives SET revision = ?, written = ?, updated_at = ?, index_bytes = ?, index_content = ?
             WHERE account = ? AND chat = ? RETURNING key"
        }
        None => {
            "INSERT INTO archives (revision, written, updated_at, index_bytes, index_content, account, chat)
             VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING key"
        }
    };
    Ok(sqlx::query_scalar(statement)
        .bind(integer(revision))
        .bind(digest)
        .bind(integer(write.at.0))
        .bind(integer(write.index.len() as u64))
        .bind(content)
        .bind(write.by.account.as_bytes().as_slice())
        .bind(write.chat.as_bytes().as_slice())
        .fetch_one(connection)
        .await?)
}

async fn put_content(connection: &mut SqliteConnection, sealed: &[u8]) -> Result<i64, StoreError> {
    let put = sqlx::query("INSERT INTO archive_contents (sealed) VALUES (?)")
        .bind(sealed)
        .execute(connection)
        .await?;
    Ok(put.last_insert_rowid())
}

async fn release(connection: &mut SqliteConnection, write: &ArchiveWrite) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM archive_claims WHERE account = ? AND chat = ? AND device = ?")
        .bind(write.by.account.as_bytes().as_slice())
        .bind(write.chat.as_bytes().as_slice())
        .bind(write.by.device.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
