//! The secret of a group's key comes to the devices of its owner and admins: each asks for it in the group, and one that has it
//! answers.

use super::super::inbox::Work;
use super::super::open_chat::Turn;
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Engine, Input, OpenChat};
use super::tell_profile;
use crate::chats::{GroupRecord, KeyStanding, Stage};
use crate::events::Event;
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::{GroupKeyRequest, GroupKeyShare, GroupSigningKey};
use sotto_protocol::{ChatId, DeviceAddress, DeviceCredential, MessageId};

/// Requests that are remembered for one group.
const REQUESTS: usize = 64;

impl<P: Platform> Engine<P> {
    /// Whether this device has to find out how it stands to the group's key.
    pub(crate) fn wants_group_key(chat: &OpenChat) -> bool {
        let standing = chat.record.group().map(|record| &record.key);
        chat.record.stage == Stage::Member && matches!(standing, Some(KeyStanding::Unknown))
    }

    /// Asks for the group's key, if this account holds an office and the key is not here. If that is not so, keeps that.
    pub(crate) async fn look_after_group_key(&mut self, id: ChatId) {
        let records = self.surroundings.records.clone();
        let Ok(secret) = records.get_bytes(&record_key::group_key(id)).await else {
            return self.store_failed();
        };
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let (request, opens) = GroupKeyRequest::generate(&mut self.rng);
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if let Err(error) = chat.open(&records).await {
            return self.not_opened(chat, &error);
        }
        let own = self.me.as_ref().map(super::super::Me::address);
        let (Some(own), Some(group)) = (own, chat.group.as_ref()) else {
            self.chats.insert(id, chat);
            return;
        };
        let is_entitled = group.holds_office(own);
        let key = group.rules().as_group().map(|rules| rules.group_key);
        let is_here = secret
            .zip(key)
            .is_some_and(|(secret, key)| GroupSigningKey::decode(secret.expose(), key).is_some());
        let standing = match (is_entitled, is_here) {
            (true, true) => KeyStanding::Held,
            (true, false) => KeyStanding::Asked(opens),
            (false, _) => KeyStanding::NoOffice,
        };
        let mut changes = Changes::new();
        if let KeyStanding::Asked(_) = standing {
            let body = QueuedBody::GroupKeyRequest(request);
            enqueue(&mut chat, own, Outgoing::kept(message, body), now, &mut changes);
        }
        if let Some(record) = chat.record.group_mut() {
            record.key = standing;
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.watch_key_requests(&mut chat);
        self.chats.insert(id, chat);
        self.advance_again(id).await;
    }

    /// A member asks for the group's key.
    pub(crate) fn take_key_request(
        &mut self,
        chat: &mut OpenChat,
        from: &DeviceCredential,
        request: GroupKeyRequest,
        work: &mut Work,
    ) {
        let asker = from.address();
        let is_entitled = chat.group.as_ref().is_some_and(|group| group.holds_office(asker));
        if let Some(record) = chat.record.group_mut().filter(|_| is_entitled) {
            record.forget_key_request(asker);
            record.key_requests.push((asker, request));
            let over = record.key_requests.len().saturating_sub(REQUESTS);
            record.key_requests.drain(..over);
            work.dirty = true;
        }
        self.watch_key_requests(chat);
    }

    /// A device has answered a request for the group's key.
    pub(crate) fn take_key_share(
        &mut self,
        chat: &mut OpenChat,
        from: &DeviceCredential,
        share: &GroupKeyShare,
        work: &mut Work,
    ) {
        let id = chat.id;
        let own = self.me.as_ref().map(super::super::Me::address);
        let Some(group) = chat.group.as_ref() else {
            return;
        };
        // Of somebody else it is no answer.
        if !group.holds_office(from.address()) {
            return;
        }
        let group_key = group.rules().as_group().map(|rules| rules.group_key);
        let Some(record) = chat.record.group_mut() else {
            return;
        };
        record.forget_key_request(share.to());
        work.dirty = true;
        let (KeyStanding::Asked(opens), Some(own), Some(group_key)) = (&record.key, own, group_key) else {
            return;
        };
        if share.to() != own {
            return;
        }
        // One that does not open answers an earlier request, or nobody's.
        if let Ok(key) = share.open(opens, id, group_key, from.address(), own) {
            work.changes.put_bytes(record_key::group_key(id), key.encode());
            record.key = KeyStanding::Held;
            work.events.push(Event::ChatChanged { chat: id });
            self.watch_key_requests(chat);
        }
    }

    /// Has those answered who ask for the group's key, by this device if no other is faster.
    pub(crate) fn watch_key_requests(&mut self, chat: &mut OpenChat) {
        let can_answer = chat
            .record
            .group()
            .is_some_and(|record| matches!(record.key, KeyStanding::Held) && !record.key_requests.is_empty());
        if can_answer && chat.record.stage == Stage::Member && chat.line.key_shares == Turn::None {
            chat.line.key_shares = Turn::Waits;
            let wait = self.turn(chat);
            self.later(wait, Input::KeySharesDue(chat.id));
        }
    }

    /// Answers who was answered by nobody else. Whoever holds no office any more is forgotten.
    pub(crate) async fn key_shares_due(&mut self, id: ChatId) {
        let records = self.surroundings.records.clone();
        let Ok(secret) = records.get_bytes(&record_key::group_key(id)).await else {
            return self.store_failed();
        };
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if core::mem::take(&mut chat.line.key_shares) != Turn::Waits {
            self.chats.insert(id, chat);
            return;
        }
        if let Err(error) = chat.open(&records).await {
            return self.not_opened(chat, &error);
        }
        let mut changes = Changes::new();
        let mut waiting = Vec::new();
        if let Some(record) = chat.record.group_mut() {
            waiting = core::mem::take(&mut record.key_requests);
        }
        let mut shares = Vec::new();
        if let (Some(me), Some(group), Some(secret)) = (&self.me, &chat.group, secret)
            && let Some(rules) = group.rules().as_group()
            && let Some(key) = GroupSigningKey::decode(secret.expose(), rules.group_key)
        {
            let answers = waiting.iter().filter_map(|(asker, request)| {
                let rng = &mut self.rng;
                group.share_group_key(rng, &me.device, &key, *asker, request).ok()
            });
            shares.extend(answers);
        }
        let now = self.now();
        let Some(from) = self.me.as_ref().map(super::super::Me::address) else {
            return;
        };
        if !shares.is_empty() {
            // From one who may say it, whatever else the newcomer to the office was told.
            let message = MessageId::from_bytes(self.random());
            tell_profile(&mut chat, from, message, now, &mut changes);
        }
        for share in shares {
            let message = MessageId::from_bytes(self.random());
            let body = QueuedBody::GroupKeyShare(share);
            enqueue(&mut chat, from, Outgoing::kept(message, body), now, &mut changes);
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.advance(id).await;
    }
}

impl GroupRecord {
    fn forget_key_request(&mut self, asker: DeviceAddress) {
        self.key_requests.retain(|(known, _)| *known != asker);
    }

    /// The offices have changed, or the device has come in anew: how it stands to the key is to be looked after. What it has asked
    /// for stays asked, for as long as it may ask.
    pub(crate) fn look_after_key(&mut self, is_entitled: bool) {
        match self.key {
            KeyStanding::Asked(_) if is_entitled => {}
            KeyStanding::Unknown | KeyStanding::NoOffice | KeyStanding::Asked(_) | KeyStanding::Held => {
                self.key = KeyStanding::Unknown;
            }
        }
    }
}
