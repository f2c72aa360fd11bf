//! Welcomes: a chat that another device has let this one into.

use super::inbox::Work;
use super::open_chat::{Line, WelcomeBack, put_group_changes};
use super::{Engine, OpenChat, up_to};
use crate::chats::{ChatRecord, HistoryStanding, KindRecord, Stage};
use crate::contacts::Reception;
use crate::events::Event;
use crate::platform::{BoxFuture, Platform};
use crate::record_key;
use crate::store::Changes;
use bytes::Bytes;
use sotto_crypto_core::{Chat, JoinError};
use sotto_protocol::{AccountId, ChatId, Seq};

/// Devices in a chat among which a newcomer renews its keys at once.
const FEW: usize = 8;
/// How much longer the bound of its wait is with each device more, in milliseconds: a minute.
const EACH_MS: u64 = 60 * 1000;
/// The longest bound, in milliseconds: a day. What a thief could have of a newcomer's keys is what was in its store since it made
/// its KeyPackage, so a day more weighs little.
const RENEWAL_WAIT_MS: u64 = 24 * 60 * 60 * 1000;

impl<P: Platform> Engine<P> {
    /// A Welcome has come. It comes again on each connection until it is acknowledged.
    pub(crate) async fn welcomed(&mut self, id: ChatId, after: Seq, from: AccountId, payload: &Bytes) {
        let has_left = self
            .chats
            .get(&id)
            .is_some_and(|chat| chat.record.stage == Stage::Leaving && chat.record.done < after);
        if has_left {
            // Whoever is let in again is out: to leave once more would be to leave what it is invited to now.
            self.gone(id).await;
        }
        if let Some(chat) = self
            .chats
            .get_mut(&id)
            .filter(|chat| chat.record.stage != Stage::Left)
        {
            // This device is in, or on its way in by itself.
            if chat.record.done >= after && chat.pending.is_none() {
                let done = chat.record.done;
                self.acknowledge(id, done);
            } else if chat.record.stage == Stage::Member && chat.record.done < after {
                // It was taken out while it was away, and let in again: the log has to tell the first before it takes the second, or
                // else any Welcome would do to put another group in the place of this one.
                chat.line.seen = chat.line.seen.max(after);
                chat.welcome_back = Some(WelcomeBack::new(after, from, payload));
                self.advance(id).await;
            } else if chat.record.stage == Stage::Joining {
                chat.welcome_back = Some(WelcomeBack::new(after, from, payload));
                if chat.line.commit_in_flight.is_none() {
                    self.come_in_instead(id).await;
                }
            }
            return;
        }
        let Some(me) = &self.me else {
            return;
        };
        match Chat::join(&me.device, &mut self.key_packages, payload, &self.contacts) {
            Ok(group) if group.id() == id => self.joined(id, after, from, group).await,
            // Not acknowledged, so it comes again: see `accept_identity`.
            Err(JoinError::IdentityMismatch { account }) => self.look_up(account),
            Ok(_) => {
                // A Welcome into another chat than the server says. Its KeyPackage is not spent.
                if self.read_key_packages().await.is_err() {
                    self.store_failed();
                }
            }
            Err(JoinError::NoKeyPackage | JoinError::Invalid(_) | JoinError::Damaged) => self.join(id),
            // Nobody's mistake that joining alone would mend.
            Err(
                JoinError::Malformed
                | JoinError::NotAllowed(_)
                | JoinError::NotAParty
                | JoinError::Invitation,
            ) => {}
        }
    }

    /// This device has read that it was taken out of a chat: if it was let in again since, it comes back.
    pub(crate) async fn come_back(&mut self, id: ChatId) {
        let chat = self
            .chats
            .get_mut(&id)
            .filter(|chat| chat.record.stage == Stage::Left);
        if let Some(WelcomeBack { after, from, payload }) = chat.and_then(|chat| chat.welcome_back.take()) {
            self.welcomed(id, after, from, &payload).await;
        }
    }

