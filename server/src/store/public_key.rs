//! Public keys: what the Delivery Service checks statements by.

use super::StoreError;
use sotto_protocol::{AccountId, DeviceAddress, DeviceKey, IdentityKey};
use std::collections::HashMap;

/// The public keys of devices and accounts, as they were enrolled and registered. Of what is gone there is none.
pub trait PublicKeyStore: Send + Sync + 'static {
    /// The signature keys of those of the devices that their accounts have.
    fn device_keys(
        &self,
        devices: &[DeviceAddress],
    ) -> impl Future<Output = Result<HashMap<DeviceAddress, DeviceKey>, StoreError>> + Send;

    /// The identity keys of those of the accounts that exist.
    fn identity_keys(
        &self,
        accounts: &[AccountId],
    ) -> impl Future<Output = Result<HashMap<AccountId, IdentityKey>, StoreError>> + Send;
}
