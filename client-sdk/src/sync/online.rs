//! The engine and its connection: when to have one, and what to do with each frame.

use super::Engine;
use super::inbox::Arrived;
use super::input::Input;
use super::link::{Link, LinkEnd, LinkEvent, ToLink};
use super::requests::Request;
use crate::chats::{Halt, Stage};
use crate::events::{ConnectionState, Event, LogOutReason};
use crate::platform::{BoxFuture, Platform};
use async_channel::Sender;
use bytes::Bytes;
use core::time::Duration;
use sotto_protocol::frame::{Change, ClientFrame, Goodbye, Outcome, ServerFrame};
use sotto_protocol::{ChatId, Seq};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The engine's side of a link.
pub(crate) struct LinkHandle {
    attempt: u64,
    to_link: Sender<ToLink>,
    /// Frames can be sent.
    up: bool,
    /// All that was waiting at the start has come.
    ready: bool,
}

impl<P: Platform> Engine<P> {
    /// Whether messages can be sent.
    pub(crate) fn is_online(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.ready)
    }

    /// The number of the connection over which messages can be sent.
    pub(super) fn ready_connection(&self) -> Option<u64> {
        let link = self.link.as_ref().filter(|link| link.ready)?;
        Some(link.attempt)
    }

    /// Begins an attempt at a connection after a while. There is none.
    pub(crate) fn start_link(&mut self, wait: Duration) {
        if !self.logged_in || self.me.is_none() {
            return;
        }
        self.attempts += 1;
        let (to_link, from_engine) = async_channel::unbounded();
        let link = Link::<P> {
            surroundings: Arc::clone(&self.surroundings),
            session: Arc::clone(&self.session),
            attempt: self.attempts,
            from_engine,
            to_engine: self.to_self.clone(),
        };
        self.link = Some(LinkHandle {
            attempt: self.attempts,
            to_link,
            up: false,
            ready: false,
        });
        P::spawn(link.run(wait));
    }

    /// Lets go of the connection.
    pub(crate) fn stop_link(&mut self) {
        if let Some(link) = self.link.take() {
            // A link that has ended needs no word.
            let _ = link.to_link.try_send(ToLink::Close);
        }
        self.hang_up();
    }

    /// Lets go of the connection and begins another after the usual wait.
    pub(crate) fn restart_link(&mut self) {
        self.stop_link();
        if self.wanted {
            let wait = self.backoff.next(&mut self.rng);
            self.start_link(wait);
        }
    }

    /// A connection is wanted now, whatever the wait.
    pub(crate) fn connect(&mut self) {
        self.wanted = true;
        match &self.link {
            Some(link) => {
                let _ = link.to_link.try_send(ToLink::Hurry);
            }
            None => self.start_link(Duration::ZERO),
        }
    }

    /// No connection is wanted.
    pub(crate) fn disconnect(&mut self) {
        self.wanted = false;
        self.stop_link();
    }

    /// Nothing that was in flight will be answered.
    fn hang_up(&mut self) {
        self.requests.clear();
        for chat in self.chats.values_mut() {
            chat.hang_up();
        }
        self.joining.clear();
        self.stop_archiving();
        self.stop_restoring();
        self.set_connection(ConnectionState::Offline);
    }

    /// Sends a frame, if there is a connection.
    pub(crate) fn send_frame(&self, frame: &ClientFrame<Bytes>) {
        if let Some(link) = self.link.as_ref().filter(|link| link.up) {
            // A link that has just ended reports it; what was sent is sent again then.
            let _ = link.to_link.try_send(ToLink::Frame(frame.encode()));
        }
    }

    /// Says that everything in the chat up to here is safe.
    pub(crate) fn acknowledge(&self, chat: ChatId, seq: Seq) {
        self.send_frame(&ClientFrame::Ack { chat, seq });
    }

    /// Sets aside what can share a batch with more of its kind; gives back everything else.
    pub(crate) fn gather(
        &mut self,
        input: Input,
        arrived: &mut BTreeMap<ChatId, Vec<Arrived>>,
    ) -> Option<Input> {
        let Input::Link {
            attempt,
            event: LinkEvent::Frame(frame),
        } = input
        else {
            return Some(input);
        };
        if self.link.as_ref().is_none_or(|link| link.attempt != attempt) {
            return None;
        }
        match frame {
            ServerFrame::Entry { chat, entry } => {
                arrived.entry(chat).or_default().push(Arrived::Entry(entry));
                None
            }
            ServerFrame::Response {
                request,
                outcome: Outcome::Accepted {
                    seq: Some(seq), at, ..
                },
            } => {
                match self.requests.end(request) {
                    Some(Request::Send { chat, message, .. }) => {
                        arrived
                            .entry(chat)
                            .or_default()
                            .push(Arrived::Accepted { message, seq, at });
                    }
                    Some(Request::Commit { chat, message, .. }) => {
                        arrived
                            .entry(chat)
                            .or_default()
                            .push(Arrived::CommitAccepted { message, seq, at });
                    }
                    // An answer of the wrong kind, or to nothing that was asked.
                    Some(Request::Fetch { .. }) | None => {}
                }
                None
            }
            frame => Some(Input::Link {
                attempt,
                event: LinkEvent::Frame(frame),
            }),
        }
    }

    /// A link reports.
    pub(crate) async fn link_event(&mut self, attempt: u64, event: LinkEvent) {
        let Some(link) = self.link.as_mut().filter(|link| link.attempt == attempt) else {
            return;
        };
        match event {
            LinkEvent::Connecting => self.set_connection(ConnectionState::Connecting),
            LinkEvent::Up => {
                link.up = true;
                if self.ensure_loaded().await.is_err() {
                    self.store_failed();
                }
            }
            LinkEvent::Frame(frame) => self.frame(frame).await,
            LinkEvent::Down(end) => self.link_ended(end).await,
        }
    }

    async fn link_ended(&mut self, end: LinkEnd) {
        let was_ready = self.link.take().is_some_and(|link| link.ready);
        self.hang_up();
        match end {
            LinkEnd::Goodbye(Goodbye::SessionEnded) | LinkEnd::NotLoggedIn => {
                self.session_over(LogOutReason::SessionEnded).await;
            }
            LinkEnd::Goodbye(Goodbye::Banned) => {
                // What is asked for next is refused, and the refusal says why.
                let api = self.api.clone();
                P::spawn(async move {
                    let _ = api.own_role().await;
                });
                let wait = self.backoff.next(&mut self.rng);
                self.start_link(wait);
            }
            // The newer connection stays: fighting it would end both, again and again.
            LinkEnd::Goodbye(Goodbye::Replaced) | LinkEnd::Closed => self.wanted = false,
            LinkEnd::Goodbye(Goodbye::TooSlow) if was_ready => self.start_link(Duration::ZERO),
            LinkEnd::Lost | LinkEnd::Goodbye(Goodbye::Restarting | Goodbye::TooSlow | Goodbye::Malformed) => {
                let wait = self.backoff.next(&mut self.rng);
                self.start_link(wait);
            }
        }
    }

    async fn frame(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Response { request, outcome } => {
                if let Some(request) = self.requests.end(request) {
                    self.answered(request, outcome).await;
                }
            }
            ServerFrame::Welcome {
                chat,
                after,
                from,
                payload,
            } => self.welcomed(chat, after, from.account, &payload).await,
            ServerFrame::Cursor {
                chat,
                acknowledged,
                last,
                suite: _,
            } => self.cursor(chat, acknowledged, last).await,
            ServerFrame::Changed(Change::User(account))
                if self.me.as_ref().is_some_and(|me| me.account == account) =>
            {
                self.look_after_devices();
            }
            ServerFrame::Changed(Change::User(account)) => self.look_up(account),
            ServerFrame::Changed(Change::KeyPackages) => self.look_after_key_packages(),
            ServerFrame::Changed(Change::Records) => self.share_records(None).await,
            ServerFrame::Changed(Change::Role) => self.events.emit(&Event::RoleChanged),
            ServerFrame::Changed(Change::ChatDeleted(chat))
                if self
                    .chats
                    .get(&chat)
                    .is_some_and(|open| open.record.group().is_some()) =>
            {
                self.gone(chat).await;
            }
            ServerFrame::Changed(Change::JoinRequests(chat)) => {
                self.events.emit(&Event::JoinRequestsChanged { chat });
            }
            ServerFrame::Signal { chat, from, payload } => self.take_signal(chat, from, &payload),
            ServerFrame::Marker { chat, from, payload } => self.take_marker(chat, from, payload).await,
            ServerFrame::Ready { .. } => self.ready().await,
            // Gathered; handled by the link.
            ServerFrame::Entry { .. }
            | ServerFrame::Pong
            | ServerFrame::Goodbye(_)
            // A direct chat is deleted by nobody.
            | ServerFrame::Changed(Change::ChatDeleted(_)) => {}
        }
    }

    async fn answered(&mut self, request: Request, outcome: Outcome) {
        match (request, outcome) {
            (Request::Fetch { chat }, Outcome::Page(page)) => self.page(chat, page).await,
            (Request::Fetch { chat }, Outcome::Refused(refusal)) => {
                self.fetch_refused(chat, refusal.code).await;
            }
            (
                Request::Send {
                    chat,
                    message,
                    epoch,
                    after,
                },
                Outcome::Refused(refusal),
            ) => {
                self.send_refused(chat, message, epoch, after, refusal).await;
            }
            (Request::Commit { chat, message, after }, Outcome::Refused(refusal)) => {
                self.commit_refused(chat, message, after, refusal).await;
            }
            (
                Request::Send { chat, message, .. },
                Outcome::Accepted {
                    seq: None,
                    at,
                    reached,
                    ..
                },
            ) => self.relayed(chat, message, at, reached).await,
            // An answer of the wrong kind: the server is broken. A new connection asks again.
            (Request::Fetch { .. }, Outcome::Accepted { .. })
            | (Request::Send { .. } | Request::Commit { .. }, Outcome::Accepted { .. } | Outcome::Page(_)) => {
                self.restart_link();
            }
        }
        for chat in self.requests.released() {
            self.advance(chat).await;
        }
    }

    /// Everything that was waiting has been announced: from here on the client knows where it stands.
    async fn ready(&mut self) {
        if let Some(link) = &mut self.link {
            link.ready = true;
        }
        self.backoff.reset();
        self.set_connection(ConnectionState::Online);
        self.look_after_key_packages();
        self.look_after_devices();
        self.look_for_communities().await;
        self.share_records(None).await;
        self.erase_entries().await;
        self.start_uploads().await;
        self.begin_restoring().await;
        self.find_unarchived();
        self.look_after_wake_up(None);
        for account in self.contacts.without_profile() {
            self.look_up(account);
        }
        let creations: Vec<ChatId> = self.creations.keys().copied().collect();
        for chat in creations {
            self.create_on_server(chat);
        }
        let chats: Vec<ChatId> = self.chats.keys().copied().collect();
        for chat in chats {
            if let Some(mut open) = self.chats.remove(&chat) {
                self.watch_restoration(&mut open);
                if open.record.halted == Some(Halt::State) {
                    // Perhaps it has what belongs here now.
                    open.record.halted = None;
                    open.line.lost = true;
                }
                self.watch_departures(&mut open);
                self.watch_newcomers(&mut open);
                self.watch_admissions(&mut open);
                self.watch_key_requests(&mut open);
                self.watch_history_requests(&mut open);
                self.chats.insert(chat, open);
            }
            self.tell_marker(chat);
            self.advance(chat).await;
        }
        self.tell_presence();
    }

    /// Where the server says that this device stands in a chat.
    async fn cursor(&mut self, chat: ChatId, acknowledged: Option<Seq>, last: Seq) {
        match self.chats.get_mut(&chat) {
            // Another device of this account has come in again since.
            Some(open) if open.record.stage == Stage::Left && acknowledged.is_none() => self.join(chat),
            Some(open) => {
                open.line.seen = open.line.seen.max(last);
                // Whether this device is in a chat whose Commit or creation is on its way, the answer tells.
                if open.record.stage.is_in() {
                    let done = open.record.done;
                    match acknowledged {
                        Some(acknowledged) if acknowledged < done => self.acknowledge(chat, done),
                        Some(_) => {}
                        // The server does not know this device as a member: it was removed, or the group is another now.
                        None => open.line.lost = true,
                    }
                }
                self.advance(chat).await;
            }
            None if self.creations.contains_key(&chat) => {}
            None => self.join(chat),
        }
    }

    /// [`Engine::advance`], from within itself.
    pub(crate) fn advance_again(&mut self, chat: ChatId) -> BoxFuture<'_, ()> {
        Box::pin(self.advance(chat))
    }

    /// Takes the next step in a chat: join anew, catch up, commit, send.
    pub(crate) async fn advance(&mut self, chat: ChatId) {
        let Some(open) = self.chats.get(&chat) else {
            return;
        };
        if open.line.paused || self.link.as_ref().is_none_or(|link| !link.up) {
            return;
        }
        if open.record.halted.is_some() && open.record.stage == Stage::Member {
            self.advance_halted(chat);
            return;
        }
        let lost = match open.record.stage {
            Stage::Joining => open.pending.is_none(),
            Stage::Member => open.line.lost || open.is_left_behind(),
            // A device that cannot follow the group any more cannot say it there either: the server lets it go at once.
            Stage::Leaving if open.line.lost || open.is_left_behind() || open.record.halted.is_some() => {
                self.finish_leaving(chat, false).await;
                return;
            }
            Stage::Creating | Stage::Leaving => false,
            Stage::Left => return,
        };
        if lost {
            // Of an account that is on hold nothing new is accepted.
            if !self.is_on_hold(open) {
                self.join_anew(chat);
            }
            return;
        }
        if open.record.stage.is_in() && !open.is_caught_up() {
            self.fetch(chat);
            return;
        }
        if !self.is_online() {
            return;
        }
        if open.record.stage.is_in() && open.is_to_be_checked() {
            self.fetch(chat);
            return;
        }
        if open.record.stage == Stage::Leaving && open.outbox.is_empty() {
            self.finish_leaving(chat, true).await;
            return;
        }
        if open.pending.is_none() && Self::wants_group_key(open) {
            self.look_after_group_key(chat).await;
        } else if open.pending.is_some() {
            self.settle_or_resend_commit(chat).await;
        } else if open.record.stage == Stage::Member && open.intents.is_empty() && self.keeps_still(open) {
            // A request is not answered by anything, nor what is not wanted.
        } else if open.wants_commit() && !open.has_in_flight() {
            self.commit_next(chat).await;
        } else if self.wants_history(open) {
            self.look_after_history(chat).await;
        } else {
            self.fetch_history(chat);
            self.prepare_intent(chat).await;
            self.send_queued(chat).await;
        }
    }
}
