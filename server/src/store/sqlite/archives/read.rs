//! Reading archives.

use crate::store::retention_key::{Bucket, Place};
use crate::store::sqlite::column::{id, integer, number, time};
use crate::store::sqlite::json::JsonRows;
use crate::store::sqlite::{SqliteAccounts, retention_key};
use crate::store::{ArchivePosition, FoundSegments, StoreError, StoredArchive, StoredSegment};
use bytes::Bytes;
use sotto_protocol::{AccountId, ChatId, SegmentId, Timestamp, limits};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

/// Later than any archive was written.
const FRONT: ArchivePosition = ArchivePosition {
    updated_at: Timestamp(u64::MAX),
    chat: ChatId::from_bytes([0xff; 16]),
};

impl SqliteAccounts {
    pub(super) async fn read_archive(
        &self,
        account: AccountId,
        chat: ChatId,
    ) -> Result<Option<StoredArchive>, StoreError> {
        sqlx::query(
            "SELECT chat, revision, updated_at, sealed FROM archives
             JOIN archive_contents ON archive_contents.key = index_content WHERE account = ? AND chat = ?",
        )
        .bind(account.as_bytes().as_slice())
        .bind(chat.as_bytes().as_slice())
        .fetch_optional(&mut *self.database.reader().await?)
        .await?
        .map(|row| read_archive(&row))
        .transpose()
    }

    pub(super) async fn read_archives(
        &self,
        account: AccountId,
        after: Option<ArchivePosition>,
        limit: u16,
    ) -> Result<Vec<StoredArchive>, StoreError> {
        let after = after.unwrap_or(FRONT);
        // How much comes before each is known from the narrow rows; contents are read of those alone that are in the page.
        let rows = sqlx::query(
            "WITH latest AS MATERIALIZED (
                 SELECT chat, revision, updated_at, index_bytes, index_content FROM archives
                 WHERE account = ? AND (updated_at, chat) < (?, ?)
                 ORDER BY updated_at DESC, chat DESC LIMIT ? + 0),
             page AS MATERIALIZED (
                 SELECT *, sum(index_bytes) OVER (ORDER BY updated_at DESC, chat DESC) - index_bytes AS before
                 FROM latest)
             SELECT page.chat, page.revision, page.updated_at, sealed FROM page
             JOIN archive_contents ON archive_contents.key = page.index_content
             WHERE page.before < ? + 0 ORDER BY page.updated_at DESC, page.chat DESC",
        )
        .bind(account.as_bytes().as_slice())
        .bind(integer(after.updated_at.0))
        .bind(after.chat.as_bytes().as_slice())
        .bind(i64::from(limit))
        .bind(integer(limits::PAGE_BYTES as u64))
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        rows.iter().map(read_archive).collect()
    }

    pub(super) async fn read_segments(
        &self,
        account: AccountId,
        chat: ChatId,
        segments: &[SegmentId],
        now: Timestamp,
    ) -> Result<FoundSegments, StoreError> {
        let ids = JsonRows::of_bytes(segments.iter().map(|segment| segment.as_bytes().as_slice()));
        let mut connection = self.database.reader().await?;
        let rows = sqlx::query(
            "WITH there AS MATERIALIZED (
                 SELECT named.key AS place, segment, bytes, ends_at, width, content
                 FROM archives CROSS JOIN json_each(?) AS named
                 CROSS JOIN archive_segments ON archive = archives.key AND segment = unhex(named.value)
                 WHERE account = ? AND chat = ? AND (ends_at IS NULL OR ends_at > ?)),
             page AS MATERIALIZED (SELECT *, sum(bytes) OVER (ORDER BY place) - bytes AS before FROM there)
             SELECT segment, ends_at, width, sealed FROM page
             LEFT JOIN archive_contents ON archive_contents.key = page.content AND page.before < ? + 0
             ORDER BY page.place",
        )
        .bind(ids)
        .bind(account.as_bytes().as_slice())
        .bind(chat.as_bytes().as_slice())
        .bind(integer(now.0))
        .bind(integer(limits::PAGE_BYTES as u64))
        .fetch_all(&mut *connection)
        .await?;
        let mut found = FoundSegments::default();
        let mut sealed = Vec::with_capacity(rows.len());
        for row in &rows {
            let segment: SegmentId = id(row, "segment")?;
            match row.try_get::<Option<Vec<u8>>, _>("sealed")? {
                Some(content) => sealed.push((segment, bucket(row)?, content)),
                None => found.left_out.push(segment),
            }
        }
        let buckets = sealed.iter().filter_map(|(_, bucket, _)| *bucket);
        retention_key::find(&self.retention_keys, &mut connection, buckets).await?;
        for (segment, bucket, content) in sealed {
            let opened = match bucket {
                None => Some(content),
                // Without its key it is over.
                Some(bucket) => self
                    .retention_keys
                    .open(bucket, Place::segment(segment), &content)?,
            };
            found.segments.extend(opened.map(|sealed| StoredSegment {
                segment,
                sealed: sealed.into(),
            }));
        }
        Ok(found)
    }
}

fn read_archive(row: &SqliteRow) -> Result<StoredArchive, StoreError> {
    Ok(StoredArchive {
        chat: id(row, "chat")?,
        revision: number(row, "revision")?,
        index: Bytes::from(row.try_get::<Vec<u8>, _>("sealed")?),
        updated_at: time(row, "updated_at")?,
    })
}

/// The bucket whose key a segment is sealed with, if it is timed.
fn bucket(row: &SqliteRow) -> Result<Option<Bucket>, StoreError> {
    let Some(width) = row.try_get::<Option<i64>, _>("width")? else {
        return Ok(None);
    };
    Ok(Some(Bucket::of_width(time(row, "ends_at")?, width)))
}
