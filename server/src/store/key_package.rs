//! The stock of KeyPackages (RFC 9420, section 10).

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::rest::key_package::KeyPackageStock;
use sotto_protocol::{AccountId, DeviceAddress, DeviceId, Suite, Timestamp};

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

/// A KeyPackage taken out of the stock.
#[derive(Clone, Debug)]
pub struct ClaimedFromStock {
    /// The device whose it is.
    pub device: DeviceId,
    /// The KeyPackage as an `MLSMessage`.
    pub key_package: Bytes,
    /// How many of the suite the device has left, the last resort not counted.
    pub remaining: u32,
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

    /// The device's stock.
    fn key_package_stock(
        &self,
        device: DeviceId,
    ) -> impl Future<Output = Result<KeyPackageStock, StoreError>> + Send;

    /// Takes one KeyPackage of each device of the account except `except`: the oldest of the suite, or the last
    /// resort, which stays. Devices without either are left out. One KeyPackage is never claimed twice, unless it is
    /// the last resort. `None` if there is no such account.
    fn claim_key_packages(
        &self,
        account: AccountId,
        suite: Suite,
        except: DeviceId,
    ) -> impl Future<Output = Result<Option<Vec<ClaimedFromStock>>, StoreError>> + Send;
}
