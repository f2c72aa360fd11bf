//! `GET /v1/ws`: the WebSocket with its frames. What frames mean is the Delivery Service's business.
//!
//! ```text
//! upgrade → handshake, origin, token → the stream out of HTTP → session: one task
//!     socket   → framing::Decoder → ClientFrame → delivery::Connection
//!     outbox   → outgoing → one vectored write → socket
//! ```

pub mod framing;
pub mod handshake;
mod origin;
mod outgoing;
mod session;
mod socket;
mod stream;
mod upgrade;

pub(crate) use session::take_commit;
pub(crate) use socket::time_to_take;
pub use socket::{AfterClose, Message, Patience, Read, ReadError, WebSocket};
pub(crate) use stream::Stream;
pub(crate) use upgrade::{admit, upgrade};
