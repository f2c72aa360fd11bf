//! What goes: devices, and entries whose time is over.

use super::PostgresLog;
use super::member::columns;
use crate::store::postgres::column::integer;
use crate::store::postgres::retention_key;
use crate::store::{Expired, StoreError};
use sotto_protocol::{DeviceAddress, Timestamp};
use sqlx::Row;

impl PostgresLog {
    /// In two transactions, because a Commit holds chats before it holds devices, and the other way round here they would wait for
    /// each other. After the first no device comes into a chat any more; the second takes them out of those they are in.
    pub(super) async fn erase_devices(&self, devices: &[DeviceAddress]) -> Result<(), StoreError> {
        let mut devices = devices.to_vec();
        devices.sort_unstable_by_key(|address| (address.device, address.account));
        let (ids, accounts) = columns(devices.iter());
        sqlx::query(
            "INSERT INTO devices (device, account, departed)
             SELECT gone.device, gone.account, true FROM unnest($1::bytea[], $2::bytea[]) AS gone (device, account)
             ORDER BY gone.device, gone.account
             ON CONFLICT (device, account) DO UPDATE SET departed = true WHERE NOT devices.departed",
        )
        .bind(&ids)
        .bind(&accounts)
        .execute(self.database.writers())
        .await?;

        let mut transaction = self.database.begin().await?;
        let keys: Vec<i64> = sqlx::query_scalar(
            "SELECT devices.key FROM unnest($1::bytea[], $2::bytea[]) AS gone (device, account)
             JOIN devices ON devices.device = gone.device AND devices.account = gone.account",
        )
        .bind(&ids)
        .bind(&accounts)
        .fetch_all(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE heads SET members_version = members_version + 1
             FROM (SELECT chat FROM heads WHERE chat IN (SELECT chat FROM members WHERE device = ANY($1) AND active)
                 ORDER BY chat FOR NO KEY UPDATE) AS held
             WHERE heads.chat = held.chat",
        )
        .bind(&keys)
        .execute(&mut *transaction)
        .await?;
        for sql in [
            "UPDATE members SET active = false WHERE device = ANY($1)",
            "DELETE FROM markers WHERE device = ANY($1)",
            "DELETE FROM welcomes WHERE device = ANY($1)",
        ] {
            sqlx::query(sql).bind(&keys).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    pub(super) async fn erase_expired(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        // Those too that another node has destroyed.
        self.retention_keys.forget(now);
        let (next, key_ends) = self.next_due().await?;
        let is_due = |time: Option<i64>| time.is_some_and(|time| time <= integer(now.0));
        let mut expired = Expired {
            erased: 0,
            more: false,
            next: time(next),
        };
        if is_due(next) {
            expired = self.erase_some(now, limit).await?;
        }
        if is_due(key_ends) {
            retention_key::destroy(&self.database, now).await?;
        }
        Ok(expired)
    }

    async fn erase_some(&self, now: Timestamp, limit: u16) -> Result<Expired, StoreError> {
        // Another node's sweep may be at the same: each takes what the other has not.
        let erased = sqlx::query(
            "WITH due AS MATERIALIZED (
                 SELECT chat, seq FROM entries WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
                 FOR NO KEY UPDATE SKIP LOCKED)
             UPDATE entries SET payload = '', kind = 2, expires_at = NULL FROM due
             WHERE entries.chat = due.chat AND entries.seq = due.seq",
        )
        .bind(integer(now.0))
        .bind(i64::from(limit))
        .execute(self.database.writers())
        .await?
        .rows_affected();
        let (next, _) = self.next_due().await?;
        let is_due = next.is_some_and(|next| next <= integer(now.0));
        Ok(Expired {
            erased: u32::try_from(erased).unwrap_or(u32::MAX),
            // What is due and was not to be had is in another node's hands.
            more: is_due && erased > 0,
            next: time(next).filter(|_| !is_due),
        })
    }

    /// When the next entry and the next key are over.
    async fn next_due(&self) -> Result<(Option<i64>, Option<i64>), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT expires_at FROM entries WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1) AS next,
                 (SELECT min(ends_at) FROM retention_keys) AS key_ends",
        )
        .fetch_one(self.database.readers())
        .await?;
        Ok((row.try_get("next")?, row.try_get("key_ends")?))
    }
}

fn time(millis: Option<i64>) -> Option<Timestamp> {
    Some(Timestamp(u64::try_from(millis?).unwrap_or_default()))
}
