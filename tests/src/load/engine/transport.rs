//! What lies between a client's session and its socket: nothing, or TLS.

use super::Failure;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::SendFlags;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use std::io::{self, Read as _, Write};
use std::sync::Arc;

/// Bytes that are read at once, into a buffer that all clients share.
const READ_BYTES: usize = 256 * 1024;

/// With whom clients speak TLS, and as what.
#[derive(Clone, Debug)]
pub(crate) struct TlsClient {
    /// What is trusted.
    pub(crate) config: Arc<ClientConfig>,
    /// The name that the server's certificate has to be for.
    pub(crate) name: ServerName<'static>,
}

/// What all clients of a thread read into.
#[derive(Debug)]
pub(super) struct Buffers {
    arrived: Vec<u8>,
    /// What has arrived over TLS, opened.
    opened: Vec<u8>,
}

impl Buffers {
    pub(super) fn new() -> Self {
        Self {
            arrived: vec![0; READ_BYTES],
            opened: Vec::new(),
        }
    }
}

/// A socket, and what is spoken on it below the session.
#[derive(Debug)]
pub(super) struct Transport {
    socket: OwnedFd,
    tls: Option<Box<ClientConnection>>,
}

impl Transport {
    /// On a socket that connects. A client that speaks TLS begins its handshake with the first [`Self::write`].
    pub(super) fn new(socket: OwnedFd, tls: Option<&TlsClient>) -> Result<Self, Failure> {
        let tls = tls
            .map(|tls| ClientConnection::new(Arc::clone(&tls.config), tls.name.clone()))
            .transpose()?
            .map(Box::new);
        Ok(Self { socket, tls })
    }

