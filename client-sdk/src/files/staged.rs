//! Content that waits in the store for being sent: what was cleaned, and what would not be found again after a restart.

use crate::platform::{BoxFuture, FileContent, FileSource, FileUnreadable};
use crate::record_key;
use crate::store::{Changes, Records, Store};
use bytes::Bytes;
use core::ops::Range;
use sotto_protocol::MessageId;

/// Bytes in each record.
const PART_BYTES: usize = 256 * 1024;

/// Puts content into the store.
pub(crate) fn stage(message: MessageId, content: &Bytes, changes: &mut Changes) {
    for (part, bytes) in (0..).zip(content.chunks(PART_BYTES)) {
        changes.put_bytes(record_key::upload_part(message, part), bytes.to_vec().into());
    }
}

/// Takes content of this length out of the store.
pub(crate) fn unstage(message: MessageId, length: u64, changes: &mut Changes) {
    for part in 0..length.div_ceil(PART_BYTES as u64) {
        changes.delete(record_key::upload_part(message, part));
    }
}

/// Content of this length that was put into the store.
pub(crate) fn staged<S: Store>(records: Records<S>, message: MessageId, length: u64) -> FileContent {
    FileContent::new(Staged {
        records,
        message,
        length,
    })
}

struct Staged<S: Store> {
    records: Records<S>,
    message: MessageId,
    length: u64,
}

impl<S: Store> FileSource for Staged<S> {
    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, range: Range<u64>) -> BoxFuture<'_, Result<Vec<u8>, FileUnreadable>> {
        Box::pin(async move {
            let mut content = Vec::new();
            let part_bytes = PART_BYTES as u64;
            for part in range.start / part_bytes..range.end.div_ceil(part_bytes) {
                let key = record_key::upload_part(self.message, part);
                let stored = self.records.get_bytes(&key).await;
                let stored = stored.ok().flatten().ok_or(FileUnreadable::Unreadable)?;
                let begins = part * part_bytes;
                let within = |at: u64| {
                    let at = usize::try_from(at.saturating_sub(begins)).unwrap_or(usize::MAX);
                    at.min(stored.expose().len())
                };
                let wanted = stored.expose().get(within(range.start)..within(range.end));
                content.extend_from_slice(wanted.unwrap_or_default());
            }
            Ok(content)
        })
    }
}
