//! `[sizes]`: how large what strangers send may be, and how much may wait.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use sotto_protocol::limits;

/// Bytes that may wait for a connection at least: a page, the largest frame, and what comes meanwhile.
const OUTBOX_BYTES_MIN: usize = 4 * 1024 * 1024;
/// Bytes that may wait for a shard at least: two of the largest frames.
const QUEUE_BYTES_MIN: usize = 8 * 1024 * 1024;
/// Frames that may wait for a connection at least: the answers to all that it may ask at once.
const OUTBOX_FRAMES_MIN: usize = 2 * limits::FRAMES_IN_FLIGHT;

/// How large what strangers send may be, in bytes, and how much may wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sizes {
    /// A request's body. Clients count on the default: with less, large Commits are refused as `too-large`.
    pub body_bytes: usize,
    /// A WebSocket message. Clients count on the default: with less, a large one ends its connection.
    pub frame_bytes: usize,
    /// What may wait to be written to one shard of the log; beyond, connections are not read.
    pub queue_bytes: usize,
    /// What may wait for one connection; beyond, it is too slow and is cut off.
    pub outbox_bytes: u32,
    /// Frames that may wait for one connection; beyond, it is too slow and is cut off.
    pub outbox_frames: u32,
    /// What profiles, groups and communities that were lately read may take in memory; 0 keeps none.
    pub answer_cache_bytes: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            body_bytes: limits::BODY_BYTES,
            frame_bytes: limits::FRAME_BYTES,
            queue_bytes: 64 * 1024 * 1024,
            outbox_bytes: 4 * 1024 * 1024,
            outbox_frames: 2048,
            answer_cache_bytes: 16 * 1024 * 1024,
        }
    }
}

impl Sizes {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let least = limits::PAYLOAD_BYTES * 2;
        let bounds = [
            ("sizes.body_bytes", self.body_bytes, least, limits::BODY_BYTES),
            ("sizes.frame_bytes", self.frame_bytes, least, limits::FRAME_BYTES),
            ("sizes.queue_bytes", self.queue_bytes, QUEUE_BYTES_MIN, 1 << 40),
            (
                "sizes.outbox_bytes",
                self.outbox_bytes as usize,
                OUTBOX_BYTES_MIN,
                1 << 30,
            ),
            (
                "sizes.outbox_frames",
                self.outbox_frames as usize,
                OUTBOX_FRAMES_MIN,
                1 << 20,
            ),
            ("sizes.answer_cache_bytes", self.answer_cache_bytes, 0, 1 << 40),
        ];
        for (key, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(InvalidValue::new(key, format!("{least} to {most}")));
            }
        }
        Ok(())
    }
}
