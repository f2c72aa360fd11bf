//! Secrets of an epoch for other uses (RFC 9420, section 8.5).

use super::{Chat, ChatError};
use crate::suite::SuiteCrypto;
use crate::{Label, SecretBytes};

/// What HKDF-Expand gives at most (RFC 5869, section 2.3).
const MAX_LENGTH: usize = 255 * 32;

impl Chat {
    /// `MLS-Exporter(label, context, length)` of the current epoch: the same for every member, and for nobody else.
    pub fn export(&self, label: Label, context: &[u8], length: usize) -> Result<SecretBytes, ChatError> {
        if length > MAX_LENGTH {
            return Err(ChatError::ExportTooLong);
        }
        self.group
            .export_secret(
                &SuiteCrypto::without_randomness(),
                label.as_str(),
                context,
                length,
            )
            .map(SecretBytes::from)
            .map_err(|_| ChatError::Removed)
    }

    /// The epoch's authenticator (RFC 9420, section 8.7): the same for all who are in the same state of the group, and for nobody
    /// else. `None` if this device is not a member any more.
    #[must_use]
    pub fn epoch_authenticator(&self) -> Option<&[u8]> {
        self.is_member()
            .then(|| self.group.epoch_authenticator().as_slice())
    }
}
