//! What is said about earlier messages: other words, none any more, a reaction, a pin. The order of the log counts: what is asked for
//! on this device holds here at once, and again, in its place, when the server has it.

use super::inbox::{Stamp, Work};
use super::outbox::{Outgoing, check_text, enqueue};
use super::{Engine, OpenChat};
use crate::chats::KindRecord;
use crate::error::ClientError;
use crate::events::Event;
use crate::messages::{MessageRecord, QueuedBody, StoredBody, StoredEdition, StoredState, find_message};
use crate::platform::Platform;
use crate::record_key;
use crate::reports::KeptFranking;
use crate::store::{Changes, RecordsError};
use sotto_crypto_core::{Chat, Deletion, Edit, Pin, Reaction};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, MessageId, Retention, Seq, Timestamp};

/// Texts of one message that are kept, the first one among them.
const EDITIONS: usize = 32;
/// Reactions of one account to one message, and of all.
const REACTIONS_OF_ONE: usize = 8;
const REACTIONS: usize = 2_048;
/// Messages of one chat that are pinned.
const PINNED: usize = 64;

/// What becomes of a message.
#[derive(Clone)]
pub(crate) enum MessageChange {
    Edit(Edit),
    Deletion(Deletion),
    Reaction(Reaction),
    Pin(Pin),
}

/// Who has said so, and where.
pub(crate) struct Said {
    pub(crate) change: MessageChange,
    pub(crate) by: AccountId,
    /// The message that says so.
    pub(crate) message: MessageId,
    /// Where it stands in the log, once it does.
    pub(crate) seq: Option<Seq>,
    pub(crate) at: Timestamp,
    /// Whether whoever says it may decide about the messages of others.
    pub(crate) may_moderate: bool,
    /// What shows to the server what an edit says.
    pub(crate) franking: Option<KeptFranking>,
}

impl MessageChange {
    const fn target(&self) -> MessageId {
        match self {
            Self::Edit(edit) => edit.message,
            Self::Deletion(deletion) => deletion.message,
            Self::Reaction(reaction) => reaction.message,
            Self::Pin(pin) => pin.message,
        }
    }
}

impl From<MessageChange> for QueuedBody {
    fn from(change: MessageChange) -> Self {
        match change {
            MessageChange::Edit(edit) => Self::Edit(edit),
            MessageChange::Deletion(deletion) => Self::Deletion(deletion),
            MessageChange::Reaction(reaction) => Self::Reaction(reaction),
            MessageChange::Pin(pin) => Self::Pin(pin),
        }
    }
}

impl Said {
    /// As it came in an entry.
    pub(crate) fn new(chat: &OpenChat, stamp: Stamp, from: DeviceAddress, change: MessageChange) -> Self {
        Self {
            change,
            by: from.account,
            message: stamp.message,
            seq: Some(stamp.seq),
            at: stamp.at,
            may_moderate: may_moderate(chat, from),
            franking: None,
        }
    }

    /// Whether it may be said of this message.
    fn is_allowed_of(&self, target: &MessageRecord) -> bool {
        let is_own = target.from.account == self.by;
        match self.change {
            MessageChange::Edit(_) => is_own && matches!(target.body, StoredBody::Text(_)),
            MessageChange::Deletion(_) => {
                (is_own || self.may_moderate) && !matches!(target.body, StoredBody::GroupChanges(_))
            }
            MessageChange::Reaction(_) => !matches!(target.body, StoredBody::Deleted { .. }),
            MessageChange::Pin(Pin { is_pinned, .. }) => {
                self.may_moderate && !(is_pinned && matches!(target.body, StoredBody::Deleted { .. }))
            }
        }
    }
}

/// Whether a member decides about the messages of others: in a group its office holders, elsewhere everybody about pins alone.
fn may_moderate(chat: &OpenChat, from: DeviceAddress) -> bool {
    match chat.record.kind {
        KindRecord::Group(_) => chat
            .group
            .as_ref()
            .is_some_and(|group: &Chat| group.holds_office(from)),
        KindRecord::Direct { .. } | KindRecord::Notes => false,
    }
}

