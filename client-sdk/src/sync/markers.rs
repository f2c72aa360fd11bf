//! Markers: how far this device is in each chat, told to the others, and how far they are.

use super::{Engine, Input, OpenChat};
use crate::chats::{KindRecord, Stage, Told};
use crate::contacts::Names as _;
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::Whom;
use crate::platform::Platform;
use crate::receipts::{Receipt, ReceiptsRecord};
use crate::record_key;
use crate::store::Changes;
use bytes::Bytes;
use core::time::Duration;
use sotto_crypto_core::epoch_keys::sealed_in;
use sotto_crypto_core::{Chat, EpochKeys, Marker, OwnMarker};
use sotto_protocol::frame::ClientFrame;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Seq, Timestamp};
use std::collections::BTreeSet;

/// In chats of more devices nobody is told anything of this kind: each would hear of all others.
pub(crate) const TELLING_DEVICES: usize = 64;
/// At least so long it is between a chat's markers, in milliseconds, and so much for each device that hears of them.
const INTERVAL_MS: u64 = 1_000;
const INTERVAL_MS_A_DEVICE: u64 = 30;
/// Markers of epochs that this device has not reached, kept until it has.
const HELD: usize = 256;
const MINUTE_MS: u64 = 60_000;

impl OpenChat {
    /// The keys of the epoch that the chat is in.
    pub(super) fn epoch_keys(&self) -> Option<&EpochKeys> {
        self.record.epoch_keys.back()
    }

    /// Whether its members tell each other how far they are, and that they write.
    pub(super) fn is_telling(&self) -> bool {
        let is_among_members = match &self.record.kind {
            KindRecord::Direct { .. } => true,
            // Whoever reads along is nobody's to know.
            KindRecord::Group(group) => !group.is_broadcast,
            KindRecord::Notes => false,
        };
        is_among_members && self.record.devices <= TELLING_DEVICES
    }
}

impl<P: Platform> Engine<P> {
    /// Whether this device says anything about itself in a chat.
    pub(super) fn may_tell(&self, chat: &OpenChat) -> bool {
        self.is_online()
            && chat.record.stage == Stage::Member
            && chat.record.halted.is_none()
            && !self.keeps_still(chat)
            && !self.is_on_hold(chat)
    }

    /// Tells the chat how far this device is, unless it knows; if it was told something just now, a moment later.
    pub(super) fn tell_marker(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        if let Some(marker) = self.marker_to_tell(&mut chat) {
            let interval = INTERVAL_MS.max(INTERVAL_MS_A_DEVICE * chat.record.devices as u64);
            chat.line.marker_waits = true;
            chat.line.has_told = true;
            self.later(Duration::from_millis(interval), Input::MarkerDue(id));
            self.send_frame(&marker);
        }
        self.chats.insert(id, chat);
    }

