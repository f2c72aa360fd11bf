//! Commits that this device does not accept. It stays before them, objects until enough others do too and the server takes them
//! back, and goes on as if they had never been; or, if they stand, joins anew where the rules allow what has become of the chat.

use super::inbox::{Arrived, Work};
use super::open_chat::{Objection, OpenChat, OpenError, Turn};
use super::outbox::{Outgoing, enqueue};
use super::{Done, Engine, Input, up_to};
use crate::api::ApiError;
use crate::chats::{Halt, Stage};
use crate::events::Event;
use crate::groups::StoredChange;
use crate::messages::{MessageRecord, StoredState, queued_position};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use core::time::Duration;
use sotto_crypto_core::{Chat, JoinedExternally};
use sotto_protocol::frame::{Entry, EntryKind, Reversal};
use sotto_protocol::rest::chat::{GroupInfo, Objected, ObjectionOutcome};
use sotto_protocol::{AccountId, ChatId, ProblemCode};

/// Before an objection is repeated for the first time, in milliseconds; then twice as long each time.
const OBJECT_AGAIN_MS: u64 = 1_000;
/// At most so often it becomes longer: a minute.
const DOUBLINGS: u8 = 6;
/// After so many objections to what cannot be processed it is tried to join anew: enough others seem to have accepted it.
const PATIENCE: u8 = 4;
/// A device that so often could not process what others then could not either looks for the fault in itself.
const DOUBTS: u8 = 2;
/// How long each member may wait, in milliseconds, before one of them brings a GroupInfo; and the most for all.
const RESTORE_MS: (u64, u64) = (100, 5_000);

/// Whether something comes after the Commit that halted the chat, and so waits until that is decided.
pub(super) fn is_beyond_halt(chat: &mut OpenChat, arrived: &Arrived) -> bool {
    let Some(Halt::Commit { seq, .. }) = chat.record.halted else {
        return false;
    };
    match arrived {
        Arrived::Entry(entry) | Arrived::Fetched(entry) if entry.seq > seq => {
            chat.line.seen = chat.line.seen.max(entry.seq);
            match entry.kind {
                EntryKind::Reversal => {
                    let reversal = Reversal::decode(&entry.payload);
                    chat.line.objection.look |= reversal.is_ok_and(|reversal| reversal.first <= seq);
                }
                // Somebody who may might answer for all of it now.
                EntryKind::Commit => chat.line.objection.follow = true,
                EntryKind::Application | EntryKind::Deleted | EntryKind::TakenBack => {}
            }
            true
        }
        Arrived::PageEnd { .. } => true,
        Arrived::Entry(_)
        | Arrived::Fetched(_)
        | Arrived::Accepted { .. }
        | Arrived::CommitAccepted { .. } => false,
    }
}

/// The chat stays before this Commit.
pub(super) fn refuse(
    chat: &mut OpenChat,
    entry: &Entry,
    is_forbidden: bool,
    halted: Option<Halt>,
    work: &mut Work,
) {
    let was_told = halted.is_some_and(|halt| halt.is_forbidden());
    if halted.is_none() {
        chat.line.objection = Objection {
            // Without waiting for the others.
            follow: !is_forbidden && chat.record.unprocessable >= DOUBTS,
            ..Objection::default()
        };
    }
    chat.record.halted = Some(Halt::Commit {
        seq: entry.seq,
        by: entry.from,
        is_forbidden: is_forbidden || was_told,
    });
    chat.line.seen = chat.line.seen.max(entry.seq);
    work.dirty = true;
    if is_forbidden && !was_told {
        work.events.push(Event::ChatHalted { chat: chat.id });
    }
}

/// What halted the chat does not any more.
pub(super) fn resume(chat: &mut OpenChat, halted: Halt, work: &mut Work) {
    if !halted.is_forbidden() {
        chat.record.unprocessable = chat.record.unprocessable.saturating_add(1);
    }
    chat.line.objection = Objection::default();
    work.dirty = true;
    work.events.push(Event::ChatChanged { chat: chat.id });
}

