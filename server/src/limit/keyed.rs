//! A rate for each of any number of keys, in bounded memory.

use crate::config::Rate;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Keys beyond those that are known one by one share so many rates.
const SHARED: u64 = 4096;
/// Checks between two clean-ups, as a part of the keys that may be known: fewer than so many can have come since.
const CHECKS_OF_KEYS: u32 = 8;

const MINUTE: Duration = Duration::from_mins(1);

/// Too much: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) Duration);

impl Wait {
    /// Seconds, at least 1.
    pub(crate) fn seconds(self) -> u32 {
        let seconds = self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0);
        u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
    }
}

type Rates<C> = RateLimiter<u64, DashMapStateStore<u64>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// A rate for each key. Keys are known by a hash that strangers cannot foresee. When too many are known, those that are as
/// good as new are forgotten; and when that does not help, further keys share a fixed number of rates: whoever makes up
/// millions of keys is slowed down, and memory stays bounded.
pub(super) struct KeyedRate<K, C: Clock = DefaultClock> {
    /// `None` if there is no limit.
    rates: Option<(Rates<C>, C)>,
    keys_max: usize,
    checks: AtomicU32,
    clean_up_after: u32,
    crowded: AtomicBool,
    hasher: RandomState,
    key: PhantomData<fn(&K)>,
}

impl<K: Hash, C: Clock + Clone> KeyedRate<K, C> {
    pub(super) fn new(rate: Rate, keys_max: u32, clock: C) -> Self {
        let quota = NonZeroU32::new(rate.per_minute)
            .zip(NonZeroU32::new(rate.burst))
            .and_then(|(per_minute, burst)| {
                Some(Quota::with_period(MINUTE / per_minute.get())?.allow_burst(burst))
            });
        Self {
            rates: quota.map(|quota| (RateLimiter::dashmap_with_clock(quota, clock.clone()), clock)),
            keys_max: usize::try_from(keys_max).unwrap_or(usize::MAX),
            checks: AtomicU32::new(0),
            clean_up_after: (keys_max / CHECKS_OF_KEYS).max(1),
            crowded: AtomicBool::new(false),
            hasher: RandomState::new(),
            key: PhantomData,
        }
    }

    /// Counts one for this key, unless it has to wait.
    pub(super) fn check(&self, key: &K) -> Result<(), Wait> {
        let Some((rates, clock)) = &self.rates else {
            return Ok(());
        };
        if self.checks.fetch_add(1, Ordering::Relaxed) % self.clean_up_after == self.clean_up_after - 1 {
            self.clean_up(rates);
        }
        let hash = self.hasher.hash_one(key);
        // The upper half is of keys that are known, the lower one of the rates that are shared.
        let known = hash | 1 << 63;
        let key = if self.crowded.load(Ordering::Relaxed) {
            hash % SHARED
        } else {
            known
        };
        rates
            .check_key(&key)
            .map_err(|until| Wait(until.wait_time_from(clock.now())))
    }

    fn clean_up(&self, rates: &Rates<C>) {
        rates.retain_recent();
        self.crowded
            .store(rates.len() >= self.keys_max, Ordering::Relaxed);
    }

    #[cfg(test)]
    fn known(&self) -> usize {
        self.rates.as_ref().map_or(0, |(rates, _)| rates.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn keyed(rate: Rate, keys_max: u32) -> (KeyedRate<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (KeyedRate::new(rate, keys_max, clock.clone()), clock)
    }

    fn admitted(rate: &KeyedRate<u32, FakeRelativeClock>, key: u32) -> usize {
        (0..1000).take_while(|_| rate.check(&key).is_ok()).count()
    }

    #[test]
    fn a_burst_is_admitted_and_then_so_many_a_minute() {
        let (rate, clock) = keyed(Rate::new(20, 20), 1000);
        assert_eq!(admitted(&rate, 1), 20);
        assert_eq!(rate.check(&1).unwrap_err().seconds(), 3);
        assert_eq!(admitted(&rate, 2), 20, "another key has a rate of its own");
        clock.advance(Duration::from_secs(3));
        assert_eq!(admitted(&rate, 1), 1);
        clock.advance(Duration::from_secs(30));
        assert_eq!(admitted(&rate, 1), 10);
        clock.advance(Duration::from_hours(1));
        assert_eq!(admitted(&rate, 1), 20);
    }

    #[test]
    fn no_limit_admits_everything() {
        let (rate, _) = keyed(Rate::new(0, 0), 1000);
        assert_eq!(admitted(&rate, 1), 1000);
    }

    #[test]
    fn millions_of_keys_take_bounded_memory_and_are_slowed_down() {
        let (rate, clock) = keyed(Rate::new(5, 1), 1000);
        let admitted_keys = (0..1_000_000).filter(|key| rate.check(key).is_ok()).count();
        let bound = 1000 + 1000 / 8 + usize::try_from(SHARED).unwrap();
        assert!(rate.known() <= bound, "{}", rate.known());
        assert!(admitted_keys <= 5 * bound, "{admitted_keys}");
        // When they are gone everyone has a rate again.
        clock.advance(Duration::from_hours(1));
        for key in 0..500 {
            let _ = rate.check(&key);
        }
        assert!(rate.known() <= 600, "{}", rate.known());
        assert_eq!(admitted(&rate, 2_000_000), 5);
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (60_000, 60)] {
            assert_eq!(Wait(Duration::from_millis(millis)).seconds(), seconds);
        }
    }
}
