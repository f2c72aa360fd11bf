//! What a newcomer of a group is given of what was said before.

use super::{Chat, ChatError};
use crate::Device;
use crate::history_share::{HistoryFile, HistoryRequest, HistoryShare};
use rand_core::CryptoRng;
use sotto_protocol::chat_rules::GrantedHistory;
use sotto_protocol::{DeviceAddress, Timestamp};

impl Chat {
    /// Since when newcomers are given what was said; `None` if they are given nothing, or the chat is no group.
    #[must_use]
    pub fn history_granted_since(&self) -> Option<Timestamp> {
        match self.rules.as_group()?.history {
            GrantedHistory::None => None,
            GrantedHistory::Since(since) => Some(since),
        }
    }

    /// Seals the key of a file with history for a device that has asked for it: only if it is in the group now, and the rules give
    /// newcomers anything.
    pub fn share_history(
        &self,
        rng: &mut impl CryptoRng,
        device: &Device,
        asker: DeviceAddress,
        request: &HistoryRequest,
        file: &HistoryFile,
    ) -> Result<HistoryShare, ChatError> {
        self.check_device(device)?;
        let is_member = self.members().iter().any(|member| member.address() == asker);
        if self.history_granted_since().is_none() || !is_member {
            return Err(ChatError::NoHistory);
        }
        request
            .answer(rng, file, self.id, device.address(), asker)
            .ok_or(ChatError::NoHistory)
    }
}
