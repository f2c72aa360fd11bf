//! One client's side of one connection.

use super::Stamp;
use std::fmt;
use std::io;

/// What a client says and hears on its connection. It sees bytes only: the loop owns the socket.
pub(crate) trait Session {
    /// The connection is there: what to say first.
    fn begin(&mut self, out: &mut Vec<u8>);

    /// Takes what has arrived, says what that asks for, and notes what it means. Returns how many bytes it is done with; the
    /// rest comes again with more behind it.
    fn receive(&mut self, input: &[u8], out: &mut Vec<u8>, events: &mut Vec<Event>)
    -> Result<usize, Failure>;

    /// How often a message came before one that had to come first, and was fetched.
    fn holes(&self) -> u32 {
        0
    }
}

/// A session that can send a message to its peer.
pub(crate) trait Messenger: Session {
    /// Says the message with this stamp.
    fn send(&mut self, stamp: Stamp, out: &mut Vec<u8>);
}

/// What a client has learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It is logged in, and knows all that was waiting for it.
    Ready,
    /// The server has taken the message with this number; if it says so at all, durably.
    Accepted { number: u32 },
    /// The server has refused the message with this number.
    Refused { number: u32, why: Failure },
    /// A message has arrived.
    Delivered(Stamp),
    /// The recipient has confirmed everything up to the message with this number.
    Confirmed { number: u32 },
    /// What must never happen.
    Broken(Breach),
    /// The connection is over.
    Ended(Failure),
}

/// A promise of the server that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breach {
    /// A position is missing between two that came.
    Gap,
    /// A message came twice.
    Doubled,
    /// A message came after a later one of its sender.
    Disordered,
}

/// Why something came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// The server says so, by a code of its own.
    Said(String),
    /// The operating system says so.
    System(io::ErrorKind),
    /// There is no TLS with the server, or no more of it.
    Tls(String),
    /// The server closed without a word.
    Closed,
    /// What the server says cannot be understood.
    Malformed(&'static str),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error.kind())
    }
}

impl From<rustls::Error> for Failure {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(code) => f.write_str(code),
            Self::System(kind) => write!(f, "system: {kind}"),
            Self::Tls(why) => write!(f, "TLS: {why}"),
            Self::Closed => f.write_str("closed without a word"),
            Self::Malformed(what) => write!(f, "malformed: {what}"),
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gap => "gap",
            Self::Doubled => "double",
            Self::Disordered => "out of order",
        })
    }
}
