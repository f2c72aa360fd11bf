//! Joining a chat alone, by external Commit: as a new device of its account, or anew after the group's state was lost.

use super::inbox::Work;
use super::open_chat::{OpenError, put_group_changes};
use super::{Done, Engine, Input, OpenChat};
use crate::ClientError;
use crate::api::ApiError;
use crate::chats::{ChatRecord, Halt, KindRecord, PendingCommitRecord, PendingReason, Stage};
use crate::contacts::{Verdict, subject};
use crate::events::Event;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, Scan};
use core::time::Duration;
use sotto_crypto_core::{Chat, JoinError, JoinedExternally};
use sotto_protocol::rest::chat::GroupInfo;
use sotto_protocol::{ChatId, MessageId, ProblemCode, Seq};

/// How long to wait for the Welcome of a chat that is known to exist before joining it alone.
pub(crate) const WELCOME_PATIENCE: Duration = Duration::from_secs(5);
/// Before a refused or failed attempt to join is repeated, in milliseconds, and as much again at random.
const JOIN_AGAIN_MS: u64 = 2_000;

impl<P: Platform> Engine<P> {
    /// Asks for what is needed to join a chat, unless that was done.
    pub(crate) fn join(&mut self, id: ChatId) {
        if let Some(chat) = self.chats.get_mut(&id) {
            // Whoever leaves comes back when it is out.
            if chat.line.joining || chat.record.stage == Stage::Leaving {
                return;
            }
            chat.line.joining = true;
        } else if !self.joining.insert(id) {
            return;
        }
        let used = self
            .me
            .as_ref()
            .zip(self.links.get(&id))
            .map(|(me, link)| link.use_for(&me.device));
        let api = self.api.clone();
        self.start(async move {
            let result = api.group_info(id, used).await;
            Done::GroupInfo { chat: id, result }
        });
    }

    /// The group's state leads nowhere: asks for what is needed to join anew.
    pub(crate) fn join_anew(&mut self, id: ChatId) {
        if let Some(chat) = self.chats.get_mut(&id) {
            chat.line.lost |= chat.record.stage != Stage::Leaving;
        }
        self.join(id);
    }

    /// What is needed to join has come.
    pub(crate) async fn group_info_read(&mut self, id: ChatId, result: Result<GroupInfo, ApiError>) {
        let asked_before = self.joining.remove(&id);
        if let Some(chat) = self.chats.get_mut(&id) {
            if !core::mem::take(&mut chat.line.joining) {
                return;
            }
            if chat.record.halted.is_some() {
                return self.follow(id, result).await;
            }
            if chat.record.stage.is_in() && !chat.line.lost {
                // A Welcome has come meanwhile.
                return;
            }
        } else if !asked_before {
            return;
        }
        match result {
            Ok(group_info) => self.join_by(id, &group_info).await,
            Err(error) if error.is_passing() => self.join_later(id),
            Err(error) if error.code() == Some(ProblemCode::ChatNotFound) => self.not_found(id).await,
            // No chat of this account any more.
            Err(_) => self.give_up_joining(id, &ClientError::ChatNotFound).await,
        }
    }

