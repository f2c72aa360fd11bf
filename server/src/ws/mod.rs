//! `GET /v1/ws`: the WebSocket with its frames. What frames mean is the Delivery Service's business.

mod close;
mod origin;
mod session;
mod upgrade;

pub(crate) use upgrade::upgrade;
