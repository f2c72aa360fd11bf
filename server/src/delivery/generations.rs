//! A cache of the latest: two generations, and what is not asked for while one fills is forgotten with the other.

use std::collections::HashMap;
use std::hash::Hash;

/// At most twice as many values as a generation has.
#[derive(Debug)]
pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    size: usize,
}

impl<K: Hash + Eq, V> Generations<K, V> {
    /// An empty cache, of so many values in each of the two.
    pub(super) fn new(size: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            size,
        }
    }

    pub(super) fn get(&mut self, key: K) -> Option<&V> {
        if let Some(value) = self.old.remove(&key) {
            return Some(self.put(key, value));
        }
        self.young.get(&key)
    }

    pub(super) fn put(&mut self, key: K, value: V) -> &V {
        if self.young.len() >= self.size {
            self.old = std::mem::take(&mut self.young);
        }
        self.old.remove(&key);
        self.young.entry(key).insert_entry(value).into_mut()
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_kept_and_those_in_use_among_them() {
        let mut cache = Generations::new(10);
        for number in 0..100 {
            cache.put(number, number);
            assert_eq!(cache.get(0), Some(&0));
            assert_eq!(cache.get(number), Some(&number));
        }
        assert!(cache.young.len() + cache.old.len() <= 20);
        assert_eq!(cache.get(1), None);
    }

    #[test]
    fn what_was_put_last_counts() {
        let mut cache = Generations::new(1);
        cache.put("one", 1);
        cache.put("two", 2);
        cache.put("one", 3);
        assert_eq!(cache.get("one"), Some(&3));
        cache.put("one", 4);
        assert_eq!(cache.get("one"), Some(&4));
        cache.remove(&"one");
        assert_eq!(cache.get("one"), None);
        cache.clear();
        assert_eq!(cache.get("two"), None);
    }
}
