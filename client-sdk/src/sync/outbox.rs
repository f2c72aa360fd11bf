//! Messages on their way: written, encrypted in the current epoch, written again with the ratchet, sent; several at a
//! time, in order, each with the same id until the server has it.

use super::group::finish_intent;
use super::inbox::{Stamp, Work};
use super::message_changes::Said;
use super::open_chat::{OpenChat, OpenError, Queued};
use super::requests::Request;
use super::{Engine, Input, up_to};
use crate::api::code_is_passing;
use crate::chats::{GroupRecord, OutboxRecord, Sealed, Stage};
use crate::contacts::{Reception, Subject, Verdict, subject};
use crate::error::ClientError;
use crate::events::Event;
use crate::messages::{
    MessageRecord, NewBody, NewMessage, QueuedBody, StoredBody, StoredState, find_message, queued_position,
};
use crate::platform::Platform;
use crate::record_key;
use crate::reports::KeptFranking;
use crate::store::Changes;
use core::time::Duration;
use sotto_crypto_core::content::File;
use sotto_crypto_core::{Chat, Content, Quote, Text, ToldGroupProfile};
use sotto_protocol::frame::{ClientFrame, Refusal};
use sotto_protocol::{
    ChatId, DeviceAddress, Epoch, MessageId, ProblemCode, Retention, Seq, Timestamp, limits,
};

/// Messages of one chat in flight at a time.
const IN_FLIGHT: usize = 64;
/// Bounds of a pause after the server asked to be left alone, in milliseconds.
const PAUSE_MS: (u64, u64) = (1_000, 5_000);

impl<P: Platform> Engine<P> {
    /// Puts a message into a chat. When this returns, it is safe here and will be sent. A message of a chosen id is taken once.
    pub(crate) async fn send(&mut self, id: ChatId, message: NewMessage) -> Result<MessageId, ClientError> {
        let NewMessage {
            id: chosen,
            mut body,
            reply_to,
            retention,
        } = message;
        if let NewBody::Text(text) = &body {
            check_text(text)?;
        }
        let Begun {
            message,
            from,
            now,
            mut changes,
            is_accepted,
            quote,
            retention,
        } = match self.begin_sending(id, chosen, reply_to, retention).await? {
            Beginning::Begun(begun) => *begun,
            Beginning::TakenBefore(message) => return Ok(message),
        };
        body.words_mut().reply_to = quote;
        if !body.words_mut().is_forwarded {
            self.note_draft(id, None, &mut changes);
        }
        let mut chat = self.chats.remove(&id).ok_or(ClientError::ChatNotFound)?;
        let body = match body {
            NewBody::Text(text) => QueuedBody::Text(text),
            NewBody::File(file) => QueuedBody::File(file),
        };
        let outgoing = Outgoing {
            message,
            body,
            retention,
        };
        let added = enqueue(&mut chat, from, outgoing, now, &mut changes);
        // What can go at once shares the batch: one write instead of two.
        let ready = self.is_ready_to_send(&chat) && chat.open(&self.surroundings.records).await.is_ok();
        let frames = if ready {
            self.encrypt_queued(&mut chat, &mut changes)
        } else {
            Vec::new()
        };
        chat.write_to(&mut changes);
        if let Err(error) = self.flush(changes).await {
            self.store_failed();
            return Err(error.into());
        }
        self.chats.insert(id, chat);
        for frame in frames {
            self.send_frame(&frame);
        }
        if is_accepted {
            self.accepted_by_writing(id).await;
        }
        if let Some(added) = added {
            let event = added.into_message(id, self.last_queued_position(id), &self.contacts);
            self.events.emit(&Event::MessageAdded(event));
        }
        if !ready {
            self.advance(id).await;
        }
        Ok(message)
    }

    /// What every message that is to be sent begins with.
    pub(super) async fn begin_sending(
        &mut self,
        id: ChatId,
        chosen: Option<MessageId>,
        reply_to: Option<MessageId>,
        retention: Option<Retention>,
    ) -> Result<Beginning, ClientError> {
        if retention.is_some_and(|retention| !retention.is_in_bounds()) {
            return Err(ClientError::RetentionOutOfBounds);
        }
        self.ensure_loaded().await?;
        let from = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.address();
        let now = self.now();
        if let Some(message) = chosen {
            let records = &self.surroundings.records;
            let taken = records.get::<()>(&record_key::sent(message)).await?.is_some()
                || self.uploads.contain(message)
                || self.chats.get(&id).is_some_and(|chat| chat.is_queued(message));
            if taken {
                return Ok(Beginning::TakenBefore(message));
            }
        }
        let message = chosen.unwrap_or_else(|| MessageId::from_bytes(self.random()));
        self.check_writable(id)?;
        self.check_voice(id).await?;
        let quote = match reply_to {
            Some(answered) => Some(self.quote(id, answered).await?),
            None => None,
        };
        let mut changes = Changes::new();
        let is_accepted = self.accept_by_writing(id, &mut changes)?;
        let chat = self.chats.get(&id).ok_or(ClientError::ChatNotFound)?;
        let retention = retention.unwrap_or_else(|| chat.retention());
        // A fleeting message leaves not even its id.
        if chosen.is_some() && retention != Retention::Never {
            changes.put(record_key::sent(message), &());
        }
        Ok(Beginning::Begun(Box::new(Begun {
            message,
            from,
            now,
            changes,
            is_accepted,
            quote,
            retention,
        })))
    }

