//! Devices that have come into a chat alone, and cannot read what was said before: one of the members tells them what of it holds
//! still, which is a group's profile, or how long messages are kept.

use super::group::tell_profile;
use super::inbox::Work;
use super::open_chat::Turn;
use super::retention::tell_retention;
use super::{Engine, Input, OpenChat};
use crate::chats::Stage;
use crate::platform::Platform;
use crate::store::Changes;
use sotto_protocol::{ChatId, MessageId, Seq};

impl OpenChat {
    /// Whether there is anything to tell.
    fn has_something_to_tell(&self) -> bool {
        match self.record.group() {
            Some(group) => group.profile.is_some(),
            None => self.record.retention_set > Seq::ZERO,
        }
    }

    /// Whoever was to be told has heard it now.
    pub(super) fn newcomers_were_told(&mut self, work: &mut Work) {
        self.line.introduction = Turn::None;
        work.dirty |= core::mem::take(&mut self.record.has_newcomer);
    }
}

impl<P: Platform> Engine<P> {
    /// Somebody came in who has not read what was said before: it is told again, by this device if no other is faster.
    pub(super) fn introduce(&mut self, chat: &mut OpenChat) {
        chat.record.has_newcomer = true;
        self.watch_newcomers(chat);
    }

    /// Has those who came in alone told, by this device if no other is faster.
    pub(super) fn watch_newcomers(&mut self, chat: &mut OpenChat) {
        if chat.record.has_newcomer
            && chat.has_something_to_tell()
            && !self.keeps_still(chat)
            && chat.record.stage == Stage::Member
            && chat.line.introduction == Turn::None
        {
            chat.line.introduction = Turn::Waits;
            let wait = self.turn(chat);
            self.later(wait, Input::IntroductionDue(chat.id));
        }
    }

    /// Nobody else was faster.
    pub(super) async fn introduction_due(&mut self, id: ChatId) {
        let message = MessageId::from_bytes(self.random());
        let (Some(from), now) = (self.me.as_ref().map(super::Me::address), self.now()) else {
            return;
        };
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        if core::mem::take(&mut chat.line.introduction) != Turn::Waits {
            return;
        }
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut changes = Changes::new();
        chat.record.has_newcomer = false;
        if chat.record.group().is_some() {
            tell_profile(&mut chat, from, message, now, &mut changes);
        } else {
            tell_retention(&mut chat, from, message, now, &mut changes);
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.advance(id).await;
    }
}
