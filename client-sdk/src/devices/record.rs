//! What the store keeps of the account's devices.

use serde::{Deserialize, Serialize};
use sotto_protocol::{DeviceId, DeviceKey};

/// What the store keeps of the account's signed device list.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceListRecord {
    /// The newest version seen: an older one is not believed.
    pub(crate) seen: u64,
    /// The version whose devices every chat was last held against.
    pub(crate) applied: u64,
}

/// A device of the own account, as this one has come to know it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnDeviceRecord {
    /// Its signature key.
    pub(crate) device_key: DeviceKey,
    /// Whether it came by a code that passed between the two, or its code was compared.
    pub(crate) is_verified: bool,
    /// Whether the user knows of it.
    pub(crate) is_noticed: bool,
}

/// The ids that devices take that come by codes which this one has shown, the last one first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct OfferedRecord {
    /// The ids.
    pub(crate) devices: Vec<DeviceId>,
}

impl OfferedRecord {
    /// How many are kept: a device may take some minutes from the code to its enrolment.
    const MOST: usize = 8;

    /// Notes one more.
    pub(crate) fn note(&mut self, device: DeviceId) {
        self.devices.insert(0, device);
        self.devices.truncate(Self::MOST);
    }
}
