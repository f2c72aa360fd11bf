//! The sweep: what is over its time, and what is left of chats that were deleted.

use super::Shared;
use crate::store::{ChatIndex, LogStore};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How late an entry may be erased. Reads go by the clock and never show it late.
const INTERVAL: Duration = Duration::from_secs(1);
/// Entries erased in one transaction, so that no message waits long behind it.
const ENTRIES: u16 = 500;
/// The same of chats that were deleted, whose entries may be large.
const DELETED_ENTRIES: u16 = 100;

/// Erases what is over its time, and what is left of deleted chats, until stopped.
pub(super) async fn run<I: ChatIndex, L: LogStore>(shared: Weak<Shared<I, L>>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = interval.tick() => {}
        }
        let Some(shared) = Weak::upgrade(&shared) else {
            return;
        };
        sweep(&shared).await;
        erase_deleted(&shared, &stop).await;
    }
}

/// Erases what is over its time now.
pub(super) async fn sweep<I: ChatIndex, L: LogStore>(shared: &Arc<Shared<I, L>>) {
    for shard in &shared.shards {
        loop {
            match shard.log.expire(shared.clock.now(), ENTRIES).await {
                Ok(expired) if expired.more => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "a retention sweep failed"
                    );
                    break;
                }
            }
        }
    }
}

/// Erases what is left of deleted chats, a little at a time.
async fn erase_deleted<I: ChatIndex, L: LogStore>(shared: &Arc<Shared<I, L>>, stop: &CancellationToken) {
    for shard in &shared.shards {
        while !stop.is_cancelled() {
            match shard.log.erase_deleted(DELETED_ENTRIES).await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "what is left of a deleted chat could not be erased"
                    );
                    break;
                }
            }
        }
    }
}
