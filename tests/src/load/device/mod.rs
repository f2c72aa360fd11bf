//! A device as the server sees one: its upgrade, its frames, and messages that look like MLS from the outside.

mod message;
mod position;
mod session;
mod websocket;

pub(crate) use message::Place;
pub(crate) use session::{Confirmation, DeviceSession, Habits};
