//! The devices of one's own account.

mod client;
mod name;
mod record;

pub(crate) use name::usable_name;
pub(crate) use record::{DeviceListRecord, OfferedRecord, OwnDeviceRecord};

use sotto_crypto_core::{DeviceCode, DeviceLinkCode};
use sotto_protocol::{DeviceId, Timestamp};

/// A device of one's own account. Which there are, and with which keys, says the list that the account's identity key has signed;
/// what else is said of them comes from the server, but for the name, which the devices seal for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDevice {
    /// The device.
    pub device: DeviceId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What it shows of itself: compare the two, then [`Client::confirm_device`](crate::Client::confirm_device).
    pub code: DeviceCode,
    /// Whether it is this one.
    pub is_this: bool,
    /// Whether this device knows that it is what it seems: it came by a code that one of the two showed to the other, or its code
    /// was compared. Known on this device alone.
    pub is_verified: bool,
    /// Whether it has come since the user last looked: see
    /// [`Client::acknowledge_devices`](crate::Client::acknowledge_devices).
    pub is_new: bool,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was last there, to the hour; never before it was enrolled.
    pub last_seen_at: Timestamp,
}

/// A code that lets a new device in, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLinkOffer {
    /// The code: show it to the account's owner alone.
    pub code: DeviceLinkCode,
    /// The id that the device takes which comes by it.
    pub device: DeviceId,
    /// When the code ends, if it is not used before.
    pub expires_at: Timestamp,
}
