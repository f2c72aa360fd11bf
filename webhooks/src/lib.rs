//! Webhooks of a bot. The server reads nothing, so they are served where the bot's keys are: [`Incoming`] sends what a program posts to it
//! into the bot's chats, and [`Outgoing`] posts what is said in them to a program, signed as Standard Webhooks says.

mod endpoint;
mod incoming;
mod outgoing;
mod payload;
mod rate;
mod secret;

pub use endpoint::{Endpoint, InvalidEndpoint};
pub use incoming::{Incoming, IncomingRate};
pub use outgoing::{Outgoing, Trouble};
pub use secret::{IncomingSecret, InvalidSecret, SigningSecret};

use sotto_client_sdk::ClientError;
use std::io;

/// Why webhooks are not served any more.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The address is open to others than this machine: nothing on the way seals what comes there.
    #[error(
        "incoming webhooks are taken on this machine alone, as on 127.0.0.1: let a proxy with TLS stand before it"
    )]
    NotLoopback,
    /// The socket failed.
    #[error("the socket for incoming webhooks failed")]
    Socket(#[from] io::Error),
    /// What posts cannot be set up, as without the system's certificates.
    #[error("webhooks cannot be posted from here")]
    Http(#[source] reqwest::Error),
    /// The bot's own store or connection failed.
    #[error(transparent)]
    Client(#[from] ClientError),
}
