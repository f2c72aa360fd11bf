//! The table of keys of timed payloads, which all nodes share.

use crate::store::retention_key::{Bucket, RetentionKeys};
use crate::store::{StoreError, Submission};
use sotto_protocol::Timestamp;
use sqlx::postgres::PgExecutor;
use sqlx::{PgConnection, Row};
use zeroize::Zeroizing;

/// Makes the keys that the submissions need and that are not there yet, durably.
pub(super) async fn make(
    keys: &RetentionKeys,
    connection: &mut PgConnection,
    submissions: &[Submission],
    at: Timestamp,
) -> Result<(), StoreError> {
    let wanted = keys.unknown(Bucket::of_timed(submissions, at));
    if wanted.is_empty() {
        return Ok(());
    }
    let (ends, widths) = columns(&wanted);
    sqlx::query(
        "INSERT INTO retention_keys (ends_at, width, key)
         SELECT ends_at, width, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
         FROM unnest($1::bigint[], $2::bigint[]) AS new (ends_at, width) ORDER BY ends_at, width
         ON CONFLICT DO NOTHING",
    )
    .bind(ends)
    .bind(widths)
    .execute(&mut *connection)
    .await?;
    read(keys, connection, &wanted).await
}

/// Finds the keys of these buckets. A bucket whose key has been destroyed stays unknown.
pub(super) async fn find(
    keys: &RetentionKeys,
    executor: impl PgExecutor<'_>,
    buckets: impl Iterator<Item = Bucket>,
) -> Result<(), StoreError> {
    let wanted = keys.unknown(buckets);
    if wanted.is_empty() {
        return Ok(());
    }
    read(keys, executor, &wanted).await
}

async fn read(
    keys: &RetentionKeys,
    executor: impl PgExecutor<'_>,
    buckets: &[Bucket],
) -> Result<(), StoreError> {
    let (ends, widths) = columns(buckets);
    let rows = sqlx::query(
        "SELECT keys.ends_at, keys.width, keys.key
         FROM unnest($1::bigint[], $2::bigint[]) AS wanted (ends_at, width)
         JOIN retention_keys AS keys ON keys.ends_at = wanted.ends_at AND keys.width = wanted.width",
    )
    .bind(ends)
    .bind(widths)
    .fetch_all(executor)
    .await?;
    for row in &rows {
        let bucket = Bucket {
            ends_at: row.try_get("ends_at")?,
            width: row.try_get("width")?,
        };
        let key = Zeroizing::new(row.try_get::<Vec<u8>, _>("key")?);
        keys.put(bucket, key);
    }
    Ok(())
}

fn columns(buckets: &[Bucket]) -> (Vec<i64>, Vec<i64>) {
    buckets
        .iter()
        .map(|bucket| (bucket.ends_at, bucket.width))
        .unzip()
}
