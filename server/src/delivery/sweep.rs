//! The retention sweep.

use super::Shared;
use crate::store::{DirectChatIndex, LogStore};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How late an entry may be erased. Reads go by the clock and never show it late.
const INTERVAL: Duration = Duration::from_secs(1);
/// Entries erased in one transaction, so that no message waits long behind it.
const ENTRIES: u16 = 500;

/// Erases what is over its time, until stopped.
pub(super) async fn run<I: DirectChatIndex, L: LogStore>(
    shared: Weak<Shared<I, L>>,
    stop: CancellationToken,
) {
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
    }
}

/// Erases what is over its time now.
pub(super) async fn sweep<I: DirectChatIndex, L: LogStore>(shared: &Arc<Shared<I, L>>) {
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
