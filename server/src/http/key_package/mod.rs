//! `/v1/key-package/…`

pub(super) mod claim;
pub(super) mod publish;
pub(super) mod stock;

/// KeyPackages of a suite at which a device is told that its stock is low.
const LOW: u32 = 20;
