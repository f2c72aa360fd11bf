//! How the log says that a Commit was taken back.

use super::MalformedFrame;
use crate::{Epoch, Seq};

/// The payload of an entry of kind [`Reversal`](super::EntryKind::Reversal): a Commit and every entry after it, up to this one,
/// are [taken back](super::EntryKind::TakenBack). 16 bytes, two numbers in network byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// The position of the Commit.
    pub first: Seq,
    /// The epoch that the chat is in again: the one that the Commit had ended.
    pub epoch: Epoch,
}

impl Reversal {
    /// Bytes of a payload.
    pub const LENGTH: usize = 16;

    /// The payload.
    #[must_use]
    pub fn encode(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let (first, epoch) = bytes.split_at_mut(8);
        first.copy_from_slice(&self.first.0.to_be_bytes());
        epoch.copy_from_slice(&self.epoch.0.to_be_bytes());
        bytes
    }

    /// What a payload says.
    pub fn decode(payload: &[u8]) -> Result<Self, MalformedFrame> {
        let (first, epoch) = payload.split_at_checked(8).ok_or(MalformedFrame)?;
        let number = |bytes: &[u8]| {
            let bytes = bytes.try_into().map_err(|_| MalformedFrame)?;
            Ok(u64::from_be_bytes(bytes))
        };
        Ok(Self {
            first: Seq(number(first)?),
            epoch: Epoch(number(epoch)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversal_has_one_form() {
        let reversal = Reversal {
            first: Seq(0x0102_0304_0506_0708),
            epoch: Epoch(9),
        };
        let bytes = reversal.encode();
        assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(Reversal::decode(&bytes), Ok(reversal));
        for length in 0..bytes.len() {
            assert_eq!(Reversal::decode(&bytes[..length]), Err(MalformedFrame));
        }
        assert_eq!(
            Reversal::decode(&[&bytes[..], &[0]].concat()),
            Err(MalformedFrame)
        );
    }
}
