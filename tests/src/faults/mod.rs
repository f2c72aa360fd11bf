//! Breaks servers, databases, buses and networks while many devices talk, and checks that every promise was kept.
//!
//! ```text
//! plan (from a seed) ──→ house: servers, databases, buses, each behind a fault proxy
//!                              ↑
//! workload: devices that send, retry, reconnect, catch up ──→ history ──→ checker ←── the database
//! ```
//!
//! Power cuts have a disk of their own: [`power`].

pub mod checker;
pub mod database;
pub mod dice;
pub mod history;
pub mod hostile;
pub mod house;
pub mod plan;
pub mod power;
pub mod proxy;
pub mod report;
pub mod trial;
pub mod workload;