    /// Whether there is something to write that the session has not said: a part of a handshake, or what waited for its end.
    pub(super) fn wants_write(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// What the session is to be told, of what has arrived at the socket. It may be nothing; `None` if nothing had arrived.
    pub(super) fn read<'a>(&mut self, buffers: &'a mut Buffers) -> Result<Option<&'a [u8]>, Failure> {
        let Buffers { arrived, opened } = buffers;
        let count = match rustix::io::read(&self.socket, &mut arrived[..]) {
            Ok(0) => return Err(Failure::Closed),
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(None),
            Err(error) => return Err(io::Error::from(error).into()),
        };
        let arrived = arrived.get(..count).unwrap_or_default();
        match &mut self.tls {
            None => Ok(Some(arrived)),
            Some(tls) => {
                opened.clear();
                open(tls, arrived, opened)?;
                Ok(Some(opened))
            }
        }
    }

    /// Writes what the session has said, as much of it as the system takes, and takes it out of `said`. Returns whether something
    /// is left.
    pub(super) fn write(&mut self, said: &mut Vec<u8>) -> Result<bool, Failure> {
        let mut socket = Socket(self.socket.as_fd());
        let mut written = 0;
        let mut is_full = false;
        while let Some(rest) = said.get(written..).filter(|rest| !rest.is_empty()) {
            let taken = match &mut self.tls {
                None => socket.write(rest),
                Some(tls) => seal(tls, rest, &mut socket),
            };
            match taken {
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    is_full = true;
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if written >= said.len() {
            // An idle client holds no memory.
            *said = Vec::new();
        } else {
            said.drain(..written);
        }
        if let Some(tls) = &mut self.tls {
            is_full = !flushed(tls, &mut socket)?;
        }
        Ok(is_full)
    }
}

impl AsFd for Transport {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Opens what has arrived.
fn open(tls: &mut ClientConnection, mut arrived: &[u8], opened: &mut Vec<u8>) -> Result<(), Failure> {
    while !arrived.is_empty() {
        if tls.read_tls(&mut arrived)? == 0 {
            // Behind the server's farewell.
            break;
        }
        let state = tls.process_new_packets()?;
        let begin = opened.len();
        opened.resize(begin + state.plaintext_bytes_to_read(), 0);
        if let Some(room) = opened.get_mut(begin..) {
            tls.reader().read_exact(room)?;
        }
        if state.peer_has_closed() && opened.is_empty() {
            return Err(Failure::Closed);
        }
    }
    Ok(())
}

/// Seals some of what was said, when all that was sealed before is written. Until the handshake is over it is only kept.
fn seal(tls: &mut ClientConnection, said: &[u8], socket: &mut Socket<'_>) -> io::Result<usize> {
    if !flushed(tls, socket)? {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    match tls.writer().write(said)? {
        0 => Err(io::ErrorKind::WouldBlock.into()),
        count => Ok(count),
    }
}

/// Writes what is sealed. Returns whether that was all of it.
fn flushed(tls: &mut ClientConnection, socket: &mut Socket<'_>) -> io::Result<bool> {
    while tls.wants_write() {
        match tls.write_tls(socket) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// A socket to write to.
struct Socket<'a>(BorrowedFd<'a>);

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::net::send(self.0, bytes, SendFlags::NOSIGNAL)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::tls;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{ServerConfig, ServerConnection, StreamOwned};
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::thread::{self, JoinHandle};

    /// More than the system takes at once, and more than TLS keeps while it shakes hands.
    const BYTES: usize = 600_000;

    fn said() -> Vec<u8> {
        (0..=250_u8).cycle().take(BYTES).collect()
    }

    /// A transport, and the other end of its socket.
    fn pair(tls: Option<&TlsClient>) -> (Transport, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        (Transport::new(near.into(), tls).unwrap(), far)
    }

    /// Says back all that is said.
    fn echo(mut stream: impl io::Read + Write) {
        let mut heard = vec![0; BYTES];
        stream.read_exact(&mut heard).unwrap();
        stream.write_all(&heard).unwrap();
        stream.flush().unwrap();
    }

    /// The server's end, with one of the certificates that the server's own tests have.
    fn with_tls(certificate: &str, far: UnixStream) -> StreamOwned<ServerConnection, UnixStream> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/edge/tls");
        let file = |ending| folder.join(format!("{certificate}.{ending}"));
        let chain = vec![CertificateDer::from_pem_file(file("crt")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(file("key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), far)
    }

    /// Says it and hears until as much has come back, as the event loop does.
    fn talk(transport: &mut Transport) -> Result<Vec<u8>, Failure> {
        let mut buffers = Buffers::new();
        let mut said = said();
        let mut heard = Vec::new();
        while heard.len() < BYTES {
            transport.write(&mut said)?;
            match transport.read(&mut buffers)? {
                Some(arrived) => heard.extend_from_slice(arrived),
                None => thread::yield_now(),
            }
        }
        assert!(said.is_empty() && !transport.wants_write());
        Ok(heard)
    }

    fn is_echoed(mut transport: Transport, server: JoinHandle<()>) {
        assert_eq!(talk(&mut transport).unwrap(), said());
        server.join().unwrap();
        assert_eq!(transport.read(&mut Buffers::new()), Err(Failure::Closed));
    }

    #[test]
    fn what_is_said_comes_back_without_tls() {
        let (transport, far) = pair(None);
        is_echoed(transport, thread::spawn(move || echo(far)));
    }

    #[test]
    fn what_is_said_comes_back_over_tls() {
        let (transport, far) = pair(Some(&tls::client().unwrap()));
        let server = thread::spawn(move || {
            let mut stream = with_tls("first", far);
            echo(&mut stream);
            stream.conn.send_close_notify();
            stream.flush().unwrap();
        });
        is_echoed(transport, server);
    }

    #[test]
    fn a_certificate_that_is_not_the_servers_own_is_refused() {
        let (mut transport, far) = pair(Some(&tls::client().unwrap()));
        let server = thread::spawn(move || {
            // The client is gone before anything is said.
            let _ = with_tls("second", far).read_exact(&mut [0]);
        });
        let ended = talk(&mut transport);
        assert!(matches!(ended, Err(Failure::Tls(_))), "{ended:?}");
        drop(transport);
        server.join().unwrap();
    }
}
