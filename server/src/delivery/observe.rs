//! How the Delivery Service is, for whoever runs it.

use super::Delivery;
use crate::store::{ChatIndex, LogStore};
use crate::telemetry::metrics::METRICS;
use crate::telemetry::{NotReady, answers};
use futures_util::future::try_join_all;
use sotto_protocol::ChatId;

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Whether every shard's writer goes on and its database answers.
    pub(crate) async fn look(&self) -> Result<(), NotReady> {
        for shard in &self.shared.shards {
            shard.pulse.check()?;
        }
        let nowhere = ChatId::from_bytes([0; 16]);
        let probes = self
            .shared
            .shards
            .iter()
            .map(|shard| answers(shard.log.members(nowhere), NotReady::Log));
        try_join_all(probes).await.map(drop)
    }

    /// Brings those metrics up to date that are measured when somebody asks.
    pub(crate) fn measure(&self) {
        let (mut frames, mut bytes) = (0, 0);
        self.shared.fan_out.registry.for_each(|outbox| {
            let waiting = outbox.waiting();
            frames += waiting.frames;
            bytes += waiting.bytes;
        });
        METRICS.outbox_frames.set(frames);
        METRICS.outbox_bytes.set(bytes);
        let queued = self.shared.shards.iter().map(|shard| shard.queue.bytes()).sum();
        METRICS.queue_bytes.set(queued);
        METRICS
            .bus_queue_bytes
            .set(self.shared.fan_out.bus_queued_bytes());
    }
}
