//! A group's profile is changed: signed with the group's key, told to the members, and of a listed group to the server.

use super::super::outbox::enqueue;
use super::super::{Done, Engine, OpenChat, Reply};
use super::create::check_profile;
use crate::api::ApiError;
use crate::chats::{GroupRecord, Stage};
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{PictureRecord, ProfileEdit};
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::{GroupSigningKey, ToldGroupProfile, verify_group_profile};
use sotto_protocol::rest::group::{Group, UpdateGroup};
use sotto_protocol::{ChatId, GroupProfile, MessageId};

impl<P: Platform> Engine<P> {
    pub(super) async fn describe_group(&mut self, id: ChatId, edit: ProfileEdit, reply: Reply<()>) {
        match self.write_profile(id, edit).await {
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
        edit: ProfileEdit,
    ) -> Result<Option<UpdateGroup>, ClientError> {
        if let ProfileEdit::Texts { title, description } = &edit {
            check_profile(title, description)?;
        }
        let secret = self
            .surroundings
            .records
            .get_bytes(&record_key::group_key(id))
            .await?;
        let mut chat = self.take_group(id).await?;
        let own = self.me.as_ref().map(super::super::Me::address);
        let is_entitled = own
            .zip(chat.group.as_ref())
            .is_some_and(|(own, group)| group.holds_office(own));
        if !is_entitled {
            self.chats.insert(id, chat);
            return Err(ClientError::InvalidGroup(
                "the group's owner and its admins change its profile",
            ));
        }
        let rules = chat.group.as_ref().and_then(|group| group.rules().as_group());
        let signing = match (rules, secret) {
            (Some(rules), Some(secret)) if chat.record.stage == Stage::Member => {
                let key = GroupSigningKey::decode(secret.expose(), rules.group_key);
                key.map(|key| (key, rules.is_listed))
            }
            _ => None,
        };
        let (Some((key, is_listed)), Some(from)) = (signing, own) else {
            self.chats.insert(id, chat);
            return Err(ClientError::NoGroupKey);
        };
        let known = chat.record.group().and_then(GroupRecord::profile);
        let known_key = chat.record.group().and_then(|record| record.picture_key.clone());
        let revision = known.as_ref().map_or(0, |known| known.revision).saturating_add(1);
        let (profile, picture_key) = match (edit, known) {
            (ProfileEdit::Texts { title, description }, known) => {
                let picture = known.and_then(|known| known.picture);
                let profile = GroupProfile {
                    group: id,
                    revision,
                    title,
                    description,
                    picture,
                };
                (profile, known_key)
            }
            (ProfileEdit::Picture(picture), Some(known)) => {
                let (picture, key) = picture.map(|new| (new.picture, new.key)).unzip();
                let profile = GroupProfile {
                    revision,
                    picture,
                    ..known
                };
                (profile, key.flatten())
            }
            (ProfileEdit::Picture(_), None) => {
                self.chats.insert(id, chat);
                return Err(ClientError::InvalidGroup(
                    "nobody has told this device the group's title yet: give it one first",
                ));
            }
        };
        let told = ToldGroupProfile {
            profile: key.sign_profile(&profile),
            picture_key,
        };
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let mut changes = Changes::new();
        if let Some(record) = chat.record.group_mut() {
            record.keep_profile(told.clone(), true);
        }
        let body = QueuedBody::GroupProfile(told.clone());
        enqueue(&mut chat, from, message, body, now, &mut changes);
        chat.write_to(&mut changes);
        self.write(changes).await?;
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatChanged { chat: id });
        self.advance(id).await;
        Ok(is_listed.then_some(UpdateGroup {
            profile: told.profile,
        }))
    }

    /// A listed group's profile is public: a newcomer need not wait until a member tells it.
    pub(crate) fn read_listed_profile(&self, id: ChatId) {
        let is_wanted = self.chats.get(&id).is_some_and(|chat| {
            let rules = chat.group.as_ref().and_then(|group| group.rules().as_group());
            rules.is_some_and(|rules| rules.is_listed)
                && chat.record.group().is_some_and(|record| record.profile.is_none())
        });
        if is_wanted {
            let api = self.api.clone();
            self.start(async move {
                let result = api.group(id).await;
                Done::ListedProfile { chat: id, result }
            });
        }
    }

    /// Takes the public profile, unless a member was faster; if it could not be read, a member will tell it.
    pub(crate) async fn listed_profile_read(&mut self, id: ChatId, result: Result<Group, ApiError>) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        let rules = chat.group.as_ref().and_then(|group| group.rules().as_group());
        let (Some(group_key), Ok(Some(profile))) = (
            rules.map(|rules| rules.group_key),
            result.map(|read| read.profile),
        ) else {
            return;
        };
        let is_sound = verify_group_profile(&profile, id, group_key, 0).is_ok();
        let Some(record) = chat
            .record
            .group_mut()
            .filter(|record| is_sound && record.profile.is_none())
        else {
            return;
        };
        // The server's word, and not that of an office holder.
        let told = ToldGroupProfile {
            profile,
            picture_key: None,
        };
        record.keep_profile(told, false);
        let mut changes = Changes::new();
        changes.put(record_key::chat(id), &chat.record);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.events.emit(&Event::ChatChanged { chat: id });
    }

    /// Keeps a picture that was read from the server, if it is still the group's.
    pub(super) async fn keep_picture(&mut self, id: ChatId, picture: &PictureRecord) {
        let shown = self
            .chats
            .get(&id)
            .and_then(|chat| chat.record.group()?.profile()?.picture);
        if shown.is_some_and(|shown| shown.digest == picture.digest) {
            let mut changes = Changes::new();
            changes.put(record_key::group_picture(id), picture);
            // It is read again if this fails.
            let _ = self.flush(changes).await;
        }
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
