//! Tells devices of entries that no one may have pushed to them: accepted by another node and lost on the bus, or accepted
//! without an answer of the database. The database says which chats have grown; the devices fetch.

use super::{Shared, lock};
use crate::bus::BusState;
use crate::store::{ChatIndex, GrownChat, ListPosition, LogStore, StoreError};
use crate::telemetry::metrics::METRICS;
use bytes::Bytes;
use sotto_protocol::frame::ServerFrame;
use sotto_protocol::{DeviceAddress, Timestamp};
use std::collections::HashSet;
use std::sync::{Mutex, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long requests gather: what goes wrong seldom goes wrong once.
const GATHERING: Duration = Duration::from_millis(50);
/// Before a database that failed is asked again.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is looked for what other nodes accepted while the bus is away.
const WITHOUT_BUS: Duration = Duration::from_secs(5);
/// Milliseconds by which each of those looks goes back: entries that were on their way, and clocks that differ.
const WITHOUT_BUS_MILLIS: u64 = 60_000;
/// Chats in one question.
const CHATS: u16 = 500;
/// Devices whose Welcomes are looked for in one repair. Others who have a Welcome and did not hear of it join by
/// themselves.
const WELCOMES: usize = 2000;

/// From when on entries may have been missed.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    since: Mutex<Option<Timestamp>>,
    wanted: Notify,
}

impl Repairs {
    /// Entries that were accepted at this time or later may have been missed.
    pub(super) fn request(&self, since: Timestamp) {
        let mut earliest = lock(&self.since);
        *earliest = Some(earliest.map_or(since, |earlier| earlier.min(since)));
        drop(earliest);
        self.wanted.notify_one();
    }

    fn take(&self) -> Option<Timestamp> {
        lock(&self.since).take()
    }
}

/// Repairs what is requested, until stopped.
pub(super) async fn run<I: ChatIndex, L: LogStore>(
    shared: Weak<Shared<I, L>>,
    repairs: std::sync::Arc<Repairs>,
    stop: CancellationToken,
) {
    let mut without_bus = tokio::time::interval(WITHOUT_BUS);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = repairs.wanted.notified() => {}
            _ = without_bus.tick() => {
                let Some(shared) = Weak::upgrade(&shared) else {
                    return;
                };
                if shared.fan_out.bus_state() == Some(BusState::Disconnected) {
                    let now = shared.clock.now();
                    repairs.request(Timestamp(now.0.saturating_sub(WITHOUT_BUS_MILLIS)));
                }
                continue;
            }
        }
        tokio::time::sleep(GATHERING).await;
        let Some(shared) = Weak::upgrade(&shared) else {
            return;
        };
        let Some(since) = repairs.take() else {
            continue;
        };
        if let Err(error) = repair(&shared, since).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what devices may have missed could not be read; it is tried again"
            );
            drop(shared);
            tokio::time::sleep(RETRY).await;
            repairs.request(since);
        }
    }
}

/// Tells connected devices of chats that have grown since.
async fn repair<I: ChatIndex, L: LogStore>(
    shared: &Shared<I, L>,
    since: Timestamp,
) -> Result<(), StoreError> {
    if shared.fan_out.registry.is_empty() {
        return Ok(());
    }
    let mut welcomed = HashSet::new();
    for shard in &shared.shards {
        let mut after = ListPosition::default();
        loop {
            let grown = shard.log.grown_since(since, after, CHATS).await?;
            let Some(last) = grown.last().map(|chat| chat.position) else {
                break;
            };
            after = last;
            METRICS.bus_repaired_chats.add(grown.len() as u64);
            for chat in &grown {
                tell(shared, &*shard.log, chat, &mut welcomed).await?;
            }
            if grown.len() < usize::from(CHATS) {
                break;
            }
        }
    }
    Ok(())
}

async fn tell<I: ChatIndex, L: LogStore>(
    shared: &Shared<I, L>,
    log: &L,
    chat: &GrownChat,
    welcomed: &mut HashSet<DeviceAddress>,
) -> Result<(), StoreError> {
    let behind = chat
        .members
        .iter()
        .filter(|(_, acknowledged)| *acknowledged < chat.last);
    for &(device, acknowledged) in behind {
        let Some(outbox) = shared.fan_out.registry.get(device) else {
            continue;
        };
        if welcomed.len() < WELCOMES && welcomed.insert(device) {
            for welcome in log.pending_welcomes(device, ListPosition::default()).await? {
                let frame = ServerFrame::Welcome {
                    chat: welcome.chat,
                    after: welcome.after,
                    from: welcome.from,
                    payload: welcome.payload,
                };
                outbox.push(frame.encode());
            }
        }
        let cursor = ServerFrame::<Bytes>::Cursor {
            chat: chat.chat,
            acknowledged: Some(acknowledged),
            last: chat.last,
            suite: chat.suite,
        };
        outbox.push(cursor.encode());
    }
    Ok(())
}
