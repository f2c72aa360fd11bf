//! Whether the devices that someone brings into a chat are who they are said to be. Which accounts may be in it
//! is the Delivery Service's question; it knows no devices.

use crate::store::{DeviceStore, StoreError};
use sotto_protocol::{AccountId, DeviceAddress};
use std::collections::BTreeMap;

/// Whether every one is enrolled as a device of the account that it is said to be of.
pub(crate) async fn are_enrolled(
    store: &impl DeviceStore,
    devices: &[DeviceAddress],
) -> Result<bool, StoreError> {
    let mut by_account: BTreeMap<AccountId, Vec<_>> = BTreeMap::new();
    for address in devices {
        by_account
            .entry(address.account)
            .or_default()
            .push(address.device);
    }
    for (account, named) in by_account {
        let enrolled = store.devices(account).await?;
        let is_enrolled = |device| enrolled.iter().any(|enrolled| enrolled.device == device);
        if !named.into_iter().all(is_enrolled) {
            return Ok(false);
        }
    }
    Ok(true)
}
