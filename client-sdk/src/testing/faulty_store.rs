//! A store that goes wrong when told to.

use super::faults::{Failed, Faults};
use crate::store::{Batch, Record, Scan, Store, StoreError};

/// A [`Store`] under [`Faults`].
#[derive(Clone, Debug)]
pub struct FaultyStore<S> {
    store: S,
    faults: Faults,
}

impl<S> FaultyStore<S> {
    /// `store` under `faults`.
    #[must_use]
    pub const fn new(store: S, faults: Faults) -> Self {
        Self { store, faults }
    }

    async fn before(&self) -> Result<(), StoreError> {
        let failed = |Failed| StoreError::Unavailable("a fault of the test".to_owned());
        self.faults.step().await.map_err(failed)
    }

    /// What is done cannot fail any more, only stop.
    async fn after(&self) {
        let _ = self.faults.step().await;
    }
}

impl<S: Store> Store for FaultyStore<S> {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.before().await?;
        let value = self.store.get(key).await;
        self.after().await;
        value
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        self.before().await?;
        let records = self.store.scan(scan).await;
        self.after().await;
        records
    }

    async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.before().await?;
        let result = self.store.apply(batch).await;
        self.after().await;
        result
    }

    async fn erase(&self) -> Result<(), StoreError> {
        self.before().await?;
        let result = self.store.erase().await;
        self.after().await;
        result
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
