//! What others are told of this account: decided here, and shared with the account's other devices.

use super::{Engine, Reply, SharedRecord as _};
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::privacy::{Privacy, PrivacyRecord};
use crate::record_key;
use crate::store::Changes;

impl<P: Platform> Engine<P> {
    /// Decides what others are told.
    pub(super) async fn set_privacy(&mut self, privacy: Privacy, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if !self.logged_in {
            return reply.send(Err(ClientError::NotLoggedIn));
        }
        let mut decided = self.privacy;
        if !decided.decide(privacy) {
            return reply.send(Ok(()));
        }
        let mut changes = Changes::new();
        changes.put(record_key::privacy(), &decided);
        if let Err(error) = self.write(changes).await {
            return reply.send(Err(error));
        }
        self.privacy = decided;
        self.privacy_changed();
        self.share_records(Some(reply)).await;
    }

    /// Takes in what other devices have decided, here and in `changes`. Whether something else is told now.
    pub(super) fn merge_privacy(&mut self, theirs: &PrivacyRecord, changes: &mut Changes) -> bool {
        let before = self.privacy;
        self.privacy.merge(theirs);
        if self.privacy != before {
            changes.put(record_key::privacy(), &self.privacy);
        }
        self.privacy.privacy() != before.privacy()
    }

    /// Something else is told now.
    pub(super) fn privacy_changed(&mut self) {
        if !self.privacy.privacy().presence {
            self.leave_sight();
        }
        self.events.emit(&Event::PrivacyChanged);
    }
}
