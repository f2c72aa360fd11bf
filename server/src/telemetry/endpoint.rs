//! `GET /metrics`, on a listener of its own: what the server counts is the operator's, and a proxy that forwards the
//! public port must not be able to forward it by mistake.

use super::metrics;
use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Scrapers at a time. There is one, or a pair.
const CONNECTIONS_MAX: usize = 16;
/// For a request's head, and between two requests.
const HEAD_PATIENCE: Duration = Duration::from_secs(90);
/// After an accept that failed for want of file descriptors: time for some to become free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where the metrics are to be had.
#[derive(Debug)]
pub(crate) struct MetricsEndpoint {
    listener: TcpListener,
    address: SocketAddr,
}

impl MetricsEndpoint {
    /// Listens at `address`.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it listens, with the port that the system chose if 0 was asked for.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers for as long as it is polled. `measure` brings the gauges up to date that nobody keeps so.
    pub(crate) async fn serve(self, measure: impl Fn() + Clone + Send + Sync + 'static) {
        let scrape = move || {
            measure();
            let headers = [(CONTENT_TYPE, metrics::CONTENT_TYPE), (CACHE_CONTROL, "no-store")];
            let answer = (headers, metrics::exposition()).into_response();
            async move { answer }
        };
        let router = Router::new().route("/metrics", get(scrape));
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                return;
            };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let connection = serve_connection(stream, router.clone());
                    connections.spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection for the metrics cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn serve_connection(stream: TcpStream, router: Router) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection for the metrics ended early");
    }
}
