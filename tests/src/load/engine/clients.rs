//! The event loop.

use super::transport::{Buffers, Transport};
use super::{Event, Failure, Session, Stopwatch, TlsClient};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

/// Sockets that are looked at in one turn.
const READY_SOCKETS: usize = 1024;

/// One of the clients of a [`Clients`]: their number, in the order in which they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClientId(pub(crate) u32);

impl ClientId {
    fn place(self) -> usize {
        self.0 as usize
    }
}

/// What a client has learned, and when its bytes were read.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) client: ClientId,
    pub(crate) at: u64,
    pub(crate) event: Event,
}

/// Clients with their connections, all of one thread.
pub(crate) struct Clients<S> {
    target: SocketAddr,
    tls: Option<TlsClient>,
    stopwatch: Stopwatch,
    epoll: OwnedFd,
    slots: Vec<Client<S>>,
    /// Those that have something to write.
    dirty: Vec<ClientId>,
    ready: Vec<epoll::Event>,
    buffers: Buffers,
    events: Vec<Event>,
}

#[derive(Debug)]
struct Client<S> {
    session: S,
    source: Option<Ipv4Addr>,
    connection: Option<Connection>,
    is_dirty: bool,
    /// Read, but not yet enough for the session.
    unread: Vec<u8>,
    /// Said, but not yet taken by the system.
    unsent: Vec<u8>,
}

#[derive(Debug)]
struct Connection {
    transport: Transport,
    is_open: bool,
    is_paused: bool,
    waits_to_write: bool,
}

impl Connection {
    fn interest(&self) -> epoll::EventFlags {
        let mut flags = epoll::EventFlags::empty();
        if !self.is_paused {
            flags |= epoll::EventFlags::IN;
        }
        if self.waits_to_write || !self.is_open {
            flags |= epoll::EventFlags::OUT;
        }
        flags
    }
}

impl<S: Session> Clients<S> {
    /// No clients yet, of the server at `target`, with which they speak TLS if it says how.
    pub(crate) fn new(target: SocketAddr, tls: Option<TlsClient>, stopwatch: Stopwatch) -> io::Result<Self> {
        Ok(Self {
            target,
            tls,
            stopwatch,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            slots: Vec::new(),
            dirty: Vec::new(),
            ready: Vec::with_capacity(READY_SOCKETS),
            buffers: Buffers::new(),
            events: Vec::new(),
        })
    }

    /// Adds a client that is not connected. It will come from `source`, if that is given.
    pub(crate) fn add(&mut self, session: S, source: Option<Ipv4Addr>) -> ClientId {
        let id = ClientId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(Client {
            session,
            source,
            connection: None,
            is_dirty: false,
            unread: Vec::new(),
            unsent: Vec::new(),
        });
        id
    }

