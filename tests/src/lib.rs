//! Tests that need more than one of Sotto's crates.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

pub mod bare;
pub mod contention;
pub mod conversation;
pub mod faults;
pub mod light;
pub mod load;
pub mod malicious;
mod payload;
pub mod peers;
pub mod process;
pub mod steps;
pub mod tampering;
pub mod world;