    /// The Commit by which this device was to join alone is void, or not sent. If another has let it in meanwhile, it comes in by
    /// that, and misses nothing of what was said since; `false` if nobody has.
    pub(crate) fn come_in_instead(&mut self, id: ChatId) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let Some(chat) = self.chats.get_mut(&id) else {
                return false;
            };
            let Some(WelcomeBack { after, from, payload }) = chat.welcome_back.take() else {
                return false;
            };
            // As if it had not tried: what is stored says otherwise until it is in, and would be tried again after a crash.
            chat.pending = None;
            chat.record.stage = Stage::Left;
            self.welcomed(id, after, from, &payload).await;
            if let Some(chat) = self
                .chats
                .get_mut(&id)
                .filter(|chat| chat.record.stage == Stage::Left)
            {
                chat.record.stage = Stage::Joining;
                self.advance(id).await;
            }
            true
        })
    }

    async fn joined(&mut self, id: ChatId, after: Seq, from: AccountId, mut group: Chat) {
        let Some(me) = &self.me else {
            return;
        };
        let Some(kind) = KindRecord::of(group.rules(), me.account) else {
            return;
        };
        let known = self.chats.get(&id).map(|chat| &chat.record.kind);
        if known.is_some_and(|known| !known.is_of(group.rules(), me.account)) {
            // Another chat under the id of one that this account was in before.
            return;
        }
        let mut changes = Changes::new();
        // Of an earlier time in this chat nothing stays that would be read with what is new, or open what was said then.
        if self.delete_group(id, &mut changes).await.is_err() {
            return self.store_failed();
        }
        changes.delete(record_key::pending_commit(id));
        let wait = first_renewal_ms(group.members().len());
        let wait = up_to(&mut self.rng, wait);
        let now = self.now();
        self.put_key_packages(&mut changes);
        put_group_changes(id, group.take_changes(), &mut changes);
        let mut work = Work::new();
        self.note_members(&kind, &group.members(), &mut work);
        changes.extend(work.changes);
        let peer = kind.peer();
        // The server says who it was: only a member can have been it.
        let from = Some(from).filter(|from| group.members().iter().any(|member| member.account == *from));
        self.contacts.note_request(id, &kind, from, &mut changes);
        self.note_invitation(id, &kind, from, &mut changes);
        let is_declined = self.contacts.reception(id, &kind) == Reception::Declined;
        let mut chat = match self.chats.remove(&id) {
            // A group that this account was in before: what was said then stays.
            Some(mut former) => {
                former.record.stage = Stage::Member;
                former.record.own_devices_checked = false;
                former.group = Some(group);
                former.line = Line::default();
                if let Some(record) = former.record.group_mut() {
                    // As a newcomer's: what was known may be over, and any member may be the one to say so.
                    record.profile = None;
                    record.is_vouched_for = false;
                }
                former
            }
            None => OpenChat::new(id, ChatRecord::new(kind, self.now()), group),
        };
        chat.note_broadcast();
        let first = chat.record.done.next();
        chat.record.missing.add(first.0..=after.0);
        self.archives.entry(id).or_default().missed(id, &mut changes);
        if let Some(record) = chat.record.group_mut() {
            record.history = HistoryStanding::Wanted { asked: 0 };
        }
        chat.record.done = after;
        chat.record.begins = after;
        chat.put_off_first_renewal(now, wait);
        // What was pushed before the Welcome is not here.
        chat.line.probe = true;
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.joining.remove(&id);
        self.publish();
        self.acknowledge(id, after);
        for event in &work.events {
            self.events.emit(event);
        }
        self.became_member(id, peer);
        // Whoever is behind a request is shown by name.
        if let Some(from) = from.filter(|_| self.contacts.is_requested(id)) {
            self.look_up_nameless(from);
        }
        if is_declined {
            self.leave_declined(id).await;
        } else {
            // Another device of the account may have been in it before.
            self.consult_archive(id).await;
        }
        self.advance(id).await;
    }

    /// This device is in a chat: whoever waits for it is told, and everybody once there is a name to show.
    pub(crate) fn became_member(&mut self, id: ChatId, peer: Option<AccountId>) {
        self.links.remove(&id);
        for reply in self.awaited.remove(&id).unwrap_or_default() {
            reply.send(Ok(id));
        }
        self.read_listed_profile(id);
        self.look_after_devices_in_new_chats();
        let unnamed = peer.filter(|peer| {
            self.contacts
                .get(*peer)
                .is_none_or(|contact| contact.profile.is_none())
        });
        match unnamed {
            Some(peer) => self.look_up(peer),
            None => self.emit_added(id),
        }
    }

    /// A chat can be shown.
    pub(crate) fn emit_added(&self, id: ChatId) {
        self.events.emit(&Event::ChatAdded { chat: id });
        let reception = self
            .chats
            .get(&id)
            .map(|chat| self.contacts.reception(id, &chat.record.kind));
        if reception == Some(Reception::Requested) {
            self.events.emit(&Event::ContactRequested { chat: id });
        }
    }
}

/// The bound of the wait before a device that was added renews its keys, in milliseconds, among so many devices.
fn first_renewal_ms(devices: usize) -> u64 {
    let many = u64::try_from(devices.saturating_sub(FEW)).unwrap_or(u64::MAX);
    many.saturating_mul(EACH_MS).min(RENEWAL_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_small_group_a_newcomer_renews_its_keys_at_once_and_in_a_large_one_within_a_day() {
        assert_eq!(first_renewal_ms(2), 0);
        assert_eq!(first_renewal_ms(FEW), 0);
        assert_eq!(first_renewal_ms(FEW + 10), 10 * EACH_MS);
        assert_eq!(first_renewal_ms(1_000_000), RENEWAL_WAIT_MS);
    }
}
