//! The table of keys of timed payloads, which all nodes share.

use super::column::integer;
use super::database::Database;
use super::error::is_lock_timeout;
use crate::store::StoreError;
use crate::store::retention_key::{Bucket, RetentionKeys};
use sotto_protocol::Timestamp;
use sqlx::postgres::PgExecutor;
use sqlx::{PgConnection, Row};
use zeroize::Zeroizing;

/// Makes the keys of these buckets that are not there yet, durably.
pub(super) async fn make(
    keys: &RetentionKeys,
    connection: &mut PgConnection,
    buckets: impl Iterator<Item = Bucket>,
) -> Result<(), StoreError> {
    let wanted = keys.unknown(buckets);
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

/// Writes the table of keys anew without those that are over: a row that is only deleted stays in its page. Whatever reads the
/// table for long (a backup) delays that to a later sweep.
pub(super) async fn destroy(database: &Database, now: Timestamp) -> Result<(), StoreError> {
    let mut transaction = database.begin().await?;
    // Who waits for this lock makes all others wait behind it.
    let locked =
        sqlx::raw_sql("SET LOCAL lock_timeout = '100ms'; LOCK TABLE retention_keys IN ACCESS EXCLUSIVE MODE")
            .execute(&mut *transaction)
            .await;
    match locked {
        Ok(_) => {}
        Err(error) if is_lock_timeout(&error) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let keys: Vec<(i64, i64, Zeroizing<Vec<u8>>)> =
        sqlx::query("SELECT ends_at, width, key FROM retention_keys WHERE ends_at > $1")
            .bind(integer(now.0))
            .fetch_all(&mut *transaction)
            .await?
            .iter()
            .map(|row| {
                let key = Zeroizing::new(row.try_get("key")?);
                Ok((row.try_get("ends_at")?, row.try_get("width")?, key))
            })
            .collect::<Result<_, StoreError>>()?;
    let ends: Vec<i64> = keys.iter().map(|(end, ..)| *end).collect();
    let widths: Vec<i64> = keys.iter().map(|(_, width, _)| *width).collect();
    let bytes: Vec<&[u8]> = keys.iter().map(|(.., key)| key.as_slice()).collect();
    sqlx::query("TRUNCATE retention_keys")
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "INSERT INTO retention_keys (ends_at, width, key)
         SELECT ends_at, width, key FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
             AS kept (ends_at, width, key)",
    )
    .bind(ends)
    .bind(widths)
    .bind(bytes)
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
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
