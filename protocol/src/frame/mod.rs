//! Frames: the binary messages of the WebSocket, subprotocol [`SUBPROTOCOL`].
//!
//! postcard-encoded enums that only grow at their end. A frame borrows its payloads from the bytes that arrived;
//! [`Payloads::map`] turns them into shared slices of those bytes, so that the server copies none.

mod client;
mod reversal;
mod server;

pub use client::ClientFrame;
pub use reversal::Reversal;
pub use server::{Change, Entry, EntryKind, Goodbye, Outcome, Page, Refusal, ServerFrame};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The WebSocket subprotocol (RFC 6455, section 1.9) of these frames. A client that cannot set headers offers its
/// access token as a second one.
pub const SUBPROTOCOL: &str = "sotto.v1";

/// The bytes are no frame: cut, continued, or of a kind that is newer than this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frame cannot be read")]
pub struct MalformedFrame;

/// Chosen by the client for each frame that wants an answer; the answer carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u32);

/// A type that is generic over what its payloads are held in.
pub trait Payloads<P> {
    /// The same with its payloads held otherwise.
    type With<Q>;

    /// Replaces every payload.
    fn map<Q>(self, payload: impl FnMut(P) -> Q) -> Self::With<Q>;
}

/// Bytes of a frame without its payloads: enough for all but Commits and pages.
const FRAME_HEAD_BYTES: usize = 96;

/// Encodes a frame.
#[must_use]
#[allow(
    clippy::expect_used,
    reason = "serialising plain data into memory has no error to return"
)]
pub(crate) fn encode(frame: &impl Serialize, payload_bytes: usize) -> Bytes {
    // postcard writes into a slice several times faster than into something that grows.
    if payload_bytes == 0
        && let Ok(encoded) = postcard::to_slice(frame, &mut [0; FRAME_HEAD_BYTES])
    {
        return Bytes::copy_from_slice(encoded);
    }
    let mut buffer = vec![0; payload_bytes + FRAME_HEAD_BYTES];
    if let Ok(encoded) = postcard::to_slice(frame, &mut buffer) {
        let length = encoded.len();
        buffer.truncate(length);
        return buffer.into();
    }
    postcard::to_extend(frame, Vec::new())
        .expect("plain data always encodes")
        .into()
}

/// Decodes a frame that ends where `bytes` end, its payloads as slices of `bytes`.
pub(crate) fn decode<'a, F>(bytes: &'a Bytes) -> Result<F::With<Bytes>, MalformedFrame>
where
    F: Payloads<&'a [u8]> + Deserialize<'a>,
{
    let (frame, rest) = postcard::take_from_bytes::<F>(bytes).map_err(|_| MalformedFrame)?;
    if rest.is_empty() {
        Ok(frame.map(|payload| bytes.slice_ref(payload)))
    } else {
        Err(MalformedFrame)
    }
}
