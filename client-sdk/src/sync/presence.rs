//! Whether somebody is there. Who wants to know asks, in the direct chat; whoever is asked tells for a while when that changes. So it
//! costs something only where somebody looks.

use super::{Engine, Input};
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::presence::Presence;
use crate::receipts::ReceiptsRecord;
use crate::record_key;
use core::time::Duration;
use sotto_crypto_core::SignalKind;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Timestamp};
use std::collections::BTreeMap;

/// How long whoever has asked is told.
const WATCHED_SECONDS: u32 = 300;
/// How often it is asked at most.
const ASK_AGAIN_SECONDS: u32 = 30;
/// How often it is said that somebody is still there.
const REPEAT: Duration = Duration::from_mins(1);
/// How long it holds that somebody is there, in seconds, if nothing more is heard of it.
const PRESENT_SECONDS: u32 = 150;

/// Who is there.
#[derive(Default)]
pub(crate) struct Company {
    /// Whether somebody is at this device.
    is_active: bool,
    /// When somebody was, until they left.
    was_active_at: Option<Timestamp>,
    /// It is being repeated that somebody is.
    is_repeating: bool,
    /// The direct chats in which it was asked for, and until when it is told there.
    watched_by: BTreeMap<ChatId, Timestamp>,
    /// When it was asked for in a chat.
    asked_at: BTreeMap<ChatId, Timestamp>,
    /// The others' devices at which somebody is, and until when that holds.
    present: BTreeMap<DeviceAddress, Timestamp>,
    /// When somebody was at one of an account's devices last.
    seen_at: BTreeMap<AccountId, Timestamp>,
}

impl<P: Platform> Engine<P> {
    /// Somebody has come to this device, or has left it.
    pub(super) fn set_active(&mut self, is_active: bool) {
        if core::mem::replace(&mut self.company.is_active, is_active) != is_active {
            self.company.was_active_at = Some(self.now());
            self.tell_presence();
        }
    }

    /// When somebody was at this device last, since it was started.
    pub(super) fn last_here(&self) -> Option<Timestamp> {
        if self.company.is_active {
            Some(self.now())
        } else {
            self.company.was_active_at
        }
    }

    /// Those who were told that somebody is here are told nothing more from now on.
    pub(super) fn leave_sight(&mut self) {
        for (chat, _) in core::mem::take(&mut self.company.watched_by) {
            self.send_signal(chat, SignalKind::Away);
        }
    }

    /// Whether somebody is at a device of this account, as far as is known; and asks, so that more is known soon.
    pub(super) async fn presence(&mut self, account: AccountId) -> Result<Presence, ClientError> {
        self.ensure_loaded().await?;
        if !self.privacy.privacy().presence {
            return Ok(Presence::Unknown);
        }
        let Some(chat) = self.chat_with(account) else {
            return Ok(Presence::Unknown);
        };
        let now = self.now();
        let asked_at = self.company.asked_at.get(&chat);
        if asked_at.is_none_or(|&asked_at| asked_at.plus_seconds(ASK_AGAIN_SECONDS) <= now)
            && self.is_online()
        {
            self.company.asked_at.insert(chat, now);
            self.send_signal(chat, SignalKind::PresenceAsked);
        }
        // Without a connection nothing is known of now.
        if self.is_online() && self.is_there(account, now) {
            return Ok(Presence::Online);
        }
        let key = record_key::receipts(chat);
        let told = self.surroundings.records.get::<ReceiptsRecord>(&key).await?;
        let told = told.and_then(|told| told.seen_at(account));
        let seen_at = told.max(self.company.seen_at.get(&account).copied());
        Ok(seen_at.map_or(Presence::Unknown, |at| Presence::LastSeen { at }))
    }

    fn is_there(&self, account: AccountId, now: Timestamp) -> bool {
        let mut present = self.company.present.iter();
        present.any(|(device, &until)| device.account == account && until > now)
    }

    /// The other side of a direct chat wants to know whether somebody is here.
    pub(super) fn presence_asked(&mut self, id: ChatId) {
        if self
            .chats
            .get(&id)
            .is_none_or(|chat| chat.record.kind.peer().is_none())
        {
            return;
        }
        let until = self.now().plus_seconds(WATCHED_SECONDS);
        self.company.watched_by.insert(id, until);
        if self.company.is_active {
            self.send_signal(id, SignalKind::Present);
            self.repeat_presence();
        }
    }

    /// Tells those who have asked whether somebody is here.
    pub(super) fn tell_presence(&mut self) {
        let now = self.now();
        self.company.watched_by.retain(|_, until| *until > now);
        if !self.privacy.privacy().presence {
            return;
        }
        let is_active = self.company.is_active;
        let kind = if is_active {
            SignalKind::Present
        } else {
            SignalKind::Away
        };
        let watching: Vec<ChatId> = self.company.watched_by.keys().copied().collect();
        for &chat in &watching {
            self.send_signal(chat, kind);
            if !is_active && let Some(open) = self.chats.get_mut(&chat) {
                // For those who ask when nobody is here to answer.
                open.line.is_leaving_sight = true;
                self.tell_marker(chat);
            }
        }
        if is_active && !watching.is_empty() {
            self.repeat_presence();
        }
    }

    fn repeat_presence(&mut self) {
        if !core::mem::replace(&mut self.company.is_repeating, true) {
            self.later(REPEAT, Input::PresenceDue);
        }
    }

    /// It is time to say again that somebody is here.
    pub(super) fn presence_due(&mut self) {
        self.company.is_repeating = false;
        if self.company.is_active {
            self.tell_presence();
        }
    }

    /// Somebody is at another's device. Each device has one timer, however often it says so.
    pub(super) fn is_present(&mut self, from: DeviceAddress) {
        let now = self.now();
        let was_there = self.is_there(from.account, now);
        let until = now.plus_seconds(PRESENT_SECONDS);
        let is_watched = self.company.present.insert(from, until).is_some();
        self.company.seen_at.insert(from.account, now);
        if !was_there {
            self.presence_changed(from.account);
        }
        if !is_watched {
            self.watch_presence(from, until);
        }
    }

    fn watch_presence(&self, from: DeviceAddress, until: Timestamp) {
        let wait = until.0.saturating_sub(self.now().0);
        self.later(Duration::from_millis(wait), Input::PresenceOverdue(from));
    }

    /// Nobody is there any more.
    pub(super) fn is_away(&mut self, from: DeviceAddress) {
        let now = self.now();
        let Some(until) = self.company.present.get_mut(&from).filter(|until| **until > now) else {
            return;
        };
        *until = now;
        self.company.seen_at.insert(from.account, now);
        if !self.is_there(from.account, now) {
            self.presence_changed(from.account);
        }
    }

    /// Nothing more may have been heard of a device at which somebody was.
    pub(super) fn presence_overdue(&mut self, from: DeviceAddress) {
        let now = self.now();
        match self.company.present.get(&from) {
            Some(&until) if until > now => self.watch_presence(from, until),
            Some(_) => {
                self.company.present.remove(&from);
                if !self.is_there(from.account, now) {
                    self.presence_changed(from.account);
                }
            }
            None => {}
        }
    }

    fn presence_changed(&self, account: AccountId) {
        self.events.emit(&Event::PresenceChanged { account });
    }
}
