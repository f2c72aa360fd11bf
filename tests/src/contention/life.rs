//! A process: it lives, and dies at a moment that chance chooses, even between two of its own steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio_util::sync::CancellationToken;

/// The life of one process. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Life {
    ended: CancellationToken,
    /// How many batches its store takes yet before it dies; negative: any number.
    batches: Arc<AtomicI64>,
}

impl Life {
    /// A life that does not end by itself.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ended: CancellationToken::new(),
            batches: Arc::new(AtomicI64::new(-1)),
        }
    }

    /// It dies when its store has taken so many more batches, right after the last of them: what follows from it is not done.
    pub fn end_after(&self, batches: u32) {
        self.batches.store(i64::from(batches), Ordering::Relaxed);
    }

    /// It dies now.
    pub fn end(&self) {
        self.ended.cancel();
    }

    /// Whether it is dead.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// Waits for its end.
    pub async fn over(&self) {
        self.ended.cancelled().await;
    }

    /// Its store has taken a batch.
    pub(super) fn batch_taken(&self) {
        let before = self.batches.load(Ordering::Relaxed);
        if before > 0 {
            self.batches.store(before - 1, Ordering::Relaxed);
            if before == 1 {
                self.end();
            }
        }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}
