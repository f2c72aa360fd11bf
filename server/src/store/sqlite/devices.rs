//! [`DeviceStore`] on SQLite.

use super::SqliteAccounts;
use super::accounts::user;
use super::column::{id, integer, time};
use super::sessions::begin_session;
use crate::store::device::succession;
use crate::store::error::is_taken;
use crate::store::{DeviceStore, EnrolDeviceError, NewDevice, RemoveDeviceError, StoreError};
use bytes::Bytes;
use sotto_protocol::rest::device::Device;
use sotto_protocol::{
    AccountId, DeviceAddress, DeviceId, DeviceKey, ListedDevice, SignedDeviceList, Timestamp, limits,
};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

const HOUR_IN_MILLIS: u64 = 60 * 60 * 1000;

impl DeviceStore for SqliteAccounts {
    async fn enrol_device(&self, device: NewDevice) -> Result<(), EnrolDeviceError> {
        let mut transaction = self.database.begin().await?;
        let user = user(&mut transaction, device.address.account)
            .await?
            .ok_or(EnrolDeviceError::AccountNotFound)?;
        let enrolled = devices(&mut transaction, device.address.account).await?;
        match enrolled
            .iter()
            .find(|enrolled| enrolled.device == device.address.device)
        {
            Some(enrolled) if enrolled.device_key != device.device_key => {
                return Err(EnrolDeviceError::DeviceTaken);
            }
            Some(_) => {
                if device.device_list.is_some_and(|list| list != user.device_list) {
                    return Err(EnrolDeviceError::StaleDeviceList);
                }
            }
            None => {
                let list = device.device_list.ok_or(EnrolDeviceError::DeviceNotFound)?;
                if enrolled.len() >= limits::DEVICES_PER_ACCOUNT {
                    return Err(EnrolDeviceError::TooManyDevices);
                }
                let added = ListedDevice {
                    device: device.address.device,
                    device_key: device.device_key,
                };
                let version = succession(&user, &list, enrolled.iter().map(listed).chain([added]))
                    .ok_or(EnrolDeviceError::StaleDeviceList)?;
                let new = DeviceRow {
                    address: device.address,
                    device_key: device.device_key,
                    name: device.name.as_deref(),
                    at: device.at,
                };
                insert_device(&mut transaction, new)
                    .await?
                    .ok_or(EnrolDeviceError::DeviceTaken)?;
                replace_list(&mut transaction, device.address.account, &list, version).await?;
            }
        }
        begin_session(&mut transaction, device.address, device.session).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn remove_device(
        &self,
        address: DeviceAddress,
        device_list: SignedDeviceList,
        at: Timestamp,
    ) -> Result<(), RemoveDeviceError> {
        let mut transaction = self.database.begin().await?;
        let user = user(&mut transaction, address.account)
            .await?
            .ok_or(RemoveDeviceError::DeviceNotFound)?;
        let enrolled = devices(&mut transaction, address.account).await?;
        if !enrolled.iter().any(|enrolled| enrolled.device == address.device) {
            return Err(RemoveDeviceError::DeviceNotFound);
        }
        let remaining = enrolled
            .iter()
            .filter(|enrolled| enrolled.device != address.device)
            .map(listed);
        let version = succession(&user, &device_list, remaining).ok_or(RemoveDeviceError::StaleDeviceList)?;
        retire_device(&mut transaction, address, at).await?;
        replace_list(&mut transaction, address.account, &device_list, version).await?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn devices(&self, account: AccountId) -> Result<Vec<Device>, StoreError> {
        let mut connection = self.database.reader().await?;
        devices(&mut connection, account).await
    }

    async fn rename_device(&self, address: DeviceAddress, name: Bytes) -> Result<bool, StoreError> {
        let renamed = sqlx::query("UPDATE devices SET name = ? WHERE device = ? AND account = ?")
            .bind(&*name)
            .bind(address.device.as_bytes().as_slice())
            .bind(address.account.as_bytes().as_slice())
            .execute(self.database.writer())
            .await?;
        Ok(renamed.rows_affected() == 1)
    }

    async fn device_seen(&self, device: DeviceId, at: Timestamp) -> Result<(), StoreError> {
        let hour = integer(at.0 - at.0 % HOUR_IN_MILLIS);
        let is_news: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM devices WHERE device = ? AND last_seen_at < ?)")
                .bind(device.as_bytes().as_slice())
                .bind(hour)
                .fetch_one(&mut *self.database.reader().await?)
                .await?;
        if is_news {
            sqlx::query("UPDATE devices SET last_seen_at = max(last_seen_at, ?) WHERE device = ?")
                .bind(hour)
                .bind(device.as_bytes().as_slice())
                .execute(self.database.writer())
                .await?;
        }
        Ok(())
    }

    async fn departed_devices(&self, limit: u16) -> Result<Vec<DeviceAddress>, StoreError> {
        sqlx::query(
            "SELECT account, device FROM retired_devices WHERE departing = 1 ORDER BY retired_at LIMIT ? + 0",
        )
        .bind(i64::from(limit))
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| {
            Ok(DeviceAddress {
                account: id(row, "account")?,
                device: id(row, "device")?,
            })
        })
        .collect()
    }

