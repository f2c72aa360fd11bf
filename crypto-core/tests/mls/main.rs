//! Chats between devices, as an auditor would try them.

#![allow(missing_docs, unreachable_pub, reason = "a test has no readers from outside")]

mod adversaries;
mod crashes;
mod key_packages;
mod raw;
mod stories;
mod tampering;
mod world;
