//! `/v1/notification/…`: where devices can be woken that are not connected.

pub(super) mod forget;
pub(super) mod key;
pub(super) mod read;
pub(super) mod subscribe;
