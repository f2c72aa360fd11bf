//! What the client needs of the place it runs in: a network, a store, a clock, a way to start a task.
//!
//! Everything above these traits is the same code natively, in a browser and in a simulation. Randomness is not
//! among them: it is an argument, as everywhere.

mod clock;
mod file;
mod maybe_send;
mod random;
mod transport;
mod turn;

pub use clock::{Clock, Elapsed, timeout};
pub use file::{FileContent, FileSink, FileSource, FileUnreadable, FileUnwritable};
pub use maybe_send::{BoxFuture, BoxStream, MaybeSend, MaybeSync};
pub use random::{SystemRng, system_rng};
pub(crate) use transport::range_header;
pub use transport::{
    Connection, FrameSink, FrameSource, Method, Request, RequestBody, Response, Transport, TransportError,
};
pub(crate) use turn::let_others_run;

use crate::store::Store;

/// A place to run in. Never made: it names the types that belong together.
pub trait Platform: Sized + MaybeSend + MaybeSync + 'static {
    /// The way to the server.
    type Transport: Transport;
    /// Where records are kept.
    type Store: Store;
    /// What time it is.
    type Clock: Clock;

    /// Runs `task` beside the caller until it ends.
    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static);

    /// The file that is to be sent still, by what [`FileSource::reference`] said of it before a restart.
    #[must_use]
    fn find_file(reference: &str) -> impl Future<Output = Option<FileContent>> + MaybeSend {
        let _ = reference;
        core::future::ready(None)
    }
}
