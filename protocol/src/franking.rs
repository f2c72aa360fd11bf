//! What a sender commits to, so that a member can report a message and the server, which cannot read it, can check the report
//! ("message franking": Grubbs, Lu, Ristenpart, CRYPTO 2017).
//!
//! ```text
//! commitment = HMAC-SHA-256(key, label ‖ 0x00 ‖ chat ‖ message id ‖ account ‖ device ‖ content)
//! ```
//!
//! The key is 32 random bytes of this message alone, inside what is encrypted. The commitment is the `authenticated_data` of the
//! MLS `PrivateMessage` (RFC 9420, section 6.3.1), which everybody on the way can read and nobody can change. It says nothing of
//! the content to who has not the key, and nobody can find another content, place or key that fits it.
//!
//! The ids are of fixed length, so that no two inputs are one text, and so is the key: HMAC would take a longer one and its hash
//! for the same. Label and input stand here, and not in `sotto-crypto-core` alone, because the server computes them too.

use crate::fixed_bytes::fixed_bytes;
use crate::message_header::MalformedMessage;
use crate::{ChatId, DeviceAddress, MessageId};

/// Begins what a commitment is computed of.
pub const FRANKING: &str = "sotto.v1 franking";

/// The version of the authenticated data of a message.
const VERSION: u8 = 1;

fixed_bytes! {
    /// What a message's sender has committed to: see the [module](self).
    Commitment[32];
    /// The key of one message's commitment, as who reports the message reveals it.
    RevealedKey[32];
}

impl Commitment {
    /// Bytes of the authenticated data of a message.
    pub const AUTHENTICATED_DATA_BYTES: usize = 1 + Self::LENGTH;

    /// The authenticated data of a message: `0x01 ‖ commitment`.
    #[must_use]
    pub fn authenticated_data(&self) -> [u8; Self::AUTHENTICATED_DATA_BYTES] {
        let mut data = [VERSION; Self::AUTHENTICATED_DATA_BYTES];
        let (_, commitment) = data.split_at_mut(1);
        commitment.copy_from_slice(self.as_bytes());
        data
    }

    /// The commitment in a message's authenticated data, which is that and nothing else.
    pub fn of_authenticated_data(data: &[u8]) -> Result<Self, MalformedMessage> {
        match data.split_first() {
            Some((&VERSION, commitment)) => Self::try_from(commitment).map_err(|_| MalformedMessage),
            Some(_) | None => Err(MalformedMessage),
        }
    }
}

/// Where something was said, and by whom: a commitment holds there and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrankedPlace {
    /// The chat.
    pub chat: ChatId,
    /// The message.
    pub message: MessageId,
    /// The device that has sent it: to members the one that MLS authenticates, to the server the one whose session it was. Were
    /// the two not the same, a device could say something that is reported as another's.
    pub from: DeviceAddress,
}

impl FrankedPlace {
    /// What the HMAC is computed of before the content: `label ‖ 0x00 ‖ chat ‖ message id ‖ account ‖ device`.
    #[must_use]
    pub fn context(&self) -> Vec<u8> {
        let ids: [&[u8]; 4] = [
            self.chat.as_bytes(),
            self.message.as_bytes(),
            self.from.account.as_bytes(),
            self.from.device.as_bytes(),
        ];
        [FRANKING.as_bytes(), &[0], &ids.concat()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn authenticated_data_is_a_version_and_a_commitment_and_nothing_else(
            commitment: [u8; 32],
            noise in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let commitment = Commitment::from_bytes(commitment);
            let data = commitment.authenticated_data();
            prop_assert_eq!(Commitment::of_authenticated_data(&data), Ok(commitment));
            let is_one = noise.len() == 33 && noise[0] == 1;
            prop_assert_eq!(Commitment::of_authenticated_data(&noise).is_ok(), is_one);
        }
    }
}