    async fn forget_departed(&self, devices: &[DeviceAddress]) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for address in devices {
            sqlx::query("UPDATE retired_devices SET departing = 0 WHERE device = ?")
                .bind(address.device.as_bytes().as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn listed(device: &Device) -> ListedDevice {
    ListedDevice {
        device: device.device,
        device_key: device.device_key,
    }
}

/// A device to insert.
pub(super) struct DeviceRow<'a> {
    pub(super) address: DeviceAddress,
    pub(super) device_key: DeviceKey,
    pub(super) name: Option<&'a [u8]>,
    pub(super) at: Timestamp,
}

/// Inserts a device, or returns `None` if its id is or was in use.
pub(super) async fn insert_device(
    connection: &mut SqliteConnection,
    DeviceRow {
        address,
        device_key,
        name,
        at,
    }: DeviceRow<'_>,
) -> Result<Option<()>, StoreError> {
    let retired: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM retired_devices WHERE device = ?)")
        .bind(address.device.as_bytes().as_slice())
        .fetch_one(&mut *connection)
        .await?;
    if retired {
        return Ok(None);
    }
    let inserted = sqlx::query(
        "INSERT INTO devices (device, account, device_key, name, enrolled_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(address.device.as_bytes().as_slice())
    .bind(address.account.as_bytes().as_slice())
    .bind(device_key.as_bytes().as_slice())
    .bind(name)
    .bind(integer(at.0))
    .bind(integer(at.0 - at.0 % HOUR_IN_MILLIS))
    .execute(connection)
    .await;
    match inserted {
        Ok(_) => Ok(Some(())),
        Err(error) if is_taken(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes a device, and by cascade its sessions and KeyPackages; its id is never given out again.
pub(super) async fn retire_device(
    connection: &mut SqliteConnection,
    address: DeviceAddress,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO retired_devices (device, account, retired_at, departing) VALUES (?, ?, ?, 1)")
        .bind(address.device.as_bytes().as_slice())
        .bind(address.account.as_bytes().as_slice())
        .bind(integer(at.0))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM devices WHERE device = ?")
        .bind(address.device.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

async fn replace_list(
    connection: &mut SqliteConnection,
    account: AccountId,
    list: &SignedDeviceList,
    version: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE accounts SET device_list = ?, device_list_signature = ?, device_list_version = ? WHERE account = ?",
    )
    .bind(list.list.as_slice())
    .bind(list.signature.as_bytes().as_slice())
    .bind(integer(version))
    .bind(account.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

async fn devices(connection: &mut SqliteConnection, account: AccountId) -> Result<Vec<Device>, StoreError> {
    sqlx::query(
        "SELECT device, device_key, name, enrolled_at, last_seen_at FROM devices WHERE account = ?
         ORDER BY enrolled_at, device",
    )
    .bind(account.as_bytes().as_slice())
    .fetch_all(connection)
    .await?
    .iter()
    .map(read_device)
    .collect()
}

fn read_device(row: &SqliteRow) -> Result<Device, StoreError> {
    Ok(Device {
        device: id(row, "device")?,
        device_key: id(row, "device_key")?,
        enrolled_at: time(row, "enrolled_at")?,
        last_seen_at: time(row, "last_seen_at")?,
        name: row.try_get::<Option<Vec<u8>>, _>("name")?.map(Into::into),
    })
}
