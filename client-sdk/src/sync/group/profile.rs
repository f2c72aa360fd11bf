//! A group's profile is changed: signed with the group's key, told to the members, and of a listed group to the server.

use super::super::inbox::{Stamp, Work};
use super::super::open_chat::Search;
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Done, Engine, OpenChat, Reply};
use super::create::check_profile;
use super::finish_intent;
use crate::api::ApiError;
use crate::chats::GroupRecord;
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{IntentRecord, PictureRecord, ProfileEdit, StoredChange};
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError};
use sotto_crypto_core::secret::SecretBytes;
use sotto_crypto_core::{
    AcceptedProfile, Chat, FileKey, GroupSigningKey, KnownProfile, ToldGroupProfile, verify_group_profile,
};
use sotto_protocol::rest::group::{Group, UpdateGroup};
use sotto_protocol::{ChatId, DeviceCredential, GroupProfile, MessageId, ProblemCode};

impl<P: Platform> Engine<P> {
    pub(super) async fn describe_group(&mut self, id: ChatId, edit: ProfileEdit, reply: Reply<()>) {
        match self.check_edit(id, &edit).await {
            Ok(()) => self.want(id, vec![IntentRecord::Describe(edit)], reply).await,
            Err(error) => reply.send(Err(error)),
        }
    }

    /// Whether this device may change the profile so, as far as can be said now.
    async fn check_edit(&mut self, id: ChatId, edit: &ProfileEdit) -> Result<(), ClientError> {
        if let ProfileEdit::Texts { title, description } = edit {
            check_profile(title, description)?;
        }
        let chat = self.take_group(id).await?;
        let secret = self
            .surroundings
            .records
            .get_bytes(&record_key::group_key(id))
            .await;
        let checked = secret.map_err(ClientError::from).and_then(|secret| {
            self.signing_key(&chat, secret.as_ref())?;
            edited(chat.record.group(), id, edit.clone()).map(drop)
        });
        self.chats.insert(id, chat);
        checked
    }

    /// The key that signs the profile, if this device may change it.
    fn signing_key(
        &self,
        chat: &OpenChat,
        secret: Option<&SecretBytes>,
    ) -> Result<GroupSigningKey, ClientError> {
        let (Some(me), Some(group)) = (&self.me, &chat.group) else {
            return Err(ClientError::NotLoggedIn);
        };
        if !group.holds_office(me.address()) {
            return Err(ClientError::InvalidGroup(
                "the group's owner and its admins change its profile",
            ));
        }
        let rules = group.rules().as_group().ok_or(ClientError::NotAGroup)?;
        secret
            .and_then(|secret| GroupSigningKey::decode(secret.expose(), rules.group_key))
            .ok_or(ClientError::NoGroupKey)
    }

