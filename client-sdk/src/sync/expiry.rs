//! Messages whose time is over: gone from the store at that time, and before anything is shown after a start.

use super::{Engine, Input};
use crate::events::Event;
use crate::messages::{MessageRecord, StoredState};
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, RecordsError, Scan};
use core::time::Duration;
use sotto_protocol::{ChatId, MessageId, Timestamp};

/// How many are deleted in one batch.
const AT_ONCE: usize = 256;
/// The longest that a timer is set for, in milliseconds: those of browsers hold 24 days at most, and a machine that slept is late.
const LOOK_AGAIN_MS: u64 = 60_000;

impl<P: Platform> Engine<P> {
    /// A message was stored that vanishes at this time.
    pub(crate) fn watch_expiry(&mut self, at: Timestamp) {
        if self.next_expiry.is_none_or(|next| at < next) {
            self.next_expiry = Some(at);
            let wait = at.0.saturating_sub(self.now().0).min(LOOK_AGAIN_MS);
            self.later(Duration::from_millis(wait), Input::ExpiryDue);
        }
    }

    /// The time of a message may be over.
    pub(crate) async fn expiry_due(&mut self) {
        if self.next_expiry.take().is_none() {
            return;
        }
        let is_done = self.ensure_loaded().await.is_ok() && self.delete_expired().await.is_ok();
        if !is_done {
            self.store_failed();
            self.next_expiry = Some(self.now());
            self.later(Duration::from_millis(LOOK_AGAIN_MS), Input::ExpiryDue);
        }
    }

    /// Deletes every message whose time is over, and sets the timer for the next.
    pub(super) async fn delete_expired(&mut self) -> Result<(), RecordsError> {
        let records = self.surroundings.records.clone();
        let end = record_key::expiries_until(self.now().plus_millis(1));
        let over = || Scan::prefix(record_key::expiries()).before(end.clone());
        let mut is_any = false;
        loop {
            let keys = records.scan_keys(over().limit(AT_ONCE)).await?;
            if keys.is_empty() {
                break;
            }
            let mut changes = Changes::new();
            let mut removed: Vec<(ChatId, u64, MessageId)> = Vec::new();
            for key in &keys {
                changes.delete(key.clone());
                let Some((_, chat, position)) = record_key::expiry_parts(key) else {
                    continue;
                };
                let place = record_key::message(chat, position);
                let Some(record) = records.get::<MessageRecord>(&place).await? else {
                    continue;
                };
                record.delete(chat, position, &mut changes);
                removed.push((chat, position, record.message));
                if record.state == StoredState::Received
                    && let Some(open) = self.chats.get_mut(&chat)
                    && position > open.record.read
                {
                    open.record.unread.remove(record.names_own(&self.contacts));
                    changes.put(record_key::chat(chat), &open.record);
                }
            }
            self.flush(changes).await?;
            is_any = true;
            for (chat, position, message) in removed {
                self.events.emit(&Event::MessageRemoved {
                    chat,
                    message,
                    position,
                });
            }
        }
        if is_any {
            // If it fails, the next time does it, or the next start.
            let _ = records.erase().await;
        }
        let next = records
            .scan_keys(Scan::prefix(record_key::expiries()).limit(1))
            .await?;
        if let Some((at, ..)) = next.first().and_then(|key| record_key::expiry_parts(key)) {
            self.watch_expiry(at);
        }
        Ok(())
    }
}
