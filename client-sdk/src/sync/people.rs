//! Profiles of other accounts: read when they are met or have changed, and held against what is known.

use super::{Done, Engine};
use crate::api::ApiError;
use crate::chats::Stage;
use crate::contacts::Observation;
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::store::Changes;
use core::time::Duration;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, ChatId, IdentityKey};

impl<P: Platform> Engine<P> {
    /// Reads an account's profile, unless that is under way.
    pub(crate) fn look_up(&mut self, account: AccountId) {
        let own = self.me.as_ref().is_some_and(|me| me.account == account);
        if own || !self.looking_up.insert(account) {
            return;
        }
        let api = self.api.clone();
        self.start(async move {
            let result = api.user_by_id(account).await;
            Done::Profile { account, result }
        });
    }

    /// Reads an account's profile if it is not known what it is called.
    pub(crate) fn look_up_nameless(&mut self, account: AccountId) {
        if self
            .contacts
            .get(account)
            .is_none_or(|contact| contact.profile.is_none())
        {
            self.nameless.insert(account);
            self.look_up(account);
        }
    }

    /// A profile was read.
    pub(crate) async fn profile_read(&mut self, account: AccountId, result: Result<User, ApiError>) {
        self.looking_up.remove(&account);
        // One that could not be read now is read on the next connection.
        let Ok(user) = result else {
            return;
        };
        // Of a profile that does not hold nothing is taken: what was known before stays.
        let Ok(verified) = self.contacts.verify(user) else {
            return;
        };
        let before = self.contacts.get(account).cloned();
        if before.is_none() && self.chats_with(account).is_empty() && !self.nameless.remove(&account) {
            // Nobody whom this account talks to.
            return;
        }
        let mut changes = Changes::new();
        let observation = self.contacts.observe(&verified, &mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.publish();
        let was_shown = before.as_ref().is_some_and(|contact| contact.profile.is_some());
        for (chat, stage) in self.chats_with(account) {
            if stage == Stage::Member {
                if was_shown {
                    self.events.emit(&Event::ChatChanged { chat });
                } else {
                    self.emit_added(chat);
                }
            }
        }
        if !was_shown {
            // Whoever looks at a group that this account is in can be told its name now.
            for chat in self.chats.values() {
                if chat.record.group().is_some() && chat.record.stage == Stage::Member {
                    self.events.emit(&Event::ChatChanged { chat: chat.id });
                }
            }
        }
        if self
            .contacts
            .verdicts()
            .blocked()
            .any(|blocked| blocked == account)
        {
            self.events.emit(&Event::BlockedChanged);
        }
        let was_held = before.is_some_and(|contact| contact.changed_to.is_some());
        if observation == Observation::IdentityChanged && !was_held {
            self.events.emit(&Event::IdentityChanged { account });
        }
    }

    fn chats_with(&self, account: AccountId) -> Vec<(ChatId, Stage)> {
        let with = self
            .chats
            .values()
            .filter(|chat| chat.record.kind.peer() == Some(account));
        with.map(|chat| (chat.id, chat.record.stage)).collect()
    }

    /// The user has found this identity key to be the account's.
    pub(crate) async fn verified(
        &mut self,
        account: AccountId,
        identity_key: IdentityKey,
    ) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let mut changes = Changes::new();
        self.contacts.verified(account, identity_key, &mut changes);
        self.write(changes).await?;
        self.publish();
        for (chat, _) in self.chats_with(account) {
            self.events.emit(&Event::ChatChanged { chat });
        }
        Ok(())
    }

    /// Trusts the identity key that an account shows now.
    pub(crate) async fn accept_identity(&mut self, account: AccountId) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let mut changes = Changes::new();
        if !self.contacts.accept(account, &mut changes) {
            return Ok(());
        }
        if let Err(error) = self.flush(changes).await {
            self.store_failed();
            return Err(error.into());
        }
        self.publish();
        for (chat, _) in self.chats_with(account) {
            self.events.emit(&Event::ChatChanged { chat });
        }
        // What was left alone for want of consent is not acknowledged: on a new connection the server brings it again.
        if self.link.is_some() {
            self.stop_link();
            self.start_link(Duration::ZERO);
        }
        Ok(())
    }
}
