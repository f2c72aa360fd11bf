//! Encrypting a message.

use super::{Chat, ChatError, Membership, MlsError};
use crate::suite::SuiteCrypto;
use crate::{Content, Device, FrankingKey};
use core::fmt;
use rand_core::CryptoRng;
use sotto_protocol::FrankedPlace;
use zeroize::Zeroizing;

/// An encrypted message.
#[derive(Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The MLS message.
    pub payload: Vec<u8>,
    /// The key of its commitment: kept with the message, so that it can be shown to others as what was said.
    pub franking_key: FrankingKey,
}

/// How long it is, and nothing of the key.
impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encrypted({} bytes)", self.payload.len())
    }
}

impl Chat {
    /// The content as an MLS `PrivateMessage` of the current epoch: an `MLSMessage` of some 180 bytes more than the padded
    /// content and key, with a [commitment](crate::franking) to the content in its authenticated data.
    ///
    /// Each call spends a key. Its changes are stored before the message is sent: a key that is used twice is broken. If
    /// the server answers that the epoch has ended, the same content is encrypted again in the new one.
    pub fn encrypt(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        content: &Content,
    ) -> Result<Encrypted, ChatError> {
        self.check_device(device)?;
        if self.membership == Membership::AwaitingAnswer {
            return Err(ChatError::PendingCommit);
        }
        let encoded = Zeroizing::new(content.encode()?);
        let franking_key = FrankingKey::generate(rng);
        let place = FrankedPlace {
            chat: self.id,
            message: content.message,
            from: device.credential().address(),
        };
        let commitment = franking_key.commit(&place, &encoded);
        let plain = franking_key.plain_text(&encoded);
        let payload = self.operate(SuiteCrypto::new(rng), |group, provider| {
            group.set_aad(commitment.authenticated_data().to_vec());
            group
                .create_message(provider, &super::leaf::DeviceSigner(device), &plain)
                .map_err(|error| ChatError::Mls(MlsError::new(error)))?
                .to_bytes()
                .map_err(|error| ChatError::Mls(MlsError::new(error)))
        })?;
        Ok(Encrypted {
            payload,
            franking_key,
        })
    }
}
