//! `/v1/news`: what the operator has to tell.

pub(super) mod feed;
pub(super) mod list;
pub(super) mod read;
