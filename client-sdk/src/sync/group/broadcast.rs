//! Broadcasts: the owner and the admins speak, and everyone else reads. The server cannot read who says what, so each device decides
//! by the group's rules whom it hears.

use super::super::open_chat::Queued;
use super::super::{Engine, OpenChat};
use crate::error::ClientError;
use crate::platform::Platform;
use sotto_crypto_core::content::Body;
use sotto_protocol::{ChatId, DeviceAddress, MessageId};

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
    /// Notes of a group's state that was taken anew whether it is a broadcast: what is known from before may be from an archive.
    pub(crate) fn note_broadcast(&mut self) {
        let rules = self.group.as_ref().and_then(|group| group.rules().as_group());
        let is_broadcast = rules.is_some_and(|rules| rules.is_broadcast);
        if let Some(record) = self.record.group_mut() {
            record.is_broadcast = is_broadcast;
        }
    }

    /// Whether what this device of a member says here is heard.
    pub(crate) fn hears(&self, from: DeviceAddress) -> bool {
        self.group.as_ref().is_none_or(|group| group.may_speak(from))
    }
}

impl<P: Platform> Engine<P> {
    /// What waits to be sent, and would not be heard any more: its sender was an admin when it was written.
    pub(in super::super) fn unheard(&self, chat: &OpenChat) -> Option<MessageId> {
        let own = self.me.as_ref()?.address();
        if chat.hears(own) {
            return None;
        }
        let waits = |queued: &&Queued| !queued.in_flight && takes_a_voice(&queued.record.body.clone().into());
        chat.outbox.iter().find(waits).map(|queued| queued.record.message)
    }

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
        // In one that cannot be read it is looked at when it is sent.
        let is_read = chat.open(&records).await.is_ok();
        if is_read && !chat.hears(own) {
            return Err(ClientError::NoVoice);
        }
        Ok(())
    }
}
