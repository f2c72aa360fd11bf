//! What an operator sees of a server: over real sockets.
//!
//! Metrics are the process's. These tests therefore run one after another, and look at what has changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is a test"
)]

mod metrics;
#[path = "../postgres_server/mod.rs"]
mod postgres_server;
mod readiness;
mod scrape;
#[allow(dead_code, reason = "these tests do not need all of it")]
#[path = "../edge/support/mod.rs"]
mod support;
