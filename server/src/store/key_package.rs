//! The stock of KeyPackages (RFC 9420, section 10).

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::rest::key_package::KeyPackageStock;
use sotto_protocol::{AccountId, DeviceAddress, DeviceId, Suite, Timestamp, limits};

/// A KeyPackage for the stock.
#[derive(Clone, Debug)]
pub struct NewKeyPackage {
    /// Its suite.
    pub suite: Suite,
    /// The KeyPackage as an `MLSMessage`.
    pub key_package: Bytes,
    /// Whether it may be handed out again and again when the others are gone. It replaces the one before.
    pub last_resort: bool,
}

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishKeyPackagesError {
    /// More than [`sotto_protocol::limits::KEY_PACKAGES_PER_DEVICE`] of one suite would be in stock.
    #[error("the stock of KeyPackages is full")]
    TooManyKeyPackages,
    /// The device is not enrolled.
    #[error("there is no such device")]
    DeviceNotFound,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who wants a KeyPackage of each of an account's devices.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The account.
    pub account: AccountId,
    /// The suite.
    pub suite: Suite,
    /// The claiming device; may be one of the account's, which is left out then.
    pub by: DeviceAddress,
    /// Whether strangers have claimed so many lately that they get the last resort alone.
    pub is_crowded: bool,
    /// When. What was published [`limits::KEY_PACKAGE_SHELF_MILLIS`] before is not handed out.
    pub at: Timestamp,
}

/// A KeyPackage taken out of the stock.
#[derive(Clone, Debug)]
pub struct ClaimedFromStock {
    /// The device whose it is.
    pub device: DeviceId,
    /// The KeyPackage as an `MLSMessage`.
    pub key_package: Bytes,
    /// How many of the suite the device has left, the last resort not counted.
    pub remaining: u32,
    /// Whether it is the last resort.
    pub is_last_resort: bool,
}

/// KeyPackages.
pub trait KeyPackageStore: Send + Sync + 'static {
    /// Adds to the device's stock, all or nothing, and says what is in it then. A KeyPackage that is in stock
    /// already is not added twice.
    fn publish_key_packages(
        &self,
        device: DeviceAddress,
        key_packages: Vec<NewKeyPackage>,
        at: Timestamp,
    ) -> impl Future<Output = Result<KeyPackageStock, PublishKeyPackagesError>> + Send;

    /// The device's stock, without what is not handed out any more.
    fn key_package_stock(
        &self,
        device: DeviceId,
        now: Timestamp,
    ) -> impl Future<Output = Result<KeyPackageStock, StoreError>> + Send;

    /// Takes one KeyPackage of each device of the account but the claiming one: the oldest of the suite, or the last resort,
    /// which stays. Devices without either are left out. One KeyPackage is never claimed twice, unless it is the last resort.
    /// `None` if there is no such account.
    ///
    /// Whoever the account blocks finds no KeyPackage. Strangers, which are all but the account itself and those with whom it
    /// has begun a direct chat, get the last resort of a device that has one when the claim is crowded, or when no more than
    /// [`limits::KEY_PACKAGES_RESERVED`] others are left.
    fn claim_key_packages(
        &self,
        claim: Claim,
    ) -> impl Future<Output = Result<Option<Vec<ClaimedFromStock>>, StoreError>> + Send;

    /// Deletes what was published before: it is not handed out any more.
    fn purge_key_packages(&self, before: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The oldest time of publication of what is handed out at a time.
pub(super) fn shelf_begins(at: Timestamp) -> Timestamp {
    Timestamp(at.0.saturating_sub(limits::KEY_PACKAGE_SHELF_MILLIS))
}
