//! The operating system's clock.

use crate::platform::Clock;
use core::time::Duration;
use sotto_protocol::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The operating system's clock, and tokio's timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "here the system's time enters")]
    fn now(&self) -> Timestamp {
        // A clock that is set before 1970 shows 1970.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
