//! A download that nobody takes.

use crate::listener::ConnectionCut;
use futures_util::{Stream, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

/// The same stream; but when its next item is not asked for within `stall`, the connection is cut. Nothing else would end it:
/// whoever waits for a socket that takes nothing is not polled, and asks for nothing.
pub(super) fn watched<S: Stream + Send + 'static>(
    stream: S,
    connection: ConnectionCut,
    stall: Duration,
) -> impl Stream<Item = S::Item> + Send + 'static {
    let moved = Arc::new(Notify::new());
    let watching = Arc::clone(&moved);
    let watchdog = AbortOnDropHandle::new(tokio::spawn(async move {
        while tokio::time::timeout(stall, watching.notified()).await.is_ok() {}
        connection.cut();
    }));
    stream.inspect(move |_| {
        let _alive_as_long_as_the_stream = &watchdog;
        moved.notify_one();
    })
}