    pub(super) async fn join_by(&mut self, id: ChatId, read: &GroupInfo) {
        let Some(me) = &self.me else {
            return;
        };
        let (group_info, now) = (read.group_info.as_slice(), self.now());
        let (rng, contacts) = (&mut self.rng, &self.contacts);
        let joined = match self.links.get(&id) {
            Some(link) => Chat::join_by_invitation(rng, &me.device, group_info, link, now, contacts),
            None => Chat::join_external(rng, &me.device, group_info, contacts),
        };
        let joined = match joined {
            Ok(joined) if joined.chat.id() == id => joined,
            Err(JoinError::IdentityMismatch { account }) => {
                // Tried again when the identity is accepted.
                self.look_up(account);
                for reply in self.awaited.remove(&id).unwrap_or_default() {
                    reply.send(Err(ClientError::IdentityChanged { account }));
                }
                return;
            }
            // Another chat than the server says, or none that can be joined.
            Ok(_)
            | Err(
                JoinError::Malformed
                | JoinError::Invalid(_)
                | JoinError::NoKeyPackage
                | JoinError::NotAllowed(_)
                | JoinError::NotAParty
                | JoinError::Invitation
                | JoinError::Damaged,
            ) => return self.give_up_joining(id, &ClientError::ChatNotFound).await,
        };
        let Some(kind) = KindRecord::of(joined.chat.rules(), me.account) else {
            return;
        };
        let known = self.chats.get(&id).map(|chat| &chat.record.kind);
        if known.is_some_and(|known| !known.is_of(joined.chat.rules(), me.account)) {
            return self.halt(id).await;
        }
        if !self.may_follow(id, &joined).await {
            return self.stay_halted(id).await;
        }
        if !self.is_after_parting(id, &joined.chat).await {
            self.give_up_joining(id, &ClientError::ChatNotFound).await;
            return;
        }
        self.begin_joining(id, kind, joined, read.last).await;
    }

    /// Whether a group that is joined again is not as it was before this device was out. If it is, the server hands out what was before:
    /// with those in it, perhaps, who were taken out together with this device.
    async fn is_after_parting(&mut self, id: ChatId, joined: &Chat) -> bool {
        let Some(chat) = self
            .chats
            .get_mut(&id)
            .filter(|chat| chat.record.stage == Stage::Left)
        else {
            return true;
        };
        match chat.open(&self.surroundings.records).await {
            // The epoch that is joined is the one after that of the GroupInfo.
            Ok(()) => chat
                .group
                .as_ref()
                .is_none_or(|parted| joined.epoch() > parted.epoch()),
            // There is nothing left to hold it against.
            Err(OpenError::Group) => true,
            Err(OpenError::Records(_)) => false,
        }
    }

    /// Writes the Commit that joins, in place of what is left of an earlier time in the chat, and sends it. It comes after the
    /// entry `after`.
    async fn begin_joining(&mut self, id: ChatId, kind: KindRecord, joined: JoinedExternally, after: Seq) {
        let JoinedExternally {
            chat: mut group,
            commit,
            group_info: next_group_info,
            ..
        } = joined;
        let again = self
            .chats
            .get(&id)
            .is_some_and(|chat| chat.record.done > Seq::ZERO);
        let as_newcomer =
            self.awaited.contains_key(&id) || self.chats.get(&id).is_some_and(OpenChat::joins_as_newcomer);
        let pending = PendingCommitRecord {
            message: MessageId::from_bytes(self.random()),
            reason: PendingReason::Join {
                again,
                after,
                as_newcomer,
            },
            commit: commit.into(),
            group_info: next_group_info.into(),
            welcome: None,
        };
        let mut changes = Changes::new();
        if self.delete_group(id, &mut changes).await.is_err() {
            return self.store_failed();
        }
        put_group_changes(id, group.take_changes(), &mut changes);
        changes.put(record_key::pending_commit(id), &pending);
        let mut work = Work::new();
        self.note_members(&kind, &group.members(), &mut work);
        let peer = kind.peer();
        self.note_joined(id, &kind, &mut changes);
        let mut chat = match self.chats.remove(&id) {
            Some(mut chat) => {
                chat.group = Some(group);
                chat.is_checked = true;
                chat.line = super::open_chat::Line::default();
                chat
            }
            None => OpenChat::new(id, ChatRecord::new(kind, self.now()), group),
        };
        chat.note_broadcast();
        chat.record.stage = Stage::Joining;
        chat.record.own_devices_checked = false;
        chat.record.halted = None;
        chat.is_restored();
        chat.pending = Some(pending);
        changes.extend(work.changes);
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.publish();
        self.share_records(None).await;
        for event in &work.events {
            self.events.emit(event);
        }
        if let Some(peer) = peer.filter(|peer| {
            self.contacts
                .get(*peer)
                .is_none_or(|contact| contact.profile.is_none())
        }) {
            self.look_up(peer);
        }
        self.advance(id).await;
    }

