//! A readable export: a ZIP of pages for people and JSON for programs (`docs/export.md` has its form).
//!
//! Everything that others have written or named is text in it: pages have no script and load nothing, names of files are made here.

mod files;
mod html;
mod json;
mod names;
mod words;
mod write;
mod zip;

pub(super) use write::write;

use crate::platform::{MaybeSend, MaybeSync};
use sotto_protocol::Timestamp;

/// What a readable export is to have.
pub struct ReadableExport {
    /// Whether the files come along that were sent and received.
    pub with_files: bool,
    /// How far the reader's clock is from UTC at a time, in minutes, to the east positive: pages show it.
    pub zone: Box<dyn Zone>,
}

/// How far a clock is from UTC at a time, in minutes, to the east positive.
pub trait Zone: MaybeSend + MaybeSync {
    /// At this time.
    fn minutes_at(&self, at: Timestamp) -> i32;
}

/// UTC.
impl Zone for () {
    fn minutes_at(&self, _: Timestamp) -> i32 {
        0
    }
}
