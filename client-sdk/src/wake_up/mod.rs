//! Wake-ups: where this device can be woken while it is not connected, and what it does when it is.
//!
//! A push service wakes it with nothing in its hands; [`Client::catch_up`](crate::Client::catch_up) fetches what there is.

mod address;
mod client;
mod record;

pub use address::WakeUpAddress;
pub(crate) use record::{Due, WakeUpRecord};
