//! `/v1/device/…`

pub(super) mod enrol;
pub(super) mod list;
pub(super) mod remove;
pub(super) mod update;
