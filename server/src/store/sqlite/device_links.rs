//! [`DeviceLinkStore`] on SQLite.

use super::SqliteAccounts;
use super::column::{id, integer};
use crate::store::error::is_taken;
use crate::store::{DeviceLink, DeviceLinkStore, NewDeviceLink, StoreError};
use bytes::Bytes;
use sotto_protocol::{AccountId, DeviceLinkId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl DeviceLinkStore for SqliteAccounts {
    async fn offer_device_link(&self, link: NewDeviceLink) -> Result<bool, StoreError> {
        let offered = sqlx::query(
            "INSERT INTO device_links (account, link, device, login_key, vault, expires_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (account) DO UPDATE SET link = excluded.link, device = excluded.device,
                 login_key = excluded.login_key, vault = excluded.vault, expires_at = excluded.expires_at",
        )
        .bind(link.offered_by.account.as_bytes().as_slice())
        .bind(link.link.as_bytes().as_slice())
        .bind(link.offered_by.device.as_bytes().as_slice())
        .bind(link.login_key.as_bytes().as_slice())
        .bind(&*link.vault)
        .bind(integer(link.expires_at.0))
        .execute(self.database.writer())
        .await;
        match offered {
            Ok(_) => Ok(true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn device_link(
        &self,
        link: DeviceLinkId,
        now: Timestamp,
    ) -> Result<Option<DeviceLink>, StoreError> {
        sqlx::query("SELECT account, login_key, vault FROM device_links WHERE link = ? AND expires_at > ?")
            .bind(link.as_bytes().as_slice())
            .bind(integer(now.0))
            .fetch_optional(&mut *self.database.reader().await?)
            .await?
            .map(|row| read_link(&row))
            .transpose()
    }

    async fn take_device_link(
        &self,
        link: DeviceLinkId,
        now: Timestamp,
    ) -> Result<Option<DeviceLink>, StoreError> {
        sqlx::query(
            "DELETE FROM device_links WHERE link = ? AND expires_at > ? RETURNING account, login_key, vault",
        )
        .bind(link.as_bytes().as_slice())
        .bind(integer(now.0))
        .fetch_optional(self.database.writer())
        .await?
        .map(|row| read_link(&row))
        .transpose()
    }

    async fn withdraw_device_link(&self, account: AccountId, link: DeviceLinkId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM device_links WHERE account = ? AND link = ?")
            .bind(account.as_bytes().as_slice())
            .bind(link.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(())
    }

    async fn purge_device_links(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM device_links WHERE expires_at <= ?")
            .bind(integer(now.0))
            .execute(self.database.writer())
            .await?;
        Ok(())
    }
}

fn read_link(row: &SqliteRow) -> Result<DeviceLink, StoreError> {
    Ok(DeviceLink {
        account: id(row, "account")?,
        login_key: id(row, "login_key")?,
        vault: Bytes::from(row.try_get::<Vec<u8>, _>("vault")?),
    })
}
