//! What is decided about strangers: kept here first, then shared with the account's other devices, then carried out by the server.

use super::{Engine, OpenChat, Reply};
use crate::chats::Stage;
use crate::contacts::{Reception, Subject, Verdict, subject};
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::store::Changes;
use sotto_protocol::{AccountId, ChatId};

impl<P: Platform> Engine<P> {
    /// Takes a request, or declines it. A group that is declined is left.
    pub(crate) async fn answer_request(&mut self, id: ChatId, verdict: Verdict, reply: Reply<()>) {
        let subject = match self.ensure_loaded().await {
            Err(error) => Err(error),
            Ok(()) => match self.chats.get(&id) {
                None => Err(ClientError::ChatNotFound),
                Some(chat) => subject(id, &chat.record.kind).ok_or(ClientError::WithOneself),
            },
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(error) => return reply.send(Err(error)),
        };
        if self.decide(&[(subject, verdict)], reply).await
            && verdict == Verdict::Declined
            && matches!(subject, Subject::Group(_))
        {
            self.leave_declined(id).await;
        }
    }

    /// Blocks an account, or accepts one that was blocked.
    pub(crate) async fn judge_account(&mut self, account: AccountId, verdict: Verdict, reply: Reply<()>) {
        if let Err(error) = self.ensure_loaded().await {
            return reply.send(Err(error));
        }
        if self.me.as_ref().is_some_and(|me| me.account == account) {
            return reply.send(Err(ClientError::WithOneself));
        }
        if self.decide(&[(Subject::Account(account), verdict)], reply).await {
            self.look_up_nameless(account);
        }
    }

    /// Leaves a group that was declined.
    pub(crate) async fn leave_declined(&mut self, id: ChatId) {
        let is_in = |chat: &OpenChat| chat.record.group().is_some() && chat.record.stage == Stage::Member;
        if self.chats.get(&id).is_some_and(is_in) {
            // What could not be left now is left on the next connection.
            let _ = self.leave_group(id).await;
        }
    }

    /// Keeps decisions and shares them. `false` if they could not be kept.
    async fn decide(&mut self, decisions: &[(Subject, Verdict)], reply: Reply<()>) -> bool {
        if !self.logged_in {
            reply.send(Err(ClientError::NotLoggedIn));
            return false;
        }
        let mut changes = Changes::new();
        let mut decided = Vec::new();
        for &(subject, verdict) in decisions {
            if self.contacts.decide(subject, verdict, &mut changes) {
                decided.push(subject);
            }
        }
        self.invitations_seen(&decided, &mut changes);
        if let Err(error) = self.write(changes).await {
            reply.send(Err(error));
            return false;
        }
        self.decided(&decided).await;
        self.share_records(Some(reply)).await;
        true
    }

    /// Other verdicts hold: everybody is to see it, and chats go on that had to keep still.
    pub(super) async fn decided(&mut self, subjects: &[Subject]) {
        if subjects.is_empty() {
            return;
        }
        self.publish();
        self.silent_chats_changed();
        // Of chats and accounts that are not wanted no notices are shown.
        self.events.emit(&Event::NoticesChanged);
        let concerned: Vec<ChatId> = self
            .chats
            .values()
            .filter(|chat| subject(chat.id, &chat.record.kind).is_some_and(|about| subjects.contains(&about)))
            .map(|chat| chat.id)
            .collect();
        for chat in concerned {
            self.events.emit(&Event::ChatChanged { chat });
            self.tell_marker(chat);
            self.advance(chat).await;
        }
        if subjects
            .iter()
            .any(|subject| matches!(subject, Subject::Account(_)))
        {
            self.events.emit(&Event::BlockedChanged);
        }
    }

    /// Whether nothing of this device's own accord is to be sent in a chat: it waits as a request, or is not wanted.
    pub(crate) fn keeps_still(&self, chat: &OpenChat) -> bool {
        self.contacts.reception(chat.id, &chat.record.kind) != Reception::Open
    }
}
