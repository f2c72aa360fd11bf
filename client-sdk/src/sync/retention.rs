//! How long a chat's messages are kept that do not say it: of a group by its rules, of other chats by what was said there last.

use super::group::GroupCommand;
use super::inbox::{Stamp, Work};
use super::outbox::{Outgoing, enqueue};
use super::{Engine, OpenChat, Reply};
use crate::chats::Stage;
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::{GroupSettings, StoredChange};
use crate::messages::QueuedBody;
use crate::platform::Platform;
use crate::store::Changes;
use sotto_crypto_core::content::ChatRetention;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, Retention, Seq, Timestamp};

impl<P: Platform> Engine<P> {
    /// Has a chat's messages kept for so long from now on, unless they say otherwise.
    pub(crate) async fn set_retention(&mut self, id: ChatId, retention: Retention, reply: Reply<()>) {
        if !retention.is_in_bounds() {
            return reply.send(Err(ClientError::RetentionOutOfBounds));
        }
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        let is_group = self
            .chats
            .get(&id)
            .is_some_and(|chat| chat.record.group().is_some());
        if is_group {
            let settings = GroupSettings {
                retention: Some(retention),
                ..GroupSettings::default()
            };
            let command = GroupCommand::Settings {
                group: id,
                settings,
                reply,
            };
            return self.group_command(command).await;
        }
        let said = self.say_retention(id, retention).await;
        reply.send(said);
    }

    async fn say_retention(&mut self, id: ChatId, retention: Retention) -> Result<(), ClientError> {
        let from = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.address();
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let said = ChatRetention {
            retention,
            set_at: None,
        };
        let is_in = |chat: &OpenChat| matches!(chat.record.stage, Stage::Member | Stage::Joining);
        let mut work = Work::new();
        let chat = self.chats.get_mut(&id).filter(|chat| is_in(chat));
        let chat = chat.ok_or(ClientError::ChatNotFound)?;
        let outgoing = Outgoing::kept(message, QueuedBody::Retention(said));
        enqueue(chat, from, outgoing, now, &mut work.changes);
        chat.write_to(&mut work.changes);
        self.write(work.changes).await?;
        self.events.emit(&Event::ChatChanged { chat: id });
        self.advance(id).await;
        Ok(())
    }

    /// A member has said how long the chat's messages are kept, or told newcomers so. The last word in the log counts.
    pub(crate) fn take_retention(
        &mut self,
        chat: &mut OpenChat,
        stamp: Stamp,
        from: DeviceAddress,
        said: ChatRetention,
        work: &mut Work,
    ) {
        // A group has rules about it; and what was set later than it is told is not true.
        if chat.record.group().is_some() || said.set_at.is_some_and(|set_at| set_at >= stamp.seq) {
            return;
        }
        let set_at = said.set_at.unwrap_or(stamp.seq);
        if said.set_at.is_some() && set_at >= chat.record.retention_set {
            chat.newcomers_were_told(work);
        }
        let record = &mut chat.record;
        if set_at <= record.retention_set {
            return;
        }
        record.retention_set = set_at;
        work.dirty = true;
        let before = core::mem::replace(&mut record.retention, said.retention);
        if before != said.retention {
            work.events.push(Event::ChatChanged { chat: chat.id });
        }
        if said.set_at.is_none() && before != said.retention {
            let change = StoredChange::Retention(said.retention);
            self.add_notice(chat, stamp, from, vec![change], work);
        }
    }
}

impl OpenChat {
    /// How long what is said here is kept that does not say it: as this device has set it, also before the log has it. Otherwise
    /// what is written right after it was set would be kept as before.
    pub(super) fn retention(&self) -> Retention {
        let set = self
            .outbox
            .iter()
            .rev()
            .find_map(|queued| queued.record.body.sets_retention());
        set.unwrap_or(self.record.retention)
    }
}

/// Puts into the outbox how long the chat's messages are kept, if that was ever set.
pub(super) fn tell_retention(
    chat: &mut OpenChat,
    from: DeviceAddress,
    message: MessageId,
    now: Timestamp,
    changes: &mut Changes,
) {
    if chat.record.retention_set > Seq::ZERO {
        let told = ChatRetention {
            retention: chat.record.retention,
            set_at: Some(chat.record.retention_set),
        };
        enqueue(
            chat,
            from,
            Outgoing::kept(message, QueuedBody::Retention(told)),
            now,
            changes,
        );
    }
}