    /// Somebody was accepted by writing to them.
    pub(super) async fn accepted_by_writing(&mut self, id: ChatId) {
        self.publish();
        self.events.emit(&Event::ChatChanged { chat: id });
        self.share_records(None).await;
    }

    /// Whether this account can say anything in a chat.
    pub(super) fn check_writable(&self, id: ChatId) -> Result<(), ClientError> {
        match self.chats.get(&id).map(|chat| chat.record.stage) {
            Some(Stage::Member | Stage::Joining) => Ok(()),
            Some(Stage::Leaving | Stage::Left) => Err(ClientError::NotAMember),
            Some(Stage::Creating) | None => Err(ClientError::ChatNotFound),
        }
    }

    /// What stands above an answer. Of what is not kept for good nothing is repeated in what may be.
    async fn quote(&self, id: ChatId, message: MessageId) -> Result<Quote, ClientError> {
        let records = self.surroundings.records.clone();
        let found = find_message(&records, id, message, &Changes::new()).await?;
        let (_, answered) = found.ok_or(ClientError::MessageNotFound)?;
        let words = answered.body.words().map(|words| words.text.as_str());
        let text = match (&answered.body, words) {
            _ if answered.retention != Retention::Keep => "",
            (StoredBody::File(File { info, .. }) | StoredBody::Upload { info, .. }, Some("")) => &info.name,
            (_, words) => words.unwrap_or_default(),
        };
        Ok(Quote {
            message,
            from: answered.from.account,
            text: beginning(text),
        })
    }

    /// Writing to somebody is to accept them. `true` if that was not decided before.
    fn accept_by_writing(&mut self, id: ChatId, changes: &mut Changes) -> Result<bool, ClientError> {
        let chat = self.chats.get(&id).ok_or(ClientError::ChatNotFound)?;
        let reception = self.contacts.reception(id, &chat.record.kind);
        let about = subject(id, &chat.record.kind);
        match (reception, about) {
            (Reception::Blocked, _) => Err(ClientError::Blocked),
            // Of a group, only where there was something to decide: it is joined or founded, or somebody has been accepted.
            (Reception::Open, Some(Subject::Group(_))) | (_, None) => Ok(false),
            (Reception::Open | Reception::Requested | Reception::Declined, Some(about)) => {
                Ok(self.contacts.decide(about, Verdict::Accepted, changes))
            }
        }
    }

    fn last_queued_position(&self, id: ChatId) -> u64 {
        queued_position(self.chats.get(&id).map_or(0, |chat| chat.record.last_ordinal))
    }

    /// Whether the next message may be encrypted and sent now.
    fn is_ready_to_send(&self, chat: &OpenChat) -> bool {
        self.is_online()
            && matches!(chat.record.stage, Stage::Member | Stage::Leaving)
            && chat.is_caught_up()
            && chat.pending.is_none()
            && chat.record.halted.is_none()
            && !chat.line.lost
            && !chat.line.paused
            && !self.is_on_hold(chat)
            && (!chat.is_renewal_due(self.now()) || chat.has_in_flight())
            && !chat.wants_commit()
    }

    /// Whether the chat is with an account whose identity is in doubt: to that one alone nothing is sent. Of a group's members
    /// the doubt is shown beside what they say.
    pub(crate) fn is_on_hold(&self, chat: &OpenChat) -> bool {
        chat.record
            .kind
            .peer()
            .is_some_and(|peer| self.contacts.is_held(peer))
    }

