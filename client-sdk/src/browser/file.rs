//! Files that the user of a page has chosen.

use crate::platform::{BoxFuture, FileContent, FileSource, FileUnreadable};
use core::ops::Range;
use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// A file or another blob of the page, to be sent. The browser refuses to read one that was changed since it was chosen.
#[must_use]
pub fn file_of(blob: Blob) -> FileContent {
    FileContent::new(ChosenFile(blob))
}

struct ChosenFile(Blob);

impl FileSource for ChosenFile {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length is a whole number that a double holds exactly"
    )]
    fn length(&self) -> u64 {
        self.0.size() as u64
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast saturates: times before 1970 are one"
    )]
    fn modified(&self) -> Option<u64> {
        let file = self.0.dyn_ref::<File>()?;
        Some(file.last_modified() as u64)
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "the file is no longer than a double counts exactly"
    )]
    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<Vec<u8>, FileUnreadable>> {
        Box::pin(async move {
            let part = self
                .0
                .slice_with_f64_and_f64(range.start as f64, range.end as f64)
                .map_err(|_| FileUnreadable::Unreadable)?;
            let buffer = JsFuture::from(part.array_buffer())
                .await
                .map_err(|_| FileUnreadable::Unreadable)?;
            Ok(Uint8Array::new(&buffer).to_vec())
        })
    }
}
