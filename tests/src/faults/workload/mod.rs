//! People who go on talking whatever happens: they reconnect, send again under the same id until they have an answer, fill
//! gaps, acknowledge what they have read, and write down everything.

mod chat;
mod device;
mod outgoing;
mod population;

pub use device::DeviceOptions;
pub use population::{Population, PopulationSize};

use super::history::Moment;
use sotto_client_sdk::native::SystemClock;
use sotto_client_sdk::platform::Clock as _;
use sotto_protocol::Timestamp;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::Notify;
use tokio::time::Instant;

/// What the devices are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Send, and read.
    Talk,
    /// Send nothing new; get answers to what was sent.
    Settle,
    /// Read to the end of every chat, then leave.
    CatchUp,
    /// Leave at once.
    Leave,
}

/// The clock of a run.
#[derive(Clone, Copy, Debug)]
pub struct RunClock(Instant);

impl RunClock {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Now.
    #[must_use]
    pub fn now(self) -> Moment {
        Moment(u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// The time on the wall.
    #[must_use]
    pub fn wall(self) -> Timestamp {
        SystemClock.now()
    }
}

/// How far the devices have come, for those who wait for it.
#[derive(Debug, Default)]
pub struct Progress {
    acknowledged: AtomicU64,
    /// Devices that wait for an answer to something they sent.
    unanswered: AtomicUsize,
    changed: Notify,
}

impl Progress {
    /// Messages and Commits that were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until this holds of the number acknowledged.
    pub async fn until(&self, holds: impl Fn(u64) -> bool) {
        self.wait(|| holds(self.acknowledged())).await;
    }

    /// Waits until no device waits for an answer.
    pub async fn all_answered(&self) {
        self.wait(|| self.unanswered.load(Ordering::Relaxed) == 0).await;
    }

    async fn wait(&self, holds: impl Fn() -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if holds() {
                return;
            }
            changed.await;
        }
    }

    fn count_acknowledged(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_waiters();
    }

    fn change_unanswered(&self, before: bool, after: bool) {
        match (before, after) {
            (false, true) => drop(self.unanswered.fetch_add(1, Ordering::Relaxed)),
            (true, false) => {
                self.unanswered.fetch_sub(1, Ordering::Relaxed);
                self.changed.notify_waiters();
            }
            _ => {}
        }
    }
}
