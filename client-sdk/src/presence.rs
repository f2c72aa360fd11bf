//! Whether somebody is there.

use sotto_protocol::Timestamp;

/// Whether somebody is at one of an account's devices, as far as they tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Somebody is.
    Online,
    /// Somebody was, to the minute.
    LastSeen {
        /// When.
        at: Timestamp,
    },
    /// They have not told.
    Unknown,
}
