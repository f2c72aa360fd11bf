//! [`PublicKeyStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{address, id};
use crate::store::{PublicKeyStore, StoreError};
use sotto_protocol::{AccountId, DeviceAddress, DeviceKey, IdentityKey};
use std::collections::HashMap;

impl PublicKeyStore for PostgresAccounts {
    async fn device_keys(
        &self,
        devices: &[DeviceAddress],
    ) -> Result<HashMap<DeviceAddress, DeviceKey>, StoreError> {
        let wanted: Vec<&[u8]> = devices
            .iter()
            .map(|address| address.device.as_bytes().as_slice())
            .collect();
        let read = sqlx::query("SELECT account, device, device_key FROM devices WHERE device = ANY($1)")
            .bind(wanted)
            .fetch_all(self.database.readers());
        let rows = self
            .database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?;
        let mut keys = HashMap::with_capacity(rows.len());
        for row in &rows {
            let address = address(row)?;
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
        let wanted: Vec<&[u8]> = accounts
            .iter()
            .map(|account| account.as_bytes().as_slice())
            .collect();
        let read = sqlx::query("SELECT account, identity_key FROM accounts WHERE account = ANY($1)")
            .bind(wanted)
            .fetch_all(self.database.readers());
        self.database
            .patiently(async { Ok::<_, StoreError>(read.await?) })
            .await?
            .iter()
            .map(|row| Ok((id(row, "account")?, id(row, "identity_key")?)))
            .collect()
    }
}
