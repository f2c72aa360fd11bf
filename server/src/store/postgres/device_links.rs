//! [`DeviceLinkStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer};
use crate::store::error::is_taken;
use crate::store::{DeviceLink, DeviceLinkStore, NewDeviceLink, StoreError};
use bytes::Bytes;
use sotto_protocol::{AccountId, DeviceLinkId, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgExecutor, PgRow};

impl DeviceLinkStore for PostgresAccounts {
    async fn offer_device_link(&self, link: NewDeviceLink) -> Result<bool, StoreError> {
        self.database.patiently(self.offer(link)).await
    }

    async fn device_link(
        &self,
        link: DeviceLinkId,
        now: Timestamp,
    ) -> Result<Option<DeviceLink>, StoreError> {
        let sql = "SELECT account, login_key, vault FROM device_links WHERE link = $1 AND expires_at > $2";
        let found = fetch(self.database.readers(), sql, link, now);
        self.database.patiently(found).await
    }

    async fn take_device_link(
        &self,
        link: DeviceLinkId,
        now: Timestamp,
    ) -> Result<Option<DeviceLink>, StoreError> {
        let sql = "DELETE FROM device_links WHERE link = $1 AND expires_at > $2 RETURNING account, login_key, vault";
        let taken = fetch(self.database.writers(), sql, link, now);
        self.database.patiently(taken).await
    }

    async fn withdraw_device_link(&self, account: AccountId, link: DeviceLinkId) -> Result<(), StoreError> {
        let withdraw = sqlx::query("DELETE FROM device_links WHERE account = $1 AND link = $2")
            .bind(account.as_bytes().as_slice())
            .bind(link.as_bytes().as_slice())
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(withdraw.await?) })
            .await?;
        Ok(())
    }

    async fn purge_device_links(&self, now: Timestamp) -> Result<(), StoreError> {
        let purge = sqlx::query("DELETE FROM device_links WHERE expires_at <= $1")
            .bind(integer(now.0))
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(purge.await?) })
            .await?;
        Ok(())
    }
}

impl PostgresAccounts {
    async fn offer(&self, link: NewDeviceLink) -> Result<bool, StoreError> {
        let offered = sqlx::query(
            "INSERT INTO device_links (account, link, device, login_key, vault, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (account) DO UPDATE SET link = excluded.link, device = excluded.device,
                 login_key = excluded.login_key, vault = excluded.vault, expires_at = excluded.expires_at",
        )
        .bind(link.offered_by.account.as_bytes().as_slice())
        .bind(link.link.as_bytes().as_slice())
        .bind(link.offered_by.device.as_bytes().as_slice())
        .bind(link.login_key.as_bytes().as_slice())
        .bind(&*link.vault)
        .bind(integer(link.expires_at.0))
        .execute(self.database.writers())
        .await;
        match offered {
            Ok(_) => Ok(true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

async fn fetch(
    executor: impl PgExecutor<'_>,
    sql: &'static str,
    link: DeviceLinkId,
    now: Timestamp,
) -> Result<Option<DeviceLink>, StoreError> {
    sqlx::query(sql)
        .bind(link.as_bytes().as_slice())
        .bind(integer(now.0))
        .fetch_optional(executor)
        .await?
        .map(|row| read_link(&row))
        .transpose()
}

fn read_link(row: &PgRow) -> Result<DeviceLink, StoreError> {
    Ok(DeviceLink {
        account: id(row, "account")?,
        login_key: id(row, "login_key")?,
        vault: Bytes::from(row.try_get::<Vec<u8>, _>("vault")?),
    })
}
