//! Encrypting a message.

use super::{Chat, ChatError, Membership, MlsError};
use crate::suite::SuiteCrypto;
use crate::{Content, Device};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

impl Chat {
    /// The content as an MLS `PrivateMessage` of the current epoch: an `MLSMessage` of some 150 bytes more than the padded
    /// content.
    ///
    /// Each call spends a key. Its changes are stored before the message is sent: a key that is used twice is broken. If
    /// the server answers that the epoch has ended, the same content is encrypted again in the new one.
    pub fn encrypt(
        &mut self,
        rng: &mut impl CryptoRng,
        device: &Device,
        content: &Content,
    ) -> Result<Vec<u8>, ChatError> {
        self.check_device(device)?;
        if self.membership == Membership::AwaitingAnswer {
            return Err(ChatError::PendingCommit);
        }
        let plain = Zeroizing::new(content.encode()?);
        self.operate(SuiteCrypto::new(rng), |group, provider| {
            group
                .create_message(provider, &super::leaf::DeviceSigner(device), &plain)
                .map_err(|error| ChatError::Mls(MlsError::new(error)))?
                .to_bytes()
                .map_err(|error| ChatError::Mls(MlsError::new(error)))
        })
    }
}
