//! How often something happened of late, for each of any number of keys, in bounded memory.

use sotto_protocol::Timestamp;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What counts as of late: ten minutes.
const WINDOW_MILLIS: u64 = 10 * 60 * 1000;
/// Keys beyond those that are known one by one share so many counts.
const SHARED: u64 = 4096;

/// How often something happened in the last ten minutes, for each key and in all. Time is cut into windows of that length; of the
/// window before the present one as much counts as of it lies in the last ten minutes, as if all in it had happened evenly. Keys
/// are known by a hash that strangers cannot foresee, and when too many are known further ones share counts.
pub(crate) struct Recent<K> {
    windows: Mutex<Windows>,
    keys_max: usize,
    hasher: RandomState,
    key: PhantomData<fn(&K)>,
}

/// The present window, and the one before.
#[derive(Default)]
struct Windows {
    /// Which one is the present.
    number: u64,
    present: Window,
    before: Window,
}

#[derive(Default)]
struct Window {
    counts: HashMap<u64, u64>,
    total: u64,
}

impl<K: Hash> Recent<K> {
    pub(crate) fn new(keys_max: u32) -> Self {
        Self {
            windows: Mutex::default(),
            keys_max: usize::try_from(keys_max).unwrap_or(usize::MAX),
            hasher: RandomState::new(),
            key: PhantomData,
        }
    }

    /// It has happened once more, of this key or of none.
    pub(crate) fn add(&self, key: Option<&K>, now: Timestamp) {
        let mut windows = self.windows_at(now);
        windows.present.total += 1;
        if let Some(key) = key {
            let key = self.place(&windows.present, key);
            *windows.present.counts.entry(key).or_default() += 1;
        }
    }

    /// One of those of this key does not count after all.
    pub(crate) fn take_back(&self, key: Option<&K>, now: Timestamp) {
        let mut windows = self.windows_at(now);
        let windows = &mut *windows;
        for window in [&mut windows.present, &mut windows.before] {
            if window.total == 0 {
                continue;
            }
            let Some(key) = key else {
                window.total -= 1;
                return;
            };
            let key = self.place(window, key);
            if let Some(count) = window.counts.get_mut(&key).filter(|count| **count > 0) {
                *count -= 1;
                window.total -= 1;
                return;
            }
        }
    }

    /// How often it happened of this key.
    pub(crate) fn count(&self, key: &K, now: Timestamp) -> u64 {
        let windows = self.windows_at(now);
        let of = |window: &Window| {
            let place = self.place(window, key);
            window.counts.get(&place).copied().unwrap_or_default()
        };
        of(&windows.present) + remaining(of(&windows.before), now)
    }

    /// How often it happened in all.
    pub(crate) fn total(&self, now: Timestamp) -> u64 {
        let windows = self.windows_at(now);
        windows.present.total + remaining(windows.before.total, now)
    }

    fn windows_at(&self, now: Timestamp) -> MutexGuard<'_, Windows> {
        // Whoever panicked while counting has left numbers, which are as good as any.
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.0 / WINDOW_MILLIS;
        if number > windows.number {
            let last = std::mem::take(&mut windows.present);
            windows.before = if number == windows.number + 1 {
                last
            } else {
                Window::default()
            };
            windows.number = number;
        }
        windows
    }

    /// Where a key is counted: by itself, or with others if the window has no more room.
    fn place(&self, window: &Window, key: &K) -> u64 {
        let hash = self.hasher.hash_one(key);
        // The upper half is of keys that are known, the lower one of the counts that are shared.
        let known = hash | 1 << 63;
        if window.counts.len() >= self.keys_max && !window.counts.contains_key(&known) {
            hash % SHARED
        } else {
            known
        }
    }
}

/// What of a count of the window before lies in the last ten minutes.
fn remaining(count: u64, now: Timestamp) -> u64 {
    let left = WINDOW_MILLIS - now.0 % WINDOW_MILLIS;
    count.saturating_mul(left) / WINDOW_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a window.
    const BEGIN: u64 = 3_000_000 * WINDOW_MILLIS;

    fn at(tenths: u64) -> Timestamp {
        Timestamp(BEGIN + tenths * WINDOW_MILLIS / 10)
    }

    #[test]
    fn what_happened_counts_less_and_less_and_after_ten_minutes_not_at_all() {
        let recent = Recent::new(100);
        for _ in 0..100 {
            recent.add(Some(&"ada"), at(5));
        }
        assert_eq!(recent.count(&"ada", at(5)), 100);
        assert_eq!(recent.count(&"bob", at(5)), 0);
        assert_eq!(recent.count(&"ada", at(9)), 100);
        assert_eq!(recent.count(&"ada", at(13)), 70);
        assert_eq!(recent.total(at(19)), 10);
        assert_eq!(recent.count(&"ada", at(20)), 0);
        assert_eq!(recent.total(at(200)), 0);
    }

    #[test]
    fn what_is_taken_back_does_not_count() {
        let recent = Recent::new(100);
        recent.add(Some(&"ada"), at(9));
        recent.add(Some(&"ada"), at(10));
        for left in [1, 0, 0] {
            recent.take_back(Some(&"ada"), at(10));
            assert_eq!((recent.count(&"ada", at(10)), recent.total(at(10))), (left, left));
        }
        recent.take_back(Some(&"bob"), at(10));
        recent.take_back(None, at(10));
        assert_eq!(recent.total(at(10)), 0);
    }

    #[test]
    fn what_has_no_key_counts_in_all() {
        let recent = Recent::<&str>::new(100);
        recent.add(None, at(1));
        assert_eq!(recent.total(at(1)), 1);
    }

    #[test]
    fn millions_of_keys_take_bounded_memory() {
        let recent = Recent::new(1000);
        for key in 0..200_000_u32 {
            recent.add(Some(&key), at(1));
        }
        let known = recent.windows_at(at(1)).present.counts.len();
        assert!(known <= 1000 + usize::try_from(SHARED).unwrap(), "{known}");
        assert_eq!(recent.total(at(1)), 200_000);
        assert!(recent.count(&199_999, at(1)) > 1, "it shares a count");
    }
}
