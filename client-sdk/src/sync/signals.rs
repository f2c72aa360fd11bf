//! Signals: what this device says to those that are connected at this moment, and what they say. Nobody keeps them.

use super::{Engine, Input};
use crate::contacts::Names as _;
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::Whom;
use crate::platform::Platform;
use bytes::Bytes;
use core::time::Duration;
use sotto_crypto_core::epoch_keys::sealed_in;
use sotto_crypto_core::{EpochKeys, Signal, SignalKind};
use sotto_protocol::frame::ClientFrame;
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Timestamp};
use std::collections::BTreeMap;

/// How long it holds that somebody types, if nothing more is heard of it.
const TYPING: Duration = Duration::from_secs(6);

/// What was heard of others, and said to them.
#[derive(Default)]
pub(crate) struct Signals {
    /// The last signal of this device.
    said_at: Timestamp,
    /// The last signal of each other device: an older one is one that the server sends again.
    heard_at: BTreeMap<DeviceAddress, Timestamp>,
    /// Who types where, or did a moment ago.
    typing: BTreeMap<(ChatId, AccountId), Typist>,
}

/// Somebody who types. There is one timer for each, however often they say so.
struct Typist {
    is_typing: bool,
    /// When they have said so last, by this device's clock.
    heard_at: Timestamp,
}

impl<P: Platform> Engine<P> {
    /// Says something to those of a chat that are there.
    pub(super) fn send_signal(&mut self, id: ChatId, kind: SignalKind) {
        let now = self.now();
        let Some(chat) = self.chats.get(&id) else {
            return;
        };
        let (Some(me), Some(keys)) = (&self.me, chat.epoch_keys()) else {
            return;
        };
        if !self.may_tell(chat) || !chat.is_telling() {
            return;
        }
        // Later than the last, whatever the clock does.
        let at = now.max(self.signals.said_at.plus_millis(1));
        self.signals.said_at = at;
        let payload = keys.seal_signal(&mut self.rng, me.address(), Signal { at, kind });
        self.send_frame(&ClientFrame::Signal {
            chat: id,
            payload: payload.into(),
        });
    }

    /// Somebody writes here, or has ceased to.
    pub(super) async fn set_typing(&mut self, id: ChatId, is_typing: bool) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        if !self.chats.contains_key(&id) {
            return Err(ClientError::ChatNotFound);
        }
        if self.privacy.privacy().typing {
            let kind = if is_typing {
                SignalKind::Typing
            } else {
                SignalKind::TypingEnded
            };
            self.send_signal(id, kind);
        }
        Ok(())
    }

    /// Another device says something.
    pub(super) fn take_signal(&mut self, id: ChatId, from: DeviceAddress, payload: &Bytes) {
        let Some(epoch) = sealed_in(payload) else {
            return;
        };
        let is_heard = |chat: &&super::OpenChat| chat.is_telling() && !self.keeps_still(chat);
        let Some(chat) = self.chats.get(&id).filter(is_heard) else {
            return;
        };
        let of_epoch = |keys: &&EpochKeys| keys.epoch() == epoch;
        let keys = chat.record.epoch_keys.iter().find(of_epoch);
        let Some(Ok(signal)) = keys.map(|keys| keys.open_signal(from, payload)) else {
            return;
        };
        let is_own = self.me.as_ref().is_none_or(|me| me.account == from.account);
        if is_own || self.contacts.is_blocked(from.account) {
            return;
        }
        let heard_at = self.signals.heard_at.entry(from).or_default();
        if signal.at <= *heard_at {
            return;
        }
        *heard_at = signal.at;
        let privacy = self.privacy.privacy();
        match signal.kind {
            SignalKind::Typing if privacy.typing => self.types(id, from.account),
            SignalKind::TypingEnded if privacy.typing => self.types_no_more(id, from.account),
            SignalKind::PresenceAsked if privacy.presence => self.presence_asked(id),
            SignalKind::Present if privacy.presence => self.is_present(from),
            SignalKind::Away if privacy.presence => self.is_away(from),
            SignalKind::Typing
            | SignalKind::TypingEnded
            | SignalKind::PresenceAsked
            | SignalKind::Present
            | SignalKind::Away => {}
        }
    }

    fn types(&mut self, chat: ChatId, account: AccountId) {
        let typist = Typist {
            is_typing: true,
            heard_at: self.now(),
        };
        let known = self.signals.typing.insert((chat, account), typist);
        if known.is_none() {
            self.later(TYPING, Input::TypingOverdue { chat, account });
        }
        if known.is_none_or(|known| !known.is_typing) {
            self.tell_typing(chat, account, true);
        }
    }

    /// Somebody has ceased to write, or has sent what was written.
    pub(super) fn types_no_more(&mut self, chat: ChatId, account: AccountId) {
        if let Some(typist) = self.signals.typing.get_mut(&(chat, account))
            && core::mem::take(&mut typist.is_typing)
        {
            self.tell_typing(chat, account, false);
        }
    }

    fn tell_typing(&self, chat: ChatId, account: AccountId, is_typing: bool) {
        let name = self.contacts.name_of(account);
        self.events.emit(&Event::Typing {
            chat,
            who: Whom { account, name },
            is_typing,
        });
    }

    /// Nothing more may have been heard of somebody who wrote.
    pub(super) fn typing_overdue(&mut self, chat: ChatId, account: AccountId) {
        let now = self.now();
        let Some(typist) = self.signals.typing.get(&(chat, account)) else {
            return;
        };
        let passed = Duration::from_millis(now.0.saturating_sub(typist.heard_at.0));
        let left = TYPING.saturating_sub(passed);
        if typist.is_typing && !left.is_zero() {
            self.later(left, Input::TypingOverdue { chat, account });
        } else {
            self.types_no_more(chat, account);
            self.signals.typing.remove(&(chat, account));
        }
    }
}
