//! What is being written: so that other nodes know up to which time they have heard of everything.

use super::lock;
use crate::clock::Clock;
use sotto_protocol::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The batches that are on their way to the database, by when they began.
pub(super) struct InFlight {
    clock: Arc<dyn Clock>,
    begun: Mutex<Begun>,
}

#[derive(Default)]
struct Begun {
    times: BTreeMap<u64, Timestamp>,
    next: u64,
}

/// A batch that is being written and handed on, until this is dropped.
pub(super) struct Writing {
    in_flight: Arc<InFlight>,
    number: u64,
}

impl InFlight {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            begun: Mutex::default(),
        }
    }

    /// Begins a batch. To be called before its time of acceptance is read off the clock.
    pub(super) fn begin(self: &Arc<Self>) -> Writing {
        let mut begun = lock(&self.begun);
        let number = begun.next;
        begun.next += 1;
        begun.times.insert(number, self.clock.now());
        drop(begun);
        Writing {
            in_flight: Arc::clone(self),
            number,
        }
    }

    /// Everything accepted before this time has been handed on.
    pub(super) fn settled(&self) -> Timestamp {
        let begun = lock(&self.begun);
        let now = self.clock.now();
        begun.times.values().copied().fold(now, Timestamp::min)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        lock(&self.in_flight.begun).times.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Stepping(AtomicU64);

    impl Clock for Stepping {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
        }
    }

    #[test]
    fn the_oldest_batch_that_is_not_handed_on_holds_the_time_back() {
        let in_flight = Arc::new(InFlight::new(Arc::new(Stepping(AtomicU64::new(10)))));
        assert_eq!(in_flight.settled(), Timestamp(10));
        let first = in_flight.begin();
        let second = in_flight.begin();
        assert_eq!(in_flight.settled(), Timestamp(11));
        drop(first);
        assert_eq!(in_flight.settled(), Timestamp(12));
        drop(second);
        assert_eq!(in_flight.settled(), Timestamp(15));
    }
}