    /// Sends what is queued, as far as it goes; a renewal that is due goes first, when nothing is in flight.
    pub(crate) async fn send_queued(&mut self, id: ChatId) {
        let now = self.now();
        let Some(chat) = self.chats.get(&id) else {
            return;
        };
        if chat.is_renewal_due(now) && !chat.has_in_flight() {
            self.renew(id).await;
            return;
        }
        if !self.is_ready_to_send(chat) || chat.outbox.iter().all(|queued| queued.in_flight) {
            return;
        }
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        match chat.open(&self.surroundings.records).await {
            Ok(()) => {}
            Err(OpenError::Group) => {
                chat.line.lost = true;
                self.chats.insert(id, chat);
                self.join(id);
                return;
            }
            Err(OpenError::Records(_)) => return self.store_failed(),
        }
        if let Some(message) = self.unheard(&chat) {
            self.chats.insert(id, chat);
            return Box::pin(self.fail_message(id, message, ProblemCode::Forbidden)).await;
        }
        let mut changes = Changes::new();
        let frames = self.encrypt_queued(&mut chat, &mut changes);
        if !changes.is_empty() {
            chat.write_to(&mut changes);
            if self.flush(changes).await.is_err() {
                return self.store_failed();
            }
        }
        self.chats.insert(id, chat);
        for frame in frames {
            self.send_frame(&frame);
        }
    }

    /// Encrypts what may go now and is not encrypted in this epoch. The frames may be sent once the changes are written.
    fn encrypt_queued(&mut self, chat: &mut OpenChat, changes: &mut Changes) -> Vec<ClientFrame> {
        let (Some(me), Some(group)) = (&self.me, &mut chat.group) else {
            return Vec::new();
        };
        let epoch = group.epoch();
        let sealed_in = |queued: &Queued| queued.record.sealed.as_ref().map(|sealed| sealed.epoch);
        // Those of another epoch will be refused and go again: until then nothing may overtake them.
        let stragglers = |queued: &Queued| queued.in_flight && sealed_in(queued) != Some(epoch);
        if chat.outbox.iter().any(stragglers) {
            return Vec::new();
        }
        let in_flight = chat.outbox.iter().filter(|queued| queued.in_flight).count();
        let mut room = IN_FLIGHT.saturating_sub(in_flight).min(self.requests.room());
        let mut frames = Vec::new();
        // What is still in the outbox is not in the log up to here: it would have left with the batch that counted its entry.
        let after = chat.record.done;
        for queued in chat.outbox.iter_mut().filter(|queued| !queued.in_flight) {
            if room == 0 {
                self.requests.hold_up(chat.id);
                break;
            }
            if sealed_in(queued) != Some(epoch) {
                // A departure is of the leaf as it is: a Commit of this device since it was said has made another.
                if let QueuedBody::Departure(departure) = &mut queued.record.body
                    && departure.by == me.address()
                    && let Ok(said) = group.depart(&me.device)
                {
                    *departure = said;
                }
                let content = Content {
                    message: queued.record.message,
                    retention: queued.record.retention,
                    body: queued.record.body.clone().into(),
                };
                let Ok(encrypted) = group.encrypt(&mut self.rng, &me.device, &content) else {
                    // The group does not encrypt: it has to be joined anew. What is queued waits for that.
                    chat.line.lost = true;
                    break;
                };
                queued.record.sealed = Some(Sealed {
                    epoch,
                    payload: encrypted.payload.into(),
                    franking_key: encrypted.franking_key,
                });
                if queued.record.retention != Retention::Never {
                    changes.put(record_key::outbox(chat.id, queued.ordinal), &queued.record);
                }
            }
            let Some(sealed) = &queued.record.sealed else {
                break;
            };
            queued.in_flight = true;
            room -= 1;
            let request = self.requests.begin(Request::Send {
                chat: chat.id,
                message: queued.record.message,
                epoch,
                after,
            });
            frames.push(ClientFrame::Send {
                request,
                chat: chat.id,
                message: queued.record.message,
                after,
                retention: queued.record.retention,
                payload: sealed.payload.clone(),
            });
        }
        frames
    }

