//! Tags: how a retry is recognised without an index of message ids.

use crate::store::StoreError;
use sha2::{Digest, Sha256};
use sotto_protocol::{DeviceAddress, MessageId};

/// 32 bits of SHA-256(key ‖ account ‖ device ‖ message id), with the shard's own key: nobody outside can make two of
/// their messages meet. A tag that is found says "perhaps"; the entry itself decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::store) struct Tag(pub(in crate::store) u32);

/// Random, made with the shard.
#[derive(Clone)]
pub(in crate::store) struct TagKey([u8; 16]);

impl TagKey {
    pub(in crate::store) fn tag(&self, from: DeviceAddress, message: MessageId) -> Tag {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(from.account.as_bytes())
            .chain_update(from.device.as_bytes())
            .chain_update(message.as_bytes())
            .finalize();
        let (first, _) = digest.split_at(4);
        Tag(first.iter().fold(0, |tag, byte| tag << 8 | u32::from(*byte)))
    }
}

impl TryFrom<Vec<u8>> for TagKey {
    type Error = StoreError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, StoreError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| StoreError::Unreadable { what: "tag_key" })
    }
}

impl std::fmt::Debug for TagKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TagKey(…)")
    }
}
