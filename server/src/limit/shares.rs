//! How much of something each of many holds at a time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts what is held by key. It knows those alone that hold something. A clone counts the same.
#[derive(Clone, Debug)]
pub(crate) struct Shares<K: Copy + Eq + Hash> {
    held: Arc<Mutex<HashMap<K, u32>>>,
    most: u32,
}

/// Counts as one until it is dropped.
#[derive(Debug)]
pub(crate) struct Share<K: Copy + Eq + Hash> {
    of: Shares<K>,
    key: K,
}

impl<K: Copy + Eq + Hash> Shares<K> {
    /// At most `most` for each key.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            held: Arc::default(),
            most,
        }
    }

    /// One more for this key, unless it holds as many as it may.
    pub(crate) fn take(&self, key: K) -> Option<Share<K>> {
        let mut held = self.held();
        let count = held.entry(key).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(held);
        Some(Share {
            of: self.clone(),
            key,
        })
    }

    fn held(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.of.held();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_holds_as_much_as_it_may_and_is_forgotten_with_the_last() {
        let shares = Shares::new(2);
        let (one, two) = (shares.take('a').unwrap(), shares.take('a').unwrap());
        assert!(shares.take('a').is_none());
        let other = shares.take('b').unwrap();
        drop(one);
        let again = shares.take('a').unwrap();
        drop((two, other, again));
        assert!(shares.held().is_empty());
    }
}
