//! The table of keys of timed payloads.

use crate::store::StoreError;
use crate::store::retention_key::{Bucket, RetentionKeys};
use crate::store::sqlite::database::BEGIN;
use getrandom::SysRng;
use rand_core::TryRng as _;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;

/// Makes the keys of these buckets that are not there yet, durably.
pub(super) async fn make(
    keys: &RetentionKeys,
    connection: &mut SqliteConnection,
    buckets: impl Iterator<Item = Bucket>,
) -> Result<(), StoreError> {
    let wanted = keys.unknown(buckets);
    if wanted.is_empty() {
        return Ok(());
    }
    let mut transaction = connection.begin_with(BEGIN).await?;
    for bucket in &wanted {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        SysRng
            .try_fill_bytes(&mut *key)
            .map_err(|error| StoreError::Failed(error.into()))?;
        sqlx::query(
            "INSERT INTO retention_keys (ends_at, width, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(bucket.ends_at)
        .bind(bucket.width)
        .bind(key.as_slice())
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    read(keys, connection, wanted).await
}

/// Finds the keys of these buckets. A bucket whose key has been destroyed stays unknown.
pub(super) async fn find(
    keys: &RetentionKeys,
    connection: &mut SqliteConnection,
    buckets: impl Iterator<Item = Bucket>,
) -> Result<(), StoreError> {
    let wanted = keys.unknown(buckets);
    read(keys, connection, wanted).await
}

/// Writes the table anew without the keys that are over: of a row that is only deleted a copy may stay in a gap of a page.
pub(super) async fn destroy(connection: &mut SqliteConnection, now: i64) -> Result<(), StoreError> {
    let kept: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT ends_at, width, key FROM retention_keys WHERE ends_at > ? ORDER BY ends_at, width",
    )
    .bind(now)
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM retention_keys")
        .execute(&mut *connection)
        .await?;
    for (ends_at, width, key) in kept {
        let key = Zeroizing::new(key);
        sqlx::query("INSERT INTO retention_keys (ends_at, width, key) VALUES (?, ?, ?)")
            .bind(ends_at)
            .bind(width)
            .bind(key.as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn read(
    keys: &RetentionKeys,
    connection: &mut SqliteConnection,
    buckets: Vec<Bucket>,
) -> Result<(), StoreError> {
    for bucket in buckets {
        let key = sqlx::query_scalar("SELECT key FROM retention_keys WHERE ends_at = ? AND width = ?")
            .bind(bucket.ends_at)
            .bind(bucket.width)
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(key) = key {
            keys.put(bucket, Zeroizing::new(key));
        }
    }
    Ok(())
}
