//! A connected device: its frames in, its frames out.

use super::check::{self, DeclaredCommit};
use super::error::code_of;
use super::greeting::Greeting;
use super::outbox::Outbox;
use super::writer::Reply;
use super::{Delivery, DeliveryError};
use crate::store::{DirectChatIndex, LogStore, PageRange, Submission};
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Goodbye, Outcome, Refusal, RequestId, ServerFrame};
use sotto_protocol::{ChatId, DeviceAddress, ProblemCode, limits};
use std::collections::VecDeque;
use std::sync::Arc;

/// A device's connection. One task owns it, and selects over the socket and [`Self::next`]. Dropping it unregisters.
#[derive(Debug)]
pub struct Connection<I: DirectChatIndex, L: LogStore> {
    delivery: Delivery<I, L>,
    device: DeviceAddress,
    outbox: Arc<Outbox>,
    greeting: Greeting,
}

impl<I: DirectChatIndex, L: LogStore> Connection<I, L> {
    pub(super) fn new(delivery: Delivery<I, L>, device: DeviceAddress, outbox: Arc<Outbox>) -> Self {
        Self {
            delivery,
            device,
            outbox,
            greeting: Greeting::new(),
        }
    }

    /// The device.
    #[must_use]
    pub fn device(&self) -> DeviceAddress {
        self.device
    }

    /// Says goodbye after what is waiting. The first goodbye counts.
    pub fn close(&self, goodbye: Goodbye) {
        self.outbox.close(goodbye);
    }

    /// Why the connection ends, if it does.
    #[must_use]
    pub fn goodbye(&self) -> Option<Goodbye> {
        self.outbox.goodbye()
    }

    /// Waits for frames to send and returns all that there are, encoded: at least one. A [`Goodbye`] is the last, and
    /// after it comes `None`. Can be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<VecDeque<Bytes>> {
        loop {
            if !self.greeting.is_done() && self.outbox.goodbye().is_none() {
                match self.greeting.next(&self.delivery.shared, self.device).await {
                    Ok(greeted) => {
                        let mut frames = self.outbox.take();
                        frames.extend(greeted);
                        return Some(frames);
                    }
                    Err(error) => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "a device could not be greeted"
                        );
                        self.close(Goodbye::Restarting);
                    }
                }
            }
            let goodbye = self.outbox.goodbye();
            let frames = self.outbox.take();
            if !frames.is_empty() {
                return Some(frames);
            }
            if goodbye.is_some() {
                return None;
            }
            self.outbox.changed().await;
        }
    }

    /// Takes a frame of the client. Answers come out of [`Self::next`]. Waits while the shard's queue is full, or while
    /// [`limits::FRAMES_IN_FLIGHT`] requests of this connection are without an answer: do not read on meanwhile.
    pub async fn receive(&self, frame: ClientFrame) {
        match frame {
            ClientFrame::Send {
                request,
                chat,
                message,
                retention,
                payload,
            } => {
                self.submit(
                    request,
                    check::application(chat, self.device, message, retention, payload),
                )
                .await;
            }
            ClientFrame::Commit {
                request,
                chat,
                message,
                commit,
                group_info,
                added,
                removed,
                welcome,
            } => {
                let declared = DeclaredCommit {
                    commit,
                    group_info,
                    added,
                    removed,
                    welcome,
                };
                self.submit(request, check::commit(chat, self.device, message, declared))
                    .await;
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
    }

    async fn submit(&self, request: RequestId, checked: Result<Submission, ProblemCode>) {
        if !self.outbox.begin_request(limits::FRAMES_IN_FLIGHT).await {
            return;
        }
        let reply = Reply::Connection(Arc::clone(&self.outbox), request);
        self.delivery.submit(checked, reply).await;
    }

    async fn fetch(&self, request: RequestId, chat: ChatId, range: PageRange) {
        if !self.outbox.begin_request(limits::FRAMES_IN_FLIGHT).await {
            return;
        }
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
        Reply::Connection(Arc::clone(&self.outbox), request).send(outcome);
    }

    /// Relays a signal or marker to the chat's other devices, and keeps a marker. One that is too large breaks the
    /// protocol; one that cannot be relayed is dropped, as there is no answer.
    async fn relay(&self, chat: ChatId, payload: Bytes, is_marker: bool) {
        if !check::is_signal(&payload) {
            return self.close(Goodbye::Malformed);
        }
        let Ok(Some(shard)) = self.delivery.shard_of(chat).await else {
            return;
        };
        let Ok(Some(members)) = shard.log.members(chat).await else {
            return;
        };
        if !members.contains(&self.device) {
            return;
        }
        if is_marker {
            shard.pending.mark(chat, self.device, payload.clone());
        }
        let from = self.device;
        let others = members.iter().filter(|address| **address != from);
        self.delivery.shared.fan_out.to_each(others, || {
            if is_marker {
                ServerFrame::Marker { chat, from, payload }
            } else {
                ServerFrame::Signal { chat, from, payload }
            }
        });
    }
}

impl<I: DirectChatIndex, L: LogStore> Drop for Connection<I, L> {
    fn drop(&mut self) {
        self.delivery
            .shared
            .fan_out
            .registry
            .remove(self.device, &self.outbox);
    }
}
