//! Close codes (RFC 6455, section 7.4). The reason that a client acts on is the `Goodbye` frame; these are for logs and
//! proxies on the way.

use axum::extract::ws::{CloseFrame, close_code};
use sotto_protocol::frame::Goodbye;

/// The close frame that follows a goodbye.
pub(super) fn frame(goodbye: Option<Goodbye>) -> CloseFrame {
    let (code, reason) = match goodbye {
        None => (close_code::AWAY, "going away"),
        Some(Goodbye::Restarting) => (close_code::RESTART, "restarting"),
        Some(Goodbye::TooSlow) => (close_code::AGAIN, "too slow"),
        Some(Goodbye::SessionEnded) => (close_code::POLICY, "session ended"),
        Some(Goodbye::Replaced) => (close_code::POLICY, "replaced"),
        Some(Goodbye::Malformed) => (close_code::PROTOCOL, "malformed"),
    };
    CloseFrame {
        code,
        reason: reason.into(),
    }
}
