//! A store that is gone with the process: for tests, for bots that log in anew, and as the model of the others.

use super::{Batch, Direction, Record, Scan, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A [`Store`] in memory. Clones are the same store.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    records: BTreeMap<Vec<u8>, Vec<u8>>,
    closed: bool,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with(BTreeMap::new())
    }

    /// An open store of its own with what this one holds now, be it open or closed: what a client that starts after a
    /// crash at this moment finds.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self::with(self.state().records.clone())
    }

    fn with(records: BTreeMap<Vec<u8>, Vec<u8>>) -> Self {
        let state = State {
            records,
            closed: false,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.state();
        if state.closed {
            Err(StoreError::Closed)
        } else {
            Ok(state)
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.open()?.records.get(key).cloned())
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        let state = self.open()?;
        if scan.is_empty() {
            return Ok(Vec::new());
        }
        let range = state.records.range((scan.from, scan.to));
        let owned = |(key, value): (&Vec<u8>, &Vec<u8>)| (key.clone(), value.clone());
        Ok(match scan.direction {
            Direction::Ascending => range.take(scan.limit).map(owned).collect(),
            Direction::Descending => range.rev().take(scan.limit).map(owned).collect(),
        })
    }

    async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut state = self.open()?;
        for (key, value) in batch {
            match value {
                Some(value) => state.records.insert(key, value),
                None => state.records.remove(&key),
            };
        }
        Ok(())
    }

    async fn erase(&self) -> Result<(), StoreError> {
        self.open().map(drop)
    }

    async fn close(&self) {
        self.state().closed = true;
    }
}