    /// The server has a message of this device: it moves from the queue to its place in the log. Of one that is not in
    /// the outbox that has happened before.
    pub(crate) fn take_acceptance(
        &mut self,
        chat: &mut OpenChat,
        message: MessageId,
        seq: Seq,
        at: Timestamp,
        work: &mut Work,
    ) {
        let position = chat
            .outbox
            .iter()
            .position(|queued| queued.record.message == message);
        let (Some(queued), Some(from)) = (
            position.and_then(|position| chat.outbox.remove(position)),
            self.me.as_ref().map(super::Me::address),
        ) else {
            return;
        };
        work.changes.delete(record_key::outbox(chat.id, queued.ordinal));
        match &queued.record.body {
            QueuedBody::NewGroupProfile { intent, told } => {
                let stamp = Stamp { message, seq, at };
                self.take_own_profile(chat, stamp, *intent, told.clone(), work);
            }
            QueuedBody::Retention(said) => {
                self.take_retention(chat, Stamp { message, seq, at }, from, *said, work);
            }
            // Said before what the group knows now: who came in between may have taken it for the newest.
            QueuedBody::GroupProfile(told) if is_outdated(chat, told) => self.introduce(chat),
            _ => {}
        }
        let franking = queued.record.sealed.map(|sealed| sealed.franking_key);
        let franking = franking.map(KeptFranking::own);
        if let Some(change) = queued.record.body.message_change() {
            let mut said = Said::new(chat, Stamp { message, seq, at }, from, change);
            // One that ends may be kept for less than it says itself: then it could not be encoded again as it was.
            said.franking = franking
                .clone()
                .filter(|_| queued.record.retention == Retention::Keep);
            work.said.push(said);
        }
        let Some(body) = queued.record.body.shown() else {
            return;
        };
        let record = MessageRecord {
            retention: queued.record.retention,
            expires_at: queued.record.retention.expires_at(at.min(self.now())),
            is_starred: self.stars.contain(chat.id, message),
            franking,
            ..MessageRecord::new(message, from, body, at, StoredState::Accepted)
        };
        record.delete(chat.id, queued_position(queued.ordinal), &mut work.changes);
        self.keep(chat.id, seq, &record, work);
        chat.record.active_at = chat.record.active_at.max(at);
        let message = record.into_message(chat.id, seq.0, &self.contacts);
        work.events.push(Event::MessageChanged(message));
    }

    /// Stores a message, and sees to it that it goes at its time. One whose time is over, or that is in no history, is not stored.
    pub(crate) fn keep(&mut self, chat: ChatId, seq: Seq, record: &MessageRecord, work: &mut Work) {
        if record.retention != Retention::Never && !record.is_over(self.now()) {
            record.put(chat, seq.0, &mut work.changes);
            if let Some(expires_at) = record.expires_at {
                self.watch_expiry(expires_at);
            }
        }
    }

    /// The server has passed on a fleeting message.
    pub(crate) async fn relayed(&mut self, id: ChatId, message: MessageId, at: Timestamp, reached: u32) {
        let (Some(chat), Some(from)) = (self.chats.get_mut(&id), self.me.as_ref().map(super::Me::address))
        else {
            return;
        };
        let is_it = |queued: &Queued| queued.record.message == message;
        let place = chat.outbox.iter().position(is_it);
        let Some(queued) = place.and_then(|place| chat.outbox.remove(place)) else {
            return;
        };
        let position = chat.record.done.0;
        if let Some(body) = queued.record.body.shown() {
            let record = MessageRecord {
                retention: Retention::Never,
                ..MessageRecord::new(message, from, body, at, StoredState::Relayed(reached))
            };
            let message = record.into_message(id, position, &self.contacts);
            self.events.emit(&Event::MessageChanged(message));
        }
        self.advance(id).await;
    }

    /// The server has not taken a message.
    pub(crate) async fn send_refused(
        &mut self,
        id: ChatId,
        message: MessageId,
        epoch: Epoch,
        after: Seq,
        refusal: Refusal,
    ) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        if let Some(queued) = chat
            .outbox
            .iter_mut()
            .find(|queued| queued.record.message == message)
        {
            queued.in_flight = false;
        }
        if refusal.code == ProblemCode::StaleEpoch {
            // Of messages that were sent together each is refused: the log is read once for all of them.
            if chat.group.as_ref().map(Chat::epoch) < refusal.epoch {
                chat.line.probe = true;
            }
            chat.note_stale(epoch, refusal.epoch);
            self.advance(id).await;
        } else if refusal.code == ProblemCode::Behind && chat.note_behind(after) {
            self.advance(id).await;
        } else if refusal.code == ProblemCode::Behind || code_is_passing(refusal.code) {
            self.pause(id);
        } else {
            self.fail_message(id, message, refusal.code).await;
            let is_group = self
                .chats
                .get(&id)
                .is_some_and(|chat| chat.record.group().is_some());
            if refusal.code == ProblemCode::ChatNotFound && is_group {
                // Removed, or the group deleted, while this device was away.
                self.gone(id).await;
            }
        }
    }

    /// A message will never be taken: it stays where it is, marked, and is not sent again.
    async fn fail_message(&mut self, id: ChatId, message: MessageId, code: ProblemCode) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let position = chat
            .outbox
            .iter()
            .position(|queued| queued.record.message == message);
        let (Some(queued), Some(me)) = (
            position.and_then(|position| chat.outbox.remove(position)),
            &self.me,
        ) else {
            self.chats.insert(id, chat);
            return;
        };
        let position = queued_position(queued.ordinal);
        let mut work = Work::new();
        work.changes.delete(record_key::outbox(id, queued.ordinal));
        if let QueuedBody::NewGroupProfile { intent, .. } = queued.record.body {
            let problem = sotto_protocol::Problem::new(code);
            finish_intent(&mut chat, intent, &Err(problem.into()), &mut work);
        }
        if let Some(body) = queued.record.body.shown() {
            let retention = queued.record.retention;
            let state = StoredState::Failed(code);
            let record = MessageRecord {
                retention,
                ..MessageRecord::new(message, me.address(), body, self.now(), state)
            };
            if retention != Retention::Never {
                record.put(id, position, &mut work.changes);
            }
            let message = record.into_message(id, position, &self.contacts);
            work.events.push(Event::MessageChanged(message));
        }
        chat.write_to(&mut work.changes);
        if self.flush(core::mem::take(&mut work.changes)).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.tell(work);
        self.advance(id).await;
    }

    /// Leaves a chat alone for a moment, because the server wants it so.
    pub(crate) fn pause(&mut self, id: ChatId) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| !chat.line.paused) else {
            return;
        };
        chat.line.paused = true;
        let (shortest, longest) = PAUSE_MS;
        let wait = shortest + up_to(&mut self.rng, longest - shortest);
        self.later(Duration::from_millis(wait), Input::Resume(id));
    }

    /// Random bytes, for an id.
    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}