impl<P: Platform> Engine<P> {
    /// Takes the next step in a chat that is halted: look again, see whether it can be followed, object.
    pub(crate) fn advance_halted(&mut self, id: ChatId) {
        if !self.is_online() {
            return;
        }
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        let Some(Halt::Commit { seq, .. }) = chat.record.halted else {
            return;
        };
        let objection = &mut chat.line.objection;
        if objection.look {
            if !chat.line.fetching {
                chat.line.objection.look = false;
                self.fetch(id);
            }
        } else if chat.line.joining {
            // To be decided by what comes.
        } else if core::mem::take(&mut objection.follow) {
            self.join(id);
        } else if !core::mem::replace(&mut objection.waits, true) {
            let api = self.api.clone();
            self.start(async move {
                let result = api.object(id, seq).await;
                Done::Objected { chat: id, result }
            });
        }
    }

    /// The server has answered an objection.
    pub(crate) async fn objected(&mut self, id: ChatId, result: Result<Objected, ApiError>) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        let Some(Halt::Commit { is_forbidden, .. }) = chat.record.halted else {
            return;
        };
        let objection = &mut chat.line.objection;
        match result.map(|objected| objected.outcome) {
            Ok(ObjectionOutcome::TakenBack) => objection.look = true,
            Ok(ObjectionOutcome::Noted) => {
                objection.times = objection.times.saturating_add(1);
                objection.follow |= !is_forbidden && objection.times >= PATIENCE;
            }
            Ok(ObjectionOutcome::Final) => {
                objection.times = objection.times.saturating_add(1);
                objection.follow = true;
            }
            Err(error)
                if error.code() == Some(ProblemCode::ChatNotFound) && chat.record.group().is_some() =>
            {
                // Removed, or the group deleted, while this device was away.
                return self.gone(id).await;
            }
            Err(_) => {}
        }
        self.object_later(id);
        self.advance(id).await;
    }

    fn object_later(&mut self, id: ChatId) {
        let Some(chat) = self.chats.get(&id) else {
            return;
        };
        let doublings = chat.line.objection.times.saturating_sub(1).min(DOUBLINGS);
        let wait = OBJECT_AGAIN_MS << doublings;
        let wait = wait + up_to(&mut self.rng, wait / 4);
        self.later(Duration::from_millis(wait), Input::ObjectionDue(id));
    }

    /// An objection may be repeated.
    pub(crate) async fn objection_due(&mut self, id: ChatId) {
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.line.objection.waits = false;
            self.advance(id).await;
        }
    }

    /// The GroupInfo of a halted chat has come.
    pub(crate) async fn follow(&mut self, id: ChatId, result: Result<GroupInfo, ApiError>) {
        if let Ok(group_info) = result {
            self.join_by(id, &group_info).await;
        }
        // If it is halted still, it objects; and it is tried again when somebody else has committed.
        self.advance(id).await;
    }

    /// Whether a chat may be joined anew as it is. One that is halted at a Commit is followed if it might have become that under
    /// its rules.
    pub(crate) async fn may_follow(&mut self, id: ChatId, joined: &JoinedExternally) -> bool {
        let Some(mut chat) = self.chats.remove(&id) else {
            return true;
        };
        let may = match chat.record.halted {
            None | Some(Halt::State) => true,
            Some(Halt::Commit { .. }) => match chat.open(&self.surroundings.records).await {
                // There is nothing left to hold it against.
                Err(OpenError::Group) => true,
                Err(OpenError::Records(_)) => false,
                Ok(()) => {
                    let departures = chat.record.group().map(|group| group.departures.as_slice());
                    let departed: Vec<AccountId> = departures
                        .unwrap_or_default()
                        .iter()
                        .map(|departure| departure.by.account)
                        .collect();
                    let check = |group: &Chat| group.check_successor(joined, &departed).is_ok();
                    chat.group.as_ref().is_some_and(check)
                }
            },
        };
        self.chats.insert(id, chat);
        may
    }

    /// A halted chat has become what its rules forbid: it is told, if it was not.
    pub(crate) async fn stay_halted(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut was_told = true;
        if let Some(Halt::Commit { is_forbidden, .. }) = &mut chat.record.halted {
            was_told = core::mem::replace(is_forbidden, true);
        }
        if was_told {
            self.chats.insert(id, chat);
            return;
        }
        let mut changes = Changes::new();
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatHalted { chat: id });
    }

    /// The server says that a Commit was taken back. Whoever has accepted it joins anew, and sends again what nobody can read any
    /// more.
    pub(super) fn take_reversal(&mut self, chat: &mut OpenChat, entry: &Entry, work: &mut Work) {
        let (Ok(reversal), Some(here)) = (
            Reversal::decode(&entry.payload),
            chat.group.as_ref().map(Chat::epoch),
        ) else {
            return;
        };
        self.add_notice(chat, entry.into(), entry.from, vec![StoredChange::Refused], work);
        if here > reversal.epoch {
            chat.line.lost = true;
            work.send_again = Some((reversal.first, entry.seq));
        } else if here == reversal.epoch && chat.record.stage == Stage::Member {
            chat.record.restored = Some(here);
            chat.line.restoration = Turn::None;
            self.watch_restoration(chat);
        }
    }

    /// Puts what this device has sent after a Commit that was taken back into the outbox again, under the same ids.
    pub(super) async fn send_again(
        &mut self,
        chat: &mut OpenChat,
        work: &mut Work,
    ) -> Result<(), RecordsError> {
        let (Some((first, end)), Some(me)) =
            (work.send_again.take(), self.me.as_ref().map(super::Me::address))
        else {
            return Ok(());
        };
        let scan = Scan::prefix(record_key::messages(chat.id))
            .starting_at(record_key::message(chat.id, first.0))
            .before(record_key::message(chat.id, end.0));
        if scan.is_empty() {
            return Ok(());
        }
        let records = self.surroundings.records.clone();
        for (key, record) in records.scan::<MessageRecord>(scan).await? {
            let (Some(position), Some(body), StoredState::Accepted) =
                (record_key::last_number(&key), record.body.queued(), record.state)
            else {
                continue;
            };
            if record.from != me || chat.is_queued(record.message) {
                continue;
            }
            record.delete(chat.id, position, &mut work.changes);
            let (message, retention, at) = (record.message, record.retention, record.at);
            let outgoing = Outgoing {
                message,
                body,
                retention,
            };
            let queued = enqueue(chat, me, outgoing, at, &mut work.changes);
            if let Some(queued) = queued {
                let position = queued_position(chat.record.last_ordinal);
                let message = queued.into_message(chat.id, position, &self.contacts);
                work.events.push(Event::MessageChanged(message));
            }
        }
        Ok(())
    }

    /// Sees to it that one of the members brings a GroupInfo after a Commit was taken back, for those who join.
    pub(super) fn watch_restoration(&mut self, chat: &mut OpenChat) {
        if chat.record.restored.is_none() || chat.line.restoration != Turn::None {
            return;
        }
        let members = chat
            .group
            .as_ref()
            .map_or(1, |group| group.members().len() as u64);
        let (each, most) = RESTORE_MS;
        let wait = up_to(&mut self.rng, each.saturating_mul(members).min(most));
        chat.line.restoration = Turn::Waits;
        self.later(Duration::from_millis(wait), Input::RestorationDue(chat.id));
    }

    /// If nobody else has committed by the time that this device has read all there is, it does.
    pub(crate) async fn restoration_due(&mut self, id: ChatId) {
        if let Some(chat) = self.chats.get_mut(&id)
            && chat.line.restoration == Turn::Waits
        {
            chat.line.restoration = Turn::Due;
            self.advance(id).await;
        }
    }
}
