//! The accounts of the generator: made by the real interface, and kept for the next run.

mod roster;
mod service;

pub(crate) use roster::Roster;
pub(crate) use service::Service;
