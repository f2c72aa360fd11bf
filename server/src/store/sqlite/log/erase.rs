//! What goes: devices, and entries whose time is over.

use super::SqliteLog;
use crate::store::sqlite::column::integer;
use crate::store::sqlite::database::{BEGIN, empty_wal};
use crate::store::sqlite::retention_key;
use crate::store::{Expired, StoreError};
use sotto_protocol::{DeviceAddress, Timestamp};
use sqlx::Connection;
use sqlx::sqlite::SqliteExecutor;
use std::sync::atomic::Ordering;

/// Erases timed payloads that are over, the first so many.
const SEALED: &str = "DELETE FROM timed_payloads WHERE (expires_at, chat, seq) IN (
     SELECT expires_at, chat, seq FROM timed_payloads WHERE expires_at <= ?
     ORDER BY expires_at, chat, seq LIMIT ? + 0)";

/// The same for those of before, which are among the entries.
const UNSEALED: &str = "UPDATE entries SET payload = x'', kind = 2, expires_at = NULL
     WHERE id IN (SELECT id FROM entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ? + 0)";

impl SqliteLog {
    pub(super) async fn erase_devices(&self, devices: &[DeviceAddress]) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let (connection, cache, next_device_key) = writer.parts()?;
        let mut next = *next_device_key;
        let mut transaction = connection.begin_with(BEGIN).await?;
        for &address in devices {
            sqlx::query(
                "INSERT INTO devices (key, device, account, departed) VALUES (?, ?, ?, 1)
                 ON CONFLICT (device, account) DO UPDATE SET departed = 1",
            )
            .bind(next)
            .bind(address.device.as_bytes().as_slice())
            .bind(address.account.as_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
            next += 1;
            for sql in [
                "UPDATE members SET active = 0 WHERE device = (SELECT key FROM devices WHERE device = ? AND account = ?)",
                "DELETE FROM welcomes WHERE device = (SELECT key FROM devices WHERE device = ? AND account = ?)",
                "DELETE FROM markers WHERE device = (SELECT key FROM devices WHERE device = ? AND account = ?)",
            ] {
                sqlx::query(sql)
                    .bind(address.device.as_bytes().as_slice())
                    .bind(address.account.as_bytes().as_slice())
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        for &address in devices {
            cache.forget_with_device(address);
        }
        *next_device_key = next;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn erase_expired(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        // Without the writer's lock: most sweeps find nothing to do.
        let (next, key_ends) = next_due(&mut *self.database.reader().await?).await?;
        let are_keys_over = key_ends.is_some_and(|end| end <= now);
        if next.is_none_or(|next| next > now) && !are_keys_over {
            if !self.wal_is_clean.load(Ordering::Relaxed) {
                self.clean_wal().await?;
            }
            return Ok(Expired {
                erased: 0,
                more: false,
                next,
            });
        }
        let mut writer = self.writer().await?;
        let (connection, ..) = writer.parts()?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        let mut erased = [0; 2];
        for (sql, erased) in [SEALED, UNSEALED].into_iter().zip(&mut erased) {
            let done = sqlx::query(sql)
                .bind(integer(now.0))
                .bind(i64::from(limit))
                .execute(&mut *transaction)
                .await?;
            *erased = u32::try_from(done.rows_affected()).unwrap_or(u32::MAX);
        }
        let [sealed, unsealed] = erased;
        if are_keys_over {
            retention_key::destroy(&mut transaction, integer(now.0)).await?;
        }
        let (next, _) = next_due(&mut *transaction).await?;
        // What is sealed may stay in the WAL: it is noise without its key. Before it is so: if the commit is cut off, nobody knows
        // whether the WAL has it.
        if are_keys_over || unsealed > 0 {
            self.wal_is_clean.store(false, Ordering::Relaxed);
        }
        transaction.commit().await?;
        self.retention_keys.forget(now);
        drop(writer);
        let more = next.is_some_and(|next| next <= now);
        if !more && !self.wal_is_clean.load(Ordering::Relaxed) {
            self.clean_wal().await?;
        }
        Ok(Expired {
            erased: sealed.saturating_add(unsealed),
            more,
            next: next.filter(|_| !more),
        })
    }

    /// Empties the WAL unless a reader is in the way: then a later sweep does.
    async fn clean_wal(&self) -> Result<(), StoreError> {
        let _alone = self.checkpointing.lock().await;
        let mut writer = self.writer().await?;
        let (connection, ..) = writer.parts()?;
        let clean = empty_wal(connection).await?;
        self.wal_is_clean.store(clean, Ordering::Relaxed);
        Ok(())
    }
}

/// When the next payload and the next key are over.
async fn next_due(
    executor: impl SqliteExecutor<'_>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
    let (timed, unsealed, key): (Option<i64>, Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT min(expires_at) FROM timed_payloads),
             (SELECT expires_at FROM entries WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1),
             (SELECT min(ends_at) FROM retention_keys)",
    )
    .fetch_one(executor)
    .await?;
    let time = |millis: i64| Timestamp(u64::try_from(millis).unwrap_or_default());
    let payload = timed.into_iter().chain(unsealed).min();
    Ok((payload.map(time), key.map(time)))
}