impl<P: Platform> Engine<P> {
    /// Changes a message, here at once and for the others as soon as it can be sent.
    pub(crate) async fn change_message(
        &mut self,
        id: ChatId,
        change: MessageChange,
    ) -> Result<(), ClientError> {
        match &change {
            MessageChange::Edit(edit) => check_text(&edit.text)?,
            MessageChange::Reaction(reaction) if !reaction.is_sound() => {
                return Err(ClientError::InvalidReaction);
            }
            MessageChange::Reaction(_) | MessageChange::Deletion(_) | MessageChange::Pin(_) => {}
        }
        self.ensure_loaded().await?;
        let from = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.address();
        self.check_writable(id)?;
        if !matches!(change, MessageChange::Deletion(_)) {
            self.check_voice(id).await?;
        }
        let records = self.surroundings.records.clone();
        let mut work = Work::new();
        let found = find_message(&records, id, change.target(), &work.changes).await?;
        let (position, target) = found.ok_or(ClientError::MessageNotFound)?;
        let (message, now) = (MessageId::from_bytes(self.random()), self.now());
        let mut chat = self.chats.remove(&id).ok_or(ClientError::ChatNotFound)?;
        // Who holds which office, the group says.
        let _ = chat.open(&records).await;
        let said = Said {
            by: from.account,
            message,
            seq: None,
            at: now,
            may_moderate: may_moderate(&chat, from) || is_free(&chat, &change),
            franking: None,
            change: change.clone(),
        };
        let outcome = if !said.is_allowed_of(&target) {
            Err(ClientError::MessageRefused)
        } else if let StoredState::Queued | StoredState::Failed(_) = target.state {
            self.change_unsent(&mut chat, position, target, &change, &mut work)
        } else {
            let retention = left_of(&target, now);
            self.apply(&mut chat, &said, position, target, &mut work);
            let outgoing = Outgoing {
                message,
                body: change.into(),
                retention,
            };
            enqueue(&mut chat, from, outgoing, now, &mut work.changes);
            Ok(())
        };
        if outcome.is_ok() {
            chat.write_to(&mut work.changes);
            if let Err(error) = self.flush(core::mem::take(&mut work.changes)).await {
                self.store_failed();
                return Err(error.into());
            }
        }
        self.chats.insert(id, chat);
        self.tell(work);
        self.advance(id).await;
        outcome
    }

    /// A message that the server does not have is changed here alone.
    fn change_unsent(
        &mut self,
        chat: &mut OpenChat,
        position: u64,
        mut target: MessageRecord,
        change: &MessageChange,
        work: &mut Work,
    ) -> Result<(), ClientError> {
        let is_it = |queued: &super::open_chat::Queued| queued.record.message == target.message;
        let place = chat.outbox.iter().position(is_it);
        if place
            .and_then(|place| chat.outbox.get(place))
            .is_some_and(|queued| queued.in_flight)
        {
            return Err(ClientError::NotSentYet);
        }
        match change {
            MessageChange::Edit(edit) => {
                let queued = place
                    .and_then(|place| chat.outbox.get_mut(place))
                    .ok_or(ClientError::NotSentYet)?;
                queued.record.body = QueuedBody::Text(edit.text.clone());
                queued.record.sealed = None;
                work.changes
                    .put(record_key::outbox(chat.id, queued.ordinal), &queued.record);
                target.body = StoredBody::Text(edit.text.clone());
                target.put(chat.id, position, &mut work.changes);
                let message = target.into_message(chat.id, position, &self.contacts);
                work.events.push(Event::MessageChanged(message));
                Ok(())
            }
            MessageChange::Deletion(_) => {
                if let Some(queued) = place.and_then(|place| chat.outbox.remove(place)) {
                    work.changes.delete(record_key::outbox(chat.id, queued.ordinal));
                }
                self.drop_upload(target.message, &mut work.changes);
                remove(chat.id, position, &target, work);
                Ok(())
            }
            MessageChange::Reaction(_) | MessageChange::Pin(_) => Err(ClientError::NotSentYet),
        }
    }

