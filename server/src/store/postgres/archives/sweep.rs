//! What goes of archives: segments whose time is over, and contents that nothing refers to.

use crate::store::postgres::column::integer;
use crate::store::postgres::{PostgresAccounts, retention_key};
use crate::store::{Expired, StoreError};
use sotto_protocol::Timestamp;
use sqlx::Row as _;

/// What is to be done.
struct Due {
    /// When the next segment is over.
    segment: Option<i64>,
    /// When the next key is.
    key: Option<i64>,
    /// Whether there are contents to be erased.
    contents: bool,
}

impl PostgresAccounts {
    pub(super) async fn sweep_contents(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        // Those too that another node has destroyed.
        self.retention_keys.forget(now);
        let due = self.due().await?;
        let is_now = |time: Option<i64>| time.is_some_and(|time| time <= integer(now.0));
        let ended = if is_now(due.segment) {
            self.end_segments(now, limit).await?
        } else {
            0
        };
        let erased = if due.contents || ended > 0 {
            self.erase_contents(limit).await?
        } else {
            0
        };
        if is_now(due.key) {
            retention_key::destroy(&self.database, now).await?;
        }
        // What is due beyond and was not to be had is in another node's hands.
        let more = ended >= u32::from(limit) || erased >= u64::from(limit);
        let next = due
            .segment
            .map(|time| Timestamp(u64::try_from(time).unwrap_or_default()));
        Ok(Expired {
            erased: ended,
            more,
            next: next.filter(|&next| !more && next > now),
        })
    }

    /// Takes segments that are over from their archives, the first so many.
    async fn end_segments(&self, now: Timestamp, limit: u16) -> Result<u32, StoreError> {
        let mut transaction = self.database.begin().await?;
        let accounts: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT account FROM accounts WHERE account IN (
                 SELECT archives.account
                 FROM (SELECT archive FROM archive_segments WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2) AS due
                 JOIN archives ON archives.key = due.archive)
             ORDER BY account FOR NO KEY UPDATE SKIP LOCKED",
        )
        .bind(integer(now.0))
        .bind(i64::from(limit))
        .fetch_all(&mut *transaction)
        .await?;
        let ended: i64 = sqlx::query_scalar(
            "WITH due AS MATERIALIZED (
                 SELECT archive_segments.archive, archive_segments.segment, archive_segments.bytes, archives.account
                 FROM archive_segments JOIN archives ON archives.key = archive_segments.archive
                 WHERE ends_at <= $1 AND archives.account = ANY($2) ORDER BY ends_at LIMIT $3),
             gone AS (DELETE FROM archive_segments USING due
                 WHERE archive_segments.archive = due.archive AND archive_segments.segment = due.segment),
             counted AS (UPDATE stored_archives SET bytes = stored_archives.bytes - theirs.bytes,
                     segments = stored_archives.segments - theirs.segments
                 FROM (SELECT account, sum(bytes)::bigint AS bytes, count(*) AS segments FROM due
                     GROUP BY account) AS theirs
                 WHERE stored_archives.account = theirs.account)
             SELECT count(*) FROM due",
        )
        .bind(integer(now.0))
        .bind(accounts)
        .bind(i64::from(limit))
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(u32::try_from(ended).unwrap_or(u32::MAX))
    }

    /// Erases contents that nothing refers to, some of them, and says how many.
    async fn erase_contents(&self, limit: u16) -> Result<u64, StoreError> {
        let erased = sqlx::query(
            "WITH condemned AS MATERIALIZED (
                 SELECT content FROM condemned_contents ORDER BY content LIMIT $1 FOR UPDATE SKIP LOCKED),
             gone AS (DELETE FROM archive_contents USING condemned WHERE archive_contents.key = condemned.content)
             DELETE FROM condemned_contents USING condemned
             WHERE condemned_contents.content = condemned.content",
        )
        .bind(i64::from(limit))
        .execute(self.database.writers())
        .await?;
        Ok(erased.rows_affected())
    }

    async fn due(&self) -> Result<Due, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT ends_at FROM archive_segments WHERE ends_at IS NOT NULL ORDER BY ends_at LIMIT 1)
                     AS segment,
                 (SELECT min(ends_at) FROM retention_keys) AS key,
                 EXISTS (SELECT FROM condemned_contents) AS contents",
        )
        .fetch_one(self.database.readers())
        .await?;
        Ok(Due {
            segment: row.try_get("segment")?,
            key: row.try_get("key")?,
            contents: row.try_get("contents")?,
        })
    }
}
