//! `/v1/user/…`

pub(super) mod create;
pub(super) mod delete;
pub(super) mod picture;
pub(super) mod read;
pub(super) mod search;
pub(super) mod update;
