//! A group's profile is changed: signed with the group's key, told to the members, and of a listed group to the server.

use super::super::outbox::enqueue;
use super::super::{Done, Engine, OpenChat, Reply};
use super::create::check_profile;
use crate::chats::Stage;
use crate::error::ClientError;
use crate::events::Event;
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::GroupSigningKey;
use sotto_protocol::rest::group::UpdateGroup;
use sotto_protocol::{ChatId, GroupProfile, MessageId};

impl<P: Platform> Engine<P> {
    pub(super) async fn describe_group(
        &mut self,
        id: ChatId,
        title: String,
        description: String,
        reply: Reply<()>,
    ) {
        match self.write_profile(id, title, description).await {
            Err(error) => reply.send(Err(error)),
            Ok(None) => reply.send(Ok(())),
            Ok(Some(update)) => {
                let api = self.api.clone();
                self.start(async move {
                    let result = api.update_group(id, &update).await;
                    Done::ProfilePublished {
                        chat: id,
                        reply,
                        result,
                    }
                });
            }
        }
    }

    /// Signs and keeps the new profile. Of a listed group, what the server is to be told.
    async fn write_profile(
        &mut self,
        id: ChatId,
        title: String,
        description: String,
    ) -> Result<Option<UpdateGroup>, ClientError> {
        check_profile(&title, &description)?;
        let secret = self
            .surroundings
            .records
            .get_bytes(&record_key::group_key(id))
            .await?;
        let mut chat = self.take_group(id).await?;
        let rules = chat.group.as_ref().and_then(|group| group.rules().as_group());
        let signing = match (rules, secret) {
            (Some(rules), Some(secret)) if chat.record.stage == Stage::Member => {
                let key = GroupSigningKey::decode(secret.expose(), rules.group_key);
                key.map(|key| (key, rules.is_listed))
            }
            _ => None,
        };
        let (Some((key, is_listed)), Some(from)) = (signing, self.me.as_ref().map(super::super::Me::address))
        else {
            self.chats.insert(id, chat);
            return Err(ClientError::InvalidGroup(
                "this device does not hold the group's key: whoever founded the group can change its profile",
            ));
        };
        let known = chat.record.group().and_then(crate::chats::GroupRecord::profile);
        let signed = key.sign_profile(&GroupProfile {
            group: id,
            revision: known.as_ref().map_or(0, |known| known.revision) + 1,
            title,
            description,
            picture: known.and_then(|known| known.picture),
        });
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let mut changes = Changes::new();
        if let Some(record) = chat.record.group_mut() {
            record.profile = Some(signed.clone());
        }
        let body = QueuedBody::GroupProfile(signed.clone());
        enqueue(&mut chat, from, message, body, now, &mut changes);
        chat.write_to(&mut changes);
        self.write(changes).await?;
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatChanged { chat: id });
        self.advance(id).await;
        Ok(is_listed.then_some(UpdateGroup { profile: signed }))
    }

    /// Tells the server the profile of a group that has just become listed; if this fails, the next change of it does.
    pub(crate) fn publish_profile(&self, chat: &OpenChat) {
        let is_listed = chat
            .group
            .as_ref()
            .and_then(|group| group.rules().as_group())
            .is_some_and(|rules| rules.is_listed);
        let profile = chat.record.group().and_then(|record| record.profile.clone());
        let (true, Some(profile)) = (is_listed, profile) else {
            return;
        };
        let (api, id) = (self.api.clone(), chat.id);
        self.start(async move {
            let result = api.update_group(id, &UpdateGroup { profile }).await;
            let (reply, _nobody_waits) = Reply::new();
            Done::ProfilePublished {
                chat: id,
                reply,
                result,
            }
        });
    }
}
