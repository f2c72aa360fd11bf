//! This device's own Commits: written before they are sent, the same again after a crash, confirmed or discarded by what
//! the log says.

use super::Engine;
use super::group::{finish_intent, is_carried_out, tell_profile};
use super::inbox::{Stamp, Work};
use super::open_chat::{OpenChat, OpenError, Turn};
use super::requests::Request;
use crate::ClientError;
use crate::api::code_is_passing;
use crate::chats::{HistoryStanding, PendingCommitRecord, PendingReason, Stage};
use crate::events::Event;
use crate::groups::{IntentRecord, StoredChange, View};
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::Chat;
use sotto_protocol::frame::{ClientFrame, Refusal};
use sotto_protocol::{ChatId, MessageId, Problem, ProblemCode, Seq, Timestamp};

impl<P: Platform> Engine<P> {
    /// Renews this device's keys in a group, in which nothing of this device is in flight.
    pub(crate) async fn renew(&mut self, id: ChatId) {
        let message = MessageId::from_bytes(self.random());
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
        let commit = match (&self.me, &mut chat.group) {
            (Some(me), Some(group)) => group.self_update(&mut self.rng, &me.device).ok(),
            _ => None,
        };
        // If the server refuses it, another's Commit has come first, or none would be taken.
        chat.line.restoration = Turn::None;
        let mut changes = Changes::new();
        if let Some(commit) = commit {
            let pending = PendingCommitRecord {
                message,
                reason: PendingReason::SelfUpdate,
                commit: commit.commit.into(),
                group_info: commit.group_info.into(),
                welcome: None,
            };
            changes.put(record_key::pending_commit(id), &pending);
            chat.pending = Some(pending);
        } else {
            // A group that cannot commit cannot heal: it is joined anew.
            chat.line.lost = true;
        }
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.send_commit(id);
        if self.chats.get(&id).is_some_and(|chat| chat.line.lost) {
            self.join(id);
        }
    }

    /// Sends the pending Commit, unless that was done on this connection.
    pub(crate) fn send_commit(&mut self, id: ChatId) {
        let Some(me) = self.me.as_ref().map(super::Me::address) else {
            return;
        };
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        let Some(pending) = chat
            .pending
            .as_ref()
            .filter(|pending| chat.line.commit_in_flight != Some(pending.message))
        else {
            return;
        };
        chat.line.commit_in_flight = Some(pending.message);
        let as_newcomer = chat.joins_as_newcomer();
        let (added, removed, after) = match &pending.reason {
            PendingReason::SelfUpdate => (Vec::new(), Vec::new(), chat.record.done),
            PendingReason::Join {
                again: false, after, ..
            } => (vec![me], Vec::new(), *after),
            PendingReason::Join {
                again: true, after, ..
            } => (vec![me], vec![me], *after),
            PendingReason::Change { added, removed, .. } => {
                (added.clone(), removed.clone(), chat.record.done)
            }
        };
        let (commit, group_info, welcome, message) = (
            pending.commit.clone(),
            pending.group_info.clone(),
            pending.welcome.clone(),
            pending.message,
        );
        let request = self.requests.begin(Request::Commit {
            chat: id,
            message,
            after,
        });
        self.send_frame(&ClientFrame::Commit {
            request,
            chat: id,
            message,
            after,
            commit,
            group_info,
            added,
            removed,
            as_newcomer,
            welcome,
        });
    }

