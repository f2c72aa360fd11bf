//! Asks every connection in turn whether its other side is still there. One timer for all of them: the registry's parts, in
//! which connections lie at random, take turns within the period, so that pings are spread however connections began.

use super::Shared;
use super::registry::{PARTS, Registry};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Asks each connection once in `period`, until stopped.
pub(super) async fn run<I, L>(shared: Weak<Shared<I, L>>, period: Duration, stop: CancellationToken) {
    let turns = u32::try_from(PARTS).unwrap_or(u32::MAX);
    let mut ticks = tokio::time::interval((period / turns).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        for part in 0..PARTS {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let Some(shared) = Weak::upgrade(&shared) else {
                return;
            };
            let registry: &Arc<Registry> = &shared.fan_out.registry;
            registry.ask_for_signs_of_life(part);
        }
    }
}
