//! Messages that have come in and not gone out: their frames as the recipients get them, one behind the other.

use super::chats::ChatKey;
use super::connections::Key;
use super::websocket;
use crate::payload::Raw;
use sotto_protocol::frame::{RequestId, ServerFrame};
use sotto_protocol::{Seq, Timestamp};
use sotto_server::ws::framing::Opcode;
use std::ops::Range;

/// Bytes of a frame that are not payload, and some more.
const HEAD_BYTES: usize = 160;

/// A message that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) chat: ChatKey,
    pub(super) seq: Seq,
    pub(super) at: Timestamp,
    /// Who waits for the answer to this request.
    pub(super) sender: Key,
    pub(super) request: RequestId,
    /// How many others have been sent it.
    pub(super) reached: u32,
    /// Where it lies in the batch's bytes.
    pub(super) placed: Placed,
}

/// Where a frame lies.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// All of it, as it goes to a socket.
    pub(super) frame: Range<usize>,
    /// What is in it, as it is written to the database.
    pub(super) content: Range<usize>,
}

/// Messages with their frames.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) waiting: Vec<Waiting>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// What frames are made on.
#[derive(Debug, Default)]
pub(super) struct Desk {
    scratch: Vec<u8>,
}

impl Desk {
    /// Writes a frame with so much payload behind what is there.
    pub(super) fn write(
        &mut self,
        frame: &ServerFrame<Raw<'_>>,
        payload_bytes: usize,
        out: &mut Vec<u8>,
    ) -> Placed {
        if self.scratch.len() < payload_bytes + HEAD_BYTES {
            self.scratch.resize(payload_bytes + HEAD_BYTES, 0);
        }
        let begin = out.len();
        // There is room for it, and plain data always encodes.
        let content = postcard::to_slice(frame, &mut self.scratch).unwrap_or_default();
        let bytes = content.len();
        websocket::write(Opcode::Binary, content, out);
        Placed {
            frame: begin..out.len(),
            content: out.len() - bytes..out.len(),
        }
    }
}
