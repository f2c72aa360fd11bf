//! What the client was given to run with.

use crate::platform::Platform;
use crate::search::Search;
use crate::store::Records;
use std::sync::Arc;

/// The way to the server, the clock and the records, shared by the engine and the tasks that it starts.
pub(crate) struct Surroundings<P: Platform> {
    /// The way to the server.
    pub(crate) transport: P::Transport,
    /// What time it is.
    pub(crate) clock: P::Clock,
    /// The sealed store.
    pub(crate) records: Records<P::Store>,
    /// What is found in them. It observes them.
    pub(crate) search: Arc<Search>,
}
