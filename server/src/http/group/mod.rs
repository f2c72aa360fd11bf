//! `/v1/group/…`. What a group's rules allow is the Delivery Service's question; here it becomes HTTP.

pub(super) mod ask;
pub(super) mod create;
pub(super) mod decline;
pub(super) mod delete;
pub(super) mod leave;
mod listed;
pub(super) mod read;
pub(super) mod requests;
pub(super) mod search;
pub(super) mod update;

pub(super) use listed::listed;
