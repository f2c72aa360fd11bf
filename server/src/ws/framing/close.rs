//! Close frames (RFC 6455, sections 5.5.1 and 7.4).

use super::{FrameHead, Opcode, Violation};

/// Why an endpoint closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseCode(u16);

impl CloseCode {
    /// Done with it.
    pub const NORMAL: Self = Self(1000);
    /// The endpoint goes away.
    pub const AWAY: Self = Self(1001);
    /// The other side broke the protocol.
    pub const PROTOCOL: Self = Self(1002);
    /// A text that is no UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// Against the endpoint's rules.
    pub const POLICY: Self = Self(1008);
    /// A message that is too large.
    pub const TOO_BIG: Self = Self(1009);
    /// The server restarts.
    pub const RESTART: Self = Self(1012);
    /// Try again later.
    pub const AGAIN: Self = Self(1013);

    /// The code, if an endpoint may send it: registered with IANA and not reserved for what never travels, or of those
    /// that libraries and applications may give a meaning.
    fn received(code: u16) -> Option<Self> {
        matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999).then_some(Self(code))
    }
}

/// Reads the payload of a close frame: its code, if it has one.
pub(super) fn read(payload: &[u8]) -> Result<Option<CloseCode>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(None)
        } else {
            Err(Violation::Protocol)
        };
    };
    let code = CloseCode::received(u16::from_be_bytes(*code)).ok_or(Violation::Protocol)?;
    std::str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
    Ok(Some(code))
}

/// A close frame, encoded. A reason beyond 123 bytes is left out.
#[must_use]
pub fn close_frame(code: Option<CloseCode>, reason: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some(CloseCode(code)) = code {
        payload.extend_from_slice(&code.to_be_bytes());
        if payload.len() + reason.len() <= super::head::CONTROL_BYTES {
            payload.extend_from_slice(reason.as_bytes());
        }
    }
    let mut frame = FrameHead::new(Opcode::Close, payload.len()).as_bytes().to_vec();
    frame.append(&mut payload);
    frame
}
