//! Offers of old devices to let a new one into their account.

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::{AccountId, DeviceAddress, DeviceLinkId, LoginKey, Timestamp};

/// An offer to keep.
#[derive(Clone, Debug)]
pub struct NewDeviceLink {
    /// Its id.
    pub link: DeviceLinkId,
    /// The device that offers.
    pub offered_by: DeviceAddress,
    /// What the new device logs in with.
    pub login_key: LoginKey,
    /// The account's root, sealed with the secret that the device shows.
    pub vault: Bytes,
    /// When the offer ends.
    pub expires_at: Timestamp,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLink {
    /// The account that a new device comes into.
    pub account: AccountId,
    /// What the new device logs in with.
    pub login_key: LoginKey,
    /// The account's root, sealed with the secret that the old device shows.
    pub vault: Bytes,
}

/// Device links. An account has one at most.
pub trait DeviceLinkStore: Send + Sync + 'static {
    /// Keeps an offer in place of the account's earlier one. `false` if the id is in use by another account.
    fn offer_device_link(&self, link: NewDeviceLink)
    -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The offer, if its time is not over.
    fn device_link(
        &self,
        link: DeviceLinkId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<DeviceLink>, StoreError>> + Send;

    /// Uses the offer up: whoever is first gets it, and nobody after that.
    fn take_device_link(
        &self,
        link: DeviceLinkId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<DeviceLink>, StoreError>> + Send;

    /// Forgets the account's offer of this id, if there is one.
    fn withdraw_device_link(
        &self,
        account: AccountId,
        link: DeviceLinkId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets offers whose time is over.
    fn purge_device_links(&self, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
