//! `/v1/site`: what the operator says.

pub(super) mod file;
pub(super) mod logo;
pub(super) mod page;
pub(super) mod style;
