//! Vectors of the MLS working group and of HPKE's, through our provider.

#![allow(
    missing_docs,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a vector that is not what it should be fails its test"
)]

#[path = "../support/mod.rs"]
mod support;

mod basics;
mod hybrid;
mod passive_client;
