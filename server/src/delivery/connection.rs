//! A connected device: its frames in, its frames out.

use super::check::{self, DeclaredCommit};
use super::error::code_of;
use super::greeting::Greeting;
use super::outbox::{Due, Outbox};
use super::writer::{Reply, Room};
use super::{Delivery, DeliveryError, Shard};
use crate::bus::Ticket;
use crate::store::{ChatIndex, ChatMembers, LogStore, PageRange, StoreError, Submission};
use crate::telemetry::metrics::METRICS;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use sotto_protocol::frame::{ClientFrame, Goodbye, Outcome, Refusal, RequestId, ServerFrame};
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode, Timestamp, limits};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A device's connection. One task owns it, and polls the socket and [`Self::poll_due`]. Dropping it unregisters.
pub struct Connection<I: ChatIndex, L: LogStore> {
    intake: Intake<I, L>,
    greeting: Option<GreetingPage>,
}

/// A page of the greeting that is being read, and how far the greeting is after it. Boxed: it is over soon, and large.
type GreetingPage = BoxFuture<'static, (Greeting, Result<VecDeque<Bytes>, StoreError>)>;

/// What is left to do of a frame. It has to be waited for before anything more is read.
#[must_use]
pub enum Taken {
    /// Nothing.
    Done,
    /// To wait for room in the shard's queue, or for fewer than [`limits::FRAMES_IN_FLIGHT`] requests without an answer. With
    /// room comes some for the frames behind it.
    Waits(BoxFuture<'static, Option<Room>>),
    /// To read a database.
    Reads(BoxFuture<'static, Option<Room>>),
}

/// The way in for a device's frames. A clone is the same one.
#[derive(Debug)]
pub struct Intake<I: ChatIndex, L: LogStore> {
    delivery: Delivery<I, L>,
    device: DeviceAddress,
    outbox: Arc<Outbox>,
}

impl<I: ChatIndex, L: LogStore> Clone for Intake<I, L> {
    fn clone(&self) -> Self {
        Self {
            delivery: self.delivery.clone(),
            device: self.device,
            outbox: Arc::clone(&self.outbox),
        }
    }
}

impl<I: ChatIndex, L: LogStore> std::fmt::Debug for Connection<I, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("device", &self.intake.device)
            .field("is_greeted", &self.greeting.is_none())
            .finish_non_exhaustive()
    }
}

impl<I: ChatIndex, L: LogStore> Connection<I, L> {
    pub(super) fn new(
        delivery: Delivery<I, L>,
        device: DeviceAddress,
        outbox: Arc<Outbox>,
        announced: Ticket,
    ) -> Self {
        let intake = Intake {
            delivery,
            device,
            outbox,
        };
        Self {
            greeting: Some(intake.begin_greeting(announced)),
            intake,
        }
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceAddress {
        self.intake.device
    }

    /// Where its frames go in.
    #[must_use]
    pub fn intake(&self) -> &Intake<I, L> {
        &self.intake
    }

    /// Says goodbye after what is waiting. The first goodbye counts.
    pub fn close(&self, goodbye: Goodbye) {
        self.intake.outbox.close(goodbye);
    }

    /// The time by the server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.intake.delivery.shared.clock.now()
    }

    /// Why the connection ends, if it does.
    #[must_use]
    pub fn goodbye(&self) -> Option<Goodbye> {
        self.intake.outbox.goodbye()
    }

    /// Goes on with the greeting, for which a database is read, while nothing can be sent.
    pub fn poll_greeting(&mut self, cx: &mut Context<'_>) {
        if let Some(page) = &mut self.greeting
            && let Poll::Ready(read) = page.as_mut().poll(cx)
        {
            self.greeting = Some(Box::pin(std::future::ready(read)));
        }
    }

    /// What there is to do for the connection.
    pub fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        if let Some(page) = &mut self.greeting
            && let Poll::Ready((greeting, page)) = page.as_mut().poll(cx)
        {
            let is_over = self.goodbye().is_some();
            self.greeting = (!is_over && !greeting.is_done()).then(|| self.intake.read_greeting(greeting));
            match page {
                Ok(page) if !is_over => {
                    let mut frames = self.intake.outbox.take();
                    // A goodbye may have come meanwhile: it is the last.
                    if self.goodbye().is_none() {
                        frames.encoded.extend(page);
                    }
                    if !frames.encoded.is_empty() {
                        return Poll::Ready(Due::Frames(frames));
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a device could not be greeted"
                    );
                    self.greeting = None;
                    self.close(Goodbye::Restarting);
                }
            }
        }
        self.intake.outbox.poll_due(cx)
    }

    /// Waits for frames to send and returns all that there are, encoded: at least one. A [`Goodbye`] is the last, and
    /// after it comes `None`. Can be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<VecDeque<Bytes>> {
        loop {
            match std::future::poll_fn(|cx| self.poll_due(cx)).await {
                Due::Frames(frames) => return Some(frames.encoded),
                Due::Goodbye => return None,
                Due::SignOfLife => {}
            }
        }
    }

    /// See [`Intake::receive`].
    pub async fn receive(&self, frame: ClientFrame) {
        self.intake.receive(frame).await;
    }
}

