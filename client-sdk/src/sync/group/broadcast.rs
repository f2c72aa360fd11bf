//! Broadcasts: the owner and the admins speak, and everyone else reads. The server cannot read who says what, so each device decides
//! by the group's rules whom it hears.

use super::super::{Engine, OpenChat};
use crate::error::ClientError;
use crate::platform::Platform;
use sotto_crypto_core::content::Body;
use sotto_protocol::{ChatId, DeviceAddress};

/// Whether what is said takes that its sender is heard. What a member's client says by itself does not, nor that somebody takes back
/// what they have said.
pub(crate) const fn takes_a_voice(body: &Body) -> bool {
    match body {
        Body::Text(_)
        | Body::File(_)
        | Body::Edit(_)
        | Body::Reaction(_)
        | Body::Pin(_)
        | Body::Retention(_)
        | Body::HistoryShare(_)
        | Body::Unknown { .. } => true,
        Body::Deletion(_)
        | Body::GroupProfile(_)
        | Body::Departure(_)
        | Body::Approval(_)
        | Body::GroupKeyRequest(_)
        | Body::GroupKeyShare(_)
        | Body::HistoryRequest(_) => false,
    }
}

impl OpenChat {
    /// Whether what this device of a member says here is heard.
    pub(crate) fn hears(&self, from: DeviceAddress) -> bool {
        self.group.as_ref().is_none_or(|group| group.may_speak(from))
    }
}

impl<P: Platform> Engine<P> {
    /// Whether what this account says in a chat is heard.
    pub(in super::super) async fn check_voice(&mut self, id: ChatId) -> Result<(), ClientError> {
        let Some(own) = self.me.as_ref().map(super::super::Me::address) else {
            return Err(ClientError::NotLoggedIn);
        };
        let records = self.surroundings.records.clone();
        let Some(chat) = self.chats.get_mut(&id) else {
            return Ok(());
        };
        if !chat.record.group().is_some_and(|record| record.is_broadcast) {
            return Ok(());
        }
        // One that cannot be read is repaired, and says it then.
        let is_read = chat.open(&records).await.is_ok();
        if is_read && !chat.hears(own) {
            return Err(ClientError::NoVoice);
        }
        Ok(())
    }
}
