//! `/v1/role`

pub(super) mod read;
