//! `/v1/auth/…`

pub(super) mod finish_login;
pub(super) mod logout;
pub(super) mod refresh;
pub(super) mod start_login;
pub(super) mod start_registration;
