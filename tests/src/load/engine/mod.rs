//! Many clients in one thread: an event loop over `epoll`, and what each client says as a [`Session`].
//!
//! No task, no timer and no read buffer belongs to a connection, so that tens of thousands of them cost the generator little
//! beside what they cost the kernel. Nothing here knows what is spoken: Sotto and its peers are measured by the same loop.

mod clients;
mod session;
mod stamp;
mod transport;

pub(crate) use clients::{ClientId, Clients, Happened};
pub(crate) use session::{Breach, Event, Failure, Messenger, Session};
pub(crate) use stamp::{Stamp, Stopwatch, nanos};
pub(crate) use transport::TlsClient;
