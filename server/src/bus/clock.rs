//! The clock that the nodes keep together.

use crate::clock::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A node's own clock plus the greatest lead that it has heard another node to have: so it is never more than a message's
/// way behind any of them, whatever their clocks say, and what happens after hearing of something has a later time.
pub(super) struct CommonClock {
    own: Arc<dyn Clock>,
    lead: AtomicU64,
    last: AtomicU64,
}

impl CommonClock {
    pub(super) fn new(own: Arc<dyn Clock>) -> Self {
        Self {
            own,
            lead: AtomicU64::new(0),
            last: AtomicU64::new(0),
        }
    }

    /// Milliseconds, later at each call.
    pub(super) fn tick(&self) -> u64 {
        let now = self.now();
        let before = self.last.fetch_max(now, Ordering::AcqRel);
        if before < now {
            now
        } else {
            self.last.fetch_add(1, Ordering::AcqRel) + 1
        }
    }

    /// Milliseconds.
    pub(super) fn now(&self) -> u64 {
        self.own.now().0.saturating_add(self.lead.load(Ordering::Acquire))
    }

    /// Another node said that it is `at`.
    pub(super) fn hear(&self, at: u64) {
        self.lead
            .fetch_max(at.saturating_sub(self.own.now().0), Ordering::AcqRel);
        self.last.fetch_max(at, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::Timestamp;

    struct Standing(u64);

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp(self.0)
        }
    }

    #[test]
    fn what_happens_after_hearing_of_something_is_later_whatever_the_own_clock_says() {
        let ahead = CommonClock::new(Arc::new(Standing(90_000)));
        let behind = CommonClock::new(Arc::new(Standing(1000)));
        let heard = ahead.tick();
        behind.hear(heard);
        assert!(behind.tick() > heard);
        ahead.hear(behind.now());
        assert_eq!(ahead.now(), 90_000);
    }

    #[test]
    fn no_two_ticks_are_the_same() {
        let clock = CommonClock::new(Arc::new(Standing(5)));
        let ticks: Vec<u64> = (0..4).map(|_| clock.tick()).collect();
        assert_eq!(ticks, [5, 6, 7, 8]);
    }
}
