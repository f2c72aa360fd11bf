//! Core NATS as the network of the bus.

use super::network::{Destination, Incoming, Joined, Network, NetworkError, Outgoing};
use super::node::NodeId;
use crate::telemetry::metrics::METRICS;
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

/// Between two attempts to connect.
const RETRY: Duration = Duration::from_millis(500);
/// How long an attempt may take.
const CONNECTING: Duration = Duration::from_secs(3);
/// How often the connection is tried: it may be dead without a word.
const PING: Duration = Duration::from_secs(5);
/// Messages that may wait for this node; what does not fit is lost and repaired. Each holds all that was said to it in a
/// moment.
const WAITING: usize = 2048;
/// Messages that may wait to be sent; the next are gathered meanwhile, in a queue with a bound on its bytes.
const UNSENT: usize = 64;
/// Bytes of a message at most, whatever the server would take.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Servers of one NATS cluster, and how to reach them.
#[derive(Clone)]
pub(crate) struct Nats {
    servers: Vec<ServerAddr>,
    credentials: Option<Credentials>,
    /// Certificates that vouch for the servers, beside the system's.
    certificates: Option<PathBuf>,
}

#[derive(Clone)]
enum Credentials {
    Token(String),
    User { name: String, password: String },
}

/// The servers cannot be used. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NatsError {
    /// It has to be `nats://` or `tls://`, with host and port.
    #[error("expected nats://[user:password@]host[:port] or tls://…")]
    Malformed,
}

impl Nats {
    /// The servers with these URLs, separated by commas. User and password, or a token, are in the first URL that has
    /// them.
    pub(crate) fn new(urls: &str, certificates: Option<PathBuf>) -> Result<Self, NatsError> {
        let mut servers = Vec::new();
        for url in urls.split(',').map(str::trim) {
            if !(url.starts_with("nats://") || url.starts_with("tls://")) {
                return Err(NatsError::Malformed);
            }
            let server: ServerAddr = url.parse().map_err(|_| NatsError::Malformed)?;
            if server.host().is_empty() {
                return Err(NatsError::Malformed);
            }
            servers.push(server);
        }
        let credentials = servers
            .iter()
            .find_map(|server| Some((server.username()?, server.password())))
            .map(|(name, password)| match password {
                Some(password) => Credentials::User {
                    name: name.to_owned(),
                    password: password.to_owned(),
                },
                None => Credentials::Token(name.to_owned()),
            });
        Ok(Self {
            servers,
            credentials,
            certificates,
        })
    }

    fn options(&self, is_connected: watch::Sender<bool>) -> ConnectOptions {
        let mut options = ConnectOptions::new()
            .name("sotto")
            .retry_on_initial_connect()
            .connection_timeout(CONNECTING)
            .ping_interval(PING)
            .subscription_capacity(WAITING)
            .client_capacity(UNSENT)
            .reconnect_delay_callback(|attempts| if attempts <= 1 { Duration::ZERO } else { RETRY })
            .event_callback(move |event| {
                note(&event, &is_connected);
                std::future::ready(())
            });
        if let Some(certificates) = &self.certificates {
            options = options.add_root_certificates(certificates.clone());
        }
        match self.credentials.clone() {
            Some(Credentials::Token(token)) => options.token(token),
            Some(Credentials::User { name, password }) => options.user_and_password(name, password),
            None => options,
        }
    }
}

fn note(event: &Event, is_connected: &watch::Sender<bool>) {
    match event {
        Event::Connected => {
            is_connected.send_replace(true);
        }
        Event::Disconnected | Event::Closed => {
            is_connected.send_replace(false);
        }
        Event::SlowConsumer(_) => METRICS.bus_overruns.increment(),
        Event::LameDuckMode | Event::Draining => {}
        Event::ServerError(error) => {
            tracing::warn!(error = error as &dyn std::error::Error, "NATS refused something");
        }
        Event::ClientError(error) => {
            tracing::warn!(%error, "the connection to NATS has trouble");
        }
    }
}

impl Network for Nats {
    fn join(self, node: NodeId, prefix: String) -> BoxFuture<'static, Result<Joined, NetworkError>> {
        async move {
            let (sender, is_connected) = watch::channel(false);
            let subject_of_all = format!("{prefix}.all");
            let own_subject = subject_of(&prefix, node);
            let client = self
                .options(sender)
                .connect(self.servers)
                .await
                .map_err(|error| NetworkError(Box::new(error)))?;
            let to_all = subscription(&client, subject_of_all.clone(), Destination::All).await?;
            let to_one = subscription(&client, own_subject, Destination::Node(node)).await?;
            let outgoing = Box::new(Subjects {
                client,
                of_all: subject_of_all,
                prefix,
            });
            Ok(Joined {
                outgoing,
                incoming: stream::select(to_all, to_one).boxed(),
                is_connected,
            })
        }
        .boxed()
    }
}

fn subject_of(prefix: &str, node: NodeId) -> String {
    format!("{prefix}.node.{node}")
}

async fn subscription(
    client: &Client,
    subject: String,
    to: Destination,
) -> Result<BoxStream<'static, Incoming>, NetworkError> {
    let subscriber = client
        .subscribe(subject)
        .await
        .map_err(|error| NetworkError(Box::new(error)))?;
    let incoming = subscriber
        .filter(|message| std::future::ready(message.payload.len() <= BYTES_MAX))
        .map(move |message| Incoming {
            to,
            message: message.payload,
        });
    Ok(incoming.boxed())
}

struct Subjects {
    client: Client,
    of_all: String,
    prefix: String,
}

impl Outgoing for Subjects {
    fn publish(&self, to: Destination, message: Bytes) -> BoxFuture<'_, ()> {
        async move {
            let subject = match to {
                Destination::All => self.of_all.clone(),
                Destination::Node(node) => subject_of(&self.prefix, node),
            };
            // What is not sent is missed by its number.
            if let Err(error) = self.client.publish(subject, message).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a bus message was not sent"
                );
            }
        }
        .boxed()
    }

    fn bytes_max(&self) -> usize {
        self.client.max_payload().min(BYTES_MAX)
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        async move {
            if let Err(error) = self.client.flush().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the last bus messages may not have been sent"
                );
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_nats_urls_with_optional_credentials() {
        for urls in ["nats://localhost", "tls://a:4222, nats://user:word@[::1]:4223"] {
            assert!(Nats::new(urls, None).is_ok(), "{urls}");
        }
        for urls in [
            "",
            "localhost:4222",
            "ws://a",
            "nats://",
            "nats://a,",
            "nats://a:port",
        ] {
            assert!(Nats::new(urls, None).is_err(), "{urls}");
        }
        let user = Nats::new("nats://a,nats://name:word@b", None).unwrap();
        assert!(
            matches!(user.credentials, Some(Credentials::User { name, password }) if name == "name" && password == "word")
        );
        let token = Nats::new("nats://secret@a", None).unwrap();
        assert!(matches!(token.credentials, Some(Credentials::Token(token)) if token == "secret"));
    }
}
