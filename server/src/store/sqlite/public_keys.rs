//! [`PublicKeyStore`] on SQLite.

use super::SqliteAccounts;
use super::column::id;
use super::json::JsonRows;
use crate::store::{PublicKeyStore, StoreError};
use sotto_protocol::{AccountId, DeviceAddress, DeviceKey, IdentityKey};
use std::collections::HashMap;

impl PublicKeyStore for SqliteAccounts {
    async fn device_keys(
        &self,
        devices: &[DeviceAddress],
    ) -> Result<HashMap<DeviceAddress, DeviceKey>, StoreError> {
        let wanted = JsonRows::of_bytes(devices.iter().map(|address| address.device.as_bytes().as_slice()));
        let rows = sqlx::query(
            "SELECT account, device, device_key FROM devices
             WHERE device IN (SELECT unhex(value) FROM json_each(?))",
        )
        .bind(wanted)
        .fetch_all(&mut *self.database.reader().await?)
        .await?;
        let mut keys = HashMap::with_capacity(rows.len());
        for row in &rows {
            let address = DeviceAddress {
                account: id(row, "account")?,
                device: id(row, "device")?,
            };
            if devices.contains(&address) {
                keys.insert(address, id(row, "device_key")?);
            }
        }
        Ok(keys)
    }

    async fn identity_keys(
        &self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, IdentityKey>, StoreError> {
        let wanted = JsonRows::of_bytes(accounts.iter().map(|account| account.as_bytes().as_slice()));
        sqlx::query(
            "SELECT account, identity_key FROM accounts
             WHERE account IN (SELECT unhex(value) FROM json_each(?))",
        )
        .bind(wanted)
        .fetch_all(&mut *self.database.reader().await?)
        .await?
        .iter()
        .map(|row| Ok((id(row, "account")?, id(row, "identity_key")?)))
        .collect()
    }
}
