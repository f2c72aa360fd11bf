//! `[archive]`: how much of its history an account may archive.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use sotto_protocol::limits;

/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

/// How much of its history an account may archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Archive {
    /// Bytes of all indexes and segments of an account at most.
    pub bytes_max: u64,
    /// Segments of an account at most.
    pub segments_max: u64,
    /// Chats at most of which an account has an archive.
    pub chats_max: u64,
}

impl Default for Archive {
    fn default() -> Self {
        Self {
            bytes_max: 4 * GIB,
            segments_max: 100_000,
            chats_max: 10_000,
        }
    }
}

impl Archive {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        for (key, value) in [
            ("archive.bytes_max", self.bytes_max),
            ("archive.segments_max", self.segments_max),
            ("archive.chats_max", self.chats_max),
        ] {
            if !(1..=limits::BLOB_BYTES_REPRESENTABLE).contains(&value) {
                return Err(InvalidValue::new(key, "at least 1, and below 2 to the 53rd"));
            }
        }
        Ok(())
    }
}
