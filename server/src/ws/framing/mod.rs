//! WebSocket frames (RFC 6455, sections 5 to 8) as a server reads and writes them: bytes in, events out, and no socket.
//!
//! No extension is ever negotiated, so a reserved bit is a violation, and nothing is compressed.

mod close;
mod decoder;
mod head;
mod mask;
#[cfg(test)]
mod tests;

pub use close::{CloseCode, close_frame};
pub use decoder::{Decoder, Event};
pub use head::{FrameHead, Opcode};

/// The client broke the protocol: tell it by [`Self::close_code`], and read no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A frame that RFC 6455 forbids.
    #[error("the frame breaks the WebSocket protocol")]
    Protocol,
    /// A text or the reason of a close that is no UTF-8.
    #[error("the text is no UTF-8")]
    Utf8,
    /// A message beyond the limit; seen at the head of the frame that passes it.
    #[error("the message is too large")]
    TooLarge,
}

impl Violation {
    /// The code that names it (RFC 6455, section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Protocol => CloseCode::PROTOCOL,
            Self::Utf8 => CloseCode::INVALID_PAYLOAD,
            Self::TooLarge => CloseCode::TOO_BIG,
        }
    }
}
