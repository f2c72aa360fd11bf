//! The devices of one's own account.

use serde::{Deserialize, Serialize};
use sotto_protocol::{DeviceId, Timestamp};

/// A device of one's own account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDevice {
    /// The device.
    pub device: DeviceId,
    /// Whether it is this one.
    pub is_this: bool,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was last there, to the hour.
    pub last_seen_at: Timestamp,
}

/// What the store keeps of the account's signed device list.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceListRecord {
    /// The newest version seen: an older one is not believed.
    pub(crate) seen: u64,
    /// The version whose devices every chat was last held against.
    pub(crate) applied: u64,
}
