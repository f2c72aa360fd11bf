//! Payloads in frames that programs of these tests make.

use serde::{Serialize, Serializer};

/// A payload that is written as bytes, not as a list of numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a>(pub(crate) &'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}
