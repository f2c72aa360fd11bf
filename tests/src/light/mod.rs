//! A client that speaks the protocol and encrypts nothing: thousands of them fit into one process.
//!
//! The server reads only the heads of MLS messages and cannot tell. Accounts are registered and devices enrolled by the
//! real interface; passwords are not stretched, which is the client's business alone.

mod account;
mod api;
pub mod mls;
pub(crate) mod opaque;
pub mod rules;
mod socket;

pub use account::{LightAccount, LightDevice};
pub use api::{Api, ApiError};
pub use socket::{LightSocket, SocketError};
