//! The loop: reads what has come, hands it to the writer, passes on what is durable.

mod heard;

use super::batch::{Batch, Desk};
use super::chats::Chats;
use super::connections::{Connections, Key, Ready};
use super::wake::Wake;
use super::websocket::Unexpected;
use super::writer::Writer;
use crate::load::accounts::Roster;
use crate::payload::Raw;
use anyhow::Result;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{SocketFlags, sockopt};
use sotto_protocol::Timestamp;
use sotto_protocol::frame::{Outcome, ServerFrame};
use std::net::TcpListener;
use std::ops::Range;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes that are read at once, into a buffer that all connections share.
const READ_BYTES: usize = 256 * 1024;

const LISTENER: Key = Key::beside(0);
const WAKE: Key = Key::beside(1);

/// The relay.
pub(super) struct Relay {
    listener: TcpListener,
    wake: Arc<Wake>,
    chats: Chats,
    connections: Connections,
    /// None if messages are not written.
    writer: Option<Writer>,
    /// What has come in and is not with the writer.
    incoming: Batch,
    /// All that goes out in this turn.
    outgoing: Vec<u8>,
    desk: Desk,
    /// When this turn began.
    at: Timestamp,
}

impl Relay {
    /// For those in the roster, on a socket that listens.
    pub(super) fn new(
        listener: TcpListener,
        roster: &Roster,
        writer: Option<Writer>,
        wake: Arc<Wake>,
    ) -> Result<Self> {
        listener.set_nonblocking(true)?;
        let connections = Connections::new()?;
        connections.watch(&listener, LISTENER)?;
        connections.watch(&*wake, WAKE)?;
        Ok(Self {
            listener,
            wake,
            chats: Chats::of(roster),
            connections,
            writer,
            incoming: Batch::default(),
            outgoing: Vec::new(),
            desk: Desk::default(),
            at: Timestamp::default(),
        })
    }

    /// Relays until it is told to end. What is being written then is written to its end.
    pub(super) fn run(mut self) -> Result<()> {
        let ended = self.turns();
        if let Some(writer) = self.writer.take() {
            // If it has failed, that is why the turns have ended.
            writer.finish()?;
        }
        ended
    }

    fn turns(&mut self) -> Result<()> {
        let mut ready = Vec::new();
        let mut buffer = vec![0; READ_BYTES];
        while !self.wake.is_ending() {
            ready.clear();
            self.connections.wait(&mut ready)?;
            self.turn(&ready, &mut buffer)?;
        }
        Ok(())
    }

    fn turn(&mut self, ready: &[Ready], buffer: &mut [u8]) -> Result<()> {
        self.at = now();
        self.outgoing.clear();
        if let Some(mut batch) = self.writer.as_mut().map_or(Ok(None), Writer::written)? {
            self.pass_on(&mut batch);
            if let Some(writer) = &mut self.writer {
                writer.give_back(batch);
            }
        }
        for &Ready { key, flags } in ready {
            match key {
                LISTENER => self.accept()?,
                WAKE => self.wake.calm(),
                _ => self.look(key, flags, buffer),
            }
        }
        // First, so that the disk works while the sockets are written.
        if !self.incoming.is_empty() {
            if let Some(writer) = &mut self.writer {
                writer.write(&mut self.incoming)?;
            } else {
                let mut batch = std::mem::take(&mut self.incoming);
                self.pass_on(&mut batch);
                self.incoming = batch;
            }
        }
        for key in self.connections.flush(&self.outgoing) {
            self.end(key);
        }
        Ok(())
    }

    /// Accepts all that wait.
    fn accept(&mut self) -> Result<()> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        loop {
            match rustix::net::accept_with(&self.listener, flags) {
                Ok(socket) => {
                    // It fails for a client that has gone again, which the next read says too.
                    let _ = sockopt::set_tcp_nodelay(&socket, true);
                    self.connections.add(socket)?;
                }
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sees to one connection that is ready.
    fn look(&mut self, key: Key, flags: EventFlags, buffer: &mut [u8]) {
        let Some(connection) = self.connections.get(key) else {
            return;
        };
        // One that ends is not watched for what comes in: it is gone before it has heard all.
        let may_read = !connection.is_ending;
        if flags.contains(EventFlags::OUT) {
            connection.has_room();
            self.connections.mark_dirty(key);
        }
        if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR)
            && (!may_read || self.read(key, buffer).is_err())
        {
            self.end(key);
        }
    }

    fn read(&mut self, key: Key, buffer: &mut [u8]) -> Result<(), Unexpected> {
        let Some(connection) = self.connections.get(key) else {
            return Ok(());
        };
        let count = match rustix::io::read(&connection.socket, &mut *buffer) {
            Ok(0) => return Err(Unexpected),
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(()),
            Err(_) => return Err(Unexpected),
        };
        let arrived = buffer.get_mut(..count).unwrap_or_default();
        let mut unread = std::mem::take(&mut connection.unread);
        if unread.is_empty() {
            let used = self.receive(key, arrived)?;
            unread.extend_from_slice(arrived.get(used..).unwrap_or_default());
        } else {
            unread.extend_from_slice(arrived);
            let used = self.receive(key, &mut unread)?;
            unread.drain(..used);
        }
        if let Some(connection) = self.connections.get(key) {
            connection.unread = unread;
        }
        Ok(())
    }

    /// Passes a batch on: the entries to those in their chats, then the answers to the senders. What goes to the same socket
    /// lies side by side as far as it can. Leaves the batch empty.
    fn pass_on(&mut self, batch: &mut Batch) {
        let begin = self.outgoing.len();
        if begin == 0 {
            std::mem::swap(&mut self.outgoing, &mut batch.bytes);
        } else {
            self.outgoing.append(&mut batch.bytes);
        }
        for waiting in &mut batch.waiting {
            let Range { start, end } = waiting.placed.frame;
            let frame = begin + start..begin + end;
            for &other in self.chats.connected(waiting.chat) {
                if other != waiting.sender && self.connections.queue(other, frame.clone(), &self.outgoing) {
                    waiting.reached += 1;
                }
            }
        }
        for waiting in batch.waiting.drain(..) {
            let outcome = Outcome::Accepted {
                seq: Some(waiting.seq),
                at: waiting.at,
                reached: waiting.reached,
            };
            let request = waiting.request;
            self.answer(waiting.sender, &ServerFrame::Response { request, outcome });
        }
    }

    /// Says a frame without payload to a connection.
    fn answer(&mut self, key: Key, frame: &ServerFrame<Raw<'_>>) {
        let part = self.desk.write(frame, 0, &mut self.outgoing).frame;
        self.connections.queue(key, part, &self.outgoing);
    }

    /// Says to a connection what `write` writes.
    fn reply(&mut self, key: Key, write: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.outgoing.len();
        write(&mut self.outgoing);
        let part = begin..self.outgoing.len();
        self.connections.queue(key, part, &self.outgoing);
    }

    /// Ends a connection when all that was said to it has gone.
    fn let_end(&mut self, key: Key) {
        if let Some(connection) = self.connections.get(key) {
            connection.is_ending = true;
        }
    }

    /// Ends a connection.
    fn end(&mut self, key: Key) {
        if let Some(device) = self
            .connections
            .remove(key)
            .and_then(|connection| connection.device)
        {
            self.chats.leave(device, key);
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
