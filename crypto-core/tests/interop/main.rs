//! Chats between our client and a second implementation of MLS (RFC 9420), mls-rs: what one makes, the other takes.
//!
//! The two share no code of MLS. mls-rs is given its primitives by [`provider`], which uses the same crates for them as we
//! do, but not our wiring of them; its credentials are ours. Every story is told with the two in either role.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test nothing is public, and what is not as it should be fails"
)]

mod commits;
mod evidence;
mod external;
mod joining;
mod long_run;
mod member;
mod messages;
mod mls_rs_member;
mod our_member;
mod provider;
mod refusals;
mod scene;
mod setup;
