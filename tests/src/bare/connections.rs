//! The table of connections, and the epoll that watches them.

use super::connection::{Connection, Written};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use std::io;
use std::ops::Range;

/// Sockets that are looked at in one turn.
const READY_SOCKETS: usize = 1024;

/// A connection: its place, and how many had it before. One that is over is never taken for one that came after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    place: u32,
    turn: u32,
}

impl Key {
    /// What is watched beside connections, with a number of its own.
    pub(super) const fn beside(number: u32) -> Self {
        Self {
            place: number,
            turn: u32::MAX,
        }
    }

    fn data(self) -> epoll::EventData {
        epoll::EventData::new_u64(u64::from(self.turn) << 32 | u64::from(self.place))
    }

    #[allow(clippy::cast_possible_truncation, reason = "both are cut out of the whole")]
    fn of(data: epoll::EventData) -> Self {
        let data = data.u64();
        Self {
            place: data as u32,
            turn: (data >> 32) as u32,
        }
    }
}

#[derive(Debug, Default)]
struct Place {
    turn: u32,
    connection: Option<Connection>,
}

/// Something that is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ready {
    pub(super) key: Key,
    pub(super) flags: epoll::EventFlags,
}

/// All connections.
pub(super) struct Connections {
    epoll: OwnedFd,
    places: Vec<Place>,
    free: Vec<u32>,
    /// Those that have something to write.
    dirty: Vec<Key>,
    events: Vec<epoll::Event>,
}

impl Connections {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            places: Vec::new(),
            free: Vec::new(),
            dirty: Vec::new(),
            events: Vec::with_capacity(READY_SOCKETS),
        })
    }

    /// Watches what is no connection.
    pub(super) fn watch(&self, what: impl AsFd, key: Key) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, what, key.data(), epoll::EventFlags::IN)?)
    }

    pub(super) fn add(&mut self, socket: OwnedFd) -> io::Result<()> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        let Some(slot) = self.places.get_mut(place as usize) else {
            return Ok(());
        };
        let key = Key {
            place,
            turn: slot.turn,
        };
        let connection = slot.connection.insert(Connection::new(socket));
        Ok(epoll::add(
            &self.epoll,
            &connection.socket,
            key.data(),
            epoll::EventFlags::IN,
        )?)
    }

    pub(super) fn get(&mut self, key: Key) -> Option<&mut Connection> {
        self.places
            .get_mut(key.place as usize)
            .filter(|place| place.turn == key.turn)?
            .connection
            .as_mut()
    }

    /// Takes a connection out, whose socket is closed with it.
    pub(super) fn remove(&mut self, key: Key) -> Option<Connection> {
        let place = self
            .places
            .get_mut(key.place as usize)
            .filter(|place| place.turn == key.turn)?;
        let connection = place.connection.take()?;
        place.turn += 1;
        self.free.push(key.place);
        Some(connection)
    }

    /// Waits until something is ready.
    pub(super) fn wait(&mut self, ready: &mut Vec<Ready>) -> io::Result<()> {
        self.events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        ready.extend(self.events.iter().map(|event| Ready {
            key: Key::of(event.data),
            flags: event.flags,
        }));
        Ok(())
    }

    /// Adds a part of the turn's bytes to what is to go to a connection. Returns whether that is there.
    pub(super) fn queue(&mut self, key: Key, part: Range<usize>, bytes: &[u8]) -> bool {
        let Some(connection) = self.get(key) else {
            return false;
        };
        connection.queue(part, bytes);
        self.mark_dirty(key);
        true
    }

    /// Lets a connection be written to at the end of the turn.
    pub(super) fn mark_dirty(&mut self, key: Key) {
        if let Some(connection) = self.get(key)
            && !std::mem::replace(&mut connection.is_dirty, true)
        {
            self.dirty.push(key);
        }
    }

    /// Writes what waits, once to each socket. Returns the connections that are over.
    pub(super) fn flush(&mut self, bytes: &[u8]) -> Vec<Key> {
        let mut over = Vec::new();
        let mut dirty = std::mem::take(&mut self.dirty);
        for key in dirty.drain(..) {
            let Some(connection) = self.get(key) else {
                continue;
            };
            match connection.write(bytes) {
                Ok(Written::Watched) => {}
                Ok(Written::Watch(interest)) => self.watch_for(key, interest),
                Ok(Written::Over) | Err(_) => over.push(key),
            }
        }
        self.dirty = dirty;
        over
    }

    fn watch_for(&self, key: Key, interest: epoll::EventFlags) {
        let place = self.places.get(key.place as usize);
        if let Some(connection) = place.and_then(|place| place.connection.as_ref()) {
            // It fails for no socket that is open.
            let _ = epoll::modify(&self.epoll, &connection.socket, key.data(), interest);
        }
    }
}
