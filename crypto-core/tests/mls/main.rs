//! Chats between devices, as an auditor would try them.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test nothing is public, and what is not as it should be fails"
)]

mod adversaries;
mod beside_the_log;
mod crashes;
mod franking;
mod group_adversaries;
mod group_key;
mod groups;
mod histories;
mod history_share;
mod invitations;
mod key_packages;
mod large_groups;
mod raw;
mod stories;
mod successors;
mod tampering;
mod world;