    /// Deletes a message on this device alone.
    pub(crate) async fn delete_here(&mut self, id: ChatId, message: MessageId) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let records = self.surroundings.records.clone();
        let mut work = Work::new();
        let found = find_message(&records, id, message, &work.changes).await?;
        let (position, target) = found.ok_or(ClientError::MessageNotFound)?;
        if target.state == StoredState::Queued {
            return Err(ClientError::NotSentYet);
        }
        self.drop_upload(message, &mut work.changes);
        remove(id, position, &target, &mut work);
        let change = record_key::archive_change(id, position);
        work.changes.put(change, &None::<Seq>);
        self.write(core::mem::take(&mut work.changes)).await?;
        self.tell(work);
        self.archive_soon(id, true);
        Ok(())
    }

    /// What was said of messages in the entries that were processed, in their order.
    pub(super) async fn apply_changes(
        &mut self,
        chat: &mut OpenChat,
        work: &mut Work,
    ) -> Result<(), RecordsError> {
        let records = self.surroundings.records.clone();
        for mut said in core::mem::take(&mut work.said) {
            let found = find_message(&records, chat.id, said.change.target(), &work.changes).await?;
            // Of what this device cannot read, nothing changes.
            let Some((position, target)) = found else {
                continue;
            };
            said.may_moderate |= is_free(chat, &said.change);
            if said.is_allowed_of(&target) {
                self.apply(chat, &said, position, target, work);
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        chat: &mut OpenChat,
        said: &Said,
        position: u64,
        mut target: MessageRecord,
        work: &mut Work,
    ) {
        match &said.change {
            MessageChange::Edit(edit) => edited(&mut target, said, edit),
            MessageChange::Deletion(_) => {
                if said.seq.is_some() && self.me.as_ref().is_some_and(|me| me.account == said.by) {
                    erase_on_server(chat.id, position, &target, &mut work.changes);
                    work.erases = true;
                }
                self.erase_blob(&target, work);
                target.body = StoredBody::Deleted { by: said.by };
                target.editions.clear();
                target.franking = None;
                target.reactions.clear();
                target.is_starred = false;
                chat.record.pinned.retain(|&pinned| pinned != target.message);
            }
            MessageChange::Reaction(reaction) => {
                if reacted(&mut target, said.by, reaction) {
                    self.note_reaction(chat, said, position, &target, &mut work.changes);
                }
            }
            MessageChange::Pin(pin) => {
                let pinned = &mut chat.record.pinned;
                pinned.retain(|&known| known != pin.message);
                if pin.is_pinned {
                    pinned.push(pin.message);
                    let too_many = pinned.len().saturating_sub(PINNED);
                    pinned.drain(..too_many);
                }
                work.dirty = true;
                work.events.push(Event::ChatChanged { chat: chat.id });
                return;
            }
        }
        target.put(chat.id, position, &mut work.changes);
        if let Some(seq) = said.seq {
            let change = record_key::archive_change(chat.id, position);
            work.changes.put(change, &Some(seq));
        }
        let message = target.into_message(chat.id, position, &self.contacts);
        work.events.push(Event::MessageChanged(message));
    }
}

/// Whether anybody in the chat may do this, as nobody there is above the others.
const fn is_free(chat: &OpenChat, change: &MessageChange) -> bool {
    matches!(change, MessageChange::Pin(_))
        && matches!(chat.record.kind, KindRecord::Direct { .. } | KindRecord::Notes)
}

/// How long what is said of a message is kept: as long as the message.
fn left_of(target: &MessageRecord, now: Timestamp) -> Retention {
    target.expires_at.map_or(Retention::Keep, |expires_at| {
        let seconds = expires_at.0.saturating_sub(now.0).div_ceil(1000).max(1);
        Retention::For {
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        }
    })
}

fn edited(target: &mut MessageRecord, said: &Said, edit: &Edit) {
    let StoredBody::Text(before) = &mut target.body else {
        return;
    };
    if target.editions.is_empty() {
        target.editions.push(StoredEdition {
            by: target.message,
            seq: None,
            at: target.at,
            text: before.clone(),
            franking: None,
        });
    }
    // It was there already if it was made here: now it has its place among the others.
    target.editions.retain(|edition| edition.by != said.message);
    // What is not in the log yet will stand after all that is.
    let waiting = target.editions.iter().skip(1).rev();
    let waiting = waiting.take_while(|edition| said.seq.is_some() && edition.seq.is_none());
    let place = target.editions.len() - waiting.count();
    target.editions.insert(
        place,
        StoredEdition {
            by: said.message,
            seq: said.seq,
            at: said.at,
            text: edit.text.clone(),
            franking: said.franking.clone(),
        },
    );
    if target.editions.len() > EDITIONS {
        // The first text stays.
        target.editions.remove(1);
    }
    let Some(latest) = target.editions.last() else {
        return;
    };
    // What it answers does not change.
    let reply_to = before.reply_to.take();
    *before = latest.text.clone();
    before.reply_to = reply_to;
}

/// Notes what somebody thinks of a message, or does not any more. Says whether that is a reaction which was not there.
fn reacted(target: &mut MessageRecord, by: AccountId, reaction: &Reaction) -> bool {
    let reactions = &mut target.reactions;
    let had = reactions
        .iter()
        .any(|(account, emoji)| *account == by && *emoji == reaction.emoji);
    if !reaction.is_set {
        reactions.retain(|(account, emoji)| *account != by || *emoji != reaction.emoji);
    } else if !had
        && reactions.len() < REACTIONS
        && reactions.iter().filter(|(account, _)| *account == by).count() < REACTIONS_OF_ONE
    {
        reactions.push((by, reaction.emoji.clone()));
        return true;
    }
    false
}

fn remove(chat: ChatId, position: u64, target: &MessageRecord, work: &mut Work) {
    target.delete(chat, position, &mut work.changes);
    work.events.push(Event::MessageRemoved {
        chat,
        message: target.message,
        position,
    });
}

/// Notes that the server is to erase a message and its edits.
fn erase_on_server(chat: ChatId, position: u64, target: &MessageRecord, changes: &mut Changes) {
    changes.put(record_key::erasure(chat, Seq(position)), &target.message);
    for edition in &target.editions {
        if let Some(seq) = edition.seq {
            changes.put(record_key::erasure(chat, seq), &edition.by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_crypto_core::Text;
    use sotto_protocol::DeviceId;

    fn text(words: &str) -> Text {
        Text {
            text: words.to_owned(),
            reply_to: None,
            mentions: Vec::new(),
            is_forwarded: false,
        }
    }

    #[test]
    fn an_edit_that_waits_to_be_sent_stands_after_those_that_came_meanwhile() {
        let account = AccountId::from_bytes([1; 16]);
        let from = DeviceAddress {
            account,
            device: DeviceId::from_bytes([2; 16]),
        };
        let message = MessageId::from_bytes([3; 16]);
        let body = StoredBody::Text(text("first"));
        let mut target = MessageRecord::new(message, from, body, Timestamp(0), StoredState::Accepted);
        let mut edit = |by: u8, seq: Option<u64>, words: &str| {
            let edit = Edit {
                message,
                text: text(words),
            };
            let said = Said {
                change: MessageChange::Edit(edit.clone()),
                by: account,
                message: MessageId::from_bytes([by; 16]),
                seq: seq.map(Seq),
                at: Timestamp(0),
                may_moderate: false,
                franking: None,
            };
            edited(&mut target, &said, &edit);
            let editions = target.editions.iter();
            editions
                .map(|edition| edition.text.text.clone())
                .collect::<Vec<_>>()
        };
        edit(4, None, "mine");
        assert_eq!(edit(5, Some(7), "theirs"), ["first", "theirs", "mine"]);
        assert_eq!(
            edit(6, None, "mine again"),
            ["first", "theirs", "mine", "mine again"]
        );
        assert_eq!(
            edit(4, Some(8), "mine"),
            ["first", "theirs", "mine", "mine again"]
        );
        assert_eq!(
            edit(7, Some(9), "late"),
            ["first", "theirs", "mine", "late", "mine again"]
        );
        assert!(matches!(target.body, StoredBody::Text(text) if text.text == "mine again"));
    }
}
