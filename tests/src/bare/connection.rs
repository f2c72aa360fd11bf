//! One connection: its socket, what has come from it and is not whole, what is to go to it and is not taken.

use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::SendFlags;
use std::io;
use std::ops::Range;

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: OwnedFd,
    /// The device that has named itself.
    pub(super) device: Option<usize>,
    /// Read, but no whole frame yet.
    pub(super) unread: Vec<u8>,
    /// Nothing more is taken from it; it ends when everything has gone to it.
    pub(super) is_ending: bool,
    /// It is in the list of those that have something to write.
    pub(super) is_dirty: bool,
    /// What is to go to it, in the bytes of this turn.
    queued: Range<usize>,
    /// What is to go before that: what the system has not taken, or what does not lie in one piece.
    unsent: Vec<u8>,
    /// The system takes nothing more at the moment.
    is_full: bool,
    /// What the loop waits for.
    watched: epoll::EventFlags,
}

/// What became of a connection that was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It goes on, and is to be watched as it was.
    Watched,
    /// It goes on, and is to be watched for these from now on.
    Watch(epoll::EventFlags),
    /// It has heard all that it was to hear.
    Over,
}

impl Connection {
    /// Watched for what comes in.
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            device: None,
            unread: Vec::new(),
            is_ending: false,
            is_dirty: false,
            queued: 0..0,
            unsent: Vec::new(),
            is_full: false,
            watched: epoll::EventFlags::IN,
        }
    }

    /// The system takes something again.
    pub(super) fn has_room(&mut self) {
        self.is_full = false;
    }

    /// Adds what is to go to it: a part of the turn's bytes. What lies side by side is written from where it lies.
    pub(super) fn queue(&mut self, part: Range<usize>, bytes: &[u8]) {
        if self.queued.is_empty() {
            self.queued = part;
        } else if self.queued.end == part.start {
            self.queued.end = part.end;
        } else {
            self.keep(bytes);
            self.queued = part;
        }
    }

    /// Copies what is to go to it, as it cannot stay where it lies.
    fn keep(&mut self, bytes: &[u8]) {
        let queued = std::mem::take(&mut self.queued);
        self.unsent
            .extend_from_slice(bytes.get(queued).unwrap_or_default());
    }

    /// Writes all that waits, as far as the system takes it. Nothing of the turn's bytes is needed afterwards.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<Written> {
        self.is_dirty = false;
        if self.is_full {
            self.keep(bytes);
        } else if self.unsent.is_empty() {
            let queued = std::mem::take(&mut self.queued);
            let queued = bytes.get(queued).unwrap_or_default();
            let written = send(&self.socket, queued)?;
            self.unsent
                .extend_from_slice(queued.get(written..).unwrap_or_default());
        } else {
            self.keep(bytes);
            let written = send(&self.socket, &self.unsent)?;
            self.unsent.drain(..written);
        }
        self.is_full = !self.unsent.is_empty();
        if self.is_ending && !self.is_full {
            return Ok(Written::Over);
        }
        let mut interest = epoll::EventFlags::empty();
        interest.set(epoll::EventFlags::IN, !self.is_ending);
        interest.set(epoll::EventFlags::OUT, self.is_full);
        Ok(if std::mem::replace(&mut self.watched, interest) == interest {
            Written::Watched
        } else {
            Written::Watch(interest)
        })
    }
}

/// Sends as much as the system takes.
fn send(socket: &OwnedFd, bytes: &[u8]) -> io::Result<usize> {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match rustix::net::send(socket, rest, SendFlags::NOSIGNAL) {
            Ok(count) => written += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(written)
}