    /// The secret of the group's key, if the next intent needs it and it is here.
    pub(super) async fn group_key_for_next(
        &self,
        chat: &OpenChat,
    ) -> Result<Option<SecretBytes>, RecordsError> {
        match chat.intents.front() {
            Some(intent) if matches!(intent.record, IntentRecord::Describe(_)) => {
                let key = record_key::group_key(chat.id);
                self.surroundings.records.get_bytes(&key).await
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Carries out a change of the profile as it is known now: it is the next revision, of which the first in the log counts.
    pub(super) fn say_profile(
        &mut self,
        chat: &mut OpenChat,
        intent: u64,
        edit: ProfileEdit,
        secret: Option<&SecretBytes>,
        work: &mut Work,
    ) {
        let signed = self.signing_key(chat, secret).and_then(|key| {
            let (profile, picture_key) = edited(chat.record.group(), chat.id, edit)?;
            Ok(ToldGroupProfile {
                profile: key.sign_profile(&profile),
                picture_key,
            })
        });
        match signed {
            Ok(told) => {
                let (message, now) = (MessageId::from_bytes(self.random()), self.now());
                if let Some(from) = self.me.as_ref().map(super::super::Me::address) {
                    let body = QueuedBody::NewGroupProfile { intent, told };
                    enqueue(chat, from, Outgoing::kept(message, body), now, &mut work.changes);
                }
            }
            Err(error) => finish_intent(chat, intent, &Err(error), work),
        }
    }

    /// The log has what this device has said of the profile, and everything before it is read: the members decide about it as this
    /// device does here. If another's change came first, this one is made anew on top of it.
    pub(crate) fn take_own_profile(
        &mut self,
        chat: &mut OpenChat,
        stamp: Stamp,
        intent: u64,
        told: ToldGroupProfile,
        work: &mut Work,
    ) {
        let Some(from) = self.me.as_ref().map(|me| me.device.credential().clone()) else {
            return;
        };
        if !self.take_profile(chat, stamp, &from, told, work) {
            return;
        }
        match chat.intents.front_mut().filter(|front| front.ordinal == intent) {
            Some(front) if chat.group.as_ref().is_some_and(is_listed) => {
                front.record = IntentRecord::PublishProfile;
                work.changes
                    .put(record_key::intent(chat.id, intent), &front.record);
            }
            _ => finish_intent(chat, intent, &Ok(()), work),
        }
    }

    /// Keeps the profile as somebody has told it, if that counts: then it is told in the history what has changed.
    pub(super) fn take_profile(
        &mut self,
        chat: &mut OpenChat,
        stamp: Stamp,
        from: &DeviceCredential,
        told: ToldGroupProfile,
        work: &mut Work,
    ) -> bool {
        let (Some(group), Some(record)) = (chat.group.as_ref(), chat.record.group_mut()) else {
            return false;
        };
        let known = record.profile();
        let believed = known.as_ref().map(|known| KnownProfile {
            revision: known.revision,
            is_vouched_for: record.is_vouched_for,
        });
        // An older one is no offence: whoever tells it may not have heard of the newer.
        let Ok(AcceptedProfile {
            profile,
            is_vouched_for,
        }) = group.accept_group_profile(&told.profile, from, believed)
        else {
            return false;
        };
        record.keep_profile(told, is_vouched_for);
        work.dirty = true;
        self.add_notice(
            chat,
            stamp,
            from.address(),
            changes_of(known.as_ref(), profile),
            work,
        );
        work.events.push(Event::ChatChanged { chat: chat.id });
        true
    }

    /// Tells the server the profile of a listed group.
    pub(super) fn publish_profile(&self, chat: &OpenChat, intent: u64) {
        let profile = chat.record.group().and_then(|record| record.profile.clone());
        let update = profile
            .filter(|_| chat.group.as_ref().is_some_and(is_listed))
            .map(|profile| UpdateGroup { profile });
        let (api, id) = (self.api.clone(), chat.id);
        self.start(async move {
            let result = match update {
                Some(update) => api.update_group(id, &update).await.map(drop),
                // Unlisted since: it is the members' alone.
                None => Ok(()),
            };
            Done::ProfilePublished {
                chat: id,
                intent,
                result,
            }
        });
    }

    pub(crate) async fn profile_published(&mut self, id: ChatId, intent: u64, result: Result<(), ApiError>) {
        match result {
            Err(error) if error.is_passing() => {
                let chat = self.chats.get_mut(&id);
                let asked =
                    chat.and_then(|chat| chat.intents.front_mut().filter(|front| front.ordinal == intent));
                if let Some(asked) = asked {
                    asked.newcomers.search = Search::Open;
                    self.pause(id);
                }
            }
            // A newer one is there already: whoever has made it has published it.
            Err(error) if error.code() != Some(ProblemCode::StaleProfile) => {
                self.fail_intent(id, intent, error.into()).await;
            }
            Ok(()) | Err(_) => {
                self.end_intent(id, intent, Ok(())).await;
                self.events.emit(&Event::ChatChanged { chat: id });
            }
        }
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
        let is_sound = verify_group_profile(&profile, id, group_key, None).is_ok();
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
}

/// The profile with this change, as the next revision, and the key of its picture if that is sealed.
fn edited(
    record: Option<&GroupRecord>,
    id: ChatId,
    edit: ProfileEdit,
) -> Result<(GroupProfile, Option<FileKey>), ClientError> {
    let known = record.and_then(GroupRecord::profile);
    let known_key = record.and_then(|record| record.picture_key.clone());
    let revision = known.as_ref().map_or(0, |known| known.revision);
    let revision = revision.checked_add(1).ok_or(ClientError::InvalidGroup(
        "the group's profile cannot be changed any more",
    ))?;
    match (edit, known) {
        (ProfileEdit::Texts { title, description }, known) => {
            let profile = GroupProfile {
                group: id,
                revision,
                title,
                description,
                picture: known.and_then(|known| known.picture),
            };
            Ok((profile, known_key))
        }
        (ProfileEdit::Picture(picture), Some(known)) => {
            let (picture, key) = picture.map(|new| (new.picture, new.key)).unzip();
            let profile = GroupProfile {
                revision,
                picture,
                ..known
            };
            Ok((profile, key.flatten()))
        }
        (ProfileEdit::Picture(_), None) => Err(ClientError::InvalidGroup(
            "nobody has told this device the group's title yet: give it one first",
        )),
    }
}

/// What a new profile has changed, as far as it is shown.
fn changes_of(known: Option<&GroupProfile>, profile: GroupProfile) -> Vec<StoredChange> {
    let mut changes = Vec::new();
    if let Some(known) = known {
        if known.title != profile.title {
            changes.push(StoredChange::Title(profile.title));
        }
        if known.picture != profile.picture {
            changes.push(StoredChange::Picture);
        }
    }
    changes
}

fn is_listed(group: &Chat) -> bool {
    group.rules().as_group().is_some_and(|rules| rules.is_listed)
}
