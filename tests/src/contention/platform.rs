//! Where the clients of an episode run: a store in memory that dies with its process, a clock that is paused, a network that
//! follows from the seed.

use super::clock::SimulatedClock;
use super::life::Life;
use super::network::SimulatedTransport;
use sotto_client_sdk::platform::{MaybeSend, Platform};
use sotto_client_sdk::store::{Batch, MemoryStore, Record, Scan, Store, StoreError};

/// The place.
pub enum Simulation {}

impl Platform for Simulation {
    type Transport = SimulatedTransport;
    type Store = MortalStore;
    type Clock = SimulatedClock;

    fn spawn(task: impl Future<Output = ()> + MaybeSend + 'static) {
        tokio::spawn(task);
    }
}

/// A store of a process that may die: from then on no call of it ends.
#[derive(Clone, Debug)]
pub struct MortalStore {
    store: MemoryStore,
    life: Life,
}

impl MortalStore {
    /// What a process that lives this life sees of a store.
    #[must_use]
    pub const fn new(store: MemoryStore, life: Life) -> Self {
        Self { store, life }
    }

    async fn lives(&self) {
        if self.life.is_over() {
            std::future::pending::<()>().await;
        }
    }
}

impl Store for MortalStore {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.lives().await;
        self.store.get(key).await
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        self.lives().await;
        self.store.scan(scan).await
    }

    async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.lives().await;
        self.store.apply(batch).await?;
        self.life.batch_taken();
        self.lives().await;
        Ok(())
    }

    async fn erase(&self) -> Result<(), StoreError> {
        self.lives().await;
        self.store.erase().await
    }

    async fn close(&self) {
        self.lives().await;
        self.store.close().await;
    }
}
