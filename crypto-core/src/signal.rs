//! Signals: what a device says to those that are connected at this moment, and that nobody keeps.

use serde::{Deserialize, Serialize};
use sotto_protocol::Timestamp;

/// A signal, sealed by [`EpochKeys`](crate::EpochKeys::seal_signal).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// When it was sent, by the sender's clock. Whoever has heard a later one of the same device ignores it: the server could send
    /// an old one again.
    pub at: Timestamp,
    /// What it says.
    pub kind: SignalKind,
}

/// What a signal says. The list only grows, at its end; one that is not known says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignalKind {
    /// A message is being written. It holds for a few seconds.
    Typing,
    /// It is not any more.
    TypingEnded,
    /// Whoever is there may say so.
    PresenceAsked,
    /// Somebody is at this device.
    Present,
    /// Nobody is there any more.
    Away,
}