    /// The log was read to its end, and a Commit is pending: it is sent, again after a restart; if it was refused as stale
    /// and did not turn up in the log, it is void.
    pub(crate) async fn settle_or_resend_commit(&mut self, id: ChatId) {
        let Some(chat) = self.chats.get(&id) else {
            return;
        };
        if !chat.line.commit_refused {
            self.send_commit(id);
            return;
        }
        if chat.is_joining() {
            if !self.come_in_instead(id).await {
                self.join(id);
            }
            return;
        }
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut work = Work::new();
        match chat.open(&self.surroundings.records).await {
            Ok(()) => chat.discard_commit(&mut work.changes),
            Err(OpenError::Group) => chat.line.lost = true,
            Err(OpenError::Records(_)) => return self.store_failed(),
        }
        chat.write_to(&mut work.changes);
        if self.flush(work.changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.advance_again(id).await;
    }

    /// The server has accepted a Commit of this device.
    pub(crate) fn take_commit_acceptance(
        &mut self,
        chat: &mut OpenChat,
        message: MessageId,
        seq: Seq,
        at: Timestamp,
        work: &mut Work,
    ) {
        if !chat.is_pending(message) {
            // It came back in a page before.
            return;
        }
        if chat.is_joining() {
            // This device's time in the chat begins with its own Commit.
            chat.line.lost = false;
            self.confirm_commit(chat, seq, at, work);
            chat.record.begins = seq;
            chat.line.seen = chat.line.seen.max(seq);
            // What comes before can only tell whether the server has what was sent in the group's earlier life.
            if !chat.is_in_doubt() {
                chat.advance_to(seq);
            }
        } else if seq == chat.record.done.next() {
            self.confirm_commit(chat, seq, at, work);
            chat.advance_to(seq);
        } else {
            // Entries of the old epoch come before it: a page brings them, and the Commit in its place.
            chat.line.seen = chat.line.seen.max(seq);
        }
    }

    /// The pending Commit is in the log: the group moves on.
    pub(crate) fn confirm_commit(&mut self, chat: &mut OpenChat, seq: Seq, at: Timestamp, work: &mut Work) {
        let Some(pending) = chat.pending.take() else {
            return;
        };
        work.changes.delete(record_key::pending_commit(chat.id));
        chat.line.commit_refused = false;
        let before = chat.group.as_ref().and_then(View::of);
        let confirmed = chat
            .group
            .as_mut()
            .is_some_and(|group| group.confirm_commit().is_ok());
        if !confirmed {
            chat.line.lost = true;
            return;
        }
        chat.record.renewed_at = Some(self.now());
        chat.is_restored();
        match pending.reason {
            PendingReason::SelfUpdate => {}
            PendingReason::Join { as_newcomer, .. } => {
                chat.record.stage = Stage::Member;
                // What was said since the last entry that this device has processed, it cannot read.
                let first = chat.record.done.next();
                chat.record.missing.add(first.0..=seq.0);
                work.missed = true;
                if let Some(record) = chat.record.group_mut() {
                    // An answer to what it asked before came while it could not read.
                    record.look_after_key(false);
                    if as_newcomer {
                        record.history = HistoryStanding::Wanted { asked: 0 };
                    }
                }
                work.became_member = true;
                if chat.record.done > Seq::ZERO
                    && let Some(me) = self.me.as_ref().map(super::Me::address)
                {
                    let stamp = Stamp {
                        message: pending.message,
                        seq,
                        at,
                    };
                    self.add_notice(chat, stamp, me, vec![StoredChange::Rejoined], work);
                }
            }
            PendingReason::Change {
                intent,
                added,
                removed,
            } => {
                if !added.is_empty() || !removed.is_empty() {
                    work.events.push(Event::ChatChanged { chat: chat.id });
                }
                let Some(me) = self.me.as_ref().map(super::Me::address) else {
                    return;
                };
                let stamp = Stamp {
                    message: pending.message,
                    seq,
                    at,
                };
                self.note_changes(chat, stamp, me, before.as_ref(), work);
                let is_new_here = before.is_some_and(|before| !before.is_listed());
                if is_new_here
                    && chat
                        .group
                        .as_ref()
                        .and_then(View::of)
                        .is_some_and(|after| after.is_listed())
                {
                    chat.want(IntentRecord::PublishProfile, &mut work.changes);
                }
                if let Some(ordinal) = intent.filter(|ordinal| is_carried_out(chat, *ordinal)) {
                    finish_intent(chat, ordinal, &Ok(()), work);
                }
                if !added.is_empty() && chat.record.group().is_some() {
                    let message = MessageId::from_bytes(self.random());
                    let now = self.now();
                    tell_profile(chat, me, message, now, &mut work.changes);
                }
            }
        }
    }

    /// The server has not taken a Commit.
    pub(crate) async fn commit_refused(
        &mut self,
        id: ChatId,
        message: MessageId,
        after: Seq,
        refusal: Refusal,
    ) {
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        chat.commit_answered(message);
        if !chat.is_pending(message) {
            return;
        }
        if refusal.code == ProblemCode::StaleEpoch {
            chat.line.commit_refused = true;
            if !chat.is_joining() {
                // The log tells whether it was this Commit or another that ended the epoch. If neither is in it, as after a
                // store that was set back, the server's epoch cannot be reached from here.
                chat.line.probe = true;
                if let Some(epoch) = chat.group.as_ref().map(Chat::epoch) {
                    chat.note_stale(epoch, refusal.epoch);
                }
            }
            self.advance(id).await;
        } else if refusal.code == ProblemCode::Behind && chat.is_joining() {
            // To be made anew, with a GroupInfo of now.
            chat.line.commit_refused = true;
            self.pause(id);
        } else if refusal.code == ProblemCode::Behind && chat.note_behind(after) {
            self.advance(id).await;
        } else if refusal.code == ProblemCode::Behind || code_is_passing(refusal.code) {
            self.pause(id);
        } else if chat.is_joining() && refusal.code == ProblemCode::MembershipRefused {
            if self.come_in_instead(id).await {
                return;
            }
            let turned = self.chats.get_mut(&id).is_some_and(OpenChat::turn_join);
            if turned {
                self.send_commit(id);
            } else {
                self.give_up_joining(id, &ClientError::ChatNotFound).await;
            }
        } else if chat.is_joining() && refusal.code == ProblemCode::ChatNotFound {
            self.not_found(id).await;
        } else if chat.is_joining() {
            let why = Problem::new(refusal.code).into();
            self.give_up_joining(id, &why).await;
        } else if let Some(PendingCommitRecord {
            reason: PendingReason::Change { intent, .. },
            ..
        }) = &chat.pending
        {
            let intent = *intent;
            self.intent_refused(id, intent, refusal.code).await;
        } else {
            self.put_off_renewal(id).await;
        }
    }

    /// The server does not take a renewal at all: the next one is tried when the next is due.
    async fn put_off_renewal(&mut self, id: ChatId) {
        let now = self.now();
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut work = Work::new();
        match chat.open(&self.surroundings.records).await {
            Ok(()) => chat.discard_commit(&mut work.changes),
            Err(OpenError::Group) => chat.line.lost = true,
            Err(OpenError::Records(_)) => return self.store_failed(),
        }
        chat.record.renewed_at = Some(now);
        chat.write_to(&mut work.changes);
        if self.flush(work.changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.advance(id).await;
    }
}
