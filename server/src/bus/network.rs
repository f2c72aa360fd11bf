//! What the bus needs of a network: to carry messages, losing as many as it likes.

use super::node::NodeId;
pub(crate) use super::seal::Destination;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::sync::watch;

/// A network that connects the nodes.
pub(crate) trait Network: Send + 'static {
    /// Takes part in it under this id, with subjects that begin with `prefix`. Ready at once, whether the network can be
    /// reached or not: it is tried again in the background.
    fn join(self, node: NodeId, prefix: String) -> BoxFuture<'static, Result<Joined, NetworkError>>;
}

/// The network can never be reached as it is configured.
#[derive(Debug, thiserror::Error)]
#[error("the bus cannot be used as it is configured")]
pub struct NetworkError(#[source] pub(super) Box<dyn std::error::Error + Send + Sync>);

/// A node's place in a network.
pub(crate) struct Joined {
    /// The way out.
    pub(crate) outgoing: Box<dyn Outgoing>,
    /// What comes for this node, and what comes for all, its own included. Ends when the network is left for good.
    pub(crate) incoming: BoxStream<'static, Incoming>,
    /// Whether the network can be reached.
    pub(crate) is_connected: watch::Receiver<bool>,
}

/// A message as it came.
pub(crate) struct Incoming {
    /// For whom it was sent.
    pub(crate) to: Destination,
    /// The message.
    pub(crate) message: bytes::Bytes,
}

/// The way out into a network.
pub(crate) trait Outgoing: Send + Sync {
    /// Sends a message, or loses it.
    fn publish(&self, to: Destination, message: bytes::Bytes) -> BoxFuture<'_, ()>;

    /// Bytes of the largest message that the network takes.
    fn bytes_max(&self) -> usize;

    /// Waits until all that was published is on its way.
    fn flush(&self) -> BoxFuture<'_, ()>;
}
