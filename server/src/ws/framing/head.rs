//! The head of a frame (RFC 6455, section 5.2).

use super::Violation;

/// Bytes of a control frame's payload.
pub(super) const CONTROL_BYTES: usize = 125;
/// Bytes of the longest head of a client.
pub(super) const HEAD_BYTES: usize = 14;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;
/// The length follows in two bytes.
const LENGTH_16: u8 = 126;
/// The length follows in eight bytes.
const LENGTH_64: u8 = 127;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message.
    Continuation,
    /// A text, or its beginning.
    Text,
    /// Bytes, or their beginning.
    Binary,
    /// The end.
    Close,
    /// To be answered by a pong with the same payload.
    Ping,
    /// The answer to a ping, or an unasked sign of life.
    Pong,
}

impl Opcode {
    fn read(code: u8) -> Option<Self> {
        Some(match code {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    const fn code(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }

    pub(super) const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// The head of a client's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_final: bool,
    pub(super) opcode: Opcode,
    pub(super) mask: [u8; 4],
    pub(super) payload_bytes: u64,
}

impl Head {
    /// The head at the beginning of `bytes`, and what follows it. `None` if `bytes` end before it does.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<(Self, &[u8])>, Violation> {
        let Some((&[first, second], rest)) = bytes.split_first_chunk() else {
            return Ok(None);
        };
        let opcode = Opcode::read(first & OPCODE).ok_or(Violation::Protocol)?;
        let is_final = first & FIN != 0;
        let length = second & LENGTH;
        let is_whole = is_final && usize::from(length) <= CONTROL_BYTES;
        if first & RESERVED != 0 || second & MASKED == 0 || opcode.is_control() && !is_whole {
            return Err(Violation::Protocol);
        }
        let (payload_bytes, least, rest) = match length {
            LENGTH_16 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), u64::from(LENGTH_16), rest),
                None => return Ok(None),
            },
            LENGTH_64 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from_be_bytes(*length), 1 << 16, rest),
                None => return Ok(None),
            },
            length => (u64::from(length), 0, rest),
        };
        // The shortest form is the only one, and the highest bit is never set.
        if payload_bytes < least || payload_bytes >> 63 != 0 {
            return Err(Violation::Protocol);
        }
        let Some((&mask, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        let head = Self {
            is_final,
            opcode,
            mask,
            payload_bytes,
        };
        Ok(Some((head, rest)))
    }
}

/// The head of a server's frame: whole, not masked.
#[derive(Clone, Copy, Debug)]
pub struct FrameHead {
    bytes: [u8; 10],
    length: u8,
}

impl FrameHead {
    /// No head: room for one.
    pub(crate) const NONE: Self = Self {
        bytes: [0; 10],
        length: 0,
    };

    /// Of a frame with so many bytes of payload; of a control frame at most 125.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "each length is checked to fit before it is cut"
    )]
    pub const fn new(opcode: Opcode, payload_bytes: usize) -> Self {
        let first = FIN | opcode.code();
        let mut bytes = [0; 10];
        let length;
        if payload_bytes < LENGTH_16 as usize {
            [bytes[0], bytes[1]] = [first, payload_bytes as u8];
            length = 2;
        } else if payload_bytes < 1 << 16 {
            let [a, b] = (payload_bytes as u16).to_be_bytes();
            [bytes[0], bytes[1], bytes[2], bytes[3]] = [first, LENGTH_16, a, b];
            length = 4;
        } else {
            let long = (payload_bytes as u64).to_be_bytes();
            bytes = [
                first, LENGTH_64, long[0], long[1], long[2], long[3], long[4], long[5], long[6], long[7],
            ];
            length = 10;
        }
        Self { bytes, length }
    }

    /// The head as it is sent.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}
