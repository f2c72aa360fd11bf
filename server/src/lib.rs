//! Sotto's server: stores ciphertext and public keys, and puts them on the right sockets.
//!
//! ```text
//! listener → http/router → http/<noun>/<verb> → store        accounts, devices, sessions, KeyPackages
//!                        → ws/session ⇄ delivery → store     chats: one writer a shard, one outbox a connection
//! ```

pub mod admin;
mod app;
mod archive;
mod auth;
mod blob;
mod bus;
mod captcha;
pub mod clock;
pub mod config;
pub mod delivery;
mod departed;
mod embedded;
mod housekeeping;
mod http;
mod limit;
mod listener;
mod membership;
mod oidc;
mod picture;
mod push;
pub mod report;
mod server;
mod signature;
mod site;
pub mod store;
pub mod telemetry;
#[cfg(test)]
#[path = "../tests/postgres_server/mod.rs"]
mod test_postgres;
mod tls;
mod web;
pub mod ws;

pub use auth::SecretsError;
pub use blob::OpenBlobsError;
pub use bus::NetworkError;
pub use embedded::{AtOnce, EmbeddedConnection, EmbeddedIntake, EmbeddedServer};
pub use http::openapi_document;
pub use oidc::{FetcherError, UnusableFile};
pub use server::{Server, StartError};
pub use site::findings as site_findings;
pub use tls::TlsError;

use config::Config;
use tokio::net::TcpListener;

/// Opens the server and serves on `listener` until `shutdown`. See [`Server`].
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StartError> {
    Server::open(config).await?.serve(listener, shutdown).await;
    Ok(())
}
