//! How often a name's password can be tried. OPAQUE leaves a guesser no way but to ask the server for each guess.

use sotto_protocol::{AccountName, Timestamp};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Logins to one name at once.
const BURST: u64 = 20;
/// Milliseconds after which one more is allowed.
const INTERVAL_MILLIS: u64 = 3_000;
/// Names are counted in so many slots: a bound on memory, whatever names a stranger makes up. Two that share one share
/// its rate.
const SLOTS: usize = 1 << 16;

/// Counts logins by name, whether anyone has the name or not: a generic cell rate algorithm in each slot.
pub(crate) struct LoginRate {
    /// When the slot's allowance is whole again, in milliseconds since the Unix epoch.
    whole_at: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Default for LoginRate {
    fn default() -> Self {
        Self {
            whole_at: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl LoginRate {
    /// Whether one more login to this name may start now. If so, it is counted.
    pub(crate) fn admit(&self, name: &AccountName, now: Timestamp) -> bool {
        let hash = usize::try_from(self.hasher.hash_one(name) % SLOTS as u64);
        let Some(slot) = hash.ok().and_then(|hash| self.whole_at.get(hash)) else {
            return false;
        };
        let count = |whole_at: u64| {
            let whole_at = whole_at.max(now.0).saturating_add(INTERVAL_MILLIS);
            (whole_at <= now.0.saturating_add(BURST * INTERVAL_MILLIS)).then_some(whole_at)
        };
        slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(rate: &LoginRate, name: &str, now: u64) -> usize {
        let name = name.parse().unwrap();
        (0..1000)
            .take_while(|_| rate.admit(&name, Timestamp(now)))
            .count()
    }

    #[test]
    fn a_burst_is_admitted_and_then_one_an_interval() {
        let rate = LoginRate::default();
        let start = 1_000_000_000;
        assert_eq!(admitted(&rate, "alice", start), 20);
        assert_eq!(admitted(&rate, "alice", start + 2_999), 0);
        assert_eq!(admitted(&rate, "alice", start + 3_000), 1);
        assert_eq!(admitted(&rate, "alice", start + 33_000), 10);
        assert_eq!(admitted(&rate, "alice", start + 10_000_000), 20);
    }

    #[test]
    fn most_names_do_not_share_a_slot() {
        let rate = LoginRate::default();
        let free = (0..100).filter(|number| admitted(&rate, &format!("person{number}"), 1_000_000_000) == 20);
        assert!(free.count() > 90);
    }
}