    pub(crate) fn stopwatch(&self) -> Stopwatch {
        self.stopwatch
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn session(&self, id: ClientId) -> Option<&S> {
        self.slots.get(id.place()).map(|client| &client.session)
    }

    /// Begins to connect. `receive_bytes` bounds what the system holds for a client that does not read.
    pub(crate) fn connect(&mut self, id: ClientId, receive_bytes: Option<usize>) -> Result<(), Failure> {
        let Some(client) = self.slots.get_mut(id.place()) else {
            return Ok(());
        };
        let family = if self.target.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None).map_err(failure)?;
        sockopt::set_tcp_nodelay(&socket, true).map_err(failure)?;
        if let Some(bytes) = receive_bytes {
            sockopt::set_socket_recv_buffer_size(&socket, bytes).map_err(failure)?;
        }
        if let Some(source) = client.source {
            rustix::net::bind(&socket, &SocketAddrV4::new(source, 0)).map_err(failure)?;
        }
        match rustix::net::connect(&socket, &self.target) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(failure(error)),
        }
        let connection = Connection {
            transport: Transport::new(socket, self.tls.as_ref())?,
            is_open: false,
            is_paused: false,
            waits_to_write: false,
        };
        let data = epoll::EventData::new_u64(id.0.into());
        epoll::add(&self.epoll, &connection.transport, data, connection.interest()).map_err(failure)?;
        client.unread.clear();
        client.unsent.clear();
        client.connection = Some(connection);
        Ok(())
    }

    /// Ends a connection without a word, as a network does.
    pub(crate) fn cut(&mut self, id: ClientId) {
        if let Some(client) = self.slots.get_mut(id.place()) {
            client.connection = None;
            client.unread = Vec::new();
            client.unsent = Vec::new();
        }
    }

    /// Stops or begins to read.
    pub(crate) fn pause(&mut self, id: ClientId, is_paused: bool) {
        if let Some(connection) = self
            .slots
            .get_mut(id.place())
            .and_then(|client| client.connection.as_mut())
        {
            connection.is_paused = is_paused;
            watch(&self.epoll, id, connection);
        }
    }

    /// Lets a client say something; it is written in the next turn, with all else that it says until then.
    pub(crate) fn say(&mut self, id: ClientId, say: impl FnOnce(&mut S, &mut Vec<u8>)) {
        let Some(client) = self.slots.get_mut(id.place()) else {
            return;
        };
        say(&mut client.session, &mut client.unsent);
        if !client.is_dirty {
            client.is_dirty = true;
            self.dirty.push(id);
        }
    }

    /// Writes what waits, waits at most so long for something to arrive, and notes what has.
    pub(crate) fn turn(&mut self, wait: Duration, happened: &mut Vec<Happened>) -> io::Result<()> {
        self.flush(happened);
        let timeout = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        self.ready.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.ready), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready = std::mem::take(&mut self.ready);
        for event in &ready {
            let id = ClientId(u32::try_from(event.data.u64()).unwrap_or(u32::MAX));
            self.look(id, event.flags, happened);
        }
        self.ready = ready;
        self.flush(happened);
        Ok(())
    }

    /// Sees to one socket that is ready.
    fn look(&mut self, id: ClientId, flags: epoll::EventFlags, happened: &mut Vec<Happened>) {
        let Some(client) = self.slots.get_mut(id.place()) else {
            return;
        };
        let Some(connection) = client.connection.as_mut() else {
            return;
        };
        if !connection.is_open && flags.intersects(epoll::EventFlags::OUT | epoll::EventFlags::ERR) {
            if let Err(error) = sockopt::socket_error(&connection.transport).and_then(|result| result) {
                return self.end(id, failure(error), happened);
            }
            connection.is_open = true;
            watch(&self.epoll, id, connection);
            client.session.begin(&mut client.unsent);
            self.mark_dirty(id);
            return;
        }
        if flags.contains(epoll::EventFlags::OUT) {
            self.mark_dirty(id);
        }
        let may_read = epoll::EventFlags::IN | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
        if flags.intersects(may_read)
            && let Err(failure) = self.read(id, happened)
        {
            self.end(id, failure, happened);
        }
    }

    fn mark_dirty(&mut self, id: ClientId) {
        self.say(id, |_, _| {});
    }

    fn read(&mut self, id: ClientId, happened: &mut Vec<Happened>) -> Result<(), Failure> {
        let Some(client) = self.slots.get_mut(id.place()) else {
            return Ok(());
        };
        let Some(connection) = client.connection.as_mut() else {
            return Ok(());
        };
        let Some(arrived) = connection.transport.read(&mut self.buffers)? else {
            return Ok(());
        };
        let at = self.stopwatch.now();
        let said_before = client.unsent.len();
        let received = if client.unread.is_empty() {
            client
                .session
                .receive(arrived, &mut client.unsent, &mut self.events)
                .map(|used| {
                    client
                        .unread
                        .extend_from_slice(arrived.get(used..).unwrap_or_default());
                })
        } else {
            client.unread.extend_from_slice(arrived);
            let received = client
                .session
                .receive(&client.unread, &mut client.unsent, &mut self.events);
            received.map(|used| {
                client.unread.drain(..used.min(client.unread.len()));
                if client.unread.is_empty() {
                    // An idle client holds no memory.
                    client.unread = Vec::new();
                }
            })
        };
        let has_said = client.unsent.len() > said_before || connection.transport.wants_write();
        happened.extend(self.events.drain(..).map(|event| Happened {
            client: id,
            at,
            event,
        }));
        if has_said {
            self.mark_dirty(id);
        }
        received
    }

    fn flush(&mut self, happened: &mut Vec<Happened>) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for id in dirty.drain(..) {
            if let Err(failure) = self.write(id) {
                self.end(id, failure, happened);
            }
        }
        // Nothing that ends says anything more.
        self.dirty = dirty;
    }

    fn write(&mut self, id: ClientId) -> Result<(), Failure> {
        let Some(client) = self.slots.get_mut(id.place()) else {
            return Ok(());
        };
        client.is_dirty = false;
        let Some(connection) = client.connection.as_mut().filter(|connection| connection.is_open) else {
            return Ok(());
        };
        let is_full = connection.transport.write(&mut client.unsent)?;
        if is_full != connection.waits_to_write {
            connection.waits_to_write = is_full;
            watch(&self.epoll, id, connection);
        }
        Ok(())
    }

    fn end(&mut self, id: ClientId, failure: Failure, happened: &mut Vec<Happened>) {
        self.cut(id);
        happened.push(Happened {
            client: id,
            at: self.stopwatch.now(),
            event: Event::Ended(failure),
        });
    }
}

/// Asks for what the connection waits for. It fails for no socket that is open.
fn watch(epoll: &OwnedFd, id: ClientId, connection: &Connection) {
    let data = epoll::EventData::new_u64(id.0.into());
    let _ = epoll::modify(epoll, &connection.transport, data, connection.interest());
}

fn failure(error: Errno) -> Failure {
    io::Error::from(error).into()
}
