//! The ids of notices.

use core::fmt;
use core::str::FromStr;
use sotto_protocol::{Seq, Timestamp, binary};

/// A notice's id on this device. Ids are in the order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId {
    at: Timestamp,
    /// Where in the chat's log, if it stands in one: what came at the same moment stays in order.
    seq: Seq,
    /// Of what the notice came by: a message, a chat or a device.
    of: [u8; 16],
}

/// The text is no id of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no id of a notice")]
pub struct InvalidNoticeId;

impl NoticeId {
    /// The id of a notice of this time.
    pub(crate) const fn new(at: Timestamp, seq: Seq, of: [u8; 16]) -> Self {
        Self { at, seq, of }
    }

    /// When it happened.
    pub(crate) const fn at(self) -> Timestamp {
        self.at
    }

    /// As bytes, which are in the order of ids.
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (at, rest) = bytes.split_at_mut(8);
        let (seq, of) = rest.split_at_mut(8);
        at.copy_from_slice(&self.at.0.to_be_bytes());
        seq.copy_from_slice(&self.seq.0.to_be_bytes());
        of.copy_from_slice(&self.of);
        bytes
    }

    /// The id that these bytes were made of.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (at, rest) = bytes.split_first_chunk()?;
        let (seq, of) = rest.split_first_chunk()?;
        Some(Self {
            at: Timestamp(u64::from_be_bytes(*at)),
            seq: Seq(u64::from_be_bytes(*seq)),
            of: of.try_into().ok()?,
        })
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&binary::encode(&self.to_bytes()))
    }
}

impl fmt::Debug for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoticeId({self})")
    }
}

impl FromStr for NoticeId {
    type Err = InvalidNoticeId;

    fn from_str(text: &str) -> Result<Self, InvalidNoticeId> {
        let bytes = binary::decode(text).ok_or(InvalidNoticeId)?;
        Self::from_bytes(&bytes).ok_or(InvalidNoticeId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_text_and_nothing_else_is() {
        let id = NoticeId::new(Timestamp(1_700_000_000_000), Seq(5), [7; 16]);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        for wrong in ["", "?", &text[4..], &format!("{text}AAAA")] {
            assert_eq!(wrong.parse::<NoticeId>(), Err(InvalidNoticeId), "{wrong:?}");
        }
    }
}
