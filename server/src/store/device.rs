//! Devices of accounts, and the signed lists that name them.

use super::{NewSession, StoreError};
use bytes::Bytes;
use sotto_protocol::rest::device::Device;
use sotto_protocol::rest::user::User;
use sotto_protocol::{
    AccountId, DeviceAddress, DeviceId, DeviceKey, DeviceList, ListedDevice, SignedDeviceList, Timestamp,
};
use std::collections::HashSet;

/// A device that enrols.
#[derive(Debug)]
pub struct NewDevice {
    /// The device.
    pub address: DeviceAddress,
    /// Its signature key.
    pub device_key: DeviceKey,
    /// For a new device: the current list with the device added, one version on. `None` for one that is enrolled.
    pub device_list: Option<SignedDeviceList>,
    /// For a new device: its name, sealed for the account's own devices.
    pub name: Option<Bytes>,
    /// The session that begins; the device's earlier ones end.
    pub session: NewSession,
    /// When.
    pub at: Timestamp,
}

/// Why a device was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolDeviceError {
    /// There is no such account.
    #[error("there is no such account")]
    AccountNotFound,
    /// Without a list: the device is not enrolled. Send the list that adds it.
    #[error("the device is not enrolled")]
    DeviceNotFound,
    /// The id is or was in use, by another account or with another key: choose another at random.
    #[error("the device id is in use")]
    DeviceTaken,
    /// The account has as many devices as it may: remove one first.
    #[error("the account has as many devices as it may")]
    TooManyDevices,
    /// The list is not the current one with this device added, one version on: read that, then try again.
    #[error("the device list does not follow the current one")]
    StaleDeviceList,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a device was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveDeviceError {
    /// The account has no such device.
    #[error("there is no such device")]
    DeviceNotFound,
    /// The list is not the current one without this device, one version on: read that, then try again.
    #[error("the device list does not follow the current one")]
    StaleDeviceList,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Devices.
///
/// The signature of a list is the clients' business; what a list names is compared with the devices that the store
/// has, in the same transaction. The id of a removed device is never given out again, so a token or a membership
/// that outlived it belongs to nobody.
pub trait DeviceStore: Send + Sync + 'static {
    /// Enrols a new device with the list that adds it, or lets an enrolled one return; begins its session, ends its
    /// earlier ones, all in one transaction. A device that is enrolled already with the same key and list version
    /// is let in again: its answer was lost.
    fn enrol_device(&self, device: NewDevice) -> impl Future<Output = Result<(), EnrolDeviceError>> + Send;

    /// Removes a device with its sessions and KeyPackages. It is then among [`Self::departed_devices`] until
    /// the log shards have let go of it.
    fn remove_device(
        &self,
        address: DeviceAddress,
        device_list: SignedDeviceList,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), RemoveDeviceError>> + Send;

    /// The account's devices, oldest first.
    fn devices(&self, account: AccountId) -> impl Future<Output = Result<Vec<Device>, StoreError>> + Send;

    /// Gives a device another name, sealed for the account's own devices. `false` if the account has no such device.
    fn rename_device(
        &self,
        address: DeviceAddress,
        name: Bytes,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Notes that the device was there, to the hour. Not durable at once, and nothing if the device is gone.
    fn device_seen(
        &self,
        device: DeviceId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Devices that were removed, or whose account was, and that the log shards may still know; at most `limit`.
    fn departed_devices(
        &self,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<DeviceAddress>, StoreError>> + Send;

    /// The log shards know these devices no more.
    fn forget_departed(
        &self,
        devices: &[DeviceAddress],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The version of `list` if it follows the account's current list and names exactly `devices`.
pub(super) fn succession(
    user: &User,
    list: &SignedDeviceList,
    devices: impl Iterator<Item = ListedDevice>,
) -> Option<u64> {
    let current = user.device_list.claimed().ok()?;
    let next: DeviceList = list.claimed().ok()?;
    let named: HashSet<ListedDevice> = next.devices.iter().copied().collect();
    let follows = next.account == user.account
        && next.name == user.name
        && next.identity_key == user.identity_key
        && Some(next.version) == current.version.checked_add(1)
        && named == devices.collect();
    follows.then_some(next.version)
}