/// Whether the group knows a newer profile than this.
fn is_outdated(chat: &OpenChat, told: &ToldGroupProfile) -> bool {
    let known = chat.record.group().and_then(GroupRecord::profile);
    let (Some(known), Ok(told)) = (known, told.profile.claimed()) else {
        return false;
    };
    told.revision < known.revision
}

/// Whether a text can be sent.
pub(super) fn check_text(text: &Text) -> Result<(), ClientError> {
    if text.text.is_empty() {
        Err(ClientError::TextEmpty)
    } else if text.text.len() > limits::TEXT_BYTES {
        Err(ClientError::TextTooLong)
    } else if text.is_sound() {
        Ok(())
    } else {
        Err(ClientError::InvalidMention)
    }
}

/// As much of the text as stands above an answer.
fn beginning(text: &str) -> String {
    let end = text.floor_char_boundary(limits::QUOTE_BYTES);
    text.get(..end).unwrap_or_default().to_owned()
}

/// What every message that is to be sent begins with.
pub(super) struct Begun {
    pub(super) message: MessageId,
    pub(super) from: DeviceAddress,
    pub(super) now: Timestamp,
    pub(super) changes: Changes,
    /// Somebody is accepted by it who was not.
    pub(super) is_accepted: bool,
    pub(super) quote: Option<Quote>,
    pub(super) retention: Retention,
}

/// Whether a message is to be sent.
pub(super) enum Beginning {
    Begun(Box<Begun>),
    /// It was taken before.
    TakenBefore(MessageId),
}

/// A message to be sent.
pub(crate) struct Outgoing {
    pub(crate) message: MessageId,
    pub(crate) body: QueuedBody,
    pub(crate) retention: Retention,
}

impl Outgoing {
    /// One that stays in the log.
    pub(crate) const fn kept(message: MessageId, body: QueuedBody) -> Self {
        Self {
            message,
            body,
            retention: Retention::Keep,
        }
    }
}

/// Puts a message at the end of a chat's outbox. What is shown of it; `None` if it is for other clients alone.
pub(crate) fn enqueue(
    chat: &mut OpenChat,
    from: DeviceAddress,
    outgoing: Outgoing,
    now: Timestamp,
    changes: &mut Changes,
) -> Option<MessageRecord> {
    let Outgoing {
        message,
        body,
        retention,
    } = outgoing;
    chat.record.last_ordinal += 1;
    chat.record.active_at = chat.record.active_at.max(now);
    let ordinal = chat.record.last_ordinal;
    let shown = body.shown().map(|body| MessageRecord {
        retention,
        ..MessageRecord::new(message, from, body, now, StoredState::Queued)
    });
    let record = OutboxRecord {
        message,
        body,
        retention,
        sealed: None,
    };
    // A fleeting message is in memory alone, and gone with it.
    if retention != Retention::Never {
        if let Some(shown) = &shown {
            shown.put(chat.id, queued_position(ordinal), changes);
        }
        changes.put(record_key::outbox(chat.id, ordinal), &record);
    }
    chat.outbox.push_back(Queued {
        ordinal,
        record,
        in_flight: false,
    });
    shown
}
