//! Leaving a group: said inside it, then to the server; another member's Commit takes the devices out. And deleting one.

use super::super::inbox::Work;
use super::super::open_chat::{Line, OpenError, Queued};
use super::super::outbox::{Outgoing, enqueue};
use super::super::{Done, Engine, OpenChat, Reply};
use super::finish_intent;
use crate::api::ApiError;
use crate::chats::Stage;
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::IntentRecord;
use crate::messages::{MessageRecord, QueuedBody, StoredState, queued_position};
use crate::platform::Platform;
use crate::record_key;
use sotto_crypto_core::Chat;
use sotto_protocol::{ChatId, MessageId, ProblemCode, Retention, Timestamp};

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
        let mut work = Work::new();
        // Of those who leave as well, somebody may hear by this alone.
        let others = chat.record.group().map(|record| record.departures.clone());
        for departure in others.unwrap_or_default() {
            let message = MessageId::from_bytes(self.random());
            let body = QueuedBody::Departure(departure);
            enqueue(
                &mut chat,
                from,
                Outgoing::kept(message, body),
                now,
                &mut work.changes,
            );
        }
        let body = QueuedBody::Departure(departure);
        enqueue(
            &mut chat,
            from,
            Outgoing::kept(message, body),
            now,
            &mut work.changes,
        );
        chat.record.stage = Stage::Leaving;
        give_up_intents(&mut chat, &mut work);
        chat.write_to(&mut work.changes);
        work.events.push(Event::ChatChanged { chat: id });
        self.write(core::mem::take(&mut work.changes)).await?;
        self.chats.insert(id, chat);
        self.tell(work);
        self.advance(id).await;
        Ok(())
    }

    /// Somebody came in who has not heard that this account leaves.
    pub(crate) fn repeat_departure(&mut self, chat: &mut OpenChat, work: &mut Work) {
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let (Some(me), Some(group)) = (&self.me, &chat.group) else {
            return;
        };
        let is_said = |queued: &Queued| matches!(queued.record.body, QueuedBody::Departure(departure) if departure.by == me.address());
        if chat.record.stage == Stage::Leaving
            && !chat.outbox.iter().any(is_said)
            && let Ok(departure) = group.depart(&me.device)
        {
            let body = QueuedBody::Departure(departure);
            enqueue(
                chat,
                me.address(),
                Outgoing::kept(message, body),
                now,
                &mut work.changes,
            );
        }
    }

    /// Everything that was to be said has been said: the server may forget this account in the group. If this device follows the
    /// group, not before everybody who is in it can have heard.
    pub(crate) async fn finish_leaving(&mut self, id: ChatId, follows: bool) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| !chat.line.joining) else {
            return;
        };
        let epoch = match chat.open(&self.surroundings.records).await {
            Ok(()) => chat.group.as_ref().map(Chat::epoch).filter(|_| follows),
            Err(OpenError::Group) => None,
            Err(OpenError::Records(_)) => return self.store_failed(),
        };
        chat.line.joining = true;
        let api = self.api.clone();
        self.start(async move {
            let result = api.leave_group(id, epoch).await;
            Done::Left { chat: id, result }
        });
    }

    pub(crate) async fn left(&mut self, id: ChatId, result: Result<(), ApiError>) {
        // It may have been let in again meanwhile.
        let Some(chat) = self
            .chats
            .get_mut(&id)
            .filter(|chat| chat.record.stage == Stage::Leaving)
        else {
            return;
        };
        chat.line.joining = false;
        match result {
            Err(error) if error.is_passing() => self.pause(id),
            Err(error) if error.code() == Some(ProblemCode::StaleEpoch) => {
                chat.line.probe = true;
                self.advance(id).await;
            }
            // Whatever else the server says, it is no member there.
            Ok(()) | Err(_) => self.gone(id).await,
        }
    }

    /// This account is not in the group any more: what was said before stays, and nothing is tried.
    pub(crate) async fn gone(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut work = Work::new();
        self.part(&mut chat, self.now(), &mut work);
        work.events.push(Event::ChatChanged { chat: id });
        if self.flush(core::mem::take(&mut work.changes)).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.tell(work);
        // Somebody has thought better of it meanwhile.
        if self.awaited.contains_key(&id) {
            self.join(id);
        }
    }

    /// Ends this device's part in a chat, in a batch. What was not sent has failed, and so has what was asked for and not done:
    /// whoever waits is told when it is written, and everybody by an event.
    pub(crate) fn part(&mut self, chat: &mut OpenChat, at: Timestamp, work: &mut Work) {
        let Some(from) = self.me.as_ref().map(super::super::Me::address) else {
            return;
        };
        // It may be on its way in anew already, if another device of its account has come in again.
        let joining = chat.line.joining && chat.record.stage == Stage::Member;
        chat.record.stage = Stage::Left;
        self.archive_soon(chat.id, false);
        chat.discard_commit(&mut work.changes);
        for queued in core::mem::take(&mut chat.outbox) {
            work.changes.delete(record_key::outbox(chat.id, queued.ordinal));
            if let Some(body) = queued.record.body.shown() {
                let (position, retention) = (queued_position(queued.ordinal), queued.record.retention);
                let state = StoredState::Failed(ProblemCode::ChatNotFound);
                let record = MessageRecord {
                    retention,
                    ..MessageRecord::new(queued.record.message, from, body, at, state)
                };
                if retention != Retention::Never {
                    record.put(chat.id, position, &mut work.changes);
                }
                let message = record.into_message(chat.id, position, &self.contacts);
                work.events.push(Event::MessageChanged(message));
            }
        }
        give_up_intents(chat, work);
        chat.line = Line {
            joining,
            ..Line::default()
        };
        chat.write_to(&mut work.changes);
    }

    /// Tells what is written now.
    pub(crate) fn tell(&self, work: Work) {
        for event in &work.events {
            self.events.emit(event);
        }
        for (reply, result) in work.replies {
            reply.send(result);
        }
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

/// Whoever is no member carries nothing out any more.
fn give_up_intents(chat: &mut OpenChat, work: &mut Work) {
    let ordinals: Vec<u64> = chat.intents.iter().map(|intent| intent.ordinal).collect();
    for ordinal in ordinals {
        let is_out = chat.intents.iter().any(|intent| {
            intent.ordinal == ordinal && matches!(intent.record, IntentRecord::RemoveDevice(_))
        });
        let result = if is_out {
            // With the whole account.
            Ok(())
        } else {
            Err(ClientError::NotAMember)
        };
        finish_intent(chat, ordinal, &result, work);
    }
}