impl<I: ChatIndex, L: LogStore> Drop for Connection<I, L> {
    fn drop(&mut self) {
        let Intake {
            delivery,
            device,
            outbox,
        } = &self.intake;
        delivery.shared.fan_out.registry.remove(*device, outbox);
        delivery
            .shared
            .fan_out
            .wakes
            .gone(*device, delivery.shared.clock.now());
    }
}

impl<I: ChatIndex, L: LogStore> Intake<I, L> {
    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceAddress {
        self.device
    }

    fn begin_greeting(&self, announced: Ticket) -> GreetingPage {
        let (delivery, device, outbox) = (self.delivery.clone(), self.device, Arc::clone(&self.outbox));
        Box::pin(async move {
            delivery.is_announced(device, &outbox, announced).await;
            let mut greeting = Greeting::new();
            let page = greeting.next(&delivery.shared, device).await;
            (greeting, page)
        })
    }

    fn read_greeting(&self, mut greeting: Greeting) -> GreetingPage {
        let (delivery, device) = (self.delivery.clone(), self.device);
        Box::pin(async move {
            let page = greeting.next(&delivery.shared, device).await;
            (greeting, page)
        })
    }

    /// Answers a request that goes no further.
    pub fn refuse(&self, request: RequestId, code: ProblemCode) {
        METRICS.problems.of(code).increment();
        let refused = Outcome::Refused(code.into());
        let answer = ServerFrame::<Bytes>::Response {
            request,
            outcome: refused,
        };
        self.outbox.push(answer.encode());
    }

    /// Takes a frame of the client; the answer comes out of [`Connection::poll_due`]. The usual is done at once. `room` is what
    /// is left of what an earlier frame waited for.
    pub fn take(&self, frame: ClientFrame, room: Option<&mut Room>) -> Taken {
        let Some(frame) = self.try_take(frame, room) else {
            return Taken::Done;
        };
        let is_known =
            matches!(&frame, ClientFrame::Send { chat, .. } if self.delivery.known_shard_of(*chat).is_some());
        let intake = self.clone();
        let rest = Box::pin(async move { intake.receive(frame).await });
        if is_known {
            Taken::Waits(rest)
        } else {
            Taken::Reads(rest)
        }
    }

    /// Takes a frame at once, or gives it back.
    fn try_take(&self, frame: ClientFrame, room: Option<&mut Room>) -> Option<ClientFrame> {
        match frame {
            ClientFrame::Ping => {
                self.outbox.push(ServerFrame::<Bytes>::Pong.encode());
                None
            }
            ClientFrame::Ack { chat, seq } => match self.delivery.known_shard_of(chat) {
                Some(shard) => {
                    shard.pending.acknowledge(chat, self.device, seq);
                    None
                }
                None => Some(frame),
            },
            ClientFrame::Send {
                request,
                chat,
                message,
                after,
                retention,
                payload,
            } => {
                let give_back = |payload| {
                    Some(ClientFrame::Send {
                        request,
                        chat,
                        message,
                        after,
                        retention,
                        payload,
                    })
                };
                let Some(shard) = self.delivery.known_shard_of(chat) else {
                    return give_back(payload);
                };
                let Some(room) = shard.queue.try_room(payload.len(), room) else {
                    return give_back(payload);
                };
                if !self.outbox.try_begin_request(limits::FRAMES_IN_FLIGHT) {
                    return give_back(payload);
                }
                let reply = Reply::to_connection(Arc::clone(&self.outbox), request);
                match check::application(chat, self.device, message, after, retention, payload) {
                    Ok(submission) => shard.queue.put(submission, reply, room),
                    Err(code) => reply.refuse(code),
                }
                None
            }
            ClientFrame::Signal { chat, payload } => {
                let payload = self.try_relay(chat, payload, false)?;
                Some(ClientFrame::Signal { chat, payload })
            }
            ClientFrame::Marker { chat, payload } => {
                let payload = self.try_relay(chat, payload, true)?;
                Some(ClientFrame::Marker { chat, payload })
            }
            ClientFrame::Commit { .. } | ClientFrame::Fetch { .. } => Some(frame),
        }
    }

