//! Moves the WAL's content into the database beside the writer, so that no message waits for it.
//!
//! While the writer goes on there is always something left to move, and the WAL would grow for ever. So the last, little
//! rest is moved between two transactions; the next one then begins the WAL anew. SQLite syncs the database only when
//! nothing is left: that would be all of it at that moment, so it is synced before.

use super::SqliteLog;
use crate::store::{StoreError, WriteBatch};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use tokio::time::Instant;

/// Pages of 4 KiB that the WAL grows by, roughly, before its content is moved.
pub(in crate::store::sqlite) const CHECKPOINT_PAGES: usize = 4000;
/// A pass that moves no more than so many pages has caught up with the writer.
const REST_PAGES: i64 = 64;
/// Passes that try to catch up.
const PASSES: u8 = 4;
pub(in crate::store::sqlite) const PAGE_BYTES: usize = 4096;

/// What the WAL has grown by since its content was last moved.
#[derive(Debug, Default)]
pub(super) struct WalGrowth {
    pages: usize,
    is_being_moved: bool,
}

impl WalGrowth {
    /// Counts a batch that is committed. `true` if it is time to move the content.
    pub(super) fn add(&mut self, batch: &WriteBatch<'_>) -> bool {
        // A row touches a page of the index, often with others of its batch, and its part of a page of the table.
        let bytes: usize = batch
            .submissions
            .iter()
            .map(|submission| PAGE_BYTES / 2 + submission.payload.len())
            .sum();
        self.pages += 2 + bytes / PAGE_BYTES + batch.cursors.len() / 8 + batch.markers.len();
        let is_due = self.pages >= CHECKPOINT_PAGES && !self.is_being_moved;
        self.is_being_moved |= is_due;
        is_due
    }
}

impl SqliteLog {
    /// Moves the WAL's content into the database. A failure is tried again when the WAL has grown further.
    pub(super) async fn checkpoint(self) {
        let alone = self.checkpointing.lock().await;
        if self.database.checkpointer().is_closed() {
            return;
        }
        let moved = self.move_wal().await;
        drop(alone);
        if let Err(error) = moved {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the write-ahead log was not moved into the database"
            );
            self.writer.lock().await.growth = WalGrowth::default();
        }
    }

    async fn move_wal(&self) -> Result<(), StoreError> {
        let begun = Instant::now();
        let mut connection = self.database.checkpointer().acquire().await?;
        let mut moved = 0;
        for _ in 0..PASSES {
            let before = std::mem::replace(&mut moved, pass(&mut connection).await?);
            if moved - before <= REST_PAGES {
                break;
            }
        }
        self.database.sync().await?;
        pass(&mut connection).await?;
        let mut writer = self.writer().await?;
        let alone = Instant::now();
        let moved = pass(&mut connection).await?;
        writer.growth = WalGrowth::default();
        tracing::debug!(
            pages = moved,
            millis = begun.elapsed().as_millis(),
            alone_micros = alone.elapsed().as_micros(),
            "moved the write-ahead log into the database"
        );
        Ok(())
    }
}

/// Moves what is committed by now and what no reader needs to stay. Returns how many of the WAL's pages are moved in all.
async fn pass(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(2)?)
}
