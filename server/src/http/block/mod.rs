//! `/v1/block/…`: whom an account wants to hear nothing from.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