    /// Takes a frame of the client. Answers come out of [`Connection::poll_due`]. Waits while the shard's queue is full, or
    /// while [`limits::FRAMES_IN_FLIGHT`] requests of this connection are without an answer: do not read on meanwhile.
    /// Returns room in the queue for what comes behind, if this needed some.
    pub async fn receive(&self, frame: ClientFrame) -> Option<Room> {
        match frame {
            ClientFrame::Send {
                request,
                chat,
                message,
                after,
                retention,
                payload,
            } => {
                let checked = check::application(chat, self.device, message, after, retention, payload);
                return self.submit(request, checked).await;
            }
            ClientFrame::Commit {
                request,
                chat,
                message,
                after,
                commit,
                group_info,
                added,
                removed,
                as_newcomer,
                welcome,
            } => {
                let declared = DeclaredCommit {
                    commit,
                    group_info,
                    added,
                    removed,
                    as_newcomer,
                    welcome,
                };
                let checked = check::commit(chat, self.device, message, after, declared);
                return self.submit(request, checked).await;
            }
            ClientFrame::Ack { chat, seq } => {
                if let Ok(Some(shard)) = self.delivery.shard_of(chat).await {
                    shard.pending.acknowledge(chat, self.device, seq);
                }
            }
            ClientFrame::Fetch {
                request,
                chat,
                after,
                limit,
            } => {
                let range = PageRange {
                    after: Some(after),
                    before: None,
                    limit,
                };
                self.fetch(request, chat, range).await;
            }
            ClientFrame::Signal { chat, payload } => self.relay(chat, payload, false).await,
            ClientFrame::Marker { chat, payload } => self.relay(chat, payload, true).await,
            ClientFrame::Ping => {
                self.outbox.push(ServerFrame::<Bytes>::Pong.encode());
            }
        }
        None
    }

    async fn submit(&self, request: RequestId, checked: Result<Submission, ProblemCode>) -> Option<Room> {
        if !self.outbox.begin_request(limits::FRAMES_IN_FLIGHT).await {
            return None;
        }
        let reply = Reply::to_connection(Arc::clone(&self.outbox), request);
        self.delivery.submit(checked, reply).await
    }

    async fn fetch(&self, request: RequestId, chat: ChatId, range: PageRange) {
        if !self.outbox.begin_request(limits::FRAMES_IN_FLIGHT).await {
            return;
        }
        let reply = Reply::to_connection(Arc::clone(&self.outbox), request);
        let outcome = match self.delivery.page(self.device, chat, range).await {
            Ok(page) => Outcome::Page(page),
            Err(DeliveryError::Refused(refusal)) => Outcome::Refused(refusal),
            Err(DeliveryError::Store(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a page could not be read"
                );
                Outcome::Refused(Refusal::from(code_of(&error)))
            }
        };
        reply.send(outcome);
    }

    /// Relays a signal or marker to the chat's other devices, and keeps a marker. One that is too large breaks the
    /// protocol; one that cannot be relayed is dropped, as there is no answer.
    async fn relay(&self, chat: ChatId, payload: Bytes, is_marker: bool) {
        if !check::is_signal(&payload) {
            return self.outbox.close(Goodbye::Malformed);
        }
        let Ok(Some(shard)) = self.delivery.shard_of(chat).await else {
            return;
        };
        let known = &self.delivery.shared.fan_out.members;
        let members = if let Some(members) = known.get(chat) {
            members
        } else {
            let reading = known.begin_reading();
            let Ok(Some(members)) = shard.log.members(chat).await else {
                return;
            };
            known.put(chat, Arc::clone(&members), reading);
            members
        };
        self.relay_to(shard, &members, chat, payload, is_marker);
    }

    /// Relays it at once, if it is known to whom. Otherwise gives it back.
    fn try_relay(&self, chat: ChatId, payload: Bytes, is_marker: bool) -> Option<Bytes> {
        let shard = self.delivery.known_shard_of(chat);
        let members = self.delivery.shared.fan_out.members.get(chat);
        match (shard, members) {
            (Some(shard), Some(members)) if check::is_signal(&payload) => {
                self.relay_to(shard, &members, chat, payload, is_marker);
                None
            }
            _ => Some(payload),
        }
    }

    fn relay_to(
        &self,
        shard: &Shard<L>,
        members: &ChatMembers,
        chat: ChatId,
        payload: Bytes,
        is_marker: bool,
    ) {
        if !members.contains(&self.device) || members.silenced.contains(&self.device.account) {
            return;
        }
        if is_marker {
            shard.pending.mark(chat, self.device, payload.clone());
        }
        let from = self.device;
        let others = members.iter().filter(|address| **address != from);
        let fan_out = &self.delivery.shared.fan_out;
        if is_marker {
            fan_out.to_each(others, || ServerFrame::Marker { chat, from, payload });
        } else {
            fan_out.signal(others, || ServerFrame::Signal { chat, from, payload });
        }
    }
}
