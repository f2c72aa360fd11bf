//! The time of an episode: tokio's, which is paused and jumps to whatever is due next.

use sotto_client_sdk::platform::{Clock, MaybeSend};
use sotto_client_sdk::protocol::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The clock of everybody in an episode. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct SimulatedClock {
    origin: Instant,
    /// What it shows at the origin, in milliseconds since 1970.
    shows: Arc<AtomicU64>,
}

impl SimulatedClock {
    /// A clock that shows this time now. In a runtime whose time is paused.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self {
            origin: Instant::now(),
            shows: Arc::new(AtomicU64::new(time.0)),
        }
    }

    /// How long it runs.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }

    /// What it shows.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        let elapsed = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        Timestamp(self.shows.load(Ordering::Relaxed)).plus_millis(elapsed)
    }

    /// Jumps ahead, for clients and server alike. Nobody who sleeps wakes up by it.
    pub fn jump(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(0);
        self.shows.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.time()
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend {
        tokio::time::sleep(duration)
    }
}

impl sotto_server::clock::Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.time()
    }
}