    /// Notes a chat that is new here: who waits for it has asked for it, and otherwise somebody else has begun it.
    fn note_joined(&mut self, id: ChatId, kind: &KindRecord, changes: &mut Changes) {
        if self.chats.contains_key(&id) {
            return;
        }
        if self.awaited.contains_key(&id)
            && let Some(about) = subject(id, kind)
        {
            self.contacts.decide(about, Verdict::Accepted, changes);
        }
        self.contacts.note_request(id, kind, None, changes);
    }

    /// Deletes every record of a chat's group.
    pub(crate) async fn delete_group(
        &mut self,
        id: ChatId,
        changes: &mut Changes,
    ) -> Result<(), crate::store::RecordsError> {
        let records = self.surroundings.records.clone();
        for key in records.scan_keys(Scan::prefix(record_key::group(id))).await? {
            changes.delete(key);
        }
        Ok(())
    }

    /// The server knows no such chat of this account. If this device was in it, or has something to say there, it was removed
    /// while it could not follow, or by the reversal of what had let it in.
    pub(crate) async fn not_found(&mut self, id: ChatId) {
        let was_in_group = self.chats.get(&id).is_some_and(|chat| {
            let joins = chat.record.stage == Stage::Joining && !chat.is_never_in();
            chat.record.group().is_some() && (chat.record.stage.is_in() || joins)
        });
        if was_in_group {
            self.gone(id).await;
        } else {
            self.give_up_joining(id, &ClientError::ChatNotFound).await;
        }
    }

    fn join_later(&mut self, id: ChatId) {
        let wait = JOIN_AGAIN_MS + super::up_to(&mut self.rng, JOIN_AGAIN_MS);
        match self.chats.get_mut(&id) {
            Some(chat) if chat.record.stage != Stage::Left => {
                chat.line.paused = true;
                self.later(Duration::from_millis(wait), Input::Resume(id));
            }
            Some(_) | None => self.later(Duration::from_millis(wait), Input::WelcomeOverdue(id)),
        }
    }

    /// The server does not let this device in: whoever waits for that is told why. On the next connection it says again where the
    /// device stands.
    pub(crate) async fn give_up_joining(&mut self, id: ChatId, why: &ClientError) {
        self.link_refused(id);
        for reply in self.awaited.remove(&id).unwrap_or_default() {
            reply.send(Err(why.clone()));
        }
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let never_in = chat.is_never_in();
        let mut changes = Changes::new();
        changes.delete(record_key::pending_commit(id));
        if never_in {
            if self.delete_group(id, &mut changes).await.is_err() {
                return self.store_failed();
            }
            changes.delete(record_key::chat(id));
        } else {
            // Its messages stay; nothing more is tried on this connection.
            chat.pending = None;
            chat.line.paused = true;
            chat.write_to(&mut changes);
        }
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        if never_in {
            self.events.emit(&Event::ChatChanged { chat: id });
        } else {
            self.chats.insert(id, chat);
        }
    }

    /// The Welcome into a chat that is known to exist has not come in time.
    pub(crate) fn welcome_overdue(&mut self, id: ChatId) {
        let is_in = self
            .chats
            .get(&id)
            .is_some_and(|chat| chat.record.stage == Stage::Member);
        if !is_in && self.logged_in {
            self.join(id);
        }
    }

    /// Whether a refusal means that the two accounts have a chat already.
    pub(crate) fn existing_chat(error: &ApiError) -> Option<ChatId> {
        match error {
            ApiError::Problem(problem) if problem.code == ProblemCode::DirectChatExists => problem.chat,
            _ => None,
        }
    }

    /// The chat goes on without this device, as what the server makes of it is not what its rules allow. What was said before stays.
    pub(crate) async fn halt(&mut self, id: ChatId) {
        let Some(mut chat) = self.chats.remove(&id) else {
            return;
        };
        let mut changes = Changes::new();
        chat.record.halted = Some(Halt::State);
        chat.write_to(&mut changes);
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.chats.insert(id, chat);
        self.events.emit(&Event::ChatHalted { chat: id });
    }
}