    /// Another marker may be sent.
    pub(super) fn marker_due(&mut self, id: ChatId) {
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.line.marker_waits = false;
            self.tell_marker(id);
        }
    }

    fn marker_to_tell(&mut self, chat: &mut OpenChat) -> Option<ClientFrame> {
        if chat.line.marker_waits || !self.may_tell(chat) {
            return None;
        }
        let privacy = self.privacy.privacy();
        let is_telling = chat.is_telling();
        let tells_delivery = is_telling && privacy.delivery_receipts;
        let told = Told {
            delivered: if tells_delivery {
                chat.record.heard
            } else {
                chat.record.told.delivered
            },
            read: Seq(chat.record.read)
                .min(chat.record.done)
                .max(chat.record.told.read),
        };
        if told == chat.record.told && !chat.line.is_leaving_sight {
            return None;
        }
        let seen_at = self.last_here();
        let me = self.me.as_ref()?;
        let from = me.address();
        let own = OwnMarker { read: told.read };
        let is_seen = privacy.presence && chat.record.kind.peer().is_some();
        let marker = Marker {
            delivered: tells_delivery.then_some(told.delivered),
            read: (is_telling && privacy.read_receipts).then_some(told.read),
            seen_at: seen_at.filter(|_| is_seen).map(to_the_minute),
            own: me.own_markers.seal(&mut self.rng, chat.id, from, own),
        };
        let payload = chat
            .record
            .epoch_keys
            .back()?
            .seal_marker(&mut self.rng, from, &marker);
        chat.record.told = told;
        chat.line.is_leaving_sight = false;
        Some(ClientFrame::Marker {
            chat: chat.id,
            payload: payload.into(),
        })
    }

    /// Another device has told how far it is.
    pub(super) async fn take_marker(&mut self, id: ChatId, from: DeviceAddress, payload: Bytes) {
        let Some(marker) = self.open_marker(id, from, payload) else {
            return;
        };
        let Some(me) = &self.me else {
            return;
        };
        if from.account == me.account {
            if let Ok(own) = me.own_markers.open(id, from, &marker.own) {
                self.read_elsewhere(id, own.read).await;
            }
            return;
        }
        if self.contacts.is_blocked(from.account) {
            return;
        }
        let key = record_key::receipts(id);
        let records = self.surroundings.records.clone();
        let Ok(stored) = records.get::<ReceiptsRecord>(&key).await else {
            return self.store_failed();
        };
        let mut receipts = stored.unwrap_or_default();
        if !receipts.take(from, &marker, self.now()) {
            return;
        }
        let mut changes = Changes::new();
        changes.put(key, &receipts);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.events.emit(&Event::ReceiptsChanged { chat: id });
        if marker.seen_at.is_some() {
            self.events.emit(&Event::PresenceChanged {
                account: from.account,
            });
        }
    }

    /// The marker, if it can be opened now. One of an epoch that is to come is kept until then.
    fn open_marker(&mut self, id: ChatId, from: DeviceAddress, payload: Bytes) -> Option<Marker> {
        if self.me.as_ref().is_none_or(|me| me.address() == from) {
            return None;
        }
        let epoch = sealed_in(&payload)?;
        let chat = self.chats.get_mut(&id)?;
        let newest = chat.epoch_keys().map(EpochKeys::epoch);
        if newest.is_none_or(|newest| epoch > newest) {
            chat.line.held_in = newest;
            let held = &mut chat.line.held_markers;
            if held.len() < HELD || held.contains_key(&from) {
                held.insert(from, payload);
            }
            return None;
        }
        let of_epoch = |keys: &&EpochKeys| keys.epoch() == epoch;
        let keys = chat.record.epoch_keys.iter().find(of_epoch)?;
        keys.open_marker(from, &payload).ok()
    }

    /// The chat may have come to the epoch of markers that are kept.
    pub(super) async fn open_held_markers(&mut self, id: ChatId) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        if chat.line.held_markers.is_empty() || chat.epoch_keys().map(EpochKeys::epoch) == chat.line.held_in {
            return;
        }
        chat.line.held_in = chat.epoch_keys().map(EpochKeys::epoch);
        let held = core::mem::take(&mut chat.line.held_markers);
        for (from, payload) in held {
            self.take_marker(id, from, payload).await;
        }
    }

    /// Another device of the account has read up to here.
    async fn read_elsewhere(&mut self, id: ChatId, read: Seq) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| read.0 > chat.record.read) else {
            return;
        };
        // It has told the others itself.
        chat.record.told.read = read;
        if self.mark_read(id, read.0).await.is_err() {
            self.store_failed();
        }
    }

    /// Up to where the other members of a chat have everything, and have read it.
    pub(super) async fn receipts(&mut self, id: ChatId) -> Result<Vec<Receipt>, ClientError> {
        self.ensure_loaded().await?;
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.account;
        let records = self.surroundings.records.clone();
        let chat = self.chats.get_mut(&id).ok_or(ClientError::ChatNotFound)?;
        if !chat.is_telling() {
            return Ok(Vec::new());
        }
        let joined = chat
            .record
            .group()
            .map(|group| group.joined.clone())
            .unwrap_or_default();
        let accounts: BTreeSet<AccountId> = match chat.record.kind {
            KindRecord::Direct { peer } => BTreeSet::from([peer]),
            KindRecord::Notes => BTreeSet::new(),
            KindRecord::Group(_) => {
                // A group that cannot be read is joined anew; until then nothing is known.
                let _ = chat.open(&records).await;
                let members = chat.group.iter().flat_map(Chat::members);
                members.map(|member| member.account).collect()
            }
        };
        let told = records
            .get::<ReceiptsRecord>(&record_key::receipts(id))
            .await?
            .unwrap_or_default();
        let privacy = self.privacy.privacy();
        let receipts = accounts
            .into_iter()
            .filter(|&account| account != me)
            .map(|account| {
                let (delivered, read) = told.of(account);
                Receipt {
                    who: Whom {
                        account,
                        name: self.contacts.name_of(account),
                    },
                    since: joined.get(&account).map_or(0, |joined| joined.0),
                    delivered: if privacy.delivery_receipts { delivered } else { 0 },
                    read: if privacy.read_receipts { read } else { 0 },
                }
            });
        Ok(receipts.collect())
    }
}

const fn to_the_minute(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0 % MINUTE_MS)
}
