//! Accepting connections: how many, how patiently, and how they end.

mod impatient;

pub(crate) use impatient::Impatient;

use crate::config::Timeouts;
use crate::limit::{AddressConnections, AddressPermit, ClientAddress, PeerAddress, TooManyConnections};
use crate::telemetry::metrics::METRICS;
use crate::tls::Tls;
use crate::ws::Stream;
use axum::Router;
use axum::body::Body;
use futures_util::FutureExt as _;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sotto_protocol::{Problem, ProblemCode};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// After an accept that failed for want of file descriptors or memory: time for some to become free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Connections that are accepted one after another before those that are there get their turn. When everybody comes back at
/// once, the others wait in the system's queue, and no message waits behind more than these.
const ACCEPTS_A_TURN: u32 = 8;

/// Bytes of a request's head.
const HEAD_BYTES: usize = 32 * 1024;

/// Counts a connection for as long as anyone holds it. In every request's extensions, so that a WebSocket can keep it.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionPermit {
    #[allow(dead_code, reason = "held, not read")]
    place: Arc<OwnedSemaphorePermit>,
    /// Of the peer's address, or of the client's behind a proxy.
    address: Option<Arc<AddressPermit>>,
}

impl ConnectionPermit {
    /// Counts the connection of a client behind a proxy too. One whose peer is the client is counted already.
    pub(crate) fn admit(
        &mut self,
        connections: &AddressConnections,
        client: ClientAddress,
    ) -> Result<(), TooManyConnections> {
        if self.address.is_none() {
            self.address = connections.admit(client)?.map(Arc::new);
        }
        Ok(())
    }
}

/// How long those who wait for a place among all connections are left in the system's queue before they are told.
const PLACE_PATIENCE: Duration = Duration::from_secs(2);

/// Refuses a connection that is one too many, of an address or of all. Over TLS, before whose handshake nothing can be said,
/// it is only closed.
fn refuse(stream: &TcpStream, problem: &Problem, tls: Option<&Tls>) {
    METRICS.problems.of(problem.code).increment();
    if tls.is_some() {
        return;
    }
    // A problem is a handful of strings and numbers, for which the encoder has no error.
    let body = serde_json::to_string(problem).unwrap_or_default();
    let retry_after = problem.retry_after.unwrap_or(1);
    let answer = format!(
        "HTTP/1.1 {} \r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n\
         retry-after: {retry_after}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        problem.status,
        body.len()
    );
    // Nothing was sent yet, so there is room; and if not, it is only closed.
    let _ = stream.try_write(answer.as_bytes());
}

/// Cuts the connection that a request came in on: for an answer that nobody takes. In every request's extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionCut(CancellationToken);

impl ConnectionCut {
    /// Cuts the connection, whatever it is at.
    pub(crate) fn cut(&self) {
        self.0.cancel();
    }
}

/// Accepts and serves connections until `shutdown`; then stops accepting, lets requests that are under way end, and
/// returns when they have, or after `timeouts.shutdown`.
///
/// HTTP/1.1 only: no browser speaks HTTP/2 over plain TCP, and the read that tells the two apart is one that no timeout
/// covers.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    tls: Option<&Tls>,
    timeouts: &Timeouts,
    connections_max: usize,
    addresses: &AddressConnections,
    shutdown: impl Future<Output = ()>,
) {
    let permits = Arc::new(Semaphore::new(connections_max));
    let connections = TaskTracker::new();
    let stopping = CancellationToken::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(timeouts.header())
        .max_buf_size(HEAD_BYTES);

    let mut shutdown = std::pin::pin!(shutdown);
    let mut accepts = 0_u32;
    let mut is_full = false;
    let write = timeouts.write();
    loop {
        accepts += 1;
        if accepts.is_multiple_of(ACCEPTS_A_TURN) {
            tokio::task::yield_now().await;
        }
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = next(&listener, &permits, &mut is_full) => accepted,
        };
        match accepted {
            Ok((stream, _, None)) => refuse(&stream, &Problem::new(ProblemCode::Unavailable), tls),
            Ok((stream, peer, Some(place))) => {
                let Ok(address) = addresses.admit_peer(peer.ip()) else {
                    refuse(&stream, &Problem::from(TooManyConnections), tls);
                    continue;
                };
                let permit = ConnectionPermit {
                    place: Arc::new(place),
                    address: address.map(Arc::new),
                };
                let peer = PeerAddress(peer);
                // Frames are small and wait for nothing.
                let _ = stream.set_nodelay(true);
                let (http, router, stopping) = (http.clone(), router.clone(), stopping.clone());
                if let Some(tls) = tls {
                    let handshake = tls.acceptor().accept(stream);
                    let patience = timeouts.header();
                    connections.spawn(async move {
                        match timeout(patience, handshake).await {
                            Ok(Ok(stream)) => {
                                let stream = Impatient::new(Stream::Tls(Box::new(stream)), write);
                                serve(http, stream, peer, permit, router, stopping).await;
                            }
                            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                            Err(_) => tracing::debug!("a TLS handshake took too long"),
                        }
                    });
                } else {
                    let stream = Impatient::new(Stream::Plain(stream), write);
                    connections.spawn(serve(http, stream, peer, permit, router, stopping));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    stopping.cancel();
    connections.close();
    if timeout(timeouts.shutdown(), connections.wait()).await.is_err() {
        tracing::warn!("requests were still under way when the server stopped");
    }
}

/// Serves one connection until it ends, or until the request that is under way when the server stops.
async fn serve(
    http: http1::Builder,
    stream: Impatient<Stream>,
    peer: PeerAddress,
    permit: ConnectionPermit,
    router: Router,
    stopping: CancellationToken,
) {
    let cut = ConnectionCut::default();
    let cutting = cut.0.clone();
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(permit.clone());
        request.extensions_mut().insert(cut.clone());
        request.map(Body::new)
    });
    let connection = http
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = cutting.cancelled() => return,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = cutting.cancelled() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The next connection, with its place among all, or without one if all are taken and nobody leaves. In `is_full` it is
/// noted that those who are in the system's queue have waited for long enough.
async fn next(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
    is_full: &mut bool,
) -> io::Result<(TcpStream, SocketAddr, Option<OwnedSemaphorePermit>)> {
    loop {
        let place = Arc::clone(permits).acquire_owned();
        let patience = if *is_full { Duration::ZERO } else { PLACE_PATIENCE };
        if let Ok(place) = timeout(patience, place).await {
            *is_full = false;
            let place = place.map_err(io::Error::other)?;
            let (stream, peer) = listener.accept().await?;
            return Ok((stream, peer, Some(place)));
        }
        *is_full = true;
        if let Some(accepted) = listener.accept().now_or_never() {
            let (stream, peer) = accepted?;
            return Ok((stream, peer, None));
        }
        *is_full = false;
    }
}
