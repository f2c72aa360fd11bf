//! Judges a run: reads what all devices did and heard, and what the database holds, and names each promise that was
//! broken. Pure: it knows neither clock nor socket.
//!
//! What it relies on: a device gives each of its requests a number of its own, sends one message under one id, and writes
//! down an event when it happens: a submission before it goes out, an answer after it has come in.

mod answers;
mod finding;
mod log;
mod messages;
mod readers;

pub use finding::{Broken, Finding};

use super::history::{History, StoredLogs};
use messages::{KnownLengths, Messages};

/// How late a timed entry may be erased from the database, in milliseconds in which nothing was broken. Readers are never
/// shown it late.
pub const ERASED_WITHIN_MILLIS: u64 = 10_000;

/// Everything that is wrong with a run; nothing, if all promises were kept.
#[must_use]
pub fn check(history: &History, stored: &StoredLogs) -> Vec<Finding> {
    let messages = Messages::of(history);
    let known = KnownLengths::of(history, &messages);
    let mut findings = Vec::new();
    log::check(history, stored, &messages, &mut findings);
    answers::check(stored, &messages, &mut findings);
    readers::check(history, stored, &messages, &known, &mut findings);
    findings
}
