//! Entries that the server is to erase, as the messages in them were deleted.

use super::inbox::Work;
use super::{Done, Engine};
use crate::api::ApiError;
use crate::messages::{MessageRecord, StoredBody};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, Scan};
use sotto_protocol::{BlobId, ChatId, MessageId, Seq, limits};
use std::collections::BTreeMap;

impl<P: Platform> Engine<P> {
    /// Asks the server to erase what is waiting for that, unless it is being asked.
    pub(super) async fn erase_entries(&mut self) {
        if self.erasing || !self.is_online() {
            return;
        }
        let records = self.surroundings.records.clone();
        let scan = Scan::prefix(record_key::erasures()).limit(limits::DELETIONS);
        let Ok(found) = records.scan::<MessageId>(scan).await else {
            return self.store_failed();
        };
        let mut by_chat: BTreeMap<ChatId, Vec<(Seq, MessageId)>> = BTreeMap::new();
        for (key, message) in found {
            if let (Some(chat), Some(seq)) = (record_key::first_id(&key), record_key::last_number(&key)) {
                by_chat.entry(chat).or_default().push((Seq(seq), message));
            }
        }
        let Some((chat, entries)) = by_chat.into_iter().next() else {
            return self.erase_next_blob().await;
        };
        self.erasing = true;
        let api = self.api.clone();
        self.start(async move {
            let result = api.delete_entries(chat, &entries).await;
            Done::Erased {
                chat,
                entries,
                result,
            }
        });
    }

    /// The server has erased them, or will not.
    pub(super) async fn erased(
        &mut self,
        chat: ChatId,
        entries: Vec<(Seq, MessageId)>,
        result: Result<(), ApiError>,
    ) {
        self.erasing = false;
        // Asked again on the next connection.
        if result.is_err_and(|error| error.is_passing()) {
            return;
        }
        let mut changes = Changes::new();
        for (seq, _) in entries {
            changes.delete(record_key::erasure(chat, seq));
        }
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.erase_entries().await;
    }

    async fn erase_next_blob(&mut self) {
        let records = self.surroundings.records.clone();
        let scan = Scan::prefix(record_key::blob_erasures()).limit(1);
        let Ok(found) = records.scan_keys(scan).await else {
            return self.store_failed();
        };
        let Some(blob) = found.first().and_then(|key| record_key::first_id::<BlobId>(key)) else {
            return;
        };
        self.erasing = true;
        let api = self.api.clone();
        self.start(async move {
            let result = api.delete_blob(blob).await;
            Done::BlobErased { blob, result }
        });
    }

    /// The server has deleted it, or will not.
    pub(super) async fn blob_erased(&mut self, blob: BlobId, result: Result<(), ApiError>) {
        self.erasing = false;
        if result.is_err_and(|error| error.is_passing()) {
            return;
        }
        let mut changes = Changes::new();
        changes.delete(record_key::blob_erasure(blob));
        if self.flush(changes).await.is_err() {
            return self.store_failed();
        }
        self.erase_entries().await;
    }

    /// Notes that the server is to delete the file of a message, if it is this account's to delete. What was passed on is not: its blob is
    /// that of the message it came from.
    pub(super) fn erase_blob(&self, target: &MessageRecord, work: &mut Work) {
        let is_own = self
            .me
            .as_ref()
            .is_some_and(|me| me.account == target.from.account);
        if let StoredBody::File(file) = &target.body
            && is_own
            && !file.caption.is_forwarded
        {
            work.changes.put(record_key::blob_erasure(file.blob), &());
            work.erases = true;
        }
    }
}
