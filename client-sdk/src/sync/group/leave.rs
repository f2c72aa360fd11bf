//! Leaving a group: said inside it, then to the server; another member's Commit takes the devices out. And deleting one.

use super::super::outbox::enqueue;
use super::super::{Done, Engine, OpenChat, Reply};
use crate::api::ApiError;
use crate::chats::Stage;
use crate::error::ClientError;
use crate::events::Event;
use crate::messages::{MessageRecord, QueuedBody, StoredState, queued_position};
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_protocol::{ChatId, DeviceAddress, MessageId, ProblemCode, Timestamp};

impl<P: Platform> Engine<P> {
    /// Says that this account leaves. When this returns, it is written, and goes on by itself.
    pub(crate) async fn leave_group(&mut self, id: ChatId) -> Result<(), ClientError> {
        let mut chat = self.take_group(id).await?;
        match chat.record.stage {
            Stage::Member => {}
            Stage::Leaving | Stage::Left => {
                self.chats.insert(id, chat);
                return Ok(());
            }
            Stage::Creating | Stage::Joining => {
                self.chats.insert(id, chat);
                return Err(ClientError::GroupNotFound);
            }
        }
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let departure = match (&self.me, &chat.group) {
            (Some(me), Some(group)) => group.depart(&me.device).ok().map(|said| (me.address(), said)),
            _ => None,
        };
        let Some((from, departure)) = departure else {
            chat.line.lost = true;
            self.chats.insert(id, chat);
            return Err(ClientError::Failed("the group's state has to be repaired first"));
        };
        let mut changes = Changes::new();
        let body = QueuedBody::Departure(departure);
        enqueue(&mut chat, from, message, body, now, &mut changes);
        chat.record.stage = Stage::Leaving;
        for intent in core::mem::take(&mut chat.intents) {
            changes.delete(record_key::intent(id, intent.ordinal));
            for reply in intent.waiting {
                reply.send(Err(ClientError::NotAMember));
            }
        }
        chat.write_to(&mut changes);
        self.write(changes).await?;
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatChanged { chat: id });
        self.advance(id).await;
        Ok(())
    }

    /// Everything that was to be said has been said: the server may forget this account in the group.
    pub(crate) fn finish_leaving(&mut self, id: ChatId) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| !chat.line.joining) else {
            return;
        };
        chat.line.joining = true;
        let api = self.api.clone();
        self.start(async move {
            let result = api.leave_group(id).await;
            Done::Left { chat: id, result }
        });
    }

    pub(crate) async fn left(&mut self, id: ChatId, result: Result<(), ApiError>) {
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.line.joining = false;
        }
        match result {
            Err(error) if error.is_passing() => self.pause(id),
            // Whatever else the server says, it is no member there.
            Ok(()) | Err(_) => self.gone(id).await,
        }
    }

    /// This account is not in the group any more: what was said before stays, and nothing is tried.
    pub(crate) async fn gone(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut changes = Changes::new();
        if let Some(me) = &self.me {
            part(&mut chat, me.address(), self.now(), &mut changes);
        }
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatChanged { chat: id });
    }

    pub(super) async fn delete_whole_group(&mut self, id: ChatId, reply: Reply<()>) {
        match self.take_group(id).await {
            Err(error) => reply.send(Err(error)),
            Ok(chat) => {
                self.chats.insert(id, chat);
                let api = self.api.clone();
                self.start(async move {
                    let result = api.delete_group(id).await;
                    Done::Deleted {
                        chat: id,
                        reply,
                        result,
                    }
                });
            }
        }
    }

    pub(crate) async fn deleted(&mut self, id: ChatId, reply: Reply<()>, result: Result<(), ApiError>) {
        match result {
            // Gone already: somebody was faster, or this call was repeated.
            Err(error) if error.code() != Some(ProblemCode::GroupNotFound) => {
                reply.send(Err(error.into()));
            }
            Ok(()) | Err(_) => {
                self.gone(id).await;
                reply.send(Ok(()));
            }
        }
    }
}

/// Ends this device's part in a chat, in a batch.
/// What was not sent has failed.
pub(crate) fn part(chat: &mut OpenChat, from: DeviceAddress, at: Timestamp, changes: &mut Changes) {
    chat.record.stage = Stage::Left;
    chat.discard_commit(changes);
    for queued in core::mem::take(&mut chat.outbox) {
        changes.delete(record_key::outbox(chat.id, queued.ordinal));
        if let Some(body) = queued.record.body.shown() {
            let position = queued_position(queued.ordinal);
            let record = MessageRecord {
                message: queued.record.message,
                from,
                body,
                at,
                state: StoredState::Failed(ProblemCode::ChatNotFound),
            };
            changes.put(record_key::message(chat.id, position), &record);
        }
    }
    for intent in core::mem::take(&mut chat.intents) {
        changes.delete(record_key::intent(chat.id, intent.ordinal));
        for reply in intent.waiting {
            reply.send(Err(ClientError::NotAMember));
        }
    }
    chat.line = super::super::open_chat::Line::default();
    chat.write_to(changes);
}
