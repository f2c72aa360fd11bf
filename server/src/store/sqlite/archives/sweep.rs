//! What goes of archives: segments whose time is over, and contents that nothing refers to.

use crate::store::sqlite::column::integer;
use crate::store::sqlite::database::empty_wal;
use crate::store::sqlite::{SqliteAccounts, retention_key};
use crate::store::{Expired, StoreError};
use sotto_protocol::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteExecutor};
use std::sync::atomic::Ordering;

/// What is to be done.
#[derive(Clone, Copy)]
struct Due {
    /// When the next segment is over.
    segment: Option<Timestamp>,
    /// When the next key is.
    key: Option<Timestamp>,
    /// Whether there are contents to be erased.
    contents: bool,
}

impl Due {
    fn is_now(self, now: Timestamp) -> bool {
        self.contents || self.segment.is_some_and(|end| end <= now)
    }

    fn are_keys_over(self, now: Timestamp) -> bool {
        self.key.is_some_and(|end| end <= now)
    }
}

impl SqliteAccounts {
    pub(super) async fn sweep_contents(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        // Beside the writer: most sweeps find nothing to do.
        let before = due(&mut *self.database.reader().await?).await?;
        let mut after = before;
        let mut ended = 0;
        if before.is_now(now) || before.are_keys_over(now) {
            let mut transaction = self.database.begin().await?;
            // Before it is so: if the commit is cut off, nobody knows whether the WAL has it.
            self.wal_is_clean.store(false, Ordering::Relaxed);
            ended = end_segments(&mut transaction, now, limit).await?;
            erase_contents(&mut transaction, limit).await?;
            if before.are_keys_over(now) {
                retention_key::destroy(&mut transaction, integer(now.0)).await?;
            }
            after = due(&mut *transaction).await?;
            transaction.commit().await?;
            self.retention_keys.forget(now);
        }
        let more = after.is_now(now);
        if !more && !self.wal_is_clean.load(Ordering::Relaxed) {
            let mut writer = self.database.writer().acquire().await?;
            let is_clean = empty_wal(&mut writer).await?;
            // While nobody else can write.
            self.wal_is_clean.store(is_clean, Ordering::Relaxed);
            drop(writer);
        }
        Ok(Expired {
            erased: ended,
            more,
            next: after.segment.filter(|_| !more),
        })
    }
}

/// Takes segments that are over from their archives, the first so many.
async fn end_segments(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u16,
) -> Result<u32, StoreError> {
    let mut ended = 0;
    for sql in [
        "UPDATE stored_archives SET bytes = stored_archives.bytes - gone.bytes,
             segments = stored_archives.segments - gone.segments
         FROM (SELECT account, sum(due.bytes) AS bytes, count(*) AS segments
             FROM (SELECT archive, bytes FROM archive_segments WHERE ends_at <= ?
                 ORDER BY ends_at, archive, segment LIMIT ? + 0) AS due
             JOIN archives ON archives.key = due.archive GROUP BY account) AS gone
         WHERE stored_archives.account = gone.account",
        "DELETE FROM archive_segments WHERE (archive, segment) IN (
             SELECT archive, segment FROM archive_segments WHERE ends_at <= ?
             ORDER BY ends_at, archive, segment LIMIT ? + 0)",
    ] {
        ended = sqlx::query(sql)
            .bind(integer(now.0))
            .bind(i64::from(limit))
            .execute(&mut *connection)
            .await?
            .rows_affected();
    }
    Ok(u32::try_from(ended).unwrap_or(u32::MAX))
}

/// Erases contents that nothing refers to, the first so many.
async fn erase_contents(connection: &mut SqliteConnection, limit: u16) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM archive_contents WHERE key IN (
             SELECT content FROM condemned_contents ORDER BY content LIMIT ? + 0)",
        "DELETE FROM condemned_contents WHERE content IN (
             SELECT content FROM condemned_contents ORDER BY content LIMIT ? + 0)",
    ] {
        sqlx::query(sql)
            .bind(i64::from(limit))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn due(executor: impl SqliteExecutor<'_>) -> Result<Due, StoreError> {
    let (segment, key, contents): (Option<i64>, Option<i64>, bool) = sqlx::query_as(
        "SELECT (SELECT ends_at FROM archive_segments WHERE ends_at IS NOT NULL ORDER BY ends_at LIMIT 1),
             (SELECT min(ends_at) FROM retention_keys), EXISTS (SELECT 1 FROM condemned_contents)",
    )
    .fetch_one(executor)
    .await?;
    let time = |millis: i64| Timestamp(u64::try_from(millis).unwrap_or_default());
    Ok(Due {
        segment: segment.map(time),
        key: key.map(time),
        contents,
    })
}
